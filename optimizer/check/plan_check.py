"""`check`: a plan file against its instance, by the independent checker; the bill recomputed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from models.errors import Problem
from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import Cost, cost_of, drawn_power_kw
from models.station.hedging.hedge import hedged
from models.station.instance import Instance, Night
from models.station.schedule import Schedule
from models.tolerances import ENERGY_KWH, POWER_KW, money_tolerance
from optimizer.check.end_state import end_violations
from optimizer.check.rules import Violation, check
from optimizer.files.errors import InputErrors, printable
from optimizer.files.plain_text import some_of
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.formats.plan_file import is_as_sealed

REMEDY = "check the plan against the instance it was made for"


@dataclass(frozen=True)
class Verdict:
    """What the check found: violations by station, the recomputed cost (None if the plan is too broken to bill),
    and warnings where the file says something else than what was recomputed.

    A plan may be for a part of the instance: `stations_not_in_plan` are the stations it says nothing of.
    """

    violations: tuple[tuple[str, Violation], ...]
    cost: Cost | None
    warnings: tuple[str, ...]
    stations_checked: int
    stations_not_in_plan: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """No rule is broken in the stations that were checked."""
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        """The object of `check --json`."""
        return {
            "ok": self.ok,
            "violations": [violation_json(station, violation) for station, violation in self.violations],
            "cost": cost_json(self.cost),
            "warnings": list(self.warnings),
            "stations_checked": self.stations_checked,
            "stations_not_in_plan": list(self.stations_not_in_plan),
        }

    def as_text(self, currency: str) -> str:
        """The same for people."""
        lines = [f"{station}: {violation_text(violation)}" for station, violation in self.violations]
        lines += [f"note: {warning}" for warning in self.warnings]
        if self.stations_not_in_plan:
            lines.append(f"note: {self._part_text()}")
        lines.append("The plan keeps every rule." if self.ok else violations_text([v for _, v in self.violations]))
        if self.cost is not None:
            lines.append(recomputed_text(self.cost, currency))
        return "\n".join(map(printable, lines))

    def _part_text(self) -> str:
        checked, left_out = self.stations_checked, self.stations_not_in_plan
        reported = some_of(left_out)
        return (
            f"the plan is for {checked:,} of the instance's {checked + len(left_out):,} stations; not in it: {reported}"
        )


def violation_json(station: str, violation: Violation) -> dict[str, Any]:
    """One item of `violations`."""
    return {"station": station} | asdict(violation)


def cost_json(cost: Cost | None) -> dict[str, float] | None:
    """The cost breakdown and its objective."""
    return None if cost is None else asdict(cost) | {"objective": cost.objective}


def violation_text(violation: Violation) -> str:
    """One violation on a line."""
    return f"{violation.rule}: {violation.where}: found {violation.found}, limit {violation.limit}"


def violations_text(violations: Sequence[Violation]) -> str:
    """How many there are, of how many rules."""
    return f"{len(violations)} violations of {len({violation.rule for violation in violations})} rules."


def recomputed_text(cost: Cost, currency: str) -> str:
    """The recomputed bill on a line."""
    return f"Recomputed: objective {cost.objective:,.4f}, charging {cost.gross_cost:,.4f} {currency}."


def check_plan(instance: Instance, plan: PlanFile, plan_name: str) -> Verdict:
    """Check every station of the plan. Raises InputErrors where it names none, or one that the instance lacks."""
    part = _planned_part(instance, plan, plan_name)
    by_name = {station.station: station for station in plan.stations}
    pairs = [(planned_night(night, by_name[night.station.id]), by_name[night.station.id]) for night in part.nights]
    violations = [(planned.station, v) for night, planned in pairs for v in _violations(night, planned)]
    cost = _bill(pairs)
    left_out = tuple(night.station.id for night in instance.nights if night.station.id not in by_name)
    return Verdict(tuple(violations), cost, tuple(_warnings(part, pairs, plan, cost)), len(pairs), left_out)


def _violations(night: Night, planned: PlannedStation) -> list[Violation]:
    """Of the plan, and of one that keeps every rule, of what the file says that it leaves."""
    found = check(night, planned.schedule)
    return found or ([*end_violations(night, planned.schedule, planned.end)] if planned.end else [])


def planned_night(night: Night, planned: PlannedStation) -> Night:
    """The night that the plan was made for, checked and billed by: a hedged plan keeps ready targets as a reserve.

    The night itself where the targets are not of its slots: its plan's powers are neither, and that is told.
    """
    hedge = planned.as_hedge
    fits = hedge is not None and len(hedge.ready_targets) == night.horizon.slots
    return hedged(night, hedge) if fits else night


def _planned_part(instance: Instance, plan: PlanFile, plan_name: str) -> Instance:
    """The instance as if the stations that the plan leaves out were not in it: what the plan's hash is of."""
    planned = [station.station for station in plan.stations]
    known = {night.station.id for night in instance.nights}
    problems = [
        Problem(f"stations[{index}].station", name, "is not a station of the instance", REMEDY)
        for index, name in enumerate(planned)
        if name not in known
    ]
    if not planned:
        problems.append(Problem("stations", [], "must plan at least one station of the instance", REMEDY))
    if problems:
        raise InputErrors(plan_name, problems)
    wanted = set(planned)
    return replace(instance, nights=tuple(night for night in instance.nights if night.station.id in wanted))


