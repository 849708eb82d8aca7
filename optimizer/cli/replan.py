"""The command `replan`: the rest of a night, planned again from what is in the bays."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import (
    EXIT_NO,
    STANDARD_STREAM,
    check_output,
    print_result,
    progress_line,
    say,
    write_output,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.station.instance import Instance
    from models.station.result import StationPlan
    from optimizer.engine.plan_instance import InstancePlanning
    from optimizer.formats.instance_document import InstanceDocument
    from optimizer.formats.plan_document import PlanFile, PlannedStation
    from optimizer.replan.replanned import Now, Replanned

PLAN_BEGINS = b"swapcharge-plan"


@click.command(epilog="Example: swapcharge replan night.plan.json --at 2022-12-20T12:00+01:00 -o noon.plan.json")
@click.argument("plan")
@click.option("--at", required=True, metavar="TIME", help="Now, with its offset from UTC.")
@click.option("--instance", metavar="FILE", help="The instance of PLAN.  [default: the file that PLAN names]")
@click.option("--packs", metavar="CSV", help="What is in the bays at TIME: columns bay, soc.  [default: as planned]")
@click.option("--swaps", metavar="CSV", help="Drivers who came until TIME: a column time.  [default: as planned]")
@click.option(
    "--freeze", type=click.IntRange(0, 1440), default=0, metavar="MINUTES",
    help="Keep the set-points of so many minutes after TIME.  [default: those of the running slot]",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the new plan to this file.")
@click.option("--write-instance", metavar="FILE", help="Write the rest of the night, of which the new plan is a plan.")
@click.option("--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Stop when this gap is proven.")
@click.option(
    "--time-limit", type=click.FloatRange(0), default=60.0, show_default=True, metavar="S",
    help="Seconds for each station.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.pass_context
def replan(
    context: click.Context, /, plan: str, output: str | None, write_instance: str | None, as_json: bool, **asked: Any
) -> None:
    """Plan the rest of the night of PLAN again, near that plan, from what really stands in the bays at TIME.

    PLAN is a plan file, or the folder of a run of nightly; then -o names the folder of the new run. The set-points of
    the running slot are kept. The new plan is a plan of the rest of the night, an instance of its own, which
    --write-instance writes; `check` takes the two together.
    """
    began = time.monotonic()
    if Path(plan).is_dir():
        _replan_run(context, plan, output, write_instance, as_json, asked)
        return
    if output == STANDARD_STREAM and as_json:
        raise click.UsageError("-o - and --json both want standard output: give -o a file name")
    from optimizer.formats.plan_file import read_plan

    old = read_plan(plan)
    rest, instance, text = _rest(old, plan, asked)
    if output is not None:
        check_output(output, [plan], "plan file", PLAN_BEGINS)
    if write_instance is not None:
        check_output(write_instance, [plan], "instance file", b"swapcharge-instance")
        write_output(write_instance, text)
    planning = _planning(instance, old, plan, asked, began)
    progress = progress_line()
    plans = planning.run(progress)
    progress("")
    _show(old, rest, planning, plans, output, write_instance, as_json)


def _replan_run(
    context: click.Context, run: str, output: str | None, network: str | None, as_json: bool, asked: dict[str, Any]
) -> None:
    """The rest of a network's night, as a run of its own near the old one."""
    if output is None or network is None:
        raise click.UsageError("a run needs -o RUN, the new run's folder, and --write-instance FILE, its network")
    from optimizer.cli.nightly import nightly
    from optimizer.formats.instance_text import instance_text
    from optimizer.replan.replanned import told
    from optimizer.replan.run_plans import network_of, plans_of_run

    document, whole = network_of(Path(run), asked["instance"])
    plans = plans_of_run(Path(run), whole)
    rest = _rest_of(plans, document, whole, asked)
    check_output(network, [], "instance file", b"swapcharge-instance")
    write_output(network, instance_text(rest.document))
    for line in () if as_json else told(rest):
        say(line, to_stderr=True)
    if without := len(whole.nights) - len(plans):
        say(f"note: {without:,} station{'s' * (without > 1)} without a plan, left out", to_stderr=True)
    limits = {
        "hedge": "kept",
        "gap": asked["gap"],
        "seed": asked["seed"],
        "station_time_limit": asked["time_limit"],
    }
    context.invoke(nightly, network=network, out=output, near=run, as_json=as_json, look_ahead=0.0, **limits)


