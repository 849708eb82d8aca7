"""The command `bench import-depot`: a published central depot as an instance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import check_output, write_output

if TYPE_CHECKING:
    from optimizer.generate.depot import DepotFileName

MOST_PACKS = 10_000
PORTS, SWITCHES = click.IntRange(1, MOST_PACKS), click.IntRange(0, MOST_PACKS)


@click.command(
    "import-depot",
    epilog="Example: swapcharge generate depot --packs 20 --ports 10 --published | "
    "swapcharge bench import-depot - --ports 10 --gamma 3 -o depot.json",
)
@click.argument("file")
@click.option("--ports", type=PORTS, metavar="N", help="Number of ports.  [default: from the file's name]")
@click.option(
    "--gamma", type=SWITCHES, metavar="G", help="Most switches at the end of an hour.  [default: from the file's name]"
)
@click.option("-o", "--output", metavar="OUT", default="-", help="Write the instance to this file.  [default: stdout]")
def import_depot(file: str, ports: int | None, gamma: int | None, output: str) -> None:
    """Make an instance from FILE (or - for stdin), a central depot in the format of arXiv 2505.07047.

    Its plans cost the same as in the published model. Ports and gamma are read from a name like
    input_data_file_{packs}_{ports}_{gamma}.json.
    """
    from optimizer.files.json_text import indented_document
    from optimizer.files.read_write import shown_name
    from optimizer.generate.depot import PAPER, depot_instance, facts_of_name, read_depot

    given = _ports_and_gamma(facts_of_name(file), ports, gamma)
    depot = read_depot(file)
    check_output(output, [file], "file of this kind", b"swapcharge-instance")
    name = f"depot-{len(depot.needs)}-{given.ports}-{given.gamma}"
    what = f"imported from {Path(shown_name(file)).name}, a central depot in the format of {PAPER}"
    write_output(output, indented_document(depot_instance(depot, given.ports, given.gamma, name, what)))


def _ports_and_gamma(name: DepotFileName | None, ports: int | None, gamma: int | None) -> DepotFileName:
    """Ports and gamma, by the options or by the file's name."""
    from optimizer.generate.depot import DepotFileName

    ports = name.ports if ports is None and name else ports
    gamma = name.gamma if gamma is None and name else gamma
    if not ports or gamma is None:
        raise click.UsageError(
            "the file's name does not tell ports and gamma, as input_data_file_100_50_13.json would: "
            "give --ports and --gamma"
        )
    return DepotFileName(0, ports, gamma)
