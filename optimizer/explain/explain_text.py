"""What `explain` says to a dispatcher: each lost swap in a few lines, its repairs, what more would be worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.station.instance import Night, Swap
from models.station.lost_reason import LostReason
from models.station.overload import stated_kw
from optimizer.explain.explanation import StationExplanation
from optimizer.explain.margin import Worth
from optimizer.explain.mending import Holder, Mending, Repair, RepairKind
from optimizer.files.errors import printable
from optimizer.files.plain_text import counted
from optimizer.summaries.lost_text import clock_at, named_at, sentence_of

NAMES: dict[RepairKind, str] = {
    "grid_limit": "grid limit",
    "packs": "packs",
    "chargers": "chargers",
    "charging_power": "power of chargers",
    "delay": "a later driver",
}
IS_CUT = "The time limit was reached: with a longer --time-limit more may be proven, or smaller repairs found."
NOBODY = "nobody is lost"


def explain_text(found: Sequence[StationExplanation], currency: str) -> str:
    """The whole text."""
    lines: list[str] = []
    for number, one in enumerate(found):
        lines += [""] if number else []
        lines += _station(one, currency)
    if not all(one.is_whole for one in found):
        lines += ["", IS_CUT]
    return "\n".join(map(printable, lines))


def _station(one: StationExplanation, currency: str) -> Iterator[str]:
    night, lost = one.plan.night, len(one.plan.lost)
    served = len(night.station.swaps) - lost
    first, last = night.horizon.local_slot_start(0), night.horizon.end.astimezone(night.horizon.zone)
    yield f"Station {night.station.id}, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {night.horizon.time_zone}"
    yield f"{counted(served, 'swap')} served, {f'{lost:,} lost' if lost else NOBODY}"
    swaps, mendings = {swap.id: swap for swap in one.plan.lost}, {mending.swap: mending for mending in one.mendings}
    for reason in one.reasons:
        yield ""
        yield from _lost_swap(night, swaps[reason.swap], reason, mendings.get(reason.swap))
    if one.worths:
        yield ""
        yield "Worth a night"
        yield from (f"  {line}" for line in _worths(one.worths, currency))


def _lost_swap(night: Night, swap: Swap, reason: LostReason, mending: Mending | None) -> Iterator[str]:
    yield f"{named_at(night, swap)} is lost: {sentence_of(reason)}"
    if reason.price_words:
        yield f"  price    {reason.price_words}"
    if mending is None:
        return
    if mending.held_by:
        yield f"  held by  {', '.join(holder_in_words(night, swap, mending, holder) for holder in mending.held_by)}"
    found = [one for one in mending.repairs if one.status == "found"]
    for number, one in enumerate(found):
        yield f"  {'' if number else 'repairs':7}  {repair_in_words(night, one)}"
    for status, words in (("no_help", "no help"), ("undecided", "open")):
        if names := [NAMES[one.kind] for one in mending.repairs if one.status == status]:
            yield f"  {words:7}  {', '.join(names)}"


def holder_in_words(night: Night, swap: Swap, mending: Mending, holder: Holder) -> str:
    """A resource that holds a swap back, with how much there is of it."""
    station, chargers = night.station, night.station.chargers
    if holder == "grid_limit":
        window = next(((one.begin, one.end) for one in mending.repairs if one.begin is not None), (0, None))
        limits = stated_kw(station)[window[0] : window[1]]
        least, most = min(limits), max(limits)
        span = f"{least:g} kW" if least == most else f"{least:g} to {most:g} kW"
        return f"the grid limit of {span}{_between(night, *window)}"
    packs = sum(pack.usable and pack.type == swap.type for pack in station.packs)
    return {
        "chargers": f"the number of chargers ({chargers.count})",
        "charging_power": f"the power of chargers ({chargers.max_kw:g} kW)",
        "acceptance": "what packs take: charging is too slow",
        "packs": f"the number of packs ({packs} of type {swap.type})",
        "arrival": "arrival: what comes back comes too late",
    }[holder]


def _between(night: Night, begin: int | None, end: int | None) -> str:
    slots = night.horizon.slots
    if begin is None or end is None or (begin == 0 and end == slots):
        return ""
    return f" from {clock_at(night, begin)} to {clock_at(night, end)}"


def repair_in_words(night: Night, repair: Repair) -> str:
    """The least of one kind, and whether that less does not do is proven."""
    count, amount = round(repair.amount), repair.amount
    chargers_kw = night.station.chargers.max_kw + amount
    text = {
        "grid_limit": f"{amount:g} kW more grid limit{_between(night, repair.begin, repair.end)}",
        "packs": f"{counted(count, 'more pack')}, charged at the start",
        "chargers": counted(count, "more charger"),
        "charging_power": f"chargers of {chargers_kw:g} kW",
        "delay": f"{_minutes(count)} later",
    }[repair.kind]
    return text if repair.is_least else f"{text} (that less does not do is not proven)"


def _minutes(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60}:{minutes % 60:02} h"


def _worths(worths: Sequence[Worth], currency: str) -> Iterator[str]:
    packs = sum(one.kind == "pack" for one in worths)
    for one in worths:
        what = {
            "pack": f"one more pack{f' of type {one.of}' if packs > 1 else ''}",
            "charger": "one more charger",
            "grid_kw": "one more kW of grid limit",
        }[one.kind]
        if one.amount is None or one.at_least is None or one.at_most is None:
            yield f"{what}: not worked out"
        else:
            yield f"{what}: {one.amount:,.2f} {currency} (proven: {one.at_least:,.2f} to {one.at_most:,.2f})"
