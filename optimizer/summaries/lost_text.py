"""Lost swaps and their reasons in words, for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Iterable

from models.station.instance import Night, Swap
from models.station.lost_reason import LostReason, LostVerdict
from optimizer.files.plain_text import some_of

PROVEN: dict[LostVerdict, str] = {
    "impossible": "impossible: ",
    "costs_another": "only at another driver's cost: ",
    "cheaper": "cheaper to lose: ",
    "not_best": "it need not be: ",
    "undecided": "",
}


def clock_at(night: Night, slot: int) -> str:
    """The local clock at a slot's start, and the day too where the night has more than one date."""
    horizon = night.horizon
    at, last = horizon.local_slot_start(slot), horizon.local_slot_start(horizon.slots - 1)
    return f"{at:%H:%M}" if last.date() == horizon.local_slot_start(0).date() else f"{at:%m-%d %H:%M}"


def named_at(night: Night, swap: Swap) -> str:
    """A swap and when its driver comes: "driver-7 at 08:15"."""
    return f"{swap.id} at {clock_at(night, swap.slot)}"


def names_at(night: Night, ids: Iterable[str]) -> str:
    """Swaps with their times, the first of them by name."""
    swaps = {swap.id: swap for swap in night.station.swaps}
    return some_of([named_at(night, swaps[name]) for name in ids])


def sentence_of(reason: LostReason) -> str:
    """The verdict, and why."""
    doubt = "as far as is known, " if reason.verdict == "cheaper" and not reason.is_proven else ""
    return doubt + PROVEN[reason.verdict] + reason.words


def words_of(reason: LostReason) -> str:
    """The whole of it on one line."""
    return sentence_of(reason) + (f"; {reason.price_words}" if reason.price_words else "")
