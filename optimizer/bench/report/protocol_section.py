"""The report's section on how the benchmark was run and counted: what is needed to repeat it, or to doubt it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import BulletList, Part, Section, Table, heads
from optimizer.files.plain_text import counted, some_of
from optimizer.graphics.html_page import UNKNOWN, Cell, percent

STATUS_WORDS = (
    "OK: it ended by itself. TO: the time limit ended it. OOM: out of memory. ER: it failed. WRONG: its plan or its "
    "bound is refuted. NA: it cannot take the instance, or is not installed here."
)
BELIEF = "No contender is believed: every plan is checked, and its cost recomputed, by a checker that shares no code."
TIMES = (
    "Times are wall seconds of the contender, building its programme included, loading of programs left out. A run is "
    "solved from the moment on at which the gap asked for is proven: (best objective − best bound) / |gross cost|. "
    "Processor times are those of the whole run, with the programs that it starts."
)
LOAD = (
    "A run is marked as on a loaded machine where the load average, as it began or ended, was above the processors by "
    "more than 0.5, or where it was ready to run and waited for a processor for more than 5 % of its time."
)


def protocol(of: ComparedRuns) -> Section:
    """Limits, rules of counting, machine, versions, contenders."""
    return Section("How it was run, and how it counts", list(_parts(of)))


def _parts(of: ComparedRuns) -> Iterator[Part]:
    yield BulletList([*_asked(of.runs), TIMES, LOAD, _means(of), _base(of), _gap_rules(), STATUS_WORDS, BELIEF])
    yield _facts("Machine", "fact", (run.machine for run in of.runs))
    yield _facts("Versions", "program", (run.versions for run in of.runs))
    yield Table(
        "What competes",
        heads(*COMPETITOR, text=frozenset(COMPETITOR)),
        [_competitor(of, name) for name in of.contenders],
    )


COMPETITOR = ("contender", "formulation", "solver", "options", "what it could not take")


def _asked(runs: Iterable[RunRecord]) -> Iterator[str]:
    every = list(runs)
    limits = sorted({run.time_limit_seconds for run in every})
    memory = sorted({run.memory_limit_mb or 0 for run in every})
    yield (
        f"Asked: a gap of {_any(percent(gap) for gap in sorted({run.gap_asked for run in every}))} within "
        f"{_any(f'{limit:g}' for limit in limits)} seconds and "
        f"{_any(f'{limit:,} megabytes' if limit else 'no limit of memory' for limit in memory)}."
    )
    seeds = sorted({run.seed for run in every})
    begun = sorted(run.began for run in every)
    suites = some_of(sorted({run.suite for run in every}))
    yield f"Suite {suites}; {counted(len(seeds), 'seed')} ({some_of([str(seed) for seed in seeds])}); {_when(begun)}."


def _when(begun: list[str]) -> str:
    first, last = begun[0], begun[-1]
    return f"begun {first}" if first == last else f"begun {first} to {last}"


def _any(values: Iterable[str]) -> str:
    return " or ".join(values)


def _means(of: ComparedRuns) -> str:
    return (
        f"Mean times are shifted geometric means, shift {of.shift_seconds:g} s; what is not solved counts as twice its "
        "time limit (PAR2). WRONG, ER and OOM are not solved. PAR2 alone is the plain mean of the same times."
    )


def _base(of: ComparedRuns) -> str:
    left = len(of.cells) - len(of.common)
    common = counted(len(of.common), "run")
    base = f"Contenders are compared on the {common} (instance and seed) that all of them could try"
    if not left:
        return f"{base}: nothing is left out."
    instances = {run.instance for run in of.instances} - {instance for instance, _ in of.common}
    advice = "" if of.common else " Name fewer contenders with --contenders to compare these."
    return f"{base}: {counted(left, 'more run')} left out, {counted(len(instances), 'instance')} altogether.{advice}"


def _gap_rules() -> str:
    return (
        "Gaps after a time count what was known then, claims no better than what was checked in the end; an unknown "
        "gap counts as 100 %, and none as more. The primal integral sums |objective − best| / max(|objective|, |best|) "
        "over the time limit, 1 as long as there is no plan: 0 s is best. The primal–dual integral sums the gap "
        "over the time limit. Geometric means of gaps are shifted by one percentage point."
    )


def _facts(name: str, what: str, every: Iterable[Mapping[str, str]]) -> Table:
    found: dict[str, set[str]] = {}
    for facts in every:
        for key, value in facts.items():
            found.setdefault(key, set()).add(value)
    rows = [[Cell(key), Cell(" or ".join(sorted(values)))] for key, values in sorted(found.items())]
    return Table(name, heads(what, "value", text={"value"}), rows)


def _competitor(of: ComparedRuns, name: str) -> list[Cell]:
    runs = of.of(name)
    options = sorted({", ".join(f"{key}={value}" for key, value in sorted(run.options.items())) for run in runs})
    reasons = sorted({run.reason for run in runs if run.status == "NA" and run.reason})
    details = (" or ".join(part for part in options if part), "; ".join(reasons[:3]))
    return [Cell(name), *(Cell(words or UNKNOWN) for words in (runs[0].formulation, runs[0].solver, *details))]
