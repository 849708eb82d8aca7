"""A plan from anywhere, and a bound claimed with it, into the ledger: checked, billed, compared with the entry.

All or nothing, as with `update`: where anything is refuted, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from models.tolerances import is_refuted
from optimizer.bench.ledger.best_claims import contradictions
from optimizer.bench.ledger.better_entry import (
    Change,
    better_entry,
    changes_between,
    claims_left,
    claims_of,
    dropped_claims,
    found_by,
    new_files,
    solver_and_sender,
)
from optimizer.bench.ledger.checked_plan import Finding, other_instance
from optimizer.bench.ledger.improvement_log import improvements
from optimizer.bench.ledger.ledger_document import ClaimedBound, LedgerDocument, LedgerEntry
from optimizer.bench.ledger.ledger_file import ledger_or_empty
from optimizer.bench.ledger.run_evidence import Evidence, PlanClaim, evidence_of
from optimizer.bench.ledger.submission import Answer, Submission, Submitted
from optimizer.bench.ledger.submitted_bound import SubmittedBound, submitted_bound
from optimizer.bench.ledger.submitted_plan import JudgedPlan, judged_plan, listed_instance
from optimizer.bench.ledger.write_ledger import refuse_changed, write_ledger
from optimizer.bench.library.library import Library, read_library
from optimizer.bench.library.library_document import EntryDocument
from optimizer.formats.plan_file import read_plan


def submit(folder: Path, asked: Submission) -> Submitted:
    """Enter what is submitted into the ledger in `folder`, where it is better than what is known.

    Raises InputErrors where library, ledger or a file cannot be read, OutputErrors where the ledger cannot be
    written, or where another command has changed it in the meantime.
    """
    library = read_library(folder)
    ledger = ledger_or_empty(folder)
    plan = read_plan(asked.plan)
    listed = listed_instance(library, plan, asked.instance)
    if isinstance(listed, Finding):
        return Submitted("wrong instance", None, failures=(listed,))
    entry = next((one for one in ledger.entries if one.name == listed.name), None)
    if entry is not None and entry.hash != listed.hash:
        return Submitted("ledger does not hold", listed.name, failures=(other_instance(entry, listed.hash),))
    instance = library.load(listed)
    judged = judged_plan(listed.name, instance, plan, asked)
    if judged.claim is None:
        answer: Answer = "breaks rules" if judged.is_of_instance else "wrong instance"
        return Submitted(answer, listed.name, judged.objective, failures=judged.findings, notes=judged.notes)
    held = evidence_of(listed.name, instance, entry, folder, ())
    if held.findings:
        refuse_changed(folder, ledger)  # a plan that another command has replaced is gone: that is no failure
        return Submitted("ledger does not hold", listed.name, judged.objective, failures=held.findings)
    bound = submitted_bound(listed.name, instance, asked)
    return _Decision(folder, library, ledger, listed, entry, asked, judged, judged.claim, bound, held).answer()


@dataclass(frozen=True)
class _Decision:
    """A checked plan before the ledger's entry, None for none, of which `held` is the evidence."""

    folder: Path
    library: Library
    ledger: LedgerDocument
    listed: EntryDocument
    entry: LedgerEntry | None
    asked: Submission
    judged: JudgedPlan
    plan: PlanClaim
    bound: SubmittedBound
    held: Evidence

    def answer(self) -> Submitted:
        proven = () if self.bound.proven is None else (self.bound.proven,)
        evidence = Evidence((*self.held.plans, self.plan), (*self.held.bounds, *proven), ())
        if failures := (*self._refuted_claim(evidence), *self._contradictions(evidence)):
            return self._answered("refuted", failures=failures)
        better = better_entry(self.listed, self.entry, evidence)
        better, claim_changes, claim_notes = self._with_claim(better)
        changes = (*changes_between(self.entry, better), *claim_changes)
        notes = (*self._of_proof(better), *claim_notes, *dropped_claims(self.entry, better))
        verdict, words = self._no_better() if better.plan is not self.plan.known else ("entered", "")
        told = Finding(self.listed.name, "plan", words)
        if not changes:
            return self._answered(verdict, failures=(told,), notes=notes)
        self._write(better, evidence)
        return self._answered("entered", changes=changes, notes=(*((str(told),) if words else ()), *notes))

    def _answered(
        self,
        answer: Answer,
        *,
        changes: tuple[Change, ...] = (),
        failures: tuple[Finding, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Submitted:
        told = (*self.judged.notes, *self.bound.notes, *notes)
        return Submitted(answer, self.listed.name, self.judged.objective, changes, failures, told)

    def _contradictions(self, evidence: Evidence) -> Iterator[Finding]:
        return contradictions(self.listed.name, evidence.plans, evidence.bounds)

    def _refuted_claim(self, evidence: Evidence) -> Iterator[Finding]:
        cheapest, claimed = min(evidence.plans, key=lambda plan: plan.known.objective), self.bound.claimed
        if claimed is not None and is_refuted(claimed, cheapest.known.objective):
            plan = f"the checked plan of {cheapest.known.objective!r} by {cheapest.label}"
            text = f"{claimed!r} by {self.asked.solver} lies above {plan}: it is refuted"
            yield Finding(self.listed.name, "bound", text)

    def _of_proof(self, better: LedgerEntry) -> Iterator[str]:
        """Why a bound that the proof proves is not the entry's, where nothing was said of the proof yet."""
        proven = None if self.bound.notes else self.bound.proven
        if proven is not None and better.bound is not None and better.bound.value > proven.known.value:
            known = f"{better.bound.value!r} by {better.bound.contender}"
            yield f"{self.listed.name}: the proof proves {proven.known.value!r}, no more than what is proven: {known}"

    def _no_better(self) -> tuple[Answer, str]:
        """Why the entry's plan stays: the answer, and by how much."""
        (known,) = self.held.plans
        mine, theirs = self.plan.known.objective, known.known.objective
        entry = f"{theirs:,.6f} ({found_by(known.known)}, {known.known.date})"
        if not is_refuted(mine, theirs):
            return "same", f"costs {mine:,.6f}, the entry {entry}: the same, so the older one stays"
        share = f", {100 * (mine - theirs) / known.gross_cost:.3f} % of what charging costs" if known.gross_cost else ""
        return "worse", f"costs {mine:,.6f}, the entry {entry}: {mine - theirs:,.6f} more{share}"

    def _with_claim(self, better: LedgerEntry) -> tuple[LedgerEntry, list[Change], list[str]]:
        """The entry with the bound that is claimed, if that says more than is known; what changed, or why not."""
        asked, claimed, name = self.asked, self.bound.claimed, self.listed.name
        if claimed is None:
            return better, [], []
        made = ClaimedBound(value=claimed, solver=asked.solver, by=asked.by, date=asked.date, versions=asked.versions)
        if not claims_left([made], better.plan.objective, better.bound) and better.bound is not None:
            known = f"{better.bound.value!r} by {better.bound.contender}"
            return better, [], [f"{name}: the bound {claimed!r} is no more than what is proven: {known}"]
        claims = claims_of(better)
        of_theirs = [one for one in claims if (one.solver, one.by) == (made.solver, made.by)]
        if any(one.value >= made.value for one in of_theirs):
            return (
                better,
                [],
                [f"{name}: the bound {claimed!r} is no more than what {made.solver} has claimed already"],
            )
        others = [one for one in claims if one not in of_theirs]
        ordered = sorted([*others, made], key=lambda one: (-one.value, one.date, one.solver, one.by))
        was = max((one.value for one in of_theirs), default=None)
        change = Change(name, "claimed", was, made.value, solver_and_sender(made.solver, made.by))
        return structs.replace(better, claimed=tuple(ordered)), [change], []

    def _write(self, better: LedgerEntry, evidence: Evidence) -> None:
        entries = {one.name: one for one in self.ledger.entries} | {better.name: better}
        ordered = [entries.pop(one.name) for one in self.library.document.instances if one.name in entries]
        contents, log = new_files(better, evidence), improvements(self.entry, better)
        write_ledger(self.folder, self.ledger, [*ordered, *entries.values()], contents, log)
