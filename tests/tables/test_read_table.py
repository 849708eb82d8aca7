"""Rows of named columns: names in any case, other names, empty cells, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.tables.read_table import NUMBER, STAMP, Column, ReadTable, read_table
from optimizer.tables.reading import Reading

WANTED = (
    Column("time", STAMP, also=("timestamp", "zeit")),
    Column("station", also=("site",)),
    Column("soc", NUMBER, needed=False),
)


def read(text: str, **how: Any) -> ReadTable:
    return read_table(text.encode(), "f", WANTED, Reading(**how))


def refusal(text: str, **how: Any) -> str:
    with pytest.raises(InvalidData) as caught:
        read(text, **how)
    return str(InputErrors("f", caught.value.problems))


def test_columns_by_their_names_or_other_names() -> None:
    found = read("Site;Zeit;other\nS1;15.01.2025 19:00;x\nS2;16.01.2025 07:00;y\n", zone=ZoneInfo("Europe/Vienna"))
    assert found.columns == ("time", "station")
    assert [(row.line, row.cells["time"], row.cells["station"]) for row in found.rows] == [
        (2, datetime(2025, 1, 15, 18, tzinfo=UTC), "S1"),
        (3, datetime(2025, 1, 16, 6, tzinfo=UTC), "S2"),
    ]
    assert found.notes == ("dates begin with the day", "stamps without an offset are on the clock of Europe/Vienna")


def test_numbers_and_empty_cells() -> None:
    rows = read("time,station,soc\n2025-01-15T18:00Z,S1,\n2025-01-15T19:00Z,,0.25\n").rows
    assert [(row.cells["station"], row.cells["soc"]) for row in rows] == [("S1", None), ("", 0.25)]


def test_rows_by_what_a_column_says() -> None:
    text = "time,station,kind\n2025-01-15T18:00Z,S1,swap\n2025-01-15T19:00Z,S1,service\n"
    assert [row.line for row in read(text, where=(("kind", "swap"),)).rows] == [2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,stat\n2025-01-15T18:00Z,S1\n", "column: \"station\": is not a column of f; did you mean 'stat'?"),
        ("2025-01-15T18:00Z,S1\n2025-01-15T19:00Z,S1\n",
         "has no line with the names of its columns; begin it with a line such as time,station"),
        ("zeit,timestamp,station\n2025-01-15T18:00Z,2025-01-15T18:00Z,S1\n",
         'column: "time": may be several columns of f: zeit, timestamp; give one of them this name'),
        ("time,station,soc\n2025-01-15T18:00Z,S1,low\n",
         'line 2, soc: "low": must be a finite number; write digits with a decimal point'),
        ("time,station\n2025-01-15T18:00Z,S1\n,S2\n2025-01-15T18:00Z,S1\n",
         'line 3, time: "": must be a date and a time of day, YYYY-MM-DDTHH:MM with an offset; '
         "write it like 2025-01-15T18:00+01:00"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str) -> None:
    assert refusal(text) == f"f: {message}"


@pytest.mark.parametrize("names", ["Date;Time;Station", "Time;Clock;Station", "Date;time;station"])
def test_a_date_and_a_time_of_day_in_two_columns(names: str) -> None:
    found = read(f"{names}\n15.01.2025;19:00;S1\n16.01.2025;07:00:30;S2\n", zone=ZoneInfo("Europe/Vienna"))
    assert [row.cells["time"] for row in found.rows] == [
        datetime(2025, 1, 15, 18, tzinfo=UTC),
        datetime(2025, 1, 16, 6, 0, 30, tzinfo=UTC),
    ]


def test_a_time_that_spring_leaves_out_is_told() -> None:
    found = read("time,station\n2025-03-30 02:30,S1\n", zone=ZoneInfo("Europe/Vienna"))
    assert found.rows[0].cells["time"] == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert found.notes[-1] == "the clock leaves out 2025-03-30 02:30 in spring: read as the hour after"
