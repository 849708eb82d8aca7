"""The commands `bench ...`: the solver benchmark. Each command has a file of its own."""

from __future__ import annotations

import click

from optimizer.cli.bench.contenders import contenders
from optimizer.cli.bench.days import days
from optimizer.cli.bench.energy_benchmark import energy_benchmark
from optimizer.cli.bench.growth import growth
from optimizer.cli.bench.import_depot import import_depot
from optimizer.cli.bench.import_solution import import_solution
from optimizer.cli.bench.ledger import ledger
from optimizer.cli.bench.library import library
from optimizer.cli.bench.report import report
from optimizer.cli.bench.run import run
from optimizer.cli.bench.scale import scale
from optimizer.cli.bench.smoke import smoke
from optimizer.cli.bench.speed import speed
from optimizer.cli.bench.submit import submit


@click.group(epilog="Example: swapcharge bench run two-types-xs-1 --contenders engine -o results")
def bench() -> None:
    """Compare formulations and solvers: instances, runs, report, best-known values."""


bench.add_command(report)
bench.add_command(run)
bench.add_command(ledger)
ledger.add_command(submit)
bench.add_command(import_depot)
bench.add_command(library)
bench.add_command(smoke)
bench.add_command(speed)
bench.add_command(growth)
bench.add_command(contenders)
bench.add_command(days)
bench.add_command(scale)
bench.add_command(import_solution)
bench.add_command(energy_benchmark)
