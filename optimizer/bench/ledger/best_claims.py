"""The best plan and bound among all claims about an instance, contradictions between them, and confirmations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from models.tolerances import is_refuted, is_same_money
from optimizer.bench.ledger.checked_plan import Finding
from optimizer.bench.ledger.ledger_document import KnownBound
from optimizer.bench.ledger.ledger_file import proof_of
from optimizer.bench.ledger.run_evidence import BoundClaim, PlanClaim, solver_family

ADVICE = (
    "one of the two is false: prove the bound anew (bench ledger verify --bounds, or by another solver), then take the "
    "false one out of the ledger, or leave its results out"
)


def contradictions(name: str, plans: Iterable[PlanClaim], bounds: Iterable[BoundClaim]) -> Iterator[Finding]:
    """Every bound of the instance `name` that lies above the cheapest of its checked plans."""
    cheapest = min(plans, key=_objective, default=None)
    if cheapest is None:
        return
    for bound in bounds:
        if is_refuted(bound.known.value, _objective(cheapest)):
            plan = f"the checked plan of {_objective(cheapest)!r} by {cheapest.label}"
            yield Finding(name, "bound", f"{bound.known.value!r} by {bound.label} lies above {plan}; {ADVICE}")


def best_of(plans: Sequence[PlanClaim], bounds: Sequence[BoundClaim]) -> tuple[PlanClaim, BoundClaim | None]:
    """The cheapest plan and the highest bound; of equal ones the first is kept, unless only the last digits of another
    close the gap. There is at least one plan."""
    plan, bound = plans[0], bounds[0] if bounds else None
    for other in plans[1:]:
        if is_refuted(_objective(plan), _objective(other)):  # dearer by more than the tolerance
            plan = other
    for one in bounds[1:]:
        if bound is not None and is_refuted(one.known.value, bound.known.value):
            bound = one
    if bound is None or _is_optimal(plan, bound):
        return plan, bound
    lowest, highest = min(plans, key=_objective), max(bounds, key=_value)
    return (lowest, highest) if _is_optimal(lowest, highest) else (plan, bound)


def _objective(claim: PlanClaim) -> float:
    return claim.known.objective


def _value(claim: BoundClaim) -> float:
    return claim.known.value


def _is_optimal(plan: PlanClaim, bound: BoundClaim) -> bool:
    return proof_of(plan.known.objective, bound.known.value, plan.gross_cost)[0] == "optimal"


def confirmed(bound: KnownBound, claims: Iterable[BoundClaim]) -> KnownBound:
    """The bound with all contenders with another solver that proved as much."""
    others = {
        claim.known.contender
        for claim in claims
        if solver_family(claim.known.solver) != solver_family(bound.solver)
        and (claim.known.value >= bound.value or is_same_money(claim.known.value, bound.value))
    }
    return msgspec.structs.replace(bound, confirmed_by=tuple(sorted(others | set(bound.confirmed_by))))
