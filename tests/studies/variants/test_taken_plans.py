"""A station has the plans of a more restricted variant where these cost less beyond the gaps of its own nights."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import study_pages as made
import tiny_study as tiny
from hypothesis import given
from hypothesis import strategies as st

from models.station.cost import cost_of
from models.tolerances import SAME_COST_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.studies.folder import read_study_folder
from optimizer.studies.night_record import first_state
from optimizer.studies.night_task import NightRequest, plan_study_night, priced
from optimizer.studies.results import study_tables, write_results
from optimizer.studies.study import Study
from optimizer.studies.tables import StationTariff
from optimizer.studies.variants.answers import restricted_answers
from optimizer.studies.variants.taken_plans import plans_to_take
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

SAME = ("objective", "total_cost", "energy", "demand", "amount", "mean_kw", "kwh", "end_kwh", "stock_value")
VARIANTS = [
    {"id": "own"},
    {"id": "two chargers", "chargers": 2},
    {"id": "one charger", "chargers": 1},
    {"id": "two packs", "packs": 2, "chargers": 1},
]


def study_of(folder: Path, *stations: str, **changes: Any) -> Study:
    day = tiny.instance(*map(tiny.station, stations or ("S1",)))
    return tiny.read(folder, day, **{"variants": VARIANTS, "nights": 2} | changes)


def row(like: StationTariff, variant: str, total: float, gap: float | None = 0.0, **changes: Any) -> StationTariff:
    """The row of another variant; its nights may cost less by `gap`."""
    bound = None if gap is None else 100.0 - gap
    named = {"variant": variant, "tariff": "flat", "station": "S1", "total_cost": total}
    return replace(like, objective=100.0, bound=bound, **named | changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the station as it is, the engine planned nothing: it has charging on arrival, which all others beat."""
    folder = tmp_path_factory.mktemp("taken")
    study = study_of(folder, "S1", variants=[*VARIANTS[:2], {"id": "busy", "chargers": 1, "demand_growth": 1.0}])
    write_results(tiny.run_of(study, folder / "out", task=tiny.task_of(partial(unplanned, variant="own"))))
    return folder / "out"


def unplanned(ask: NightRequest, variant: str) -> object:
    return plan_study_night(replace(ask, is_planned=False, reason="no")) if ask.variant == variant else None


class StudyOfThree(NamedTuple):
    """A study of variants each of which is more restricted than the one before it, and their names."""

    study: Study
    names: list[str]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> StudyOfThree:
    study = study_of(tmp_path_factory.mktemp("three"), variants=VARIANTS[:3])
    return StudyOfThree(study, [one.id for one in study.variants])


@pytest.fixture(scope="module")
def like(folder: Path) -> StationTariff:
    return read_study_folder(folder).tables.stations[0]


def test_the_cheapest_that_can_be_carried_out_is_taken(tmp_path: Path, like: StationTariff) -> None:
    study = study_of(tmp_path)
    rows = [row(like, "own", 80.0), row(like, "two chargers", 75.0), row(like, "one charger", 70.0)]
    found = [(one.own.variant, one.plans_of) for one in plans_to_take(study, [*rows, row(like, "two packs", 60.0)])]
    assert found == [("own", "one charger"), ("two chargers", "one charger")]


@pytest.mark.parametrize(("gap", "is_taken"), [(4.9, True), (5.1, False), (0.0, True), (None, True)])
def test_it_is_what_the_gaps_do_not_leave_open(
    tmp_path: Path, like: StationTariff, gap: float | None, is_taken: bool
) -> None:
    rows = [row(like, "own", 80.0, gap), row(like, "one charger", 75.0)]
    assert bool(plans_to_take(study_of(tmp_path), rows)) == is_taken


def test_what_rounds_to_nothing_or_is_dearer_is_not_taken(tmp_path: Path, like: StationTariff) -> None:
    for total in (79.998, 80.0, 90.0):
        assert not plans_to_take(study_of(tmp_path), [row(like, "own", 80.0), row(like, "one charger", total)])
    assert not plans_to_take(study_of(tmp_path), [row(like, "own", 80.0)])  # the other one's nights are not complete


MONEY = st.integers(0, 1000).map(float)


@given(st.lists(st.tuples(MONEY, st.none() | MONEY), min_size=3, max_size=3))
def test_after_it_no_variant_costs_more_than_a_more_restricted_one_beyond_its_gap(
    like: StationTariff, three: StudyOfThree, costs: list[tuple[float, float | None]]
) -> None:
    rows = [row(like, name, total, gap) for name, (total, gap) in zip(three.names, costs, strict=True)]
    taken = {one.own.variant: one.taken.total_cost for one in plans_to_take(three.study, rows)}
    totals = [taken.get(one.variant, one.total_cost) for one in rows]
    gaps = [0.0 if one.variant in taken or one.bound is None else one.objective - one.bound for one in rows]
    for free, restricted in ((0, 1), (0, 2), (1, 2)):
        assert totals[free] <= totals[restricted] + gaps[free] + ROUNDS_TO_NOTHING
    assert all(total <= one.total_cost for total, one in zip(totals, rows, strict=True))


