"""Runs on a loaded machine: how many, whose, and how loaded it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Alarm
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import percent


def loaded_alarm(of: ComparedRuns) -> Iterator[Alarm]:
    """Nothing where no run is marked; else a line for each contender that has such runs."""
    marked = {name: [run for run in of.of(name) if run.is_machine_loaded] for name in of.contenders}
    count = sum(map(len, marked.values()))
    if count:
        title = (
            f"{count:,} of {counted(len(of.runs), 'run')} on a loaded machine: compare processor times, not wall times"
        )
        yield Alarm(title, [_line(name, runs, len(of.of(name))) for name, runs in marked.items() if runs])


def _line(name: str, runs: Sequence[RunRecord], every: int) -> str:
    loads = [load for run in runs for load in (run.load_at_start, run.load_at_end) if load is not None]
    load = f"; load average up to {max(loads):,.1f}" if loads else ""
    known = [(run.waited_seconds, run.wall_seconds) for run in runs if run.waited_seconds is not None]
    wall = sum(seconds for _, seconds in known)
    waited = f"; {percent(min(1.0, sum(one for one, _ in known) / wall))} of their time spent waiting" if wall else ""
    return f"{name}: {len(runs):,} of {counted(every, 'run')}{load}{waited}"
