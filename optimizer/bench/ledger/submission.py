"""What is submitted to the ledger, and the answer to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from optimizer.bench.ledger.better_entry import Change
from optimizer.bench.ledger.checked_plan import Finding
from optimizer.files.plain_text import counted

Answer = Literal["entered", "wrong instance", "breaks rules", "refuted", "worse", "same", "ledger does not hold"]
REFERENCE = "reference"
BECAUSE: dict[Answer, str] = {
    "wrong instance": "the plan is of another instance",
    "breaks rules": "the plan breaks rules",
    "refuted": "a bound lies above a checked plan",
    "worse": "the plan is worse than the entry",
    "same": "the plan costs what the entry costs",
    "ledger does not hold": "the ledger does not hold: swapcharge bench ledger verify tells why",
}


@dataclass(frozen=True)
class Submission:
    """A plan from anywhere. `plan`: its file, "-" for standard input. `bound`: what its solver is said to have proven,
    in currency; None for nothing. `date`: YYYY-MM-DD. `instance`: name that the plan must be of; None: whichever.
    `proof`: file of multipliers of the rows of `formulation`, None for none.
    """

    plan: str
    solver: str
    date: str
    by: str = ""
    solver_version: str = ""
    instance: str | None = None
    bound: float | None = None
    proof: str | None = None
    formulation: str = REFERENCE

    @property
    def versions(self) -> dict[str, str]:
        """Of the solver, as far as it is told."""
        return {self.solver: self.solver_version} if self.solver_version else {}


@dataclass(frozen=True)
class Submitted:
    """What became of a submission: `changes` of the ledger, or `failures`, why there are none.

    `instance`: name in the library, None where it has no such instance. `objective`: recomputed, in currency; None
    where the plan was not billed.
    """

    answer: Answer
    instance: str | None
    objective: float | None = None
    changes: tuple[Change, ...] = ()
    failures: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Was anything entered?"""
        return self.answer == "entered"

    def as_json(self) -> dict[str, Any]:
        """The object of `bench ledger submit --json`."""
        return {
            "ok": self.ok,
            "answer": self.answer,
            "instance": self.instance,
            "objective": self.objective,
            "changes": [vars(change) for change in self.changes],
            "failures": [finding.as_json() for finding in self.failures],
            "notes": list(self.notes),
        }

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield from map(str, self.changes or self.failures)
        yield from (f"note: {note}" for note in self.notes)
        if self.ok:
            yield f"Entered: {counted(len(self.changes), 'change')}."
        else:
            yield f"Nothing was written: {BECAUSE[self.answer]}."
