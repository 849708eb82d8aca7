"""The command `import swaps`."""

from __future__ import annotations

from typing import Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, say, write_output
from optimizer.cli.table_options import zone_option


@click.command(
    epilog="Example: swapcharge import swaps instances/logs/battery-swaps.jsonl --types instances/logs/packs.csv"
)
@click.argument("log", metavar="LOG")
@click.option(
    "-o", "--output", metavar="FILE", default=STANDARD_STREAM, help="Write the table here.  [default: standard output]"
)
@click.option("--types", metavar="CSV", help="Pack types: columns pack (serial number, or NMC-*) and type.")
@click.option(
    "--zone", callback=zone_option, metavar="NAME", help="Clock of stamps without offset, and of the table's."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object of what was read.")
def swaps(log: str, output: str, as_json: bool, **given: Any) -> None:
    """Make a swap history, a table, of LOG: messages BatterySwap of OCPP 2.1 as JSON lines or a JSON list.

    BatteryIn and BatteryOut of one request are a swap. Each message needs a time stamp around it. Commands that read
    swaps, such as forecast, read LOG itself just as well.
    """
    if log == given["types"] == STANDARD_STREAM:
        raise click.UsageError("only one of LOG and --types can be standard input")
    from zoneinfo import ZoneInfo

    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.imports.swap_history import logged_swaps, parse_types

    check_output(output, [log, given["types"]], "table of swaps", b"time,")
    types = None if given["types"] is None else parse_types(read_bytes(given["types"]), shown_name(given["types"]))
    zone = None if given["zone"] is None else ZoneInfo(given["zone"])
    found = logged_swaps(read_bytes(log), shown_name(log), zone, types)
    write_output(output, found.table())
    to_stderr = output == STANDARD_STREAM
    if as_json:
        print_result(found.facts(), to_stderr=to_stderr)
    else:
        say(found.text() if to_stderr else f"{found.text()}\nTable written to {output}", to_stderr=to_stderr)
