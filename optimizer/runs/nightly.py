"""A run from its first look at the network to its summary, and the line that shows how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from optimizer.files.errors import OutputErrors
from optimizer.formats.kept.network_text import network_text
from optimizer.runs.alarms import alarms_of
from optimizer.runs.alarms_document import AlarmsDocument
from optimizer.runs.folder import ALARMS
from optimizer.runs.network_run import NetworkRun
from optimizer.runs.results import horizon_of, proven_part, summary_of
from optimizer.runs.summary import RunSummary

SECONDS_BETWEEN_REPORTS = 0.5


def run_night(run: NetworkRun, record: Callable[[Path], None] = lambda folder: None) -> RunSummary:
    """Plan the network; its summary, which then stands in the folder, too. `record` is given the folder twice.

    Raises OutputErrors where the folder cannot be written: what stands there is right, and the next run goes on.
    """
    try:
        _keep_network(run)
        run.read()
        _write(run)
        record(run.folder.path)
        run.plan()
    except OutputErrors:
        run.status = "interrupted"
        with suppress(OutputErrors):
            _write(run)
        raise
    finally:
        run.pool.close()
    summary = _write(run)
    record(run.folder.path)
    return summary


def _keep_network(run: NetworkRun) -> None:
    began = time.process_time()
    run.folder.write_network(network_text(run.network))
    run.file_cpu_seconds += time.process_time() - began


def _write(run: NetworkRun) -> RunSummary:
    summary = summary_of(run)
    run.folder.write_json(ALARMS, msgspec.to_builtins(alarms_of_run(run)))
    run.folder.write_results(summary, (station.as_row(run.folder) for station in run.stations))
    return summary


def alarms_of_run(run: NetworkRun) -> AlarmsDocument:
    """What the run's conditions come to by now."""
    network = run.network
    return alarms_of(network.name, horizon_of(network).start, run.status, run.conditions, run.stations)


class ProgressReport:
    """How far the run is, printed twice a second at most."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show, self._shown = show, 0.0

    def __call__(self, run: NetworkRun) -> None:
        """Print it, unless that was done just now."""
        if time.monotonic() - self._shown >= SECONDS_BETWEEN_REPORTS:
            self._shown = time.monotonic()
            self._show(progress(run))


def progress(run: NetworkRun) -> str:
    """Stations done, rate, time left and the gap so far, in one line."""
    done, seconds = run.pass_size - run.left_in_pass, time.monotonic() - run.pass_began
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {_duration(run.left_in_pass / rate)} left" if rate > 0 else ""
    counts = (run.count("fallback"), "fallback"), (run.count("failed"), "failed")
    odd = "".join(f", {count} {state}" for count, state in counts if count)
    return f"{run.stage}: {done:,} of {run.pass_size:,} stations, {rate:.1f}/s{left}{_gap(run)}{odd}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )


def _gap(run: NetworkRun) -> str:
    gap = proven_part([one.result for one in run.stations if one.result is not None]).gap
    return "" if gap is None else f", gap so far {100 * gap:.2f} %"
