"""Operation files: what a network does every night, as options of the commands that do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from models.errors import InvalidData, Problem, refuse
from optimizer.cli.exports.set_points import setpoints
from optimizer.cli.imports.network import network
from optimizer.cli.nightly import nightly
from optimizer.cli.tonight.operation_document import OperationDocument, Options, Value
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.json_text import decode_plain
from optimizer.files.limits import MOST_TOML_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.files.toml_text import plain_toml
from optimizer.formats.tariff_file import zone_problems


@dataclass(frozen=True)
class Step:
    """A command whose options an operation file gives: its table there, its words, what each night sets itself."""

    table: str
    words: tuple[str, ...]
    command: click.Command
    set_by_night: frozenset[str]

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return " ".join(self.words)

    @property
    def options(self) -> dict[str, click.Option]:
        """What an operation file may say, by key: long names with underscores."""
        options = [one for one in self.command.params if isinstance(one, click.Option)]
        named = {max(one.opts, key=len).removeprefix("--").replace("-", "_"): one for one in options}
        return {key: one for key, one in named.items() if key not in self.set_by_night}


STEPS = (
    Step("import", ("import", "network"), network, frozenset({"output", "json", "template", "date"})),
    Step("nightly", ("nightly",), nightly, frozenset({"out", "carry_from", "json", "replace"})),
    Step("setpoints", ("export", "setpoints"), setpoints, frozenset({"output", "json", "instance", "read"})),
)


@dataclass(frozen=True)
class Operation:
    """An operation file that has been read. `folder`: its own, in which commands are called; `nights`: as seen from
    there. `asked`: the arguments by table, without what a night sets itself.
    """

    folder: Path
    nights: str
    zone: ZoneInfo
    asked: Mapping[str, tuple[str, ...]]
    has_pages: bool


def read_operation(path: str) -> Operation:
    """The operation in a TOML file. Raises InputErrors with every problem."""
    try:
        document = decode_plain(plain_toml(read_bytes(path, MOST_TOML_BYTES)), OperationDocument)
        return _operation(document, Path(path).parent)
    except InvalidData as error:
        raise InputErrors(shown_name(path), error.problems) from None


def _operation(document: OperationDocument, folder: Path) -> Operation:
    tables = {"import": document.tables, "nightly": document.nightly, "setpoints": document.setpoints}
    given = [(step, options) for step in STEPS if (options := tables[step.table]) is not None]
    problems = [*zone_problems("time_zone", document.time_zone)]
    for step, options in given:
        problems += _problems(step, options)
    refuse(problems)
    asked = {step.table: tuple(_arguments(options)) for step, options in given}
    return Operation(folder, document.nights, ZoneInfo(document.time_zone), asked, document.pages)


def _problems(step: Step, options: Options) -> Iterator[Problem]:
    known = step.options
    for key, value in options.items():
        place = f"{step.table}.{key}"
        if key in step.set_by_night:
            yield Problem(place, value, "is what each night sets itself", "leave it out")
        elif key not in known:
            remedy = did_you_mean(key, known, f"its options: {', '.join(known)}")
            yield Problem(place, value, f"is no option of {step.name}", remedy)
        elif wrong := _wrong(known[key], value):
            yield Problem(place, value, wrong, f"see swapcharge {step.name} --help")


def _wrong(option: click.Option, value: Value) -> str:
    """What is wrong with the value of an option; "" where nothing is."""
    if option.is_flag != isinstance(value, bool):
        return "must be true or false" if option.is_flag else "must be a text or a number"
    if isinstance(value, tuple) and not option.multiple:
        return "must be one value, not a list"
    try:
        for one in () if option.is_flag else _texts(value):
            option.type.convert(one, option, None)
    except click.BadParameter as error:
        return f"does not do: {error.message.rstrip('.')}"
    return ""


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _arguments(options: Options) -> Iterator[str]:
    """The options as a command line has them; no value is taken for another option."""
    for key, value in options.items():
        name = f"--{key.replace('_', '-')}"
        if isinstance(value, bool):
            yield from (name,) if value else ()
        else:
            yield from (f"{name}={one}" for one in _texts(value))
