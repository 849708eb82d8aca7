"""Plans for days that do not follow the forecast: their targets, their certificate, and what they leave alone."""

from __future__ import annotations

import time
from dataclasses import replace

import builders as make
import numpy as np
import pytest

from models.station.cost import cost_of
from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.station.hedging.hedge import Hedge, hedged
from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.hedge.plan_hedged import plan_hedged, station_hedge
from optimizer.engine.hedge.played_figures import played_figures
from optimizer.engine.hedge.ready_targets import base_stock
from optimizer.engine.hedge.type_stocks import NEVER_READY, NOTHING_BACK, NOTHING_LACKS, type_stocks
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.plan_file import parse_plan, plan_document, plan_file

OPTIONS = RunOptions(time_limit_seconds=10.0)
SLOTS = 12


def forecast(**changes: object) -> ExpectedSwaps:
    given: dict[str, object] = {
        "id": "cars", "type": "A", "mean_per_slot": (0.25,) * SLOTS, "returned_soc": (0.0, 0.1), "lost_cost": 100.0,
        "spread": Spread(day_sd=0.2),
    }  # fmt: skip
    return ExpectedSwaps(**(given | changes))  # type: ignore[arg-type]


def night(*expected: ExpectedSwaps, **station: object) -> Night:
    """Three drivers are expected in twelve hours, four of which are cheap; three packs, two of them at a charger."""
    given = [replace(make.swap(f"cars-{n}", slot), forecast="cars") for n, slot in enumerate((2, 6, 10), start=1)]
    prices = [0.1] * 4 + [0.5] * 8
    one = make.night(SLOTS, swaps=given, tariff=make.tariff(prices), **station)
    return replace(one, station=replace(one.station, expected=expected or (forecast(),)))


def test_the_plan_keeps_its_targets_and_is_proven_with_them() -> None:
    asked = night()
    plan = plan_hedged(asked, OPTIONS)
    assert plan.hedge is not None and plan.hedge.rule is not None
    assert plan.night == plan.hedge.on(asked) and any(plan.night.station.ready_reserve)
    assert check(plan.night, plan.schedule) == []
    assert plan.result.cost == cost_of(plan.night, plan.schedule)
    assert plan.result.bound is not None and plan.result.bound <= plan.result.objective
    assert [levels.type for levels in plan.hedge.rule.levels] == ["A"]


def test_a_forecast_that_does_not_say_how_days_spread_is_planned_as_ever() -> None:
    asked = night(forecast(spread=None))
    plan = plan_hedged(asked, OPTIONS)
    assert plan.hedge is None and plan.night is asked
    assert plan.schedule == plan_station(asked, OPTIONS).schedule


def test_without_a_hedge_the_mean_is_planned() -> None:
    plan = plan_hedged(night(), replace(OPTIONS, hedge="none"))
    assert plan.hedge is None and plan.schedule == plan_station(night(forecast(spread=None)), OPTIONS).schedule


def test_targets_of_an_earlier_plan_are_kept() -> None:
    known = Hedge((1,) * SLOTS, 7.0, None, "earlier")
    told: list[Hedge] = []
    plan = plan_hedged(night(), OPTIONS, known=known, on_hedge=told.append)
    assert plan.night.station.ready_reserve == (1,) * SLOTS and plan.night.station.reserve_cost == 7.0
    assert told == [known] and plan.hedge is not None and plan.hedge.ready_targets == known.ready_targets


def test_the_files_own_reserve_goes_before() -> None:
    asked = night(ready_reserve=2, reserve_cost=0.5)
    plan = plan_hedged(asked, OPTIONS)
    assert min(plan.night.station.ready_reserve) >= 2 and plan.night.station.reserve_cost == 0.5


def test_what_comes_more_often_or_costs_more_is_hedged_more() -> None:
    calm, wild = (station_hedge(night(forecast(spread=Spread(day_sd=sd))), OPTIONS) for sd in (0.0, 1.5))
    assert sum(wild.ready_targets) > sum(calm.ready_targets)


