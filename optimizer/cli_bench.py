"""The commands `bench ...`: the solver benchmark. Each command stands in its own file of `optimizer/bench`."""

from __future__ import annotations

import click

from optimizer.bench.cli_contenders import contenders
from optimizer.bench.cli_depot import import_depot
from optimizer.bench.cli_import_solution import import_solution
from optimizer.bench.cli_ledger import ledger
from optimizer.bench.cli_library import library
from optimizer.bench.cli_report import report
from optimizer.bench.cli_run import run
from optimizer.bench.cli_smoke import smoke


@click.group(epilog="Example: swapcharge bench run two-types-xs-1 --contenders engine -o results")
def bench() -> None:
    """Benchmark formulations and solvers: instances, runs, report, best-known values."""


bench.add_command(report)
bench.add_command(run)
bench.add_command(ledger)
bench.add_command(import_depot)
bench.add_command(library)
bench.add_command(smoke)
bench.add_command(contenders)
bench.add_command(import_solution)
