"""What a night leaves in the bays: the next night's packs."""

from __future__ import annotations

import builders as make

from models.station.carry_over.end_stock import Stock, stock_at_end


def test_a_night_in_which_nothing_happens_leaves_what_it_found() -> None:
    night = make.night()
    assert stock_at_end(night, make.schedule(night)) == (Stock(0, "A", 90.0), Stock(1, "A", 50.0), Stock(2, "A", 10.0))


def test_charged_energy_stays_and_a_returned_pack_stands_where_the_other_stood() -> None:
    night = make.night(swaps=[make.swap("W1", 2)])
    plan = make.schedule(night, {"P3": [40, 0, 20, 0], "return:W1": [0, 0, 40, 5]}, {"W1": "P1"})
    assert stock_at_end(night, plan) == (Stock(0, "A", 55.0), Stock(1, "A", 50.0), Stock(2, "A", 70.0))


def test_a_driver_who_is_lost_leaves_nothing() -> None:
    night = make.night(swaps=[make.swap("W1", 2)])
    assert stock_at_end(night, make.schedule(night)) == stock_at_end(make.night(), make.schedule(make.night()))


def test_a_bay_stays_empty_where_nothing_comes_back() -> None:
    night = make.night(swaps=[make.swap("W1", 2, returned_soc=None)])
    assert [one.bay for one in stock_at_end(night, make.schedule(night, hand_overs={"W1": "P1"}))] == [1, 2]


def test_a_returned_pack_that_is_handed_over_again_is_gone() -> None:
    full = {"swaps": [make.swap("W1", 0, 0.9), make.swap("W2", 2, 0.2)]}
    night = make.night(**full)
    plan = make.schedule(night, hand_overs={"W1": "P1", "W2": "return:W1"})
    assert stock_at_end(night, plan)[0] == Stock(0, "A", 20.0)


def test_types_are_those_of_the_packs_that_stand_there() -> None:
    kinds = [make.pack_type(), make.pack_type(id="B", capacity_kwh=50)]
    night = make.night(types=kinds, packs=[make.pack("P1", 0.5), make.pack("P2", 0.5, "B")])
    assert stock_at_end(night, make.schedule(night)) == (Stock(0, "A", 50.0), Stock(1, "B", 25.0))
