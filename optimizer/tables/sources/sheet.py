"""A file as numbered lines of cells: its encoding, its delimiter, its quotes.

Functions raise InvalidData where a file is no table.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.tables.reading import Place, wrong_cell
from optimizer.tables.sources.documents import Rows, json_rows
from optimizer.tables.sources.ocpp.entries import is_swap_log

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
HEAD_BYTES = 1000
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ZIP_MAGIC, OLD_EXCEL_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WHOLE_LINE = re.compile(r'"(?:[^"]|"")*"')
ONE_NUMBER = re.compile(r"[-+\d., ]+", re.ASCII)
SPACES = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " "})

Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """Lines of cells without the blank ones; `lines` begins anew each time it is called.

    `delimiter`: between cells, "" where the file needs none. `notes`: what a user must know of how it was read.
    `place`: of a line in messages.
    """

    lines: Callable[[], Iterator[Line]]
    place: Place
    delimiter: str = ""
    notes: tuple[str, ...] = ()

    def sample(self, most: int = SAMPLE_LINES) -> list[Line]:
        """The first lines."""
        return list(islice(self.lines(), most))


def sheet_of(data: bytes, place: Place) -> Sheet:
    """The table in a file's bytes: text, a workbook, XML of Green Button, JSON, an OCPP log. Raises InvalidData."""
    if data.startswith(ZIP_MAGIC):
        from optimizer.tables.sources.workbook import workbook_rows

        rows = workbook_rows(data)
        return Sheet(lambda: iter(rows), lambda row: f"row {row}", notes=("an Excel workbook",))
    if data.startswith(OLD_EXCEL_MAGIC):
        rule, remedy = "is a workbook of Excel 97 to 2003, which is not read", "save it as .xlsx or as CSV"
        raise InvalidData([Problem("", ABSENT, rule, remedy)])
    if is_swap_log(data):
        from optimizer.tables.sources.ocpp.swap_rows import ocpp_swaps

        swaps = ocpp_swaps(data)
        return Sheet(lambda: iter(swaps.rows), swaps.place, notes=swaps.notes)
    found = document_rows(data)
    if found is not None:
        numbered = list(enumerate(found))
        return Sheet(lambda: iter(numbered), lambda entry: f"entry {entry}")
    text, notes = text_and_notes(data)
    return _text_sheet(text, notes, place)


def is_workbook(data: bytes) -> bool:
    """Is it a workbook of Excel, old or new?"""
    return data.startswith((ZIP_MAGIC, OLD_EXCEL_MAGIC))


def document_rows(data: bytes) -> Rows | None:
    """The table in a document of XML or JSON; None where it is neither. Raises InvalidData where it holds no table."""
    head = data[:HEAD_BYTES].removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(b"<"):
        from optimizer.tables.sources.green_button import xml_rows

        return xml_rows(data.removeprefix(codecs.BOM_UTF8).lstrip())
    if not head.startswith((b"{", b"[")):
        return None
    rows = json_rows(data)
    if rows is None:
        rule = "is JSON without a list of objects, or lists of equal length"
        raise InvalidData([Problem("", ABSENT, rule, "export the series, or give it as CSV")])
    return rows


def text_and_notes(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and what is told of its encoding. Raises InvalidData where it is no text."""
    if data.startswith(UTF_16):
        return _decoded(data, "utf-16"), ()
    if b"\0" in data:
        raise InvalidData([Problem("", ABSENT, "is not text: it has zero bytes", "save the file as UTF-8")])
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return _decoded(data, "cp1252"), ("it is not UTF-8; read as Windows-1252",)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidData([Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")]) from None


def _text_sheet(text: str, notes: tuple[str, ...], place: Place) -> Sheet:
    head = [line for line in islice(io.StringIO(text), SAMPLE_LINES) if line.strip()]
    quoted = _quoted_as_a_whole(head)
    delimiter = _delimiter([_unquoted(line) for line in head] if quoted else head)
    if quoted:
        notes = (*notes, "each line is quoted as a whole; read as the cells within")
    return Sheet(lambda: _cells(text, delimiter, quoted, place), place, delimiter, notes)


def _cells(text: str, delimiter: str, quoted: bool, place: Place) -> Iterator[Line]:
    source: Iterator[str] = io.StringIO(text, newline="")
    if quoted:
        source = (_unquoted(line) for line in source)
    reader = csv.reader(source, delimiter=delimiter or ",", strict=True, skipinitialspace=delimiter == ",")
    spaced = not text.isascii()
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, [cell.translate(SPACES) for cell in cells] if spaced else cells
    except csv.Error as error:
        raise wrong_cell(place(reader.line_num), "", f"is not CSV: {error}", "correct the line") from None


def _quoted_as_a_whole(head: Sequence[str]) -> bool:
    """Is each line one quoted cell that holds a line of cells? Spreadsheets write that of CSV opened as one column."""
    held = [_unquoted(line) for line in head if WHOLE_LINE.fullmatch(line.strip())]
    if len(held) < 2 or len(held) * 2 <= len(head) or all(ONE_NUMBER.fullmatch(one.strip()) for one in held[1:]):
        return False
    return all(any(mark in one for mark in DELIMITERS) for one in held)


def _unquoted(line: str) -> str:
    bare = line.strip()
    return f"{bare[1:-1].replace(chr(34) * 2, chr(34))}\n" if WHOLE_LINE.fullmatch(bare) else line


def _delimiter(head: Sequence[str]) -> str:
    """That of which most lines have as many as the others: commas within numbers differ from line to line or are
    outdone by what parts the cells. The comma where nothing parts them."""
    best, score = ",", (0, 0)
    for mark in DELIMITERS:
        widths = [_width(line, mark) for line in head]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        found = (widths.count(usual), usual)
        if usual > 1 and (found > score if mark == "," else found[0] * 2 >= len(head) and _beats(found, score, mark)):
            best, score = mark, found
    return best


def _beats(found: tuple[int, int], score: tuple[int, int], mark: str) -> bool:
    """Semicolons and tabs part cells wherever most lines have them, for numbers and texts have commas, not them."""
    return found[0] >= score[0] or mark in ";\t"


def _width(line: str, mark: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=mark), []))
    except csv.Error:
        return 1
