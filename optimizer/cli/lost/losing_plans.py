"""The plans that `explain` is asked about: those of a plan file, checked, or made now."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import EXIT_NO, progress_line, say

if TYPE_CHECKING:
    from models.station.instance import Instance
    from optimizer.engine.options import RunOptions
    from optimizer.explain.why_lost import LosingPlan

SHARE_OF_PLANNING = 0.5  # of the time limit at most, where there is no plan yet


def plans_of_file(asked: Instance, path: str) -> list[LosingPlan]:
    """The plans in a file, of those stations of the instance that it has. One that breaks a rule ends the command.

    Raises InputErrors.
    """
    from models.station.cost import cost_of
    from optimizer.check.plan_check import check_plan, planned_night
    from optimizer.explain.why_lost import LosingPlan
    from optimizer.files.read_write import shown_name
    from optimizer.formats.plan_file import read_plan

    file = read_plan(path)
    verdict = check_plan(asked, file, shown_name(path))
    if not verdict.ok:
        say(verdict.as_text(asked.currency), to_stderr=True)
        say("nothing is explained of a plan that breaks a rule: solve the instance anew", to_stderr=True)
        sys.exit(EXIT_NO)
    for warning in verdict.warnings:
        say(f"note: {warning}", to_stderr=True)
    nights, found = {night.station.id: night for night in asked.nights}, []
    for planned in file.stations:
        night = planned_night(nights[planned.station], planned)
        objective = cost_of(night, planned.schedule).objective
        looks_ahead = planned.result.far is not None
        found.append(LosingPlan(night, planned.schedule, objective, None, asked.currency, looks_ahead))
    return found


def plans_made_now(asked: Instance, options: RunOptions, began: float) -> list[LosingPlan]:
    """Plans as `solve` makes them, in half of the time at most."""
    from optimizer.engine.plan_instance import InstancePlanning
    from optimizer.explain.why_lost import LosingPlan

    options = replace(options, effort="deep", total_seconds=SHARE_OF_PLANNING * options.total_seconds)
    planning, progress = InstancePlanning(asked, options, began), progress_line()
    plans = planning.run(progress)
    progress("")
    if planning.broken_off:
        say(f"note: {planning.broken_off}: this is the best plan found until then, or a baseline", to_stderr=True)
    return [LosingPlan.of(plan, asked.currency) for plan in plans]


def only_station(asked: Instance, station: str | None) -> Instance:
    """The instance with one of its stations alone; all of them for None. Raises UsageError."""
    from optimizer.files.errors import did_you_mean, printable

    if station is None:
        return asked
    names = [night.station.id for night in asked.nights]
    if station not in names:
        remedy = did_you_mean(station, names, f"the instance has {', '.join(names[:5])}")
        raise click.UsageError(printable(f"--station {station}: is not a station of the instance; {remedy}"))
    return replace(asked, nights=tuple(night for night in asked.nights if night.station.id == station))


def only_swap(plans: list[LosingPlan], swap: str | None) -> list[LosingPlan]:
    """The plans that lose the swap; all of them for None. Raises UsageError where all serve it, or none knows it."""
    from optimizer.files.errors import did_you_mean, printable

    if swap is None:
        return plans
    known = [one.id for plan in plans for one in plan.night.station.swaps]
    if swap not in known:
        remedy = did_you_mean(swap, known, "name one that the plan loses")
        raise click.UsageError(printable(f"--swap {swap}: is not a swap of the station; {remedy}"))
    losing = [plan for plan in plans if swap in {one.id for one in plan.lost}]
    if not losing:
        lost = [one.id for plan in plans for one in plan.lost]
        remedy = f"it loses {', '.join(lost[:5])}" if lost else "it loses nobody"
        raise click.UsageError(printable(f"--swap {swap}: is served by the plan; {remedy}"))
    return losing
