"""The bound of a submission: what of it is proven here, and what is left as claimed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.station.instance import Instance
from models.tolerances import is_same_money
from optimizer.bench.ledger.dual_proof import DualProof, submitted_proof
from optimizer.bench.ledger.ledger_document import KnownBound
from optimizer.bench.ledger.ledger_file import proof_file_name
from optimizer.bench.ledger.run_evidence import BoundClaim
from optimizer.bench.ledger.submission import Submission
from optimizer.files.read_write import shown_name
from optimizer.programmes.identity import programme_of


@dataclass(frozen=True)
class SubmittedBound:
    """`proven`: by the proof file; `claimed`: what is said beyond that, in currency. None for nothing."""

    proven: BoundClaim | None
    claimed: float | None
    notes: tuple[str, ...] = ()


def submitted_bound(name: str, instance: Instance, asked: Submission) -> SubmittedBound:
    """The bound on plans of the instance `name`. Raises InputErrors as `submitted_proof` does."""
    if asked.proof is None:
        return SubmittedBound(None, asked.bound)
    file = shown_name(asked.proof)
    of = programme_of(instance, asked.formulation)
    proof = submitted_proof(instance.nights[0], asked.proof, asked.formulation, of)
    if proof is None:
        note = f"{file} names no row of the formulation {asked.formulation}: nothing in it can be verified here"
        return SubmittedBound(None, asked.bound, (f"{name}: {note}",))
    if not math.isfinite(proof.bound):
        return SubmittedBound(None, asked.bound, (f"{name}: the multipliers in {file} prove nothing",))
    proven = _claim(name, proof, asked)
    if asked.bound is None or proof.bound >= asked.bound or is_same_money(proof.bound, asked.bound):
        return SubmittedBound(proven, None)
    note = f"{name}: the multipliers in {file} prove {proof.bound!r}, not {asked.bound!r}"
    return SubmittedBound(proven, asked.bound, (note,))


def _claim(name: str, proof: DualProof, asked: Submission) -> BoundClaim:
    content = proof.content()
    known = KnownBound(
        value=proof.bound,
        kind="recomputed",
        contender=asked.solver,
        solver=asked.solver,
        seed=0,
        gap_asked=0.0,
        time_limit_seconds=0.0,
        date=asked.date,
        versions=asked.versions,
        by=asked.by,
        formulation=proof.formulation,
        proof=proof_file_name(name, content),
    )
    return BoundClaim(known, f"{asked.solver} (submitted)", content)
