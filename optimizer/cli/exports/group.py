"""The commands `export ...`: a night for another solver, a plan for chargers. Each has a file of its own."""

from __future__ import annotations

import click

from optimizer.cli.exports.programmes import lp, mps
from optimizer.cli.exports.set_points import setpoints


@click.group(epilog="Example: swapcharge export mps instances/tiny/one-pack-cheap-slot.json --formulation reference")
def export() -> None:
    """Write a night as an MPS or LP file for any solver, or a plan as set-points for chargers.

    swapcharge bench import-solution makes a checked plan of the solver's solution.
    """


for _command in (lp, mps, setpoints):
    export.add_command(_command)
