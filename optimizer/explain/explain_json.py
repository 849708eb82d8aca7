"""`explain --json`: the same facts for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.station.instance import Night, Swap
from models.station.lost_reason import LostReason
from optimizer.explain.explain_text import repair_in_words
from optimizer.explain.explanation import StationExplanation
from optimizer.explain.mending import Mending, Repair
from optimizer.summaries.lost_text import sentence_of


def explain_json(found: Sequence[StationExplanation], instance: str, currency: str) -> dict[str, Any]:
    """One object; times are instants with their offset, amounts have their unit in `unit`."""
    return {
        "instance": instance,
        "currency": currency,
        "is_whole": all(one.is_whole for one in found),
        "swaps_lost": sum(len(one.plan.lost) for one in found),
        "stations": [_station(one) for one in found],
    }


def _station(one: StationExplanation) -> dict[str, Any]:
    night, plan = one.plan.night, one.plan
    swaps, mendings = {swap.id: swap for swap in plan.lost}, {mending.swap: mending for mending in one.mendings}
    return {
        "station": night.station.id,
        "objective": plan.objective,
        "bound": plan.bound,
        "swaps_served": len(night.station.swaps) - len(plan.lost),
        "swaps_lost": len(plan.lost),
        "is_whole": one.is_whole,
        "lost": [_lost(night, swaps[reason.swap], reason, mendings.get(reason.swap)) for reason in one.reasons],
        "worth": [asdict(worth) for worth in one.worths],
    }


def _lost(night: Night, swap: Swap, reason: LostReason, mending: Mending | None) -> dict[str, Any]:
    facts = asdict(reason) | {
        "instead": list(reason.instead),
        "words": sentence_of(reason),
        "time": _time(night, swap.slot),
        "lost_cost": swap.lost_cost,
        "must_serve": swap.must_serve,
    }
    if mending is not None:
        facts["held_by"] = list(mending.held_by)
        facts["repairs"] = [_repair(night, one) for one in mending.repairs]
    return facts


def _time(night: Night, slot: int) -> str:
    return night.horizon.local_slot_start(slot).isoformat()


UNITS = {"grid_limit": "kW", "packs": "packs", "chargers": "chargers", "charging_power": "kW", "delay": "minutes"}


def _repair(night: Night, one: Repair) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": one.kind, "status": one.status}
    if one.status != "found":
        return facts
    facts |= {"amount": one.amount, "unit": UNITS[one.kind], "is_least": one.is_least, "step": one.step}
    if one.begin is not None and one.end is not None:
        facts |= {"from": _time(night, one.begin), "to": _time(night, one.end)}
    return facts | {"words": repair_in_words(night, one)}
