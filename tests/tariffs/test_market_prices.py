"""Market prices: both layouts of ENTSO-E, plain CSV, clock changes, and every refusal word for word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.tariff.tariff import PriceSeries
from optimizer.files.errors import InputErrors
from optimizer.formats.tariff_file import Imported
from optimizer.tables.reading import AS_FOUND, Reading
from optimizer.tariffs.entsoe_csv import EntsoeFilter
from optimizer.tariffs.market_prices import MarketOptions, import_entsoe, import_table

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_HEADER = '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)","Intraday Period (CET/CEST)"'
OLD_HEADER = '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|NL"'


def new(*rows: str, header: str = NEW_HEADER, area: str = "BZN|NL", sequence: str = "Without Sequence") -> bytes:
    """A file of the new platform; rows as `DD/MM/YYYY HH:MM price minutes`."""
    return "\n".join([header, *(new_row(row, area, sequence) for row in rows)]).encode()


def new_row(row: str, area: str = "BZN|NL", sequence: str = "Without Sequence") -> str:
    day, time, price, *minutes = row.split()
    begin = datetime.strptime(f"{day} {time}", "%d/%m/%Y %H:%M")
    end = begin + timedelta(minutes=int(minutes[0]) if minutes else 60)
    return f'"{begin:%d/%m/%Y %H:%M:%S} - {end:%d/%m/%Y %H:%M:%S}","{area}","{sequence}","{price}",""'


def old(*rows: str) -> bytes:
    """A file of the old platform; rows as `DD.MM.YYYY HH:MM price`."""
    lines = [OLD_HEADER]
    for row in rows:
        day, time, price = row.split()
        lines.append(f'"{day} {time} - {day} {time}","{price}","EUR",""')
    return "\n".join(lines).encode()


def entsoe(data: bytes, **options: Any) -> Imported:
    return import_entsoe(data, "f", MarketOptions(**{"zone": AMSTERDAM, **options}))


def series(found: Imported) -> PriceSeries:
    document = found.tariff.price_series
    assert document is not None
    return PriceSeries(datetime.fromisoformat(document.start), document.minutes, document.per_kwh)


def refusal(read: Any, data: bytes, **options: Any) -> str:
    with pytest.raises(InputErrors) as caught:
        read(data, "f", MarketOptions(**options))
    return str(caught.value)


def test_the_new_layout() -> None:
    found = entsoe(new("15/01/2025 00:00 85.30", "15/01/2025 01:00 -5", "15/01/2025 02:00 0"))
    assert series(found) == PriceSeries(datetime.fromisoformat("2025-01-14T23:00Z"), 60, (0.0853, -0.005, 0.0))
    assert (found.currency, found.time_zone, found.tariff.id) == ("EUR", "Europe/Amsterdam", "market")
    assert found.tariff.sources == {"price_series": "ENTSO-E day-ahead prices, BZN|NL, Without Sequence"}
    assert found.notes == (
        "first 2025-01-15T00:00+01:00/01:00, last 2025-01-15T02:00+01:00/03:00: 3 intervals of 60 minutes, "
        "values 85.3 … 0, least -5 at 2025-01-15T01:00+01:00, most 85.3 at 2025-01-15T00:00+01:00, read as EUR/MWh",
    )


def test_the_old_layout() -> None:
    found = entsoe(old("15.07.2022 00:00 85.30", "15.07.2022 01:00 90"), zone=None)
    assert series(found) == PriceSeries(datetime.fromisoformat("2022-07-14T22:00Z"), 60, (0.0853, 0.09))
    assert found.time_zone == "Europe/Brussels"  # the clock of the file, where none is given


def test_utc() -> None:
    header = NEW_HEADER.replace("CET/CEST", "UTC", 1)
    found = entsoe(new("30/03/2025 01:00 1", "30/03/2025 02:00 2", "30/03/2025 03:00 3", header=header))
    assert series(found) == PriceSeries(datetime.fromisoformat("2025-03-30T01:00Z"), 60, (0.001, 0.002, 0.003))


def test_utc_is_no_clock_that_a_bill_goes_by() -> None:
    data = new("30/03/2025 01:00 1", header=NEW_HEADER.replace("CET/CEST", "UTC", 1))
    assert refusal(import_entsoe, data) == (
        "f: --time-zone: absent: is needed: the file's clock is UTC, which no bill goes by; give it"
    )


def test_quarter_hours_and_other_currencies() -> None:
    header = NEW_HEADER.replace("EUR", "GBP")
    found = entsoe(new("01/10/2025 00:00 4 15", "01/10/2025 00:15 8 15", header=header))
    assert series(found).minutes == 15 and found.currency == "GBP"


def day(date: str, hours: list[int], minutes: int = 60) -> list[str]:
    return [f"{date} {h:02d}:{m:02d} {h + m / 100} {minutes}" for h in hours for m in range(0, 60, minutes)]


def test_the_day_of_23_hours() -> None:
    found = series(entsoe(new(*day("30/03/2025", [0, 1, *range(3, 24)]))))
    assert len(found.per_kwh) == 23 and found.end == datetime.fromisoformat("2025-03-30T22:00Z")


def test_an_hour_that_does_not_exist_may_be_there_without_a_price() -> None:
    rows = old("27.03.2022 01:00 1", "27.03.2022 02:00 -", "27.03.2022 03:00 3")
    assert series(entsoe(rows)).per_kwh == (0.001, 0.003)
    rows = old("27.03.2022 01:00 1", "27.03.2022 02:00 2", "27.03.2022 03:00 3")
    assert refusal(import_entsoe, rows) == (
        'f: line 4, MTU (CET/CEST): "27.03.2022 03:00 - 27.03.2022 03:00": is the same time as 27.03.2022 02:00 - '
        "27.03.2022 02:00 on the clock of Europe/Brussels, which leaves one of them out; export it in UTC"
    )


@pytest.mark.parametrize("minutes", [60, 15])
def test_the_day_of_25_hours_repeats_an_hour_in_order(minutes: int) -> None:
    rows = day("26/10/2025", [0, 1, 2], minutes) + day("26/10/2025", [2, 3], minutes)
    found = series(entsoe(new(*rows)))
    assert found.start == datetime.fromisoformat("2025-10-25T22:00Z")
    assert found.end == datetime.fromisoformat("2025-10-26T03:00Z") and len(found.per_kwh) == 5 * 60 // minutes


def test_marks_of_summer_and_winter_time_are_read() -> None:
    marked = (
        f"{NEW_HEADER}\n"
        '"26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET)","BZN|NL","Without Sequence","1",""\n'
        '"26/10/2025 02:00:00 (CET) - 26/10/2025 03:00:00 (CET)","BZN|NL","Without Sequence","2",""\n'
    )
    found = series(entsoe(marked.encode()))
    assert found.start == datetime.fromisoformat("2025-10-26T00:00Z") and found.per_kwh == (0.001, 0.002)


def test_areas_and_sequences_are_never_mixed() -> None:
    rows = [new_row(f"15/01/2025 {h:02d}:00 {h + n}", sequence=f"Sequence {n}") for h in (0, 1) for n in (1, 2)]
    two = "\n".join([NEW_HEADER, *rows]).encode()
    assert refusal(import_entsoe, two) == (
        "f: has several sequences, which must not be mixed: Sequence 1, Sequence 2; choose one with --sequence"
    )
    assert series(entsoe(two, only=EntsoeFilter(sequence="Sequence 2"))).per_kwh == (0.002, 0.003)
    assert refusal(import_entsoe, two, only=EntsoeFilter(sequence="3")) == (
        'f: sequence: "3": is no sequence of the file; it has Sequence 1, Sequence 2'
    )
    areas = "\n".join([NEW_HEADER, *(new_row(f"15/01/2025 {n:02d}:00 1", area=f"BZN|A{n}") for n in (1, 2))]).encode()
    assert refusal(import_entsoe, areas) == (
        "f: has several areas, which must not be mixed: BZN|A1, BZN|A2; choose one with --area"
    )
    assert refusal(import_entsoe, old("15.07.2022 00:00 1"), only=EntsoeFilter(area="BZN|NL")) == (
        'f: area: "BZN|NL": is no area of the file; leave --area out'
    )


@pytest.mark.parametrize("missing", ["-", "n/e", ""])
def test_missing_prices_are_refused_with_their_line(missing: str) -> None:
    data = old("15.07.2022 00:00 1", "15.07.2022 01:00 X", "15.07.2022 02:00 3").replace(
        b'"X"', f'"{missing}"'.encode()
    )
    assert refusal(import_entsoe, data) == (
        f'f: line 3: "{missing}": has no price; choose --months that are complete, or download the file again'
    )


def test_months_leave_out_the_rest_with_its_defects() -> None:
    rows = new("31/12/2024 23:00 -", *day("01/01/2025", [0, 1]), "01/02/2025 00:00 -")
    assert series(entsoe(rows, months=((2025, 1), (2025, 1)))).start == datetime.fromisoformat("2024-12-31T23:00Z")
    assert refusal(import_entsoe, rows, zone=AMSTERDAM, months=((2024, 1), (2024, 3))) == (
        "f: has no prices in these months; choose months that it has"
    )


def test_a_retail_price_is_times_and_then_plus() -> None:
    found = entsoe(new("15/01/2025 00:00 100", "15/01/2025 01:00 -10"), times=1.21, add_per_kwh=0.05)
    assert series(found).per_kwh == (0.171, 0.0379)
    assert found.tariff.sources["price_series"].endswith(", times 1.21, plus 0.05 per kWh")
    assert found.notes[0].endswith("read as EUR/MWh, times 1.21, plus 0.05 per kWh")


GAP = new("15/01/2025 00:00 1", "15/01/2025 01:00 1", "15/01/2025 02:00 1", "15/01/2025 04:00 1")
ENTSOE_REFUSED = [
    (GAP, 'line 5: "15/01/2025 04:00:00 - 15/01/2025 05:00:00": must follow 60 minutes after the row before it: '
     "2025-01-15T03:00+01:00 is missing; add the missing rows"),
    (new("15/01/2025 01:00 1", "15/01/2025 01:00 2"),
     'line 3: "15/01/2025 01:00:00 - 15/01/2025 02:00:00": must be later '
     "than the stamp before it, 15/01/2025 01:00:00 - 15/01/2025 02:00:00; keep one row of each stamp"),
    (new("15/01/2025 01:00 1").replace(b"15/01/2025 01:00:00 -", b"31/02/2025 01:00:00 -"),
     'line 2, MTU (CET/CEST): "31/02/2025 01:00:00 - 15/01/2025 02:00:00": must be a date and a time of day, '
     "YYYY-MM-DDTHH:MM with an offset; write it like 2025-01-15T18:00+01:00"),
    (b"MTU (CET/CEST),Price\n", 'line 1: "MTU (CET/CEST), Price": must have one column such as '
     "'Day-ahead Price (EUR/MWh)'; export day-ahead prices from the platform as CSV"),
    (b"MTU (EET/EEST),Day-ahead Price (EUR/MWh)\n", 'line 1: "MTU (EET/EEST)": must be one of CET/CEST, UTC; '
     "choose one of these clocks when exporting"),
    (f"{NEW_HEADER}\na,b\n".encode(), 'line 2: "a,b": has too few cells for its columns; complete the line'),
    (new("15/01/2025 01:00 1"),
     "must have at least two rows, for the step between them says how long each holds; add rows"),
    (f'{NEW_HEADER}\n"open'.encode(), "line 2: \"\": is not CSV: unexpected end of data; correct the line"),
    (b"MTU (CET/CEST)\0", "is not text: it has zero bytes; save the file as UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), ENTSOE_REFUSED)
def test_what_entsoe_files_are_refused_for(data: bytes, message: str) -> None:
    assert refusal(import_entsoe, data) == f"f: {message}"


def test_a_file_that_a_spreadsheet_saved() -> None:
    found = entsoe(new("15/01/2025 00:00 85,30", "15/01/2025 01:00 -5").replace(b'","', b'";"'))
    assert series(found).per_kwh == (0.0853, -0.005) and found.notes[1:] == ("understood: decimal comma",)


def test_another_currency_is_refused() -> None:
    assert refusal(import_entsoe, old("15.07.2022 00:00 1"), currency="CHF") == (
        'f: currency: "CHF": must be EUR, as the file says; leave --currency out'
    )


# Plain CSV

PLAIN = {"currency": "EUR", "unit": "per_MWh", "zone": AMSTERDAM}


def plain(text: str, how: Reading = AS_FOUND, **options: Any) -> Imported:
    return import_table(text.encode(), "f", MarketOptions(how=how, **{**PLAIN, **options}))


def test_plain_csv_of_two_columns() -> None:
    found = plain("start,price\n2025-01-15T18:00+01:00,143.2\n2025-01-15T18:30+01:00,-1\n")
    assert series(found) == PriceSeries(datetime.fromisoformat("2025-01-15T17:00Z"), 30, (0.1432, -0.001))
    assert found.tariff.sources == {"price_series": "CSV column price, per_MWh"}


def test_plain_csv_of_named_columns_and_unit() -> None:
    text = "note,start,price\na,2025-01-15T18:00Z,0.2\nb,2025-01-15T19:00Z,0.3\n"
    how = Reading(time_column="start", value_column="price")
    found = plain(text, how, unit="per_kWh", months=((2025, 1), (2025, 1)))
    assert series(found).per_kwh == (0.2, 0.3)
    assert found.notes[0].endswith("read as EUR/kWh")


HOURS = "start,price\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b,c\n", {},
         "has 3 columns: say which to read; give --time-column and --value-column; its columns: a, b, c"),
        ("a,b,c\n", {"how": Reading(time_column="a")},
         "has 3 columns: say which to read; give --value-column; its columns: a, b, c"),
        ("a,b,c\n", {"how": Reading(value_column="a")},
         "has 3 columns: say which to read; give --time-column; its columns: a, b, c"),
        ("", {}, "has 0 columns: say which to read; give --time-column and --value-column; its columns: none"),
        (HOURS, {"how": Reading(value_column="prize", time_column="start")},
         "value_column: \"prize\": is not a column of f; did you mean 'price'?"),
        (HOURS + "2025-01-15T20:00,3\n", {}, 'line 4, start: "2025-01-15T20:00": must say its offset from UTC; '
         "write 2025-01-15T20:00Z for UTC, or end it with an offset such as +01:00"),
        (HOURS + "2025-01-15T19:00Z,3\n", {}, 'line 4: "2025-01-15T19:00Z": must be later than the stamp before it, '
         "2025-01-15T19:00Z; keep one row of each stamp"),
        (HOURS + "2025-01-15T20:00Z,2\n2025-01-15T20:15Z,3\n", {},
         'line 5: "2025-01-15T20:15Z": must follow 60 minutes '
         "after the row before it, as most rows do; resample the file"),
        ("start,price\n2025-01-15T18:00:30Z,1\n2025-01-15T18:01Z,2\n", {}, 'line 3: "2025-01-15T18:01Z": must follow a '
         "whole number of minutes after the row before it, at most 1440; resample the file"),
    ],
)  # fmt: skip
def test_what_plain_files_are_refused_for(text: str, options: dict[str, Any], message: str) -> None:
    assert refusal(import_table, text.encode(), **{**PLAIN, **options}) == f"f: {message}"


HOURS, QUARTERS = range(20, 24), ("00:00", "00:15", "00:30", "00:45")
TURN = [*(f"30/09/2025 {hour}:00 {hour}" for hour in HOURS), *(f"01/10/2025 {time} 7" for time in QUARTERS)]


def test_hourly_prices_before_quarter_hours_hold_an_hour_each() -> None:
    found = entsoe(new(*TURN))
    prices = [hour / 1000 for hour in HOURS for _ in range(4)] + [0.007] * 4
    assert series(found) == PriceSeries(datetime.fromisoformat("2025-09-30T18:00Z"), 15, tuple(prices))
    assert found.notes == (
        "first 2025-09-30T20:00+02:00/20:15, last 2025-10-01T00:45+02:00/01:00: 20 intervals of 15 minutes, "
        "values 20 … 7, least 7 at 2025-10-01T00:00+02:00, most 23 at 2025-09-30T23:00+02:00, read as EUR/MWh",
        "the step changes from 60 to 15 minutes at 01/10/2025 00:00:00 - 01/10/2025 01:00:00: "
        "each of the 4 values before it is read as 4 of 15 minutes",
    )


def test_a_gap_in_quarter_hours_is_no_turn() -> None:
    assert "must follow 15 minutes after the row before it: " in refusal(import_entsoe, new(*TURN[2:]))
    assert "must follow 15 minutes after the row before it: " in refusal(import_entsoe, new(*TURN[:-2], TURN[-1]))


def test_a_turn_to_longer_steps_is_refused_as_what_it_is() -> None:
    rows = [f"30/09/2025 23:{minute:02d} 5" for minute in (0, 15, 30, 45)]
    rows += [f"01/10/2025 0{hour}:00 5" for hour in range(4)]
    said = refusal(import_entsoe, new(*rows))
    assert said.startswith("f: line 6: ")
    assert said.endswith(
        ": begins steps of 60 minutes, where the rows before it have 15; "
        "read the months of one step (--months), or resample the file"
    )