def _rest(old: PlanFile, plan: str, asked: dict[str, Any]) -> tuple[Replanned, Instance, bytes]:
    """The rest of the night: what is told of it, the instance, and its file."""
    from optimizer.formats.instance_text import instance_text
    from optimizer.formats.read_instance import parse_instance
    from optimizer.replan.replanned import instance_of

    document, whole = instance_of(old, plan, asked["instance"])
    rest = _rest_of(old.stations, document, whole, asked)
    text = instance_text(rest.document)
    return rest, parse_instance(text, "the rest of the night", Path()), text


def _rest_of(
    plans: Sequence[PlannedStation], document: InstanceDocument, whole: Instance, asked: dict[str, Any]
) -> Replanned:
    from optimizer.replan.replanned import rest_of

    now = _now(asked, whole)
    try:
        return rest_of(plans, document, whole.nights, now)
    except ValueError as error:
        raise click.UsageError(f"--at {asked['at']} {error}") from None


def _now(asked: dict[str, Any], whole: Instance) -> Now:
    from models.errors import InvalidData
    from optimizer.carry.state_file import read_state
    from optimizer.files import timestamps as clock
    from optimizer.replan.drivers import read_log
    from optimizer.replan.replanned import Now

    try:
        at = clock.instant(asked["at"])
    except InvalidData as error:
        raise click.UsageError(f"--at {asked['at']}: {error.problems[0].rule}; {error.problems[0].remedy}") from None
    nights = {night.station.id: night for night in whole.nights}
    drivers, notes = (None, ()) if asked["swaps"] is None else read_log(asked["swaps"], nights, at)
    for note in notes:
        say(f"note: {asked['swaps']}: {note}", to_stderr=True)
    return Now(
        at=at,
        freeze_minutes=asked["freeze"],
        state=None if asked["packs"] is None else read_state(asked["packs"], list(nights)),
        drivers=drivers,
    )


def _planning(instance: Instance, old: PlanFile, plan: str, asked: dict[str, Any], began: float) -> InstancePlanning:
    from optimizer.engine.near.previous_plan import previous_plans
    from optimizer.engine.options import RunOptions
    from optimizer.engine.plan_instance import InstancePlanning

    nights = {night.station.id: night for night in instance.nights}
    options = RunOptions(gap=asked["gap"], seed=asked["seed"], effort="full", hedge="kept")
    options = replace(options, total_seconds=asked["time_limit"] * len(nights), look_ahead_hours=0.0)
    return InstancePlanning(instance, options, began, previous=previous_plans(old, plan, nights))


def _show(
    old: PlanFile,
    rest: Replanned,
    planning: InstancePlanning,
    plans: Sequence[StationPlan],
    output: str | None,
    write_instance: str | None,
    as_json: bool,
) -> None:
    from msgspec import structs

    from optimizer.files.versions import versions
    from optimizer.formats.plan_file import file_beside, plan_file, plan_text
    from optimizer.replan.replanned import told
    from optimizer.summaries.plan_json import solve_summary
    from optimizer.summaries.plan_text import solve_screen

    beside = file_beside(write_instance, output) if write_instance and output else None
    file = plan_file(planning.instance, plans, versions(), instance_file=beside)
    file = structs.replace(file, plan_version=old.plan_version + 1, valid_from=rest.document.horizon.start)
    if output is not None:
        write_output(output, plan_text(file))
    if as_json:
        summary = solve_summary(planning.instance, file, plans, time.monotonic() - planning.began, planning.broken_off)
        print_result(summary | {"replanned": _facts(rest)})
    else:
        kept_in = "standard output" if output == STANDARD_STREAM else output
        lines = [f"Plan version {file.plan_version}, {first}" for first in told(rest)[:1]] + told(rest)[1:]
        say("\n".join([*lines, solve_screen(plans, file, kept_in)]), to_stderr=output == STANDARD_STREAM)
    if any(one.result.must_serve_lost for one in plans):
        sys.exit(EXIT_NO)


def _facts(rest: Replanned) -> dict[str, Any]:
    return {
        "from": rest.document.horizon.start,
        "first_slot": rest.begin,
        "packs": {name: len(packs) for name, packs in rest.packs.items()},
        "drivers": {
            name: {
                "came": len(came.drivers),
                "unexpected": came.unexpected,
                "late": [swap.id for swap in came.late],
                "missed": [swap.id for swap in came.missed],
            }
            for name, came in rest.came.items()
        },
    }
