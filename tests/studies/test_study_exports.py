"""A study's tables for spreadsheets and data frames: the same values as in its CSV tables, every column explained."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import study_pages
from paths import INSTANCES

from optimizer.files.errors import OutputErrors
from optimizer.studies.exports import parquet
from optimizer.studies.exports.columns import MEANINGS, column_meanings
from optimizer.studies.exports.parquet import require_parquet, study_parquet, write_study_parquet
from optimizer.studies.exports.workbook import study_workbook
from optimizer.studies.folder import read_study_folder
from optimizer.studies.tables import TABLE_FILES, RankedTariff, columns_of

PAGE = (INSTANCES / "README.md").read_text(encoding="utf-8")
EVIL = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose second tariff and first variant have names that a spreadsheet would run."""
    folder = tmp_path_factory.mktemp("exports")
    return study_pages.made(folder, {"id": EVIL}, variants=[{"id": "@SUM(1)"}, {"id": "twice", "demand_growth": 1.0}])


@pytest.fixture(scope="module")
def book(study: Path) -> Any:
    return openpyxl.load_workbook(io.BytesIO(study_workbook(read_study_folder(study))))


def rows(study: Path, file: str) -> list[list[str]]:
    with (study / file).open(newline="") as table:
        return list(csv.reader(table))


def shown(value: Any) -> str:
    """A cell as the CSV table has it."""
    if value is None:
        return ""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def same(cell: str, value: Any) -> bool:
    if isinstance(value, int | float):
        return float(cell) == pytest.approx(value, rel=1e-14, abs=1e-14)
    return cell.removeprefix("'") == shown(value)


@pytest.mark.parametrize("kind", TABLE_FILES)
def test_every_column_has_a_meaning_and_the_unit_that_the_page_tells(kind: type) -> None:
    assert tuple(MEANINGS[kind]) == columns_of(kind)
    section = PAGE.split(f"\n#### `{TABLE_FILES[kind]}`\n")[1].split("\n##")[0]
    told = re.findall(r"^\| (`.*?) \| ?(.*?) ?\|", section, flags=re.MULTILINE)
    units = {name: unit for names, unit in told for name in re.findall(r"`(\w+)`", names)}
    for one in column_meanings(kind, "currency"):
        page = units[one.column].replace(" per kWh", "/kWh")
        assert one.meaning and (not page or one.unit in (*page.split(", "), "share")), (one, page)


def test_the_sheets_are_ranking_columns_study_and_the_tables(book: Any) -> None:
    assert book.sheetnames == [
        "ranking",
        "columns",
        "study",
        "stations",
        "curves",
        "bills",
        "nights",
        "periods",
        "profiles",
    ]


@pytest.mark.parametrize("file", TABLE_FILES.values())
def test_a_sheet_has_the_rows_of_its_table_and_nothing_runs(study: Path, book: Any, file: str) -> None:
    cells = list(book[file.removesuffix(".csv")].iter_rows())
    table = rows(study, file)
    assert len(cells) == len(table) > 1 and [cell.value for cell in cells[0]] == table[0]
    for line, of_sheet in zip(table[1:], cells[1:], strict=True):
        assert all(same(cell, one.value) for cell, one in zip(line, of_sheet, strict=True)), line
        assert all(one.data_type in "nsd" for one in of_sheet)
    assert any(one.quotePrefix and one.value == EVIL for row in cells for one in row)


def test_the_second_sheet_tells_units_in_the_study_s_currency(book: Any) -> None:
    told = {row[:2]: row[2] for row in book["columns"].iter_rows(min_row=2, values_only=True)}
    assert len(told) == sum(len(columns_of(kind)) for kind in TABLE_FILES)
    assert told["ranking", "total_cost"] == "EUR" and told["profiles", "mean_price_per_kwh"] == "EUR/kWh"
    assert told["nights", "peak_kw"] == "kW" and told["bills", "rate"] == "EUR per unit"
    assert told["ranking", "gap"] == "share" and told["ranking", "tariff"] is None


def test_numbers_have_the_format_of_their_unit(book: Any) -> None:
    by_name = {cell.value: book["ranking"].cell(2, cell.column) for cell in book["ranking"][1]}
    formats = {name: by_name[name].number_format for name in ("total_cost", "gap", "peak_kw", "rank")}
    assert formats == {"total_cost": "#,##0.00", "gap": "0.00%", "peak_kw": "#,##0.0", "rank": "0"}


def test_the_study_sheet_tells_answers_and_cautions(study: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(study, tmp_path / "out"))
    failed = [{"variant": "twice", "station": "S1", "reason": "=out of memory"}]
    study_pages.told(folder, status="interrupted", failed=failed, station_nights={"all": 4, "done": 3})
    book = openpyxl.load_workbook(io.BytesIO(study_workbook(read_study_folder(folder))))
    told = [(row[0], row[1]) for row in book["study"].iter_rows(min_row=2, values_only=True)]
    assert ("state", "was interrupted: the tables are of what was planned so far") in told
    assert [words for what, words in told if what == "caution"] == [
        "3 of 4 nights of a station were planned",
        "The nights are a part only of 2026-01, 2026-02: totals have that part of what is charged "
        "by the month, bills have all of it",
        "1 chains of nights ended early:",
        "twice, S1: =out of memory",
    ]
    assert [words for what, words in told if what == "answer"] == study_pages.summary(folder)["answers"]


def test_parquet_has_types_units_and_the_names_as_they_are(study: Path) -> None:
    files = study_parquet(read_study_folder(study))
    nights = pq.read_table(io.BytesIO(files["nights.parquet"]))
    assert {str(nights.schema.field(name).type) for name in ("night",)} == {"date32[day]"}
    assert nights.schema.field("peak_kw").metadata == {b"unit": b"kW", b"meaning": b"highest slot"}
    assert str(nights.schema.field("swaps_lost").type) == "int64"
    assert EVIL in nights["tariff"].to_pylist()
    for kind, file in TABLE_FILES.items():
        table = pq.read_table(io.BytesIO(files[file.replace(".csv", ".parquet")]))
        assert tuple(table.column_names) == columns_of(kind)
        lines = rows(study, file)[1:]
        assert len(lines) == table.num_rows
        for line, row in zip(lines, table.to_pylist(), strict=True):
            assert all(same(cell, value) for cell, value in zip(line, row.values(), strict=True)), line
    columns = pq.read_table(io.BytesIO(files["columns.parquet"])).to_pylist()
    assert columns[3] == {
        "table": "ranking", "column": "total_cost", "unit": "EUR", "meaning": MEANINGS[RankedTariff]["total_cost"][1],
    }  # fmt: skip


def test_a_folder_of_parquet_is_written_anew_and_nothing_else_is_lost(study: Path, tmp_path: Path) -> None:
    results = read_study_folder(study)
    write_study_parquet(tmp_path / "tables", results)
    before = {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()}
    write_study_parquet(tmp_path / "tables", results)
    assert {path.name: path.read_bytes() for path in (tmp_path / "tables").iterdir()} == before
    manifest = json.loads(before["tables.json"])
    assert (manifest["study"], manifest["status"], manifest["currency"]) == ("tiny study", "done", "EUR")
    assert set(manifest["tables"]) == {name for name in before if name.endswith(".parquet")}
    with pytest.raises(OutputErrors, match="is a folder that holds other things than a set of study tables"):
        write_study_parquet(study, results)


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require_parquet("tables")
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(OutputErrors) as error:
        require_parquet("tables")
    words = "is for Parquet tables, which need the extra parquet; "
    assert words + "pip install 'swapcharge[parquet]', or use the CSV tables" in str(error.value)
