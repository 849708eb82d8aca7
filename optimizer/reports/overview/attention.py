"""The stations that somebody should look at first, and why each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.horizon import Horizon
from models.station.lost_reason import LostVerdict
from models.tolerances import GAP_RELATIVE
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import money, percent
from optimizer.history.why.explained import ExplainedStation
from optimizer.reports.overview.network_facts import NetworkFacts, StationFacts
from optimizer.reports.overview.words import signed_words
from optimizer.runs.station_table import StationRow

MOST_SHOWN = 10
NEAR_LIMIT = 0.95  # of a grid limit: what is drawn beyond is near it
VERDICT_WORDS: Mapping[LostVerdict, str] = {
    "impossible": "no plan can serve",
    "costs_another": "only in another driver's place",
    "cheaper": "cheaper to lose",
    "not_best": "another plan would serve, at no more cost",
    "undecided": "not decided",
}
NOTHING_KNOWN = StationFacts()


@dataclass(frozen=True)
class Attention:
    """A reason to look at a station. `rank`: how bad, 0 the worst; `stake`: currency at stake, None: not in money."""

    rank: int
    words: str
    stake: float | None = None


@dataclass(frozen=True)
class StationToSee:
    """A station with all reasons to look at it, the worst first."""

    name: str
    reasons: tuple[Attention, ...]

    @property
    def stake(self) -> float | None:
        """The most money that any of the reasons has at stake."""
        return max((one.stake for one in self.reasons if one.stake is not None), default=None)


def stations_to_see(
    rows: Sequence[StationRow], facts: NetworkFacts, asked_gap: float, moved: Sequence[ExplainedStation] = ()
) -> list[StationToSee]:
    """Every station with a reason, the worst first. `moved`: of those that changed most, why."""
    by_name = {one.station: one for one in moved}
    found = []
    for row in rows:
        known = facts.by_station.get(row.station, NOTHING_KNOWN)
        reasons = tuple(_reasons(row, known, facts.horizon, asked_gap, by_name))
        if reasons:
            found.append(StationToSee(row.name, reasons))
    return sorted(found, key=lambda one: (one.reasons[0].rank, -(one.reasons[0].stake or 0.0), one.name))


def _reasons(
    row: StationRow,
    facts: StationFacts,
    horizon: Horizon | None,
    asked_gap: float,
    moved: Mapping[str, ExplainedStation],
) -> Iterator[Attention]:
    if row.objective is None:
        yield Attention(0, "not planned yet" if row.status == "open" else f"no plan: {_first(row.reason)}")
        return
    if facts.must_serve_lost:
        yield Attention(1, f"{counted(facts.must_serve_lost, 'driver')} lost who must be served", facts.lost_cost)
    if row.swaps_lost:
        yield Attention(2, _lost_words(row.swaps_lost, facts), facts.lost_cost)
    if row.status == "fallback":
        yield Attention(3, f"a baseline only: {_first(row.reason)}")
    elif row.bound is None:
        yield Attention(4, "nothing is proven")
    elif row.gap is not None and row.gap > asked_gap + GAP_RELATIVE:
        yield Attention(4, f"may cost up to {money(row.gap_money)} too much (gap {percent(row.gap)})", row.gap_money)
    if row.station in moved:
        yield _moved(moved[row.station])
    if facts.limit_share is not None and facts.limit_share >= NEAR_LIMIT and horizon is not None:
        when = f"{horizon.local_slot_start(facts.limit_slot):%H:%M}"
        yield Attention(6, f"draws {100 * facts.limit_share:.0f} % of its grid limit at {when}")


def _lost_words(lost: int, facts: StationFacts) -> str:
    """How many are lost, and why those of whom it was worked out."""
    counts = {name: facts.lost_verdicts.count(name) for name in VERDICT_WORDS}
    told = [(count, VERDICT_WORDS[name]) for name, count in counts.items() if count]
    head = f"{counted(lost, 'driver')} lost"
    if len(told) == 1 and told[0][0] == lost:
        return f"{head}: {facts.lost_words[0] if lost == 1 else told[0][1]}"
    rest = lost - sum(count for count, _ in told)
    words = [f"{count} {reason}" for count, reason in told] + ([f"{rest} not worked out"] if told and rest > 0 else [])
    return f"{head}: {', '.join(words)}" if words else head


def _moved(station: ExplainedStation) -> Attention:
    more = "more" if station.difference > 0 else "less"
    words = f"costs {money(abs(station.difference))} {more} than before"
    if station.parts:
        largest = station.parts[0]
        words += f", of it {largest.words.partition(' (')[0]} {signed_words(largest.amount)}"
    return Attention(5, words, abs(station.difference))


def _first(reason: str) -> str:
    return (reason.splitlines() or [""])[0]
