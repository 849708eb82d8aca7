"""The uncertainty track: its instances, its scores, and contenders that bring plans of their own."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from cli import INSTANCES, ROOT, run

from optimizer.bench.days.score import DaysScore, totals

LIBRARY = INSTANCES / "bench"
NAME = "days-nl-winter-day"
FEW = ("--days", 12, "--bound-days", 2)


def score(instance: str, contender: str, cost: float, share: float, served: float = 1.0) -> DaysScore:
    unknown = math.nan
    return DaysScore(
        instance,
        contender,
        "EUR",
        10,
        served,
        unknown,
        unknown,
        cost,
        unknown,
        unknown,
        1,
        0.0,
        cost,
        cost,
        cost,
        share,
    )


def test_totals_are_means_over_instances_the_best_first() -> None:
    scores = [score("a", "p", 2, 0.5, 0.9), score("a", "q", 1, 0.7), score("b", "p", 1, 0.1), score("b", "q", 3, 0.7)]
    best, other = totals(scores)
    assert (best.contender, best.share_of_saving, best.cheapest) == ("q", pytest.approx(0.7), 1)
    assert (other.served, other.least_served, other.cheapest) == (pytest.approx(0.95), 0.9, 1)


def test_hedged_beats_the_mean_and_the_table_says_so(tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    asked = ["bench", "days", NAME, *FEW, "--policies", "hedged,mean,on-arrival", "-o", table]
    done = run(*asked, "--json", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    by_name = {one["contender"]: one for one in said["scores"]}
    assert by_name["hedged"]["cost"] < by_name["on-arrival"]["cost"] < by_name["mean"]["cost"]
    assert by_name["hedged"]["served"] > by_name["mean"]["served"]
    assert by_name["on-arrival"]["share_of_saving"] == pytest.approx(0)
    assert said["contenders"][0]["contender"] == "hedged"
    assert len(table.read_text().splitlines()) == 4
    assert run(*asked, "--json", cwd=ROOT).stdout == done.stdout


def test_a_plan_with_a_rule_is_a_contender(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    assert run("solve", LIBRARY / "days" / f"{NAME}.json", "-o", own / f"{NAME}.plan.json").returncode == 0
    done = run("bench", "days", NAME, *FEW, "--policies", "on-arrival", "--plans", f"mine={own}", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "mine" in done.stdout
    assert done.stdout.splitlines()[:2] == [
        "Uncertainty track: 1 instance, 12 test days each",
        "Bound, regret and attainable saving are of the first 2 of them",
    ]


def test_a_plan_of_another_instance_is_refused_by_name_and_hash(tmp_path: Path) -> None:
    """Its powers keep every rule of this one: both have the same packs, chargers and expected drivers."""
    other = f"{NAME}-bunched"
    assert run("solve", LIBRARY / "days" / f"{other}.json", "-o", tmp_path / f"{NAME}.plan.json").returncode == 0
    done = run("bench", "days", NAME, *FEW, "--policies", "on-arrival", "--plans", f"mine={tmp_path}", cwd=ROOT)
    known = {one["name"]: one["hash"] for one in json.loads((LIBRARY / "days" / "days.json").read_text())["instances"]}
    assert (done.returncode, done.stdout) == (2, "")
    assert f'instance.hash: "{known[other][:40]}' in done.stderr
    told = f"wrong instance: the plan is of {other}, not of {NAME}, {known[NAME]}; plan days/{NAME}.json of the library"
    assert told in done.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nowhere",), '"nowhere": is not one of the instances of this track'),
        ((NAME, "--policies", "best"), '"best" is no policy; they are: hedged, mean, on-arrival, cheapest-first'),
        ((NAME, "--time-limit", "nan"), "Error: --time-limit takes a finite number"),
        (("--example", "-o", "scores.csv"), "Error: --example prints Python: leave out --json and -o"),
        ((NAME, "--plans", "mine"), "--plans mine: write NAME=FOLDER"),
        ((NAME, "--plans", "mean=."), "--plans mean=.: mean is the name of another contender"),
        (
            (NAME, "--plans", "mine=tests"),
            "tests: days-nl-winter-day.plan.json: absent: has no plan of this",
        ),
    ],
)
def test_what_is_refused(asked: tuple[str, ...], said: str) -> None:
    done = run("bench", "days", *asked, "--days", 2, "--bound-days", 0, cwd=ROOT)
    assert done.returncode == 2
    assert said in done.stderr
