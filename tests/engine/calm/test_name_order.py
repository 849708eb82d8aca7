"""Nights that differ in the order of packs and swaps, or in the solver's seed, get one plan."""

from __future__ import annotations

import random
from dataclasses import replace

import builders as make
import pytest
from paths import DATA
from patience import PATIENCE
from random_nights import random_night

from models.station.cost import cost_of
from models.station.instance import Bay, Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.calm.name_order import by_name
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

IN_NAME_ORDER = RunOptions(time_limit_seconds=PATIENCE)


def shuffled(night: Night, seed: int) -> Night:
    """With packs, each in its bay, and swaps in another order."""
    r, station = random.Random(seed), night.station
    packs = [replace(pack, bay=bay) for pack, bay in zip(station.packs, station.bay_numbers, strict=True)]
    swaps = list(station.swaps)
    r.shuffle(packs)
    r.shuffle(swaps)
    return replace(night, station=replace(station, packs=tuple(packs), swaps=tuple(swaps)))


def test_packs_come_by_name_with_their_bays_and_swaps_by_time() -> None:
    packs = [make.pack("P10"), make.pack("P9")]
    night = make.night(packs=packs, swaps=[make.swap("W2", 3), make.swap("W10", 2), make.swap("W9", 2)])
    station = by_name(night).station
    assert [(pack.id, bay) for pack, bay in zip(station.packs, station.bay_numbers, strict=True)] == [
        ("P9", 1), ("P10", 0)
    ]  # fmt: skip
    assert [swap.id for swap in station.swaps] == ["W9", "W10", "W2"]
    assert by_name(ordered := by_name(night)) is ordered


@pytest.mark.parametrize("seed", range(30))
def test_order_changes_no_plan(seed: int) -> None:
    """Rows and hand-overs come in the order of the file."""
    night = by_name(random_night(seed))
    turned = shuffled(night, seed)
    plan, other = plan_station(night, IN_NAME_ORDER), plan_station(turned, IN_NAME_ORDER)
    assert _as_set(other.schedule) == _as_set(plan.schedule)
    assert other.night is turned
    assert check(turned, other.schedule) == []
    assert other.result.cost == cost_of(turned, other.schedule)
    asked = [swap.id for swap in turned.station.swaps if swap.id in other.schedule.packs_by_swap]
    assert list(other.schedule.packs_by_swap) == asked
    labels = [turned.station.bay_label(bay) for bay in turned.station.bay_numbers]
    assert list(dict.fromkeys(row.bay for row in other.schedule.rows)) == labels


def test_incumbents_come_as_listed_one_object_for_each() -> None:
    """What watches a search knows by the object whether a plan is new."""
    night = shuffled(read_instance(DATA / "nights" / "night-tariff.json").nights[0], 1)
    told: list[Schedule] = []
    plan_station(night, IN_NAME_ORDER, on_incumbent=lambda schedule, method, bound: told.append(schedule))
    assert told and all(check(night, schedule) == [] for schedule in told)
    assert len({id(schedule) for schedule in told}) == len({tuple(schedule.rows) for schedule in told})


@pytest.mark.parametrize(("name", "seeds"), [("night-tariff", (1, 2)), ("night-tariff-demand", (0, 0))])
def test_order_and_seed_change_no_calm_plan(name: str, seeds: tuple[int, ...]) -> None:
    """Under a demand charge the seed may still choose between plans of equal cost."""
    night = read_instance(DATA / "nights" / f"{name}.json").nights[0]
    options = RunOptions(calm_seconds=PATIENCE, time_limit_seconds=PATIENCE)
    rows = {row.pack: row.power_kw for row in plan_station(night, options).schedule.rows}
    for order, seed in enumerate(seeds):
        plan = plan_station(shuffled(night, order), replace(options, seed=seed)).schedule
        assert {row.pack: pytest.approx(row.power_kw, abs=1e-5) for row in plan.rows} == rows


def test_bays_with_names_keep_their_packs() -> None:
    bays = (Bay("left"), Bay("right"))
    night = make.night(bays=2, packs=[make.pack("P2"), make.pack("P1", 0.9)], swaps=[make.swap("W1", 2)], bay_list=bays)
    rows = plan_station(night, IN_NAME_ORDER).schedule.rows
    assert (rows[0].pack, rows[0].bay) == ("P2", "left")


def _as_set(schedule: Schedule) -> tuple[object, ...]:
    return frozenset(schedule.rows), frozenset(schedule.hand_overs), schedule.solar_used_kw, schedule.reserve_shortfall
