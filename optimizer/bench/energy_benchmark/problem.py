"""One night as a problem of the Open Energy Benchmark: its file, and what its metadata say.

The keys are those of https://github.com/open-energy-transition/solver-benchmark as of 2026, one entry a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.errors import Problem
from models.formulations.matrix import relaxed
from models.formulations.tier_bounds import is_bill_exact
from models.station.instance import Instance, Night
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.library.library import Library
from optimizer.bench.library.library_document import EntryDocument, FamilyDocument
from optimizer.engine.highs import solve
from optimizer.files.errors import InputErrors
from optimizer.files.versions import versions
from optimizer.programmes.identity import programme_of
from optimizer.programmes.mps_lp_text import FileSize, export_text, size_of_file
from optimizer.programmes.programme import Formulation, Programme

Value = str | int | float | bool
SMALL, MEDIUM = 10_000, 1_000_000  # variables: what the benchmark calls S, M and L
REALISTIC_PACKS = 10  # stations in use have 13 and more; smaller ones are for proofs
RELAXATION_SECONDS = 60.0
DRAWN = "CC BY 4.0"
UNKNOWN = "unknown"
RELAXATION = "The programme is no exact one of this night: its optimum may be another."


@dataclass(frozen=True)
class EnergyProblem:
    """A problem. `metadata`: its entry, in order; `mps`: its file, not compressed; `relaxation`: optimum of the
    programme without whole numbers, in currency, None where none was found in time; `known`: what the ledger has of it;
    `is_exact`: is the programme's optimum that of the night?
    """

    name: str
    instance: str
    hash: str
    currency: str
    hard: str
    metadata: Mapping[str, Value]
    mps: bytes
    size: FileSize
    relaxation: float | None
    known: LedgerEntry | None
    is_exact: bool

    @property
    def file(self) -> str:
        """The name of its file: the benchmark wants the problem's."""
        return f"{self.name}.mps.gz"


@dataclass(frozen=True)
class SentBy:
    """What the sender says: who contributes, and under which address the files will be, None where not known yet."""

    contributor: str
    url: str | None = None


def energy_problem(
    library: Library, name: str, formulation: Formulation, known: Mapping[str, LedgerEntry], by: SentBy
) -> EnergyProblem:
    """An instance of the library as a problem. Raises InputErrors where it or its programme is none."""
    entry = library.entry(name)
    instance = library.load(entry)
    night = instance.nights[0]
    if (why := formulation.refusal(night)) is not None:
        problem = Problem("", formulation.name, f"cannot take {name}: {why}", "choose another formulation or night")
        raise InputErrors("--formulation", [problem])
    programme = formulation.programme(night)
    mps = export_text(programme, "mps", programme_of(instance, formulation.name))
    family = next(one for one in library.document.families if one.id == entry.family)
    size, kept = size_of_file(programme.matrix), known.get(entry.hash)
    title = f"swapcharge-{name}-op-{entry.packs}-{night.horizon.slot_minutes}min"
    is_exact = _is_exact(night, programme)
    facts = dict(_metadata(title, entry, family, instance, formulation, size, by))
    facts["Short description"] = f"{_description(entry, family, instance)} {_best(kept, instance.currency, is_exact)}"
    relaxation = _relaxation(programme)
    return EnergyProblem(
        title, name, entry.hash, instance.currency, family.hard, facts, mps, size, relaxation, kept, is_exact
    )  # fmt: skip


def _relaxation(programme: Programme) -> float | None:
    found = solve(relaxed(programme.matrix), seconds=RELAXATION_SECONDS)
    return found.objective if found.stopped == "optimal" else None


def _is_exact(night: Night, programme: Programme) -> bool:
    """Bills that are no polyline make a relaxation of any formulation: models/README.md."""
    return programme.is_exact and programme.is_relaxation and is_bill_exact(night)


def _metadata(
    title: str,
    entry: EntryDocument,
    family: FamilyDocument,
    instance: Instance,
    formulation: Formulation,
    size: FileSize,
    by: SentBy,
) -> Iterator[tuple[str, Value]]:
    night = instance.nights[0]
    yield "Short description", ""
    yield "Contributor(s)/Source", by.contributor
    yield "License", DRAWN if family.licence.startswith(DRAWN) else family.licence
    yield ("Path", f"{title}.mps.gz") if by.url is None else ("URL", f"{by.url.rstrip('/')}/{title}.mps.gz")
    yield "Problem class", "MILP" if size.integer_variables else "LP"
    yield "Size", "S" if size.variables < SMALL else "M" if size.variables < MEDIUM else "L"
    yield "Num. constraints", size.constraints
    yield "Num. variables", size.variables
    yield "Num. nonzeros", size.nonzeros
    yield "Num. continuous variables", size.variables - size.integer_variables
    yield "Num. integer variables", size.integer_variables
    yield "Share integer variables", size.integer_variables / size.variables
    yield "MILP features", "; ".join(_features(night)) if size.integer_variables else "None"
    yield "Modelling framework", "swapcharge"
    yield "Model name", f"swapcharge, formulation {formulation.name}"
    yield "Version", versions()["swapcharge"]
    yield "Spatial resolution", f"1 node: a station of {entry.packs} packs"
    yield "Temporal resolution", f"{night.horizon.slot_minutes} minutes, {entry.slots} time steps"
    yield from _realistic(entry, family)
    yield "Application", "Operational"
    yield "Sectoral focus", "Power-only"
    yield "Sectors", "Electric, Transport"
    yield "Time horizon", f"Single-stage ({entry.slots * night.horizon.slot_minutes / 60:g} hours)"


def _realistic(entry: EntryDocument, family: FamilyDocument) -> Iterator[tuple[str, Value]]:
    yield "Realistic", entry.packs >= REALISTIC_PACKS
    if entry.packs >= REALISTIC_PACKS:
        yield "Realistic motivation", f"Packs, time steps and horizon are those of stations in use; {family.provenance}"


def _description(entry: EntryDocument, family: FamilyDocument, instance: Instance) -> str:
    station = instance.nights[0].station
    return (
        f"Charging schedule of a battery-swap station: which charged pack serves which of {entry.swaps} drivers, and "
        f"when each of {entry.packs} packs charges at {station.chargers.count} chargers, at least cost of energy, "
        f"wear and lost drivers. Purpose: {family.purpose}. Why hard: {family.hard}. Data: {family.provenance}. "
        f"Model and equations: models/README.md and models/benchmark-problem-1.0.md of swapcharge. "
        f"Instance {entry.name}, {entry.hash}."
    )


def _best(known: LedgerEntry | None, currency: str, is_exact: bool) -> str:
    if known is None:
        return "No plan is recorded."
    best = f"Best plan known: {known.plan.objective!r} {currency}"
    proof = f"lower bound {repr(known.bound.value) if known.bound else UNKNOWN}"
    return (
        f"{best}, {'proven optimal' if known.proof == 'optimal' else proof}. {'' if is_exact else RELAXATION}".strip()
    )


def _features(night: Night) -> Iterator[str]:
    station = night.station
    if station.needs_switches:
        yield "Unit commitment"
    if station.counts_plug_changes:
        yield "Start and stop limits"
    yield "Assignment of packs to swaps"
    if any(station.ready_reserve):
        yield "Reserve of ready packs"
    if night.by_pack is not night:
        yield "All-or-none service"
