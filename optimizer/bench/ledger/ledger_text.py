"""The ledger on a screen: one line an instance, or all that is known of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET

from optimizer.bench.ledger.better_entry import claims_of, found_by, solver_and_sender
from optimizer.bench.ledger.ledger_document import KnownBound, KnownPlan, LedgerEntry
from optimizer.files.errors import printable
from optimizer.files.plain_text import counted, table

HEAD = ("instance", "plan", "by", "bound", "by", "kind", "confirmed", "proof")
LEFT = frozenset({0, 2, 4, 5, 7})


def ledger_table(entries: Sequence[LedgerEntry]) -> list[str]:
    """A line an entry under a head, and a line that sums up. Amounts in the instance's currency."""
    optimal = sum(entry.proof == "optimal" for entry in entries)
    count = "1 entry" if len(entries) == 1 else f"{len(entries):,} entries"
    claimed = sum(bool(claims_of(entry)) for entry in entries)
    more = f" {counted(claimed, 'instance')} with higher bounds that are claimed without a proof." if claimed else ""
    return [*table([HEAD, *map(_row, entries)], LEFT), f"{count}, {optimal:,} proven optimal.{more}"]


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
    lines += _claim_lines(entry)
    return [printable(line) for line in lines]


def _plan_lines(plan: KnownPlan) -> Iterator[str]:
    yield f"plan       {plan.objective!r} by {found_by(plan)}, {plan.date}"
    yield f"           {plan.file}"
    yield from _made_with(plan.versions, plan.machine)


def _bound_lines(bound: KnownBound) -> Iterator[str]:
    yield f"bound      {bound.value!r} by {found_by(bound)}, {bound.date}"
    if bound.proof is not UNSET:
        yield f"           proven here from multipliers of the rows of {bound.formulation}: {bound.proof}"
        yield from _confirmed_lines(bound)
        return
    word = "proven here from duals by weak duality" if bound.kind == "recomputed" else "on the solver's word"
    yield f"           {word}; gap asked {bound.gap_asked:g}, {bound.time_limit_seconds:g} s"
    yield from _confirmed_lines(bound)


def _confirmed_lines(bound: KnownBound) -> Iterator[str]:
    yield f"confirmed  by {', '.join(bound.confirmed_by) or 'nobody'}"
    yield from _made_with(bound.versions, bound.machine)


def _claim_lines(entry: LedgerEntry) -> Iterator[str]:
    for claim in claims_of(entry):
        who = solver_and_sender(claim.solver, claim.by)
        yield f"claimed    {claim.value!r} by {who}, {claim.date}, without a proof: it counts for nothing"
        yield from _made_with(claim.versions, {})


def _made_with(versions: Mapping[str, str], machine: Mapping[str, str]) -> Iterator[str]:
    for facts in (versions, machine):
        if facts:
            yield "           " + ", ".join(f"{name} {value}" for name, value in facts.items())
