"""Pack types: energy levels, curves by temperature, wear, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import builders as make
import pytest

from models.station.pack_type import (
    MOST_CAPACITY_KWH,
    Line,
    PackType,
    lines_of,
)
from models.tolerances import SLOPE


def test_levels_in_kwh() -> None:
    kind = make.pack_type(capacity_kwh=80, target_soc=0.95, swap_soc=0.75)
    assert (kind.target_kwh, kind.swap_kwh) == (76, 60)


COLD, WARM = ((0.0, 20.0), (0.5, 30.0), (1.0, 10.0)), ((0.2, 60.0), (0.6, 80.0), (1.0, 40.0))
BY_TEMPERATURE = ((-10.0, COLD), (30.0, WARM))


def test_a_curve_between_two_temperatures_is_the_line_between_their_powers() -> None:
    kind = make.pack_type(acceptance_at_c=BY_TEMPERATURE)
    points = ((0.0, 30.0), (0.2, 33.0), (0.5, 41.25), (0.6, 39.5), (1.0, 17.5))  # a quarter of the way
    at_zero = kind.at_c(0)
    assert at_zero.acceptance_at_c == ()
    assert [soc for soc, _ in at_zero.acceptance] == [soc for soc, _ in points]
    assert [kw for _, kw in at_zero.acceptance] == pytest.approx([kw for _, kw in points])


@pytest.mark.parametrize(("temperature_c", "points"), [(-10, COLD), (30, WARM)])
def test_at_a_given_temperature_the_curve_is_the_one_given(
    temperature_c: float, points: tuple[tuple[float, float], ...]
) -> None:
    assert make.pack_type(acceptance_at_c=BY_TEMPERATURE).at_c(temperature_c).acceptance == points


@pytest.mark.parametrize("temperature_c", [-10.5, 31])
def test_no_curve_is_made_up_outside_the_temperatures_given(temperature_c: float) -> None:
    with pytest.raises(ValueError, match="no curve at"):
        make.pack_type(acceptance_at_c=BY_TEMPERATURE).at_c(temperature_c)


def test_without_temperatures_the_type_is_the_same_at_all() -> None:
    kind = make.pack_type(acceptance=COLD)
    assert kind.at_c(-100) is kind


def test_wear_lines() -> None:
    lines = lines_of(((0, 0), (20, 1), (40, 4)))
    assert [line.slope for line in lines] == pytest.approx([0.05, 0.15])
    assert [line.intercept for line in lines] == pytest.approx([0, -2])
    wear = [max(line.at(kw) for line in lines) for kw in (0, 10, 20, 30, 40, 60)]
    assert wear == pytest.approx([0, 0.5, 1, 2.5, 4, 7])  # the last slope goes on


def test_line() -> None:
    assert Line(3, -2).at(5) == -7


SOC = "a state of charge is a share of the capacity, from 0 (empty) to 1 (full)"
SOC_OF_1_5 = "a state of charge is a share of the capacity, from 0 (empty) to 1 (full)"
NAN = ("must be a finite number", "write a number; NaN and infinity cannot be planned")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"capacity_kwh": 0}, ("capacity_kwh", 0, "must be greater than 0", "correct the value")),
        ({"capacity_kwh": math.inf}, ("capacity_kwh", math.inf, *NAN)),
        (
            {"target_soc": 90},
            (
                "target_soc",
                90,
                "must be between 0 and 1",
                "a state of charge is a share of the capacity: write 0.9 for 90 %",
            ),
        ),
        ({"target_soc": 900}, ("target_soc", 900, "must be between 0 and 1", SOC)),
        ({"swap_soc": -0.1}, ("swap_soc", -0.1, "must be between 0 and 1", SOC)),
        (
            {"swap_soc": 0.95},
            (
                "swap_soc",
                0.95,
                "must not be above target_soc (0.9)",
                "no pack would ever be charged enough to hand over",
            ),
        ),
        (
            {"swap_soc": 1},
            ("swap_soc", 1, "must not be above target_soc (0.9)", "no pack would ever be charged enough to hand over"),
        ),
        ({"swap_soc": 1.5}, ("swap_soc", 1.5, "must be between 0 and 1", SOC_OF_1_5)),
        ({"end_value_per_kwh": -math.inf}, ("end_value_per_kwh", -math.inf, *NAN)),
        ({"acceptance": ((0, 30), (1, -2))}, ("acceptance[1][1]", -2, "must be at least 0", "correct the value")),
        ({"acceptance": ((1.5, 30),)}, ("acceptance[0][0]", 1.5, "must be between 0 and 1", SOC_OF_1_5)),
        (
            {"acceptance": ((0, 30), (0.8, 20))},
            ("acceptance", [[0, 30], [0.8, 20]], "must reach the target_soc (0.9)", "add a point there"),
        ),
        (
            {"acceptance": ((0.5, 30), (0.5, 20), (1, 10))},
            (
                "acceptance",
                [[0.5, 30], [0.5, 20], [1, 10]],
                "must rise from point to point in its first number",
                "sort the points",
            ),
        ),
        (
            {"acceptance_at_c": ((-10, ((0, 5), (1, 2))), (25, ((0, 30), (0.8, 20))))},
            ("acceptance.25", [[0, 30], [0.8, 20]], "must reach the target_soc (0.9)", "add a point there"),
        ),
        (
            {"acceptance_at_c": ((263.15, ((0, 5), (1, 2))),)},
            ("acceptance.263.15", 263.15, "must be between -60 and 100", "temperatures are in °C"),
        ),
        (
            {"wear": ((0, 0),)},
            ("wear", [[0, 0]], "must start at [0, 0] and have a second point", "add the missing point"),
        ),
        (
            {"wear": ((0, 1), (10, 2))},
            ("wear", [[0, 1], [10, 2]], "must start at [0, 0] and have a second point", "add the missing point"),
        ),
        (
            {"wear": ((0, 0), (10, 2), (20, 3))},
            (
                "wear",
                [[0, 0], [10, 2], [20, 3]],
                "must be convex and must not fall",
                "wear may only grow faster as power grows",
            ),
        ),
        (
            {"wear": ((0, 0), (10, 0.1), (20, 0))},
            (
                "wear",
                [[0, 0], [10, 0.1], [20, 0]],
                "must be convex and must not fall",
                "wear may only grow faster as power grows",
            ),
        ),
        ({"wear": ((0, 0), (10, -2))}, ("wear[1][1]", -2, "must be at least 0", "correct the value")),
        ({"wear": ((0, 0), (10, math.nan))}, ("wear[1][1]", math.nan, *NAN)),
    ],
)
def test_refused(change: dict[str, Any], problem: tuple[str, object, str, str]) -> None:
    assert make.problems(make.pack_type, **change) == [problem]


@pytest.mark.parametrize(
    "change",
    [
        {"swap_soc": 0.9},
        {"target_soc": 1, "swap_soc": 1},
        {"acceptance": ((0, 30), (0.9, 30))},
        {"acceptance": ((0.9, 0),)},
        {"wear": ((0, 0), (10, 0))},
        {"wear": ((0, 0), (10, 1), (20, 2))},
        {"wear": ((0, 0), (10, 0), (20, 1))},
        {"end_value_per_kwh": -1},
        {"capacity_kwh": MOST_CAPACITY_KWH},
        # slopes that break the shape by no more than the tolerance
        {"acceptance": ((0, 0), (1, 30))},
        {"acceptance": ((0, 30), (0.5, 20), (1, 18))},
        {"acceptance_at_c": ((-10, ((0, 5), (1, 2))), (25, ((0, 30), (1, 2))))},
        {"wear": ((0, 0), (1, SLOPE), (2, SLOPE))},
        {"wear": ((0, 0), (1, 1000), (2, 2000 - 500 * SLOPE))},
    ],
)
def test_accepted(change: dict[str, Any]) -> None:
    assert make.problems(make.pack_type, **change) == []


@pytest.mark.parametrize(("shortfall", "refused"), [(0.5, []), (1.5, ["wear"])])
def test_slopes_below_1_may_fall_by_the_tolerance_itself(shortfall: float, refused: list[str]) -> None:
    wear = ((0, 0), (1, 0.5), (2, 1 - shortfall * SLOPE))
    assert [place for place, *_ in make.problems(make.pack_type, wear=wear)] == refused


def test_all_defects_are_told_at_once() -> None:
    places = [place for place, *_ in make.problems(PackType, "A", -1, 2, -1, ((0, -5),), ((0, -1),))]
    assert places == ["capacity_kwh", "target_soc", "swap_soc", "acceptance[0][1]", "wear[0][1]"]


def test_capacity_in_watt_hours_is_told() -> None:
    remedy = "capacities are in kWh: divide Wh by 1000"
    assert make.problems(make.pack_type, capacity_kwh=75000.0) == [
        ("capacity_kwh", 75000.0, "must be at most 10000", remedy)
    ]
