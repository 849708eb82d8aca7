"""What no table reader may guess: each refusal word for word, with line, column and what was expected."""

from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.tables.read_series import read_series
from optimizer.tables.reading import Reading
from optimizer.tables.unit_words import LOAD, PRICE

ROWS = "2025-01-15T18:00Z,1\n2025-01-15T19:00Z,2\n"


def refusal(data: bytes | str, what: str = LOAD, **how: Any) -> str:
    how = {"zone": ZoneInfo("Europe/Vienna")} | how
    with pytest.raises(InvalidData) as caught:
        read_series(data.encode() if isinstance(data, str) else data, "f", what, Reading(**how)).refuse_missing()
    return str(InputErrors("f", caught.value.problems))


@pytest.mark.parametrize(
    ("text", "how", "message"),
    [
        ("start;kW\n01.02.2025 00:00;1\n31.02.2025 00:00;1\n", {},
         'line 3, start: "31.02.2025 00:00": must be a date and a time of day, YYYY-MM-DDTHH:MM with an offset; '
         "write it like 2025-01-15T18:00+01:00"),
        ("start,kW\n01/02/2025 00:00,1\n01/02/2025 01:00,1\n", {},
         '"01/02/2025 00:00": may begin with the day or with the month: no date of the file tells; '
         "say --dates day-first or --dates month-first"),
        ("start,kW\n2025.12.11 00:00,1\n2025.13.11 00:00,1\n", {},
         'line 3, start: "2025.13.11 00:00": looks like year, day, month: dates in this order are not read; '
         "write all dates like 2025-11-13"),
        ("start,kW\n13/11/2025 00:00,1\n11/14/2025 01:00,1\n", {},
         "\"13/11/2025 00:00\": begins with the day, where '11/14/2025 01:00' begins with the month; "
         "write all dates alike"),
        ("start,kW\n11/12/2025 00:00,1\n11/14/2025 01:00,1\n", {"dates": "day-first"},
         'line 3, start: "11/14/2025 01:00": begins with the month, where --dates day-first says the day; '
         "say --dates month-first, or write all dates alike"),
        ("Day," + ",".join(map(str, range(24))) + "".join(f"\n2025-{d}-11" + ",1" * 24 for d in range(8, 14)), {},
         'line 7, Day: "2025-13-11": looks like year, day, month: dates in this order are not read; '
         "write all dates like 2025-11-13"),
        ("start,kW\n" + ROWS + "2025-01-15T20:00Z,1.5.2\n", {},
         'line 4, kW: "1.5.2": must be a finite number; write digits with a decimal point'),
        ("start;kW\n" + ROWS.replace(",", ";") + "2025-01-15T20:00Z;\n", {},
         'line 4, kW: "": must be a finite number; write digits with a decimal point'),
        ("start,kW,kW of heat pump\n2025-01-15T18:00Z,1,1\n2025-01-15T19:00Z,2,1\n", {},
         "has 3 columns: say which to read; give --value-column; its columns of numbers: kW, kW of heat pump"),
        ("start,kW\n2025-01-15T18:00Z,1\n2025-01-15T19:00Z\n", {},
         'line 3: "2025-01-15T19:00Z": has too few cells for its columns; complete the line'),
        ("time,area,price\n2025-01-15T18:00Z,N,1\n2025-01-15T18:00Z,S,2\n", {},
         'line 3, time: "2025-01-15T18:00Z": is the time of several rows, which area tells apart: N, S; '
         'choose one with --where "area=N"'),
        ("time,kW\n2025-01-15T18:00Z,1\n", {"where": (("place", "N"),)},
         'where: "place": is not a column of f; its columns: time, kW'),
        ("start,use,unit\n2025-01-15T18:00Z,1,kWh\n2025-01-15T19:00Z,1,MWh\n", {"value_column": "use"}, ""),
        ("{}", {}, "is JSON without a list of objects, or lists of equal length; export the series, or give it as CSV"),
        ('<?xml version="1.0" encoding="UT8"?><a/>', {},
         "is not XML in an encoding that is read; export it as UTF-8"),
        ("time,kW\n00/00/0000 00:00,1\n30/02/2025 00:00,1\n", {},
         'line 2, time: "00/00/0000 00:00": must be a date and a time of day, YYYY-MM-DDTHH:MM with an offset; '
         "write it like 2025-01-15T18:00+01:00"),
        ("<a>", {}, "line 1: absent: is not XML; export the file again"),
        ("<a/>", {}, "has no IntervalBlock of Green Button (ESPI); export it as Green Button XML or CSV"),
        ("Day," + ",".join(map(str, range(1, 25))) + "\n2025-01-15" + ",1" * 24 + "\n", {"zone": None},
         "--zone: absent: is needed: the table has local days; name its clock"),
    ],
)  # fmt: skip
def test_a_table_is_refused(text: str, how: dict[str, Any], message: str) -> None:
    if message:
        assert refusal(text, **how) == f"f: {message}"


