"""The log of improvements beside the ledger: a line for each plan and bound that became better, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from msgspec import UNSET

from models.errors import Problem
from optimizer.bench.ledger.ledger_document import KnownBound, KnownPlan, LedgerEntry
from optimizer.files.csv_table import table_text
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import read_bytes

LOG = "improvements.csv"
COLUMNS = ("date", "instance", "what", "from", "to", "solver", "by")
TEXTS = frozenset({"date", "instance", "solver", "by"})
HEADER = table_text(COLUMNS, TEXTS, ())


@dataclass(frozen=True)
class Improvement:
    """A plan or bound of an instance that is better than the one before: `old`, None for none, and `new` in currency.

    `date`: YYYY-MM-DD, of the run or the submission. `by`: who submitted it; empty: nobody named, or a run's.
    """

    date: str
    instance: str
    what: Literal["plan", "bound"]
    old: float | None
    new: float
    solver: str
    by: str

    def as_row(self) -> dict[str, object]:
        """Its cells by COLUMNS. Numbers have all their digits; one that is not there is empty."""
        old = "" if self.old is None else repr(self.old)
        told = (self.date, self.instance, self.what, old, repr(self.new), self.solver, self.by)
        return dict(zip(COLUMNS, told, strict=True))


def improvements(old: LedgerEntry | None, new: LedgerEntry) -> Iterator[Improvement]:
    """What of plan and bound the new entry has better than the old one, None for none."""
    if old is None or old.plan != new.plan:
        yield _improvement(new.name, "plan", new.plan, None if old is None else old.plan.objective, new.plan.objective)
    before = None if old is None or old.bound is None else old.bound.value
    if new.bound is not None and new.bound.value != before:
        yield _improvement(new.name, "bound", new.bound, before, new.bound.value)


def _improvement(
    instance: str, what: Literal["plan", "bound"], known: KnownPlan | KnownBound, old: float | None, new: float
) -> Improvement:
    by = "" if known.by is UNSET else known.by
    return Improvement(known.date, instance, what, old, new, known.contender, by)


def log_with(folder: Path, new: Iterable[Improvement]) -> bytes:
    """The log in the ledger's folder with these lines at its end. Lines that it has already are not written twice, so
    that a command which was killed can be run again. Raises InputErrors where the file is no such log."""
    path = folder / LOG
    before = read_bytes(path) if path.exists() else HEADER
    if not before.startswith(HEADER):
        rule = f"must be the columns of a log of improvements, {HEADER.decode().strip()}"
        found = before.partition(b"\n")[0].decode(errors="backslashreplace")
        raise InputErrors(str(path), [Problem("line 1", found, rule, "write them there, or move the file away")])
    whole = before if before.endswith(b"\n") else before + b"\n"
    lines = dict.fromkeys(table_text(COLUMNS, TEXTS, [one.as_row()]).removeprefix(HEADER) for one in new)
    return whole + b"".join(line for line in lines if line not in whole.splitlines(keepends=True))
