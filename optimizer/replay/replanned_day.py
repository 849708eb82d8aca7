"""One day, planned again every so many minutes from what is really in its bays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.station.carry_over.carried_out import unlike
from models.station.carry_over.rest_of_night import rest_of_night
from models.station.drawn_days import DrawnDays
from models.station.instance import Night, Pack
from optimizer.engine.feasibility import NothingToPlanError
from optimizer.engine.options import RunOptions
from optimizer.replay.card import DayFigures
from optimizer.replay.policies import Policy, figures_of, planned_policy
from optimizer.simulate.drivers import Drivers, drivers_of, reservations
from optimizer.simulate.planned import planned
from optimizer.simulate.play import NO_RULE, Game, PlayedDays
from optimizer.simulate.state import StationState
from optimizer.simulate.station_arrays import Flags, StationArrays


def single_day(days: DrawnDays, day: int) -> DrawnDays:
    """One of the days by itself."""
    rows = days.of_day(day)
    return DrawnDays(
        1, np.zeros_like(days.day[rows]), days.slot[rows], days.forecast[rows], days.returned_soc[rows]
    )  # fmt: skip


def replanned_day(night: Night, day: DrawnDays, first: Policy, every: int, options: RunOptions) -> DayFigures:
    """What comes of a single day whose plan is made anew every `every` slots, after the policy's `first` one.

    Each plan knows what has come, and of what follows only the forecast. Raises as `plan_station` does.
    """
    return figures_of(played_with_replans(night, day, first, every, options))


def played_with_replans(
    night: Night, day: DrawnDays, first: Policy, every: int, options: RunOptions
) -> PlayedDays:  # fmt: skip
    """The day itself, with its powers."""
    arrays = StationArrays(night)
    game = Game(arrays, drivers_of(night, day), "rule", keep_powers=True)
    for slot in range(0, night.horizon.slots, every):
        until = range(slot, min(night.horizon.slots, slot + every))
        rest, policy = (night, first) if slot == 0 else _planned_again(game, first, slot, options)
        if slot:
            game.drivers = _as_planned_anew(game.drivers, night, rest, day, slot)
            game.state.follows[:] = True
        plan = None if policy.schedule is None else planned(rest, policy.schedule, arrays)
        game.run(until, plan, policy.rule or NO_RULE, slot)
    return game.result()


def _planned_again(game: Game, first: Policy, slot: int, options: RunOptions) -> tuple[Night, Policy]:
    packs = standing_packs(game.arrays, game.state, 0)
    rest = rest_of_night(game.night, slot, packs, game.drawn_kw[0].tolist())
    try:
        known = None if first.hedge is None else first.hedge.since(slot)
        return rest, planned_policy(first.name, rest, options, known)
    except NothingToPlanError:  # nothing can be charged any more, be it planned or not
        return rest, Policy(first.name)


def _as_planned_anew(drivers: Drivers, whole: Night, rest: Night, day: DrawnDays, slot: int) -> Drivers:
    """The same drivers, with what the new plan expects of them."""
    later = day.slot >= slot
    come = DrawnDays(1, day.day[later], day.slot[later] - slot, day.forecast[later], day.returned_soc[later])
    anew = drivers_of(rest, come)
    planned_anew, follows = drivers.planned.copy(), drivers.follows.copy()
    follows[:, slot:] = anew.follows
    rows = drivers.slot >= slot
    planned_anew[rows] = -1
    planned_anew[rows & _is_in(rest, whole, drivers)] = anew.planned
    return replace(drivers, planned=planned_anew, follows=follows)


def _is_in(rest: Night, whole: Night, drivers: Drivers) -> Flags:
    """Which of the drivers the rest of the night may have: not those who ask for a pack that is gone."""
    known = reservations(whole)
    there = {swap.id for swap in rest.station.swaps}
    is_gone = np.array([swap.id not in there for swap in known], dtype=bool)
    source = np.minimum(drivers.source, max(0, len(known) - 1))
    is_known = drivers.source < len(known)
    return np.asarray(~(is_known & is_gone[source])) if len(known) else np.ones(len(source), dtype=bool)


def standing_packs(arrays: StationArrays, state: StationState, day: int) -> list[Pack]:
    """What stands in the bays on a day in play, each pack with its bay; those that drivers brought have names anew."""
    found, taken = [], {pack.id for pack in arrays.station.packs}
    for column, (pack, bay) in enumerate(zip(arrays.station.packs, arrays.station.bay_numbers, strict=True)):
        if not state.present[day, column]:
            continue
        capacity_kwh = arrays.night.pack_types[pack.type].capacity_kwh
        soc = min(1.0, float(state.energy_kwh[day, column]) / capacity_kwh)
        if state.at_start[day, column]:
            found.append(replace(pack, soc=soc, bay=bay))
        else:
            found.append(Pack(unlike(f"brought-{column}", taken), pack.type, soc, bay=bay))
    return found
