"""The stations of a run: a list to search, to sort and to leave rows out of, and under it the day of the chosen one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.graphics.html_page import (
    Cell,
    Head,
    count_cell,
    money_cell,
    paragraph,
    percent_cell,
    table,
)
from optimizer.graphics.markup import Markup, joined, tag, text
from optimizer.reports.days.concerns import KINDS, Concern, badness, concerns_of, counts_by_kind
from optimizer.reports.days.run_alarms import RunAlarms
from optimizer.reports.days.run_nights import RunNights
from optimizer.reports.days.station_day import Day, day_id
from optimizer.reports.days.station_days import PackedDays, packed_days
from optimizer.reports.station_tables import sheet
from optimizer.runs.station_table import StationRow
from optimizer.runs.summary import RunSummary

MOST_LISTED = 5_000  # rows: a browser sorts them in a moment
CHANGED = "This station has changed in the network since it was planned: it is drawn from its plan alone."
UNREAD = "The plan file of this station cannot be read."
KEYS = (
    ("/", "find a station"),
    ("j k", "next and previous station (in the list: arrows, too)"),
    ("Enter", "its day"),
    ("Esc", "close the day; in the field: show all again"),
)
UNSCRIPTED = (
    "Scripts are off: the list cannot be searched or sorted. A station's name leads to its day below, where it is "
    "unfolded by a click."
)


@dataclass(frozen=True)
class ListedStation:
    """A station in the list: its place among all, from 1, its row, and what there is to look at."""

    number: int
    row: StationRow
    concerns: tuple[Concern, ...]

    @property
    def told(self) -> str:
        """What there is to look at, in words."""
        return ", ".join(one.words for one in self.concerns)


@dataclass(frozen=True)
class StationList:
    """The list with its days, and where in the page each station's day is, by name."""

    content: Markup
    places: Mapping[str, str]


def stations_part(rows: Sequence[StationRow], nights: RunNights, alarms: RunAlarms, summary: RunSummary) -> StationList:
    """List and days of the run's `rows`, in the network's order."""
    of_stations, gap, currency = alarms.of_stations, summary.options.gap, summary.currency
    concerns = [concerns_of(row, gap, of_stations.get(row.name, ())) for row in rows]
    numbered = (ListedStation(number, *one) for number, one in enumerate(zip(rows, concerns, strict=True), 1))
    every = sorted(numbered, key=lambda one: badness(one.row))
    listed = every[:MOST_LISTED]
    days = packed_days((_day(one, nights) for one in listed), currency)
    places = {one.row.name: day_id(one.number) for one in listed if one.number in days.plain | days.packed}
    content = tag(
        "div",
        paragraph(_note(len(rows), len(listed)), "lead"),
        _finder(listed),
        tag("noscript", paragraph(UNSCRIPTED, "note")),
        *_left_out(nights, days, len(listed)),
        sheet(_table(listed, places)),
        tag("div", _steps(), *days.parts, class_="days"),
        class_="stations",
    )
    return StationList(content, places)


def _note(stations: int, listed: int) -> str:
    note = "Stations without a plan first, then those that lose most swaps, then the largest gap in money; of two, an"
    note += " unproven one first. Choose a station to see its day."
    if listed < stations:
        note += f" The list has the first {listed:,}; stations.csv has all {stations:,}."
    return note


def _day(one: ListedStation, nights: RunNights) -> Day:
    if not one.row.file:
        return Day(one.number, one.row, one.told)
    plan = nights.plan(one.row.station)
    if plan is None:
        return Day(one.number, one.row, one.told, note=UNREAD)
    night = nights.night(one.row.station, plan)
    note = CHANGED if night is None and nights.network is not None else ""
    return Day(one.number, one.row, one.told, plan.stations[0], night, note)


def _finder(listed: Sequence[ListedStation]) -> Markup:
    """What the page's script shows and answers: a field to type in, buttons that leave rows out, the keys."""
    field = tag("input", type="search", class_="find-field", autocomplete="off", spellcheck="false")
    counts = counts_by_kind([one.concerns for one in listed])
    buttons = [_only("", "All", len(listed))]
    if counts:
        buttons.append(_only("look", "To look at", sum(bool(one.concerns) for one in listed)))
        buttons += [_only(kind, KINDS[kind], count) for kind, count in counts.items()]
    return tag(
        "div",
        tag("label", text("Find "), field),
        tag("div", *buttons, class_="only", role="group", aria_label="Which stations are listed"),
        tag("p", class_="found note", role="status"),
        _keys(),
        class_="finder",
        hidden="",
    )


def _only(kind: str, words: str, count: int) -> Markup:
    name = text(f"{words} ({count:,})")
    return tag("button", name, type="button", data_only=kind, aria_pressed="false" if kind else "true")


def _keys() -> Markup:
    told = [joined([*(tag("kbd", text(key)) for key in keys.split()), text(f" {words}")]) for keys, words in KEYS]
    return tag("details", tag("summary", text("Keys")), tag("ul", *(tag("li", one) for one in told)), class_="keys")


def _left_out(nights: RunNights, days: PackedDays, listed: int) -> Iterator[Markup]:
    """What the days lack, in words."""
    if nights.why:
        alone = "days are drawn from the plans alone, without prices, limits and ready packs. Name it with --instance."
        yield paragraph(f"{nights.why}: {alone}", "hint")
    if days.packed:
        of = f"the {len(days.plain):,} first stations; those of the others need scripts"
        yield tag("noscript", paragraph(f"Below are the days of {of}, or: swapcharge report RUN --station ID", "note"))
    left = listed - len(days.plain) - len(days.packed)
    if left > 0:
        words = f"The days of the last {left:,} stations have no room in this file: report RUN --station ID draws one."
        yield paragraph(words, "note")


def _table(listed: Sequence[ListedStation], places: Mapping[str, str]) -> Markup:
    names = ("gap in money", "gap", "charging", "objective", "on arrival", "saving", "CPU s")
    heads = [Head("station"), Head("to look at"), Head("lost", True), Head("served", True), Head("status")]
    heads += [Head(name, True) for name in names]
    rows = [_cells(rank, one, places.get(one.row.name, "")) for rank, one in enumerate(listed)]
    kinds = [
        " ".join(dict.fromkeys(["look", *(c.kind for c in one.concerns)] if one.concerns else [])) for one in listed
    ]
    return table("Stations", heads, rows, sortable=True, counted=True, most=MOST_LISTED, kinds=kinds)


def _cells(rank: int, one: ListedStation, place: str) -> list[Cell]:
    row = one.row
    return [
        Cell(row.name, link=place),
        Cell(one.told, rank),
        count_cell(row.swaps_lost),
        count_cell(row.swaps_served),
        Cell(row.status.replace("_", " ")),
        money_cell(row.gap_money),
        percent_cell(row.gap),
        money_cell(row.gross_cost),
        money_cell(row.objective),
        money_cell(row.baseline_objective),
        money_cell(row.saving),
        Cell("" if row.cpu_seconds is None else f"{row.cpu_seconds:,.2f}", row.cpu_seconds),
    ]


def _steps() -> Markup:
    """Buttons of the day that is shown, for those who have no keys."""
    names = (("previous", "‹ Previous"), ("next", "Next ›"), ("close", "Close"))
    buttons = [tag("button", text(words), type="button", data_step=step) for step, words in names]
    return tag("div", *buttons, class_="steps", hidden="")
