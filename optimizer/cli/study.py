"""The command `study`: the same nights under several tariffs, compared."""

from __future__ import annotations

import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.doubts import strict_option, tell_doubts
from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_NO, print_result, progress_line, say
from optimizer.cli.progress_log import progress_or_log
from optimizer.cli.workers import check_pool_usage, options_of, pool_of, stopping

if TYPE_CHECKING:
    from optimizer.studies.month_bound.bound_run import BoundRun
    from optimizer.studies.study_run import StudyRun
    from optimizer.studies.summary import StudySummary
    from optimizer.studies.tables import StudyTables
    from optimizer.studies.under_way.progress import ProgressWords, StudyProgress


@click.command(epilog="Example: swapcharge study instances/california.toml -o which")
@click.argument("study")
@click.option(
    "-o",
    "--out",
    required=True,
    metavar="OUT",
    help="Folder of the results. If it has this study, the study continues.",
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Number of processes.  [default: one for each core]"
)
@click.option("--dask", metavar="ADDRESS", help="Plan on this dask.distributed cluster instead of this machine.")
@click.option(
    "--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Stop at this gap, for each night."
)
@click.option(
    "--night-time-limit", type=click.FloatRange(0), default=60.0, show_default=True, metavar="S",
    help="Seconds for each night of a station under one tariff.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@click.option(
    "--worker-memory", type=click.IntRange(1), metavar="MB", help="Memory for each night.  [default: no limit]"
)
@click.option(
    "--month-bound",
    is_flag=True,
    help="Also bound what all nights cost, planned at once: which ranks are proven. Good for a finished study, too.",
)
@click.option(
    "--bound-time-limit", type=click.FloatRange(0), default=600.0, show_default=True, metavar="S",
    help="With --month-bound: seconds for each station under one tariff.",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="If OUT has another study, remove that study first.")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def study(study: str, out: str, strict: bool, as_json: bool, **asked: Any) -> None:
    """Plan the nights of STUDY (a TOML file) one after the other under every tariff, into the folder OUT.

    The answer, in study.json, says which tariff is cheapest, on which basis, and at which growth of demand that
    changes. Tables: ranking.csv, stations.csv, curves.csv, nights.csv, bills.csv, periods.csv, profiles.csv (and
    .parquet if pyarrow is installed). After an interruption, the same command continues the study. Exit code 1 if the
    nights of a station could not be planned.
    """
    _check_usage(out, asked)
    import msgspec

    from optimizer.doubts.warnings import warnings_json
    from optimizer.studies.folder import open_study
    from optimizer.studies.study_file import read_study
    from optimizer.studies.summary import study_screen

    read = read_study(study)
    for note in read.notes:
        say(note, to_stderr=True)
    told = [(of.file, tell_doubts(of.file, of.doubts, strict)) for of in read.doubts]
    folder = open_study(Path(out))
    try:
        folder.make_own(read.study.name, read.study.first_night, may_replace=asked["replace"])
        run = _run(read.study, folder, asked)
        summary, took = _finished(run, asked)
    finally:
        folder.close()
    progress_line()("")
    for night in run.changed:
        say(f"note: {night}: its record was changed since it was written and is planned again", to_stderr=True)
    warnings = [{"file": file} | one for file, of_file in told for one in warnings_json(of_file)]
    facts = msgspec.to_builtins(summary) | took | {"warnings": warnings}
    print_result(facts if as_json else study_screen(summary, out))
    sys.exit(EXIT_INTERRUPTED if summary.status == "interrupted" else EXIT_NO if summary.failed else 0)


def _check_usage(out: str, asked: dict[str, Any]) -> None:
    if out == "-":
        raise click.UsageError("-o names a folder: results are many files, which standard output cannot be")
    if not (isfinite(asked["gap"]) and isfinite(asked["night_time_limit"])):
        raise click.UsageError("--gap and --night-time-limit take finite numbers")
    if not isfinite(asked["bound_time_limit"]):
        raise click.UsageError("--bound-time-limit takes a finite number")
    check_pool_usage(asked)


def _run(study: Any, folder: Any, asked: dict[str, Any]) -> StudyRun:
    """The study, planned as far as it goes."""
    from optimizer.files.versions import versions
    from optimizer.studies.night_task import warm_up
    from optimizer.studies.results import study_summary
    from optimizer.studies.study_run import StudyRun
    from optimizer.studies.under_way.progress import PLANNING

    options = options_of(asked, asked["night_time_limit"])
    run = StudyRun(study, options, dict(versions()), folder, pool_of(options, warm_up))
    no_answer = dict.fromkeys((variant.id for variant in study.variants), ())
    run.begin = lambda one: folder.write_summary(study_summary(one, no_answer))  # what stands there if it is killed
    show = _progress(PLANNING)
    run.report = lambda one: show(one.nights_done, one.nights_in_all)
    with stopping(run.stop, lambda: run.stage == "reading"):
        run.work()
    return run


def _progress(words: ProgressWords) -> StudyProgress:
    from optimizer.studies.under_way.progress import StudyProgress

    return StudyProgress(progress_or_log(), words=words)


def _finished(run: StudyRun, asked: dict[str, Any]) -> tuple[StudySummary, dict[str, Any]]:
    """The summary, written with the tables; what this run took, which stands in no file."""
    from optimizer.studies.month_bound.kept_bounds import has_bounds
    from optimizer.studies.results import study_tables, timing, write_results

    tables = study_tables(run.study, run.chains)
    summary = write_results(run, tables)
    resumed = sum(chain.resumed for chain in run.chains)
    took = {"resumed": resumed, "cpu_seconds": run.cpu_seconds, "timing": timing(run)}
    if run.status == "done" and (asked["month_bound"] or has_bounds(run.folder)):
        bounded = _bounded(run, tables, asked)
        summary = write_results(run, tables, bounded.found)
        took["month_bound_timing"] = {"resumed": bounded.resumed, "cpu_seconds": round(bounded.cpu_seconds, 3)}
    return summary, took


def _bounded(run: StudyRun, tables: StudyTables, asked: dict[str, Any]) -> BoundRun:
    """What all nights cost at least; without --month-bound, as far as the folder says it."""
    from optimizer.studies.month_bound.bound_run import BoundRun, warm_up
    from optimizer.studies.under_way.progress import BOUNDING

    pool = pool_of(run.options, warm_up) if asked["month_bound"] else None
    bounded = BoundRun(run, tables, pool, asked["bound_time_limit"], _progress(BOUNDING))
    with stopping(run.stop, lambda: False):
        bounded.work()
    if run.stop.is_asked:
        run.status = "interrupted"
    return bounded
