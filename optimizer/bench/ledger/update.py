"""Taking better plans and bounds from benchmark results into the ledger.

All or nothing: where one plan breaks a rule, or a bound lies above a checked plan, nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimizer.bench.ledger.best_claims import contradictions
from optimizer.bench.ledger.better_entry import Change, better_entry, changes_between, dropped_claims, new_files
from optimizer.bench.ledger.checked_plan import Finding, findings_of, other_instance
from optimizer.bench.ledger.improvement_log import Improvement, improvements
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.ledger.ledger_file import ledger_or_empty
from optimizer.bench.ledger.run_evidence import Evidence, RunInFolder, evidence_of
from optimizer.bench.ledger.write_ledger import refuse_changed, write_ledger
from optimizer.bench.library.library import Library, read_library
from optimizer.bench.library.library_document import EntryDocument
from optimizer.bench.records.results_folder import read_results
from optimizer.files.errors import InputErrors
from optimizer.files.plain_text import counted, some_of


@dataclass
class Update:
    """What the results change, or why they change nothing: `failures`. `notes`: runs that were left out."""

    entries: list[LedgerEntry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    improvements: list[Improvement] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing speaks against the evidence."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """The object of `bench ledger update --json`."""
        return {
            "ok": self.ok,
            "changes": [vars(change) for change in self.changes] if self.ok else [],
            "failures": [finding.as_json() for finding in self.failures],
            "notes": self.notes,
            "entries": len(self.entries),
            "optimal": sum(entry.proof == "optimal" for entry in self.entries),
        }

    def summary(self) -> str:
        """The last line."""
        if not self.ok:
            return f"Nothing was written: {counted(len(self.failures), 'failure')}."
        optimal = sum(entry.proof == "optimal" for entry in self.entries)
        count = "1 entry" if len(self.entries) == 1 else f"{len(self.entries):,} entries"
        made = counted(len(self.changes), "change") if self.changes else "Nothing is better than what was known"
        return f"{made}; the ledger has {count}, {optimal:,} proven optimal."


def update_ledger(folder: Path, results: Sequence[Path], report: Callable[[str], None] = lambda text: None) -> Update:
    """Take what the results' folders prove into the ledger in `folder`, unless anything speaks against it.

    Raises InputErrors where library, ledger or a results' folder cannot be read, OutputErrors where the ledger cannot
    be written.
    """
    library = read_library(folder)
    ledger = ledger_or_empty(folder)
    held = {entry.name: entry for entry in ledger.entries}
    found = Update()
    runs = _by_instance(library, results, found)
    for listed in library.document.instances:
        report(listed.name)
        entry = held.pop(listed.name, None)
        if listed.name in runs:
            entry = _improved(listed, library, entry, folder, runs[listed.name], found)
        found.entries += [] if entry is None else [entry]
    found.entries += held.values()  # those of no instance of the library, which `verify` reports
    if found.ok:
        write_ledger(folder, ledger, found.entries, found.contents, found.improvements)
    else:
        refuse_changed(folder, ledger)  # plans that another command has replaced are gone: that is no failure
    return found


def _by_instance(library: Library, results: Sequence[Path], found: Update) -> Mapping[str, list[RunInFolder]]:
    """The runs by name of the library's instance; those of other instances are left out, and a note says so."""
    names = {entry.hash: entry.name for entry in library.document.instances}
    runs, strange = defaultdict[str, list[RunInFolder]](list), list[str]()
    for folder in results:
        for record in read_results(folder):
            if record.instance_hash in names:
                runs[names[record.instance_hash]].append(RunInFolder(folder, record))
            else:
                strange.append(record.instance)
    if strange:
        unlisted = some_of(sorted(set(strange)))
        found.notes.append(f"{counted(len(strange), 'run')} left out, not of an instance of the library: {unlisted}")
    return runs


def _improved(
    listed: EntryDocument,
    library: Library,
    entry: LedgerEntry | None,
    folder: Path,
    runs: Iterable[RunInFolder],
    found: Update,
) -> LedgerEntry | None:
    """The entry with what the runs prove; as it was where something speaks against them."""
    try:
        instance = library.load(listed)
    except InputErrors as error:
        found.failures += findings_of(listed.name, "instance", error)
        return entry
    if entry is not None and entry.hash != listed.hash:
        found.failures.append(other_instance(entry, listed.hash))
        return entry
    evidence = evidence_of(listed.name, instance, entry, folder, runs)
    failures = [*evidence.findings, *contradictions(listed.name, evidence.plans, evidence.bounds)]
    found.failures += failures
    if failures:
        return entry
    if not evidence.plans:
        found.notes.append(f"{listed.name}: no plan is known, so no bound is kept")
        return entry
    return _entry(listed, entry, evidence, found)


def _entry(listed: EntryDocument, entry: LedgerEntry | None, evidence: Evidence, found: Update) -> LedgerEntry:
    better = better_entry(listed, entry, evidence)
    found.contents |= new_files(better, evidence)
    found.changes += changes_between(entry, better)
    found.improvements += improvements(entry, better)
    found.notes += dropped_claims(entry, better)
    return better
