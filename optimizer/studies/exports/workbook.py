"""A study as an Excel workbook: the ranking, what all columns mean, the study itself, then the other tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import date, time
from typing import get_type_hints

from optimizer.files.workbook import SheetColumn, Value, WorkbookSheet, workbook_bytes
from optimizer.studies.answers.curves import curve_rows
from optimizer.studies.exports.columns import (
    KW,
    KWH,
    MEANINGS,
    MONEY,
    PRICE,
    SHARE,
    SWAPS,
    ColumnMeaning,
    column_meanings,
)
from optimizer.studies.folder import StudyResults
from optimizer.studies.summary import StudySummary, days_in_words, study_warnings
from optimizer.studies.tables import (
    BillRow,
    CurveRow,
    NightRow,
    PeriodRow,
    ProfileRow,
    RankedTariff,
    StationTariff,
    columns_of,
    table_name,
)

FORMATS = {MONEY: "#,##0.00", PRICE: "0.0000", KW: "#,##0.0", KWH: "#,##0", SWAPS: "#,##0", SHARE: "0.00%"}
QUANTITY, RATE, WHOLE, DAY = "#,##0.00", "0.00####", "0", "yyyy-mm-dd"
NUMBER_WIDTH, DAY_WIDTH = 11, 10
STATES = {
    "done": "done",
    "running": "still runs, or was killed: the tables are of what was planned so far",
    "interrupted": "was interrupted: the tables are of what was planned so far",
}


def study_workbook(results: StudyResults) -> bytes:
    """The workbook's bytes: the same study gives the same. Money is in the study's currency, named by `columns`."""
    summary, tables = results.summary, results.tables
    sheets = [
        _table(RankedTariff, summary.ranking),
        _columns(summary.currency),
        _about(summary),
        _table(StationTariff, tables.stations),
        _table(CurveRow, list(curve_rows(summary.curves))),
        _table(BillRow, tables.bills),
        _table(NightRow, tables.nights),
        _table(PeriodRow, tables.periods),
        _table(ProfileRow, tables.profiles),
    ]
    return workbook_bytes(f"Study {summary.name}", sheets)


def _table(kind: type, rows: Sequence[object]) -> WorkbookSheet:
    names = columns_of(kind)
    values = ([_value(getattr(row, name)) for name in names] for row in rows)
    return WorkbookSheet(table_name(kind), [_column(kind, name) for name in names], values)


def _value(value: object) -> Value:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    assert value is None or isinstance(value, str | int | float | date)
    return value


def _column(kind: type, name: str) -> SheetColumn:
    type_, (unit, _) = get_type_hints(kind)[name], MEANINGS[kind][name]
    if type_ is date:
        return SheetColumn(name, DAY, DAY_WIDTH)
    if type_ in (str, time):
        return SheetColumn(name)
    own = {"rank": WHOLE, "curve": WHOLE, "quantity": QUANTITY, "rate": RATE, "value": RATE, "saves_each": QUANTITY}
    return SheetColumn(name, own.get(name) or FORMATS[unit], NUMBER_WIDTH)


def _columns(currency: str) -> WorkbookSheet:
    rows = (astuple(one) for kind in MEANINGS for one in column_meanings(kind, currency))
    return WorkbookSheet("columns", [SheetColumn(name) for name in ColumnMeaning.__slots__], rows)


def _about(summary: StudySummary) -> WorkbookSheet:
    """What was asked and answered, and what went wrong: figures go nowhere without it."""
    rows = [*_question(summary), *_answer(summary), *_versions(summary)]
    return WorkbookSheet("study", [SheetColumn("what"), SheetColumn("value")], rows)


def _question(s: StudySummary) -> Iterator[tuple[str, Value]]:
    yield "study", s.name
    yield "state", STATES[s.status]
    yield "currency", s.currency
    yield "time zone", s.time_zone
    yield "first night", s.first_night.isoformat()
    yield "nights", s.nights
    for what, names in (
        ("station", s.stations),
        ("tariff", s.tariffs),
        ("variant", [one.id for one in s.variants]),
    ):
        yield from ((what, name) for name in names)
    if words := days_in_words(s):
        yield "days", words
    yield "gap asked for", f"{100 * s.options.gap:g} % a night"
    yield "time limit", f"{s.options.seconds:g} s a night"
    yield "seed", s.options.seed


def _answer(s: StudySummary) -> Iterator[tuple[str, Value]]:
    yield from (("answer", sentence) for sentence in s.answers)
    nights = s.station_nights
    if nights.done < nights.all:
        yield "caution", f"{nights.done:,} of {nights.all:,} nights of a station were planned"
    yield from (("caution", line.strip()) for line in study_warnings(s) if line)


def _versions(s: StudySummary) -> Iterator[tuple[str, Value]]:
    yield from ((f"version of {name}", version) for name, version in s.versions.items())
