"""What `swapcharge history` says: to people as tables, to scripts as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from optimizer.files.errors import printable
from optimizer.files.plain_text import some_of, table
from optimizer.history.runs import RecordedRun, RunComparison
from optimizer.history.why.explained import Explanation
from optimizer.history.why.text import explanation_json, explanation_lines

UNKNOWN = "-"
RUN_HEAD = (
    "run", "started (UTC)", "folder", "network", "stations", "plan/fallback/fail", "objective", "", "bound", "gap",
    "lost", "seconds", "status",
)  # fmt: skip
RUN_LEFT = frozenset({1, 2, 3, 7, 12})


def runs_text(index: Path, runs: Sequence[RecordedRun], limit: int) -> str:
    """The newest `limit` runs, the last one at the end."""
    if not runs:
        return f"{printable(str(index))} has no runs yet."
    shown = list(runs[-limit:])
    lines = table([RUN_HEAD, *(_run_row(run, index) for run in shown)], RUN_LEFT)
    if len(shown) < len(runs):
        lines.append(f"older runs not shown: {len(runs) - len(shown):,}; --limit {len(runs)} shows all")
    return "\n".join(lines)


def runs_json(index: Path, runs: Sequence[RecordedRun], limit: int) -> dict[str, Any]:
    """The same for scripts."""
    return {"index": str(index), "runs": [asdict(run) for run in runs[-limit:]]}


def _run_row(run: RecordedRun, index: Path) -> tuple[str, ...]:
    plans = f"{run.planned}/{run.fallback}/{run.failed}"
    money = _money(run.objective), run.currency, _money(run.bound), _percent(run.gap)
    folder, seconds = _folder(run, index), _seconds(run.wall_seconds)
    lost = f"{run.swaps_lost:,}"
    return (
        str(run.number), _minute(run.started), folder, run.name, f"{run.stations:,}", plans, *money, lost, seconds,
        run.status,
    )  # fmt: skip


def _folder(run: RecordedRun, index: Path) -> str:
    """As seen from the history's own folder."""
    home = index.resolve().parent
    folder = Path(run.folder)
    return str(folder.relative_to(home)) if folder.is_relative_to(home) else run.folder


def _minute(stamp: str) -> str:
    """ "2026-11-24T21:00:00Z" as people read it."""
    return stamp[:16].replace("T", " ")


def _money(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.2f}"


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.2f} %"


def _points(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:+.2f} points"


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.1f}"


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _signed(show: Callable[[float | None], str]) -> Callable[[float | None], str]:
    """`show` with a sign before what is above zero."""
    return lambda value: f"{'+' if value and value > 0 else ''}{show(value)}"


LINES: tuple[tuple[str, str, Callable[[float | None], str], Callable[[float | None], str]], ...] = (
    ("stations", "stations", _count, _signed(_count)),
    ("planned", "planned", _count, _signed(_count)),
    ("fallback", "fallback plans", _count, _signed(_count)),
    ("failed", "failed", _count, _signed(_count)),
    ("objective", "objective", _money, _signed(_money)),
    ("bound", "bound", _money, _signed(_money)),
    ("gap", "gap", _percent, _points),
    ("gross_cost", "what charging costs", _money, _signed(_money)),
    ("swaps_served", "swaps served", _count, _signed(_count)),
    ("swaps_lost", "swaps lost", _count, _signed(_count)),
    ("wall_seconds", "seconds", _seconds, _signed(_seconds)),
)


def comparison_text(comparison: RunComparison, index: Path, limit: int, explanation: Explanation | None = None) -> str:
    """Totals side by side, stations that only one run has, the `limit` stations that changed most, and why."""
    lines = [f"Costs in {printable(comparison.new.currency)}", ""]
    lines += table(list(_totals(comparison, index)))
    lines += ["", *map(printable, _one_sided(comparison)), *_changes(comparison, limit)]
    if explanation is not None:
        told = [printable(line) for line in explanation_lines(explanation, comparison.new.currency)]
        lines += ["", *told] if told else []
    return "\n".join(lines)


def _totals(comparison: RunComparison, index: Path) -> Iterator[tuple[str, ...]]:
    old, new = comparison.old, comparison.new
    yield "", f"run {old.number}", f"run {new.number}", "difference"
    yield "folder", _folder(old, index), _folder(new, index), ""
    yield "network", old.name, new.name, ""
    yield "night from", _minute(old.horizon_start), _minute(new.horizon_start), ""
    yield "started (UTC)", _minute(old.started), _minute(new.started), ""
    yield "status", old.status, new.status, ""
    for field, label, show, show_difference in LINES:
        before, after = getattr(old, field), getattr(new, field)
        yield label, show(before), show(after), show_difference(_difference(before, after))


def _difference(old: float | None, new: float | None) -> float | None:
    return None if old is None or new is None else new - old


def _one_sided(comparison: RunComparison) -> Iterator[str]:
    old, new = comparison.old.number, comparison.new.number
    for which, names in (
        (f"only in run {old}", comparison.only_in_old),
        (f"only in run {new}", comparison.only_in_new),
        (f"no plan in run {old}", comparison.no_plan_in_old),
        (f"no plan in run {new}", comparison.no_plan_in_new),
    ):
        if names:
            yield f"{which} ({len(names):,}): {some_of(names)}"


def _changes(comparison: RunComparison, limit: int) -> Iterator[str]:
    changed = comparison.changed
    yield f"{len(changed):,} of {len(comparison.changes):,} stations planned in both have another objective"
    if not changed:
        return
    old, new = f"run {comparison.old.number}", f"run {comparison.new.number}"
    rows = [("changed most", old, new, "difference", f"lost {old}", f"lost {new}")]
    rows += [
        (
            change.station,
            _money(change.old_objective),
            _money(change.new_objective),
            _signed(_money)(change.difference),
            _count(change.old_swaps_lost),
            _count(change.new_swaps_lost),
        )
        for change in changed[:limit]
    ]
    yield from table(rows)


def comparison_json(comparison: RunComparison, limit: int, explanation: Explanation | None = None) -> dict[str, Any]:
    """The same for scripts."""
    old, new = comparison.old, comparison.new
    changed = comparison.changed
    return {
        "old": asdict(old),
        "new": asdict(new),
        "difference": {name: _difference(getattr(old, name), getattr(new, name)) for name, *_ in LINES},
        "only_in_old": list(comparison.only_in_old),
        "only_in_new": list(comparison.only_in_new),
        "no_plan_in_old": list(comparison.no_plan_in_old),
        "no_plan_in_new": list(comparison.no_plan_in_new),
        "stations_compared": len(comparison.changes),
        "stations_changed": len(changed),
        "changed_most": [asdict(change) | {"difference": change.difference} for change in changed[:limit]],
        "why": None if explanation is None else explanation_json(explanation),
    }
