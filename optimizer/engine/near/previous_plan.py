"""The plan that another one is to be near, as read from its file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from models.station.hedging.hedge import Hedge
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.files.errors import ABSENT, InputErrors, value_text
from optimizer.files.plain_text import some_of
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.formats.read_instance import horizon_of

PLAN_ANEW = "plan that night again with this version, or leave out --near"


@dataclass(frozen=True)
class PreviousPlan:
    """A station's plan on its own horizon.

    `slot_of`: the slot of each served swap, by id; `lost`: ids of swaps that it does not serve. `unproven`: currency by
    which it may lie above the optimum of its night (+inf: nothing is proven).
    """

    horizon: Horizon
    schedule: Schedule
    slot_of: Mapping[str, int]
    lost: tuple[str, ...] = ()
    unproven: float = 0.0
    hedge: Hedge | None = None

    def hedge_of_rest(self, rest: Horizon) -> Hedge | None:
        """Its hedge in a horizon of the same slots that is its end; None without, or where it is not."""
        minutes, slot_minutes = (rest.start - self.horizon.start).total_seconds() / 60, rest.slot_minutes
        is_end = rest.end == self.horizon.end and slot_minutes == self.horizon.slot_minutes
        if self.hedge is None or not is_end or minutes < 0 or minutes % slot_minutes:
            return None
        return self.hedge.since(int(minutes) // slot_minutes)


def previous_plans(file: PlanFile, name: str, nights: Mapping[str, Night]) -> dict[str, PreviousPlan]:
    """The plans of a file for those of the stations `nights`, by id, that it has; `name`: of the file, for messages.

    Raises InputErrors where it has none of them, or where the plan of one has no slot or no pack in common with it.
    """
    if file.horizon is None:
        rule = "is missing: without it nobody knows when the slots of the plan were"
        raise InputErrors(name, [Problem("horizon", ABSENT, rule, PLAN_ANEW)])
    try:
        horizon = horizon_of(file.horizon)
    except InvalidData as error:
        raise InputErrors(name, [problem.inside("horizon") for problem in error.problems]) from None
    shared = [(index, one) for index, one in enumerate(file.stations) if one.station in nights]
    if not shared:
        rule = f"has no plan of a station that is to be planned ({some_of(sorted(nights))})"
        raise InputErrors(name, [Problem("stations", [one.station for one in file.stations], rule, PLAN_ANEW)])
    problems = [
        problem.inside(f"stations[{index}]")
        for index, one in shared
        for problem in _problems(horizon, one, nights[one.station])
    ]
    if problems:
        raise InputErrors(name, problems)
    return {one.station: _previous(horizon, one) for _, one in shared}


def _previous(horizon: Horizon, one: PlannedStation) -> PreviousPlan:
    slot_of = {handed.swap: handed.slot for handed in one.hand_overs}
    of_all = one.result if one.result.far is None else one.result.far  # look-ahead included
    unproven = math.inf if of_all.bound is None else max(0.0, of_all.objective - of_all.bound)
    return PreviousPlan(horizon, one.schedule, slot_of, one.lost, unproven, one.as_hedge)


def _problems(horizon: Horizon, one: PlannedStation, night: Night) -> list[Problem]:
    """What makes it no plan of this station at about this time."""
    when = night.horizon
    if horizon.end <= when.start or when.end <= horizon.start:
        rule = f"ends or begins outside of the horizon to be planned, {_span(when)}"
        return [Problem("station", f"{one.station}, {_span(horizon)}", rule, "name a plan that overlaps it in time")]
    wrong = [row.pack for row in one.packs if len(row.power_kw) != horizon.slots]
    if wrong:
        return [Problem("packs", wrong[0], f"must have a power for each of {horizon.slots} slots", PLAN_ANEW)]
    handed, known = {handed.pack for handed in one.hand_overs}, {row.pack for row in one.packs}
    if not handed <= known:
        return [Problem("hand_overs", min(handed - known), "is a pack that the plan does not have", PLAN_ANEW)]
    if one.packs and night.station.packs and not _may_be_of(horizon, one, night):
        packs = some_of([pack.id for pack in night.station.packs])
        rule = f"shares no pack with station {value_text(one.station)} as it is to be planned ({packs})"
        return [Problem("packs", [row.pack for row in one.packs], rule, "name a plan of this very station")]
    return []


def _may_be_of(horizon: Horizon, one: PlannedStation, night: Night) -> bool:
    """Is one of the packs known by its id? In the course of a night drivers may have taken all of them away."""
    packs = {row.pack for row in one.packs}
    return any(pack.id in packs for pack in night.station.packs) or (
        horizon.start < night.horizon.start and len(one.hand_overs) >= len(night.station.packs)
    )


def _span(horizon: Horizon) -> str:
    first, last = horizon.local_slot_start(0), horizon.end.astimezone(horizon.zone)
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
