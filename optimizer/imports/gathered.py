"""What is wrong with several files, reported at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from models.errors import InvalidData, Problem
from optimizer.files.errors import InputErrors, first_of_each_kind, line_of

T = TypeVar("T")
LINE = re.compile(r"line (\d+)")


class ManyInputErrors(InputErrors):
    """Defects of several files that were read together: a line for each, file by file."""

    def __init__(self, by_file: Mapping[str, Sequence[Problem]]) -> None:
        self.by_file = by_file
        super().__init__(next(iter(by_file)), [one for problems in by_file.values() for one in problems])

    def __str__(self) -> str:
        lines = [
            line_of(file, problem)
            for file, problems in self.by_file.items()
            for problem in first_of_each_kind(sorted(problems, key=_line))
        ]
        return "\n".join(lines)


def _line(problem: Problem) -> int:
    """Its line; what is wrong with the whole file comes before."""
    match = LINE.match(problem.place)
    return int(match[1]) if match else 0


class Gathered:
    """Problems by file, in the order in which files were first named."""

    def __init__(self) -> None:
        self.by_file: dict[str, list[Problem]] = {}

    def add(self, file: str, problems: Iterable[Problem]) -> None:
        """Keep problems of a file."""
        for problem in problems:
            self.by_file.setdefault(file, []).append(problem)

    def attempt(self, file: str, make: Callable[[], T]) -> T | None:
        """What `make` gives; None where it raises InvalidData, of `file`, or InputErrors, which are kept."""
        try:
            return make()
        except InvalidData as error:
            self.add(file, error.problems)
        except InputErrors as error:
            self.add(error.file, error.problems)
        return None

    def refuse(self) -> None:
        """Raises ManyInputErrors where there is any problem."""
        if self.by_file:
            raise ManyInputErrors(self.by_file)
