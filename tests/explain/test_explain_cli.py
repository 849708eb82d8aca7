"""`explain` as users see it: text and JSON, a plan of a file or made now, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import INSTANCES
from patience import PATIENCE

OVERLOADED = INSTANCES / "bench" / "overloaded-xs-1.json"
CHEAPER = INSTANCES / "tiny" / "lost-swap-cheaper.json"
ONE_PACK = INSTANCES / "tiny" / "one-pack-cheap-slot.json"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of `OVERLOADED`, which loses three drivers."""
    path = tmp_path_factory.mktemp("plans") / "plan.json"
    assert cli.run("solve", OVERLOADED, "-o", path).returncode == 0
    return path


def facts_of(*asked: object) -> Any:
    done = cli.run("explain", *asked, "--json", "--time-limit", PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plan_of_a_file_is_explained(plan: Path) -> None:
    facts = facts_of(OVERLOADED, plan)
    (station,) = facts["stations"]
    assert (facts["swaps_lost"], facts["is_whole"], facts["currency"]) == (3, True, "CNY")
    assert [one["swap"] for one in station["lost"]] == ["swap-4", "swap-6", "swap-11"]
    last = station["lost"][-1]
    assert (last["verdict"], last["is_proven"], last["instead"]) == ("costs_another", True, ["swap-5"])
    assert last["words"] == "only at another driver's cost: at most 8 of the 9 drivers until then can be served"
    assert (last["time"], last["lost_cost"], last["must_serve"]) == ("2026-11-25T19:00:00+08:00", 100.0, False)
    assert last["held_by"] == ["grid_limit", "packs"]
    grid, packs, chargers, power, delay = last["repairs"]
    assert (grid["amount"], grid["unit"], grid["is_least"]) == (14.0, "kW", True)
    assert (grid["from"], grid["to"]) == ("2026-11-25T15:00:00+08:00", "2026-11-25T19:00:00+08:00")
    assert (packs["amount"], delay["amount"], delay["unit"]) == (1.0, 60.0, "minutes")
    assert chargers == {"kind": "chargers", "status": "nothing_to_add"}
    assert power == {"kind": "charging_power", "status": "no_help"}
    assert [one["kind"] for one in station["worth"]] == ["pack", "grid_kw"]
    assert all(one["at_least"] <= one["amount"] <= one["at_most"] for one in station["worth"])


def test_the_same_bytes_again_and_the_same_reasons_without_a_plan(plan: Path) -> None:
    first, again = (cli.run("explain", OVERLOADED, plan, "--json", "--time-limit", PATIENCE).stdout for _ in range(2))
    assert first == again
    with_plan, made_now = json.loads(first)["stations"][0]["lost"], facts_of(OVERLOADED)["stations"][0]["lost"]
    assert [(one["swap"], one["verdict"]) for one in with_plan] == [(one["swap"], one["verdict"]) for one in made_now]


def test_the_text_of_one_swap(plan: Path) -> None:
    done = cli.run("explain", OVERLOADED, plan, "--swap", "swap-11", "--time-limit", PATIENCE)
    assert done.returncode == 0
    assert done.stdout.splitlines()[:10] == [
        "Station S1, 2026-11-25 00:00 to 2026-11-26 00:00 Asia/Shanghai",
        "8 swaps served, 3 lost",
        "",
        "swap-11 at 19:00 is lost: only at another driver's cost: at most 8 of the 9 drivers until then can be served",
        "  price    serving it and losing swap-5 at 17:00 in its place would cost 7.94 CNY more (6.80 at least)",
        "  held by  the grid limit of 55 kW from 15:00 to 19:00, the number of packs (4 of type nio-100)",
        "  repairs  14 kW more grid limit from 15:00 to 19:00",
        "           1 more pack, charged at the start",
        "           60 minutes later",
        "  no help  power of chargers",
    ]


def test_a_swap_that_is_cheaper_to_lose_needs_no_repair() -> None:
    (lost,) = facts_of(CHEAPER)["stations"][0]["lost"]
    assert (lost["verdict"], lost["is_proven"], lost["costs_at_least"]) == (
        "cheaper",
        True,
        pytest.approx(10, abs=1e-3),
    )
    assert "repairs" not in lost


def test_where_nobody_is_lost_only_worths_are_told() -> None:
    done = cli.run("explain", ONE_PACK)
    assert done.returncode == 0
    assert "1 swap served, nobody is lost" in done.stdout and "Worth a night" in done.stdout


def test_without_time_all_is_undecided_and_that_is_said(plan: Path) -> None:
    done = cli.run("explain", OVERLOADED, plan, "--time-limit", 0)
    assert done.returncode == 0
    assert "swap-11 at 19:00 is lost: " in done.stdout
    assert done.stdout.endswith(
        "The time limit was reached: with a longer --time-limit more may be proven, or smaller repairs found.\n"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--swap", "swop-11"), "--swap swop-11: is not a swap of the station; did you mean 'swap-11'?"),
        (("--swap", "swap-1"), "--swap swap-1: is served by the plan; it loses swap-4, swap-6, swap-11"),
        (("--station", "S2"), "--station S2: is not a station of the instance; the instance has S1"),
        (("--gap", "nan"), "--gap and --time-limit take finite numbers"),
    ],
)
def test_what_is_not_there_is_refused(plan: Path, asked: tuple[str, str], words: str) -> None:
    done = cli.run("explain", OVERLOADED, plan, *asked)
    assert done.returncode == 2 and words in done.stderr and done.stdout == ""


