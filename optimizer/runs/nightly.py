"""A run from its first look at the network to its summary, and the line that tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.station.cost import Cost, gap_between
from optimizer.files.errors import OutputErrors
from optimizer.runs.network_run import Run
from optimizer.runs.summary import Circumstances, night_summary

SECONDS_BETWEEN_NEWS = 0.5


def run_night(run: Run, given: Circumstances, record: Callable[[Path], None] = lambda folder: None) -> dict[str, Any]:
    """Plan the network; its summary, which then stands in the folder, too. `record` is told of the run twice.

    Raises OutputErrors where the folder cannot be written: what stands there is right, and the next run goes on.
    """
    try:
        run.read()
        _write(run, given)
        record(run.folder.path)
        run.plan()
    except OutputErrors:
        run.status = "interrupted"
        with suppress(OutputErrors):
            _write(run, given)
        raise
    finally:
        run.pool.close()
    summary = _write(run, given)
    record(run.folder.path)
    return summary


def _write(run: Run, given: Circumstances) -> dict[str, Any]:
    summary = night_summary(run, given)
    run.folder.write_results(summary, (row.as_cells(run.folder) for row in run.rows))
    return summary


class News:
    """How far the run is, said twice a second at most."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._said = say, 0.0

    def __call__(self, run: Run) -> None:
        """Say it, unless it was said just now."""
        if time.monotonic() - self._said >= SECONDS_BETWEEN_NEWS:
            self._said = time.monotonic()
            self._say(progress(run))


def progress(run: Run) -> str:
    """Stations done, rate, time left and the gap so far, in one line."""
    done, seconds = run.pass_size - run.left_in_pass, time.monotonic() - run.pass_began
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {_told(run.left_in_pass / rate)} left" if rate > 0 else ""
    odd = "".join(f", {count} {state}" for state in ("fallback", "failed") if (count := _count(run, state)))
    return f"{run.stage}: {done:,} of {run.pass_size:,} stations, {rate:.1f}/s{left}{_gap(run)}{odd}"


def _count(run: Run, state: str) -> int:
    return sum(row.state == state for row in run.rows)


def _told(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )


def _gap(run: Run) -> str:
    proven = [one for row in run.rows if (one := row.result) is not None and one.bound is not None]
    objective, bound = sum(one.objective for one in proven), sum(one.bound or 0.0 for one in proven)
    gap = gap_between(objective, bound, sum((one.cost for one in proven), Cost()).gross_cost) if proven else None
    return "" if gap is None else f", gap so far {100 * gap:.2f} %"
