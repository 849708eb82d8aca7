"""What of a station somebody should look at: no plan, a baseline only, drivers lost, a gap above the one asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.tolerances import GAP_RELATIVE
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import percent
from optimizer.runs.station_table import StationRow

KINDS = {
    "alarm": "Alarm",
    "failed": "No plan",
    "fallback": "Baseline only",
    "lost": "Swaps lost",
    "gap": "Gap not reached",
}
"""In the order of how bad they are, with their names on the page."""


@dataclass(frozen=True)
class Concern:
    """One thing to look at: its kind of KINDS, and what it is in words."""

    kind: str
    words: str


def concerns_of(row: StationRow, asked_gap: float, alarms: Sequence[str] = ()) -> tuple[Concern, ...]:
    """All there is to look at, the worst first; `asked_gap` is the run's, as a share of what charging costs.

    `alarms`: the conditions that are alarms and in which the station has a part.
    """
    return (*(Concern("alarm", f"alarm {condition}") for condition in alarms), *_concerns(row, asked_gap))


def _concerns(row: StationRow, asked_gap: float) -> Iterator[Concern]:
    if row.objective is None:
        yield Concern("failed", "not planned yet" if row.status == "open" else "no plan")
        return
    if row.status == "fallback":
        yield Concern("fallback", "a baseline only")
    if row.swaps_lost:
        yield Concern("lost", f"{counted(row.swaps_lost, 'swap')} lost")
    if row.bound is None:
        yield Concern("gap", "nothing is proven")
    elif row.gap is not None and row.gap > asked_gap + GAP_RELATIVE:
        yield Concern("gap", f"gap {percent(row.gap)}")


def badness(row: StationRow) -> tuple[bool, int, float]:
    """What stations are sorted by: without a plan, then those that lose most swaps, then the largest gap in money."""
    gap_money = float("inf") if row.gap_money is None else row.gap_money
    return row.objective is not None, -(row.swaps_lost or 0), -gap_money


def counts_by_kind(concerns: Sequence[Sequence[Concern]]) -> dict[str, int]:
    """How many stations have each kind of concern, those that none has left out."""
    counts = {kind: sum(any(one.kind == kind for one in of) for of in concerns) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}
