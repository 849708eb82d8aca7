"""A real station, three nights: with six chargers it would come out cheaper than with all, and does not."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cli
from paths import INSTANCES

FILES = ("real/sce-tou-ev-8-21-packs.json", "real/california-swaps-2025-07.csv", "tariffs/sce-tou-ev-8.json")
STUDY = """
format = "swapcharge-study"
version = 1
name = "three nights"
instance = "real/sce-tou-ev-8-21-packs.json"
first_night = 2025-07-01
nights = 3
nights_begin = "00:00"
swaps = "real/california-swaps-2025-07.csv"
swap_defaults = {type = "nio-100", lost_cost = 60}
tariffs = [{file = "tariffs/sce-tou-ev-8.json"}]

[[variants]]
id = "all chargers"
ready_reserve = 0

[[variants]]
id = "6 chargers"
ready_reserve = 0
chargers = 6
"""


def rows(out: Path, table: str) -> list[dict[str, str]]:
    with (out / f"{table}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_more_chargers_never_cost_more_than_the_gap_and_the_study_says_why(tmp_path: Path) -> None:
    """A kWh that a plan leaves to later nights is worth what it costs, whoever gets it then: with all chargers the
    plans store more, and later drivers get more than they ask for."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(INSTANCES / name, tmp_path / name)
    (tmp_path / "study.toml").write_text(STUDY)
    told = cli.run("study", tmp_path / "study.toml", "-o", tmp_path / "out", "--workers", 1)
    assert told.returncode == 0, told.stderr
    out = tmp_path / "out"
    both, fewer = (one for one in rows(out, "ranking"))
    assert float(both["total_cost"]) == float(fewer["total_cost"]) and both["plans_of"] == "6 chargers"
    assert fewer["plans_of"] == "" and (both["gap"], both["bound"]) == ("", "")
    summary = json.loads((out / "study.json").read_text())
    (taken,) = summary["plans_taken"]
    more = taken["own_total_cost"] - taken["total_cost"]
    own = [json.loads(path.read_text())["tariffs"][0] for path in sorted((out / "nights").glob("all-chargers-*"))]
    assert len(own) == 3 and more > sum(night["objective"] - night["bound"] for night in own)
    (sentence,) = (one for one in summary["answers"] if "6 chargers, which it can carry out, too" in one)
    assert sentence in told.stdout and f"would cost {more:,.2f} more" in sentence and "kWh more)." in sentence
    for variant in ("all chargers", "6 chargers"):
        lines = [row for row in rows(out, "bills") if (row["side"], row["variant"]) == ("plan", variant)]
        assert abs(sum(float(row["amount"]) for row in lines) - float(fewer["bill"])) < 0.005