@pytest.mark.parametrize(
    ("expected", "types", "reason"),
    [
        (forecast(returned_soc=()), {}, NOTHING_BACK),
        (forecast(returned_soc=(0.85,)), {}, NOTHING_LACKS),
        (forecast(), {"acceptance": ((0.0, 2.0), (0.9, 2.0))}, NEVER_READY),
    ],
)
def test_where_levels_cannot_be_worked_out_the_plan_says_so(
    expected: ExpectedSwaps, types: dict[str, object], reason: str
) -> None:
    asked = night(expected, types=[make.pack_type(**types)])
    assert type_stocks(asked)[1] == {"A": reason}
    plan = plan_hedged(asked, OPTIONS)
    assert plan.hedge is not None and plan.hedge.rule is not None
    assert reason in plan.hedge.method and plan.hedge.rule.levels == ()
    assert check(plan.night, plan.schedule) == []


def test_base_stock_covers_the_quantile_of_the_time_that_a_pack_charges() -> None:
    """Two slots to ready, 0.25 drivers a slot: Poisson of 0.5 is at most 3 with 99 %, less the mean of a half."""
    (stock,), _ = type_stocks(night(forecast(spread=Spread())))
    assert stock.slots_to_ready == pytest.approx(75 / 40)
    assert base_stock(stock)[:8].tolist() == [3] * 8
    assert base_stock(stock)[-1] == 0  # nobody comes after the last slot
    assert np.all(base_stock(stock, 0.5) == 0)


