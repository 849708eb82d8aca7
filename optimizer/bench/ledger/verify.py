"""Verification of the ledger: every plan is checked and billed again, every bound compared, every gap recomputed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import UNSET

from models.errors import Problem
from models.station.cost import Cost
from models.station.instance import Instance
from models.tolerances import SAME_GAP, is_refuted
from optimizer.bench.ledger.better_entry import claims_left, claims_of
from optimizer.bench.ledger.checked_plan import Finding, checked_plan, findings_of, other_instance
from optimizer.bench.ledger.ledger_document import KnownBound, LedgerDocument, LedgerEntry
from optimizer.bench.ledger.ledger_file import LEDGER, left_over, proof_of, read_ledger
from optimizer.bench.ledger.prove_bound import BoundCheck, Prover, proven_by_file
from optimizer.bench.library.library import Library, read_library
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.plain_text import counted, some_of
from optimizer.workers.inline_pool import InlinePool
from optimizer.workers.local_pool import Pool

LISTED = "`swapcharge bench ledger show` lists them"


@dataclass
class Verification:
    """What was verified and what does not hold, filled entry by entry.

    `proven`: the result for each bound that was proven again. `notes`: what is no failure but worth knowing.
    """

    entries: int = 0
    optimal: int = 0
    widest_gap: float = 0.0
    without_gap: int = 0
    failures: list[Finding] = field(default_factory=list)
    proven: list[BoundCheck] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing failed."""
        return not self.failures

    def count(self, entry: LedgerEntry) -> None:
        """Count an entry by its proof status."""
        self.entries += 1
        self.optimal += entry.proof == "optimal"
        self.without_gap += entry.gap is None
        self.widest_gap = max(self.widest_gap, entry.gap or 0.0)

    def as_json(self) -> dict[str, Any]:
        """The object of `bench ledger verify --json`."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "optimal": self.optimal,
            "failures": [finding.as_json() for finding in self.failures],
            "bounds": [proven.as_json() for proven in self.proven],
            "notes": self.notes,
        }

    def summary(self) -> str:
        """The last line."""
        entries = "1 entry" if self.entries == 1 else f"{self.entries:,} entries"
        if not self.ok:
            wrong = len({finding.instance for finding in self.failures})
            return f"The ledger does not hold: {counted(len(self.failures), 'failure')} in {wrong:,} of {entries}."
        others = self.entries - self.optimal
        gaps = f"; widest gap of the others {100 * self.widest_gap:.3f} %" if others > self.without_gap else ""
        blank = f"; {self.without_gap:,} without a gap" if self.without_gap else ""
        return f"The ledger holds: {entries} checked, {self.optimal:,} proven optimal{gaps}{blank}.{self._of_bounds()}"

    def _of_bounds(self) -> str:
        return (
            "" if self.proven else " Plans were checked and billed anew; bounds are as recorded: --bounds proves them."
        )


@dataclass(frozen=True)
class ToProve:
    """An entry whose bound is to be proven anew."""

    entry: LedgerEntry
    bound: KnownBound
    instance: Instance


def verify(
    folder: Path,
    names: Sequence[str] = (),
    prover: Prover | None = None,
    report: Callable[[str], None] = lambda text: None,
    pool: Pool | None = None,
) -> Verification:
    """Verify the ledger in `folder`, or its entries of these names; with a `prover`, prove each bound anew as well.

    Its contenders run in the `pool`, in this process without. Raises InputErrors where library or ledger cannot be
    read, or where a name is not in the ledger.
    """
    library, ledger, found = read_library(folder), read_ledger(folder), Verification()
    entries, to_prove = asked_entries(ledger, names, folder), list[ToProve]()
    for number, entry in enumerate(entries, start=1):
        report(f"{number:,} of {len(entries):,}: {entry.name}")
        found.count(entry)
        instance = _instance(entry, library, found)
        if instance is not None:
            found.failures += entry_findings(entry, instance, folder)
            if entry.bound is not None:
                to_prove.append(ToProve(entry, entry.bound, instance))
    if prover is not None:
        _prove(to_prove, folder, prover, pool or InlinePool(), report, found)
    if not names:
        found.notes += _notes(ledger, library, folder)
    return found


def asked_entries(ledger: LedgerDocument, names: Sequence[str], folder: Path) -> list[LedgerEntry]:
    """The entries of these names, all where there are none. Raises InputErrors for every name without an entry."""
    known = {entry.name: entry for entry in ledger.entries}
    problems = [
        Problem(
            "entries",
            name,
            "is not the name of an entry",
            did_you_mean(name, known, LISTED),
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise InputErrors(str(folder / LEDGER), problems)
    return [entry for entry in ledger.entries if not names or entry.name in names]


def _instance(entry: LedgerEntry, library: Library, found: Verification) -> Instance | None:
    """The entry's instance; None, and a failure, where the library has none or another one."""
    try:
        listed = library.entry(entry.name)
        if listed.hash != entry.hash:
            found.failures.append(other_instance(entry, listed.hash))
            return None
        return library.load(listed)
    except InputErrors as error:
        found.failures += findings_of(entry.name, "instance", error)
    return None


