"""The contents of a benchmark report before it is HTML or Markdown: paragraphs, lists, tables, drawings, alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.graphics.html_page import UNKNOWN, Cell, Head
from optimizer.graphics.markup import Markup


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class BulletList:
    """A list."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table; its first column names the row."""

    name: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Figure:
    """A drawing. `note`: how to read it. `is_small`: it is as high as wide."""

    title: str
    drawing: Markup
    note: str = ""
    is_small: bool = False


@dataclass(frozen=True)
class Alarm:
    """What nobody may overlook: a title, and lines below it."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Transcript:
    """What a program wrote, line by line as it stands, below a title."""

    title: str
    text: str


Part = Paragraph | BulletList | Table | Figure | Transcript


@dataclass(frozen=True)
class Section:
    """A part of the report with a title of its own."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Report:
    """A report: what kind, its title, lines below it, alarms, sections, the line at its foot."""

    kicker: str
    title: str
    below: Sequence[str]
    alarms: Sequence[Alarm]
    sections: Sequence[Section]
    foot: str


def heads(*names: str, text: frozenset[str] | set[str] = frozenset()) -> list[Head]:
    """Columns: the first one and those of `text` hold words, all others numbers."""
    return [Head(name, is_number=index > 0 and name not in text) for index, name in enumerate(names)]


def seconds(value: float | None) -> str:
    """Wall seconds to three digits."""
    if value is None:
        return UNKNOWN
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def seconds_cell(value: float | None) -> Cell:
    """Seconds in a table."""
    return Cell(seconds(value), value)


def ratio_cell(value: float | None) -> Cell:
    """How many times as much."""
    return Cell(UNKNOWN if value is None else f"{value:,.2f}", value)
