"""Acceptance curves of any shape: what a pack takes in a slot, and the lines that bound it."""

from __future__ import annotations

import builders as make
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.station.acceptance import (
    Reach,
    acceptance_lines,
    fastest_of,
    most_power_kw,
    reach_kwh,
    reach_of_kind,
)
from models.station.pack_type import Line
from optimizer.check.acceptance import accepted_kw, most_kw

FALLING = ((0.5, 50), (0.8, 35), (1, 5))  # −50 and −150 kW over the whole range: −0.5 and −1.5 kW a kWh
HILL = ((0.0, 10.0), (0.4, 50.0), (1.0, 20.0))  # 10 + e, then 50 − (e − 40) / 2: concave
VALLEY = ((0.0, 40.0), (0.5, 10.0), (1.0, 40.0))  # 40 − 0.6·e, then 10 + 0.6·(e − 50)
CONVEX = ((0.0, 60.0), (0.2, 30.0), (1.0, 10.0))  # 60 − 1.5·e, then 30 − (e − 20) / 4


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
    raised_kw = max(0.0, -kw[-1])  # no power below 0
    return tuple(zip(socs, [one + raised_kw for one in kw], strict=True))


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


@pytest.mark.parametrize(
    ("curve", "start_kwh", "hours", "reach"),
    [
        (HILL, 5, 1, 20),  # 15 kW, what the curve has at the slot's start
        (HILL, 35, 1, 70),  # (35 + 70) / 1.5, the end of a falling piece: 35 kW, less than the 45 of the start
        (HILL, 90, 1, 90),  # full
        (VALLEY, 0, 1, 25),  # 40 / 1.6, the end of a falling piece
        (VALLEY, 39, 1, 49.375),  # 79 / 1.6, just short of the lowest point
        (VALLEY, 45, 1, 55),  # through the lowest point: never more than its 10 kW
        (VALLEY, 60, 1, 76),  # 16 kW at the start of a rising piece
        (CONVEX, 0, 1, 28),  # 35 / 1.25, on the second piece; the first would lead to 60 / 2.5 = 24
        (CONVEX, 40, 1, 60),  # (40 + 35) / 1.25
    ],
)
def test_reach_along_any_curve_by_hand(
    curve: tuple[tuple[float, float], ...], start_kwh: float, hours: float, reach: float
) -> None:
    kind = make.pack_type(acceptance=curve)
    assert reach_kwh(kind, 100, hours, start_kwh) == pytest.approx(reach)


@st.composite
def shapes(draw: st.DrawFn) -> Reach:
    """Types with curves that rise, fall, bend both ways, stay level or come down to nothing, on some charger."""
    inner = draw(st.lists(st.floats(0.02, 0.93), min_size=0, max_size=5, unique_by=lambda soc: round(soc, 2)))
    socs = sorted({*inner, 1.0, *draw(st.sampled_from([(), (0.0,)]))})
    kws = [draw(st.sampled_from([0.0, 5.0, 20.0, 40.0, 60.0, 90.0]) | st.floats(0, 100)) for _ in socs]
    kind = make.pack_type(acceptance=tuple(zip(socs, kws, strict=True)), target_soc=draw(st.sampled_from([0.9, 1.0])))
    return Reach(kind, draw(st.sampled_from([20, 45, 200])), draw(st.sampled_from([1 / 12, 0.25, 1, 2])))


ENERGIES = st.floats(0, 90)


@given(shapes(), ENERGIES)
def test_reach_is_what_the_checkers_reading_allows(reach: Reach, start_kwh: float) -> None:
    most = most_kw(reach.kind, reach.max_kw, reach.slot_hours, start_kwh)
    assert reach.after_kwh(start_kwh) == pytest.approx(start_kwh + reach.slot_hours * most, abs=1e-6)


@given(shapes(), ENERGIES, ENERGIES)
def test_the_way_back_is_the_way_there(reach: Reach, end_kwh: float, less_kwh: float) -> None:
    start_kwh = reach.before_kwh(end_kwh)
    assume(start_kwh >= 0)
    assert reach.after_kwh(start_kwh) >= end_kwh - 1e-6
    power_kw = (end_kwh - start_kwh) / reach.slot_hours
    assert power_kw <= min(reach.max_kw, accepted_kw(reach.kind, start_kwh, end_kwh)) + 1e-5


