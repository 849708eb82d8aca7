"""Repairs of each kind on nights whose least repair is worked out by hand, and what holds a swap back."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.explain.explain_text import holder_in_words, repair_in_words
from optimizer.explain.margin import worths_of
from optimizer.explain.mending import Mending, Repair
from optimizer.explain.repair_kinds import ADDITIONS, MorePacks, with_packs
from optimizer.explain.repairs import mending_of
from optimizer.explain.resolver import Resolver, forced
from optimizer.explain.why_lost import LosingPlan


def mended(night: Night) -> tuple[LosingPlan, Mending]:
    """The repairs of the only lost swap."""
    plan = LosingPlan.of(plan_station(night, RunOptions(gap=0.0)), "EUR")
    (swap,) = plan.lost
    resolver = Resolver(RunOptions())
    found = mending_of(plan, swap, resolver)
    assert resolver.faults == []
    return plan, found


def by_kind(mending: Mending) -> dict[str, Repair]:
    return {one.kind: one for one in mending.repairs}


def scarce_grid() -> Night:
    """W1 asks for 80 kWh at 02:00, P1 holds 40: two hours at 25 kW from the grid give 40 kWh; there are 15 kW."""
    return make.night(
        slots=6, packs=[make.pack("P1", 0.4)], swaps=[make.swap("W1", 2)], grid_limit_kw=15.0,
        chargers=make.chargers(count=1),
    )  # fmt: skip


def test_the_grid_limit_lacks_ten_kilowatts_in_two_hours() -> None:
    plan, mending = mended(scarce_grid())
    repair = by_kind(mending)["grid_limit"]
    assert (repair.amount, repair.begin, repair.end, repair.is_least) == (10.0, 0, 2, True)
    assert repair_in_words(plan.night, repair) == "10 kW more grid limit from 00:00 to 02:00"
    assert mending.held_by == ("grid_limit", "packs")
    words = holder_in_words(plan.night, plan.lost[0], mending, "grid_limit")
    assert words == "the grid limit of 15 kW from 00:00 to 02:00"


def test_other_kinds_of_the_same_night() -> None:
    """At 15 kW 12 kWh come in an hour: 40 in four, two hours later. Stronger chargers draw no more from this grid."""
    plan, mending = mended(scarce_grid())
    found = by_kind(mending)
    assert (found["packs"].amount, found["packs"].is_least) == (1.0, True)
    assert (found["delay"].amount, found["delay"].is_least) == (120.0, True)
    assert found["chargers"].status == "nothing_to_add"
    assert found["charging_power"].status == "no_help"
    assert repair_in_words(plan.night, found["delay"]) == "2:00 h later"
    assert repair_in_words(plan.night, found["packs"]) == "1 more pack, charged at the start"


def test_a_second_charger() -> None:
    """Two packs of 50 kWh for two drivers at 01:00: one charger of 40 kW fills one of them."""
    night = make.night(
        packs=[make.pack("P1", 0.5), make.pack("P2", 0.5)], bays=2, chargers=make.chargers(count=1),
        swaps=[make.swap("W1", 1), make.swap("W2", 1)],
    )  # fmt: skip
    plan, mending = mended(night)
    found = by_kind(mending)
    assert (found["chargers"].amount, found["chargers"].is_least) == (1.0, True)
    assert repair_in_words(night, found["chargers"]) == "1 more charger"
    assert found["charging_power"].status == "no_help"
    assert mending.held_by == ("chargers", "packs")
    assert holder_in_words(night, plan.lost[0], mending, "chargers") == "the number of chargers (1)"


def test_stronger_chargers() -> None:
    """45 kWh are missing in an hour, chargers give 40."""
    night = make.night(packs=[make.pack("P1", 0.35)], swaps=[make.swap("W1", 1)], chargers=make.chargers(count=1))
    _, mending = mended(night)
    repair = by_kind(mending)["charging_power"]
    assert (repair.amount, repair.is_least) == (5.0, True)
    assert repair_in_words(night, repair) == "chargers of 45 kW"
    assert mending.held_by == ("charging_power", "packs")


def test_packs_that_take_charge_too_slowly() -> None:
    kind = make.pack_type(acceptance=((0.0, 20.0), (1.0, 20.0)))
    night = make.night(packs=[make.pack("P1", 0.5)], types=[kind], swaps=[make.swap("W1", 1)])
    plan, mending = mended(night)
    assert mending.held_by == ("acceptance", "packs")
    words = holder_in_words(night, plan.lost[0], mending, "acceptance")
    assert words == "what packs take: charging is too slow"


def test_nothing_comes_back_in_time() -> None:
    """The only pack is gone with W1 in the slot in which W2 comes."""
    swaps = [make.swap("W1", 1), make.swap("W2", 1, lost_cost=50.0)]
    plan, mending = mended(make.night(packs=[make.pack("P1", 0.9)], swaps=swaps))
    assert mending.held_by == ("arrival", "packs")
    words = holder_in_words(plan.night, plan.lost[0], mending, "arrival")
    assert words == "arrival: what comes back comes too late"


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.kind)
def test_a_repaired_night_has_a_plan_that_serves_the_swap(addition: object) -> None:
    """By a solve of the repaired night itself, with all that it costs, and by the checker."""
    plan, mending = mended(scarce_grid())
    kind = next(one for one in ADDITIONS if one is addition)
    repair = by_kind(mending)[kind.kind]
    if repair.status == "found":
        steps = round(repair.amount / repair.step)
        night = forced(kind.on(plan.night, plan.lost[0], steps), plan.lost[0].id)
        again = plan_station(night)
        assert again.result.swaps_lost == 0 and check(night, again.schedule) == []


def test_extra_packs_stand_in_new_bays_and_take_free_names() -> None:
    night = make.night(packs=[make.pack("extra-1", 0.9), make.pack("P2")], bays=2, swaps=[make.swap("W1", 1)])
    more = with_packs(night, "A", 2)
    assert [pack.id for pack in more.station.packs] == ["extra-1", "P2", "extra-2", "extra-3"]
    assert more.station.bay_numbers == (0, 1, 2, 3) and more.station.bays == 4
    assert {pack.soc for pack in more.station.packs[2:]} == {0.9}


def test_a_swap_that_asks_for_a_pack_by_name_is_not_helped_by_others() -> None:
    swap = make.swap("W1", 1, pack="P2")
    night = make.night(packs=[make.pack("P1", 0.9), make.pack("P2", 0.1)], swaps=[swap])
    assert MorePacks().most_steps(night, swap) == 0


def test_worth_of_one_more() -> None:
    """W1 is lost for 100: a pack serves him. The pack's own 90 kWh, 0.125 each at the end, do not count: 10 kWh come
    back in its place, so that without them 90 · 0.125 is what the pack brings and 10 · 0.125 what W1 does."""
    swaps = [make.swap("W1", 1, lost_cost=100.0, returned_soc=0.1)]
    night = make.night(packs=[make.pack("P1", 0.1)], swaps=swaps, grid_limit_kw=0.5)
    plan = LosingPlan.of(plan_station(night, RunOptions(gap=0.0)), "EUR")
    worths = {one.kind: one for one in worths_of(plan, Resolver(RunOptions(gap=0.0)))}
    assert worths.keys() == {"pack", "grid_kw"}
    pack = worths["pack"].amount
    assert pack == pytest.approx(100 - 80 * 0.125, abs=0.2)
    assert worths["grid_kw"].amount == pytest.approx(0, abs=0.01)


def test_worths_lie_between_their_bounds() -> None:
    night = scarce_grid()
    plan = LosingPlan.of(plan_station(night), "EUR")
    for one in worths_of(plan, Resolver(RunOptions())):
        assert one.amount is not None and one.at_least is not None and one.at_most is not None
        assert 0 <= one.at_least <= one.amount <= one.at_most


def test_without_a_bound_no_worth_is_told() -> None:
    plan = replace(LosingPlan.of(plan_station(scarce_grid()), "EUR"), bound=None)
    assert {one.amount for one in worths_of(plan, Resolver(RunOptions()))} == {None}
