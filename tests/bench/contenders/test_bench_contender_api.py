"""What contenders of one's own are written with: names and signatures that stay, and the worked example."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path

import cli
import pytest
from paths import ROOT

from models.station.instance import Night
from optimizer.bench import contender_api as api
from optimizer.bench.contenders import example
from optimizer.bench.contest.trial import entries_of
from optimizer.engine.baselines import uncontrolled_charging

PAGE = ROOT / "optimizer" / "bench" / "write-a-contender.md"
LIBRARY = ROOT / "instances" / "bench"
SIGNATURES = {
    "Contender": "name, what, compete, formulation, solver, missing, refusal, versions, options",
    "Cost": "energy, demand, wear, plug_changes, lost_swaps, reserve, end_value, base_bill",
    "Limits": "gap, time_limit_seconds, seed",
    "Night": "horizon, pack_types, station",
    "Outcome": "schedule, objective, bound, stopped, detail, build_seconds, solver_seconds, rows, columns, "
    "integer_columns, nonzeros, is_bound_recomputed",
    "Schedule": "station, rows, hand_overs, solar_used_kw, reserve_shortfall, unserved",
    "Stay": "pack, type, bay, arrive, charge_from, leave, start_kwh, need_kwh, swap",
    "cost_of": "night, schedule",
    "schedule_of": "night, by_swap, power_kw",
    "stays_of": "night, by_swap",
    "violations_of": "night, schedule",
}
"""Parameters may be added at an end, with defaults. Nothing else may change here: others' contenders would break."""


def night_of(name: str) -> Night:
    (entry,) = entries_of(name, LIBRARY)
    return entry.instance.nights[0]


def test_the_names_and_their_parameters_stay() -> None:
    assert set(api.__all__) == {*SIGNATURES, "OnProgress"}
    for name, parameters in SIGNATURES.items():
        found = list(inspect.signature(getattr(api, name)).parameters)
        assert ", ".join(found) == parameters, name


def test_what_the_page_says_of_a_night_is_there() -> None:
    night = night_of("ordinary-xs-1")
    for path in re.findall(r"^\| `night\.([\w.]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        found: object = night
        for part in path.split("."):
            assert hasattr(found, part), path
            found = getattr(found, part)
    slots, station = night.horizon.slots, night.station
    series = (night.tariff_series.price_per_kwh, station.grid_limit_kw, station.base_load_kw, station.solar_kw)
    assert [len(one) for one in series] == [slots] * 4
    assert {"id", "type", "soc"} <= {field.name for field in fields(station.packs[0])}
    told = {"id", "slot", "type", "returned_soc", "lost_cost", "pack"}
    assert told <= {field.name for field in fields(station.swaps[0])} and station.swaps[0].returned_packs
    (kind, *_) = night.pack_types.values()
    assert kind.capacity_kwh >= kind.target_kwh >= kind.swap_kwh > 0 and kind.has_curve is False


def test_the_page_explains_every_name() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(re.search(rf"^\| `{name}[`(]", page, re.MULTILINE) or f"-> {name}`" in page for name in api.__all__)


def test_the_example_uses_nothing_else_of_ours() -> None:
    tree = ast.parse(Path(example.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in modules if name and name.startswith(("models", "optimizer"))} == {
        "optimizer.bench.contender_api"
    }


@pytest.mark.parametrize("name", ["ordinary-xs-1", "two-types-xs-1", "overloaded-xs-1", "truck-xs-1", "nl-winter-day"])
def test_the_examples_plans_are_valid_and_its_news_are_true(name: str) -> None:
    night, news = night_of(name), list[float | None]()
    assert example.EXAMPLE.refusal(night) is None
    found = example.EXAMPLE.compete(night, api.Limits(0.0001, 1e9, 3), lambda plan, bound: news.append(plan))
    assert found.schedule is not None and api.violations_of(night, found.schedule) == []
    assert found.objective == api.cost_of(night, found.schedule).objective == news[-1] == min(filter(None, news))
    assert (found.stopped, found.detail, len(news)) == ("finished", "the best of 40 plans", example.ROUNDS)


def test_the_example_does_the_same_by_the_same_seed_and_stops_in_time() -> None:
    night = night_of("truck-xs-1")
    first, again, other = (
        example.search(night, api.Limits(0, 1e9, seed), lambda *_: None).schedule for seed in (1, 1, 2)
    )
    assert first == again != other
    late = example.search(night, api.Limits(0, 0.0), lambda *_: None)
    assert (late.stopped, late.detail) == ("time_limit", "the best of 1 plans")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("on-off-xs-1", "it knows no chargers that are fewer than packs, on or off, or of a least power"),
        ("acceptance-wear-xs-1", "it knows no charging curves"),
        ("three-blocks-xs-1", "it knows no swaps of several packs"),
    ],
)
def test_the_example_refuses_what_it_does_not_know(name: str, words: str) -> None:
    assert example.EXAMPLE.refusal(night_of(name)) == words


@pytest.mark.parametrize("name", ["ordinary-xs-1", "three-blocks-xs-1"])
def test_a_plan_taken_apart_is_put_together_again(name: str) -> None:
    night = night_of(name)
    plan = uncontrolled_charging(night)
    made = api.schedule_of(night, plan.by_swap(), {row.pack: row.power_kw for row in plan.rows})
    assert api.violations_of(night, made) == []
    assert made.hand_overs == plan.hand_overs and api.cost_of(night, made) == api.cost_of(night, plan)
    assert {row.pack: row.power_kw for row in made.rows} == {row.pack: row.power_kw for row in plan.rows}


def test_violations_are_told() -> None:
    night = night_of("ordinary-xs-1")
    swap, pack = night.station.swaps[0], night.station.packs[0]
    told = api.violations_of(night, api.schedule_of(night, {swap.id: pack.id}, {pack.id: [1e3] * night.horizon.slots}))
    assert told[0] == "balance: pack p01, slot 9: found 1000.0, limit 0"


@pytest.mark.parametrize(
    ("by_swap", "power_kw", "words"),
    [
        ({"nobody": "p"}, {}, "'nobody' is no swap of this plan (1 such)"),
        ({}, {"nothing": [0.0] * 24}, "'nothing' is no pack of this plan (1 such)"),
        ({}, {"pack": [0.0]}, "power_kw of pack 'PACK' has 1 values, and the night has 24 slots"),
    ],
)
def test_what_is_no_plan_is_refused(by_swap: dict[str, str], power_kw: dict[str, list[float]], words: str) -> None:
    night = night_of("ordinary-xs-1")
    name = night.station.packs[0].id
    with pytest.raises(ValueError) as raised:
        api.schedule_of(night, by_swap, {name if key == "pack" else key: row for key, row in power_kw.items()})
    assert str(raised.value) == words.replace("PACK", name)


def test_the_command_prints_the_example() -> None:
    done = cli.run("bench", "contenders", "--example")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == Path(example.__file__).read_text(encoding="utf-8")
    both = cli.run("bench", "contenders", "--example", "--json")
    assert (both.returncode, both.stdout) == (2, "")
    assert "--example prints Python: leave out --json" in both.stderr
