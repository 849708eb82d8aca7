"""Doubtful input, as every command tells it: on standard error, or as an error with --strict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import say

if TYPE_CHECKING:
    from models.errors import Problem
    from models.station.instance import Instance
    from optimizer.doubts.warnings import InputWarning

strict_option = click.option(
    "--strict", is_flag=True, help="Refuse doubtful input (what else is a warning): exit code 2."
)


def tell_doubts(file: str, doubts: Sequence[Problem], strict: bool) -> tuple[InputWarning, ...]:
    """Warn of the doubts about `file` on standard error; as --json has them. Raises InputErrors where `strict`."""
    from optimizer.doubts.warnings import input_warnings, refuse_doubts, warning_lines

    if strict:
        refuse_doubts(file, doubts)
    for line in warning_lines(file, doubts):
        say(line, to_stderr=True)
    return input_warnings(doubts)


def read_telling(path: str, strict: bool) -> tuple[Instance, tuple[InputWarning, ...]]:
    """The instance, its doubts told. Raises InputErrors."""
    from optimizer.doubts.instance import read_doubtful

    read = read_doubtful(path)
    return read.instance, tell_doubts(read.file, read.doubts, strict)
