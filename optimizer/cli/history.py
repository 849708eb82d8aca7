"""The command `history`: the runs of `nightly`, listed or compared."""

from __future__ import annotations

import click

from optimizer.cli.output import print_result

RUNS_SHOWN, STATIONS_SHOWN = 20, 10


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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def history(place: str, compare: tuple[str, str] | None, limit: int | None, as_json: bool) -> None:
    """List the runs of nightly, or compare two: costs, bounds, gaps, lost swaps, the stations that changed most.

    FOLDER_OR_INDEX is the folder with the runs and their history.sqlite, or that file; by default the current
    folder. You may read the history while a run is writing to it.
    """
    from optimizer.history.runs import compare_runs, index_of, read_runs
    from optimizer.history.text import comparison_json, comparison_text, runs_json, runs_text

    index = index_of(place)
    if compare:
        comparison, most = compare_runs(index, *compare), limit or STATIONS_SHOWN
        print_result(comparison_json(comparison, most) if as_json else comparison_text(comparison, index, most))
    else:
        runs, most = read_runs(index), limit or RUNS_SHOWN
        print_result(runs_json(index, runs, most) if as_json else runs_text(index, runs, most))
