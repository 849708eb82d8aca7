"""The commands `import ...`: what operators have becomes what swapcharge reads. Each command has a file of its own."""

from __future__ import annotations

import click

from optimizer.cli.imports.events import events
from optimizer.cli.imports.network import network
from optimizer.cli.imports.swaps import swaps


@click.group("import", epilog="Example: swapcharge import network --template tables")
def imports() -> None:
    """Make instances and histories from an operator's own tables and logs."""


imports.add_command(network)
imports.add_command(swaps)
imports.add_command(events)
