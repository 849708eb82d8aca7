"""A replay: the same days for all policies, bounds that no policy goes below, cards that add up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import builders as make
import numpy as np
import pytest
from patience import PATIENCE

from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.drawn_days import draw_days
from models.station.instance import Night
from optimizer.engine.baselines import baseline_cost
from optimizer.engine.options import RunOptions
from optimizer.replay.bounds import RefutedBoundError, bound_of_day, refuse_refuted
from optimizer.replay.card import regret_of, worst_days
from optimizer.replay.day_tasks import DayFailedError, in_order
from optimizer.replay.policies import POLICIES, Policy, figures_of, played
from optimizer.replay.replay_run import ReplayOptions, ReplayRun
from optimizer.replay.result import StationReplay
from optimizer.workers.ended_tasks import Task
from optimizer.workers.local_pool import Fault, Finished
from optimizer.workers.worker import Raised, attempt


class AtOnce:
    """A pool without processes; it answers the latest task first."""

    size = 3

    def __init__(self) -> None:
        self.waiting: list[Finished] = []
        self.dropped = False

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        result = attempt(function, arguments)
        fault = Fault("raised", result.reason) if isinstance(result, Raised) else result
        self.waiting.append(Finished(ticket, fault, "here"))

    def wait(self, seconds: float) -> list[Finished]:
        return [self.waiting.pop()] if self.waiting else []

    def drop(self) -> None:
        self.dropped, self.waiting = True, []

    def close(self) -> None:
        """Nothing to close."""


def _night(**changes: Any) -> Night:
    """Eight hours, dear from the third on; four drivers are expected."""
    mean = (0.0, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 0.5)
    expected = ExpectedSwaps("F", "A", mean, (0.1, 0.3), 30.0, spread=Spread(0.3, 1.2, 0.05))
    swaps = [make.swap(f"F{n}", slot, forecast="F") for n, slot in enumerate((2, 3, 5, 7))]
    tariff = make.tariff([0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5])
    return make.night(8, swaps=swaps, tariff=tariff, **({"expected": (expected,)} | changes))


def _replayed(night: Night, **options: Any) -> StationReplay:
    given = {"policies": POLICIES, "days": 40, "bound_days": 12, "time_limit_seconds": PATIENCE} | options
    return ReplayRun([night], ReplayOptions(engine=RunOptions(gap=0.0), **given), AtOnce()).run()[0]


def test_bounds_lie_below_every_policy_on_every_day() -> None:
    replay = _replayed(_night())
    assert len(replay.bounds) == 12
    for card in replay.cards:
        assert (replay.figures[card.policy].objective[:12] >= replay.bounds - 1e-4).all()
        assert card.regret is not None and card.regret.regret.mean >= 0
        assert card.regret.regret.mean == pytest.approx(card.regret.cost.mean - card.regret.bound.mean)
        assert card.regret.days == 12 and card.days == 40


def test_regret_is_a_mean_of_differences_of_the_same_days() -> None:
    """Bounds that move with the costs leave no spread: the interval is that of the differences."""
    night = _night()
    figures = figures_of(played(Policy("on-arrival"), night, draw_days(night, 30)))
    regret = regret_of(figures, figures, figures.objective[:10] - 2.0)
    assert regret is not None
    assert (regret.regret.mean, regret.regret.low, regret.regret.high) == pytest.approx((2.0, 2.0, 2.0))
    assert regret.share_of_saving is not None and regret.share_of_saving.mean == 0.0


def test_cards_add_up() -> None:
    replay = _replayed(_night())
    for card in replay.cards:
        figures = replay.figures[card.policy]
        assert card.served + card.lost == card.drivers
        assert card.cost.mean == pytest.approx(card.cost_split.objective)
        assert card.cost.mean == pytest.approx(figures.objective.mean())
        assert card.worst.day_cost == figures.objective.max() == figures.objective[card.worst.day - 1]
        assert card.worst.days == 2
    assert len({card.drivers for card in replay.cards}) == 1


def test_expected_day_alone_is_what_was_planned() -> None:
    """Without forecasts every day is alike: the plan of the mean is the best one, on arrival the baseline."""
    night = _night(expected=())
    night = replace(
        night, station=replace(night.station, swaps=tuple(replace(s, forecast=None) for s in night.station.swaps))
    )
    replay = _replayed(night, days=3, bound_days=1)
    assert replay.source == "certain"
    by_name = {card.policy: card for card in replay.cards}
    assert by_name["on-arrival"].cost.mean == pytest.approx(baseline_cost(night).objective)
    assert by_name["mean"].cost.mean == pytest.approx(replay.bounds[0], abs=1e-4)
    assert by_name["mean"].regret is not None
    share = by_name["mean"].regret.share_of_saving
    assert share is not None and share.mean == pytest.approx(1.0, abs=1e-4)


def test_same_seed_same_cards_another_seed_other_days() -> None:
    one, same, other = (_replayed(_night(), seed=seed) for seed in (5, 5, 6))
    assert one.cards == same.cards
    assert one.cards != other.cards


def test_worst_days_are_the_dearest() -> None:
    night = _night()
    figures = figures_of(played(Policy("on-arrival"), night, draw_days(night, 100)))
    worst = worst_days(figures)
    assert worst.days == 5
    assert worst.mean_cost == pytest.approx(np.sort(figures.objective)[-5:].mean())


def test_bound_above_a_cost_is_an_error() -> None:
    night = _night()
    figures = figures_of(played(Policy("on-arrival"), night, draw_days(night, 3)))
    with pytest.raises(RefutedBoundError, match=r"policy on-arrival costs .* on day 2"):
        refuse_refuted("on-arrival", figures, figures.objective + np.array([0.0, 1.0, 0.0]))


def test_bound_holds_for_those_who_lose_a_driver_who_must_be_served() -> None:
    """At 10 a kWh a pack that is charged for him costs 375 and more, losing him 1: a policy may, no plan would."""
    night = make.night(
        4, packs=[make.pack("P1", 0.5)], tariff=make.tariff(10.0),
        swaps=[make.swap("W1", 2, must_serve=True, lost_cost=1.0)], types=[make.pack_type(end_value_per_kwh=0.0)],
    )  # fmt: skip
    idle = figures_of(played(Policy("mean", make.schedule(night)), night, draw_days(night, 1)))
    bound = bound_of_day(night, RunOptions(gap=0.0)).bound
    assert (idle.lost.tolist(), idle.objective.tolist()) == ([1], [1.0])
    assert bound is not None
    refuse_refuted("mean", idle, np.array([bound]))


def test_results_end_before_the_first_that_is_missing() -> None:
    tasks = [Task(abs, (-day,), 1.0) for day in range(7)]
    news: list[int] = []
    assert in_order(len(tasks), tasks.__getitem__, AtOnce(), math.inf, lambda done, of: news.append(done)) == list(
        range(7)
    )
    assert news == list(range(1, 8))
    pool = AtOnce()
    assert in_order(len(tasks), tasks.__getitem__, pool, time.monotonic() - 1, lambda done, of: None) == []
    assert pool.dropped


def test_day_that_fails_is_an_error() -> None:
    tasks = [Task(abs, (-1,), 1.0), Task(abs, ("x",), 1.0)]
    with pytest.raises(DayFailedError, match="day 2: raised"):
        in_order(len(tasks), tasks.__getitem__, AtOnce(), math.inf, lambda done, of: None)
