"""How doubts are told: as lines for people, as objects for scripts, or as errors where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, to_builtins

from models.errors import Problem
from optimizer.files.errors import InputErrors, first_of_each_kind, line_of


class InputWarning(Struct, frozen=True):
    """A doubt as `--json` has it: where, what stands there, why it is doubtful, what to do."""

    place: str
    value: Any
    rule: str
    remedy: str


def input_warnings(doubts: Sequence[Problem]) -> tuple[InputWarning, ...]:
    """All of them, in the order of the file."""
    return tuple(InputWarning(one.place, one.value, one.rule, one.remedy) for one in doubts)


def warnings_json(warnings: Sequence[InputWarning]) -> list[dict[str, Any]]:
    """The same as plain objects."""
    return [to_builtins(one) for one in warnings]


def warning_lines(file: str, doubts: Sequence[Problem]) -> Iterator[str]:
    """`warning: FILE: PLACE: VALUE: RULE; REMEDY`, ten of each kind and how many more there are."""
    for one in first_of_each_kind(doubts):
        yield f"warning: {line_of(file, one)}"


def refuse_doubts(file: str, doubts: Sequence[Problem]) -> None:
    """Doubts are errors. Raises InputErrors where there is any."""
    if doubts:
        raise InputErrors(file, doubts)
