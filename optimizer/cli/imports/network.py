"""The command `import network`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, say, write_output
from optimizer.cli.table_options import day_option, zone_option

if TYPE_CHECKING:
    from optimizer.imports.network import ImportedNetwork

SLOT_MINUTES = ("5", "10", "15", "20", "30", "60")
TABLES = ("stations", "packs", "types", "swaps", "expected", "reservations", "prices", "charges", "mapping")


@click.command(
    epilog="Example: swapcharge import network --stations instances/tables/stationen.csv "
    "--packs instances/tables/akkus.csv --swaps instances/tables/wechsel.csv "
    "--tariff instances/tables/tarife.csv --mapping instances/tables/mapping.toml "
    "-o network.json"
)
@click.option("--template", metavar="DIR", help="Write empty tables with explained columns here, and nothing else.")
@click.option("--stations", metavar="FILE", help="Table of stations: bays, chargers, grid limit.")
@click.option("--packs", metavar="FILE", help="Table of packs: station, type, state of charge.")
@click.option("--types", metavar="FILE", help="Table of pack types: capacity, target.  [default: the mapping's]")
@click.option("--swaps", metavar="FILE", help="Drivers: a history of swaps, of which the day is forecast.")
@click.option("--expected", metavar="FILE", help="Drivers: how many are expected, by the hour or slot.")
@click.option("--reservations", metavar="FILE", help="Drivers who are known; may stand beside one of the two.")
@click.option("--tariff", "tariffs", multiple=True, metavar="FILE", help="A tariff file, or a table of price levels.")
@click.option("--prices", metavar="FILE", help="Market prices, in any table or document.")
@click.option("--charges", metavar="FILE", help="A tariff file of network charges and levies on top of --prices.")
@click.option("--mapping", metavar="FILE", help="TOML: own names of columns, units, values, and what tables lack.")
@click.option("--date", "day", callback=day_option, metavar="DATE", help="The local day.  [default: after the history]")
@click.option("--zone", callback=zone_option, metavar="NAME", help="The stations' clock, such as Europe/Berlin.")
@click.option("--currency", metavar="CODE", help="Currency of prices and costs.  [default: the tariffs']")
@click.option("--slot-minutes", type=click.Choice(SLOT_MINUTES), default="15", show_default=True, help="Slot length.")
@click.option("--name", metavar="TEXT", help="Name of the instance.  [default: network and its date]")
@click.option(
    "-o", "--output", metavar="FILE", help="Write the instance to this file (.json, .json.gz, or - for stdout)."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was understood as one JSON object.")
def network(template: str | None, output: str | None, as_json: bool, **given: Any) -> None:
    """Make an instance from an operator's tables of stations, packs, drivers and tariffs.

    Tables may come in any layout: delimiters, encodings, decimal commas, local times, workbooks. Columns go by our
    names, by other names that are not in doubt, or by those that --mapping says. What was understood is told.
    """
    if template is not None:
        _write_template(template, output, given)
        return
    _refuse_usage(output, as_json, given)
    from optimizer.imports.network import NetworkFiles, NetworkOptions, import_network

    assert output is not None
    files = NetworkFiles(tariffs=given["tariffs"], **{name: given[name] for name in TABLES})
    options = NetworkOptions(
        datetime.now(UTC), given["day"], given["zone"], int(given["slot_minutes"]), given["name"], given["currency"]
    )
    check_output(output, files.all, "instance file", b"swapcharge-instance")
    made = import_network(files, options)
    write_output(output, made.data)
    _tell(made, output, as_json)


def _write_template(template: str, output: str | None, given: Mapping[str, Any]) -> None:
    from optimizer.imports.template import write_template

    if output is not None or any(given[name] for name in (*TABLES, "tariffs")):
        raise click.UsageError("--template writes empty tables and reads none: leave the other options out")
    for path in write_template(Path(template)):
        say(str(path))


def _refuse_usage(output: str | None, as_json: bool, given: Mapping[str, Any]) -> None:
    missing = [f"--{name}" for name in ("stations", "packs") if given[name] is None]
    missing += ["-o"] if output is None else []
    if missing:
        raise click.UsageError(f"{' and '.join(missing)} missing: give the tables, or --template DIR for empty ones")
    if not any(given[name] for name in ("swaps", "expected", "reservations")):
        raise click.UsageError("nothing says who comes: give --swaps, --expected or --reservations")
    if given["swaps"] and given["expected"]:
        raise click.UsageError("--swaps and --expected both say who is expected: give one of them")
    if given["charges"] and not given["prices"]:
        raise click.UsageError("--charges are on top of market prices: give --prices, or the file as --tariff")
    if [given[name] for name in TABLES].count(STANDARD_STREAM) + given["tariffs"].count(STANDARD_STREAM) > 1:
        raise click.UsageError("only one table can be standard input")


def _tell(made: ImportedNetwork, output: str, as_json: bool) -> None:
    """What was understood, on standard error where standard output has the instance; and the doubts about it."""
    from optimizer.imports.doubts import doubts_of
    from optimizer.imports.summary import import_facts, import_text

    doubts = doubts_of(made)
    on_stderr = output == STANDARD_STREAM
    for file, one in doubts:
        from optimizer.files.errors import line_of

        say(f"warning: {line_of(file, one)}", to_stderr=True)
    if as_json:
        from optimizer.doubts.warnings import input_warnings, warnings_json

        told = warnings_json(input_warnings([one for _, one in doubts]))
        warnings = [{"file": file, **one} for (file, _), one in zip(doubts, told, strict=True)]
        print_result(import_facts(made) | {"output": output, "warnings": warnings}, to_stderr=on_stderr)
    else:
        say(
            f"{import_text(made)}\nInstance written to {'standard output' if on_stderr else output}",
            to_stderr=on_stderr,
        )
