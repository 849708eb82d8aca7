"""Evidence for the ledger: the plans and bounds of benchmark runs, each plan read and checked here.

Nothing that a run's record says of its plan is believed. A bound cannot be checked: it is taken only from runs that
ended well (OK or TO), and every checked plan, whatever became of its run, may refute it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.station.instance import Instance
from optimizer.bench.ledger.checked_plan import Finding, checked_plan
from optimizer.bench.ledger.ledger_document import KnownBound, KnownPlan, LedgerEntry
from optimizer.bench.ledger.ledger_file import plan_file_name
from optimizer.bench.records.run_record import RunRecord
from optimizer.formats.plan_file import plan_text

TRUSTED = ("OK", "TO")
HIGHS = "highs"


@dataclass(frozen=True)
class RunInFolder:
    """A run's record and the results' folder that it is from."""

    folder: Path
    record: RunRecord

    @property
    def order(self) -> tuple[str, ...]:
        """Older runs first; the same whatever the order of the folders."""
        record = self.record
        return record.began, record.contender, f"{record.seed:020}", record.key

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"{self.record.contender}, seed {self.record.seed} ({self.folder})"


@dataclass(frozen=True)
class PlanClaim:
    """A checked plan: `content` is its file's, None where it stands in the ledger already. Costs in currency."""

    known: KnownPlan
    gross_cost: float
    label: str
    content: bytes | None = None


@dataclass(frozen=True)
class BoundClaim:
    """A bound that a run, the ledger or a proof claims as proven. `content`: of its proof file, None where there is
    none or it stands in the ledger already."""

    known: KnownBound
    label: str
    content: bytes | None = None


@dataclass(frozen=True)
class Evidence:
    """All that is claimed of one instance, the ledger's own first, then older runs first."""

    plans: tuple[PlanClaim, ...]
    bounds: tuple[BoundClaim, ...]
    findings: tuple[Finding, ...]


def evidence_of(
    name: str, instance: Instance, entry: LedgerEntry | None, ledger_folder: Path, runs: Iterable[RunInFolder]
) -> Evidence:
    """What the ledger (its `entry`, None: none) and these runs say of the instance `name`."""
    plans, bounds, findings = list[PlanClaim](), list[BoundClaim](), list[Finding]()
    if entry is not None:
        plans += _held_plan(entry, instance, ledger_folder, findings)
        bounds += [] if entry.bound is None else [BoundClaim(entry.bound, f"{entry.bound.contender} (ledger)")]
    for run in sorted(runs, key=lambda run: run.order):
        plans += _plan(name, instance, run, findings)
        bounds += _bound(run)
    return Evidence(tuple(plans), tuple(bounds), tuple(findings))


def _held_plan(entry: LedgerEntry, instance: Instance, folder: Path, findings: list[Finding]) -> Iterator[PlanClaim]:
    found = checked_plan(entry.name, instance, folder, entry.plan.file, entry.plan.objective)
    findings += found.findings
    if found.cost is not None and not found.findings:
        yield PlanClaim(entry.plan, found.cost.gross_cost, f"{entry.plan.contender} (ledger)")


def _plan(name: str, instance: Instance, run: RunInFolder, findings: list[Finding]) -> Iterator[PlanClaim]:
    """The run's plan if it keeps every rule. A run that is WRONG anyway may have a plan that breaks some."""
    record = run.record
    if not record.plan:
        return
    found = checked_plan(name, instance, run.folder, record.plan, record.objective)
    if found.findings or found.plan is None or found.cost is None:
        findings += () if record.status == "WRONG" else found.findings
        return
    content = plan_text(found.plan)
    known = KnownPlan(
        objective=found.cost.objective,
        file=plan_file_name(name, content),
        contender=record.contender,
        seed=record.seed,
        date=_day(record),
        versions=dict(sorted(record.versions.items())),
        machine=dict(sorted(record.machine.items())),
    )
    yield PlanClaim(known, found.cost.gross_cost, run.label, content)


def _bound(run: RunInFolder) -> Iterator[BoundClaim]:
    record = run.record
    if record.bound is None or record.status not in TRUSTED:
        return
    known = KnownBound(
        value=record.bound,
        kind="recomputed" if record.is_bound_recomputed else "solver",
        contender=record.contender,
        solver=record.solver,
        seed=record.seed,
        gap_asked=record.gap_asked,
        time_limit_seconds=record.time_limit_seconds,
        date=_day(record),
        versions=dict(sorted(record.versions.items())),
        machine=dict(sorted(record.machine.items())),
    )
    yield BoundClaim(known, run.label)


def solver_family(solver: str) -> str:
    """The programme behind a solver's name and option set; what has no solver of its own uses HiGHS."""
    return (solver or HIGHS).partition("-")[0]


def _day(record: RunRecord) -> str:
    return record.began[: len("YYYY-MM-DD")]
