"""The command `nightly`: a whole network every night, unattended."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.doubts import strict_option, tell_doubts
from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_LIMIT, EXIT_NO, print_result, progress_line, say, shows_progress
from optimizer.cli.plan_options import (
    carried,
    carry_option,
    conditions_of,
    fail_option,
    hedge_option,
    look_ahead_option,
    month_days_option,
    packs_option,
    refuse_look_ahead,
)
from optimizer.cli.workers import check_pool_usage, options_of, pool_of, stopping

if TYPE_CHECKING:
    from optimizer.formats.network_file import NetworkFile
    from optimizer.runs.network_run import NetworkRun
    from optimizer.runs.summary import RunSummary

HISTORY = "history.sqlite"


@click.command(epilog="Example: swapcharge nightly instances/real/nl-winter-day.json --out run")
@click.argument("network")
@click.option("--out", required=True, metavar="RUN", help="Folder of the run. If it has a run, that run continues.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Number of processes.  [default: one for each core]"
)
@click.option("--dask", metavar="ADDRESS", help="Plan on this dask.distributed cluster instead of this machine.")
@click.option(
    "--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Stop at this gap, for each station."
)
@click.option("--time-limit", type=click.FloatRange(0), metavar="S", help="Seconds for the whole run.  [default: none]")
@click.option(
    "--station-time-limit",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds for each station, in each of the two passes.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@click.option(
    "--worker-memory", type=click.IntRange(1), metavar="MB", help="Memory for each station.  [default: no limit]"
)
@click.option("--near", metavar="RUN", help="A previous run: of plans that cost no more, the nearest to its plans.")
@carry_option
@packs_option
@fail_option
@click.option("--history", metavar="FILE", help=f"File with the history of runs.  [default: {HISTORY} beside RUN]")
@click.option("--replace", is_flag=True, help="If RUN has the run of another network, remove that run first.")
@strict_option
@look_ahead_option
@hedge_option
@month_days_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def nightly(network: str, out: str, strict: bool, as_json: bool, history: str | None, **asked: Any) -> None:
    """Plan every station of NETWORK (a file, or - for stdin) into the folder RUN.

    RUN/plans gets a checked plan for each station, RUN/summary.json the totals, RUN/stations.csv a row for each
    station, RUN/network.json.gz what was planned, RUN/alarms.json the conditions of --fail-if. After an interruption,
    the same command continues the run. A station that cannot be solved gets a checked plan without optimisation, and
    the reason is reported. Exit code 1 if a station has no plan, or a condition is met.
    """
    began, started = time.monotonic(), datetime.now(UTC)
    _check_usage(asked)
    conditions = conditions_of(asked.pop("fail_if", None))
    import msgspec

    from optimizer.doubts.instance import doubts_of_whole
    from optimizer.doubts.warnings import refuse_doubts
    from optimizer.formats.network_file import read_network
    from optimizer.runs.nightly import run_night
    from optimizer.runs.results import doubts_of
    from optimizer.runs.summary import run_screen

    file, folder = read_network(network), Path(out)
    start = carried(file, folder, asked.pop("carry_from", None), asked.pop("packs", None))
    file = file if start is None else start.network
    if strict:
        refuse_doubts(file.file, doubts_of_whole(file))
    refuse_look_ahead(file.horizon, asked["look_ahead"])
    with _run(file, folder, asked) as run:
        run.network_path, run.began, run.started = network, began, started
        run.carried, run.conditions = None if start is None else start.summary, conditions
        summary = run_night(run, _recorder(Path(history) if history else folder.absolute().parent / HISTORY))
    progress_line()("")
    tell_doubts(file.file, doubts_of(run), strict=False)
    print_result(msgspec.to_builtins(summary) if as_json else run_screen(summary, out))
    _tell_of_next_day(run)
    sys.exit(_exit_code(summary, is_alarmed=_tell_alarms(run)))


def _tell_of_next_day(run: NetworkRun) -> None:
    """Of the stations planned just now, where that is worth a look-ahead."""
    lost = [one.lost_next_day for one in run.stations if one.lost_next_day]
    if lost and not run.options.look_ahead_of(run.network.horizon):
        many = f"{len(lost):,} station{'s end' if len(lost) > 1 else ' ends'}"
        say(
            f"note: {many} with so few packs ready that the same day again would lose {sum(lost):,} more"
            f" driver{'s' * (sum(lost) > 1)}: --look-ahead 12",
            to_stderr=True,
        )


def _tell_alarms(run: NetworkRun) -> bool:
    """Is any condition met? Then it says which, and where. Of a run that was interrupted, nothing."""
    from optimizer.runs.alarms import alarm_line
    from optimizer.runs.nightly import alarms_of_run

    line = "" if run.status == "interrupted" else alarm_line(alarms_of_run(run))
    if line:
        say(line, to_stderr=True)
    return bool(line)


def _exit_code(summary: RunSummary, *, is_alarmed: bool = False) -> int:
    """A station without a plan is a "no", and so are a lost swap that must be served and a condition that is met; where
    no station has a plan, for want of time, there is nothing to show."""
    if summary.status == "interrupted":
        return EXIT_INTERRUPTED
    if summary.open == summary.stations:
        return EXIT_LIMIT
    return EXIT_NO if summary.failed or summary.open or summary.must_serve_lost or is_alarmed else 0


def _check_usage(asked: dict[str, Any]) -> None:
    numbers = (asked["gap"], asked["station_time_limit"], asked["time_limit"])
    if any(number is not None and (number != number or abs(number) == float("inf")) for number in numbers):
        raise click.UsageError("--gap, --time-limit and --station-time-limit take finite numbers")
    check_pool_usage(asked)


@contextmanager
def _run(file: NetworkFile, folder: Path, asked: dict[str, Any]) -> Iterator[NetworkRun]:
    """The run, its folder locked, its pool ready, signals caught."""
    from optimizer.files.versions import versions
    from optimizer.runs.folder import open_run
    from optimizer.runs.near_run import near_run
    from optimizer.runs.network_run import NetworkRun, has_time_to_plan
    from optimizer.runs.nightly import ProgressReport
    from optimizer.runs.results import horizon_of
    from optimizer.runs.station_task import RunContext, nothing, warm_up
    from optimizer.workers.worker import cores

    options = options_of(asked, asked["station_time_limit"], asked["time_limit"])
    near = None if asked["near"] is None else near_run(Path(asked["near"]), folder, file)
    opened = open_run(folder)
    try:
        opened.make_own(file.name, horizon_of(file).start, may_replace=asked["replace"])
        context = RunContext(file.name, file.currency, options, versions(), near)
        in_time = has_time_to_plan(options, len(file.stations), options.workers or cores())
        run = NetworkRun(file, context, opened, pool_of(options, warm_up if in_time else nothing))
        if shows_progress():  # working it out takes a look at every station
            run.report = ProgressReport(progress_line())
        with stopping(run.stop, lambda: run.stage == "reading"):
            yield run
    finally:
        opened.close()


def _recorder(index: Path) -> Callable[[Path], None]:
    """Enters the run into the history; a history that cannot be written is no reason to stop."""

    def record(run: Path) -> None:
        try:
            from optimizer.history.runs import record_run

            record_run(index, run)
        except Exception as error:
            say(f"note: this run is not in the history: {error}", to_stderr=True)

    return record
