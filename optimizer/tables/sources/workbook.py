"""Excel workbooks (.xlsx), where the extra `xlsx` is installed: the values of a sheet, never formulas or macros."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Any

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.files.limits import MEGABYTE, MOST_BYTES

FORMULA = "="
FORMULA_ELEMENT = re.compile(rb"<f[ >/]")
NO_VALUE = "has a formula without a stored value"


def workbook_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Numbers and cells of the lines of the workbook's first sheet that has any, as they would be written in CSV.

    Raises InvalidData: without the extra, for what is no workbook or too large, for formulas without a value.
    """
    if not find_spec("openpyxl"):
        rule = "is an Excel workbook, which needs the extra xlsx"
        raise InvalidData([Problem("", ABSENT, rule, "pip install 'swapcharge[xlsx]', or save it as CSV")])
    _refuse_too_large(data)
    try:
        return _rows(data)
    except InvalidData:
        raise
    except Exception:  # whatever a damaged workbook makes of the library
        raise InvalidData([Problem("", ABSENT, "is no whole Excel workbook", "save it again, or as CSV")]) from None


def _refuse_too_large(data: bytes) -> None:
    """By what the parts of the archive say of their size: openpyxl reads no more of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InvalidData([Problem("", ABSENT, "is no whole Excel workbook", "save it again, or as CSV")]) from None
    if size > 4 * MOST_BYTES:
        rule = f"unpacks to more than {4 * MOST_BYTES // MEGABYTE:,} MB"
        raise InvalidData([Problem("", ABSENT, rule, "save it as CSV")])


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    import openpyxl

    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    has_formulas = _has_formulas(data)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False) if has_formulas else None
    for index, sheet in enumerate(values.worksheets):
        if formulas is not None:
            _refuse_valueless(sheet, formulas.worksheets[index])
        rows = ([_text(value) for value in cells] for cells in sheet.iter_rows(values_only=True))
        if filled := [(number, cells) for number, cells in enumerate(rows, 1) if any(cells)]:
            return filled
    return []


def _has_formulas(data: bytes) -> bool:
    """Does any sheet have a formula? Most exports have none, and are read once only."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as part:
                    before = b""
                    while chunk := part.read(MEGABYTE):
                        if FORMULA_ELEMENT.search(before + chunk):
                            return True
                        before = chunk[-2:]
    return False


def _refuse_valueless(sheet: Any, written: Any) -> None:
    """Refuses a formula that no program has computed."""
    pairs = zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=False)
    for number, (cells, formulas) in enumerate(pairs, 1):
        for column, (value, formula) in enumerate(zip(cells, formulas, strict=False), 1):
            if value is None and isinstance(formula, str) and formula.startswith(FORMULA):
                remedy = "open and save it in a spreadsheet program, or save it as CSV"
                raise InvalidData([Problem(f"row {number}, column {column}", formula, NO_VALUE, remedy)])


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case datetime():
            return _minute(value).isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="seconds")
        case timedelta():
            return "24:00" if value == timedelta(days=1) else str(value)
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case float():
            return repr(value)
    return str(value)


def _minute(at: datetime) -> datetime:
    """Excel's days in fractions miss a second by a few microseconds."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)