def test_it_goes_by_tariff(tmp_path: Path, like: StationTariff) -> None:
    rows = [row(like, name, total, tariff="demand") for name, total in (("own", 80.0), ("one charger", 70.0))]
    rows += [row(like, name, total) for name, total in (("own", 80.0), ("one charger", 90.0))]
    assert [(one.own.tariff, one.own.variant) for one in plans_to_take(study_of(tmp_path), rows)] == [("demand", "own")]


def test_all_tables_tell_of_the_plans_that_are_taken(folder: Path) -> None:
    """Charging on arrival stays the station's own; nothing is proven of plans that were made for another."""
    tables = read_study_folder(folder).tables
    for kind in ("nights", "bills", "profiles", "stations"):
        rows = list(csv.DictReader((folder / f"{kind}.csv").open()))
        own, other = ([one for one in rows if one["variant"] == name] for name in ("own", "two chargers"))
        assert own and len(own) == len(other)
        for one, of in zip(own, other, strict=True):
            assert one.get("side") == "baseline" or [one.get(name) for name in SAME] == [of.get(name) for name in SAME]
    own = [one for one in tables.nights if one.variant == "own"]
    assert {(one.plans_of, one.bound, one.gap) for one in own} == {("two chargers", None, None)}
    assert {one.plans_of for one in tables.nights if one.variant != "own"} == {""}
    ranked = read_study_folder(folder).ranking("own")
    assert {(one.plans_of, one.bound, one.gap) for one in ranked} == {("two chargers", None, None)}


def test_the_study_says_so(folder: Path) -> None:
    """In sentences, on the page, in study.json with what its own plans would have cost."""
    summary = made.summary(folder)
    taken = {one["tariff"]: one for one in summary["plans_taken"]}
    assert taken.keys() == {"flat", "demand"}
    totals = {(one["variant"], one["tariff"]): one["total_cost"] for one in summary["ranking"]}
    assert totals["own", "flat"] == totals["two chargers", "flat"] == taken["flat"]["total_cost"]
    (sentence,) = (one for one in summary["answers"] if one.startswith("own, flat"))
    more = taken["flat"]["own_total_cost"] - taken["flat"]["total_cost"]
    share = 100 * more / abs(taken["flat"]["total_cost"])
    assert more > 1 and sentence.startswith(
        "own, flat: has the plans of two chargers, which it can carry out, too. With its own, each night planned for "
        f"itself alone, it would cost {more:,.2f} more ({share:.1f} %: energy +"
    )
    assert sentence in made.parsed(folder).words


def test_nothing_is_taken_where_each_night_has_its_best_plan(tmp_path: Path) -> None:
    run = tiny.run_of(study_of(tmp_path), tmp_path / "out")
    tables = study_tables(run.study, run.chains)
    assert not tables.taken and {one.plans_of for one in tables.nights} == {""}
    assert list(restricted_answers(run.study, tables.stations)) == []


def test_fewer_packs_that_cost_less_are_told(tmp_path: Path, like: StationTariff) -> None:
    study = study_of(tmp_path, "S1", "S2", look_ahead_hours=6)
    less = {"energy": like.energy - 10, "kwh": like.kwh - 50}
    rows = [row(like, "one charger", 80.0), row(like, "two packs", 70.0, **less)]
    assert list(restricted_answers(study, rows)) == [
        "one charger, flat: at 1 station (S1) costs 10.00 more (14.3 %: energy +10.00; draws 50 kWh more) than two "
        "packs, a more restricted variant. The gaps of its nights do not explain it: each is planned for itself and 6 "
        "hours ahead."
    ]
    both = [*rows, *(replace(one, station="S2") for one in rows)]
    assert list(restricted_answers(study, both)) == [
        "one charger, flat: costs 20.00 more (14.3 %: energy +20.00; draws 100 kWh more) than two packs, a "
        "more restricted variant. The gaps of its nights do not explain it: each is planned for itself and 6 hours "
        "ahead."
    ]


@pytest.mark.parametrize(
    "restricted", [{"chargers": 1}, {"charger_kw": 15.0}, {"grid_limit_kw": 20.0}, {"chargers": 2, "charger_kw": 9.0}]
)
def test_plans_of_a_more_restricted_station_keep_every_rule_and_cost_the_same(
    tmp_path: Path, restricted: dict[str, Any]
) -> None:
    study = study_of(tmp_path, variants=[{"id": "own"}, {"id": "less", **restricted}])
    asked = (study.night(0, one, 0) for one in study.variants)
    own, less = (priced(night, study.tariffs[1].tariff, first_state(night)) for night in asked)
    assert own.station.chargers != less.station.chargers or own.station.grid_limit_kw != less.station.grid_limit_kw
    plan = plan_station(less, RunOptions())
    assert plan.schedule.swaps_served and not check(own, plan.schedule)
    costs = [cost_of(night, plan.schedule).objective for night in (own, less)]
    assert costs[0] == pytest.approx(costs[1], rel=SAME_COST_RELATIVE)
