"""Options of every command that reads a table: its columns, its clock, when values without stamps begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def zone_option(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """The name of a time zone. Raises BadParameter where it is none."""
    from optimizer.files.errors import line_of
    from optimizer.formats.tariff_file import zone_problems

    for problem in zone_problems("", text) if text is not None else ():
        raise click.BadParameter(line_of("", problem))
    return text


def day_option(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    """A date. Raises BadParameter where it is none."""
    from models.errors import InvalidData
    from optimizer.files import timestamps as clock

    try:
        return None if text is None else clock.day(text)
    except InvalidData as error:
        (problem,) = error.problems
        raise click.BadParameter(f"{text}: {problem.rule}; {problem.remedy}") from None


def _start(_: click.Context, __: click.Parameter, text: str | None) -> Any:
    from optimizer.tables.stamps import stamp_of

    if text is None:
        return None
    found = stamp_of(text) if text[:4].isdigit() else None
    if found is None:
        raise click.BadParameter("must be a date and a time of day, such as 2025-01-01T00:00")
    return found.at


def _where(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
    parted = [text.rpartition("=") for text in texts]
    if any(not column for column, _, _ in parted):
        raise click.BadParameter("must be COLUMN=TEXT")
    return tuple((column, value) for column, _, value in parted) or None


OPTIONS = (
    click.option("--time-column", metavar="NAME", help="Column of the time stamps.  [default: found]"),
    click.option(
        "--value-column", "--column", "value_column", metavar="NAME", help="Column of the values.  [default: found]"
    ),
    click.option("--where", multiple=True, callback=_where, metavar="COLUMN=TEXT", help="Only rows with this text."),
    click.option(
        "--zone", callback=zone_option, metavar="NAME", help="Clock of stamps without offset.  [default: the tariff's]"
    ),
    click.option(
        "--dates",
        type=click.Choice(("day-first", "month-first")),
        help="What dates such as 01/02/2025 begin with, if no date of the file tells.",
    ),
    click.option(
        "--stamps", type=click.Choice(("start", "end")), help="Which end of its interval a stamp is.  [default: found]"
    ),
    click.option("--start", callback=_start, metavar="TIME", help="When the first of values without stamps begins."),
    click.option("--minutes", type=click.IntRange(1, 1440), help="How long each of values without stamps holds."),
)
NAMES = ("time_column", "value_column", "where", "zone", "dates", "stamps", "start", "minutes")


def table_options(command: Command) -> Command:
    """Adds the options, which the command gets by their NAMES."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def reading_of(given: Mapping[str, Any], zone: Any) -> Any:
    """How a table is to be read. `zone`: the clock of its stamps where the user names none."""
    from zoneinfo import ZoneInfo

    from optimizer.tables.reading import Reading

    named = {name: given[name] for name in NAMES if given.get(name) is not None}
    is_said = "zone" in named
    return Reading(**named | {"zone": ZoneInfo(named["zone"]) if is_said else zone, "is_zone_said": is_said})
