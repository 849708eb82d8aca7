"""The plan in hand made calm: few starts, one power, early, at the same cost. models/README.md, 11.7."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.station.parts import parted_schedule
from models.station.schedule import Schedule
from models.station.stays import stays_of
from optimizer.engine.calm.balance import with_balanced_bays
from optimizer.engine.calm.canonical import equal_packs_in_order, in_canonical_order
from optimizer.engine.calm.charge_at_ties import charge_at_ties
from optimizer.engine.calm.equal_cost import EqualCost, equal_cost
from optimizer.engine.calm.fewest_starts import with_fewest_starts
from optimizer.engine.calm.levels import level_powers
from optimizer.engine.calm.one_power import even_out_blocks
from optimizer.engine.calm.sequence import sequence_weights
from optimizer.engine.calm.stay_powers import StayPowers
from optimizer.engine.search import Search

ROUNDS = 3  # until packs that may be exchanged stay where they are: full ones are known once all are charged
MANY = 1.5  # starts a stay from which on the LP is solved at once
CALM_SEED = 0  # of the solver, whatever the search's was: equal nights get equal plans
FEW = 1.15  # that it is to leave then, or stay by stay is tried, too
ENOUGH = 1.05  # starts a stay, stay by stay, that are few enough to spare the LP


def calm_plan(search: Search) -> None:
    """Exchange the plan in hand for a calmer one that serves the same swaps, if there is one that `take_calm` takes."""
    night, is_thorough = search.night, search.options.calm_seconds > 0
    search.options = replace(search.options, seed=CALM_SEED)
    until_seconds = search.runtime_seconds + search.options.calm_seconds
    if search.schedule is None or not night.station.packs:
        return
    found = parted_schedule(search.schedule)
    if is_thorough:
        found = in_canonical_order(night, found)
    for rounds_left in reversed(range(ROUNDS if is_thorough else 1)):
        any(map(search.take_calm, _calmer_plans(search, found, until_seconds)))
        if not rounds_left:
            break
        before, found = found, in_canonical_order(night, parted_schedule(search.schedule))
        if found.hand_overs == before.hand_overs:
            break


def _calmer_plans(search: Search, found: Schedule, until_seconds: float) -> Iterator[Schedule]:
    """The best first, bays in balance; at last `found` itself."""
    for powers in _powers_with_few_starts(search, found, until_seconds):
        plain = powers.power_kw.copy()
        for step_kw in (search.options.power_step_kw, 0.0):
            with search.watch.stage("rounding"):
                level_powers(powers, step_kw)
                even_out_blocks(powers, step_kw)
            yield _in_balance(powers)
        powers.power_kw = plain
        yield _in_balance(powers)
    yield in_canonical_order(search.night, found)


def _in_balance(powers: StayPowers) -> Schedule:
    schedule = powers.as_schedule()
    balanced = with_balanced_bays(powers.night, schedule, powers.stays, powers.power_kw)
    return equal_packs_in_order(powers.night, balanced)


def _powers_with_few_starts(search: Search, found: Schedule, until_seconds: float) -> Iterator[StayPowers]:
    """By a MIP, if it is asked for; stay by stay; by the LP, at once where that would hardly do, or after all."""
    with search.watch.stage("rounding"):
        powers = StayPowers(search.night, found, stays_of(search.night, found.by_swap()))
        charge_at_ties(powers)
    wants_all = search.options.calm_seconds > 0
    is_pieced = powers.starts > MANY * powers.stays_charged
    face = equal_cost(search, found, powers.stays, powers.power_kw) if is_pieced or wants_all else None
    other = None if face is None else _in_sequence(search, face, powers)
    if wants_all or other is None or _has_more(other, FEW):
        with search.watch.stage("rounding"):
            powers.settle()
        if face is None and _has_more(powers, ENOUGH):
            face = equal_cost(search, found, powers.stays, powers.power_kw)
            other = None if face is None else _in_sequence(search, face, powers)
    if wants_all and (anew := powers.anew()) is not None and anew.starts <= powers.starts:
        powers = anew
    best = powers if other is None or powers.starts + wants_all <= other.starts else other
    if wants_all and face is not None and _has_more(best, search.options.enough_starts_per_stay):
        fewest = _by_mip(search, face, best, until_seconds)
        if fewest is not None and fewest.starts < best.starts:
            yield fewest
    yield best


def _has_more(powers: StayPowers, starts_per_stay: float) -> bool:
    return powers.starts > starts_per_stay * powers.stays_charged


def _in_sequence(search: Search, face: EqualCost, powers: StayPowers) -> StayPowers | None:
    """Packs charged one after the other, by an LP over powers of equal cost; None where the time is up."""
    night = search.night
    with search.watch.stage("solver"):
        weights = sequence_weights(night, powers.stays)
        power_kw = face.least(night, weights, search.options.seed, search.seconds_left)
    if power_kw is None:
        return None
    with search.watch.stage("rounding"):
        other = StayPowers(night, powers.schedule, powers.stays, power_kw)
        other.settle()
    return other


def _by_mip(search: Search, face: EqualCost, powers: StayPowers, until_seconds: float) -> StayPowers | None:
    """One after the other among what has the fewest starts."""
    seconds = min(until_seconds - search.runtime_seconds, search.seconds_left)
    fewest = with_fewest_starts(search, face, powers.stays, powers.power_kw, seconds)
    return None if fewest is None else _in_sequence(search, fewest, powers)
