"""Drivers of many nights in a CSV file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import builders as make
import pytest

from models.station.instance import Swap
from optimizer.files.errors import InputErrors
from optimizer.formats.study_document import SwapDefaultsDocument
from optimizer.studies.swap_log import SwapLog, parse_swaps

KINDS = {"A": make.pack_type(), "B": make.pack_type(id="B")}
HEADER = "time,station,type,returned_soc,lost_cost,swap_soc"
ROW = "2026-01-30T10:05+01:00,S1,A,0.1,100,"


def parsed(
    *lines: str, stations: tuple[str, ...] = ("S1", "S2"), others: tuple[str, ...] = (), **defaults: Any
) -> SwapLog:
    data = "\n".join(lines).encode()
    return parse_swaps(data, "s.csv", stations, KINDS, SwapDefaultsDocument(**defaults), others=others)


def refused(*lines: str, **how: Any) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        parsed(*lines, **how)
    return str(caught.value).splitlines()


def test_rows_by_station_in_order_of_time() -> None:
    log = parsed(HEADER, "2026-01-30T12:00Z,S1,B,,50,0.7", "2026-01-30T11:00Z,S2,A,0.2,60,", ROW)
    assert log.by_station == {
        "S1": [
            (datetime(2026, 1, 30, 9, 5, tzinfo=UTC), Swap("line-4", 0, "A", 0.1, 100)),
            (datetime(2026, 1, 30, 12, tzinfo=UTC), Swap("line-2", 0, "B", None, 50, 0.7)),
        ],
        "S2": [(datetime(2026, 1, 30, 11, tzinfo=UTC), Swap("line-3", 0, "A", 0.2, 60))],
    }
    assert log.description == (
        "first 2026-01-30T10:05:00+01:00, last 2026-01-30T12:00:00+00:00: 3 swaps; "
        "columns read: time, station, type, returned_soc, lost_cost, swap_soc"
    )


@pytest.mark.parametrize("name", ["Returned SoC (%)", "returned_soc [%]", "returned soc percent", "returned_soc_pct"])
def test_states_of_charge_in_per_cent(name: str) -> None:
    log = parsed(f"Time,Station,{name},swap_soc", "2026-01-30T10:05Z,S1,25.4,0.7", type="A", lost_cost=60)
    ((_, swap),) = log.by_station["S1"]
    assert (swap.returned_soc, swap.swap_soc) == (0.254, 0.7)
    assert log.description.endswith(f"; {name}: in per cent")


def test_defaults_stand_in_for_columns_and_for_empty_cells() -> None:
    given = {"type": "A", "returned_soc": 0.3, "lost_cost": 70.0}
    (row,) = parsed("other,time", "x,2026-01-30T10:00Z", stations=("S1",), **given).by_station["S1"]
    assert row[1] == Swap("line-2", 0, "A", 0.3, 70)
    (row,) = parsed(HEADER, "2026-01-30T10:00Z,S1,,,,", **given).by_station["S1"]
    assert row[1] == Swap("line-2", 0, "A", 0.3, 70)
    (row,) = parsed(HEADER, "2026-01-30T10:00Z,S1,,,,", **given | {"returned_soc": None}).by_station["S1"]
    assert row[1] == Swap("line-2", 0, "A", None, 70)  # without a default an empty one says that nothing comes back


def test_only_a_file_of_one_station_may_leave_the_station_out() -> None:
    lines = ("time,type,returned_soc,lost_cost", "2026-01-30T10:00Z,A,0.1,100")
    assert len(parsed(*lines, stations=("S1",)).by_station["S1"]) == 1
    assert refused(*lines) == [
        's.csv: column: "station": is not a column of s.csv; its columns: time, type, returned_soc, lost_cost'
    ]


def test_rows_of_stations_that_are_not_studied_are_passed_over_and_counted() -> None:
    lines = (HEADER, ROW, ROW.replace("S1", "S2"), ROW.replace("S1", "S2"))
    log = parsed(*lines, stations=("S1",), others=("S2",))
    assert {name: len(rows) for name, rows in log.by_station.items()} == {"S1": 1}
    assert "1 swaps; 2 of stations that are not studied are passed over; columns read: " in log.description
    wrong = (HEADER, ROW.replace("S1", "Depot"))
    assert refused(*wrong, stations=("Depot 1",), others=("S2",)) == [
        "s.csv: line 2, station: \"Depot\": is no station of the instance; did you mean 'Depot 1'?"
    ]
    assert refused(HEADER, ROW.replace("S1", "S2"), stations=("S1",), others=("S2",)) == [
        's.csv: station: "S1": has no row of the stations that are studied; correct them, or take another file'
    ]
    without = ("time,type,returned_soc,lost_cost", "2026-01-30T10:00Z,A,0.1,100")
    assert "is not a column of s.csv" in refused(*without, stations=("S1",), others=("S2",))[0]


CASES = {
    "no column": (
        ("time,station,typ,returned_soc,lost_cost", "2026-01-30T10:00Z,S1,A,0.1,100"),
        's.csv: column: "type": is not a column of s.csv; did you mean \'typ\'?',
    ),
    "column twice": (
        (f"{HEADER},type", f"{ROW},A"),
        's.csv: column: "type": names several columns of s.csv; give every column its own name',
    ),
    "semicolons": (
        (HEADER.replace(",", ";"), ROW),
        f's.csv: line 2: "{ROW}": has too few cells for its columns; complete the line',
    ),
    "no rows": ((HEADER,), "s.csv: has no rows; add a row for each swap"),
    "short": (
        (HEADER, "2026-01-30T10:00Z,S1"),
        's.csv: line 2: "2026-01-30T10:00Z,S1": has too few cells for its columns; complete the line',
    ),
    "unknown station": (
        (HEADER, ROW.replace("S1", "S3")),
        's.csv: line 2, station: "S3": is no station of the instance; its stations: S1, S2',
    ),
    "no offset": (
        (HEADER, ROW.replace("+01:00", "")),
        's.csv: line 2, time: "2026-01-30T10:05": must say its offset from UTC; '
        "write 2026-01-30T10:05Z for UTC, or end it with an offset such as +01:00",
    ),
    "no number": (
        (HEADER, ROW.replace("0.1", "low")),
        's.csv: line 2, returned_soc: "low": must be a finite number; write digits with a decimal point',
    ),
    "percent": (
        (HEADER, ROW.replace("0.1", "10")),
        "s.csv: line 2, returned_soc: 10: must be between 0 and 1; "
        "a state of charge is a share of the capacity: write 0.1 for 10 %",
    ),
    "no type": (
        (HEADER, ROW.replace(",A,", ",,")),
        's.csv: line 2, type: "": must not be empty; fill the cell, or name a type in swap_defaults',
    ),
    "no cost": (
        (HEADER, ROW.replace(",100,", ",,")),
        's.csv: line 2, lost_cost: "": must not be empty; fill the cell, or name a lost_cost in swap_defaults',
    ),
    "unknown type": (
        (HEADER, ROW, ROW.replace(",A,", ",C,")),
        's.csv: line 3, type: "C": is not a pack type of this file; its pack types: A, B',
    ),
    "beyond the target": (
        (HEADER, ROW + "0.95"),
        "s.csv: line 2, swap_soc: 0.95: must not be above the type's target_soc (0.9); "
        "no pack is charged further than its target",
    ),
    "open quote": (
        (HEADER, '"' + ROW),
        's.csv: line 2: "": is not CSV: unexpected end of data; correct the line',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_refused(case: str) -> None:
    lines, message = CASES[case]
    assert refused(*lines) == [message]


def test_what_is_no_text() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_swaps(b"\0", "s.csv", ["S1"], KINDS, SwapDefaultsDocument())
    assert str(caught.value) == "s.csv: is not text: it has zero bytes; save the file as UTF-8"


def test_a_log_as_a_spreadsheet_saves_it() -> None:
    text = "Tauschprotokoll\n\nTime;Station;Returned_SoC\n30.01.2026 10:05;S1;0,25\n25.01.2026 09:00;S1;0,5\n"
    defaults = SwapDefaultsDocument(type="A", lost_cost=70.0)
    log = parse_swaps(text.encode("cp1252"), "s.csv", ["S1"], KINDS, defaults, ZoneInfo("Europe/Berlin"))
    assert log.by_station["S1"] == [
        (datetime(2026, 1, 25, 8, tzinfo=UTC), Swap("line-5", 0, "A", 0.5, 70)),
        (datetime(2026, 1, 30, 9, 5, tzinfo=UTC), Swap("line-4", 0, "A", 0.25, 70)),
    ]
    assert log.description == (
        "first 2026-01-25T09:00:00+01:00, last 2026-01-30T10:05:00+01:00: 2 swaps; columns read: time, station, "
        "returned_soc; names of the columns in line 3, the lines before it left out; dates begin with the day; "
        "stamps without an offset are on the clock of Europe/Berlin; Returned_SoC: decimal comma"
    )