def test_bytes_that_are_no_table() -> None:
    assert refusal(b"a\0b") == "f: is not text: it has zero bytes; save the file as UTF-8"
    assert refusal(b"a\x81b") == "f: is not UTF-8 text; save the file as UTF-8"
    assert refusal(b"PK\x03\x04rubbish") == "f: is no whole Excel workbook; save it again, or as CSV"
    assert refusal(b"\xd0\xcf\x11\xe0") == (
        "f: is a workbook of Excel 97 to 2003, which is not read; save it as .xlsx or as CSV"
    )


ENTITIES = (
    """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>"""
)


def test_no_entity_of_a_document_is_expanded_or_fetched() -> None:
    assert refusal(ENTITIES) == (
        "f: declares a document type or entities, which are not read; export it as Green Button XML or CSV"
    )


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_workbook_is_read_by_its_values() -> None:
    from datetime import datetime

    data = workbook(("Zeit", "kWh"), (datetime(2025, 1, 15, 19), 1.5), (datetime(2025, 1, 15, 20), 2))
    found = read_series(data, "f", LOAD, Reading(zone=ZoneInfo("Europe/Vienna")))
    assert [(row.at.isoformat(), row.value) for row in found.rows] == [
        ("2025-01-15T19:00:00+01:00", 1.5),
        ("2025-01-15T20:00:00+01:00", 2),
    ]


def test_a_formula_without_its_value_is_refused() -> None:
    assert refusal(workbook(("start", "kW"), ("2025-01-15T18:00Z", "=1+1"), ("2025-01-15T19:00Z", 2))) == (
        'f: row 2, column 2: "=1+1": has a formula without a stored value; '
        "open and save it in a spreadsheet program, or save it as CSV"
    )


def test_without_the_extra_a_workbook_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.tables.sources.workbook.find_spec", lambda _: None)
    assert refusal(workbook(("start", "kW"))) == (
        "f: is an Excel workbook, which needs the extra xlsx; pip install 'swapcharge[xlsx]', or save it as CSV"
    )


def test_prices_of_octopus_say_with_or_without_tax() -> None:
    text = '{"results": [{"value_exc_vat": 1.0, "value_inc_vat": 2.0, "valid_from": "2025-01-15T18:30:00Z"}]}'
    assert refusal(text, PRICE) == (
        "f: has 4 columns: say which to read; give --value-column; its columns of numbers: value_exc_vat, value_inc_vat"
    )
    found = read_series(text.encode(), "f", PRICE, Reading(value_column="value_inc_vat"))
    assert found.unit is not None and (found.rows[0].value, found.unit.name) == (2.0, "ct_per_kWh")


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.tables.sources.workbook.MOST_BYTES", 100)
    assert refusal(workbook(("start", "kW"))) == "f: unpacks to more than 0 MB; save it as CSV"


def test_rows_wider_than_their_names() -> None:
    text = (
        "\nElectric usage,2023-01-01,00:15,00:29,0.14,kWh,$0.03,\nName,X\n"
        "TYPE,1.2.3DATE,START TIME,END TIME,USAGE,UNITS,COSectric usage,2023-01-01,00:00,00:14,0.13,kWh,$0.03,\n"
        "Service,Service 1\n\nAddress,Y\nAccount Number,1"
    )
    assert refusal(text).startswith("f: ")


@pytest.mark.parametrize(
    "cell", ["2025-01-15" + " " * 200_000 + "x", "9" * 200_000 + "x", "1," * 100_000, "a-" * 100_000]
)
def test_a_long_cell_takes_no_time(cell: str) -> None:
    """Hours, if a pattern tried all ways to part it."""
    assert refusal(f'start;kW\n"{cell}";1\n2025-01-15T18:00Z;{cell}\n').startswith("f: ")


def test_a_deep_document_is_no_table() -> None:
    assert refusal("<a>" * 200_000 + "</a>" * 200_000).startswith("f: has no IntervalBlock")
