"""The command `study`: the same nights under other tariffs, compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_NO, print_result, progress_line
from optimizer.cli.workers import check_pool_usage, options_of, pool_of, stopping

if TYPE_CHECKING:
    from optimizer.studies.run import StudyRun

RANKING = "ranking.csv"


@click.command(epilog="Example: swapcharge study instances/california.toml -o which")
@click.argument("study")
@click.option("-o", "--out", required=True, metavar="OUT", help="Folder of the results: made, or gone on with.")
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes.  [default: one for each core]")
@click.option("--dask", metavar="ADDRESS", help="Plan on this dask.distributed cluster instead of this machine.")
@click.option("--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Stop a night at this gap.")
@click.option(
    "--night-time-limit", type=click.FloatRange(0), default=60.0, show_default=True, metavar="S",
    help="Seconds for a night of a station under one tariff.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@click.option(
    "--worker-memory", type=click.IntRange(1), metavar="MB", help="Memory that a night may take.  [default: no limit]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def study(study: str, out: str, as_json: bool, **asked: Any) -> None:
    """Plan the nights of STUDY (a TOML file) under every tariff, night after night, into the folder OUT.

    Says which tariff is cheapest, on which basis, and at which growth the answer flips. Tables: ranking.csv,
    nights.csv, bills.csv, periods.csv, profiles.csv (and .parquet where pyarrow is installed); the answer in
    study.json. The same command goes on with a study that was cut off. Exit code 1 if the nights of a station could
    not be planned.
    """
    _check_usage(out, asked)
    from optimizer.studies.file import read_study
    from optimizer.studies.folder import open_study
    from optimizer.studies.summary import study_screen

    read = read_study(study)
    for note in read.notes:
        click.echo(note, err=True)
    folder = open_study(Path(out))
    try:
        summary = _finished(_run(read.study, folder, asked))
    finally:
        folder.close()
    progress_line()("")
    print_result(summary if as_json else study_screen(summary, out))
    sys.exit(EXIT_INTERRUPTED if summary["status"] == "interrupted" else EXIT_NO if summary["failed"] else 0)


def _check_usage(out: str, asked: dict[str, Any]) -> None:
    if out == "-":
        raise click.UsageError("-o names a folder: results are many files, which standard output cannot be")
    numbers = (asked["gap"], asked["night_time_limit"])
    if any(number != number or abs(number) == float("inf") for number in numbers):
        raise click.UsageError("--gap and --night-time-limit take finite numbers")
    check_pool_usage(asked)


def _run(study: Any, folder: Any, asked: dict[str, Any]) -> StudyRun:
    """The study, planned as far as it goes."""
    from optimizer.files.versions import versions
    from optimizer.studies.run import StudyRun
    from optimizer.studies.summary import study_summary
    from optimizer.studies.task import warm_up

    options = options_of(asked, asked["night_time_limit"])
    run = StudyRun(study, options, dict(versions()), folder, pool_of(options, warm_up))
    say = progress_line()
    no_answer = dict.fromkeys((variant.id for variant in study.variants), ())
    run.begin = lambda one: folder.write_summary(study_summary(one, no_answer))  # what stands there if it is killed
    run.report = lambda one: say(f"{one.stage}: {one.nights_done:,} of {one.nights_in_all:,} station-nights")
    with stopping(run.stop, lambda: run.stage == "reading"):
        run.work()
    return run


def _finished(run: StudyRun) -> dict[str, Any]:
    """Tables and summary, written; the summary with what this run took, which stands in no file."""
    from optimizer.files.csv_table import table_text
    from optimizer.files.parquet import parquet_tables
    from optimizer.studies.answer import RANKING_COLUMNS, ranking
    from optimizer.studies.summary import study_summary, timing
    from optimizer.studies.tables import TEXTS, results_of

    results = results_of(run.study, run.chains)
    ranked = ranking(run.study, results)
    rows = [one.as_row(rank) for order in ranked.values() for rank, one in enumerate(order, start=1)]
    tables = {RANKING: table_text(RANKING_COLUMNS, TEXTS, rows), **results.as_csv()}
    summary = study_summary(run, ranked)
    run.folder.write_results(tables | parquet_tables(tables, TEXTS), summary)
    resumed = sum(chain.resumed for chain in run.chains)
    return summary | {"resumed": resumed, "cpu_seconds": run.cpu_seconds, "timing": timing(run)}
