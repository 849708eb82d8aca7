"""Loads what contenders import later, so that no contender's clock counts it."""

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
    """Import the modules."""
    for name in MODULES:
        import_module(name)
