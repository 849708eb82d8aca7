"""The report's section on runs that failed: why, where, and what they wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.bench.records.run_record import FAILURES, KILLED, RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Paragraph, Part, Section, Table, Transcript, heads
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import Cell, count_cell

MOST_TOLD = 20  # different reasons of which the words of a run are shown
COLUMNS = ("contender", "instance", "seed", "status", "reason")


def failed_section(of: ComparedRuns) -> Iterator[Section]:
    """All runs that failed or were killed, and what is known of them; no section where there are none."""
    telling = [run for run in _in_order(of) if run.status in FAILURES or _was_killed(run)]
    if not telling:
        return
    rows = [
        [Cell(run.contender), Cell(run.instance), count_cell(run.seed), Cell(run.status), Cell(run.reason)]
        for run in telling
    ]
    table = Table("Runs that failed or were killed", heads(*COLUMNS, text={"instance", "status", "reason"}), rows)
    yield Section("Failed runs", [table, *_transcripts([run for run in telling if _words(run)])])


def _was_killed(run: RunRecord) -> bool:
    return run.status == "TO" and KILLED in run.reason


def _in_order(of: ComparedRuns) -> list[RunRecord]:
    return [run for name in of.contenders for run in of.of(name)]


def _words(run: RunRecord) -> tuple[tuple[str, str], ...]:
    """What a run left behind: what each text is, and the text."""
    named = (("traceback", run.traceback), ("standard output", run.stdout), ("standard error", run.stderr))
    return tuple((name, words) for name, words in named if words)


def _transcripts(runs: Sequence[RunRecord]) -> Iterator[Part]:
    """Of runs of a contender that failed for the same reason, what the first wrote."""
    alike: dict[tuple[str, str, str], list[RunRecord]] = {}
    for run in runs:
        alike.setdefault((run.contender, run.status, run.reason), []).append(run)
    for first, *others in list(alike.values())[:MOST_TOLD]:
        more = f", and {counted(len(others), 'run')} more for the same reason" if others else ""
        for name, told in _words(first):
            yield Transcript(f"{first.contender} on {first.instance}, seed {first.seed}{more}: {name}", told)
    if (left := len(alike) - MOST_TOLD) > 0:
        yield Paragraph(f"{counted(left, 'reason')} more: see traceback, stdout and stderr of the records in runs/.")
