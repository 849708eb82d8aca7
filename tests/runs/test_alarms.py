"""Conditions on a run: how they are read, what meets them, what alarms.json and the line on standard error say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
import jsonschema
import pytest
import tiny_network as tiny
from here_pool import HerePool
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidData
from models.station.cost import Cost
from models.station.result import FarResult, StationResult
from optimizer.runs.alarms import alarm_line, alarms_of, alarms_schema
from optimizer.runs.conditions import COMPARISONS, MEASURES, Condition, parse_conditions
from optimizer.runs.station_progress import StationProgress
from optimizer.workers import local_pool

RESULT = StationResult("gap_reached", "levels", Cost(energy=100.0), 99.0, 120.0, 8, 2)


def station(name: str, state: Any = "planned", result: StationResult | None = RESULT, reason: str = "") -> Any:
    return StationProgress(0, "stations[0]", name, state=state, result=result, reason=reason)


STATIONS = [
    station("S1"),
    station("S2", result=replace(RESULT, bound=90.0, swaps_lost=0, status="time_limit")),
    station("S3", "fallback", replace(RESULT, bound=None, swaps_lost=3, must_serve_lost=1), "time limit"),
    station("S4", "failed", None, "no plan exists"),
    station("S5", "open", None, "time limit"),
]


def alarms(text: str, stations: Any = STATIONS) -> Any:
    return alarms_of("net", "2026-01-05T00:00:00+00:00", "done", parse_conditions(text), stations)


def test_values() -> None:
    assert alarms("lost>0").values == {
        "lost": 5.0, "lost_share": 5 / 29, "must_serve_lost": 1.0, "fallback": 1.0, "failed": 1.0, "open": 1.0,
        "late": 3.0, "unproven": 1.0, "gap": None, "gap_max": None,
    }  # fmt: skip
    assert {name: alarms("lost>0", STATIONS[:2]).values[name] for name in ("gap", "gap_max")} == {
        "gap": pytest.approx(11 / 200), "gap_max": pytest.approx(0.1)
    }  # fmt: skip
    nothing = alarms("lost>0", [])
    assert set(nothing.values.values()) == {0.0}


def test_a_look_ahead_is_proven_with_what_lies_ahead() -> None:
    far = FarResult(hours=12.0, objective=150.0, bound=149.0, gross_cost=150.0, swaps_served=9, swaps_lost=2)
    found = alarms("gap>0.008,gap_max>0.006", [station("S1", result=replace(RESULT, far=far))])
    assert [one.met for one in found.conditions] == [False, True]
    assert found.values["gap"] == pytest.approx(1 / 150)


def test_what_is_met_and_where() -> None:
    found = alarms("lost>0,lost>5,gap>2%,failed>=1,open=1,late<3,fallback<=1,lost_share>30%,gap_max>0.02")
    assert [one.met for one in found.conditions] == [True, False, True, True, True, False, True, False, True]
    assert [[one.station for one in condition.stations] for condition in found.conditions] == [
        ["S3", "S1"], ["S3", "S1"], ["S3", "S2"], ["S4"], ["S5"], ["S2", "S3", "S5"], ["S3"], [], ["S3", "S2"],
    ]  # fmt: skip
    assert [(one.value, one.limit) for one in found.conditions[2].stations] == [
        (None, 0.02),
        (pytest.approx(0.1), 0.02),
    ]
    assert found.met
    assert alarm_line(found) == (
        "alarm: lost 5 > 0 (S3 3, S1 2); gap unproven > 0.02 (S3 unproven, S2 0.1); failed 1 >= 1 (S4); open 1 = 1"
        " (S5); fallback 1 <= 1 (S3); gap_max unproven > 0.02 (S3 unproven, S2 0.1)"
    )
    assert alarm_line(alarms("lost>5")) == "" and not alarms("lost>5").met


def test_a_line_names_the_worst_and_counts_the_others() -> None:
    many = [station(f"S{n}", result=replace(RESULT, swaps_lost=n)) for n in range(1, 1003)]
    assert alarm_line(alarms("lost>7", many)) == (
        "alarm: lost 502,503 > 7 (S1002 1,002, S1001 1,001, S1000 1,000, S999 999, S998 998, 997 more)"
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("lots>0", ["lots>0: lots: is no value of a run; did you mean 'lost'?"]),
        (
            "zz>0,gap",
            [
                f"zz>0: zz: is no value of a run; its values: {', '.join(MEASURES)}",
                ": gap: is no condition; write a name, a comparison and a number, as in 'lost>0', in quotes: a shell"
                " takes > for a file",
            ],
        ),
        ("lost>5%", ["lost>5%: 5 %: is a share of no count; leave out the %"]),
    ],
)
def test_what_is_no_condition(text: str, lines: list[str]) -> None:
    with pytest.raises(InvalidData) as caught:
        parse_conditions(text)
    assert [f"{one.place}: {one.value}: {one.rule}; {one.remedy}" for one in caught.value.problems] == lines


@pytest.mark.parametrize("text", ["", ",", "lost>", ">0", "lost>-1", "lost>nan", "lost>1e999", "lost>>0", "lost 0"])
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(InvalidData):
        parse_conditions(text)


@given(
    st.sampled_from(sorted(MEASURES)),
    st.sampled_from(sorted(COMPARISONS)),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_every_condition_is_read_as_written(name: str, comparison: Any, limit: int, value: int) -> None:
    (found,) = parse_conditions(f" {name} {comparison} {limit} ")
    assert found == Condition(f"{name} {comparison} {limit}", name, comparison, limit)
    assert found.is_met(value) == eval(
        f"{value} {comparison.replace('=', '==') if comparison == '=' else comparison} {limit}"
    )
    assert found.is_met(None) == (comparison in (">", ">="))


def nightly(network: Path, run: Path, *options: object) -> Any:
    with patch.object(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers)):
        return cli.run("nightly", network, "--out", run, "--workers", 1, *options)


def test_a_run_says_what_is_met_and_ends_with_1(tmp_path: Path) -> None:
    network = tiny.write(tmp_path / "n.json", "S1", {"id": "S2", "chargers": {"max_kw": 1.0, "efficiency": 0.8}})
    quiet = nightly(network, tmp_path / "run")
    assert quiet.returncode == 0
    path = tmp_path / "run" / "alarms.json"
    found = json.loads(path.read_text())
    assert (found["met"], found["conditions"], found["status"]) == (False, [], "done")
    lost = found["values"]["lost"]
    assert lost > 0
    done = nightly(network, tmp_path / "run", "--fail-if", "lost>0,failed>0")
    assert done.returncode == 1 and done.stdout.startswith("Network tiny network, ")
    assert done.stderr == f"alarm: lost {lost:.0f} > 0 ({_where(path)})\n"
    found = json.loads(path.read_text())
    jsonschema.Draft202012Validator(alarms_schema()).validate(found)
    assert [(one["condition"], one["value"], one["met"]) for one in found["conditions"]] == [
        ("lost>0", lost, True), ("failed>0", 0.0, False)
    ]  # fmt: skip
    before = path.read_bytes()
    nightly(network, tmp_path / "run", "--fail-if", "lost>0,failed>0")
    assert path.read_bytes() == before
    assert nightly(network, tmp_path / "run", "--fail-if", f"lost>{lost:.0f}").returncode == 0


def _where(path: Path) -> str:
    (lost, _) = json.loads(path.read_text())["conditions"]
    return ", ".join(f"{one['station']} {one['value']:.0f}" for one in lost["stations"])


def test_a_wrong_condition_is_a_usage_error_before_anything_is_written(tmp_path: Path) -> None:
    done = nightly(tiny.write(tmp_path / "n.json"), tmp_path / "run", "--fail-if", "lots>0")
    assert done.returncode == 2 and not (tmp_path / "run").exists()
    assert "Error: --fail-if: lots>0: \"lots\": is no value of a run; did you mean 'lost'?\n" in done.stderr


def test_the_schema_is_printed() -> None:
    done = cli.run("schema", "--alarms")
    assert (done.returncode, json.loads(done.stdout)) == (0, alarms_schema())
