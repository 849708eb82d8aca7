"""What bounds say of a ranking: gaps, what is proven, what is not claimed."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.studies.month_bound.kept_bounds import ChainBound
from optimizer.studies.month_bound.verdicts import month_answers, ranking_with_bounds, stations_with_bounds
from optimizer.studies.tables import RankedTariff, StationTariff

Costs = list[tuple[float, float | None]]


def row_of(station: str, tariff: str, total: float) -> StationTariff:
    numbers: dict[str, Any] = {one.name: 0.0 for one in fields(RankedTariff) if one.type == "float"}
    known = {"variant": "v", "rank": 1, "tariff": tariff, "bound": None, "gap": None, "total_cost": total}
    return StationTariff(**(numbers | known), station=station)


def bound_of(station: str, tariff: str, bound: float | None) -> ChainBound:
    return ChainBound(key="", variant="v", station=station, tariff=tariff, bound=bound, seconds=1.0)


def told(*stations: Costs) -> list[RankedTariff]:
    """The ranking of tariffs 0, 1, ... that cost so much at each station, and have such bounds there."""
    rows, bounds = list[StationTariff](), {}
    for number, costs in enumerate(stations):
        for tariff, (total, bound) in enumerate(costs):
            rows.append(row_of(f"S{number}", str(tariff), total))
            bounds["v", f"S{number}", str(tariff)] = bound_of(f"S{number}", str(tariff), bound)
    overall = [
        replace(row, total_cost=sum(one[n][0] for one in stations)) for n, row in enumerate(rows[: len(stations[0])])
    ]
    return ranking_with_bounds({"v": overall}, stations_with_bounds(rows, bounds))["v"]


def test_bounds_of_stations_add_up_and_prove_ranks() -> None:
    first, second, third = told([(10, 9), (15, 12), (18, 14)], [(10, 9.5), (12, 9), (15, 12)])
    assert (first.month_bound, first.month_gap) == (18.5, pytest.approx(1.5 / 20))
    assert [one.cheaper_than_next for one in (first, second, third)] == ["proven", "undecided", ""]
    (words,) = month_answers({"v": [first, second, third]})
    assert words == (
        "v: planned all at once, the nights cost at most 7.50 to 22.22 % less than planned one after the other; the "
        "ranking is proven but for 1 before 2, which is undecided."
    )


def test_a_ranking_may_be_proven_or_left_open_as_a_whole() -> None:
    (proven,) = month_answers({"v": told([(10, 10), (15, 15)])})
    assert proven.endswith("cost at most 0.00 % less than planned one after the other; the ranking is proven.")
    (undecided,) = month_answers({"v": told([(10, 8), (15, 9)])})
    assert undecided.endswith("; that decides nothing of the ranking (0 before 1).")
    (alone,) = month_answers({"v": told([(10, 8)])})
    assert alone.endswith("at most 20.00 % less than planned one after the other.")


def test_a_station_without_a_bound_leaves_the_tariff_without_one() -> None:
    first, second = told([(10, 9), (15, 12)], [(10, 9), (15, None)])
    assert (second.month_bound, second.month_gap, first.cheaper_than_next) == (None, None, "undecided")
    assert list(month_answers({"v": told([(10, None), (15, None)])})) == []
    assert {one.cheaper_than_next for one in told([(10, None), (15, None)])} == {""}


def test_a_bound_above_the_plans_is_none() -> None:
    (only,) = told([(10, 10.5)])
    assert only.month_bound is None
    (near,) = told([(10, 10.000001)])
    assert (near.month_bound, near.month_gap) == (10.000001, 0.0)


@given(st.lists(st.tuples(st.floats(1, 100), st.floats(0, 1)), min_size=2, max_size=5))
def test_proven_means_that_no_cost_between_bound_and_total_changes_the_order(drawn: list[tuple[float, float]]) -> None:
    order = sorted((total, total * share) for total, share in drawn)
    rows = told(list(order))
    for row, after in pairwise(rows):
        assert after.month_bound is not None
        assert (row.cheaper_than_next == "proven") == (row.total_cost <= after.month_bound)