def test_two_standard_inputs_are_refused() -> None:
    done = cli.run("explain", "-", "-")
    assert done.returncode == 2 and "only one of INSTANCE and PLAN can be standard input" in done.stderr


def test_a_plan_that_breaks_a_rule_is_not_explained(plan: Path, tmp_path: Path) -> None:
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["stations"][0]["hand_overs"][0]["pack"] = "nobody"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document), encoding="utf-8")
    done = cli.run("explain", OVERLOADED, broken)
    assert done.returncode == 1 and done.stdout == ""
    assert "hand_over" in done.stderr
    assert done.stderr.endswith("nothing is explained of a plan that breaks a rule: solve the instance anew\n")


def test_solve_keeps_reasons_in_the_plan_and_tells_them(plan: Path, tmp_path: Path) -> None:
    (station,) = json.loads(plan.read_text(encoding="utf-8"))["stations"]
    reasons = station["lost_reasons"]
    assert [(one["swap"], one["verdict"]) for one in reasons] == [
        ("swap-4", "costs_another"), ("swap-6", "costs_another"), ("swap-11", "costs_another"),
    ]  # fmt: skip
    assert cli.run("check", OVERLOADED, plan).returncode == 0
    told = cli.run("solve", OVERLOADED).stdout
    most = "only at another driver's cost: no plan serves more than 8 of the 11 drivers"
    assert f"  lost     swap-4 at 17:00, swap-6 at 17:00, swap-11 at 19:00: {most}" in told
    facts = json.loads(cli.run("solve", OVERLOADED, "--json").stdout)
    assert facts["stations"][0]["lost_reasons"] == reasons
    page = tmp_path / "plan.html"
    assert cli.run("report", plan, "--instance", OVERLOADED, "-o", page).returncode == 0
    assert "no plan serves more than 8 of the 11 drivers" in page.read_text(encoding="utf-8")


def test_a_run_keeps_the_same_reasons_in_its_plans(plan: Path, tmp_path: Path) -> None:
    assert cli.run("nightly", OVERLOADED, "--out", tmp_path / "run", "--workers", 1).returncode == 0
    (path,) = (tmp_path / "run" / "plans").glob("*.json")
    (station,) = json.loads(path.read_text(encoding="utf-8"))["stations"]
    verdicts = {one["swap"]: one["verdict"] for one in station["lost_reasons"]}
    assert verdicts and verdicts.keys() <= set(station["lost"]) and set(verdicts.values()) == {"costs_another"}


def test_a_plan_without_losses_has_no_reasons(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert cli.run("solve", ONE_PACK, "-o", path).returncode == 0
    assert "lost_reasons" not in path.read_text(encoding="utf-8")
