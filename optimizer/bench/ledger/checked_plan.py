"""A plan read from its file, checked and billed; findings: whatever does not hold, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from msgspec import UNSET

from models.station.cost import Cost
from models.station.instance import Instance
from models.tolerances import is_same_money
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.check.plan_check import check_plan, violation_text
from optimizer.files.errors import InputErrors, printable
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import read_plan

BY_INSTANCE = "the benchmark checks and bills by the instance alone"


@dataclass(frozen=True)
class Finding:
    """Something that does not hold. `what`: library | instance | hash | plan | cost | bound | claimed | proof.

    `text` says where, what was found and what the limit is.
    """

    instance: str
    what: str
    text: str

    def __str__(self) -> str:
        return printable(f"{self.instance}: {self.what}: {self.text}")

    def as_json(self) -> dict[str, Any]:
        """One item of `failures`."""
        return asdict(self)


@dataclass(frozen=True)
class CheckedPlan:
    """A plan file as the checker found it: `plan` and `cost` None where it cannot be read or billed."""

    plan: PlanFile | None
    cost: Cost | None
    findings: tuple[Finding, ...]


def checked_plan(
    name: str, instance: Instance, folder: Path, file: str, recorded_objective: float | None
) -> CheckedPlan:
    """The plan of instance `name` in the file `file` of `folder`, checked rule by rule and billed anew.

    `recorded_objective`: what is recorded of it elsewhere, in currency; None for nothing. Nothing is raised.
    """
    try:
        if not (folder / file).resolve().is_relative_to(folder.resolve()):
            return CheckedPlan(None, None, (Finding(name, "plan", f"{file}: lies outside {folder}"),))
        plan = read_plan(folder / file)
        found = check_plan(instance, plan, file)
    except InputErrors as error:
        return CheckedPlan(None, None, tuple(findings_of(name, "plan", error)))
    findings = [Finding(name, "plan", f"{file}: {violation_text(violation)}") for _, violation in found.violations]
    findings += [Finding(name, "plan", f"{file}: {warning}") for warning in found.warnings]
    if any(station.hedge is not UNSET for station in plan.stations):
        findings.append(Finding(name, "plan", f"{file}: has ready targets, which change the bill; {BY_INSTANCE}"))
    if found.cost is not None and recorded_objective is not None:
        findings += _cost_findings(name, file, recorded_objective, found.cost.objective)
    return CheckedPlan(plan, found.cost, tuple(findings))


def _cost_findings(name: str, file: str, recorded: float, recomputed: float) -> Iterator[Finding]:
    if not is_same_money(recorded, recomputed):
        yield Finding(name, "cost", f"{file}: recorded objective {recorded!r}, recomputed it is {recomputed!r}")


def other_instance(entry: LedgerEntry, listed_hash: str) -> Finding:
    """The entry is not of the library's instance of its name, whose hash this is."""
    return Finding(entry.name, "hash", f"the entry is of {entry.hash}, the library has {listed_hash}")


def findings_of(name: str, what: str, error: InputErrors) -> Iterator[Finding]:
    """The lines of an error about a file of instance `name`."""
    return (Finding(name, what, line) for line in str(error).splitlines())