def _false_facts(night: Night, station: PlannedStation) -> Iterator[str]:
    """Facts of a station that its schedule does not bear out."""
    name, slots = station.station, {swap.id: swap.slot for swap in night.station.swaps}
    for served in station.hand_overs:
        if served.swap in slots and served.slot != slots[served.swap]:
            comes = slots[served.swap]
            yield f"{name}: the file hands over to {served.swap} in slot {served.slot}, its driver comes in {comes}"
    lost = set(slots) - set(station.schedule.packs_by_swap)
    if set(station.lost) != lost:
        yield f"{name}: the file lists {len(station.lost)} lost swaps, by its hand-overs they are {len(lost)}"
    served_count = len(slots) - len(lost)
    if station.swaps_served != served_count:
        yield f"{name}: the file says {station.swaps_served} swaps served, by its hand-overs they are {served_count}"
    elif station.swaps_lost != len(lost):
        yield f"{name}: the file says {station.swaps_lost} swaps lost, by its hand-overs they are {len(lost)}"
    if can_be_billed(night, station.schedule):
        yield from _false_meters(night, station)


def _false_meters(night: Night, station: PlannedStation) -> Iterator[str]:
    """Peaks and energies of the billing month that the schedule does not bear out."""
    name, month = station.station, month_to_date(night, drawn_power_kw(night, station.schedule))
    for charge, kw in month.peak_kw.items():
        reported_kw = station.peak_kw.get(charge, 0.0)
        if abs(reported_kw - kw) > POWER_KW:
            yield f"{name}: the file says peak {reported_kw:g} kW for {charge}, recomputed it is {kw:g}"
    for tiers, kwh in month.energy_kwh.items():
        reported_kwh = station.energy_kwh.get(tiers, 0.0)
        if abs(reported_kwh - kwh) > ENERGY_KWH * max(1.0, kwh):
            yield f"{name}: the file says {reported_kwh:g} kWh for {tiers}, recomputed they are {kwh:g}"


def _bill(pairs: Sequence[tuple[Night, PlannedStation]]) -> Cost | None:
    if not all(can_be_billed(night, planned.schedule) for night, planned in pairs):
        return None
    return sum((cost_of(night, planned.schedule) for night, planned in pairs), Cost())


def can_be_billed(night: Night, schedule: Schedule) -> bool:
    """Are all series as long as the horizon? A plan may break rules and still have a price."""
    slots = night.horizon.slots
    lengths = {len(row.power_kw) for row in schedule.rows}
    return lengths <= {slots} and len(schedule.solar_used_kw) in (0, slots)


def _warnings(
    part: Instance, pairs: Sequence[tuple[Night, PlannedStation]], plan: PlanFile, cost: Cost | None
) -> Iterator[str]:
    """Where the file says what is not so: nothing in it is believed but the schedule."""
    for night, planned in pairs:
        yield from _false_facts(night, planned)
    if plan.digest is not None and not is_as_sealed(plan):
        yield "the plan file was changed since it was written (its digest differs)"
    if plan.instance.hash != instance_hash(part):
        yield "the plan was made for another instance, or this one has changed since (its hash differs)"
    if cost is not None and abs(cost.objective - plan.objective) > money_tolerance(cost.objective):
        yield f"the file says objective {plan.objective!r}, recomputed it is {cost.objective!r}"
    if plan.bound is not None and cost is not None and plan.bound > cost.objective + money_tolerance(cost.objective):
        yield f"the file's bound {plan.bound!r} lies above the recomputed objective: it proves nothing"
