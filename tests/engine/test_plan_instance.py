"""An instance planned in a process of its own: what is left where the time is up or somebody interrupts."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable

import builders as make
import pytest

from models.station.instance import Instance
from models.station.schedule import HandOver, Schedule
from optimizer.engine import plan_instance
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.feasibility import NothingToPlanError
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_instance import InstancePlanning, _StationReporter
from optimizer.workers.supervised import Report

NIGHT = make.night(swaps=(make.swap(slot=2),), tariff=make.tariff([0.4, 0.1, 0.3, 0.2]))
LATE = -1e6  # when planning began: so long ago that the time is up at once


def ignore(news: str) -> None:
    pass


def instead(monkeypatch: pytest.MonkeyPatch, work: Callable[[Report], None]) -> None:
    """What the child process does in place of planning."""
    monkeypatch.setattr(plan_instance, "_plan_stations", lambda report, *_: work(report))


def two() -> Instance:
    return make.instance(NIGHT, make.night(id="S2", swaps=(make.swap(),)))


def test_every_station_is_planned_and_progress_comes_in_words() -> None:
    news: list[str] = []
    plans = InstancePlanning(two(), RunOptions(total_seconds=math.inf)).run(news.append)
    assert [plan.night.station.id for plan in plans] == ["S", "S2"]
    assert all(plan.result.status == "gap_reached" for plan in plans)
    assert news[0] == "station S (1 of 2): planning" and any(one.startswith("station S2 (2 of 2): ") for one in news)


def test_without_time_there_are_baselines() -> None:
    plans = InstancePlanning(two(), RunOptions(total_seconds=1.0), began=LATE).run(ignore)
    assert [plan.result.status for plan in plans] == ["time_limit"] * 2
    assert plans[0].result.method == "cheapest slots first" and plans[0].result.bound is None


def test_the_best_plan_so_far_counts_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    best = cheapest_slots_first(NIGHT)

    def work(report: Report) -> None:
        reporter = _StationReporter(report, 0, "S")
        reporter.on_incumbent(uncontrolled_charging(NIGHT), "first", -math.inf)
        reporter.on_incumbent(best, "second", -math.inf)
        reporter.on_incumbent(best, "second", -100.0)

    instead(monkeypatch, work)
    planning = InstancePlanning(two(), RunOptions())
    (plan, other) = planning.run(ignore)
    assert plan.schedule == best and plan.result.method == "second" and plan.result.bound == -100.0
    assert plan.result.status == "time_limit" and other.result.bound is None
    assert [one.night.station.id for one in planning.best_so_far()] == ["S"]


def test_charging_on_arrival_is_not_all_that_is_left_of_an_unfinished_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(report: Report) -> None:
        _StationReporter(report, 0, "S").on_incumbent(uncontrolled_charging(NIGHT), "charge on arrival", -50.0)

    instead(monkeypatch, work)
    planning = InstancePlanning(make.instance(NIGHT), RunOptions())
    (plan,) = planning.run(ignore)
    assert plan.schedule == cheapest_slots_first(NIGHT) and plan.result.bound == -50.0
    assert planning.best_so_far()[0].schedule == uncontrolled_charging(NIGHT)


def test_an_incumbent_that_breaks_a_rule_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Schedule("S", (), (HandOver("W1", "nobody"),))
    instead(monkeypatch, lambda report: _StationReporter(report, 0, "S").on_incumbent(broken, "x", 0.0))
    planning = InstancePlanning(make.instance(NIGHT), RunOptions())
    (plan,) = planning.run(ignore)
    assert plan.result.method != "x" and planning.best_so_far() == []


def test_a_bound_above_the_incumbent_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    best = cheapest_slots_first(NIGHT)
    instead(monkeypatch, lambda report: _StationReporter(report, 0, "S").on_incumbent(best, "x", 1e9))
    (plan,) = InstancePlanning(make.instance(NIGHT), RunOptions()).run(ignore)
    assert plan.result.method == "x" and plan.result.bound is None


def test_work_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(report: Report) -> None:
        _StationReporter(report, 0, "S").on_incumbent(cheapest_slots_first(NIGHT), "x", -math.inf)
        while True:
            pass

    instead(monkeypatch, work)
    monkeypatch.setattr(plan_instance, "OVERTIME_SECONDS", 0.2)
    (plan,) = InstancePlanning(make.instance(NIGHT), RunOptions(total_seconds=1.0), time.monotonic()).run(ignore)
    assert plan.result.status == "time_limit" and plan.result.bound is None


def test_what_a_killed_process_had_found_counts_and_the_rest_gets_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    best = cheapest_slots_first(NIGHT)

    def work(report: Report) -> None:
        _StationReporter(report, 0, "S").on_incumbent(best, "x", -100.0)
        os.kill(os.getpid(), signal.SIGKILL)

    instead(monkeypatch, work)
    planning = InstancePlanning(two(), RunOptions())
    plan, other = planning.run(ignore)
    assert planning.broken_off == "the planning process was killed by SIGKILL (out of memory?)"
    assert (plan.schedule, plan.result.bound, plan.result.status) == (best, -100.0, "time_limit")
    assert (other.result.status, other.result.bound) == ("fallback", None)


def test_an_error_of_ours_is_hidden_by_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(report: Report) -> None:
        _StationReporter(report, 0, "S").on_incumbent(cheapest_slots_first(NIGHT), "x", -math.inf)
        raise ValueError("ours")

    instead(monkeypatch, work)
    with pytest.raises(ValueError, match="ours"):
        InstancePlanning(two(), RunOptions()).run(ignore)


def test_a_night_without_a_plan_is_refused_before_anything_is_started() -> None:
    dark = make.night(base_load_kw=1e9)
    with pytest.raises(NothingToPlanError):
        InstancePlanning(make.instance(dark), RunOptions()).run(ignore)
