"""Power limits of bays in steps of a tenth of a unit, second by second: what tables and profiles say alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

STEPS_PER_UNIT = 10  # OCPP takes one decimal
WATTS_PER_KW = 1000
SECONDS_PER_MINUTE, SECONDS_PER_HOUR = 60, 3600


@dataclass(frozen=True)
class LimitUnit:
    """What limits are counted in: W, or A of each phase at `volts` between phase and neutral. `side`: where they hold,
    at the charger's grid side or at the pack."""

    name: Literal["W", "A"] = "W"
    side: Literal["grid", "pack"] = "grid"
    phases: int = 3
    volts: float = 230.0

    @property
    def step_kw(self) -> float:
        """kW of one step, on the side on which limits hold."""
        watts = 1.0 if self.name == "W" else self.volts * self.phases
        return watts / STEPS_PER_UNIT / WATTS_PER_KW

    def into_pack_kw(self, efficiency: float) -> float:
        """kW into a pack of one step. `efficiency`: grid to pack."""
        return self.step_kw * (efficiency if self.side == "grid" else 1.0)


class Period(NamedTuple):
    """A limit of so many steps from second `begin` of the night until second `end`."""

    begin: int
    end: int
    steps: int


SlotLimits = tuple[tuple[int, int], ...]  # (seconds, steps), one after another: a whole slot
BayLimits = Mapping[int, Sequence[SlotLimits]]  # by the number of the bay, one value a slot


def mean_steps(limits: SlotLimits) -> float:
    """The average of a slot."""
    return sum(seconds * steps for seconds, steps in limits) / sum(seconds for seconds, _ in limits)


def most_steps(limits: SlotLimits) -> int:
    """The highest limit of a slot."""
    return max(steps for _, steps in limits)


def periods_of(limits: Iterable[SlotLimits]) -> tuple[Period, ...]:
    """The night of a bay without gaps, each period with another limit than the one before."""
    found: list[Period] = []
    at = 0
    pieces = (piece for slot in limits for piece in slot if piece[0])
    for steps, same in groupby(pieces, key=lambda piece: piece[1]):
        begin, at = at, at + sum(seconds for seconds, _ in same)
        found.append(Period(begin, at, steps))
    return tuple(found)


def limits_of(periods: Sequence[Period], slots: int, slot_seconds: int) -> tuple[SlotLimits, ...]:
    """The same slot by slot; where no period is, the limit is 0. `periods`: in order of time, none over another."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(slots)]
    at = 0
    for begin, end, steps in (*periods, Period(slots * slot_seconds, slots * slot_seconds, 0)):
        _lay(found, slot_seconds, at, begin, 0)
        _lay(found, slot_seconds, max(at, begin), end, steps)
        at = max(at, end)
    return tuple(map(tuple, found))


def _lay(found: list[list[tuple[int, int]]], slot_seconds: int, begin: int, end: int, steps: int) -> None:
    at, last = begin, min(end, len(found) * slot_seconds)
    while at < last:
        until = min(last, (at // slot_seconds + 1) * slot_seconds)
        found[at // slot_seconds].append((until - at, steps))
        at = until
