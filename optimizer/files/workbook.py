"""Excel workbooks (.xlsx) from rows, where the extra `xlsx` is installed: the same rows give the same bytes.

Every text is a text, whatever it begins with: no cell is ever a formula, an error or a link.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from itertools import islice
from typing import Any

from models.errors import Problem
from optimizer.files.csv_table import guarded
from optimizer.files.errors import ABSENT, OutputErrors, printable

MOST_SHEET_ROWS = 1_048_575  # that a sheet holds under its header
MOST_CELL_SIGNS = 32_767  # of a text, in units of UTF-16
MOST_WIDTH, AIR = 60, 2.5
FIRST_YEAR = 1901  # Excel has no date before 1900, and is a day off in its first months
MADE = datetime(2000, 1, 1)  # a workbook has to tell when it was made
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
SPELLED_OUT = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A

Value = str | int | float | date | None
"""A cell; times of day are texts."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its name, the Excel format of its numbers and dates, and how many signs wide it is shown."""

    name: str
    format: str = "General"
    width: int = 0


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """A sheet: columns under a header that stays in view, then rows. `name`: ours, at most 25 signs."""

    name: str
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Value]]


def require_workbooks(path: str) -> None:
    """Raises OutputErrors where no workbook can be written, for the extra is missing."""
    if not find_spec("openpyxl"):
        rule = "is an Excel workbook, which needs the extra xlsx"
        raise OutputErrors(path, [Problem("", ABSENT, rule, "pip install 'swapcharge[xlsx]', or use the CSV tables")])


def workbook_bytes(title: str, sheets: Iterable[WorkbookSheet]) -> bytes:
    """The workbook; a sheet with more rows than Excel shows goes on in another, "name 2"."""
    import openpyxl
    from openpyxl.writer.excel import ExcelWriter
    from openpyxl.xml.functions import tostring

    book: Any = openpyxl.Workbook(write_only=True)
    book.properties.creator, book.properties.title = "swapcharge", _fitting(title)
    book.properties.created = book.properties.modified = MADE
    for sheet in sheets:
        _add(book, sheet)
    core = tostring(book.properties.to_tree())
    data = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(data, "w", zipfile.ZIP_STORED)).save()
    return _without_clock(data, core)


def _without_clock(data: io.BytesIO, core: bytes) -> bytes:
    """The archive again, packed, its parts without the time at which they were made."""
    result = io.BytesIO()
    with zipfile.ZipFile(data) as archive, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in archive.namelist():
            part = zipfile.ZipInfo(name, ZIP_TIME)
            part.compress_type, part.external_attr, part.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            target.writestr(part, core if name == CORE else archive.read(name))
    return result.getvalue()


def _add(book: Any, sheet: WorkbookSheet) -> None:
    rows = iter(sheet.rows)
    number = 1
    while (part := list(islice(rows, MOST_SHEET_ROWS))) or number == 1:
        _add_part(book, sheet, part, sheet.name if number == 1 else f"{sheet.name} {number}")
        number += 1


def _add_part(book: Any, sheet: WorkbookSheet, rows: Sequence[Sequence[Value]], name: str) -> None:
    from openpyxl.utils import get_column_letter

    made = book.create_sheet(name)
    made.freeze_panes = "A2"
    made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(rows) + 1}"
    for number, width in enumerate(_widths(sheet, rows), start=1):
        made.column_dimensions[get_column_letter(number)].width = width
    cells = _Cells(made, sheet.columns)
    made.append(cells.header())
    for row in rows:
        made.append(cells.row(row))


def _widths(sheet: WorkbookSheet, rows: Sequence[Sequence[Value]]) -> Iterator[float]:
    """Of each column: as wide as its name and its first texts."""
    for index, column in enumerate(sheet.columns):
        longest = max((len(row[index]) for row in rows[:200] if isinstance(row[index], str)), default=0)  # type: ignore[arg-type]
        yield min(MOST_WIDTH, max(column.width, len(column.name), longest)) + AIR


class _Cells:
    """Makes the cells of a sheet; a style is looked up once for each column."""

    def __init__(self, sheet: Any, columns: Sequence[SheetColumn]) -> None:
        from openpyxl.cell import WriteOnlyCell

        self._new, self._sheet, self._columns = WriteOnlyCell, sheet, columns
        self._styles = [self._style(number_format=column.format) for column in columns]
        self._guarded = self._style(quotePrefix=True)

    def _style(self, **changes: Any) -> Any:
        cell = self._new(self._sheet)
        for name, value in changes.items():
            setattr(cell, name, value)
        return cell._style

    def header(self) -> list[Any]:
        from openpyxl.styles import Alignment, Font

        style = self._style(font=Font(bold=True), alignment=Alignment(vertical="top"))
        return [self._text(column.name, style) for column in self._columns]

    def row(self, values: Sequence[Value]) -> list[Any]:
        return [self._cell(value, style) for value, style in zip(values, self._styles, strict=True)]

    def _cell(self, value: Value, style: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, date) and value.year < FIRST_YEAR:
            value = value.isoformat()
        if isinstance(value, str):
            return self._text(value, self._guarded if guarded(value) != value else None)
        cell = self._new(self._sheet, value)
        cell._style = style
        return cell

    def _text(self, words: str, style: Any) -> Any:
        """A text that stays one: `style` may be the one by which Excel keeps it when its cell is edited."""
        cell = self._new(self._sheet, _fitting(words))
        cell.data_type = "s"
        if style is not None:
            cell._style = style
        return cell


def _fitting(words: str) -> str:
    """A text as a cell holds it."""
    shown = SPELLED_OUT.sub("_x005F_", printable(words))
    if len(shown.encode("utf-16-le")) // 2 <= MOST_CELL_SIGNS:
        return shown
    return shown.encode("utf-16-le")[: 2 * (MOST_CELL_SIGNS - 1)].decode("utf-16-le", "ignore") + "…"
