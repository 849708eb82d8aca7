"""The command `bench import-solution`: the solution of any solver as a checked plan."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from optimizer.cli.exports.programmes import night_options
from optimizer.cli.output import EXIT_NO, STANDARD_STREAM, check_output, print_result, say, write_output

if TYPE_CHECKING:
    from models.station.result import StationPlan
    from optimizer.programmes.formulated_night import FormulatedNight


@click.command(
    "import-solution",
    epilog="Example: swapcharge bench import-solution instances/real/nl-winter-day.json night.sol "
    "--formulation reference -o night.plan.json",
)
@click.argument("instance")
@click.argument("solution")
@night_options
@click.option("-o", "--output", metavar="FILE", help="Write the plan to this file (.json, .json.gz, or - for stdout).")
@click.option("--bound", type=float, metavar="B", help="The lower bound that the solver proved.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_solution(
    instance: str,
    solution: str,
    formulation: str,
    station: str | None,
    output: str | None,
    bound: float | None,
    as_json: bool,
) -> None:
    """Make a plan from SOLUTION, a solver's solution of INSTANCE exported with the same formulation.

    It reads solution files of HiGHS, SCIP, CBC, Gurobi (lines of name and value) and GLPK (glpsol -w). The plan is
    checked and its costs are recomputed. Exit code 1, and no plan, if it breaks a rule or costs less than the bound.
    A solution of another instance, station or formulation is told as such, by name and hash.
    """
    if output == "-" and as_json:
        raise click.UsageError("-o - and --json both want standard output: give -o a file name")
    if instance == solution == "-":
        raise click.UsageError("only one of INSTANCE and SOLUTION can be standard input")
    if bound is not None and not math.isfinite(bound):
        raise click.UsageError("--bound takes a finite number")
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.programmes import import_solution as work
    from optimizer.programmes.formulated_night import formulated_night

    of = formulated_night(instance, station, formulation)
    if output is not None:
        check_output(output, [instance, solution], "plan file", b"swapcharge-plan")
    text = read_bytes(solution).decode(errors="replace")
    found = work.import_solution(of, text, shown_name(solution), bound)
    if found.plan is not None and output is not None:
        _write(of, found.plan, output)
    shown = found.as_json() if as_json else found.as_text(of.instance.currency)
    print_result(shown, to_stderr=output == STANDARD_STREAM)
    if found.plan is not None and not as_json and output != STANDARD_STREAM:
        say(f"Plan written to {shown_name(output)}" if output else "No plan written: -o FILE keeps it")
    sys.exit(0 if found.plan is not None else EXIT_NO)


def _write(of: FormulatedNight, plan: StationPlan, output: str) -> None:
    from optimizer.files.versions import versions
    from optimizer.formats.plan_file import plan_document

    write_output(output, plan_document(of.instance, [plan], versions()))
