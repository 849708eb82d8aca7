"""Which column of a table is which of ours: as the mapping says, by our name, or by another that is not in doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import Problem
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.files.plain_text import some_of
from optimizer.imports.columns.column import OwnColumn, OwnTable
from optimizer.imports.mapping_document import TableMappingDocument
from optimizer.imports.reading.cells import FROM_MAPPING, FROM_NAME, GUESSED

IN_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})
WORDS = re.compile(r"[^\W_]+")
UNIT_WORDS = frozenset(
    {"kw", "mw", "w", "kwh", "mwh", "wh", "percent", "prozent", "pct", "eur", "euro", "in", "cny", "c"}
)


@dataclass(frozen=True)
class ColumnFound:
    """Where one of our columns stands in a table, and how it was found: FROM_MAPPING, FROM_NAME or GUESSED."""

    index: int
    how: str


def plain_name(name: str) -> str:
    """A name as words parted by _, in lower case and without marks, brackets, or units at its end."""
    words = WORDS.findall(IN_BRACKETS.sub(" ", name).casefold().translate(UMLAUTS))
    while len(words) > 1 and words[-1] in UNIT_WORDS:
        words.pop()
    return "_".join(words)


def find_columns(
    table: OwnTable, names: Sequence[str], said: TableMappingDocument
) -> tuple[Mapping[str, ColumnFound], Mapping[str, Problem]]:
    """Our columns that a table with these `names` has, and those of which the mapping is wrong or that are in doubt."""
    found, problems = dict[str, ColumnFound](), dict[str, Problem]()
    for name, theirs in said.columns.items():
        places = [index for index, one in enumerate(names) if one == theirs.strip()] if theirs else []
        if len(places) == 1:
            found[name] = ColumnFound(places[0], FROM_MAPPING)
        elif theirs:
            problems[name] = _not_there(table, name, theirs, names, bool(places))
    left = [column for column in table.columns if column.name not in said.columns]
    for column in left:
        places = [index for index, one in enumerate(names) if _words(one) == column.name]
        if len(places) == 1 and not _is_taken(places[0], found):
            found[column.name] = ColumnFound(places[0], FROM_NAME)
    for column in left:
        if column.name not in found and (problem := _guess(table, column, names, found)) is not None:
            problems[column.name] = problem
    return found, problems


def _words(name: str) -> str:
    """A name as `plain_name` has it, but with its unit."""
    return "_".join(WORDS.findall(name.casefold()))


def _is_taken(index: int, found: Mapping[str, ColumnFound]) -> bool:
    return any(one.index == index for one in found.values())


def _guess(table: OwnTable, column: OwnColumn, names: Sequence[str], found: dict[str, ColumnFound]) -> Problem | None:
    """The one column that may be meant goes into `found`; of several, a problem."""
    known = {plain_name(column.name), *column.also}
    places = [i for i, name in enumerate(names) if plain_name(name) in known and not _is_taken(i, found)]
    if len(places) == 1:
        found[column.name] = ColumnFound(places[0], GUESSED)
    elif places:
        rule = f"may be several columns of the table: {', '.join(names[index] for index in places)}"
        remedy = f"name one in the mapping, under [{table.name}.columns]"
        return Problem(column.name, ABSENT, rule, remedy)
    return None


def _not_there(table: OwnTable, name: str, theirs: str, names: Sequence[str], is_twice: bool) -> Problem:
    place = f"mapping, [{table.name}.columns] {name}"
    if is_twice:
        return Problem(place, theirs, "names several columns of the table", "give every column its own name")
    shown = [one for one in names if one]
    remedy = did_you_mean(theirs, shown, f"its columns: {some_of(shown) or 'none'}")
    return Problem(place, theirs, "is not a column of the table", remedy)
