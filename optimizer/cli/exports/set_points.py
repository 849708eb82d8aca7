"""The command `export setpoints`: a plan as a table or as OCPP profiles, and both read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, progress_line, say, write_output

if TYPE_CHECKING:
    from optimizer.setpoints.fit.limits import LimitUnit
    from optimizer.setpoints.source_plans import SourcePlans
    from optimizer.setpoints.station_set_points import StationSetPoints

TABLE_BEGINS = b"station,bay,action,pack,"
PLAN_BEGINS = b"swapcharge-plan"


@click.command(epilog="Example: swapcharge export setpoints night.plan.json --to ocpp2.0.1 -o setpoints")
@click.argument("plan")
@click.option("--instance", metavar="FILE", help="The instance of PLAN.  [default: the file that PLAN names]")
@click.option(
    "--to", type=click.Choice(["csv", "ocpp1.6", "ocpp2.0.1", "ocpp2.1"]), default="csv", show_default=True,
    help="A table, or charging profiles of that version of OCPP.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="FILE|DIR", required=True,
    help="Write into this folder; a name that ends in .csv, or -, for the table alone. With --read: the plan file.",
)  # fmt: skip
@click.option("--station", "stations", metavar="ID", multiple=True, help="Only this station; can be given repeatedly.")
@click.option("--unit", type=click.Choice(["W", "A"]), help="Unit of OCPP's limits.  [default: W]")
@click.option(
    "--side", type=click.Choice(["grid", "pack"]),
    help="Where chargers take OCPP's limits: at the grid, or for DC at the pack.  [default: grid]",
)  # fmt: skip
@click.option("--phases", type=click.IntRange(1, 3), help="Phases of limits in A.  [default: 3]")
@click.option(
    "--volts", type=click.FloatRange(1, 1000), help="V from phase to neutral, of limits in A.  [default: 230]"
)
@click.option("--max-periods", type=click.IntRange(1), metavar="N", help="At most so many periods for a bay.")
@click.option("--plan-version", type=click.IntRange(1, 63), help="Version of the plan.  [default: as PLAN has it]")
@click.option(
    "--read", metavar="DIR|CSV", help="Read this export of PLAN back: write the plan that it carries out to -o."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def setpoints(plan: str, output: str, stations: tuple[str, ...], read: str | None, as_json: bool, **asked: Any) -> None:
    """Write PLAN for the controllers of its chargers: which bay charges when at which power, and when packs leave.

    PLAN is a plan file (or - for stdin), or the folder of a run of nightly. Limits are rounded in steps of 0.1 so that
    every rule of the plan still holds. A bay or a time of which nothing is said is at 0 kW.
    """
    if output == STANDARD_STREAM and as_json:
        raise click.UsageError("-o - and --json both want standard output: give -o a file name")
    from optimizer.setpoints.source_plans import source_plans

    unit = _unit(asked, read)
    source = source_plans(plan, asked["instance"], asked["plan_version"]).of(stations)
    if read is not None:
        _read_back(read, source, plan, output, asked["instance"], as_json)
        return
    _export(source, plan, output, asked["to"], unit, asked["max_periods"], as_json)


def _unit(asked: dict[str, Any], read: str | None) -> LimitUnit:
    """The unit that was asked for. Raises UsageError where options do not go together."""
    given = {name: asked[name] for name in ("unit", "side", "phases", "volts") if asked[name] is not None}
    names = ", ".join(f"--{name}" for name in given)
    if given and read is not None:
        raise click.UsageError(f"{names}: not with --read, for the export says it")
    if given and asked["to"] == "csv":
        raise click.UsageError(f"{names}: for OCPP only, which --to chooses")
    if {"phases", "volts"} & given.keys() and given.get("unit") != "A":
        raise click.UsageError("--phases and --volts are for limits in A: give --unit A")
    from optimizer.setpoints.fit.limits import LimitUnit

    name = given.pop("unit", "W")
    return LimitUnit(name, **given)


def _export(
    source: SourcePlans, plan: str, output: str, to: str, unit: LimitUnit, most_periods: int | None, as_json: bool
) -> None:
    from optimizer.setpoints.export_files import table_text, write_export
    from optimizer.setpoints.ocpp.profile_document import MOST_PERIODS
    from optimizer.setpoints.station_set_points import set_points_of

    is_table = to == "csv" and (output == STANDARD_STREAM or output.endswith(".csv"))
    if not is_table and output == STANDARD_STREAM:
        raise click.UsageError("-o - is for --to csv: profiles are several files, name a folder")
    if is_table:
        check_output(output, [plan], "table of set-points", TABLE_BEGINS)
    progress, made = progress_line(), list[Any]()
    for number, one in enumerate(source.plans, start=1):
        progress(f"{number:,} of {len(source.plans):,} stations")
        made.append(set_points_of(one, unit, most_periods or MOST_PERIODS.get(to)))
    progress("")
    if is_table:
        write_output(output, table_text(made))
    else:
        write_export(Path(output), made, to, source.instance.name, unit)
    _tell(source, made, "standard output" if output == STANDARD_STREAM else output, as_json, output)


def _tell(source: SourcePlans, made: list[StationSetPoints], kept_in: str, as_json: bool, output: str) -> None:
    from optimizer.setpoints.told import export_facts, export_text

    if as_json:
        print_result(export_facts(source, made) | {"output": output})
    else:
        say(export_text(source, made, kept_in), to_stderr=output == STANDARD_STREAM)


def _read_back(read: str, source: SourcePlans, plan: str, output: str, instance: str | None, as_json: bool) -> None:
    from optimizer.formats.plan_file import file_beside, plan_text
    from optimizer.setpoints.read_back import read_set_points
    from optimizer.setpoints.read_plan import plan_read

    check_output(output, [plan], "plan file", PLAN_BEGINS)
    found = read_set_points(Path(read))
    beside = None if instance is None else file_beside(instance, output)
    back = plan_read(found, source.plans, source.instance, read, beside)
    for note in found.notes:
        say(f"note: {note}", to_stderr=True)
    write_output(output, plan_text(back.file))
    _tell(source, list(back.stations), "standard output" if output == STANDARD_STREAM else output, as_json, output)