def entry_findings(entry: LedgerEntry, instance: Instance, folder: Path) -> Iterator[Finding]:
    """Everything about an entry that does not hold; nothing in it is believed."""
    found = checked_plan(entry.name, instance, folder, entry.plan.file, entry.plan.objective)
    yield from found.findings
    if found.cost is not None:
        yield from _bound_findings(entry, found.cost)
        yield from _proof_findings(entry, found.cost)


def _bound_findings(entry: LedgerEntry, cost: Cost) -> Iterator[Finding]:
    bound = entry.bound
    if bound is not None and is_refuted(bound.value, cost.objective):
        text = f"{bound.value!r} by {bound.contender} lies above the checked plan of {cost.objective!r}: it is refuted"
        yield Finding(entry.name, "bound", text)
    for claim in claims_of(entry):
        if claim not in claims_left([claim], cost.objective, bound):
            above, within = f"lies above the checked plan of {cost.objective!r}", "is no more than what is proven"
            known = above if is_refuted(claim.value, cost.objective) else within
            yield Finding(entry.name, "claimed", f"{claim.value!r} by {claim.solver} {known}")


def _proof_findings(entry: LedgerEntry, cost: Cost) -> Iterator[Finding]:
    proof, gap = proof_of(cost.objective, None if entry.bound is None else entry.bound.value, cost.gross_cost)
    if entry.proof != proof:
        yield Finding(
            entry.name, "proof", f"recorded as {entry.proof!r}, plan and bound make it {proof!r} (gap {gap!r})"
        )
    if (entry.gap is None) != (gap is None) or abs((entry.gap or 0.0) - (gap or 0.0)) > SAME_GAP:
        yield Finding(entry.name, "proof", f"recorded gap {entry.gap!r}, plan and bound make it {gap!r}")


def _prove(
    asked: Sequence[ToProve],
    folder: Path,
    prover: Prover,
    pool: Pool,
    report: Callable[[str], None],
    found: Verification,
) -> None:
    """Prove these bounds anew: told in the order of the ledger, whichever is done first."""
    answers = {
        one.entry.name: proven_by_file(one.entry.name, one.bound, one.instance, folder)
        for one in asked
        if one.bound.proof is not UNSET
    }
    to_run = [one for one in asked if one.entry.name not in answers]
    for answer in prover.prove_all([(one.entry.name, one.bound, one.instance) for one in to_run], pool):
        answers[answer.instance] = answer
        report(f"{len(answers):,} of {len(asked):,} bounds proven anew, the last {answer.instance}")
    for one in asked:
        proven, bound = answers[one.entry.name], one.bound
        found.proven.append(proven)
        if not proven.ok:
            text = f"{bound.value!r} by {bound.contender}: {proven.text}"
            found.failures.append(Finding(one.entry.name, "bound", text))


def _notes(ledger: LedgerDocument, library: Library, folder: Path) -> Iterator[str]:
    known = {entry.name for entry in ledger.entries}
    if missing := [entry.name for entry in library.document.instances if entry.name not in known]:
        yield f"{counted(len(missing), 'instance')} of the library without an entry: {some_of(missing)}"
    if files := left_over(folder, ledger.entries):
        yield f"{counted(len(files), 'plan file')} that no entry names; the next update removes them: {some_of(files)}"
