"""How the nights of a study really go, where they are planned from a forecast: drawn from it, or as a log has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY
from models.station.demand.expected import ExpectedSwaps
from models.station.drawn_days import DrawnDays, draw_days
from models.station.instance import Night, Swap
from optimizer.formats.instance_document import StationDocument
from optimizer.formats.study_document import StudyDocument

Policy = Literal["hedged", "mean"]


@dataclass(frozen=True)
class RealDays:
    """`days`: drawn from the forecast with `seed`, or those of a log. `policy`: the plans that they are played with."""

    days: Literal["drawn", "logged"]
    policy: Policy
    seed: int


def real_days_of(document: StudyDocument) -> RealDays | None:
    """None where drivers come as planned."""
    return None if document.days == "known" else RealDays(document.days, document.policy, document.seed)


def on_slots(expected: Sequence[ExpectedSwaps], own_slot: Sequence[int], growth: float) -> tuple[ExpectedSwaps, ...]:
    """The forecasts of the instance's day on a night's slots, `own_slot`, with a share more drivers."""
    return tuple(
        replace(
            one,
            mean_per_slot=tuple((1 + growth) * one.mean_per_slot[slot] for slot in own_slot),
            scenarios=tuple(tuple(day[slot] for slot in own_slot) for day in one.scenarios),
        )
        for one in expected
    )


def drawn_day(night: Night, seed: int, station: int, number: int) -> DrawnDays:
    """The day of night `number`: the same under every tariff and, but for its slots and drivers, in every variant."""
    return draw_days(night, 1, (seed * MINUTES_PER_DAY + station) * MINUTES_PER_DAY + number)


def logged_day(night: Night, swaps: Sequence[Swap]) -> DrawnDays:
    """The day on which these drivers come, each as one of the first forecast of its type. Raises InvalidData."""
    import numpy as np

    index = {one.type: n for n, one in reversed(list(enumerate(night.station.expected)))}
    if unknown := sorted({swap.type for swap in swaps} - set(index)):
        rule = "is asked for by drivers of the log and by no forecast of the instance"
        raise InvalidData([Problem("swaps", unknown[0], rule, "add a forecast of this type to the instance")])
    rows = sorted((swap.slot, index[swap.type], n) for n, swap in enumerate(swaps))
    socs = [swaps[n].returned_soc for _, _, n in rows]
    return DrawnDays(
        days=1,
        day=np.zeros(len(rows), dtype=np.int64),
        slot=np.array([slot for slot, _, _ in rows], dtype=np.int64),
        forecast=np.array([of for _, of, _ in rows], dtype=np.int64),
        returned_soc=np.array([np.nan if soc is None else soc for soc in socs], dtype=np.float64),
    )


def rows_of(day: DrawnDays) -> list[list[object]]:
    """The day's drivers in plain values, for a key."""
    socs = [None if soc != soc else soc for soc in day.returned_soc.tolist()]
    return [list(row) for row in zip(day.slot.tolist(), day.forecast.tolist(), socs, strict=True)]


def real_day_problems(
    document: StudyDocument,
    stations: Sequence[StationDocument],
    places: Sequence[str],
    expected: Mapping[str, Sequence[ExpectedSwaps]],
) -> Iterator[Problem]:
    """Why nights cannot be planned from the forecast and then played; `places`: of the stations in their file."""
    if document.days == "known":
        return
    if (document.swaps is None) != (document.days == "drawn"):
        rule = "needs the real drivers, in swaps" if document.days == "logged" else "is not for a study with swaps"
        yield Problem("days", document.days, rule, 'write "logged" with a file of swaps, "drawn" without')
    for place, station in zip(places, stations, strict=True):
        forecasts = expected.get(station.id, ())
        if not forecasts:
            rule = "needs a forecast where nights are planned from it"
            yield Problem(f"{place}.forecast", [], rule, "add a forecast, or leave days out of the study")
        elif document.policy == "hedged" and not any(one.is_uncertain for one in forecasts):
            rule = "must say how days spread where plans are hedged"
            yield Problem(f"{place}.forecast", station.id, rule, 'add a spread, or write policy = "mean"')
        if station.plug_changes_max is not None:
            rule = "cannot be kept by the rule that days are played by"
            yield Problem(f"{place}.plug_changes_max", "given", rule, "leave it out")
    with_scenarios = any(one.scenarios for forecasts in expected.values() for one in forecasts)
    for number, variant in enumerate(document.variants):
        if variant.demand_growth and with_scenarios:
            rule, remedy = "is not for scenarios, which are whole days", "leave it out, or give a spread"
            yield Problem(f"variants[{number}].demand_growth", variant.demand_growth, rule, remedy)
