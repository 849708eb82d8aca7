"""`solve --json`: the facts of a plan file without its series, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from models.station.instance import Instance
from models.station.result import StationPlan, total_changes
from models.station.saving import Savings
from models.station.starts import ChargingFigures, charging_figures
from optimizer.formats.plan_document import PlanFile, SavingsDocument
from optimizer.summaries.readiness import Readiness, readiness_json, readiness_of, slack_json
from optimizer.summaries.saving_text import savings_of

SERIES = ("packs", "hand_overs", "lost", "solar_used_kw", "reserve_shortfall", "rule")


def solve_summary(
    instance: Instance, file: PlanFile, plans: Sequence[StationPlan], seconds: float, broken_off: str = ""
) -> dict[str, Any]:
    """One object for scripts; `seconds`: wall time of the whole command so far. `broken_off`: why planning ended early.

    The object has it only where it did.
    """
    facts: dict[str, Any] = msgspec.to_builtins(file)
    readiness = [readiness_of(plan) for plan in plans]
    baseline = sum(plan.result.baseline_objective for plan in plans)
    facts |= {
        "runtime_seconds": round(seconds, 3),
        "solver_seconds": round(sum(plan.solver_seconds for plan in plans), 3),
        "baseline_objective": baseline,
        "saving": baseline - file.objective,
        "savings": _savings(savings_of(plan.result for plan in plans)),
        **charging_json(charging_figures(plan.schedule) for plan in plans),
        **slack_json(readiness),
        "stations": [_station(*one) for one in zip(facts["stations"], plans, readiness, strict=True)],
    }
    if changes := total_changes(plans):
        facts["changes"] = asdict(changes)
    return facts | ({"broken_off": broken_off} if broken_off else {})


def _station(facts: Mapping[str, Any], plan: StationPlan, readiness: Readiness) -> dict[str, Any]:
    kept = {key: value for key, value in facts.items() if key not in SERIES}
    return kept | {
        "runtime_seconds": round(plan.runtime_seconds, 3),
        "solver_seconds": round(plan.solver_seconds, 3),
        "saving": plan.result.saving,
        **({} if plan.next_day is None else {"next_day": asdict(plan.next_day)}),
        **charging_json([charging_figures(plan.schedule)]),
        **readiness_json(readiness),
    }


def _savings(savings: Savings | None) -> Any:
    return None if savings is None else msgspec.to_builtins(SavingsDocument.of(savings))


def charging_json(figures: Iterable[ChargingFigures]) -> dict[str, Any]:
    """What a dispatcher sees of plans' charging, stations added up: `starts_per_stay`, `powers_per_stay` are None where
    nothing charges."""
    total = sum(figures, ChargingFigures())
    return {
        "stays_charged": total.stays_charged,
        "starts": total.starts,
        "starts_per_stay": total.starts_per_stay,
        "powers_per_stay": total.powers_per_stay,
        "weak_set_points": total.weak_set_points,
    }
