"""What a study answers, with numbers made by hand: ranking, bases, flips."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import tiny_study as tiny

from optimizer.studies.ranking import answers, cheapest_changes, ranking, same_energy
from optimizer.studies.study import Study
from optimizer.studies.summary import CheapestChange
from optimizer.studies.tables import BASELINE, PLAN, BillRow, NightRow, StudyTables

OTHER = {"id": "other", "energy_periods": [tiny.DAY]}
NOTHING = dict.fromkeys(get_type_hints(NightRow), 0.0)
SOME = {"objective": 10.0, "bound": 9.0, "planned_gross_cost": 20.0, "peak_kw": 30.0, "baseline_peak_kw": 40.0}
NIGHT: dict[str, Any] = NOTHING | SOME | {"kwh": 5.0, "swaps_served": 2}
GROWTHS = [{"id": "now"}, {"id": "more", "demand_growth": 0.5}]
Costs = Mapping[tuple[str, str], float]  # by variant and tariff


def study_of(folder: Path, **changes: Any) -> Study:
    day = tiny.instance(tariffs=[tiny.FLAT, tiny.DEMAND, OTHER])
    asked = {"tariffs": [{"id": "flat"}, {"id": "demand"}, {"id": "other"}], "variants": GROWTHS, "nights": 1}
    return tiny.read(folder, day, **asked | changes)


def line(variant: str, station: str, tariff: str, side: str, kind: str, amount: float) -> BillRow:
    return BillRow(variant, station, tariff, side, "2026-01", kind, "x", 1.0, "kWh", None, amount)


def tables(costs: Costs, **night: object) -> StudyTables:
    """One station, one night, one line of energy a bill; the baseline costs twice as much."""
    rows = [NightRow(**NIGHT | {"variant": v, "station": "S1", "tariff": t} | night) for v, t in costs]
    sides = ((PLAN, 1.0), (BASELINE, 2.0))
    bills = [line(v, "S1", t, side, "energy", n * cost) for (v, t), cost in costs.items() for side, n in sides]
    return StudyTables(rows, [], bills, [])


def costs(now: tuple[float, float, float], more: tuple[float, float, float]) -> Costs:
    """Of flat, demand and other."""
    names = ("flat", "demand", "other")
    by_variant = {"now": now, "more": more}
    return {(variant, name): cost for variant, of in by_variant.items() for name, cost in zip(names, of, strict=True)}


def test_the_cheapest_comes_first(tmp_path: Path) -> None:
    found = ranking(study_of(tmp_path), tables(costs((30, 10, 20), (10, 20, 30))))
    assert [one.tariff for one in found["now"]] == ["demand", "other", "flat"]
    assert [one.tariff for one in found["more"]] == ["flat", "demand", "other"]


def test_a_total_is_bill_and_swaps_and_wear_less_what_the_last_night_leaves(tmp_path: Path) -> None:
    first = NIGHT | {"lost_swaps": 100.0, "wear": 3.0, "end_value": 50.0, "baseline_other": 7.0}
    last = NIGHT | {"reserve": 2.0, "end_value": 4.0, "baseline_end_value": 5.0, "peak_kw": 35.0, "bound": 7.0}
    key = {"variant": "now", "tariff": "flat"}
    nights = [NightRow(**night | key | {"station": name}) for name in ("S1", "S2") for night in (first, last)]
    lines = (("energy", 10.0), ("demand", 20.0), ("fixed", 1.5), ("minimum", 0.5))
    bills = [
        line("now", name, "flat", side, *one) for name in ("S1", "S2") for side in (PLAN, BASELINE) for one in lines
    ]
    two = tiny.instance(tiny.station("S1"), tiny.station("S2"))
    study = tiny.read(tmp_path, two, variants=[{"id": "now"}], tariffs=[{"id": "flat"}], nights=2)
    (one,) = ranking(study, StudyTables(nights, [], bills, []))["now"]
    asked = {
        "bill": 64.0, "energy": 20.0, "demand": 40.0, "fixed": 3.0, "minimum": 1.0, "energy_tiers": 0,
        "lost_swaps": 200.0, "other_costs": 10.0, "stock_value": 8.0, "total_cost": 266.0,
        "baseline_total_cost": 68.0, "saving": -198.0, "peak_kw": 35.0, "kwh": 20.0, "swaps_served": 8,
        "objective": 40.0, "bound": 32.0, "gap": 0.1,
    }  # fmt: skip
    assert {name: getattr(one, name) for name in asked} == pytest.approx(asked)


def test_without_a_bound_of_every_night_nothing_is_proven(tmp_path: Path) -> None:
    found = ranking(study_of(tmp_path), tables(costs((30, 10, 20), (10, 20, 30)), bound=None))
    assert {(one.bound, one.gap) for one in found["now"]} == {(None, None)}


def test_a_variant_that_is_not_whole_has_no_answer(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    whole = costs((30, 10, 20), (10, 20, 30))
    partly = {key: cost for key, cost in whole.items() if key != ("more", "other")}
    found = ranking(study, tables(partly))
    assert (len(found["now"]), found["more"]) == (3, [])
    told = answers(study, same_energy(study), found)
    assert told[1] == "more: no answer, for not every night is planned."
    assert cheapest_changes(study, found) == [] and not any("flip" in sentence for sentence in told)


def test_tariffs_on_the_same_energy_prices_are_bases_of_one(tmp_path: Path) -> None:
    assert same_energy(study_of(tmp_path)) == [["flat", "demand"]]
    assert same_energy(study_of(tmp_path, tariffs=[{"id": "flat"}, {"id": "other"}])) == []


def flips_of(folder: Path, now: tuple[float, float, float], more: tuple[float, float, float]) -> list[CheapestChange]:
    study = study_of(folder)
    return cheapest_changes(study, ranking(study, tables(costs(now, more))))


@pytest.mark.parametrize(
    ("now", "more", "found"),
    [
        ((10, 20, 99), (30, 20, 99), [(0.25, "flat", "demand")]),  # 10 + 20 s = 20 at half the way to 0.5
        ((10, 20, 99), (60, 30, 99), [(0.125, "flat", "demand")]),  # 10 + 50 s = 20 + 10 s at a quarter of it
        ((10, 20, 99), (15, 20, 99), []),
        ((10, 10, 99), (30, 20, 99), [(0.0, "flat", "demand")]),
        ((10, 20, 99), (20, 20, 99), []),  # as cheap is not cheaper
        # other costs 21 always; flat 10 + 40 s meets it at 0.275, demand 50 − 40 s after it at 0.725
        ((10, 50, 21), (50, 10, 21), [(0.1375, "flat", "other"), (0.3625, "other", "demand")]),
        ((10, 50, 31), (50, 10, 31), [(0.25, "flat", "demand")]),  # other lies above where they meet
    ],
)
def test_where_the_answer_cheapest_changes(
    tmp_path: Path, now: tuple[float, float, float], more: tuple[float, float, float], found: list[Any]
) -> None:
    told = flips_of(tmp_path, now, more)
    assert [(flip.growth, flip.before, flip.after) for flip in told] == [
        (pytest.approx(growth), before, after) for growth, before, after in found
    ]
    assert {(flip.first, flip.second) for flip in told} <= {("now", "more")}


def test_variants_are_set_side_by_side_in_order_of_growth(tmp_path: Path) -> None:
    study = study_of(tmp_path, variants=[*reversed(GROWTHS), {"id": "less", "demand_growth": -0.5}])
    found = {("less", "flat"): 50.0, ("now", "flat"): 10.0, ("more", "flat"): 30.0}
    others = {(variant, name): cost for (variant, _) in found for name, cost in (("demand", 20.0), ("other", 99.0))}
    told = cheapest_changes(study, ranking(study, tables(found | others)))
    assert [(flip.first, flip.second, flip.before, flip.after) for flip in told] == [
        ("less", "now", "demand", "flat"),
        ("now", "more", "flat", "demand"),
    ]
    assert [flip.growth for flip in told] == pytest.approx([-0.125, 0.25])


def test_variants_that_differ_in_more_than_drivers_are_not_compared(tmp_path: Path) -> None:
    study = study_of(tmp_path, variants=[{"id": "now"}, {"id": "more", "demand_growth": 0.5, "packs": 9}])
    ranked = ranking(study, tables(costs((10, 20, 99), (30, 20, 99))))
    assert cheapest_changes(study, ranked) == [] and not any(
        "flip" in sentence for sentence in answers(study, same_energy(study), ranked)
    )


def test_the_answer_in_words(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    assert answers(
        study, same_energy(study), ranking(study, tables(costs((1000, 1100, 9000), (3000, 2000, 9000))))
    ) == [
        "now: flat is the cheapest, 1,000.00 EUR; the next, demand, costs 100.00 more (10.0 %): energy +100.00.",
        "more: demand is the cheapest, 2,000.00 EUR; the next, flat, costs 1,000.00 more (50.0 %): energy +1,000.00.",
        "now: of the bases with the same energy prices, cheapest first: flat 1,000.00, demand 1,100.00.",
        "more: of the bases with the same energy prices, cheapest first: demand 2,000.00, flat 3,000.00.",
        "At about +5 % drivers the answer flips from flat to demand (straight lines between now and more; "
        "anywhere from +4 % to +5 % within the gaps of the nights).",
    ]


def test_an_answer_that_does_not_flip(tmp_path: Path) -> None:
    study = study_of(tmp_path, tariffs=[{"id": "flat"}, {"id": "other"}])
    same = {("now", "flat"): 0.0, ("now", "other"): 5.0, ("more", "flat"): 10.0, ("more", "other"): 20.0}
    assert answers(study, same_energy(study), ranking(study, tables(same))) == [
        "now: flat is the cheapest, 0.00 EUR; the next, other, costs 5.00 more (of nothing): energy +5.00.",
        "more: flat is the cheapest, 10.00 EUR; the next, other, costs 10.00 more (100.0 %): energy +10.00.",
        "Between +0 % and +50 % drivers (now to more) the answer does not flip.",
    ]


def test_one_tariff_alone_is_the_cheapest(tmp_path: Path) -> None:
    study = study_of(tmp_path, tariffs=[{"id": "flat"}], variants=[{"id": "now"}])
    assert answers(study, same_energy(study), ranking(study, tables({("now", "flat"): 7.0}))) == [
        "now: flat is the cheapest, 7.00 EUR."
    ]


def test_a_flip_has_the_interval_that_the_gaps_leave_open(tmp_path: Path) -> None:
    study, found = study_of(tmp_path), costs((1000, 1100, 9000), (1200, 1100, 9000))
    wide = tables(found, objective=1000.0, bound=950.0)
    (flip,) = cheapest_changes(study, ranking(study, wide))
    # flat − demand goes from −100 to 100: at 50 % of the way; demand may cost 50 less, or flat: at 25 % or at 75 %
    assert (flip.low, flip.growth, flip.high) == pytest.approx((0.125, 0.25, 0.375))
    assert answers(study, same_energy(study), ranking(study, wide))[-1] == (
        "At about +25 % drivers the answer flips from flat to demand (straight lines between now and more; "
        "anywhere from +12 % to +38 % within the gaps of the nights)."
    )
    (wider,) = cheapest_changes(study, ranking(study, tables(found, objective=1000.0, bound=800.0)))
    (unproven,) = cheapest_changes(study, ranking(study, tables(found, bound=None)))
    assert (wider.low, wider.high) == (unproven.low, unproven.high) == (0.0, 0.5)
