"""Versions of what makes a plan: they are part of its provenance."""

from __future__ import annotations

import platform
from importlib.metadata import version

DISTRIBUTIONS = ("swapcharge", "highspy", "pyomo")


def versions() -> dict[str, str]:
    """Version by distribution, Python included."""
    return {"python": platform.python_version(), **{name: version(name) for name in DISTRIBUTIONS}}
