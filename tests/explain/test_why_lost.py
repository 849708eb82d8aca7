"""Why swaps are lost: each verdict on a night whose answer is plain, with its words."""

from __future__ import annotations

from collections.abc import Collection

import builders as make
import pytest
from random_nights import random_night

from models.station.instance import Night
from models.station.lost_reason import LostReason
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.explain.brief import brief_reasons
from optimizer.explain.resolver import Answer, Resolver, ServingTrial, only_wanted, until_swap
from optimizer.explain.why_lost import LosingPlan, why_lost


def explained(night: Night, swap: str, *, priced: bool = True) -> LostReason:
    """The reason of a lost swap of the night's best plan."""
    plan = LosingPlan.of(plan_station(night, RunOptions(gap=0.0)), "EUR")
    resolver = Resolver(RunOptions(gap=0.0))
    lost = {one.id: one for one in plan.lost}
    reason = why_lost(plan, lost[swap], resolver, priced=priced)
    assert resolver.faults == []
    return reason


def test_a_pack_that_cannot_be_charged_in_time_is_impossible() -> None:
    """P1 holds 10 kWh and gains 40 in the hour before W1, who asks for 80."""
    night = make.night(packs=[make.pack("P1", 0.1)], swaps=[make.swap("W1", 1)])
    reason = explained(night, "W1")
    assert (reason.verdict, reason.is_proven) == ("impossible", True)
    assert reason.words == "no plan serves it: no pack can hold the 80 kWh asked for by slot 1"


def test_what_the_grid_does_not_give_is_impossible_by_a_bound() -> None:
    """40 kWh are missing in two hours: at 10 kW from the grid 16 kWh come."""
    night = make.night(packs=[make.pack("P1", 0.4)], swaps=[make.swap("W1", 2)], grid_limit_kw=10.0)
    reason = explained(night, "W1")
    assert (reason.verdict, reason.is_proven) == ("impossible", True)
    assert reason.words == "no plan serves it, whatever that costs and whoever else is lost"


def one_pack_for_two() -> Night:
    """W1 costs 50 if he is lost, W2 100; there is one ready pack, and what W1 brings is not ready for W2."""
    swaps = [make.swap("W1", 1, lost_cost=50.0), make.swap("W2", 2)]
    return make.night(packs=[make.pack("P1", 0.9)], swaps=swaps)


def test_one_pack_for_two_drivers_costs_the_other() -> None:
    """Losing W1 costs 50, losing W2 100. What W1 brings, 10 kWh, is worth what 80 kWh more cost in four hours."""
    reason = explained(one_pack_for_two(), "W1")
    assert (reason.verdict, reason.is_proven, reason.instead) == ("costs_another", True, ("W2",))
    assert reason.words == "a driver who comes later would be lost for it"
    assert (
        reason.price_words
        == "serving it and losing W2 at 02:00 in its place would cost 50.00 EUR more (50.00 at least)"
    )
    assert reason.costs_at_least == pytest.approx(50, abs=1e-3)
    assert reason.costs_at_most == pytest.approx(50, abs=1e-3)


def test_the_later_one_of_two_drivers_is_told_how_many_can_be_served() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 2, lost_cost=50.0)]
    reason = explained(make.night(packs=[make.pack("P1", 0.9)], swaps=swaps), "W2")
    assert (reason.verdict, reason.words) == ("costs_another", "at most 1 of the 2 drivers until then can be served")


def test_a_driver_whose_energy_is_dearer_than_losing_him_is_cheaper_to_lose() -> None:
    """W1 needs 30 kWh more in P2, 37.5 kWh from the grid at 1 EUR; losing him costs 5. P2 keeps 50 kWh, worth nothing
    here, W1 brings none."""
    night = make.night(
        packs=[make.pack("P2", 0.5)],
        types=[make.pack_type(end_value_per_kwh=0.0)],
        swaps=[make.swap("W1", 2, returned_soc=None, lost_cost=5.0)],
        tariff=make.tariff(1.0),
    )
    reason = explained(night, "W1")
    assert (reason.verdict, reason.is_proven) == ("cheaper", True)
    assert reason.words == "a plan could serve it and lose nobody more"
    assert reason.price_words == "serving it would cost 32.50 EUR more (32.50 at least)"


def test_a_plan_that_loses_for_nothing_is_not_the_best() -> None:
    night = make.night(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 1)])
    plan = LosingPlan(night, make.schedule(night), 91.0, None, "EUR")
    reason = why_lost(plan, night.station.swaps[0], Resolver(RunOptions()))
    assert (reason.verdict, reason.is_proven) == ("not_best", False)
    assert reason.price_words.endswith(" EUR less: this plan is not the best")


def test_nobody_is_served_at_the_cost_of_who_must_be() -> None:
    swaps = [make.swap("W1", 1, lost_cost=500.0), make.swap("W2", 2, must_serve=True)]
    reason = explained(make.night(packs=[make.pack("P1", 0.9)], swaps=swaps), "W1")
    assert (reason.verdict, reason.instead) == ("costs_another", ("W2",))
    assert reason.price_words == "W2 at 02:00, who must be served, would be lost for it"