def test_figures_are_of_a_deep_plan_with_time_for_the_plan_of_the_mean() -> None:
    """Six drivers or none: the plan of the mean, for three, loses some; a network's plan tells no figures."""
    busy, quiet = (0, 1) * (SLOTS // 2), (0,) * SLOTS
    asked = night(forecast(spread=None, scenarios=(busy, quiet)))
    deep, quick = (plan_hedged(asked, replace(OPTIONS, effort=effort)).hedge for effort in ("deep", "quick"))
    assert deep is not None and quick is not None and quick.figures is None and deep.figures is not None
    assert deep.figures.served >= deep.figures.served_without and deep.figures.saves_a_day > 0
    plan = plan_hedged(asked, replace(OPTIONS, effort="quick"))
    assert played_figures(asked, quick, plan.schedule, OPTIONS, until=time.perf_counter() - 1) is None


def test_scenarios_are_hedged_by_their_own_dispersion() -> None:
    busy, quiet = (1, 1) * (SLOTS // 2), (0,) * SLOTS
    asked = night(forecast(spread=None, scenarios=(busy, quiet), mean_per_slot=(0.5,) * SLOTS))
    assert plan_hedged(asked, OPTIONS).hedge is not None


def test_reservations_are_in_the_levels_beside_the_forecast() -> None:
    asked = night()
    more = replace(asked, station=replace(asked.station, swaps=(*asked.station.swaps, make.swap("sure", 4))))
    (stock,), _ = type_stocks(more)
    assert stock.certain.tolist() == [0, 0, 0, 0, 1] + [0] * 7


def test_a_plan_file_has_hedge_and_rule_and_gives_them_back() -> None:
    asked = night()
    plan = plan_hedged(asked, OPTIONS)
    instance = make.instance(asked)
    data = plan_document(instance, [plan], {})
    (station,) = parse_plan(data, "f").stations
    assert station.as_hedge == plan.hedge
    assert parse_plan(data, "f") == plan_file(instance, [plan], {})
    assert hedged(asked, station.as_hedge) == plan.night


def test_nobody_who_is_expected_is_lost_for_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ready packs, two drivers, and no power to charge: a target of two would be missed for ten slots."""
    swaps = [replace(make.swap(f"cars-{n}", 1), forecast="cars") for n in (1, 2)]
    packs = [make.pack("P1", soc=0.9), make.pack("P2", soc=0.9)]
    asked = make.night(SLOTS, swaps=swaps, packs=packs, grid_limit_kw=(0.0,) * SLOTS)
    asked = replace(asked, station=replace(asked.station, expected=(forecast(),)))
    dear = Hedge((0, *(2,) * (SLOTS - 1)), reserve_cost=30.0)
    monkeypatch.setattr("optimizer.engine.hedge.plan_hedged.station_hedge", lambda night, options: dear)
    hedges: list[Hedge] = []
    incumbents: list[str] = []
    plan = plan_hedged(asked, OPTIONS, on_hedge=hedges.append, on_incumbent=lambda *told: incumbents.append(told[1]))
    assert plan.result.swaps_lost == 0
    assert plan.hedge is not None and plan.hedge.reserve_cost < dear.reserve_cost
    assert check(plan.night, plan.schedule) == []
    assert hedges == [dear] and incumbents, "told are the first targets and their plans, which belong together"
    alone = plan_hedged(asked, OPTIONS, known=dear)
    assert alone.result.swaps_lost > 0 and alone.hedge is not None and alone.hedge.reserve_cost == dear.reserve_cost


def test_the_hedge_of_a_rest_is_cut_with_it() -> None:
    levels = PackLevels("A", (1, 2, 3), (1, 2, 4))
    hedge = Hedge((3, 2, 1), 5.0, ControlRule((levels,), (9.0, 8.0, 7.0), (1, 0, 1)), "by hand")
    assert hedge.since(1) == Hedge(
        (2, 1), 5.0, ControlRule((PackLevels("A", (2, 3), (2, 4)),), (8.0, 7.0), (0, 1)), "by hand"
    )
    assert hedge.since(0) == hedge


def test_a_hedge_is_kept_only_to_the_end_of_the_same_night() -> None:
    night_horizon, rest = make.horizon(4), make.horizon(3, start="2026-01-15T01:00+01:00")
    kept = PreviousPlan(night_horizon, make.schedule(make.night(4)), {}, hedge=Hedge((3, 2, 1, 1), 5.0))
    found = kept.hedge_of_rest(rest)
    assert found is not None and found.ready_targets == (2, 1, 1)
    assert kept.hedge_of_rest(make.horizon(4, start="2026-01-15T01:00+01:00")) is None
    assert replace(kept, hedge=None).hedge_of_rest(rest) is None


def test_where_nobody_could_serve_all_targets_count_little_from_the_first() -> None:
    """Charging on arrival loses the third driver, whatever is kept ready: one search."""
    swaps = [replace(make.swap(f"cars-{n}", 2), forecast="cars") for n in (1, 2, 3)]
    asked = make.night(SLOTS, swaps=swaps, packs=[make.pack("P1", soc=0.9), make.pack("P2", soc=0.9)])
    asked = replace(asked, station=replace(asked.station, expected=(forecast(),)))
    targets = station_hedge(asked, OPTIONS)
    assert any(targets.ready_targets)
    hedges: list[Hedge] = []
    plan = plan_hedged(asked, OPTIONS, on_hedge=hedges.append)
    (told,) = hedges
    assert plan.hedge is not None and plan.result.swaps_lost == 1
    assert plan.hedge.reserve_cost == told.reserve_cost == 0.1 * targets.reserve_cost


def test_targets_that_a_baseline_misses_are_no_saving() -> None:
    empty = [make.pack(name, soc=0.2) for name in ("P1", "P2", "P3")]
    asked, all_ready = night(packs=empty), Hedge((3,) * SLOTS, reserve_cost=1.0)
    plan = plan_hedged(asked, OPTIONS, known=all_ready)
    assert cost_of(plan.night, uncontrolled_charging(plan.night)).reserve > 0
    savings = plan.result.savings
    assert savings is not None and savings.on_arrival.reserve == savings.load_cap.reserve == 0.0
    assert savings.on_arrival.gross_cost == pytest.approx(cost_of(asked, uncontrolled_charging(asked)).gross_cost)
    own = replace(asked, station=replace(asked.station, ready_reserve=(1,) * SLOTS, reserve_cost=1.0))
    priced = plan_hedged(own, OPTIONS, known=all_ready).result
    arrival = cost_of(all_ready.on(own), uncontrolled_charging(all_ready.on(own)))
    assert priced.savings is not None
    assert priced.savings.on_arrival.reserve == pytest.approx(arrival.reserve - priced.cost.reserve)
