"""The commands `export mps` and `export lp`: a night as a file for any solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from optimizer.cli.output import check_output, write_output

F = TypeVar("F", bound=Callable[..., Any])


def night_options(command: F) -> F:
    """The options that choose a night and its formulation."""
    for option in (
        click.option("--station", metavar="ID", help="The station, if the instance has several."),
        click.option(
            "--formulation", required=True, metavar="NAME", help="A formulation listed by swapcharge bench contenders."
        ),
    ):
        command = option(command)
    return command


_output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    help="Write this file (- for stdout; .gz is compressed).  [default: stdout]",
)


@click.command(
    epilog="Example: swapcharge export mps instances/real/nl-winter-day.json --formulation reference -o night.mps"
)
@click.argument("instance")
@night_options
@_output
def mps(instance: str, station: str | None, formulation: str, output: str) -> None:
    """Write INSTANCE (a file, or - for stdin) as a free-format MPS file.

    Rows are named after the equations of models/README.md: c5_4(0,17) is (5.4) for pack 0 in slot 17. Comments say what
    the file is of, and what each family of rows and columns is.
    """
    _export("mps", instance, station, formulation, output)


@click.command(
    epilog="Example: swapcharge export lp instances/real/nl-winter-day.json --formulation reference -o night.lp"
)
@click.argument("instance")
@night_options
@_output
def lp(instance: str, station: str | None, formulation: str, output: str) -> None:
    """Write INSTANCE (a file, or - for stdin) as an LP file in CPLEX's format.

    Rows are named after the equations of models/README.md: c5_4(0,17) is (5.4) for pack 0 in slot 17. Comments say what
    the file is of, and what each family of rows and columns is.
    """
    _export("lp", instance, station, formulation, output)


def _export(kind: str, instance: str, station: str | None, formulation: str, output: str) -> None:
    from optimizer.programmes.formulated_night import formulated_night
    from optimizer.programmes.mps_lp_text import KINDS, MARKS, export_text

    of_kind = KINDS[kind]
    found = formulated_night(instance, station, formulation)
    check_output(output, [instance], f"{kind.upper()} file written by swapcharge", MARKS[of_kind])
    write_output(output, export_text(found.programme(), of_kind, found.of))
