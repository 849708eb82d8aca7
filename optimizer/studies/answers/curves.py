"""Curves of costs over what variants differ in: packs, chargers, kW, drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from optimizer.formats.instance_document import StationDocument
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.answers.knee import bend_of, steps
from optimizer.studies.summary import CostCurve
from optimizer.studies.tables import CurveRow, RankedTariff

PERCENT = 0.01
GROWTH = "demand_growth"


@dataclass(frozen=True)
class Parameter:
    """What variants may differ in: its key in the study file, what it is called, what costs lie over, one value in
    words, and a unit more. `unit`: that unit in the key's own one; `note`: what else changes with it.
    """

    key: str
    name: str
    over: str
    value: str
    more: str
    unit: float = 1.0
    note: str = ""

    def words(self, value: float) -> str:
        """A value as people write it."""
        if self.key == GROWTH and not value:
            return "no growth"
        return self.value.format(round(value / self.unit, 6)).replace("-", "−")

    def range_words(self, first: float, last: float) -> str:
        """From one value to another."""
        number = self.value.split()[0].format(round(first / self.unit, 6)).replace("-", "−")
        return f"{number} to {self.words(last)}"


WITH_PACKS = (
    "Bays go with the packs, and chargers, at most one a bay. Each further pack brings the charge that it begins with."
)
PARAMETERS = (
    Parameter("packs", "packs", "the number of packs", "{:,g} packs", "another pack", note=WITH_PACKS),
    Parameter("chargers", "chargers", "the number of chargers", "{:,g} chargers", "another charger"),
    Parameter(
        "charger_kw", "kW of a charger", "the kW of a charger", "{:,g} kW a charger", "another kW of each charger"
    ),
    Parameter("grid_limit_kw", "grid limit, kW", "the grid limit, kW", "{:,g} kW of grid limit", "another kW"),
    Parameter(GROWTH, "growth of demand", "the growth of demand", "{:+,g} %", "another 1 % of drivers", PERCENT),
)
OF_KEY = {one.key: one for one in PARAMETERS}


def station_values(stations: Sequence[StationDocument]) -> dict[str, float]:
    """By parameter what the stations have, where all have the same: a variant that does not name it has that."""
    of_each = [_values(station) for station in stations]
    first = of_each[0]
    return {key: value for key, value in first.items() if all(one.get(key) == value for one in of_each)}


def _values(station: StationDocument) -> dict[str, float]:
    """Series have no value; nor have packs where bays are more than they, for a variant's `packs` counts both."""
    bays = station.bays if isinstance(station.bays, int) else len(station.bays)
    count = bays if station.chargers.count is None else station.chargers.count
    found = {"chargers": float(count), "charger_kw": float(station.chargers.max_kw), GROWTH: 0.0}
    if bays == len(station.packs):
        found["packs"] = float(bays)
    if isinstance(station.grid_limit_kw, int | float):
        found["grid_limit_kw"] = float(station.grid_limit_kw)
    return found


@dataclass(frozen=True)
class VariantGroup:
    """Variants that differ in one parameter only, its values ascending."""

    parameter: Parameter
    variants: tuple[VariantDocument, ...]
    values: tuple[float, ...]


def variant_groups(variants: Sequence[VariantDocument], own: Mapping[str, float]) -> Iterator[VariantGroup]:
    """The groups of two variants and more. `own`: what stations have where a variant does not name it; one that has
    neither is in no group, and of several with the same value only the first is."""
    for parameter in PARAMETERS:
        groups: dict[object, dict[float, VariantDocument]] = {}
        for variant in variants:
            value = getattr(variant, parameter.key)
            value = own.get(parameter.key) if value is None else value
            if value is not None:
                rest = structs.replace(variant, id="", **{parameter.key: None})
                groups.setdefault(rest, {}).setdefault(float(value), variant)
        for of_value in groups.values():
            if len(of_value) > 1:
                values = tuple(sorted(of_value))
                yield VariantGroup(parameter, tuple(of_value[value] for value in values), values)


def cost_curves(
    variants: Sequence[VariantDocument],
    own: Mapping[str, float],
    tariffs: Sequence[str],
    ranking: Sequence[RankedTariff],
) -> Iterator[CostCurve]:
    """A curve for each group of variants and each of the tariffs, of those variants that have a ranking."""
    of_variant: dict[str, dict[str, RankedTariff]] = {}
    for row in ranking:
        of_variant.setdefault(row.variant, {})[row.tariff] = row
    ranked = [one for one in variants if set(tariffs) <= of_variant.get(one.id, {}).keys()]
    for group in variant_groups(ranked, own):
        for tariff in tariffs:
            rows = [of_variant[variant.id][tariff] for variant in group.variants]
            yield _curve(group, tariff, rows)


def _curve(group: VariantGroup, tariff: str, rows: Sequence[RankedTariff]) -> CostCurve:
    points = [(value / group.parameter.unit, row.total_cost) for value, row in zip(group.values, rows, strict=True)]
    unproven = tuple(map(_unproven, rows))
    bend = bend_of(points, unproven, rising=group.parameter.key == GROWTH)
    until = len(points) - 1 if bend.knee is None else bend.knee
    return CostCurve(
        parameter=group.parameter.key,
        tariff=tariff,
        variants=tuple(variant.id for variant in group.variants),
        values=group.values,
        total_costs=tuple(cost for _, cost in points),
        unproven=unproven,
        shape=bend.shape,
        knee=None if bend.knee is None else group.values[bend.knee],
        saves_before=(points[0][1] - points[until][1]) / (points[until][0] - points[0][0]),
        saves_after=None if bend.knee is None else max(steps(points)[until:]),
    )


def _unproven(row: RankedTariff) -> float | None:
    """How far the best possible may lie below, as the nights' bounds tell."""
    return None if row.bound is None else max(0.0, row.objective - row.bound)


def curve_groups(curves: Sequence[CostCurve]) -> list[list[CostCurve]]:
    """The curves that belong in one drawing: the same variants, a curve for each tariff."""
    found: dict[tuple[str, tuple[str, ...]], list[CostCurve]] = {}
    for curve in curves:
        found.setdefault((curve.parameter, curve.variants), []).append(curve)
    return list(found.values())


def curve_rows(curves: Sequence[CostCurve]) -> Iterator[CurveRow]:
    """The rows of curves.csv."""
    for number, group in enumerate(curve_groups(curves), start=1):
        for curve in group:
            unit = OF_KEY[curve.parameter].unit
            costs = [(value / unit, cost) for value, cost in zip(curve.values, curve.total_costs, strict=True)]
            saved = [None, *steps(costs)]
            for variant, value, cost, each in zip(curve.variants, curve.values, curve.total_costs, saved, strict=True):
                knee = "yes" if value == curve.knee else ""
                yield CurveRow(variant, number, curve.parameter, value, curve.tariff, cost, each, knee)
