"""The summary of a benchmark run: summary.json, and the text on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from optimizer.bench.contest.runner import Bench
from optimizer.bench.records.metrics import (
    DEFAULT_SHIFT_SECONDS,
    PENALTY,
    counted_cpu_seconds,
    counted_seconds,
    is_solved,
    shifted_geometric_mean,
)
from optimizer.bench.records.results_folder import FORMAT
from optimizer.bench.records.run_record import STATUSES, RunRecord
from optimizer.files.errors import printable
from optimizer.files.plain_text import counted, table

SHOWN = 10
HEADINGS = ("contender", "runs", *STATUSES, "solved", "mean s", "cpu s", "loaded")


def bench_summary(bench: Bench, records: Sequence[RunRecord]) -> dict[str, Any]:
    """The object of summary.json: what was asked, and how the runs ended. The same runs give the same bytes."""
    protocol = bench.protocol
    names = [entrant.contender.name for entrant in bench.entrants]
    return {
        "format": FORMAT,
        "version": 1,
        "status": "done" if bench.is_complete else "interrupted",
        "suite": protocol.suite,
        "time_limit_seconds": protocol.time_limit_seconds,
        "grace_seconds": protocol.grace,
        "gap": protocol.gap,
        "seeds": protocol.seeds,
        "memory_limit_mb": protocol.memory_mb,
        "jobs": bench.jobs,
        "instances": [entry.name for entry in bench.entries],
        "runs": {"all": len(bench.trials), "done": len(records)},
        "shift_seconds": DEFAULT_SHIFT_SECONDS,
        "penalty": PENALTY,
        "contenders": [_counts(name, [one for one in records if one.contender == name]) for name in names],
        "wrong": [
            {"instance": one.instance, "contender": one.contender, "seed": one.seed, "reason": one.reason}
            for one in records
            if one.status == "WRONG"
        ],
        "versions": dict(sorted({pair for one in records for pair in one.versions.items()})),
        "machine": next((one.machine for one in records), {}),
    }


def _counts(name: str, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Runs of one contender by status; the mean is of those that it could take, unsolved ones at the penalty."""
    tried = [one for one in records if one.status != "NA"]
    return {
        "contender": name,
        "runs": len(records),
        **{status: sum(one.status == status for one in records) for status in STATUSES},
        "solved": sum(map(is_solved, records)),
        "mean_seconds": _mean(map(counted_seconds, tried)) if tried else None,
        "mean_cpu_seconds": _mean(map(counted_cpu_seconds, tried)) if tried else None,
        "loaded": sum(one.is_machine_loaded for one in records),
    }


def _mean(seconds: Iterable[float]) -> float:
    return round(shifted_geometric_mean(seconds), 6)


def bench_screen(summary: Mapping[str, Any], records: Sequence[RunRecord], folder: str) -> str:
    """The same for people."""
    lines = [*_head(summary), "", *_table(summary), "", *_reasons(records)]
    if summary["status"] == "interrupted":
        lines.append("Interrupted: what is finished stays, and the same command goes on from there")
    lines.append(
        printable(f"Runs in {folder}/results.csv; a page to read: swapcharge bench report {folder} -o FILE.html")
    )
    return "\n".join(lines)


def _head(s: Mapping[str, Any]) -> Iterator[str]:
    runs = s["runs"]
    yield printable(
        f"Benchmark {s['suite']}: {counted(len(s['instances']), 'instance')}, "
        f"{counted(len(s['contenders']), 'contender')}, {counted(s['seeds'], 'seed')}; "
        f"{runs['done']:,} of {counted(runs['all'], 'run')} done"
    )
    yield (
        f"Each run: {s['time_limit_seconds']:g} s, one thread, gap {100 * s['gap']:g} %. Mean: geometric, shifted by "
        f"{s['shift_seconds']:g} s, of the time until the gap was proven; "
        f"{s['penalty']:g} × the limit where it was not. "
        "cpu s: the same of processor seconds. loaded: runs during which others wanted the processors, too"
    )


def _table(s: Mapping[str, Any]) -> list[str]:
    rows: list[tuple[str, ...]] = [HEADINGS]
    for one in s["contenders"]:
        means = ("" if one[key] is None else f"{one[key]:,.2f}" for key in ("mean_seconds", "mean_cpu_seconds"))
        numbers = (f"{one[name]:,}" if one[name] else "" for name in (*STATUSES, "solved"))
        rows.append((one["contender"], f"{one['runs']:,}", *numbers, *means, f"{one['loaded']:,}"))
    return table(rows)


def _reasons(records: Sequence[RunRecord]) -> Iterator[str]:
    """Runs that failed and contenders that could not run, each reason once."""
    failed = [
        f"{one.status}: {one.contender} on {one.instance}, seed {one.seed}: {_line(one.reason)}"
        for one in records
        if one.status in ("ER", "OOM")
    ]
    absent = dict.fromkeys(f"NA: {one.contender}: {_line(one.reason)}" for one in records if one.status == "NA")
    for lines in (failed, list(absent)):
        yield from map(printable, lines[:SHOWN])
        if len(lines) > SHOWN:
            yield f"... and {len(lines) - SHOWN:,} more: see results.csv"
        if lines:
            yield ""
    if any(one.traceback or one.stdout or one.stderr for one in records):
        yield "Tracebacks and output of failed runs: in the report, and in their records in runs/"


def _line(reason: str) -> str:
    return reason.strip().splitlines()[0] if reason.strip() else "no reason told"


def wrong_line(record: RunRecord) -> str:
    """A refuted run, loudly: what is wrong with it, and where."""
    return printable(f"WRONG: {record.contender} on {record.instance}, seed {record.seed}: {record.reason}")
