"""Files as meters, markets and spreadsheets write them: what is read of each, and what is told of it."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from paths import DATA

from models.errors import InvalidData
from optimizer.tables.read_series import TimeSeries, read_series
from optimizer.tables.reading import Reading
from optimizer.tables.unit_words import LOAD, PRICE

TABLES = DATA / "tables"
LOS_ANGELES, VIENNA = "America/Los_Angeles", "Europe/Vienna"


def read(data: bytes | str, what: str = LOAD, zone: str | None = VIENNA, **how: Any) -> TimeSeries:
    data = data.encode() if isinstance(data, str) else data
    return read_series(data, "f", what, Reading(zone=ZoneInfo(zone) if zone else None, **how))


def facts(series: TimeSeries) -> tuple[int, str, str, float, float, str | None]:
    """Rows, first and last instant, first and last value, unit."""
    first, last = series.rows[0], series.rows[-1]
    return (
        len(series.rows),
        first.at.isoformat(timespec="minutes"),
        last.at.isoformat(timespec="minutes"),
        first.value,
        last.value,
        series.unit.name if series.unit else None,
    )


GIVEN = {
    "load-no-header.csv": (LOAD, VIENNA, (3, "2018-04-01T00:00-07:00", "2018-04-01T02:00-07:00", 50, 70, None)),
    "load-header-says-kwh.csv": (LOAD, None, (48, "2024-01-01T00:00+00:00", "2024-01-01T23:30+00:00", 50, 50, "kWh")),
    "load-pge.csv": (LOAD, LOS_ANGELES, (5, "2024-03-10T00:00-08:00", "2024-03-10T05:00-07:00", 0.19, 0.19, "kWh")),
    "load-sce.csv": (LOAD, LOS_ANGELES, (2, "2024-05-22T00:00-07:00", "2024-05-22T00:15-07:00", 0.04, 0.04, "kWh")),
    "load-greenbutton.xml": (LOAD, None, (2, "2023-01-01T08:00+00:00", "2023-01-01T09:00+00:00", 450, 610, "Wh")),
    "load-linzag.csv": (LOAD, VIENNA, (2, "2023-03-01T00:00+01:00", "2023-03-01T00:15+01:00", 0.037, 0.041, "kWh")),
    "load-latin1.csv": (LOAD, VIENNA, (2, "2023-07-01T00:00+02:00", "2023-07-01T00:15+02:00", 0.064, 0.071, "kWh")),
    "prices-aemo-5min.csv": (
        PRICE, "Australia/Brisbane", (3, "2026-05-01T00:00+10:00", "2026-05-01T00:10+10:00", 7.95, 4.9, None)),
    "prices-awattar.csv": (
        PRICE, None, (3, "2013-12-21T23:00+00:00", "2013-12-22T01:00+00:00", 0.05, -50.01, "per_MWh")),
    "prices-energy-charts.csv": (
        PRICE, None, (3, "2024-01-01T00:00+01:00", "2024-01-01T02:00+01:00", 25.97, 17.56, "per_MWh")),
    "prices-epex-wide.csv": (
        PRICE, "Europe/Paris", (48, "2020-12-30T00:00+01:00", "2020-12-31T23:00+01:00", 38.05, 40, None)),
    "prices-octopus-agile-pence.csv": (
        PRICE, None, (3, "2024-01-01T00:00+00:00", "2024-01-01T01:00+00:00", 8.337, 16.128, None)),
    "prices-omie-naive.csv": (
        PRICE, "Europe/Madrid", (3, "2023-04-01T00:00+02:00", "2023-04-01T02:00+02:00", 82.19, 50, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_a_given_file(name: str) -> None:
    what, zone, expected = GIVEN[name]
    assert facts(read((TABLES / name).read_bytes(), what, zone)) == expected


def test_what_is_told_of_a_file_that_is_not_plain() -> None:
    assert read((TABLES / "load-pge.csv").read_bytes(), zone=LOS_ANGELES).notes == (
        "names of the columns in line 7, the lines before it left out",
        "columns read: DATE, START TIME, USAGE (kWh)",
        "stamps without an offset are on the clock of America/Los_Angeles",
        "the clock leaves out 2024-03-10 02:00 in spring: read as the hour after",
    )
    assert read((TABLES / "load-latin1.csv").read_bytes()).notes == (
        "it is not UTF-8; read as Windows-1252",
        "columns read: Start, Verbrauch (kWh)",
        "decimal comma",
        "dates begin with the day",
        "stamps without an offset are on the clock of Europe/Vienna",
    )
    assert read((TABLES / "prices-epex-wide.csv").read_bytes(), PRICE).notes == (
        "a row a day, columns of 60 minutes",
        "days are on the clock of Europe/Vienna",
        "rows were not in order of time, and are sorted",
    )
    assert read("start,kW\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n").notes == ()


def test_values_without_stamps_begin_when_the_user_says() -> None:
    data = (TABLES / "load-8760-no-stamps.csv").read_bytes()
    with pytest.raises(InvalidData, match="has no column of time stamps"):
        read(data)
    found = read(data, start=datetime(2018, 1, 1), minutes=60)
    assert facts(found) == (24, "2018-01-01T00:00+01:00", "2018-01-01T23:00+01:00", 0.77, 0.77, None)
    with pytest.raises(InvalidData, match="means nothing for a table that has time stamps of its own"):
        read("start,kW\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n", start=datetime(2018, 1, 1), minutes=60)
    assert read("0.5\n0.25\n", start=datetime(2018, 1, 1), minutes=15).rows[0].value == 0.5  # no row is lost


SHAPES = {
    "quoted as a whole": '"start,kW"\n"2025-01-15T18:00Z,1"\n"2025-01-15T19:00Z,2"\n',
    "tabs": "start\tkW\n2025-01-15T18:00Z\t1\n2025-01-15T19:00Z\t2\n",
    "bars": "start|kW\n2025-01-15T18:00Z|1\n2025-01-15T19:00Z|2\n",
    "value first": "kW,start\n1,2025-01-15T18:00Z\n2,2025-01-15T19:00Z\n",
    "newest first": "start,kW\n2025-01-15T19:00Z,2\n2025-01-15T18:00Z,1\n",
    "no names, semicolons": "2025-01-15T18:00Z;1,0\n2025-01-15T19:00Z;2,0\n",
    "twelve hours": "Date,Time,kW\n1/15/2025,7:00 PM,1\n1/15/2025,8:00 PM,2\n",
    "month by name": 'Start,kW\n"Jan 15, 2025 7:00 PM",1\n"Jan 15, 2025 8:00 PM",2\n',
    "digits": "start,kW\n202501151900,1\n202501152000,2\n",
    "seconds since 1970": "time,kW\n1736964000,1\n1736967600,2\n",
    "end of the interval": "Interval End,kW\n15.01.2025 20:00,1\n15.01.2025 21:00,2\n",
    "from to, UTC and local": "from,to,from_utc,kW\n19:00,20:00,2025-01-15T18:00,1\n20:00,21:00,2025-01-15T19:00,2\n",
    "hours of the day": "Date,Hour Ending,kW\n2025-01-15,20,1\n2025-01-15,21,2\n2025-01-15,24,3\n",
    "a meter's register beside": "Zeit;Zählerstand kWh;kW\n15.01.2025 19:00;24491,6;1\n15.01.2025 20:00;24492;2\n",
    "cost beside": "start,Cost ($),Usage,Units\n2025-01-15 19:00,$0.10,1,kW\n2025-01-15 20:00,$0.20,2,kW\n",
    "a sum below": "start;kW\n15.01.2025 19:00;1\n15.01.2025 20:00;2\nSumme;3\n",
    "a title above": "Lastgang 2025\n\nstart;kW\n15.01.2025 19:00;1\n15.01.2025 20:00;2\n",
    "a list above": "Zählpunkt;AT0012\nZeit;kW\n15.01.2025 19:00;1\n15.01.2025 20:00;2\n",
    "units below the names": "Zeit;Leistung\n;kW\n15.01.2025 19:00;1\n15.01.2025 20:00;2\n",
    "JSON, a list": '[{"start": "2025-01-15T18:00Z", "kW": 1}, {"start": "2025-01-15T19:00Z", "kW": 2}]',
    "JSON, lists": '{"unix_seconds": [1736964000, 1736967600], "kW": [1, 2]}',
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_the_same_two_hours(name: str) -> None:
    text = SHAPES[name]
    found = read(text.encode())
    assert [(row.at.timestamp(), row.value) for row in found.rows][:2] == [(1736964000, 1), (1736967600, 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_encoding(encoding: str) -> None:
    text = "Zeit;Verbräuche in kWh\r\n15.01.2025 19:00;1,5\r\n15.01.2025 19:15;1.234,5\r\n"
    found = read(text.encode(encoding))
    assert (found.column, [row.value for row in found.rows]) == ("Verbräuche in kWh", [1.5, 1234.5])


def test_units_of_prices() -> None:
    rows = "\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n"
    units = {
        "Price (EUR/MWh)": ("per_MWh", "EUR"), "ct/kWh": ("ct_per_kWh", None), "rate p/kWh": ("ct_per_kWh", "GBP"),
        "€/MWh": ("per_MWh", "EUR"), "price [£/MWh]": ("per_MWh", "GBP"), "LBMP ($/MWHr)": ("per_MWh", None),
        "SEK_per_kWh": ("per_kWh", "SEK"),
    }  # fmt: skip
    for name, (unit, currency) in units.items():
        found = read(f"start,{name}{rows}", PRICE).unit
        assert found is not None and (found.name, found.currency) == (unit, currency)
    assert read(f"start,price{rows}", PRICE).unit is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [("usage_kwh", "kWh"), ("Energie [MWh]", "MWh"), ("Puissance (W)", "W"), ("KWH", "kWh"), ("kW", "kW"),
     ("Real energy in kilowatt-hours", "kWh"), ("kvarh", None), ("value", None), ("Wert (EUR/kWh)", None)],
)  # fmt: skip
def test_units_of_loads(name: str, unit: str | None) -> None:
    found = read(f"start,{name}\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n").unit
    assert (found.name if found else None) == unit


def day(date: str, hours: list[int]) -> str:
    return "".join(f"{date} {hour:02d}:00;{index}\n" for index, hour in enumerate(hours))


def test_the_double_hour_of_autumn_by_order() -> None:
    text = "Zeit;kW\n" + day("26.10.2025", [0, 1, 2, 2, *range(3, 24)])
    rows = read(text).rows
    assert len({row.at for row in rows}) == 25 and [row.value for row in rows] == list(range(25))
    backwards = "Zeit;kW\n" + "".join(f"{line}\n" for line in reversed(text.splitlines()[1:]))
    assert [row.value for row in read(backwards).rows] == list(range(25))
    quarters = "Zeit;kW\n" + "".join(
        f"26.10.2025 02:{minute:02d};{minute + 60 * hour}\n" for hour in (0, 1) for minute in (0, 15, 30, 45)
    )
    assert [row.value for row in read(quarters).rows] == [0, 15, 30, 45, 60, 75, 90, 105]


def test_the_hour_that_spring_leaves_out() -> None:
    rows = read("Zeit;kW\n" + day("30.03.2025", [0, 1, 3, 4])).rows
    assert [row.at.hour for row in rows] == [0, 1, 3, 4]
    empty = read("Zeit;kW\n" + day("30.03.2025", [0, 1, 3, 4]).replace("01:00;1\n", "01:00;1\n30.03.2025 02:00;\n"))
    assert len(empty.rows) == 4
    with pytest.raises(InvalidData, match=r"is the same time as 30[.]03[.]2025 02:00 on the clock of Europe/Vienna"):
        read("Zeit;kW\n" + day("30.03.2025", [0, 1, 2, 3, 4]))
    assert len(read("Zeit;kW\n" + day("30.03.2025", [0, 1, 2, 3, 4]), zone="Etc/GMT-1").rows) == 5


WIDE_NAMES = ",".join(f"Hour {hour}" for hour in range(1, 25)).replace("Hour 3,", "Hour 3A,Hour 3B,")


@pytest.mark.parametrize(
    ("date", "cells", "count"),
    [("26/10/2025", range(25), 25), ("30/03/2025", ["", *range(23)], 23), ("27/10/2025", range(24), 24)],
)
def test_days_of_23_and_25_hours_in_a_wide_table(date: str, cells: Any, count: int) -> None:
    values = [str(value) for value in cells if value != ""]
    if count < 25:
        values.insert(3, "")  # Hour 3B
    if count == 23:
        values.insert(2, "")
    rows = read(f"Day,{WIDE_NAMES}\n{date},{','.join(values)}\n", PRICE, dates="day-first").rows
    assert [row.value for row in rows] == list(range(count))
    assert {(later.at - earlier.at).seconds for earlier, later in pairwise(rows)} == {3600}


def test_quarter_hours_in_a_wide_table_and_in_a_count() -> None:
    times = [f"{n // 4:02d}:{n % 4 * 15:02d}" for n in range(1, 97)]
    wide = read("Datum;" + ";".join(times) + "\n15.01.2025;" + ";".join(str(n) for n in range(96)) + "\n")
    counted = read("Datum;Intervall;kW\n" + "".join(f"15.01.2025;{n + 1};{n}\n" for n in range(96)))
    assert [(row.at, row.value) for row in wide.rows] == [(row.at, row.value) for row in counted.rows]
    assert wide.rows[95].at.isoformat() == "2025-01-15T23:45:00+01:00"


def test_stamps_that_cover_whole_days_only_as_ends() -> None:
    stamps = [f"15.01.2025 {hour:02d}:00" for hour in range(1, 24)] + ["16.01.2025 00:00"]
    text = "Zeit;kW\n" + "".join(f"{stamp};{index}\n" for index, stamp in enumerate(stamps))
    found = read(text)
    assert (found.rows[0].at.hour, found.rows[-1].at.hour) == (0, 23)
    assert found.notes[-1] == (
        "stamps are the ends of intervals, of whole days from 15.01.2025 01:00 to 16.01.2025 00:00 "
        "(--stamps start: not so)"
    )
    assert read(text, stamps="start").rows[0].at.hour == 1
    offsets = "t,kW\n" + "".join(f"2025-01-{15 + n // 24}T{n % 24:02d}:00Z,1\n" for n in range(1, 25))
    found = read(offsets)  # with offsets: as it stands
    assert found.rows[0].at.hour == 1 and found.notes == (
        "stamps from 2025-01-15T01:00Z to 2025-01-16T00:00Z would be whole days as the ends of intervals: "
        "--stamps end reads them so",
    )


def test_a_clock_that_the_name_of_the_column_states() -> None:
    rows = "\n2025-01-15 18:00,1\n2025-01-15 19:00,2\n"
    assert read("Datetime (UTC),kW" + rows).rows[0].at.isoformat() == "2025-01-15T18:00:00+00:00"
    assert read("Time (UTC+9),kW" + rows).rows[0].at.isoformat() == "2025-01-15T18:00:00+09:00"
    told = read("Datetime (UTC),kW" + rows, is_zone_said=True)
    assert told.rows[0].at.isoformat() == "2025-01-15T18:00:00+01:00"


DATE_PARTS = {
    "year, month, day, hour, minute": "Year,Month,Day,Hour,Minute,kW\n2025,1,15,19,0,1\n2025,1,15,20,0,2\n",
    "year, month, day, hour": "year,month,day,Hour,kW\n" + "".join(f"2025,1,15,{n + 1},{n - 18}\n" for n in range(24)),
    "without names": "HEAD;\n" + "".join(f"2025;01;15;{n + 1};{n - 18};\n" for n in range(24)) + "*\n",
}


@pytest.mark.parametrize("name", DATE_PARTS)
def test_dates_in_several_columns(name: str) -> None:
    values = {row.at.timestamp(): row.value for row in read(DATE_PARTS[name]).rows}
    assert (values[1736964000], values[1736967600]) == (1, 2)


def test_units_above_the_table() -> None:
    list_above = "Meter Number,123\nUOM,kWh\n\nMeter Number,Date,Start Time,Consumption\n"
    rows = '"1","1/25/2024","12:00 AM","0.15"\n"1","1/25/2024","12:15 AM","0.17"\n"1","1/25/2024","12:30 AM","0.1"\n'
    found = read(list_above + rows)
    assert found.unit is not None and found.unit.name == "kWh" and found.rows[1].at.minute == 15


def test_columns_without_names_are_chosen_by_number() -> None:
    text = "2025-01-15T18:00Z,5,1\n2025-01-15T19:00Z,5,2\n"
    with pytest.raises(InvalidData, match="say which to read"):
        read(text)
    assert [row.value for row in read(text, value_column="3").rows] == [1, 2]
