"""The commands `generate ...`: instances that are drawn, not measured."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date

import click

from optimizer.cli.bench.depot import depot

MOST_STATIONS = 100_000
STATIONS_BETWEEN_NEWS = 100
DEFAULT_DAY = "2026-11-25"  # a Wednesday


@click.group(epilog="Example: swapcharge generate network --stations 100 -o network.json")
def generate() -> None:
    """Make instances of any size from published facts."""


def _day(_: click.Context, __: click.Parameter, text: str) -> date:
    from models.errors import InvalidData
    from optimizer.files import timestamps as clock
    from optimizer.files.errors import told
    from optimizer.generate.published_facts import FIRST_YEAR, LAST_YEAR

    try:
        day = clock.day(text)
    except InvalidData:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise click.BadParameter(
            f"{told(text)}: must be a date YYYY-MM-DD from {FIRST_YEAR}-01-01 to {LAST_YEAR}-12-31; "
            f"write it like {DEFAULT_DAY}"
        )
    return day


@generate.command(epilog="Example: swapcharge generate network --stations 100 --seed 7 -o network.json.gz")
@click.option(
    "--stations", type=click.IntRange(1, MOST_STATIONS), required=True, metavar="N", help="How many stations."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the drawing.")
@click.option(
    "--day", callback=_day, metavar="YYYY-MM-DD", default=DEFAULT_DAY, show_default=True, help="The local day."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Write the instance here (.json, .json.gz, or - for stdout).  [default: stdout]",
)
def network(stations: int, seed: int, day: date, output: str) -> None:
    """Draw a realistic network: one day of N battery-swap stations, about 3 % of them overloaded.

    The same seed gives the same bytes, and station n is the same whatever N is. instances/README.md lists
    every distribution and its source.
    """
    from optimizer.files.atomic import STANDARD_INPUT, check_target, write_whole
    from optimizer.generate.network import network_text

    pieces = _with_news(network_text(stations, seed, day), stations)
    if output == STANDARD_INPUT:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        check_target(output, [], "instance file", b"swapcharge-instance")
        write_whole(output, b"".join(pieces))


def _with_news(pieces: Iterable[bytes], stations: int) -> Iterator[bytes]:
    """The pieces as they come; how many there were is told now and then on stderr, if someone is looking."""
    is_watched = sys.stderr.isatty() and stations > STATIONS_BETWEEN_NEWS
    for drawn, piece in enumerate(pieces):
        if is_watched and drawn % STATIONS_BETWEEN_NEWS == 0:
            click.echo(f"\r\033[K{drawn:,} of {stations:,} stations drawn", nl=False, err=True)
        yield piece
    if is_watched:
        click.echo("\r\033[K", nl=False, err=True)


generate.add_command(depot)
