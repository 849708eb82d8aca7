"""The command `import network`."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli.output import say


@click.command(epilog="Example: swapcharge import network --template tables")
@click.option("--template", metavar="DIR", required=True, help="Write empty tables with explained columns here.")
def network(template: str) -> None:
    """Make an instance from an operator's tables of stations, packs and drivers."""
    from optimizer.imports.template import write_template

    for path in write_template(Path(template)):
        say(str(path))
