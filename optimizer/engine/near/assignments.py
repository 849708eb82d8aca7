"""Assignments near the committed one that cost no more than asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.engine.dispatch import Dispatched, dispatch
from optimizer.engine.near.matching import Committed
from optimizer.engine.search import Search

EXCHANGES = {"quick": 8, "full": 16, "deep": 40}  # by effort: most that are dispatched
METHOD = "near the previous plan"


def nearest_assignments(search: Search, kept: Committed, most: float) -> Iterator[Dispatched]:
    """Dispatched assignments that cost `most` at most: the committed one, as far as its packs and drivers are there;
    else the best one, made more like it, exchange by exchange."""
    assert search.schedule is not None
    best = dict(search.schedule.by_swap())
    found = _dispatched(search, _completed(search.night, kept, best), most)
    if found is not None:
        yield found
        return
    closest = _approached(search, kept, best, most)
    if closest is not None:
        yield closest


def _dispatched(search: Search, by_swap: Mapping[str, str], most: float) -> Dispatched | None:
    """The assignment with its best powers; None where it is none, or too dear."""
    if not _is_assignment(search.night, by_swap) or search.seconds_left <= 0:
        return None
    found = dispatch(search, by_swap, METHOD)
    return found if found is not None and found.is_plan and found.objective <= most else None


def _is_assignment(night: Night, by_swap: Mapping[str, str]) -> bool:
    try:
        stays = stays_of(night, by_swap)
    except ValueError:
        return False
    swaps = {swap.id: swap for swap in night.station.swaps}
    return all(
        stay.swap is None
        or (swaps[stay.swap].type == stay.type and swaps[stay.swap].pack in (None, stay.pack))
        for stay in stays
    )  # fmt: skip


def _completed(night: Night, kept: Committed, best: Mapping[str, str]) -> dict[str, str]:
    """The committed assignment; drivers whom it does not know get the pack of the best plan, if it is free."""
    by_swap = dict(kept.by_swap)
    for swap, pack in best.items():
        if swap not in kept.known and pack not in by_swap.values():
            by_swap[swap] = pack
    return by_swap


def _approached(search: Search, kept: Committed, best: dict[str, str], most: float) -> Dispatched | None:
    """The best assignment, with packs exchanged where that costs no more; None for none.

    All drivers at once; where that is too dear, each half of them, and so on: few drivers are what makes it dear.
    """
    found, groups = None, [[swap.id for swap in sorted(search.night.station.swaps, key=lambda swap: swap.slot)]]
    for _ in range(EXCHANGES[search.options.effort]):
        tried = best
        while groups and tried == best:
            group = groups.pop()
            tried = _all_exchanged(best, group, kept)
        if tried == best:
            break
        one = _dispatched(search, tried, most)
        if one is not None:
            best, found = tried, one
        elif len(group) > 1:
            groups += [group[len(group) // 2 :], group[: len(group) // 2]]
    return found


def _all_exchanged(by_swap: dict[str, str], swaps: Sequence[str], kept: Committed) -> dict[str, str]:
    """`exchanged` for each of the swaps in turn, where that wins something."""
    for swap in swaps:
        by_swap = exchanged(by_swap, swap, kept) or by_swap
    return by_swap


def exchanged(by_swap: Mapping[str, str], swap: str, kept: Committed) -> dict[str, str] | None:
    """`swap` gets the pack that was committed to it, whoever had that gets the other one; None where nothing is won."""
    wanted, has = kept.by_swap.get(swap), by_swap.get(swap)
    if wanted is None or has is None or wanted == has:
        return None
    tried = {other: has if pack == wanted else pack for other, pack in by_swap.items()} | {swap: wanted}
    return tried if _agreement(tried, kept) > _agreement(by_swap, kept) else None


def _agreement(by_swap: Mapping[str, str], kept: Committed) -> int:
    return sum(by_swap.get(swap) == pack for swap, pack in kept.by_swap.items())
