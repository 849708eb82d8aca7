"""What `solve` tells a dispatcher: ready packs under the load, slack, what lost swaps lacked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import builders as make
import cli
import paths

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.result import StationPlan, StationResult
from optimizer.graphics.text_chart import count_line, level_line
from optimizer.summaries.readiness import readiness_json, readiness_of, slack_json
from optimizer.summaries.waits import told_minutes
from optimizer.summaries.waits_text import ready_lines, wait_lines

Powers = Mapping[str, Sequence[float]]


def planned(night: Night, power_kw: Powers, hand_overs: Mapping[str, str]) -> StationPlan:
    schedule = make.schedule(night, power_kw, hand_overs)
    cost = cost_of(night, schedule)
    told: Any = {"status": "gap_reached", "method": "by hand"}
    result = StationResult.of(night, schedule, cost=cost, bound=None, baseline=cost, **told)
    return StationPlan(night, schedule, result, cost)


def test_the_screen_tells_ready_packs_swaps_and_lost_ones() -> None:
    night = make.night(swaps=[make.swap("W1", 1), make.swap("W2", 2), make.swap("LOST", 2)])
    plan = planned(night, {"P2": (40, 0, 0, 0)}, {"W1": "P1", "W2": "P2"})
    assert ready_lines(plan, readiness_of(plan)) == [
        "ready   ██    0 to 1 packs ready",
        "swaps    12   swaps; 1 lost",
        "lost      1",
    ]
    assert list(wait_lines([plan], [readiness_of(plan)])) == [
        "  slack    packs are ready 1:00 to 1:00 h before their drivers, half of them 1:00 or more",
        "           the tightest: W1 gets P1 at 01:00",
        "  lost     1 swap: power was left to charge it",
    ]


def test_the_screen_is_silent_where_nobody_comes() -> None:
    plan = planned(make.night(), {}, {})
    assert ready_lines(plan, readiness_of(plan)) == []
    assert list(wait_lines([plan], [readiness_of(plan)])) == []
    assert readiness_json(readiness_of(plan))["slack_minutes"] is None


def test_lines_are_as_wide_as_the_load_above_them() -> None:
    """Two slots to a column: of levels the lower, of counts the sum, "+" from 10 on."""
    assert level_line("ready", [8, 4] + [0, 8] * 59, "told") == f"ready   ▄{' ' * 59}  told"
    assert count_line("swaps", [1, 2] + [5, 5] + [0] * 116, "told") == f"swaps   3+{' ' * 58}  told"
    assert count_line("lost", [0, 1, 0], "") == "lost     1"


def test_solve_shows_them_and_json_has_their_figures() -> None:
    shown = cli.run("solve", cli.NIGHT).stdout.splitlines()
    ready, swaps, clock = shown[8:11]
    assert ready.startswith("ready   ") and ready.endswith("13 packs ready")
    digits = swaps[8:104]
    assert sum(map(int, digits.replace(" ", ""))) == 29 and swaps.endswith("swaps; 0 lost")
    assert clock.split()[0] == "00"
    slack = next(line for line in shown if line.startswith("  slack    packs are ready "))
    assert not any(line.startswith("  lost ") for line in shown)
    told = json.loads(cli.run("solve", cli.NIGHT, "--json").stdout)
    minutes = told["slack_minutes"]
    assert told["stations"][0]["slack_minutes"] == minutes
    hours = [told_minutes(minutes[key]) for key in ("least", "most", "median")]
    assert slack == "  slack    packs are ready {} to {} h before their drivers, half of them {} or more".format(*hours)
    packs = told["stations"][0]["ready_packs"]
    assert ready.endswith(f"  {packs['least']} to {packs['most']} packs ready")


def test_slack_of_several_plans_is_told_with_its_station() -> None:
    """At the first station the pack is ready an hour before its driver, at the second, from the start, two hours."""
    one = planned(make.night(swaps=[make.swap("W2", 2)]), {"P2": (40, 0, 0, 0)}, {"W2": "P2"})
    other = planned(make.night(swaps=[make.swap("W2", 2)]), {}, {"W2": "P1"})
    both = [readiness_of(other), readiness_of(one)]
    assert list(wait_lines([other, one], both)) == [
        "  slack    packs are ready 1:00 to 2:00 h before their drivers, half of them 1:00 or more",
        f"           the tightest: station {one.night.station.id}, W2 gets P2 at 02:00",
    ]
    assert slack_json(both) == {"slack_minutes": {"least": 60, "median": 60, "most": 120}}


def test_a_network_has_ready_packs_and_slack_by_station(tmp_path: Path) -> None:
    document = json.loads((paths.INSTANCES / "tiny" / "two-types.json").read_text())
    (station,) = document["stations"]
    document["stations"] = [station | {"id": "one"}, station | {"id": "two"}]
    asked = tmp_path / "network.json"
    asked.write_text(json.dumps(document))
    told = json.loads(cli.run("solve", asked, "--json").stdout)
    shown = cli.run("solve", asked).stdout.splitlines()
    assert shown[0].split("  ")[0] == "station" and "ready  slack, h" in shown[0]
    for line, facts in zip(shown[1:3], told["stations"], strict=True):
        assert facts["slack_minutes"]["least"] == told["slack_minutes"]["least"]
        ready = f"{facts['ready_packs']['least']} to {facts['ready_packs']['most']}"
        assert line.split()[4:8] == [*ready.split(), told_minutes(facts["slack_minutes"]["least"])]
    assert any(line.startswith("  slack    packs are ready ") for line in shown)
    assert any(line.startswith("           the tightest: station one, ") for line in shown)
