"""`check`: a plan file against its instance, by the independent checker; the bill recomputed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.cost import Cost, cost_of, drawn_power_kw, peaks_kw
from models.errors import Problem
from models.instance import Instance, Night
from models.schedule import Schedule
from models.tolerances import MONEY_RELATIVE, POWER_KW
from optimizer.checker import Violation, check
from optimizer.digest import instance_hash
from optimizer.errors import InputErrors
from optimizer.plan_document import PlanFile, PlannedStation


@dataclass(frozen=True)
class Verdict:
    """What the check found: violations by station, the recomputed cost (None if the plan is too broken to bill),
    and warnings where the file says something else than what was recomputed."""

    violations: tuple[tuple[str, Violation], ...]
    cost: Cost | None
    warnings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        """The object of `check --json`."""
        violations = [
            {"station": station, "rule": v.rule, "where": v.where, "found": v.found, "limit": v.limit}
            for station, v in self.violations
        ]
        cost = None if self.cost is None else asdict(self.cost) | {"objective": self.cost.objective}
        return {"ok": self.ok, "violations": violations, "cost": cost, "warnings": list(self.warnings)}

    def as_text(self, currency: str) -> str:
        """The same for people."""
        lines = [f"{station}: {v.rule}: {v.where}: found {v.found}, limit {v.limit}" for station, v in self.violations]
        lines += [f"note: {warning}" for warning in self.warnings]
        rules = len({v.rule for _, v in self.violations})
        lines.append(
            "The plan keeps every rule." if self.ok else f"{len(self.violations)} violations of {rules} rules."
        )
        if self.cost is not None:
            lines.append(
                f"Recomputed: objective {self.cost.objective:,.4f}, charging {self.cost.gross_cost:,.4f} {currency}."
            )
        return "\n".join(lines)


def check_plan(instance: Instance, plan: PlanFile, plan_name: str) -> Verdict:
    """Check every station. Raises InputErrors where instance and plan do not name the same stations."""
    pairs = _matched(instance, plan, plan_name)
    violations = [(night.station.id, v) for night, schedule in pairs for v in check(night, schedule)]
    cost = _bill(pairs)
    return Verdict(tuple(violations), cost, tuple(_warnings(instance, plan, cost)))


def _matched(instance: Instance, plan: PlanFile, plan_name: str) -> list[tuple[Night, Schedule]]:
    nights = {night.station.id: night for night in instance.nights}
    schedules = {station.station: station.schedule for station in plan.stations}
    remedy = "check the plan against the instance it was made for"
    problems = [
        Problem(f"stations[{index}].station", station.station, "is not a station of the instance", remedy)
        for index, station in enumerate(plan.stations)
        if station.station not in nights
    ]
    problems += [
        Problem("stations", name, "is a station of the instance that the plan leaves out", remedy)
        for name in nights
        if name not in schedules
    ]
    if problems:
        raise InputErrors(plan_name, problems)
    return [(night, schedules[name]) for name, night in nights.items()]


def _in_order(instance: Instance, plan: PlanFile) -> list[PlannedStation]:
    by_name = {station.station: station for station in plan.stations}
    return [by_name[night.station.id] for night in instance.nights]


def _false_facts(night: Night, station: PlannedStation) -> Iterator[str]:
    """Facts of a station that its schedule does not bear out."""
    name, slots = station.station, {swap.id: swap.slot for swap in night.station.swaps}
    for served in station.hand_overs:
        if served.swap in slots and served.slot != slots[served.swap]:
            comes = slots[served.swap]
            yield f"{name}: the file hands over to {served.swap} in slot {served.slot}, its driver comes in {comes}"
    lost = set(slots) - {served.swap for served in station.hand_overs}
    if set(station.lost) != lost:
        yield f"{name}: the file lists {len(station.lost)} lost swaps, by its hand-overs they are {len(lost)}"
    if (station.swaps_served, station.swaps_lost) != (len(slots) - len(lost), len(lost)):
        served_count = len(slots) - len(lost)
        yield f"{name}: the file says {station.swaps_served} swaps served, by its hand-overs they are {served_count}"
    if _can_be_billed(night, station.schedule):
        peaks = peaks_kw(night, drawn_power_kw(night, station.schedule))
        for charge, kw in peaks.items():
            told_kw = station.peak_kw.get(charge, 0.0)
            if abs(told_kw - kw) > POWER_KW:
                yield f"{name}: the file says peak {told_kw:g} kW for {charge}, recomputed it is {kw:g}"


def _bill(pairs: Sequence[tuple[Night, Schedule]]) -> Cost | None:
    if not all(_can_be_billed(night, schedule) for night, schedule in pairs):
        return None
    return sum((cost_of(night, schedule) for night, schedule in pairs), Cost())


def _can_be_billed(night: Night, schedule: Schedule) -> bool:
    """Are all series as long as the horizon? A plan may break rules and still have a price."""
    slots = night.horizon.slots
    lengths = {len(row.power_kw) for row in schedule.rows}
    return lengths <= {slots} and len(schedule.solar_used_kw) in (0, slots)


def _warnings(instance: Instance, plan: PlanFile, cost: Cost | None) -> Iterator[str]:
    """Where the file says what is not so: nothing in it is believed but the schedule."""
    for night, station in zip(instance.nights, _in_order(instance, plan), strict=True):
        yield from _false_facts(night, station)
    if plan.instance.hash != instance_hash(instance):
        yield "the plan was made for another instance, or this one has changed since (its hash differs)"
    if cost is not None and abs(cost.objective - plan.objective) > MONEY_RELATIVE * max(1.0, abs(cost.objective)):
        yield f"the file says objective {plan.objective!r}, recomputed it is {cost.objective!r}"
    if (
        plan.bound is not None
        and cost is not None
        and plan.bound > cost.objective + MONEY_RELATIVE * max(1.0, abs(cost.objective))
    ):
        yield f"the file's bound {plan.bound!r} lies above the recomputed objective: it proves nothing"
