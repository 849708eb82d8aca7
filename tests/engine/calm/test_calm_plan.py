"""Calm plans keep every rule, cost no more, start no more often; one price all night is one block a pack."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli import run
from paths import DATA, INSTANCES
from patience import PATIENCE
from random_nights import random_night, truck_depot_night, truck_night

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.station.starts import charging_figures
from models.tolerances import MONEY_RELATIVE
from optimizer.check.rules import check
from optimizer.engine import plan_station as engine
from optimizer.engine.calm.calm_plan import calm_plan
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search
from optimizer.formats.read_instance import read_instance

NIGHTS = DATA / "nights"


def before_and_after(
    night: Night, monkeypatch: pytest.MonkeyPatch, options: RunOptions | None = None
) -> tuple[Search, Schedule]:
    """A search once it is calm, and the plan that it had before."""
    seen: list[tuple[Search, Schedule]] = []

    def watched(search: Search) -> None:
        assert search.schedule is not None
        seen.append((search, search.schedule))
        calm_plan(search)

    monkeypatch.setattr(engine, "calm_plan", watched)
    engine.plan_station(night, options or RunOptions(time_limit_seconds=PATIENCE))
    return seen[0]


@pytest.mark.parametrize("seed", range(60))
def test_calm_plans_keep_the_rules_cost_no_more_and_start_no_more_often(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = random_night(seed)
    search, before = before_and_after(night, monkeypatch)
    assert search.schedule is not None
    assert check(night, search.schedule) == []
    cost, was = cost_of(night, search.schedule), cost_of(night, before)
    assert cost.objective == pytest.approx(search.cost.objective)
    assert cost.objective <= was.objective + MONEY_RELATIVE * max(1.0, abs(was.gross_cost))
    assert search.schedule.packs_by_swap.keys() == before.packs_by_swap.keys()
    charged = {row.pack for row in before.rows if any(row.power_kw)}
    again = [row for row in search.schedule.rows if row.pack in charged]
    rows = replace(search.schedule, rows=tuple(again))
    assert charging_figures(rows).starts <= charging_figures(before).starts


@pytest.mark.parametrize("name", ["nl-winter-day", "zhejiang-21-packs", "sce-tou-ev-8-21-packs", "busy-must-lose"])
def test_real_nights_have_few_starts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    night = read_instance(INSTANCES / "real" / f"{name}.json").nights[0]
    search, before = before_and_after(night, monkeypatch)
    assert search.schedule is not None
    figures, was = charging_figures(search.schedule), charging_figures(before)
    assert was.starts_per_stay is not None
    assert was.starts_per_stay > 1.6
    assert figures.starts_per_stay is not None
    assert figures.starts_per_stay <= 1.25
    assert figures.weak_set_points <= was.weak_set_points


@pytest.mark.parametrize(
    ("name", "objective", "starts"), [("night-tariff", 8.947368, 9), ("night-tariff-demand", 17.171053, 5)]
)
def test_hours_at_one_price_are_one_block_a_pack(name: str, objective: float, starts: int, tmp_path: Path) -> None:
    """Nine packs charge at night, for stored energy is worth just what it costs then; with a demand charge, the five
    that pay take turns below the peak. Both had 31 starts."""
    plan = tmp_path / "plan.json"
    assert run("solve", NIGHTS / f"{name}.json", "-o", plan).returncode == 0
    assert run("check", NIGHTS / f"{name}.json", plan).returncode == 0
    [station] = json.loads(plan.read_text())["stations"]
    rows = tuple(PackRow(row["pack"], 0, tuple(row["power_kw"])) for row in station["packs"])
    figures = charging_figures(Schedule("S1", rows, ()))
    assert station["objective"] == pytest.approx(objective, abs=1e-5)
    assert (figures.starts, figures.stays_charged) == (starts, starts)


def test_equal_packs_that_swap_places_in_the_file_get_the_same_loads() -> None:
    night = read_instance(NIGHTS / "night-tariff.json").nights[0]
    packs = night.station.packs
    turned = replace(night, station=replace(night.station, packs=(*packs[:5], packs[7], packs[6], packs[5])))
    one, other = (engine.plan_station(each).schedule for each in (night, turned))
    assert sorted(row.power_kw for row in one.rows) == sorted(row.power_kw for row in other.rows)


def test_powers_are_multiples_of_the_step_but_for_the_last_of_a_block() -> None:
    night = read_instance(NIGHTS / "night-tariff.json").nights[0]
    for step_kw in (0.1, 1.0):
        plan = engine.plan_station(night, RunOptions(power_step_kw=step_kw)).schedule
        for row in plan.rows:
            used = [kw for kw in row.power_kw if kw > 0]
            assert all(kw / step_kw == pytest.approx(round(kw / step_kw)) for kw in used[:-1])
            assert len(set(used[:-1])) <= 1


def test_a_calmer_plan_that_costs_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bill has the last word."""
    night = read_instance(NIGHTS / "night-tariff.json").nights[0]
    search, before = before_and_after(night, monkeypatch)
    dearer = replace(search.cost, energy=search.cost.energy + 1.0)
    monkeypatch.setattr("optimizer.engine.search.cost_of", lambda night, schedule: dearer)
    search.schedule = before
    calm_plan(search)
    assert search.schedule is before


def test_solve_tells_starts_and_takes_a_step(tmp_path: Path) -> None:
    night, plan = NIGHTS / "night-tariff.json", tmp_path / "plan.json"
    told = json.loads(run("solve", night, "-o", plan, "--power-step", 5, "--json").stdout)
    [station] = json.loads(plan.read_text())["stations"]
    keys = ("starts", "stays_charged", "starts_per_stay", "weak_set_points", "powers_per_stay")
    assert [told[key] for key in keys[:4]] == [9, 9, 1.0, 0]
    assert [told["stations"][0][key] for key in keys] == [told[key] for key in keys]
    for row in station["packs"]:
        used = [kw for kw in row["power_kw"] if kw > 0]
        assert all(kw % 5 == 0 for kw in used[:-1])
    screen = run("solve", night, "--calm-limit", 0).stdout
    assert "  calm     9 starts of 9 packs that charge\n" in screen
    assert run("solve", night, "--power-step", "nan").returncode == 2


@pytest.mark.parametrize("seed", range(12))
def test_trucks_that_take_several_packs_are_no_exception(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    night = truck_night(seed)
    search, before = before_and_after(
        night, monkeypatch, RunOptions(time_limit_seconds=PATIENCE, calm_seconds=PATIENCE)
    )
    assert search.schedule is not None
    assert check(night, search.schedule) == []
    assert set(search.schedule.packs_by_swap) == set(before.packs_by_swap)


@pytest.mark.parametrize("seed", [5007, 5021, 5029, 5030, 5034, 5036])
def test_under_the_sun_and_with_wear_the_first_proposal_costs_no_more(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Charging that leaves a sunny slot is bought elsewhere; wear is paid where worth and price are equal."""
    for night in (truck_depot_night(seed), random_night(seed + 2)):
        taken: list[bool] = []
        take = Search.take_calm

        def watched(search: Search, schedule: Schedule, take: Any = take, taken: list[bool] = taken) -> bool:
            taken.append(take(search, schedule))
            return taken[-1]

        monkeypatch.setattr(Search, "take_calm", watched)
        engine.plan_station(night)
        monkeypatch.setattr(Search, "take_calm", take)
        assert taken[0]
