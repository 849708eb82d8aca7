"""The ledger on a screen: one line an instance, or all that is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from optimizer.bench.ledger.ledger_document import KnownBound, KnownPlan, LedgerEntry
from optimizer.files.errors import printable
from optimizer.files.plain_text import table

HEAD = ("instance", "plan", "by", "bound", "by", "kind", "confirmed", "proof")
LEFT = frozenset({0, 2, 4, 5, 7})


def ledger_table(entries: Sequence[LedgerEntry]) -> list[str]:
    """A line an entry under a head, and a line that sums up. Amounts in the instance's currency."""
    optimal = sum(entry.proof == "optimal" for entry in entries)
    count = "1 entry" if len(entries) == 1 else f"{len(entries):,} entries"
    return [*table([HEAD, *map(_row, entries)], LEFT), f"{count}, {optimal:,} proven optimal."]


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    plan, bound = entry.plan, entry.bound
    cells = ("none", "", "", "") if bound is None else _bound_cells(bound)
    return entry.name, f"{plan.objective:,.4f}", plan.contender, *cells, proof_words(entry)


def _bound_cells(bound: KnownBound) -> tuple[str, ...]:
    return f"{bound.value:,.4f}", bound.contender, bound.kind, str(len(bound.confirmed_by) or "")


def proof_words(entry: LedgerEntry) -> str:
    """The proof status in words."""
    if entry.proof == "optimal":
        return "optimal"
    return "no gap" if entry.gap is None else f"gap {100 * entry.gap:.3f} %"


def entry_text(entry: LedgerEntry) -> list[str]:
    """All that is known of one instance."""
    lines = [f"{entry.name}: {proof_words(entry)}", f"hash       {entry.hash}", *_plan_lines(entry.plan)]
    lines += ["bound      none"] if entry.bound is None else _bound_lines(entry.bound)
    return [printable(line) for line in lines]


def _plan_lines(plan: KnownPlan) -> Iterator[str]:
    yield f"plan       {plan.objective!r} by {plan.contender}, seed {plan.seed}, {plan.date}"
    yield f"           {plan.file}"
    yield from _made_with(plan.versions, plan.machine)


def _bound_lines(bound: KnownBound) -> Iterator[str]:
    yield f"bound      {bound.value!r} by {bound.contender}, seed {bound.seed}, {bound.date}"
    word = "proven here from duals by weak duality" if bound.kind == "recomputed" else "on the solver's word"
    yield f"           {word}; gap asked {bound.gap_asked:g}, {bound.time_limit_seconds:g} s"
    yield f"confirmed  by {', '.join(bound.confirmed_by) or 'nobody'}"
    yield from _made_with(bound.versions, bound.machine)


def _made_with(versions: Mapping[str, str], machine: Mapping[str, str]) -> Iterator[str]:
    for facts in (versions, machine):
        if facts:
            yield "           " + ", ".join(f"{name} {value}" for name, value in facts.items())
