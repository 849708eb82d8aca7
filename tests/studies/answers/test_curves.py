"""Curves of costs over what variants differ in: which variants make one, what it says, where its knee is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_type_hints

import pytest
from msgspec import convert, structs

from optimizer.formats.instance_document import StationDocument
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.answers.curve_words import CurveScope, curve_answers, curve_words
from optimizer.studies.answers.curves import cost_curves, curve_rows, station_values, variant_groups
from optimizer.studies.summary import CostCurve
from optimizer.studies.tables import CurveRow, RankedTariff

NOTHING: dict[str, Any] = dict.fromkeys(get_type_hints(RankedTariff), 0.0)
ONE, TEN = CurveScope("USD", 31, 1), CurveScope("USD", 31, 10)


def variants(**values: Any) -> list[VariantDocument]:
    """A variant for each value of one parameter, called by it."""
    ((key, of_key),) = values.items()
    return [VariantDocument(id=f"{value}", **{key: value}) for value in of_key]


def costing(asked: list[VariantDocument], **costs: tuple[float, ...]) -> list[RankedTariff]:
    """A ranking of each variant; `costs` by tariff."""
    return [
        RankedTariff(**NOTHING | {"variant": one.id, "tariff": tariff, "total_cost": cost})
        for tariff, of_variant in costs.items()
        for one, cost in zip(asked, of_variant, strict=True)
    ]


def curves(asked: list[VariantDocument], **costs: tuple[float, ...]) -> list[CostCurve]:
    return list(cost_curves(asked, {}, list(costs), costing(asked, **costs)))


def test_variants_that_differ_in_one_thing_only_make_a_group_each() -> None:
    asked = [
        VariantDocument(id="small", packs=10),
        VariantDocument(id="large", packs=20),
        VariantDocument(id="large and fast", packs=20, charger_kw=90),
        VariantDocument(id="large and slow", packs=20, charger_kw=30),
        VariantDocument(id="large, more drivers", packs=20, demand_growth=0.5),
    ]
    found = [
        (group.parameter.key, [one.id for one in group.variants], group.values) for group in variant_groups(asked, {})
    ]
    assert found == [
        ("packs", ["small", "large"], (10, 20)),
        ("charger_kw", ["large and slow", "large and fast"], (30, 90)),
        ("demand_growth", ["large", "large, more drivers"], (0, 0.5)),
    ]


def test_a_variant_that_does_not_say_it_has_what_all_stations_have() -> None:
    asked = [VariantDocument(id="as it is"), *variants(chargers=[4, 8, 12])]
    (group,) = variant_groups(asked, {"chargers": 8.0, "grid_limit_kw": 400.0})
    assert [one.id for one in group.variants] == ["4", "as it is", "12"] and group.values == (4, 8, 12)
    (group,) = variant_groups(asked, {})
    assert [one.id for one in group.variants] == ["4", "8", "12"]
    assert list(variant_groups(variants(ready_reserve=[1, 2, 3]), {})) == []


def station(**changes: Any) -> StationDocument:
    packs = [{"id": f"P{n}", "type": "t", "soc": 0.5} for n in range(3)]
    given: dict[str, Any] = {
        "id": "S", "tariff": "t", "bays": 3, "packs": packs, "grid_limit_kw": 90.0,
        "chargers": {"count": 2, "max_kw": 60.0, "efficiency": 0.9},
    }  # fmt: skip
    return convert(given | changes, StationDocument)


def test_what_all_stations_have() -> None:
    every = {"packs": 3.0, "chargers": 2.0, "charger_kw": 60.0, "grid_limit_kw": 90.0, "demand_growth": 0.0}
    assert station_values([station(), station(id="T")]) == every
    found = station_values([station(), station(bays=4, grid_limit_kw=[90.0] * 4)])
    assert found == {"chargers": 2.0, "charger_kw": 60.0, "demand_growth": 0.0}
    fewer = structs.replace(station(), chargers=structs.replace(station().chargers, count=None))
    assert station_values([fewer])["chargers"] == 3.0


def test_the_knee_is_said_in_words_with_what_another_one_saves() -> None:
    (curve,) = curves(variants(chargers=[4, 6, 8, 12]), flat=(1000.0, 400.0, 380.0, 376.0))
    assert (curve.parameter, curve.shape, curve.knee) == ("chargers", "knee", 6)
    assert (curve.saves_before, curve.saves_after) == (300, 10)
    assert curve_words(curve, TEN) == (
        "from 6 chargers on, another charger at each of the 10 stations saves at most 10.00 USD in 31 nights; "
        "up to there 300.00 on average"
    )
    (flat_end,) = curves(variants(packs=[4, 6, 8]), flat=(1000.0, 400.0, 400.0))
    assert curve_words(flat_end, ONE) == (
        "from 6 packs on, another pack saves nothing in 31 nights; up to there 300.00 on average"
    )


def test_the_knee_of_growth_is_where_drivers_begin_to_cost_more() -> None:
    (curve,) = curves(variants(demand_growth=[-0.5, 0.0, 0.2, 0.4]), flat=(500.0, 1000.0, 1200.0, 2000.0))
    assert curve.knee == 0.2 and curve.saves_before == pytest.approx(-10) and curve.saves_after == pytest.approx(-40)
    assert curve_words(curve, ONE) == (
        "from +20 % on, another 1 % of drivers costs at least 40.00 USD more in 31 nights; up to there 10.00 on average"
    )


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ((100.0, 70.0), "no knee, for that takes three variants; another kW saves 0.30 USD on average"),
        ((90.0, 60.0, 30.0), "no knee, the curve is nearly straight; another kW saves 0.30 USD"),
        ((90.0, 85.0, 30.0), "no knee, the last steps save most; another kW saves 0.30 USD"),
        ((90.0, 90.0, 90.0), "all cost the same, as far as is proven; another kW saves 0.00 USD"),
        (
            (30.0, 60.0, 90.0),
            "no knee, the last costs more than the first; another kW costs 0.30 USD more",
        ),
    ],
)
def test_why_there_is_no_knee(costs: tuple[float, ...], words: str) -> None:
    (curve,) = curves(variants(grid_limit_kw=[100.0 * n for n in range(1, len(costs) + 1)]), flat=costs)
    assert curve.knee is None and curve.saves_after is None
    assert curve_words(curve, ONE).startswith(words)


def test_a_knee_that_is_not_proven_is_not_told() -> None:
    asked = variants(chargers=[4, 6, 8])
    rows = [replace(row, objective=500.0) for row in costing(asked, flat=(1000.0, 400.0, 380.0))]
    (curve,) = cost_curves(asked, {}, ["flat"], rows)
    assert curve.unproven == (500, 500, 500) and curve.shape == "unproven"
    assert curve_words(curve, ONE).startswith("no knee is told, for what is not proven of the plans may be all of the")
    (unknown,) = cost_curves(asked, {}, ["flat"], [replace(row, bound=None) for row in rows])
    assert unknown.unproven == (None, None, None) and unknown.shape == "unproven"


def test_the_answer_is_of_the_cheapest_tariff_with_the_knees_of_the_others() -> None:
    asked = variants(chargers=[4, 6, 8, 12])
    found = curves(
        asked,
        dear=(2000.0, 1900.0, 1800.0, 1600.0),
        best=(1000.0, 400.0, 380.0, 376.0),
        third=(1100.0, 500.0, 480.0, 476.0),
    )
    assert list(curve_answers(found, ONE)) == [
        "4 to 12 chargers, best: from 6 chargers on, another charger saves at most 10.00 USD in 31 nights; "
        "up to there 300.00 on average; knee of the others: 6 chargers under third, none under dear."
    ]
    assert list(curve_answers(curves(variants(demand_growth=[0.0, 0.5, 1.0]), flat=(1.0, 2.0, 3.0)), ONE)) == []


def test_the_rows_of_curves_csv() -> None:
    found = curves(variants(chargers=[4, 6, 8]), flat=(1000.0, 400.0, 380.0))
    assert list(curve_rows(found)) == [
        CurveRow("4", 1, "chargers", 4, "flat", 1000, None, ""),
        CurveRow("6", 1, "chargers", 6, "flat", 400, 300, "yes"),
        CurveRow("8", 1, "chargers", 8, "flat", 380, 10, ""),
    ]


def test_a_variant_without_a_ranking_is_in_no_curve() -> None:
    asked = variants(chargers=[4, 6, 8])
    (curve,) = cost_curves(asked, {}, ["flat"], costing(asked, flat=(3.0, 2.0, 1.0))[1:])
    assert curve.values == (6, 8)
