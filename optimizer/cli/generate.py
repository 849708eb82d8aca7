"""The commands `generate ...`: random instances from published facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, progress_line, say, write_output, write_pieces

MOST_STATIONS = 100_000
STATIONS_BETWEEN_REPORTS = 100
MOST_PACKS = 10_000
PACKS, SWITCHES = click.IntRange(1, MOST_PACKS), click.IntRange(0, MOST_PACKS)
DEFAULT_DAY = "2026-11-25"  # a Wednesday


@click.group(epilog="Example: swapcharge generate network --stations 100 -o network.json")
def generate() -> None:
    """Make instances of any size from published facts."""


def _day(_: click.Context, __: click.Parameter, text: str) -> date:
    from models.errors import InvalidData
    from optimizer.files import timestamps as clock
    from optimizer.files.errors import value_text
    from optimizer.generate.published_facts import FIRST_YEAR, LAST_YEAR

    try:
        day = clock.day(text)
    except InvalidData:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise click.BadParameter(
            f"{value_text(text)}: must be a date YYYY-MM-DD from {FIRST_YEAR}-01-01 to {LAST_YEAR}-12-31; "
            f"write it like {DEFAULT_DAY}"
        )
    return day


@generate.command(epilog="Example: swapcharge generate network --stations 100 --seed 7 -o network.json.gz")
@click.option(
    "--stations", type=click.IntRange(1, MOST_STATIONS), required=True, metavar="N", help="How many stations."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the random numbers."
)
@click.option(
    "--day", callback=_day, metavar="YYYY-MM-DD", default=DEFAULT_DAY, show_default=True, help="The local day."
)
@click.option(
    "--day-sd",
    type=click.FloatRange(0, 2),
    metavar="SD",
    help="Drivers are a forecast, with this standard deviation of a day's factor; not given: they are known.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Write the instance to this file (.json, .json.gz, or - for stdout).  [default: stdout]",
)
def network(stations: int, seed: int, day: date, day_sd: float | None, output: str) -> None:
    """Draw a realistic network: one day of N battery-swap stations, about 3 % of them overloaded.

    The same seed gives the same bytes, and station n does not depend on N. instances/README.md lists every
    distribution with its source.
    """
    from optimizer.generate.draw_network import network_text

    check_output(output, [], "instance file", b"swapcharge-instance")
    pieces = _with_progress(network_text(stations, seed, day, day_sd), stations)
    if output == STANDARD_STREAM:
        write_pieces(pieces)
    else:
        write_output(output, b"".join(pieces))


def _with_progress(pieces: Iterable[bytes], stations: int) -> Iterator[bytes]:
    """The pieces as they come; on a terminal, stderr shows how many of many there are."""
    show = progress_line() if stations > STATIONS_BETWEEN_REPORTS else lambda text: None
    for drawn, piece in enumerate(pieces):
        if drawn % STATIONS_BETWEEN_REPORTS == 0:
            show(f"{drawn:,} of {stations:,} stations drawn")
        yield piece
    show("")


@generate.command(epilog="Example: swapcharge generate depot --packs 20 --ports 10 -o depot.json")
@click.option("--packs", type=PACKS, required=True, metavar="N", help="Number of packs.")
@click.option("--ports", type=PACKS, required=True, metavar="N", help="Number of ports.")
@click.option(
    "--gamma",
    type=SWITCHES,
    metavar="G",
    help="Most switches at the end of an hour.  [default: a quarter of the ports]",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the random numbers."
)
@click.option("--published", is_flag=True, help="Write the format of arXiv 2505.07047 instead of an instance.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write the instance to this file.  [default: stdout]")
def depot(packs: int, ports: int, gamma: int | None, seed: int, published: bool, output: str) -> None:
    """Draw a central depot like those of arXiv 2505.07047, with fewer ports than packs and a limit on switches.

    The same seed gives the same bytes. With a gamma far below a quarter of the ports, packs may remain uncharged.
    """
    from models.errors import InvalidData
    from optimizer.files.json_text import indented_document
    from optimizer.generate.draw_depot import depot_document, drawn_depot, usual_gamma

    most = usual_gamma(ports) if gamma is None else gamma
    try:
        made: Any = (depot_document if published else drawn_depot)(packs, ports, most, seed)
    except InvalidData as error:
        problems = "; ".join(f"{one.value} packs {one.rule}; {one.remedy}" for one in error.problems)
        raise click.UsageError(problems) from None
    check_output(output, [], "file of this kind", b'"B_ell"' if published else b"swapcharge-instance")
    write_output(output, indented_document(made))
    if published and Path(output).name != (name := f"input_data_file_{packs}_{ports}_{most}.json"):
        note = f"ports and gamma stand only in the file's name: {name}, or import it with"
        say(f"{note} --ports {ports} --gamma {most}", to_stderr=True)
