"""The commands `bench import-depot` and `generate depot`: central depots as instances."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from optimizer.generate.depot import NameFacts

MOST_PACKS, MOST_SEED = 10_000, 2**31 - 1
PACKS, SWITCHES = click.IntRange(1, MOST_PACKS), click.IntRange(0, MOST_PACKS)


@click.command(
    "import-depot",
    epilog="Example: swapcharge generate depot --packs 20 --ports 10 --published | "
    "swapcharge bench import-depot - --ports 10 --gamma 3 -o depot.json",
)
@click.argument("file")
@click.option("--ports", type=PACKS, metavar="N", help="Number of ports.  [default: as the file's name tells]")
@click.option(
    "--gamma", type=SWITCHES, metavar="G", help="Most switches at an hour's end.  [default: as the file's name tells]"
)
@click.option("-o", "--output", metavar="OUT", default="-", help="Write the instance here.  [default: stdout]")
def import_depot(file: str, ports: int | None, gamma: int | None, output: str) -> None:
    """Make an instance of FILE, a central depot in the format of arXiv 2505.07047 (or - for stdin).

    Its plans cost what they cost in the published model. Ports and gamma are read from a name like
    input_data_file_{packs}_{ports}_{gamma}.json.
    """
    from optimizer.files.atomic import shown_name
    from optimizer.generate.depot import PAPER, depot_instance, facts_of_name, read_depot
    from optimizer.generate.network import json_lines

    told = _told(facts_of_name(file), ports, gamma)
    depot = read_depot(file)
    _check_target(output, file)
    name = f"depot-{len(depot.needs)}-{told.ports}-{told.gamma}"
    what = f"imported from {Path(shown_name(file)).name}, a central depot in the format of {PAPER}"
    _write(output, json_lines(depot_instance(depot, told.ports, told.gamma, name, what)))


def _told(name: NameFacts | None, ports: int | None, gamma: int | None) -> NameFacts:
    """Ports and gamma, by the options or by the file's name."""
    from optimizer.generate.depot import NameFacts

    ports = name.ports if ports is None and name else ports
    gamma = name.gamma if gamma is None and name else gamma
    if not ports or gamma is None:
        raise click.UsageError(
            "the file's name does not tell ports and gamma, as input_data_file_100_50_13.json would: "
            "give --ports and --gamma"
        )
    return NameFacts(0, ports, gamma)


@click.command(epilog="Example: swapcharge generate depot --packs 20 --ports 10 -o depot.json")
@click.option("--packs", type=PACKS, required=True, metavar="N", help="How many packs.")
@click.option("--ports", type=PACKS, required=True, metavar="N", help="How many ports.")
@click.option(
    "--gamma", type=SWITCHES, metavar="G", help="Most switches at an hour's end.  [default: a quarter of the ports]"
)
@click.option("--seed", type=click.IntRange(0, MOST_SEED), default=0, show_default=True, help="Seed of the drawing.")
@click.option("--published", is_flag=True, help="Write the format of arXiv 2505.07047 instead.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write the instance here.  [default: stdout]")
def depot(packs: int, ports: int, gamma: int | None, seed: int, published: bool, output: str) -> None:
    """Draw a central depot like those of arXiv 2505.07047: fewer ports than packs, a cap on switches.

    The same seed gives the same bytes. A gamma far below a quarter of the ports may leave packs uncharged.
    """
    from models.errors import InvalidData
    from optimizer.generate.depot_drawing import depot_document, drawn_depot, usual_gamma
    from optimizer.generate.network import json_lines

    most = usual_gamma(ports) if gamma is None else gamma
    try:
        made: Any = (depot_document if published else drawn_depot)(packs, ports, most, seed)
    except InvalidData as error:
        told = "; ".join(f"{one.value} packs {one.rule}; {one.remedy}" for one in error.problems)
        raise click.UsageError(told) from None
    _check_target(output, None, b'"B_ell"' if published else b"swapcharge-instance")
    _write(output, json_lines(made))
    if published and Path(output).name != (name := f"input_data_file_{packs}_{ports}_{most}.json"):
        told = f"ports and gamma stand only in the file's name: {name}, or import it with"
        click.echo(f"{told} --ports {ports} --gamma {most}", err=True)


def _check_target(output: str, source: str | None, mark: bytes = b"swapcharge-instance") -> None:
    from optimizer.files.atomic import STANDARD_INPUT, check_target

    if output != STANDARD_INPUT:
        check_target(output, [] if source in (None, STANDARD_INPUT) else [str(source)], "file of this kind", mark)


def _write(output: str, data: bytes) -> None:
    from optimizer.files.atomic import STANDARD_INPUT, write_whole

    if output == STANDARD_INPUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, data)
