"""Error messages: everything that is wrong with a file, one line each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest
from itertools import islice, takewhile
from typing import TypeVar

from models.errors import InvalidData, Problem
from optimizer.files.limits import MOST_OF_A_KIND

VALUE_CHARACTERS = 60
PART_CHARACTERS = 1000  # of place, rule and remedy: names may stand in them
LONGEST_MEANT = 60  # characters of a name for which the nearest is looked for
MOST_KNOWN, MOST_MEANT = 1000, 100  # names that are looked at, and compared
VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.+:-]*\d[\w.+:-]*")
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by their kind that fonts leave empty; `str.isprintable` knows the others."""

T = TypeVar("T")
D = TypeVar("D")


class Absent:
    """Stands in a Problem for a value that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


class FileErrors(Exception):
    """Defects of one file. `str()` gives a line `FILE: PLACE: VALUE: RULE; REMEDY` for each."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(file, self.problems)

    def __str__(self) -> str:
        return "\n".join(line_of(self.file, problem) for problem in first_of_each_kind(self.problems))


class InputErrors(FileErrors):
    """A file that was read is missing, broken or wrong."""


class OutputErrors(FileErrors):
    """A file cannot be written."""


def first_of_each_kind(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first ten problems of each kind, then a problem for each kind of which there are more: their count.

    Of one kind are problems whose rules differ in numbers and quoted names only.
    """
    counts: Counter[str] = Counter()
    for problem in problems:
        kind = _kind(problem.rule[:PART_CHARACTERS])
        counts[kind] += 1
        if counts[kind] <= MOST_OF_A_KIND:
            yield problem
    for kind, count in counts.items():
        if (more := count - MOST_OF_A_KIND) > 0:
            yield Problem("", ABSENT, f"and {more:,} more of the same kind: {kind}", "correct them likewise")


@lru_cache
def _kind(rule: str) -> str:
    return VARIABLE.sub("…", rule)


def line_of(file: str, problem: Problem) -> str:
    """One problem on one line; no place or no value leaves its part out."""
    value = "" if isinstance(problem.value, Absent) and not problem.place else value_text(problem.value)
    parts = [part for part in (file, _cut(problem.place), value, _cut(problem.rule)) if part]
    return printable(f"{': '.join(parts)}; {_cut(problem.remedy)}")


def _cut(text: str) -> str:
    return text if len(text) <= PART_CHARACTERS else text[: PART_CHARACTERS - 3] + "..."


def value_text(value: object) -> str:
    """`value` as compact JSON of at most 60 characters."""
    if isinstance(value, Absent):
        return "absent"
    try:
        text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), default=str)
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        text = "..."
    return text if len(text) <= VALUE_CHARACTERS else text[: VALUE_CHARACTERS - 3] + "..."


def _plain(value: object) -> object:
    """80.0 is written as 80: that is what the file says."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def is_seen(character: str) -> bool:
    """Is it a visible character, and no more: no control or direction mark, nothing that takes no or empty room?"""
    return character.isprintable() and character not in UNSEEN


def printable(text: str) -> str:
    """`text` fit for one line of a terminal: whatever of a name cannot be seen, or moves what can, is spelled out."""
    if text.isascii() and text.isprintable():  # as nearly all are, and a page has millions
        return text
    unseen = {ord(c): c.encode("unicode_escape").decode() for c in set(text) if not is_seen(c)}
    return text.translate(unseen) if unseen else text


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for a name that is not among the `known` ones: the nearest of them, or what `otherwise` says."""
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else otherwise


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest of the first thousand `known` names; "" where none is near, or the name is too long to compare.

    Those that begin as `name` does are compared, a hundred at most: to compare is slow.
    """
    if len(name) > LONGEST_MEANT:
        return ""
    short = [one for one in islice(known, MOST_KNOWN) if len(one) <= LONGEST_MEANT]
    near = nlargest(MOST_MEANT, short, key=lambda one: _common(name, one))
    return next(iter(get_close_matches(name, near, n=1)), "")


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


class Collector:
    """Gathers problems while building goes on with stand-ins, so that all are reported at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def attempt(self, place: str, make: Callable[[], T], stand_in: T) -> T:
        """What `make` gives; where it raises InvalidData, its problems are kept and `stand_in` is given."""
        try:
            return make()
        except InvalidData as error:
            self.keep(place, error)
            return stand_in

    def each(
        self, place: str, documents: Iterable[D], make: Callable[[D], T], stand_in: Callable[[D], T]
    ) -> tuple[T, ...]:
        """`make` of every document, a stand-in where it raises InvalidData: no later one changes its index."""
        made = []
        for index, document in enumerate(documents):
            try:
                made.append(make(document))
            except InvalidData as error:
                self.keep(f"{place}[{index}]", error)
                made.append(stand_in(document))
        return tuple(made)

    def keep(self, place: str, error: InvalidData) -> None:
        """Keep the problems of an object that stands at `place`."""
        self.problems += [problem.inside(place) if place else problem for problem in error.problems]
