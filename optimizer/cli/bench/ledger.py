"""The commands `bench ledger ...`: best-known plans and bounds, shown, verified, updated."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import ledger_option, written_ledger_option
from optimizer.cli.output import EXIT_NO, print_result, say, stdout_kept
from optimizer.cli.progress_log import progress_or_log

if TYPE_CHECKING:
    from optimizer.bench.ledger.update import Update
    from optimizer.bench.ledger.verify import Verification

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(epilog="Example: swapcharge bench ledger verify")
def ledger() -> None:
    """Show, verify or update the best-known plans and bounds of the library's instances."""


@ledger.command(epilog="Example: swapcharge bench ledger show")
@click.argument("name", required=False)
@ledger_option
@as_json_option
def show(name: str | None, folder: Path, as_json: bool) -> None:
    """List the best-known values of every instance, or show all that is known of the instance NAME."""
    from optimizer.bench.ledger.ledger_file import read_ledger
    from optimizer.bench.ledger.ledger_text import entry_text, ledger_table
    from optimizer.bench.ledger.verify import asked_entries

    document = read_ledger(folder)
    entries = asked_entries(document, [] if name is None else [name], folder)
    if as_json:
        from msgspec import to_builtins

        print_result(to_builtins(entries[0]) if name is not None else {"entries": to_builtins(entries)})
    else:
        say("\n".join(ledger_table(entries) if name is None else entry_text(entries[0])))


@ledger.command(epilog="Example: swapcharge bench ledger verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--bounds", is_flag=True, help="Prove every bound again: run its contender with its seed.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="With --bounds: seconds for each.  [default: the limit of the recorded run]",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="With --bounds: bounds at the same time; what has a time limit needs a core of its own.  [default: 1]",
)
@ledger_option
@as_json_option
def verify(names: tuple[str, ...], folder: Path, as_json: bool, **asked: Any) -> None:
    """Verify the ledger, or its entries NAME..., from the plan files alone.

    Every instance must be the recorded one; every plan must keep every rule and cost what is recorded; no bound may
    lie above its plan; every proof status must be right. Exit code 1, and a line for each failure, otherwise.
    """
    check_number("--time-limit", asked["time_limit"])
    for option in ("time_limit", "jobs"):
        if asked[option] is not None and not asked["bounds"]:
            raise click.UsageError(f"--{option.replace('_', '-')} is for --bounds: without it nothing is run")
    show = progress_or_log()
    with stdout_kept():  # what contenders print is no product
        found = _verified(folder, names, asked, show)
    show("")
    _print_verification(found, as_json)
    leave(found.ok)


def _verified(folder: Path, names: tuple[str, ...], asked: dict[str, Any], show: Callable[[str], None]) -> Verification:
    from optimizer.bench.ledger.verify import verify as work

    if not asked["bounds"]:
        return work(folder, names, report=show)
    from optimizer.bench.contenders.preload_imports import preload
    from optimizer.bench.ledger.prove_bound import Prover
    from optimizer.workers.local_pool import LocalPool

    with closing(LocalPool(asked["jobs"] or 1, preload)) as pool:
        return work(folder, names, Prover(asked["time_limit"]), show, pool)


def _print_verification(found: Verification, as_json: bool) -> None:
    if as_json:
        print_result(found.as_json())
        return
    echo_lines(found.failures)
    echo_lines(f"{proven.instance}: {proven.text}" for proven in found.proven if proven.ok)
    echo_lines(f"note: {note}" for note in found.notes)
    say(found.summary())


@ledger.command(epilog="Example: swapcharge bench ledger update results")
@click.argument("results", nargs=-1, required=True)
@written_ledger_option
@as_json_option
def update(results: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Take better plans and bounds from RESULTS..., folders of bench run, into the ledger.

    Every plan is checked first and its costs are recomputed. Exit code 1, and nothing written, if a plan breaks a
    rule, if its costs are not those of its run, or if a bound, old or new, lies above a checked plan.
    """
    from optimizer.bench.ledger.update import update_ledger

    show = progress_or_log()
    found = update_ledger(folder, [Path(result) for result in results], show)
    show("")
    _print_update(found, as_json)
    leave(found.ok)


def _print_update(found: Update, as_json: bool) -> None:
    if as_json:
        print_result(found.as_json())
        return
    echo_lines(found.changes if found.ok else found.failures)
    echo_lines(f"note: {note}" for note in found.notes)
    say(found.summary())


def check_number(option: str, value: float | None) -> None:
    """Refuse what is no finite number. Raises UsageError."""
    if value is not None and not math.isfinite(value):
        raise click.UsageError(f"{option} takes a finite number")


def echo_lines(lines: Any) -> None:
    """Print lines in which names from files may stand."""
    from optimizer.files.errors import printable

    for line in lines:
        say(printable(str(line)))


def leave(is_ok: bool) -> None:
    """End with exit code 0, or 1 where the answer is no."""
    sys.exit(0 if is_ok else EXIT_NO)
