"""What a replay yields, station by station."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.station.instance import Night
from optimizer.replay.card import DayFigures, PolicyCard
from optimizer.replay.statistics import Floats

Source = Literal["spread", "poisson", "scenarios", "log", "certain"]


@dataclass(frozen=True)
class StationReplay:
    """One station's cards, and what is drawn of them, by the cards' labels. `ready_targets`: of policies that have any.
    `bounds`: of the first days, currency; `bounds_asked`: of how many they were wanted. `source`: where the days come
    from. `not_in_time`: policies that were to plan anew and got no day done."""

    night: Night
    source: Source
    days: int
    seed: int
    cards: tuple[PolicyCard, ...]
    figures: Mapping[str, DayFigures]
    ready_targets: Mapping[str, tuple[int, ...]]
    bounds: Floats
    bounds_asked: int
    not_in_time: tuple[str, ...] = ()