@given(shapes(), ENERGIES, ENERGIES)
def test_reach_and_its_greatest_gain_bound_what_any_fuller_pack_can_do(reach: Reach, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert reach.after_kwh(low) <= reach.after_kwh(high) + 1e-9
    assert reach.after_kwh(high) - high <= reach.most_gain_kwh(low) + 1e-9


@given(shapes(), ENERGIES)
def test_lines_never_lie_below_what_a_pack_takes(reach: Reach, start_kwh: float) -> None:
    end_kwh = reach.after_kwh(start_kwh)
    assert all((end_kwh - start_kwh) / reach.slot_hours <= line.at(end_kwh) + 1e-6 for line in reach.lines)


def most_by_lines_kw(reach: Reach, lines: tuple[Line, ...], start_kwh: float) -> float:
    """The largest power that charger, E and lines over end-of-slot energy allow, by halving."""
    low, high = 0.0, min(reach.max_kw, (reach.kind.target_kwh - start_kwh) / reach.slot_hours)
    for _ in range(60):
        middle = (low + high) / 2
        fits = all(middle <= line.at(start_kwh + reach.slot_hours * middle) + 1e-12 for line in lines)
        low, high = (middle, high) if fits else (low, middle)
    return low


@given(shapes(), ENERGIES)
def test_where_reach_is_concave_its_lines_say_it_all(reach: Reach, start_kwh: float) -> None:
    assume(reach.is_concave and reach.kind.target_kwh >= start_kwh)
    most_kwh = start_kwh + reach.slot_hours * most_by_lines_kw(reach, reach.lines, start_kwh)
    assert most_kwh == pytest.approx(reach.after_kwh(start_kwh), abs=1e-5)


@given(shapes(), ENERGIES, st.floats(0, 1))
def test_a_part_keeps_the_curve_and_is_the_curve_at_its_middle(reach: Reach, middle_kwh: float, share: float) -> None:
    assume(not reach.falls_concavely)
    part = reach.around(middle_kwh)
    assert part.low_kwh - 1e-9 <= middle_kwh <= part.high_kwh + 1e-9
    start_kwh = part.low_kwh + share * (part.high_kwh - part.low_kwh)
    most_kw_there = most_by_lines_kw(reach, part.lines, start_kwh)
    assert most_kw_there * reach.slot_hours <= reach.after_kwh(start_kwh) - start_kwh + 1e-5
    most_kwh = middle_kwh + reach.slot_hours * most_by_lines_kw(reach, part.lines, middle_kwh)
    assert most_kwh == pytest.approx(reach.after_kwh(middle_kwh), abs=1e-5)


def test_hill_is_concave_and_valley_is_not() -> None:
    assert Reach(make.pack_type(acceptance=HILL), 100, 1).is_concave
    assert not Reach(make.pack_type(acceptance=VALLEY), 100, 1).is_concave
    assert Reach(make.pack_type(acceptance=VALLEY), 10, 1).is_concave  # the charger gives no more anyway


def test_a_charger_cuts_the_curve_where_they_cross() -> None:
    assert reach_kwh(make.pack_type(acceptance=HILL), 30, 1, 25) == 55


@given(shapes(), shapes(), ENERGIES)
def test_the_fastest_of_two_takes_what_either_takes(one: Reach, other: Reach, energy_kwh: float) -> None:
    kinds = [make.pack_type(acceptance=reach.kind.acceptance) for reach in (one, other)]
    fastest = fastest_of(kinds)
    most = max(accepted_kw(kind, energy_kwh, energy_kwh) for kind in kinds)
    assert accepted_kw(fastest, energy_kwh, energy_kwh) == pytest.approx(most, abs=1e-6)


def test_a_type_without_a_temperature_has_no_reach() -> None:
    with pytest.raises(ValueError, match="at a temperature only"):
        reach_of_kind(make.pack_type(acceptance_at_c=((0, FALLING), (20, FALLING))), 40, 1)
