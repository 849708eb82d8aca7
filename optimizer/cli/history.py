"""The command `history`: the runs of `nightly`, listed or compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import print_result, progress_line

if TYPE_CHECKING:
    from optimizer.history.runs import RunComparison
    from optimizer.history.why.explained import Explanation

RUNS_SHOWN, STATIONS_SHOWN, WHY_SECONDS = 20, 10, 60.0
HISTORY = "history.sqlite"


@click.command(epilog="Example: swapcharge history runs --compare 1 2")
@click.argument("place", metavar="[FOLDER_OR_INDEX]", default=".")
@click.option(
    "--compare",
    nargs=2,
    metavar="OLD NEW",
    help="Compare two runs, each given by its number or its folder.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"Show at most N runs, or N stations compared.  [default: {RUNS_SHOWN} runs, {STATIONS_SHOWN} stations]",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    default=WHY_SECONDS,
    show_default=True,
    metavar="S",
    help="Seconds for re-planning the stations compared, which tells why their costs moved; 0: without.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def history(place: str, compare: tuple[str, str] | None, limit: int | None, time_limit: float, as_json: bool) -> None:
    """List the runs of nightly, or compare two: costs, bounds, gaps, lost swaps, the stations that changed most, why.

    FOLDER_OR_INDEX is the folder with the runs and their history.sqlite, or that file; by default the current
    folder. You may read the history while a run is writing to it. Why the objective of a station moved (prices,
    drivers, packs at the start, base load and solar power, limits and equipment, demand charge and month) is found
    by re-planning its nights with inputs exchanged; the other stations are told by their cost terms.
    """
    if time_limit == float("inf") or time_limit != time_limit:
        raise click.UsageError("--time-limit takes a finite number")
    from optimizer.history.runs import compare_folders, compare_runs, index_of, is_of_folders, read_runs
    from optimizer.history.text import comparison_json, comparison_text, runs_json, runs_text

    by_folder = compare is not None and is_of_folders(place, *compare)
    index = Path(HISTORY) if by_folder else index_of(place)
    if compare:
        comparison = compare_folders(*map(Path, compare)) if by_folder else compare_runs(index, *compare)
        most = limit or STATIONS_SHOWN
        why = explanation_of(comparison, most, time_limit)
        if as_json:
            print_result(comparison_json(comparison, most, why))
        else:
            print_result(comparison_text(comparison, index, most, why))
    else:
        runs, most = read_runs(index), limit or RUNS_SHOWN
        print_result(runs_json(index, runs, most) if as_json else runs_text(index, runs, most))


def explanation_of(comparison: RunComparison, limit: int, seconds: float) -> Explanation | None:
    """Why the stations changed; None where none did."""
    if not comparison.changed:
        return None
    from optimizer.history.why.explain_runs import explain_runs
    from optimizer.workers.worker import cores

    progress = progress_line()
    try:
        return explain_runs(comparison, limit, seconds, cores(), progress)
    finally:
        progress("")
