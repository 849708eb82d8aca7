"""The command `bench run`: contenders on instances, each run in its own process, judged by the checker."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.bench.names import contenders_asked
from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_NO, print_result, progress_line, say, stdout_kept
from optimizer.cli.progress_log import progress_or_log
from optimizer.cli.workers import stopping

if TYPE_CHECKING:
    from optimizer.bench.contest.runner import Bench
    from optimizer.bench.records.results_folder import ResultsFolder


@click.command(epilog="Example: swapcharge bench run two-types-xs-1 --contenders engine -o results")
@click.argument("suite")
@click.option(
    "-o",
    "--out",
    required=True,
    metavar="RESULTS",
    help="Folder of the results. If it has results, they are continued.",
)
@click.option(
    "--contenders",
    metavar="A,B,...",
    help="Names listed by bench contenders, or MODULE:NAME for a contender of your own.  [default: the "
    "engine, the reference model, both baselines]",
)
@click.option(
    "--time-limit", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, metavar="S",
    help="Wall seconds for each run, including the time to build the model.",
)  # fmt: skip
@click.option(
    "--gap", type=click.FloatRange(0), default=0.0001, show_default=True, help="A run is solved if it proves this gap."
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=1, show_default=True, metavar="K",
    help="Run seeds 0 to K-1 of every solver; a contender without a solver runs once.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 1024), default=1, show_default=True, metavar="N",
    help="Runs at the same time. Times are fair only if N is below the number of cores.",
)  # fmt: skip
@click.option(
    "--memory", type=click.IntRange(1), metavar="MB",
    help="Memory for each run, beyond that of its imports.  [default: no limit]",
)  # fmt: skip
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def run(suite: str, out: str, as_json: bool, **asked: Any) -> None:
    """Run contenders on SUITE: a suite, family or instance of the library, an instance file, or a folder of such files.

    Each run has its own process, one thread and its limits. Its plan is checked, its costs are recomputed, and its
    bound is compared with the plan and the ledger. Status: OK; TO, the time limit ended it; OOM, out of memory; ER, it
    failed; WRONG, plan or bound is refuted; NA, not for this night or not installed. RESULTS/results.csv has a row for
    each run (columns.csv explains them), trajectories.csv the progress, plans/ the plans. After an interruption, the
    same command continues. Exit code 1 if a run is WRONG.
    """
    _check_usage(out, asked)
    from optimizer.bench.contest.benchmark_summary import bench_screen, wrong_line
    from optimizer.bench.records.results_folder import open_results

    with stdout_kept():
        prepare = _prepared(suite, asked)
    folder = open_results(Path(out))
    try:
        bench = prepare(folder)
        with stdout_kept(), stopping(bench.stop, lambda: not bench.trials):
            records = bench.run()
        summary = _finished(bench)
    finally:
        folder.close()
    progress_line()("")
    print_result(summary if as_json else bench_screen(summary, records, out))
    wrong = [record for record in records if record.status == "WRONG"]
    for record in wrong:
        say(wrong_line(record), to_stderr=True)
    sys.exit(EXIT_INTERRUPTED if not bench.is_complete else EXIT_NO if wrong else 0)


def _check_usage(out: str, asked: dict[str, Any]) -> None:
    if out == "-":
        raise click.UsageError("-o names a folder: results are many files, which standard output cannot be")
    if not all(map(math.isfinite, (asked["gap"], asked["time_limit"]))):
        raise click.UsageError("--gap and --time-limit take finite numbers")


def _prepared(suite: str, asked: dict[str, Any]) -> Callable[[ResultsFolder], Bench]:
    """All that can be wrong with what is asked is found before anything is written."""
    from optimizer.bench.contenders.entrants import entrants
    from optimizer.bench.contest.runner import Bench
    from optimizer.bench.contest.trial import Protocol, entries_of
    from optimizer.bench.ledger.ledger_file import known_values

    library: Path = asked["folder"]
    who = entrants(_names(asked["contenders"]))
    entries = entries_of(suite, library)
    protocol = Protocol(suite, asked["time_limit"], asked["gap"], asked["seeds"], asked["memory"])
    known = known_values(library)
    return lambda folder: Bench(protocol, entries, who, folder, known, asked["jobs"], report=_reporter())


def _names(given: str | None) -> list[str]:
    if given is None:
        from optimizer.bench.contenders.registry import (
            DEFAULT_CONTENDERS,  # it loads all solvers: only where they are asked for
        )

        return list(DEFAULT_CONTENDERS)
    return contenders_asked(given)


def _reporter() -> Callable[[Bench], None]:
    show = progress_or_log()

    def report(bench: Bench) -> None:
        show(
            "; now ".join(filter(None, [f"{len(bench.records):,} of {len(bench.trials):,} runs", "; ".join(bench.now)]))
        )

    return report


def _finished(bench: Bench) -> dict[str, Any]:
    """Tables of all runs in the folder and the summary of these, written; how many were resumed stands in no file."""
    from optimizer.bench.contest.benchmark_summary import bench_summary
    from optimizer.bench.contest.results_tables import results_tables
    from optimizer.bench.records.results_folder import all_records

    records = [bench.records[index] for index in sorted(bench.records)]
    summary = bench_summary(bench, records)
    bench.folder.write_results(results_tables(all_records(bench.folder.path)), summary)
    return summary | {"resumed": bench.resumed}
