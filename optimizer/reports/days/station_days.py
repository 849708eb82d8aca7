"""Every station's day in one page of bounded size.

The worst stations' days stand in the page as they are, so that they can be read without scripts. All others are packed
(zlib, base64): the page's script unpacks the one that is asked for, as the same markup. What finds no room even so is
left out, and the page says so.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from optimizer.graphics.markup import Markup, tag
from optimizer.reports.days.station_day import Day, day_part

PLAIN_BYTES = 3_000_000  # of days that stand in the page as they are
PACKED_BYTES = 15_000_000  # of the others, packed: with the list, a page has less than 25 MB
CHUNK_BYTES = 400_000  # unpacked at once: what a browser reads in no time
LEVEL = 9  # of zlib: half of the time goes into making the days anyway


@dataclass
class PackedDays:
    """Days on their way into a page, the worst first."""

    currency: str
    parts: list[Markup] = field(default_factory=list)
    plain: set[int] = field(default_factory=set)
    packed: set[int] = field(default_factory=set)
    plain_bytes: int = 0
    packed_bytes: int = 0
    _chunk: list[tuple[int, Markup]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Is there no room for another day?"""
        return self.packed_bytes >= PACKED_BYTES

    def add(self, day: Day) -> None:
        """Put in one more."""
        part = day_part(day, self.currency)
        if self.plain_bytes < PLAIN_BYTES:
            self.parts.append(part)
            self.plain.add(day.number)
            self.plain_bytes += len(part)
            return
        self._chunk.append((day.number, part))
        if sum(len(part) for _, part in self._chunk) >= CHUNK_BYTES:
            self._pack()

    def _pack(self) -> None:
        if not self._chunk:
            return
        numbers, parts = zip(*self._chunk, strict=True)
        data = base64.b64encode(zlib.compress("".join(parts).encode(), LEVEL)).decode()
        self.parts.append(tag("div", Markup(data), hidden="", class_="packed", data_days=" ".join(map(str, numbers))))
        self.packed.update(numbers)
        self.packed_bytes += len(data)
        self._chunk.clear()


def packed_days(days: Iterable[Day], currency: str) -> PackedDays:
    """As many of the days as there is room for, in their order; days are made one by one."""
    packed = PackedDays(currency)
    for day in days:
        packed.add(day)
        if packed.is_full:
            break
    packed._pack()
    return packed