def test_without_time_nothing_is_decided() -> None:
    night = one_pack_for_two()
    plan = LosingPlan.of(plan_station(night), "EUR")
    reason = why_lost(plan, plan.lost[0], Resolver(RunOptions(), most_solves=0))
    assert (reason.verdict, reason.is_proven) == ("undecided", False)
    assert reason.words == "whether a plan can serve it beside all others is not decided"


def test_in_the_wished_night_only_wanted_swaps_cost_anything() -> None:
    night = make.night(
        swaps=[make.swap("W1", 1), make.swap("W2", 1)], tariff=make.tariff(0.5, demand_charges=(make.demand(),))
    )
    free = only_wanted(night, {"W2"})
    assert [swap.lost_cost for swap in free.station.swaps] == [0.0, 1.0]
    assert set(free.tariff_series.price_per_kwh) == {0.0} and not free.tariff_series.demands


def test_brief_reasons_are_those_of_the_first_swaps_and_have_no_price() -> None:
    plan = plan_station(one_pack_for_two(), RunOptions(gap=0.0))
    (reason,) = brief_reasons(plan, RunOptions(), "EUR", 60.0)
    assert (reason.swap, reason.verdict, reason.price_words) == ("W1", "costs_another", "")
    assert brief_reasons(plan, RunOptions(), "EUR", 0.0) == ()
    served = plan_station(make.night(swaps=[make.swap("W1", 1)]))
    assert brief_reasons(served, RunOptions(), "EUR", 60.0) == ()


def test_of_several_lost_swaps_it_is_asked_once_whether_any_plan_serves_more() -> None:
    """One ready pack, and what drivers bring is not ready in time: of three, one is served."""
    swaps = [make.swap("W1", 1), make.swap("W2", 2, lost_cost=50.0), make.swap("W3", 2, lost_cost=40.0)]
    plan = plan_station(make.night(packs=[make.pack("P1", 0.9)], swaps=swaps), RunOptions(gap=0.0))
    reasons = brief_reasons(plan, RunOptions(), "EUR", 60.0)
    assert [(one.swap, one.verdict, one.is_proven) for one in reasons] == [
        ("W2", "costs_another", True), ("W3", "costs_another", True),
    ]  # fmt: skip
    assert {one.words for one in reasons} == {"no plan serves more than 1 of the 3 drivers"}


def test_whether_more_can_be_served_is_answered_by_a_plan_or_by_a_bound() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 2), make.swap("W3", 2)]
    night = make.night(packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)], swaps=swaps)
    assert Resolver(RunOptions()).can_serve_more(night, 2) == "no"
    assert Resolver(RunOptions()).can_serve_more(night, 1) == "yes"
    assert Resolver(RunOptions(), most_solves=0).can_serve_more(night, 1) == "unknown"


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_who_can_be_served_alone_is_the_same_asked_one_by_one(seed: int) -> None:
    night = random_night(seed)
    together = Resolver(RunOptions())
    for swap in sorted(night.station.swaps, key=lambda one: one.slot):
        alone = Resolver(RunOptions()).can_serve(until_swap(night, swap), {swap.id}).answer
        assert together.can_serve_alone(night, swap) == alone, swap.id


def test_who_comes_later_and_asks_for_no_more_is_not_asked_about_anew() -> None:
    """P1 is full and waits for either; W3 asks for more than W1 did: for W3 a plan is looked for."""
    swaps = [make.swap("W1", 1, swap_soc=0.5), make.swap("W2", 3, swap_soc=0.5), make.swap("W3", 3)]
    night, resolver = make.night(packs=[make.pack("P1", 0.9)], swaps=swaps), Resolver(RunOptions())
    solves = []
    for swap in swaps:
        assert resolver.can_serve_alone(night, swap) == "yes"
        solves.append(resolver.solves)
    assert solves == [1, 1, 2]


@pytest.mark.parametrize(
    ("answers", "verdict", "words"),
    [
        (
            {"all": "no", "alone": "unknown"},
            "undecided",
            "no plan serves it and all others; whether any plan serves it at all is not decided",
        ),
        (
            {"all": "unknown", "alone": "yes"},
            "undecided",
            "it can be served, but whether a plan can serve it beside all others is not decided",
        ),
        (
            {"all": "unknown", "alone": "no"},
            "impossible",
            "no plan serves it, whatever that costs and whoever else is lost",
        ),
    ],
)
def test_what_is_not_decided_is_not_told_as_if(answers: dict[str, Answer], verdict: str, words: str) -> None:
    class Told(Resolver):
        def can_serve(self, night: Night, wanted: Collection[str], *, repaired: bool = False) -> ServingTrial:
            return ServingTrial(answers["alone" if len(wanted) == 1 else "all"])

    plan = LosingPlan.of(plan_station(one_pack_for_two()), "EUR")
    reason = why_lost(plan, plan.lost[0], Told(RunOptions(), most_solves=0), priced=False)
    assert (reason.verdict, reason.words) == (verdict, words)
