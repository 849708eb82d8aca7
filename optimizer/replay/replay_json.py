"""The cards of a replay as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.station.demand.rule_words import RULE_IN_WORDS
from optimizer.replay.card import PolicyCard
from optimizer.replay.result import StationReplay
from optimizer.replay.statistics import CONFIDENCE


def replay_json(replays: Sequence[StationReplay], name: str, currency: str) -> dict[str, Any]:
    """`swapcharge replay --json`."""
    return {
        "instance": name,
        "currency": currency,
        "confidence": CONFIDENCE,
        "rule": list(RULE_IN_WORDS.values()),
        "stations": [_station(replay) for replay in replays],
    }


def _station(replay: StationReplay) -> dict[str, Any]:
    return {
        "station": replay.night.station.id,
        "days": replay.days,
        "days_are": replay.source,
        "seed": replay.seed,
        "bound_days": len(replay.bounds),
        "bound_days_asked": replay.bounds_asked,
        "bounds": [float(bound) for bound in replay.bounds],
        "not_in_time": list(replay.not_in_time),
        "policies": [_policy(card) for card in replay.cards],
    }


def _policy(card: PolicyCard) -> dict[str, Any]:
    plain = asdict(card)
    plain["cost_split"] = asdict(card.cost_split) | {
        "objective": card.cost_split.objective,
        "gross_cost": card.cost_split.gross_cost,
    }
    return plain
