"""A plan's instance from now on: what a re-plan is asked, and what is told of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from models.errors import Problem
from models.station.carry_over.rest_of_night import rest_of_night
from models.station.cost import drawn_power_kw
from models.station.instance import Instance, Night
from optimizer.carry.standing import PlannedBays, StandingPack
from optimizer.carry.state_file import StateFile
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.formats.read_instance import read_document
from optimizer.replan.drivers import Came, LoggedDriver, came_until, played_until
from optimizer.replan.rest_document import rest_document

NAME_IT = "name the instance of the plan with --instance"


@dataclass(frozen=True)
class Now:
    """When a night is planned again, and what is known then. `freeze_minutes`: set-points of so many minutes after `at`
    stay as they are, beyond the running slot. `drivers`: None: they came as planned."""

    at: datetime
    freeze_minutes: int = 0
    state: StateFile | None = None
    drivers: Sequence[LoggedDriver] | None = None


@dataclass
class Replanned:
    """The rest of a night as an instance, and what it begins with: `begin` is its first slot in the whole night."""

    document: InstanceDocument
    begin: int
    came: dict[str, Came] = field(default_factory=dict)
    packs: dict[str, Sequence[StandingPack]] = field(default_factory=dict)


def instance_of(plan: PlanFile, plan_path: str, named: str | None) -> tuple[InstanceDocument, Instance]:
    """The instance that a plan is of: the file `named`, or else the one that the plan names. Raises InputErrors.

    A file that the plan names is only read, and only taken if it has the hash that the plan has.
    """
    path = named
    if path is None:
        if plan.instance.file is None:
            raise InputErrors(plan_path, [Problem("instance.file", ABSENT, "is missing", NAME_IT)])
        path = str(Path(plan_path).parent / PurePosixPath(plan.instance.file))
    document, instance, _ = read_document(path)
    if instance_hash(instance) != plan.instance.hash:
        rule = f"is of another instance than {path}, which has other packs, prices or drivers, say"
        raise InputErrors(plan_path, [Problem("instance.hash", plan.instance.hash[:20] + "…", rule, NAME_IT)])
    return document, instance


def rest_of(
    plans: Sequence[PlannedStation], document: InstanceDocument, nights: Sequence[Night], now: Now
) -> Replanned:
    """The rest of the night of every station that has a plan. Raises InputErrors, and ValueError of a wrong time.

    It begins with the first slot after the running one, after what is frozen, at which the metering intervals of all
    demand charges begin.
    """
    by_id = {night.station.id: night for night in nights}
    planned = {one.station: one for one in plans if one.station in by_id}
    begin, minute = _begin([by_id[name] for name in planned], now)
    rest = Replanned(document, begin)
    rest.document = rest_document(
        document, {name: _rest(by_id[name], one, now, minute, rest) for name, one in planned.items()}
    )
    return rest


def _begin(nights: Sequence[Night], now: Now) -> tuple[int, int]:
    """The first slot of the rest, and the minutes of the night that are over. Raises ValueError outside of it."""
    horizon = nights[0].horizon
    if not horizon.start <= now.at < horizon.end:
        first, last = horizon.local_slot_start(0), horizon.end.astimezone(horizon.zone)
        raise ValueError(f"lies outside of the plan's horizon, {first.isoformat()} to {last.isoformat()}")
    minute = int((now.at - horizon.start).total_seconds() // 60)
    metering = [one.metering_minutes for night in nights for one in night.station.tariff.demand_charges]
    step = math.lcm(horizon.slot_minutes, *(one for one in metering if one > horizon.slot_minutes))
    begin = math.ceil((minute + now.freeze_minutes) / step) * step // horizon.slot_minutes
    if begin >= horizon.slots:
        raise ValueError("leaves nothing of the horizon to plan: its last slot is running, or frozen")
    return begin, minute


def _rest(night: Night, planned: PlannedStation, now: Now, minute: int, rest: Replanned) -> Night:
    bays = PlannedBays.of(night, planned.schedule)
    drivers = None if now.drivers is None else [one for one in now.drivers if one.station == night.station.id]
    swaps = [swap for swap in night.station.swaps if swap.slot >= rest.begin]
    packs = bays.standing(rest.begin)
    if drivers is not None:
        came = rest.came[night.station.id] = came_until(night, drivers, minute, rest.begin)
        already = {swap.id for swap in came.stands_for.values() if swap.forecast is None}
        swaps = [*came.late, *(swap for swap in swaps if swap.id not in already)]
        slot = min(rest.begin, math.ceil(minute / night.horizon.slot_minutes))
        packs = bays.carried_on(played_until(bays, came, slot), slot * night.horizon.slot_minutes, rest.begin)
    if now.state is not None:
        stood = now.state.packs(night, bays.standing(minute // night.horizon.slot_minutes))
        packs = bays.carried_on(stood, minute, rest.begin)
    rest.packs[night.station.id] = packs
    own, there = [pack.on(night) for pack in packs], {pack.id for pack in packs}
    swaps = [swap if swap.pack in there else replace(swap, pack=None) for swap in swaps]  # any, where his is gone
    return rest_of_night(night, rest.begin, own, drawn_power_kw(night, planned.schedule), swaps)


def told(rest: Replanned) -> list[str]:
    """In words what the rest begins with, a line each."""
    lines = [f"planned again from {rest.document.horizon.start}"]
    for name, came in rest.came.items():
        lines.append(
            f"{name}: {len(came.drivers)} drivers came, {came.unexpected} of them not expected; "
            f"{len(came.late)} known ones are late, {len(came.missed)} no longer waited for"
        )
    return lines
