"""A forecast put into an instance file: it takes the place of the swaps and forecasts of its stations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InvalidData, Problem
from models.station.instance import Instance, Night
from models.station.overload import stated_kw
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.forecast.file_document import ForecastEntryDocument, StationForecastDocument

MOST_NAMED = 10
SERIES = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")


@dataclass(frozen=True)
class Costs:
    """What a history does not say, where the instance is not to say it: currency and state of charge."""

    lost_cost: float | None = None
    returned_soc: float | None = None
    keep_swaps: bool = False


def with_forecasts(
    plain: Mapping[str, Any], instance: Instance, forecasts: Sequence[StationForecastDocument], costs: Costs
) -> dict[str, Any]:
    """The instance's JSON with the forecasts. `instance`: what it says now. Raises InvalidData.

    `lost_cost`, `swap_soc`, `packs` and what comes back, where the history does not say it, are those of the station's
    present drivers of the type. Its `swaps` go, unless they are kept as reservations.
    """
    nights = {night.station.id: night for night in instance.nights}
    problems = list(_unknown(forecasts, nights))
    new: dict[str, list[dict[str, Any]]] = {}
    for one in forecasts:
        if one.station in nights:
            new[one.station] = []
            for entry in one.forecast:
                try:
                    new[one.station].append(_entry(entry, nights[one.station], costs))
                except InvalidData as error:
                    problems += [problem.inside(f"station {one.station}") for problem in error.problems]
    if problems:
        raise InvalidData(problems)
    return {**plain, "stations": [_station(station, new, costs) for station in plain["stations"]]}


def without_files(plain: Mapping[str, Any], instance: Instance) -> dict[str, Any]:
    """The instance's JSON with the values of its CSV series in their place, so that it may stand in any folder."""
    nights = {night.station.id: night for night in instance.nights}
    by_tariff = {night.station.tariff.id: night for night in instance.nights}
    tariffs = [_with_prices(one, by_tariff.get(one["id"])) for one in plain["tariffs"]]
    return {
        **plain,
        "tariffs": tariffs,
        "stations": [_with_values(one, nights[one["id"]]) for one in plain["stations"]],
    }


def _with_prices(tariff: Mapping[str, Any], night: Night | None) -> dict[str, Any]:
    if night is None or not isinstance(tariff.get("energy_price_per_kwh"), Mapping):
        return dict(tariff)
    return {**tariff, "energy_price_per_kwh": list(night.tariff_series.price_per_kwh)}


def _with_values(station: Mapping[str, Any], night: Night) -> dict[str, Any]:
    found = {**station}
    for name in SERIES:
        if isinstance(station.get(name), Mapping):
            values = stated_kw(night.station) if name == "grid_limit_kw" else getattr(night.station, name)
            found[name] = list(values)
    return found


def stations_apart(instance: Instance, stations: Sequence[str]) -> Iterator[str]:
    """Which stations of the history, and of the instance, the other one does not have."""
    known, asked = set(stations), {night.station.id for night in instance.nights}
    if strange := sorted(known - asked):
        yield f"no stations of the instance, left out: {_named(strange)}"
    if left := sorted(asked - known):
        yield f"stations without history, left as they are: {_named(left)}"


def _named(stations: Sequence[str]) -> str:
    more = f" and {len(stations) - MOST_NAMED:,} more" if len(stations) > MOST_NAMED else ""
    return ", ".join(stations[:MOST_NAMED]) + more


def _unknown(forecasts: Sequence[StationForecastDocument], nights: Mapping[str, Night]) -> Iterator[Problem]:
    """Where no station of the history is one of the instance; others are left alone."""
    if not any(one.station in nights for one in forecasts):
        name = forecasts[0].station
        remedy = did_you_mean(name, nights, f"say --station {name}=ID; its stations: {', '.join(nights)}")
        yield Problem("station", name, "is no station of the instance", remedy)


def _station(station: Mapping[str, Any], new: Mapping[str, Any], costs: Costs) -> dict[str, Any]:
    if station["id"] not in new:
        return dict(station)
    kept = {key: value for key, value in station.items() if key != "forecast" and (key != "swaps" or costs.keep_swaps)}
    return {**kept, "forecast": new[station["id"]]}


def _entry(entry: ForecastEntryDocument, night: Night, costs: Costs) -> dict[str, Any]:
    """The entry of an instance's forecast. Raises InvalidData where something is said nowhere."""
    kind = _type(entry, night)
    like = [swap for swap in night.station.swaps if swap.type == kind]
    cost = costs.lost_cost if costs.lost_cost is not None else like[0].lost_cost if like else None
    socs: Any = list(entry.returned_soc) or _returned(costs, like)
    problems = []
    if cost is None:
        rule = f"is not known: no driver of type {kind} has one"
        problems.append(Problem("lost_cost", ABSENT, rule, "say --lost-cost"))
    if not socs:
        rule = f"is not known: neither the history nor a driver of type {kind} says what comes back"
        problems.append(Problem("returned_soc", ABSENT, rule, "say --returned-soc"))
    if problems:
        raise InvalidData(problems)
    found = {"id": entry.id, "type": kind, "expected_per_slot": list(entry.expected_per_slot), "returned_soc": socs}
    found |= {"lost_cost": cost}
    if like and like[0].swap_soc is not None:
        found["swap_soc"] = like[0].swap_soc
    if like and like[0].packs > 1:
        found["packs"] = like[0].packs
    spread = entry.spread
    return found | {
        "spread": {
            "day_sd": spread.day_sd, "dispersion": spread.dispersion, "returned_soc_sd": spread.returned_soc_sd,
        }
    }  # fmt: skip


def _returned(costs: Costs, like: Sequence[Any]) -> list[float]:
    if costs.returned_soc is not None:
        return [costs.returned_soc]
    return sorted(swap.returned_soc for swap in like if swap.returned_soc is not None)


def _type(entry: ForecastEntryDocument, night: Night) -> str:
    """The pack type. Raises InvalidData where the station has no pack of it, or the history does not say which."""
    own = sorted({pack.type for pack in night.station.packs})
    if entry.type is None:
        if len(own) == 1:
            return own[0]
        rule = f"is not in the history, and the station has {len(own)} pack types"
        raise InvalidData([Problem("type", ABSENT, rule, "add a column type to the history")])
    if entry.type not in own:
        remedy = did_you_mean(entry.type, own, f"its pack types: {', '.join(own) or 'none'}")
        raise InvalidData([Problem("type", entry.type, "is a pack type that the station has not", remedy)])
    return entry.type
