"""Everything that contenders import on their way, loaded beforehand: no contender's clock is to count it."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "scipy.sparse",
    "pyomo.environ",
    "pyomo.repn.plugins.standard_form",
    "models.formulations.dispatch.pyomo_model",
    "models.formulations.reference",
    "optimizer.bench.contenders.registry",
)


def preload() -> None:
    """Load them."""
    for name in MODULES:
        import_module(name)
