"""From what is claimed of an instance to its entry, and what became better with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from models.tolerances import is_refuted
from optimizer.bench.ledger.best_claims import best_of, confirmed
from optimizer.bench.ledger.ledger_document import ClaimedBound, KnownBound, KnownPlan, LedgerEntry
from optimizer.bench.ledger.ledger_file import files_of, proof_of
from optimizer.bench.ledger.run_evidence import Evidence
from optimizer.bench.library.library_document import EntryDocument


@dataclass(frozen=True)
class Change:
    """One value of the ledger that became better. `old`, `new`: currency; `old` None where there was none."""

    instance: str
    what: str
    old: float | None
    new: float
    by: str

    def __str__(self) -> str:
        if self.what == "confirmed":
            return f"{self.instance}: bound {self.new:,.6f} confirmed by {self.by}"
        if self.what == "claimed":
            kept = "without a proof it is kept apart and counts for nothing"
            return f"{self.instance}: bound {self.new:,.6f} claimed by {self.by}: {kept}"
        old = "none" if self.old is None else f"{self.old:,.6f}"
        return f"{self.instance}: {self.what} {old} -> {self.new:,.6f} by {self.by}"


def better_entry(listed: EntryDocument, entry: LedgerEntry | None, evidence: Evidence) -> LedgerEntry:
    """The best of the evidence, in which there is a plan; bounds that the `entry` has as claimed stay apart."""
    plan, bound = best_of(evidence.plans, evidence.bounds)
    known = None if bound is None else confirmed(bound.known, evidence.bounds)
    proof, gap = proof_of(plan.known.objective, None if known is None else known.value, plan.gross_cost)
    claimed = claims_left(claims_of(entry), plan.known.objective, known)
    return LedgerEntry(
        name=listed.name, hash=listed.hash, proof=proof, gap=gap, plan=plan.known, bound=known, claimed=claimed or UNSET
    )


def claims_of(entry: LedgerEntry | None) -> tuple[ClaimedBound, ...]:
    """The bounds that are claimed without a proof."""
    return () if entry is None or entry.claimed is UNSET else entry.claimed


def claims_left(claims: Iterable[ClaimedBound], objective: float, bound: KnownBound | None) -> tuple[ClaimedBound, ...]:
    """Of the claims, in their order, those that say more than is proven and that no checked plan refutes.

    `objective`: of the cheapest checked plan, in currency.
    """
    return tuple(
        claim
        for claim in claims
        if not is_refuted(claim.value, objective) and (bound is None or is_refuted(claim.value, bound.value))
    )


def dropped_claims(old: LedgerEntry | None, new: LedgerEntry) -> Iterator[str]:
    """A line for each claim of the old entry that the new one has settled."""
    for claim in claims_of(old):
        if claim not in claims_left([claim], new.plan.objective, new.bound):
            is_false = is_refuted(claim.value, new.plan.objective)
            why = "refuted by the plan" if is_false else "no more than what is proven now"
            yield f"{new.name}: the claimed bound {claim.value!r} by {claim.solver} is {why}: it is taken out"


def changes_between(old: LedgerEntry | None, new: LedgerEntry) -> Iterator[Change]:
    """What the new entry knows better than the old one, None for none."""
    if old is None or old.plan != new.plan:
        was = None if old is None else old.plan.objective
        yield Change(new.name, "plan", was, new.plan.objective, found_by(new.plan))
    if new.bound is None:
        return
    before = None if old is None else old.bound
    if before is None or before.value != new.bound.value:
        was, by = None if before is None else before.value, found_by(new.bound)
        yield Change(new.name, "bound", was, new.bound.value, by + ("; optimal" if new.proof == "optimal" else ""))
    for contender in new.bound.confirmed_by:
        if before is None or contender not in before.confirmed_by:
            yield Change(new.name, "confirmed", None, new.bound.value, contender)


def found_by(known: KnownPlan | KnownBound) -> str:
    """Who found it: contender and seed, or solver and sender of what was submitted."""
    return (
        f"{known.contender}, seed {known.seed}" if known.by is UNSET else solver_and_sender(known.contender, known.by)
    )


def solver_and_sender(solver: str, by: str | UnsetType) -> str:
    """The two as one text: "cp-sat (A. Name)"."""
    return f"{solver} ({by})" if by else solver


def new_files(entry: LedgerEntry, evidence: Evidence) -> dict[str, bytes]:
    """What the entry names and the ledger does not have yet: content of plan and proof by the file's name."""
    found = {plan.known.file: plan.content for plan in evidence.plans}
    found |= {bound.known.proof: bound.content for bound in evidence.bounds if bound.known.proof is not UNSET}
    return {name: content for name in files_of(entry) if (content := found.get(name)) is not None}
