"""The command `bench ledger submit`: a plan from anywhere into the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from optimizer.cli.bench.ledger import as_json_option, check_number, echo_lines, leave
from optimizer.cli.bench.library_option import written_ledger_option
from optimizer.cli.output import print_result

LONGEST_NAME = 100  # characters of a name that the ledger keeps


@click.command(epilog="Example: swapcharge bench ledger submit night.plan.json --solver cp-sat --bound 200.5")
@click.argument("plan")
@click.option("--solver", required=True, metavar="NAME", help="What found the plan.")
@click.option("--solver-version", default="", metavar="V", help="Its version.")
@click.option("--by", default="", metavar="WHO", help="Who submits it: a name, an address.")
@click.option("--date", "day", metavar="DATE", help="Day of the submission, YYYY-MM-DD.  [default: today in UTC]")
@click.option("--instance", metavar="NAME", help="Refuse the plan unless it is of this instance.")
@click.option("--bound", type=float, metavar="B", help="Lower bound that the solver found.")
@click.option("--proof", metavar="FILE", help="Multipliers of rows that prove it; what they do not is kept as claimed.")
@click.option(
    "--formulation", metavar="F", help="With --proof: the formulation whose rows they are.  [default: reference]"
)
@written_ledger_option
@as_json_option
def submit(
    plan: str,
    solver: str,
    solver_version: str,
    by: str,
    day: str | None,
    instance: str | None,
    bound: float | None,
    proof: str | None,
    formulation: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Enter PLAN, a plan file (- for standard input) of an instance of the library, into the ledger if it is better.

    The plan is checked rule by rule and billed anew; of its file only the schedule counts. Exit code 1, and nothing
    written, if it is of another instance, breaks a rule, or is no better than the entry, or if a bound lies above a
    checked plan. A better plan is stored and gets a line in improvements.csv. A bound without a proof counts for
    nothing. A proof is a solver's duals of the exported programme (HiGHS style 0, or lines of row and value).
    """
    if formulation is not None and proof is None:
        raise click.UsageError("--formulation is for --proof")
    if plan == proof == "-":
        raise click.UsageError("only one of PLAN and --proof can be standard input")
    for option, value in (("--solver", solver), ("--solver-version", solver_version), ("--by", by)):
        _check_name(option, value, may_be_empty=option != "--solver")
    check_number("--bound", bound)
    from optimizer.bench.ledger.submission import REFERENCE, Submission
    from optimizer.bench.ledger.submit import submit as work

    asked = Submission(plan, solver, _day(day), by, solver_version, instance, bound, proof, formulation or REFERENCE)
    found = work(folder, asked)
    if as_json:
        print_result(found.as_json())
    else:
        echo_lines(found.lines())
    leave(found.ok)


def _check_name(option: str, value: str, *, may_be_empty: bool) -> None:
    from optimizer.files.errors import is_seen

    if not may_be_empty and not value.strip():
        raise click.UsageError(f"{option} takes a name")
    if len(value) > LONGEST_NAME or not all(map(is_seen, value)):
        raise click.UsageError(f"{option} takes at most {LONGEST_NAME} characters, none of them invisible")


def _day(asked: str | None) -> str:
    """The date as YYYY-MM-DD. Raises UsageError."""
    if asked is None:
        return datetime.now(UTC).date().isoformat()
    try:
        if date.fromisoformat(asked).isoformat() == asked:
            return asked
    except ValueError:
        pass
    from optimizer.files.errors import value_text

    raise click.UsageError(f"{value_text(asked)} is no --date: write it like 2026-11-29")
