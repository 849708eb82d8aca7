"""Why a tariff costs more than the next cheaper one: the parts are all of the difference."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.studies.answers.differences import PARTS, because, difference, differences
from optimizer.studies.tables import RankedTariff

NOTHING: dict[str, Any] = dict.fromkeys(get_type_hints(RankedTariff), 0.0)
COSTS = ("energy", "energy_tiers", "demand", "fixed", "minimum", "lost_swaps", "other_costs")
AMOUNT = st.integers(-100_000, 100_000).map(lambda cents: cents / 100)


def ranked(tariff: str, **costs: float) -> RankedTariff:
    total = sum(costs.get(name, 0.0) for name in COSTS) - costs.get("stock_value", 0.0)
    return RankedTariff(**NOTHING | {"variant": "now", "tariff": tariff, "total_cost": total} | costs)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys((*COSTS, "stock_value"), AMOUNT)), min_size=2, max_size=2))
def test_the_parts_add_up_to_the_difference(both: list[dict[str, float]]) -> None:
    less, more = ranked("a", **both[0]), ranked("b", **both[1])
    found = difference(more, less)
    assert sum(getattr(found, name) for name, _ in PARTS) == pytest.approx(found.total_cost, abs=0.001)
    assert found.total_cost == more.total_cost - less.total_cost


def test_each_tariff_is_told_against_the_next_cheaper_one() -> None:
    order = [ranked("a", energy=1.0), ranked("b", energy=3.0), ranked("c", demand=7.0)]
    found = list(differences({"now": order, "not whole": []}))
    assert [(one.variant, one.tariff, one.than, one.total_cost) for one in found] == [
        ("now", "b", "a", 2.0),
        ("now", "c", "b", 4.0),
    ]


def test_the_largest_part_comes_first_and_what_rounds_to_nothing_is_left_out() -> None:
    less = ranked("a", energy=2000.0, energy_tiers=34.5, demand=10.0, stock_value=5.0, other_costs=0.001)
    more = ranked("b", energy=800.0, demand=3010.0, minimum=7.0, lost_swaps=120.0, stock_value=3.0)
    assert because(difference(more, less)) == (
        ": demand charges +3,000.00, energy −1,234.50, lost swaps +120.00, fixed charges +7.00, "
        "less energy left in packs +2.00"
    )
    assert because(difference(less, less)) == ""
