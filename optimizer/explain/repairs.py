"""The least repair of each kind: found by bisection, each step a night solved again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from models.station.instance import Night, Swap
from optimizer.explain.mending import Holder, Mending, Repair
from optimizer.explain.repair_kinds import ADDITIONS, Addition, MoreGrid
from optimizer.explain.resolver import Answer, Resolver
from optimizer.explain.why_lost import LosingPlan

Does = Callable[[int], Answer]
MOST_UNKNOWN = 2  # answers that are neither yes nor no, before a search takes what it has
RESOURCES = ("grid_limit", "chargers", "charging_power")


def mending_of(plan: LosingPlan, swap: Swap, resolver: Resolver) -> Mending:
    """The least repair of each kind for a swap that no plan serves beside all whom `plan` serves, and what holds it."""
    repairs = tuple(_repair(plan, swap, addition, resolver) for addition in ADDITIONS)
    return Mending(swap.id, _held_by(plan, swap, repairs, resolver), repairs)


def _repair(plan: LosingPlan, swap: Swap, addition: Addition, resolver: Resolver) -> Repair:
    night, wanted = plan.night, plan.wanted_with(swap)
    most, step = addition.most_steps(night, swap), addition.step(night)
    if most <= 0:
        return Repair(addition.kind, "nothing_to_add", step=step)

    def does(steps: int) -> Answer:
        return resolver.can_serve(addition.on(night, swap, steps), wanted, repaired=True).answer

    known: tuple[int, Answer, int, Answer] = (0, "no", most, "unknown")
    for hint in resolver.hints.get(addition.kind, ())[:1]:
        known = _from_hint(does, hint, most)
    low, below, high, answer = known
    if answer != "yes" and (answer := does(most)) != "yes":
        return Repair(addition.kind, "no_help" if answer == "no" else "undecided", step=step)
    least, below = _least(does, low, below, high)
    repair = Repair(addition.kind, "found", round(least * step, 6), is_least=below == "no", step=step)
    if not isinstance(addition, MoreGrid):
        resolver.hints[addition.kind] = (least,)
        return repair
    begin, end = _window(plan, swap, addition, least, resolver)
    resolver.hints[addition.kind] = (least, begin, end)
    return replace(repair, begin=begin, end=end)


def _from_hint(does: Does, hint: int, most: int) -> tuple[int, Answer, int, Answer]:
    """What is known once the number that did for another swap was tried, and if it does, one less: a number that does
    not, and why that is known, one that does, and whether that is known."""
    hint = min(hint, most)
    if (answer := does(hint)) != "yes":
        return hint, answer, most, "unknown"
    if hint == 1:
        return 0, "no", 1, "yes"
    below = does(hint - 1)
    return (0, "no", hint - 1, "yes") if below == "yes" else (hint - 1, below, hint, "yes")


def _least(does: Does, low: int, below: Answer, high: int) -> tuple[int, Answer]:
    """The least number that does, as far as it was found, and what is known of one less. `high` does; `low` does not,
    or was not found to, as `below` says.

    More is taken to do no worse; whatever it does, the number that comes out does, and one less was not found to. The
    search goes up by doubling, for most repairs are small, then halves, and ends where it gropes.
    """
    steps, unknown = low + 1, 0
    while steps < high and (answer := does(steps)) != "yes":
        low, below, steps = steps, answer, 2 * steps
    high = min(steps, high)
    while high - low > 1 and unknown < MOST_UNKNOWN:
        steps = (low + high) // 2
        answer = does(steps)
        unknown += answer == "unknown"
        if answer == "yes":
            high = steps
        else:
            low, below = steps, answer
    return high, below if high - low == 1 else "unknown"


def _window(plan: LosingPlan, swap: Swap, addition: MoreGrid, steps: int, resolver: Resolver) -> tuple[int, int]:
    """The latest begin, then the earliest end, between which so much more limit does."""
    night, wanted, slots = plan.night, plan.wanted_with(swap), plan.night.horizon.slots

    def does(begin: int, end: int) -> Answer:
        raised = replace(addition, begin=begin, end=end).on(night, swap, steps)
        return resolver.can_serve(raised, wanted, repaired=True).answer

    begin, end = 0, slots
    hint = resolver.hints.get(addition.kind, (0, 0, slots))
    if hint[0] == steps and does(hint[1], hint[2]) == "yes":
        begin, end = hint[1], hint[2]
    begin += _most_kept(lambda less: does(begin + less, end), end - begin)
    return begin, end - _most_kept(lambda less: does(begin, end - less), end - begin)


def _most_kept(does: Does, most: int) -> int:
    """The most of 0 to `most` − 1 with which it still does, as far as that was found; 0 does."""
    low, high, unknown = 0, most, 0
    while high - low > 1 and unknown < MOST_UNKNOWN:
        middle = (low + high) // 2
        answer = does(middle)
        unknown += answer == "unknown"
        low, high = (middle, high) if answer == "yes" else (low, middle)
    return low


def _held_by(plan: LosingPlan, swap: Swap, repairs: tuple[Repair, ...], resolver: Resolver) -> tuple[Holder, ...]:
    """What alone would do, if there were enough of it; where no power does, what packs take, or when they come."""
    found = {repair.kind for repair in repairs if repair.status == "found"}
    held: list[Holder] = [name for name in RESOURCES if name in found]  # type: ignore[misc]
    if not held and any(repair.status == "undecided" for repair in repairs if repair.kind in RESOURCES):
        return ("packs",) if "packs" in found else ()
    if not held:
        held += _behind_power(plan, swap, resolver)
    return (*held, "packs") if "packs" in found else tuple(held)


def _behind_power(plan: LosingPlan, swap: Swap, resolver: Resolver) -> list[Holder]:
    """Chargers and grid without limit, then packs that take any power: what of it would do?"""
    everything = unlimited(plan.night)
    wanted = plan.wanted_with(swap)
    if resolver.can_serve(everything, wanted).answer == "yes":
        return ["grid_limit", "chargers"]
    kinds = {name: replace(kind, acceptance=(), acceptance_at_c=()) for name, kind in everything.pack_types.items()}
    taking = replace(everything, pack_types=kinds)
    answer = resolver.can_serve(taking, wanted).answer
    return ["acceptance"] if answer == "yes" else ["arrival"] if answer == "no" else []


def unlimited(night: Night) -> Night:
    """With a charger for every bay, each as strong as fills any pack in a slot, and a grid for all of them."""
    station, hours = night.station, night.horizon.slot_hours
    most_kw = max(max(kind.capacity_kwh for kind in night.pack_types.values()) / hours, station.chargers.max_kw)
    chargers = replace(station.chargers, count=station.bays, max_kw=most_kw)
    limit_kw = math.ceil(station.bays * most_kw / chargers.efficiency + max(station.base_load_kw))
    raised = replace(
        station, chargers=chargers, grid_limit_kw=(float(limit_kw),) * night.horizon.slots, stated_limit_kw=()
    )
    return replace(night, station=raised)
