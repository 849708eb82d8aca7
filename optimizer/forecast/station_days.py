"""A station's history by day: drivers by pack type, local day and quarter-hour, and which days say nothing.

Loads pandas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import Problem
from optimizer.forecast.history import SwapRow

SLOTS = 96
"""Quarter-hours of a day of 24 hours, by the local clock."""
LEAST_DAYS = 7
LEAST_USED = 5
LONGEST_GAP = 28
"""Days without a swap beyond which one end of the history is more likely a slip of the pen than a station's."""
UNLIKELY = 0.001  # chance below which a stretch without drivers is none of chance
TWICE = 2
FAR_OFF = 4.0  # standard deviations at which a day's number is unlike that of the others
USUAL_DAY_SD = 0.15
USUAL_DAYS = 10  # that what is usual counts for
MAD_TO_SD = 1.4826  # of a normal variable

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StationDays:
    """Days that are learnt from. `counts`: shape (types, days, SLOTS). `left_out`: other days and why, in words.

    `returned_soc`: what came back, by type, in order of time. `closed`: weekdays (Monday: 0) on which nobody
    ever comes.
    """

    station: str
    types: tuple[str | None, ...]
    dates: tuple[date, ...]
    counts: Reals
    returned_soc: tuple[tuple[float, ...], ...]
    left_out: tuple[tuple[date, str], ...]
    closed: frozenset[int] = frozenset()

    @property
    def totals(self) -> Reals:
        """Drivers by type and day, shape (types, days)."""
        return np.asarray(self.counts.sum(axis=2))


CUT_HISTORY = "cut the history with --until or --history-days"


def gap_problems(rows: Sequence[SwapRow], zone: ZoneInfo) -> Iterator[Problem]:
    """Weeks without a swap of anybody: a stamp of another year, say. `rows` in order of time."""
    for before, after in pairwise(rows):
        days = (after.at.astimezone(zone).date() - before.at.astimezone(zone).date()).days
        if days > LONGEST_GAP:
            place, value = f"line {after.line}, time", after.at.astimezone(zone).isoformat()
            rule = f"lies {days} days after the swap before it (line {before.line})"
            yield Problem(place, value, rule, f"correct the stamp, or {CUT_HISTORY}")


def station_days(station: str, rows: Sequence[SwapRow], zone: ZoneInfo, holidays: Collection[date]) -> StationDays:
    """The days of a station's rows, of which there is at least one."""
    table = pd.DataFrame({"at": [row.at for row in rows], "type": [row.type or "" for row in rows]})
    local = pd.to_datetime(table["at"], utc=True).dt.tz_convert(zone)
    table["day"], table["slot"] = local.dt.date, local.dt.hour * 4 + local.dt.minute // 15
    first, end = table["day"].min(), table["day"].max()
    days = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    types = sorted(table["type"].unique())
    found = table.groupby(["type", "day", "slot"]).size()
    full = pd.MultiIndex.from_product([types, days, range(SLOTS)])
    counts = found.reindex(full, fill_value=0).to_numpy(float).reshape(len(types), len(days), SLOTS)
    totals = counts.sum(axis=(0, 2))
    closed = _closed(days, totals)
    left_out = dict(_no_days(days, counts.sum(axis=0), closed))
    left_out |= dict(_unlike(days, totals, set(left_out) | set(holidays)))
    used = [index for index, day in enumerate(days) if day not in left_out]
    socs = [
        tuple(row.returned_soc for row in rows if (row.type or "") == name and row.returned_soc is not None)
        for name in types
    ]
    return StationDays(
        station, tuple(name or None for name in types), tuple(days[index] for index in used), counts[:, used],
        tuple(socs), tuple(sorted(left_out.items())), closed,
    )  # fmt: skip


def _closed(days: Sequence[date], totals: Reals) -> frozenset[int]:
    """Weekdays without a driver, twice and each time, where that is not chance."""
    unlikely = np.exp(-float(np.median(totals[totals > 0]))) < UNLIKELY
    by_weekday = {day.weekday(): [t for d, t in zip(days, totals, strict=True) if d.weekday() == day.weekday()]
                  for day in days}  # fmt: skip
    return frozenset(day for day, own in by_weekday.items() if unlikely and len(own) >= TWICE and not any(own))


def _no_days(days: Sequence[date], counts: Reals, closed: Collection[int]) -> Iterator[tuple[date, str]]:
    """Days without a driver where that is not chance, and a first and last day that are not whole."""
    totals = counts.sum(axis=1)
    usual = float(np.median(totals[totals > 0]))
    for day, total in zip(days, totals, strict=True):
        if total == 0 and np.exp(-usual) < UNLIKELY:
            why = f"closed, as on every {day:%A}" if day.weekday() in closed else "closed, or missing in the log"
            yield day, f"no swap at all: {why}"
    if len(days) < LEAST_USED:
        return
    whole = counts[1:-1][totals[1:-1] > 0]
    inner = whole.mean(axis=0) if len(whole) else np.zeros(SLOTS)
    began, ended = int(np.flatnonzero(counts[0])[0]), int(np.flatnonzero(counts[-1])[-1])
    if np.exp(-inner[:began].sum()) < UNLIKELY:
        yield days[0], f"the log begins at {began // 4:02d}:{began % 4 * 15:02d}: not a whole day"
    if np.exp(-inner[ended + 1 :].sum()) < UNLIKELY:
        yield days[-1], f"the log ends at {ended // 4:02d}:{ended % 4 * 15:02d}: not a whole day"


def _unlike(days: Sequence[date], totals: Reals, told: Collection[date]) -> Iterator[tuple[date, str]]:
    """Days with far more or far fewer drivers than others of their kind, unless they are holidays anyway."""
    for weekend in (False, True):
        own = [i for i, day in enumerate(days) if day not in told and (day.weekday() >= 5) == weekend]
        peers = own if len(own) >= LEAST_USED else [i for i, day in enumerate(days) if day not in told]
        if len(peers) < LEAST_USED:
            continue
        usual = float(np.median(totals[peers]))
        sd = _sd(totals[peers], usual)
        for i in own:
            if abs(totals[i] - usual) > FAR_OFF * sd:
                words = f"{totals[i]:.0f} swaps where {usual:.0f} are usual: a holiday? Name it in --holidays"
                yield days[i], words


def _sd(totals: Reals, usual: float) -> float:
    """Of days around their median: what is usual, or where they say so, more, the clearer the more they are."""
    known = usual + (USUAL_DAY_SD * usual) ** 2
    seen = (MAD_TO_SD * float(np.median(abs(totals - usual)))) ** 2
    mixed = (len(totals) * seen + USUAL_DAYS * known) / (len(totals) + USUAL_DAYS)
    return float(np.sqrt(max(known, mixed)))
