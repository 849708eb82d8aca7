"""Workbooks: every value comes back as it was, no text runs, the same rows give the same bytes."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.files import workbook
from optimizer.files.errors import OutputErrors, printable
from optimizer.files.workbook import SheetColumn, Value, WorkbookSheet, require_workbooks, workbook_bytes

RUNS = ["=1+1", "+1", "-1", "@SUM(A1)", "|x", "'a", "#N/A", "=HYPERLINK(0)", "\uff1d1", "2026-07", "1e5", "TRUE"]
COLUMNS = [SheetColumn("name"), SheetColumn("money", "#,##0.00", 11)]


def made(rows: Sequence[Sequence[Value]], columns: Sequence[SheetColumn] = COLUMNS, name: str = "a") -> bytes:
    return workbook_bytes("a title", [WorkbookSheet(name, columns, rows)])


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def column(data: bytes) -> list[Any]:
    return [row[0] for row in opened(data)["a"].iter_rows(min_row=2)]


def test_values_come_back_with_their_formats() -> None:
    day = SheetColumn("night", "yyyy-mm-dd", 10)
    data = made([["x", 1.5, date(2026, 7, 1)], ["", None, date(1850, 1, 1)], ["y", 2, None]], [*COLUMNS, day])
    rows = list(opened(data)["a"].iter_rows())
    assert [cell.value for cell in rows[0]] == ["name", "money", "night"] and rows[0][0].font.bold
    assert [cell.value for cell in rows[2]] == [None, None, "1850-01-01"]
    assert (rows[1][1].value, rows[1][1].number_format, rows[3][1].value) == (1.5, "#,##0.00", 2)
    assert (rows[1][2].value.date(), rows[1][2].number_format) == (date(2026, 7, 1), "yyyy-mm-dd")
    assert (opened(data)["a"].freeze_panes, opened(data)["a"].auto_filter.ref) == ("A2", "A1:C4")


def test_no_text_is_a_formula_an_error_or_a_link() -> None:
    data = made([[text, 0] for text in RUNS])
    assert [(cell.value, cell.data_type) for cell in column(data)] == [(text, "s") for text in RUNS]
    quoted = [cell.value for cell in column(data) if cell.quotePrefix]
    assert quoted == [text for text in RUNS if text[0] in "=+-@|'\uff1d"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet and not [name for name in archive.namelist() if "rels" in name and "sheet" in name]


@given(st.text())
def test_any_text_comes_back_in_one_visible_line(text: str) -> None:
    (cell,) = column(made([[text, 0]]))
    assert (cell.value or "").replace("_x005F_", "_") == printable(text).replace("_x005F_", "_")
    assert cell.data_type in "sn"


def test_what_excel_would_decode_is_spelled_out_and_what_is_too_long_is_cut() -> None:
    assert [cell.value for cell in column(made([["_x0041_", 0], ["_xyz", 0]]))] == ["_x005F_x0041_", "_xyz"]
    (cell,) = column(made([["\U0001f50b" * 20_000, 0]]))
    assert cell.value == "\U0001f50b" * 16_383 + "…"


def test_the_same_rows_give_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = made([["x", 1]])
    now = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: now)
    assert made([["x", 1]]) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time[:3] for part in archive.infolist()} == {(1980, 1, 1)}
    assert opened(first).properties.modified.year == 2000 and opened(first).properties.title == "a title"


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_SHEET_ROWS", 2)
    book = opened(made([[str(n), n] for n in range(5)]))
    assert book.sheetnames == ["a", "a 2", "a 3"]
    assert [sheet["A2"].value for sheet in book] == ["0", "2", "4"]
    assert opened(made([])).sheetnames == ["a"]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require_workbooks("x.xlsx")
    monkeypatch.setattr(workbook, "find_spec", lambda name: None)
    with pytest.raises(OutputErrors) as error:
        require_workbooks("x.xlsx")
    words = "is an Excel workbook, which needs the extra xlsx; pip install 'swapcharge[xlsx]', or use the CSV tables"
    assert str(error.value) == f"x.xlsx: absent: {words}" or words in str(error.value)
