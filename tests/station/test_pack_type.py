"""Pack types: energy levels, acceptance over energy, reach in a slot, wear, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import builders as make
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.station.pack_type import (
    MOST_CAPACITY_KWH,
    Line,
    PackType,
    acceptance_lines,
    lines_of,
    most_power_kw,
    reach_kwh,
)
from models.tolerances import SLOPE

FALLING = ((0.5, 50), (0.8, 35), (1, 5))  # −50 and −150 kW over the whole range: −0.5 and −1.5 kW a kWh


def test_levels_in_kwh() -> None:
    kind = make.pack_type(capacity_kwh=80, target_soc=0.95, swap_soc=0.75)
    assert (kind.target_kwh, kind.swap_kwh) == (76, 60)


def test_acceptance_lines_are_over_energy_with_a_constant_first() -> None:
    lines = acceptance_lines(make.pack_type(capacity_kwh=200, acceptance=FALLING))
    assert [line.intercept for line in lines] == pytest.approx([50, 75, 155])
    assert [line.slope for line in lines] == pytest.approx([0, -0.25, -0.75])


@pytest.mark.parametrize(
    ("energy_kwh", "power_kw"),
    [(0, 45), (50, 45), (60, 45), (70, 40), (80, 35), (90, 20), (100, 5), (104, 0)],
)
def test_most_power_is_read_off_the_curve_and_the_charger(energy_kwh: float, power_kw: float) -> None:
    kind = make.pack_type(acceptance=FALLING)
    assert most_power_kw(kind, 45, energy_kwh) == pytest.approx(power_kw)


def test_piece_that_begins_at_target_never_binds() -> None:
    kind = make.pack_type(acceptance=((0.5, 40), (0.9, 20), (1, 0)))
    assert len(acceptance_lines(kind)) == 2
    assert most_power_kw(kind, 40, 95) == pytest.approx(17.5)  # the piece before goes on


def test_most_power_without_curve_is_the_chargers() -> None:
    assert most_power_kw(make.pack_type(), 45, 99) == 45
    assert acceptance_lines(make.pack_type()) == ()


def test_one_point_makes_a_flat_curve() -> None:
    assert most_power_kw(make.pack_type(acceptance=((1, 30),)), 45, 99) == 30


@pytest.mark.parametrize(
    ("start_kwh", "hours", "reach"),
    [
        (10, 1, 50),  # the charger: 40 kW for an hour
        (10, 0.25, 20),
        (30, 1, 70),  # charger and curve alike
        (60, 1, 80),  # 20 kW, as much as is accepted at 80
        (60, 0.5, 75),
        (88.5, 1, 89.5),
        (89.4, 0.1, 89.5),  # 0.6 / 1.2 below 90
        (90, 1, 90),
        (95, 1, 95),  # above E already: may keep it
    ],
)
def test_reach_by_hand(start_kwh: float, hours: float, reach: float) -> None:
    kind = make.pack_type(acceptance=((0.7, 40), (0.9, 0)))  # p = 180 − 2·e' above 70 kWh
    assert reach_kwh(kind, 40, hours, start_kwh) == pytest.approx(reach)


def test_reach_stops_at_target() -> None:
    assert reach_kwh(make.pack_type(), 40, 1, 80) == 90


@st.composite
def curves(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Concave, non-increasing curves from (0.2, 60 or less) to a state of charge of 1."""
    drops = sorted(draw(st.lists(st.floats(0, 200), min_size=1, max_size=4)))
    kw = [draw(st.floats(10, 60))]
    socs = [1 - 0.8 * k / len(drops) for k in range(len(drops), -1, -1)]
    for drop, low, high in zip(drops, socs, socs[1:], strict=False):
        kw.append(kw[-1] - drop * (high - low))
    assume(kw[-1] >= 0)
    return tuple(zip(socs, kw, strict=True))


@given(curves(), st.floats(0, 90), st.floats(5, 80), st.sampled_from([1 / 12, 0.25, 0.5, 1]))
def test_reach_is_the_largest_feasible_end_energy(
    curve: tuple[tuple[float, float], ...], start_kwh: float, max_kw: float, hours: float
) -> None:
    kind = make.pack_type(acceptance=curve)

    def feasible(end_kwh: float) -> bool:
        gained_kwh = end_kwh - start_kwh
        return end_kwh <= kind.target_kwh + 1e-9 and gained_kwh <= hours * most_power_kw(kind, max_kw, end_kwh) + 1e-9

    reach = reach_kwh(kind, max_kw, hours, start_kwh)
    assert feasible(reach)
    assert not any(feasible(reach + more) for more in (1e-6, 0.1, 1, 10))


@given(curves(), st.floats(0, 90), st.floats(0, 90))
def test_reach_grows_with_the_start(curve: tuple[tuple[float, float], ...], one: float, other: float) -> None:
    kind = make.pack_type(acceptance=curve)
    low, high = sorted((one, other))
    assert reach_kwh(kind, 40, 0.25, low) <= reach_kwh(kind, 40, 0.25, high) + 1e-9


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
            {"acceptance": ((0, 30), (0.5, 31), (1, 10))},
            (
                "acceptance",
                [[0, 30], [0.5, 31], [1, 10]],
                "must not rise with the state of charge",
                "sort out the kW values",
            ),
        ),
        (
            {"acceptance": ((0, 30), (0.5, 20), (1, 18))},
            (
                "acceptance",
                [[0, 30], [0.5, 20], [1, 18]],
                "must be concave: it may only fall faster as the pack fills",
                "take the concave curve below the measured one",
            ),
        ),
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
        {"acceptance": ((0, 0), (1, SLOPE))},
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
