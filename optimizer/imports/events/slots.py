"""Windows on the slots of a horizon: the limit of each slot, the price of each slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from optimizer.imports.events.windows import EventWindow


def slots_touched(window: EventWindow, horizon: Horizon) -> range:
    """The slots that a window, its start shifted as far as it may be, touches for any time at all."""
    length = timedelta(minutes=horizon.slot_minutes)
    first = (window.begin - window.shift - horizon.start) // length
    last = -((horizon.start - window.end - window.shift) // length)
    return range(max(0, first), min(horizon.slots, last))


def limits_kw(own_kw: Sequence[float], windows: Sequence[EventWindow], horizon: Horizon) -> list[float]:
    """The least of the station's own limit and those of the windows, in every slot that they touch, kW."""
    found = list(own_kw)
    for window in windows:
        for slot in slots_touched(window, horizon):
            found[slot] = min(found[slot], window.asked.values[0])
    return found


def prices_per_kwh(
    own: Sequence[float], windows: Sequence[EventWindow], horizon: Horizon, *, is_added: bool
) -> list[float]:
    """Prices by slot: where windows hold, theirs, or what they add; of a part of a slot, weighted by time.

    Of several windows at a time, that of the highest priority counts. Raises InvalidData where two of the same
    priority have different prices.
    """
    found = list(own)
    touched: dict[int, list[EventWindow]] = {}
    for window in windows:
        for slot in slots_held(window, horizon):
            touched.setdefault(slot, []).append(window)
    for slot, held in touched.items():
        begin, end = horizon.slot_start(slot), horizon.slot_start(slot + 1)
        found[slot] = _mean(own[slot], held, begin, end, is_added)
    return found


def parts_of_slots(window: EventWindow, horizon: Horizon) -> int:
    """How many slots a window holds for a part of their time only."""
    return sum(
        window.begin > horizon.slot_start(slot) or window.end < horizon.slot_start(slot + 1)
        for slot in slots_held(window, horizon)
    )


def slots_held(window: EventWindow, horizon: Horizon) -> range:
    """The slots that the window touches at its stated time."""
    length = timedelta(minutes=horizon.slot_minutes)
    first = max(0, (window.begin - horizon.start) // length)
    return range(first, min(horizon.slots, -((horizon.start - window.end) // length)))


def _mean(own: float, windows: Sequence[EventWindow], begin: datetime, end: datetime, is_added: bool) -> float:
    """The price of a slot."""
    parts = list(_parts(windows, begin, end))
    prices = {None if window is None else window.asked.values[0] for _, window in parts}
    values = {own if price is None else own + price if is_added else price for price in prices}
    if len(values) == 1:
        return values.pop()  # exactly, where a mean would leave a rounding error
    total = 0.0
    for length, window in parts:
        price = own if window is None else window.asked.values[0] + (own if is_added else 0.0)
        total += price * (length / (end - begin))
    return total


def _parts(
    windows: Sequence[EventWindow], begin: datetime, end: datetime
) -> Iterator[tuple[timedelta, EventWindow | None]]:
    """The parts of a slot in which one window counts, or none."""
    edges = sorted({begin, end, *(min(max(at, begin), end) for one in windows for at in (one.begin, one.end))})
    for first, last in pairwise(edges):
        yield last - first, _first_of([one for one in windows if one.begin <= first and one.end >= last])


def _first_of(windows: Sequence[EventWindow]) -> EventWindow | None:
    """The window of the highest priority. Raises InvalidData where another one of it has another price."""
    if not windows:
        return None
    best = min(windows, key=_rank)
    for other in windows:
        if _rank(other) == _rank(best) and other.asked.values != best.asked.values:
            rule = f"has another price than {best.place} at the same time, with the same priority"
            remedy = "give one of them a priority: 0 is the highest"
            raise InvalidData([Problem(other.place, other.asked.values[0], rule, remedy)])
    return best


def _rank(window: EventWindow) -> tuple[bool, int]:
    """Lower numbers count more, and events without one least."""
    priority = window.event.event.priority
    return priority is None, priority or 0
