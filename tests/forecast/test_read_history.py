"""Histories are read whole or refused by line; what is planned around is told."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from optimizer.files.errors import InputErrors
from optimizer.forecast.history import SwapHistory, parse_history

NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B = "2026-05-01T10:00:05+02:00", "2026-05-01T11:30:00+02:00"


def read(text: str, zone: str | None = None) -> SwapHistory:
    return parse_history(text.encode(), "h.csv", ZoneInfo(zone) if zone else None, NOW)


def refusal(text: str) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read(text)
    return str(caught.value).splitlines()


def test_columns_go_by_name() -> None:
    history = read(f"Station ID;Battery Type;SoC;Timestamp\nnorth;A;0.2;{A}\nsouth;B;;{B}\n")
    first, second = history.rows
    assert (first.line, first.station, first.type, first.returned_soc) == (2, "north", "A", 0.2)
    assert (second.station, second.type, second.returned_soc) == ("south", "B", None)
    assert first.at == datetime(2026, 5, 1, 8, 0, 5, tzinfo=UTC) and history.stations == ["north", "south"]


def test_rows_come_in_order_of_time() -> None:
    assert [row.line for row in read(f"time\n{B}\n{A}\n").rows] == [3, 2]


def test_a_row_that_says_the_same_to_the_second_is_counted_once_and_told() -> None:
    history = read(f"time,station\n{A},x\n{A},x\n{A},y\n{B},x\n")
    assert [row.line for row in history.rows] == [2, 4, 5]
    assert history.notes == ("line 3: says the same as line 2, to the second: counted once",)


def test_two_drivers_of_a_minute_are_two_where_stamps_have_no_seconds() -> None:
    assert len(read(f"time\n{B}\n{B}\n").rows) == 2


def test_stamps_without_offset_need_a_clock() -> None:
    text = "time\n2026-05-01T10:00\n2026-05-02T10:00\n"
    assert refusal(text)[0].startswith("h.csv: line 2, time: ")
    history = read(text, "Europe/Amsterdam")
    assert history.rows[0].at == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert any("Europe/Amsterdam" in note for note in history.notes)


def test_a_log_as_a_spreadsheet_saves_it() -> None:
    text = "Swaps 2026\n\nDate;Time;Station;SoC\n01.05.2026;10:00;x;0,25\n20.05.2026;11:00;x;0,5\nTotal;2\n"
    history = read(text, "Europe/Amsterdam")
    assert [(row.line, row.at.hour, row.returned_soc) for row in history.rows] == [(4, 8, 0.25), (5, 9, 0.5)]
    assert "SoC: decimal comma" in history.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time\n", "h.csv: has no rows; give a row for each swap below the names of columns"),
        (
            f"when,station\n{A},x\n",
            'h.csv: column: "time": is not a column of h.csv; its columns: when, station',
        ),
        (
            f"timestamp,start\n{A},{A}\n",
            'h.csv: column: "time": may be several columns of h.csv: timestamp, start; give one of them this name',
        ),
        (f"time,station\n{A},\n", 'h.csv: line 2, station: "": must not be empty; name the station of the swap'),
        (
            f"time,type\n{A},A\n{B},\n",
            'h.csv: line 3, type: "": must not be empty; name the pack type of the swap',
        ),
        (
            f"time,soc\n{A},20\n",
            "h.csv: line 2, returned_soc: 20: must be between 0 and 1; a state of charge is a share of the capacity: "
            "write 0.2 for 20 %",
        ),
        (
            f"time\n{A}\n2026-06-02T00:00:00+00:00\n",
            'h.csv: line 3, time: "2026-06-02T00:00:00+00:00": lies in the future; correct the stamp, or leave the '
            "line out",
        ),
    ],
)
def test_refused_by_line(text: str, message: str) -> None:
    assert refusal(text) == [message]
