"""The commands `bench ...`: the solver benchmark. Each command stands in its own file of `optimizer/bench`."""

from __future__ import annotations

import click


@click.group(epilog="Example: swapcharge bench run smoke -o results")
def bench() -> None:
    """Benchmark formulations and solvers: instances, runs, report, best-known values."""
