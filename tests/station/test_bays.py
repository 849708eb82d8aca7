"""Bays by name and number, packs that are not usable, swaps that must be served: what the domain makes of them."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.station.cost import cost_of
from models.station.instance import Bay, Night
from models.station.must_serve import FEWEST, NOT_PROVEN, is_proven_fewest, plain_reason, surcharge_of, told_unserved
from models.station.must_serve_cost import must_serve_cost
from models.station.parts import whole_schedule
from models.station.stays import stays_of

BAYS = (Bay("north"), Bay("closed", out_of_order=True), Bay("store", charger=False), Bay("south"))


def named(*bays: int | str | None) -> Night:
    packs = [replace(make.pack(f"P{n}", 0.9), bay=bay) for n, bay in enumerate(bays, start=1)]
    return make.night(bays=4, bay_list=BAYS, packs=packs, swaps=[make.swap("W1", 1), make.swap("W2", 2)])


@pytest.mark.parametrize(
    ("stated", "numbers"),
    [((None, None, None), (0, 2, 3)), (("south", None, None), (3, 0, 2)), ((None, 0, "store"), (3, 0, 2))],
)
def test_packs_stand_where_they_state_or_in_the_first_bays_left(
    stated: tuple[int | str | None, ...], numbers: tuple[int, ...]
) -> None:
    assert named(*stated).station.bay_numbers == numbers


def test_labels_are_names_where_there_are_any() -> None:
    station = named(None).station
    assert [station.bay_label(n) for n in range(4)] == ["north", "closed", "store", "south"]
    assert [station.bay_number(label) for label in ("store", "south", "east", 2)] == [2, 3, -1, -1]
    plain = make.station()
    assert (plain.bay_label(2), plain.bay_number(2), plain.bay_number(3)) == (2, 2, -1)


def test_what_comes_into_a_bay_without_charger_has_no_window() -> None:
    night = named("store", "north", None)
    windows = {stay.pack: stay.window for stay in stays_of(night, {"W1": "P1", "W2": "P2"})}
    assert not windows["P1"] and not windows["return:W1"]
    assert windows["P2"] == range(2) and windows["return:W2"] == range(2, 4) and windows["P3"] == range(4)
    assert night.station.packs_at_chargers == 2 and night.station.has_packs_without_charger


def test_formulations_see_neither_a_barred_pack_nor_who_asks_for_it() -> None:
    night = make.night(
        types=[make.pack_type(end_value_per_kwh=0.5)],
        packs=[replace(make.pack("P1", 0.95), usable=False), make.pack("P2", 0.9)],
        swaps=[make.swap("W1", 1, pack="P1", lost_cost=7), make.swap("W2", 1)],
    )
    seen = night.by_pack.station
    assert [(pack.id, pack.bay) for pack in seen.packs] == [("P2", 1)] and [swap.id for swap in seen.swaps] == ["W2"]
    assert seen.fixed_cost == 7 - 0.5 * 90  # up to E only
    plan = make.schedule(night.by_pack, {}, {"W2": "P2"})
    whole = whole_schedule(night, plan)
    assert [(row.pack, row.bay) for row in whole.rows if row.pack == "P1"] == [("P1", 0)]
    assert cost_of(night, whole).objective == pytest.approx(cost_of(night.by_pack, plan).objective)
    assert night.by_pack.by_pack is night.by_pack


def test_losing_one_who_must_be_served_costs_more_than_plans_can_differ() -> None:
    night = make.night(
        tariff=make.tariff((0.1, -0.3, 0.9, 0.2), demand_charges=(make.demand(),)),
        swaps=[make.swap("W1", 1, must_serve=True), make.swap("W2", 2, lost_cost=5000)],
    )
    most = cost_of(night, make.schedule(night, {"P2": (40, 0, 0, 0), "P3": (40, 0, 40, 0)}, {"W1": "P1"}))
    least = cost_of(night, make.schedule(night, {"P2": (0, 40, 0, 0)}, {"W2": "P1"}))
    assert must_serve_cost(night) > most.objective - least.objective
    served, lost = make.schedule(night, {}, {"W1": "P1"}), make.schedule(night, {}, {"W2": "P1"})
    assert surcharge_of(night, served) == 0 and surcharge_of(night, lost) == must_serve_cost(night)
    assert is_proven_fewest(night, lost, 1.0) and not is_proven_fewest(night, lost, must_serve_cost(night))
    assert [one.reason for one in told_unserved(night, lost).unserved] == [NOT_PROVEN]
    assert [one.reason for one in told_unserved(night, lost, FEWEST).unserved] == [FEWEST]
    assert told_unserved(night, served).unserved == ()


@pytest.mark.parametrize(
    ("packs", "swap", "reason"),
    [
        ([replace(make.pack("P1", 0.9), usable=False)], {"pack": "P1"}, "pack P1 is not usable"),
        ([replace(make.pack("P1", 0.9), usable=False)], {}, "no usable pack of type A is in the station"),
        ([make.pack("P1", 0.1)], {}, "no pack can hold the 80 kWh asked for by slot 1"),
        ([make.pack("P1", 0.5)], {}, ""),
    ],
)
def test_reasons_that_the_packs_alone_tell(packs: list, swap: dict, reason: str) -> None:  # type: ignore[type-arg]
    night = make.night(packs=packs, swaps=[make.swap("W1", 1, must_serve=True, **swap)])
    assert plain_reason(night, night.station.swaps[0]) == reason
