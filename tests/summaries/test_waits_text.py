"""What `solve` tells a dispatcher: ready packs under the load, slack, what lost swaps lacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import builders as make
import cli

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.result import StationPlan, StationResult
from optimizer.graphics.text_chart import count_line, level_line
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
    assert ready_lines(plan) == [
        "ready   ██    0 to 1 packs ready",
        "swaps    12   swaps; 1 lost",
        "lost      1",
    ]
    assert list(wait_lines(plan)) == [
        "  slack    packs are ready 1:00 to 1:00 h before their drivers, half of them 1:00 or more",
        "           the tightest: W1 gets P1 at 01:00",
        "  lost     1 swap: power was left to charge it",
    ]


def test_the_screen_is_silent_where_nobody_comes() -> None:
    plan = planned(make.night(), {}, {})
    assert ready_lines(plan) == [] and list(wait_lines(plan)) == []


def test_lines_are_as_wide_as_the_load_above_them() -> None:
    """Two slots to a column: of levels the lower, of counts the sum, "+" from 10 on."""
    assert level_line("ready", [8, 4] + [0, 8] * 59, "told") == f"ready   ▄{' ' * 59}  told"
    assert count_line("swaps", [1, 2] + [5, 5] + [0] * 116, "told") == f"swaps   3+{' ' * 58}  told"
    assert count_line("lost", [0, 1, 0], "") == "lost     1"


def test_solve_shows_them_and_json_does_not() -> None:
    shown = cli.run("solve", cli.NIGHT).stdout.splitlines()
    ready, swaps, clock = shown[8:11]
    assert ready.startswith("ready   ") and ready.endswith("13 packs ready")
    digits = swaps[8:104]
    assert sum(map(int, digits.replace(" ", ""))) == 29 and swaps.endswith("swaps; 0 lost")
    assert clock.split()[0] == "00"
    assert any(line.startswith("  slack    packs are ready ") for line in shown)
    assert not any(line.startswith("  lost ") for line in shown)
    assert "slack" not in cli.run("solve", cli.NIGHT, "--json").stdout
