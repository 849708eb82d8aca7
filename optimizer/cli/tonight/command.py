"""The command `tonight`: from an operator's tables to set-points and pages, for cron."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import print_result, say
from optimizer.cli.table_options import day_option

if TYPE_CHECKING:
    from optimizer.cli.tonight.night import NightOfOperation, Said


@click.command(epilog="Example: swapcharge tonight instances/tables/operation.toml --date 2025-11-17")
@click.argument("path", metavar="OPERATION")
@click.option(
    "--date", "day", callback=day_option, metavar="DATE",
    help="Local day on which the night begins.  [default: tomorrow, by the operation's clock]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def tonight(path: str, day: date | None, as_json: bool) -> None:
    """Import, forecast, plan, export and report, as the file OPERATION says: one command for every night.

    The folder of the date gets network.json, the run of nightly, set-points and pages, and in logs what each command
    said. The night begins where the run of the day before ends, if there is one. After an interruption the same command
    continues. Exit code: that of the first command with no result, else 1 if one of them said no.
    """
    from optimizer.cli.tonight.night import NightOfOperation
    from optimizer.cli.tonight.operation import read_operation

    operation = read_operation(path)
    night = NightOfOperation(operation, day or datetime.now(operation.zone).date() + timedelta(days=1))
    said = list(night.carry_out())
    print_result(_facts(night, said) if as_json else _text(night, said))
    for one in said:
        if one.exit_code:
            say(f"{night.day}: {one.call.command}: exit code {one.exit_code}: {one.last_words}", to_stderr=True)
    sys.exit(max(one.exit_code for one in said))


def _facts(night: NightOfOperation, said: Sequence[Said]) -> dict[str, Any]:
    carried = night.last_run
    return {
        "date": night.day.isoformat(),
        "folder": str(night.folder),
        "carried_from": None if carried is None else str(carried),
        "commands": [{"command": one.call.command, "exit_code": one.exit_code} for one in said],
        "run": night.run_summary(),
    }


def _text(night: NightOfOperation, said: Sequence[Said]) -> str:
    start = "what the tables say is in the bays" if night.last_run is None else str(night.last_run)
    lines = [f"Night of {night.day} in {night.folder}", f"  begins with  {start}"]
    for one in said:
        what = "done" if one.exit_code == 0 else f"exit code {one.exit_code}"
        lines.append(f"  {one.call.command}: {what}{f', in {one.call.result}' if one.exit_code <= 1 else ''}")
    summary = night.run_summary()
    if summary is not None:
        lines.append(
            f"  {summary['planned']:,} of {summary['stations']:,} stations planned,"
            f" {summary['swaps_served']:,} swaps served, {summary['swaps_lost']:,} lost,"
            f" objective {summary['objective']:,.2f} {summary['currency']}"
        )
    return "\n".join(lines)
