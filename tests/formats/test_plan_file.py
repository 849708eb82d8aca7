"""Plan files: what is in them, that they come back as they went, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import builders as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.station.cost import Cost, cost_of
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import write_whole
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_file import parse_plan, plan_document, plan_file, plan_text, read_plan

VERSIONS = {"swapcharge": "0.1.0", "highspy": "1.12.0"}


def station_night(name: str = "S", **changes: Any) -> Night:
    demand = make.demand("peak", metering_minutes=60)
    settings: dict[str, Any] = {
        "id": name,
        "tariff": make.tariff(0.1, demand_charges=(demand,), fixed_charge_per_day=24),
        "peak_so_far_kw": {"peak": 10.0},
        "swaps": [make.swap("W1", 1), make.swap("W2", 2)],
    }
    return make.night(**{**settings, **changes})


def station_plan(night: Night, bound: float | None = 1.0, status: str = "gap_reached", **changes: Any) -> StationPlan:
    """W1 is served, W2 lost; P2 takes 40 kW in slot 0."""
    plan = make.schedule(night, {"P2": [40, 0, 0, 0]}, {"W1": "P1"}, **changes)
    cost = cost_of(night, plan)
    baseline = replace(cost, energy=99.0)
    how: Any = {"status": status, "method": "levels", "cost": cost, "bound": bound, "baseline": baseline}
    return StationPlan(night, plan, StationResult.of(night, plan, **how), baseline, 1.5, 0.5, {}, ("log",))


@pytest.fixture
def instance() -> Instance:
    return make.instance(station_night("S"), station_night("T"), name="two", currency="CNY")


def test_head_and_sums(instance: Instance) -> None:
    plans = [station_plan(instance.nights[0], 90.0), station_plan(instance.nights[1], 80.0)]
    raw = json.loads(plan_document(instance, plans, VERSIONS))
    one = plans[0].result.cost
    assert (raw["format"], raw["version"], raw["currency"]) == ("swapcharge-plan", 1, "CNY")
    assert raw["instance"] == {"name": "two", "hash": instance_hash(instance)}
    assert raw["versions"] == VERSIONS
    assert (raw["swaps_served"], raw["swaps_lost"]) == (2, 2)
    assert raw["cost"] == pytest.approx(asdict(one + one))
    assert raw["objective"] == pytest.approx(2 * one.objective) and raw["bound"] == 170
    assert raw["gross_cost"] == pytest.approx(2 * one.gross_cost)
    assert raw["gap"] == pytest.approx((2 * one.objective - 170) / (2 * one.gross_cost))


def test_station(instance: Instance) -> None:
    plan = station_plan(instance.nights[0], 90.0)
    raw = json.loads(plan_document(instance, [plan], VERSIONS))["stations"][0]
    assert (raw["station"], raw["status"], raw["method"]) == ("S", "gap_reached", "levels")
    assert (raw["objective"], raw["bound"], raw["gap"]) == (plan.result.objective, 90, plan.result.gap)
    assert raw["baseline_objective"] == plan.baseline.objective
    assert raw["peak_kw"] == {"peak": 50}  # 40 kW into the pack at η = 0.8
    assert raw["fixed_charge"] == 4  # 24 a day, four hours
    assert raw["hand_overs"] == [{"swap": "W1", "slot": 1, "pack": "P1"}]
    assert raw["lost"] == ["W2"]
    assert raw["packs"][1] == {"pack": "P2", "bay": 1, "power_kw": [40, 0, 0, 0]}
    assert raw["packs"][3]["pack"] == "return:W1"
    assert (raw["solar_used_kw"], raw["reserve_shortfall"]) == ([], [])


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (("gap_reached", "gap_reached"), "gap_reached"),
        (("gap_not_reached", "gap_reached"), "gap_not_reached"),
        (("gap_not_reached", "time_limit"), "time_limit"),
        (("time_limit", "gap_reached"), "time_limit"),
    ],
)
def test_the_worst_status_is_the_files(instance: Instance, statuses: tuple[str, str], worst: str) -> None:
    plans = [station_plan(night, status=status) for night, status in zip(instance.nights, statuses, strict=True)]
    assert plan_file(instance, plans, {}).status == worst


def test_no_bound_is_null(instance: Instance) -> None:
    plans = [station_plan(instance.nights[0], None), station_plan(instance.nights[1])]
    raw = json.loads(plan_document(instance, plans, {}))
    assert (raw["bound"], raw["gap"]) == (None, None)
    assert [station["bound"] for station in raw["stations"]] == [None, 1]


def test_what_is_written_comes_back(instance: Instance, tmp_path: Path) -> None:
    plans = [
        station_plan(instance.nights[0], solar_used_kw=(0.1, 0, 0, 1 / 3)),
        station_plan(instance.nights[1], reserve_shortfall=(0, 2, 0, 0)),
    ]
    data = plan_document(instance, plans, VERSIONS)
    back = parse_plan(data, "f")
    assert back == plan_file(instance, plans, VERSIONS)
    assert [station.schedule for station in back.stations] == [plan.schedule for plan in plans]
    assert plan_text(back) == data
    write_whole(tmp_path / "plan.json.gz", data)
    assert read_plan(tmp_path / "plan.json.gz") == back


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2),
    st.text(min_size=1).filter(lambda text: text.isprintable()),
)
def test_every_number_and_name_comes_back_exactly(powers: list[float], name: str) -> None:
    instance = make.instance(station_night())
    plan = Schedule("S", (PackRow(name, 0, tuple(powers)),), (HandOver("W1", name),))
    result = StationResult("gap_reached", "x", Cost(), 0.0, 0.0, 1, 0)
    found = StationPlan(instance.nights[0], plan, result, Cost())
    found = replace(found, night=make.night(2, swaps=[make.swap("W1", 1)]))
    assert parse_plan(plan_document(instance, [found], {name: name}), "f").stations[0].schedule == plan


def test_the_same_plans_give_the_same_bytes(instance: Instance) -> None:
    plans = [station_plan(night) for night in instance.nights]
    slower = [replace(plan, runtime_seconds=99.0, solver_seconds=98.0, log=()) for plan in plans]
    versions = dict(reversed(VERSIONS.items()))
    assert plan_document(instance, slower, versions) == plan_document(instance, plans, VERSIONS)


def test_text_for_people(instance: Instance) -> None:
    text = plan_document(instance, [station_plan(instance.nights[0])], VERSIONS).decode()
    assert '\n  "versions": {"highspy": "1.12.0", "swapcharge": "0.1.0"},\n  "stations": [\n    {\n' in text
    assert '\n          "bay": 1,\n          "power_kw": [40.0,0.0,0.0,0.0]\n        },\n' in text
    assert '\n        {"swap": "W1", "slot": 1, "pack": "P1"}\n' in text
    assert text.endswith("}\n")


def messages(raw: object) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        parse_plan(json.dumps(raw).encode(), "p.json")
    return str(caught.value).splitlines()


def test_all_shape_errors_at_once(instance: Instance) -> None:
    raw = json.loads(plan_document(instance, [station_plan(instance.nights[0])], VERSIONS))
    raw["stations"][0]["packs"][1]["power_kw"][2] = None
    raw["stations"][0]["handovers"] = raw["stations"][0].pop("hand_overs")
    raw["status"] = "optimal"
    del raw["currency"]
    assert messages(raw) == [
        'p.json: status: "optimal": must be "fallback", "gap_not_reached", "gap_reached" or "time_limit"; '
        "what belongs here: why the search stopped, or that there was none; "
        "for the whole file, the worst of its stations'",
        "p.json: stations[0].packs[1].power_kw[2]: null: must be a number; "
        "what belongs here: power in kW into the pack for each slot",
        'p.json: stations[0].handovers: [{"swap":"W1","slot":1,"pack":"P1"}]: is not a key of this object; '
        "did you mean 'hand_overs'?",
        "p.json: currency: absent: must be given; add it: currency of every cost",
    ]


def test_an_instance_is_no_plan() -> None:
    assert messages({"format": "swapcharge-instance", "version": 1}) == [
        'p.json: format: "swapcharge-instance": must be "swapcharge-plan"; '
        'what belongs here: the text "swapcharge-plan"'
    ]


def test_stations_once_and_series_of_one_length(instance: Instance) -> None:
    raw = json.loads(plan_document(instance, [station_plan(instance.nights[0])] * 2, VERSIONS))
    raw["stations"][1]["packs"][1]["power_kw"] = [0, 0, 0]
    raw["stations"][1]["solar_used_kw"] = [0]
    assert messages(raw) == [
        'p.json: stations[1].station: "S": this station id is taken by an earlier one; give every one its own id',
        'p.json: stations[1].packs[1].power_kw: "3 values": '
        "must have as many values as the first pack's power_kw (4); write the plan anew",
        'p.json: stations[1].solar_used_kw: "1 values": '
        "must have as many values as the first pack's power_kw (4); write the plan anew",
    ]
