"""The page for whoever pays: a run's money, drivers, proof and load on one screen, and the stations to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import (
    Cell,
    Head,
    banner,
    heading,
    listed,
    money,
    money_cell,
    page,
    paragraph,
    percent,
    section,
    table,
    tiles,
)
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.reports.days.run_nights import RunNights, nights_of
from optimizer.reports.overview.attention import MOST_SHOWN, VERDICT_WORDS, StationToSee, stations_to_see
from optimizer.reports.overview.changes import Changes, changes_part
from optimizer.reports.overview.network_chart import network_load
from optimizer.reports.overview.network_facts import NetworkFacts, network_facts
from optimizer.reports.overview.words import LARGE, whole_money
from optimizer.reports.plan import made_by
from optimizer.reports.savings import saving_tile, savings_part
from optimizer.runs.folder import read_station_rows, read_summary
from optimizer.runs.summary import RunSummary

STATES = {"running": "is still running", "interrupted": "was interrupted", "time_limit": "stopped at its time limit"}

NOBODY = "None: every station has a plan within the gap asked for, loses nobody, and keeps away from its limit."


def overview_report(run: Path, network: str | None = None, changes: Changes | None = None) -> bytes:
    """The page of the run in the folder `run`. `network`: its file; None: the one that it keeps, or that its summary
    names. `changes`: since an earlier run.

    Raises InputErrors where the folder is no run, or a `network` that is named cannot be read.
    """
    summary, rows = read_summary(run), read_station_rows(run)
    nights = nights_of(run, summary, network)
    facts = network_facts(rows, nights)
    moved = () if changes is None or changes.explanation is None else changes.explanation.stations
    stations = stations_to_see(rows, facts, summary.options.gap, moved)
    saved = savings_part(summary.told_savings, summary.currency)
    left = network_load(facts, summary.currency), saved, _service(summary, facts)
    return page(
        f"Overview {summary.name}",
        heading("Network overview", summary.name, _horizon(summary)),
        *_alarms(summary),
        tiles(_tiles(summary, facts, changes)),
        tag("div", tag("div", *left), _to_see(stations, summary), class_="side overview"),
        NOTHING if changes is None else changes_part(changes),
        _stand_on(summary, facts, nights),
        made_by(summary.versions),
    )


def _horizon(summary: RunSummary) -> str:
    horizon = summary.horizon
    try:
        start, end = (datetime.fromisoformat(stamp) for stamp in (horizon.start, horizon.end))
    except ValueError:
        return f"{horizon.start} to {horizon.end} {horizon.time_zone}"
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {horizon.time_zone}, {summary.stations:,} stations"


def _alarms(s: RunSummary) -> Iterator[Markup]:
    """What nobody may overlook."""
    if state := STATES.get(s.status, ""):
        yield paragraph(f"This run {state}: what follows is what it had so far.", "hint")
    lines = []
    if s.failed or s.open:
        lines.append(f"{counted(s.failed + s.open, 'station')} of {s.stations:,} without a plan: in none of the sums")
    if s.must_serve_lost:
        lines.append(f"{counted(s.must_serve_lost, 'driver')} lost who must be served")
    if lines:
        yield banner("Somebody must act", listed(lines))


def _tiles(s: RunSummary, facts: NetworkFacts, changes: Changes | None) -> Iterator[tuple[str, str, str]]:
    yield f"Charging costs, {s.currency}", whole_money(s.gross_cost), "lost drivers counted, base load left out"
    yield _saving(s)
    asked = s.swaps_served + s.swaps_lost
    share = f"{100 * s.swaps_served / asked:.1f} % of {asked:,}" if asked else "nobody was expected"
    yield "Drivers", f"{s.swaps_served:,} served", f"{share}, {s.swaps_lost:,} lost"
    yield "Above the best possible", *_proof(s)
    if facts.horizon is not None:
        most_kw, slot = facts.peak
        at = f"{facts.horizon.local_slot_start(slot):%H:%M}"
        yield "Network's peak", f"{most_kw:,.0f} kW", f"at {at}, base load {facts.base_kw[slot]:,.0f} kW"
        paid = facts.paid_per_kwh
        below = "" if paid is None else f"at {paid:,.4f} {s.currency} on average, losses paid"
        yield "Into packs", f"{facts.charged_kwh:,.0f} kWh", below
    if changes is not None:
        old = changes.comparison.old
        difference = None if old.gross_cost is None else s.gross_cost - old.gross_cost
        yield (
            f"Since {old.horizon_start[:10]}, {s.currency}",
            whole_money(difference, signed=True),
            "what charging costs",
        )


def _saving(s: RunSummary) -> tuple[str, str, str]:
    """The smaller of two savings, and what it is told against."""
    name, figure, words = saving_tile(s.told_savings, s.baseline_objective - s.objective, s.currency)
    amount = s.baseline_objective - s.objective if s.told_savings is None else s.told_savings.headline.amount
    return name, whole_money(amount) if abs(amount) >= LARGE else figure, words


def _proof(s: RunSummary) -> tuple[str, str]:
    """How far the plans can be from the best, and of how many nothing is proven."""
    proven, plans = s.proven, s.planned + s.fallback
    if not proven.stations:
        return "not proven", "nothing is proven of any plan"
    left = max(0.0, proven.objective - proven.bound)
    rest = plans - proven.stations
    words = f"{whole_money(left)} {s.currency} at most"
    return f"≤ {percent(proven.gap)}", words + (f"; of {counted(rest, 'station')} nothing is proven" if rest else "")


def _service(s: RunSummary, facts: NetworkFacts) -> Markup:
    """Why drivers are lost, as far as it was worked out."""
    if not s.swaps_lost:
        return NOTHING
    verdicts = facts.verdicts()
    rows = [[Cell(VERDICT_WORDS[name]), Cell(f"{verdicts[name]:,}", verdicts[name])]
            for name in VERDICT_WORDS if verdicts[name]]  # fmt: skip
    rest = s.swaps_lost - sum(verdicts.values())
    if rest > 0:
        rows.append([Cell("not worked out"), Cell(f"{rest:,}", rest)])
    rows.append([Cell("lost in all"), Cell(f"{s.swaps_lost:,}", s.swaps_lost)])
    heads = [Head("reason"), Head("drivers", True)]
    note = paragraph(f"Losing them costs {money(s.cost.lost_swaps)} {s.currency} of what charging costs.", "note")
    return tag("div", table("Why drivers are lost", heads, rows, strong=("lost in all",)), note, class_="sheet")


def _to_see(stations: Sequence[StationToSee], s: RunSummary) -> Markup:
    if not stations:
        return section("Stations to look at", paragraph(NOBODY))
    heads = [Head("station"), Head("why", is_sentence=True), Head(f"at stake, {s.currency}", True)]
    rows = [
        [Cell(one.name), Cell("; ".join(reason.words for reason in one.reasons)), money_cell(one.stake)]
        for one in stations[:MOST_SHOWN]
    ]
    name = f"Stations to look at: {len(rows)} of {len(stations):,} with a reason"
    return tag("div", table(name, heads, rows), class_="sheet to-see")


def _stand_on(s: RunSummary, facts: NetworkFacts, nights: RunNights) -> Markup:
    """What the figures mean, and what they leave out."""
    lines = [
        "Saving: the smaller of two, against charging on arrival and against the same under a load cap, like with like."
        if s.told_savings is not None
        else "Saving: the difference of the objectives; this run does not tell what it is like with like.",
        "Best possible: a proven bound on the cost of every plan that keeps the rules, for the drivers that the plan"
        " expects.",
        "What charging costs: energy and demand charges above those of the base load alone, wear, lost drivers; the"
        f" objective, {money(s.objective)} {s.currency}, has the base load in it, less the worth of energy"
        " left in packs.",
    ]
    if facts.nights < facts.planned:
        lines.append(
            f"Load, peak and energy: of {facts.nights:,} of {facts.planned:,} planned stations"
            f" ({nights.why or 'the others have changed in the network since'})."
        )
    if (unread := s.planned + s.fallback - facts.planned) > 0:
        lines.append(f"{counted(unread, 'plan file')} cannot be read: in the sums, and not looked into.")
    return tag("div", tag("h3", Markup("What these figures stand on")), listed(lines), class_="sheet stand-on")
