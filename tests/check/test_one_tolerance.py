"""What the checker forgives, bounds allow for: who uses every tolerance of a plan stays above its bound."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE

from models.formulations.matrix import MatrixBuilder
from models.rules import LARGEST
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import ENERGY_KWH, POWER_KW
from optimizer.check.rules import check
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

USED = 0.99  # of each tolerance: the rest is the adversary's own rounding


def cheapest_forgiven(night: Night, plan: Schedule) -> Schedule:
    """The cheapest powers that the checker takes for the hand-overs of `plan`, without acceptance curves, wear and
    charger rules but on/off ones, where packs charge in the slots in which they do in `plan`."""
    b, stays = MatrixBuilder(), stays_of(night, {one.swap: one.pack for one in plan.hand_overs})
    eta, slots = night.station.chargers.efficiency, night.horizon.slots
    prices = np.array(night.tariff_series.price_per_kwh) / eta
    limits = eta * (np.array(night.station.grid_limit_kw) + USED * POWER_KW - np.array(night.station.base_load_kw))
    grid = b.rows(slots, -np.inf, limits)
    rows = {row.pack: row.power_kw for row in plan.rows}
    columns = []
    for stay in stays:
        columns.append(_powers(b, night, stay, rows[stay.pack], prices))
        b.put(grid, columns[-1], 1.0)
    point = solve(b.matrix()).point
    assert point is not None
    found = [tuple(np.maximum(point[own], 0.0).tolist()) for own in columns]
    rows_found = tuple(PackRow(stay.pack, stay.bay, powers) for stay, powers in zip(stays, found, strict=True))
    return Schedule(plan.station, rows_found, plan.hand_overs)


def _powers(b: MatrixBuilder, night: Night, stay: Stay, planned_kw: tuple[float, ...], prices: Any) -> Any:
    """Columns of a stay's powers, at their price less the worth of what stays, within its needs and its target."""
    hours, chargers, slots = night.horizon.slot_hours, night.station.chargers, night.horizon.slots
    low, high = np.zeros(slots), np.zeros(slots)
    for t in stay.window:
        low[t], high[t] = 0.0, chargers.max_kw + USED * POWER_KW
        if chargers.mode == "on_off":
            low[t], high[t] = _on_off(planned_kw[t], chargers.max_kw)
    kind = night.pack_types[stay.type]
    worth = night.end_value_per_kwh(kind) if stay.swap is None else 0.0
    powers = b.columns((slots,), low, high, hours * (prices - worth))
    need_kwh = stay.need_kwh - stay.start_kwh - USED * ENERGY_KWH if stay.swap else -np.inf
    b.put(b.rows(1, need_kwh, kind.target_kwh - stay.start_kwh + USED * ENERGY_KWH), powers, hours)
    return powers


def _on_off(planned_kw: float, max_kw: float) -> tuple[float, float]:
    if planned_kw == 0:
        return 0.0, 0.0
    return (max_kw - USED * POWER_KW if planned_kw >= max_kw else planned_kw), max_kw + USED * POWER_KW


@st.composite
def nights(draw: st.DrawFn, mode: str) -> Night:
    """A few packs and drivers, prices below 0 among them, and limits that bind."""
    slots = draw(st.integers(3, 6))
    socs = draw(st.lists(st.integers(1, 8).map(lambda n: n / 10), min_size=1, max_size=3))
    places = draw(st.lists(st.integers(1, slots - 1), max_size=3))
    price = st.sampled_from([-0.2, 0.0, 0.05, 0.1, 0.3, 0.5])
    return make.night(
        slots,
        types=[make.pack_type(swap_soc=draw(st.sampled_from([0.6, 0.9])), end_value_per_kwh=draw(price))],
        packs=[make.pack(f"P{n}", soc) for n, soc in enumerate(socs)],
        swaps=[make.swap(f"W{n}", t, draw(st.sampled_from([0.2, 0.9]))) for n, t in enumerate(places)],
        chargers=make.chargers(count=len(socs), max_kw=draw(st.sampled_from([10, 25, 40])), mode=mode),
        tariff=make.tariff(draw(st.lists(price, min_size=slots, max_size=slots))),
        grid_limit_kw=draw(st.sampled_from([30.0, 55.0, 500.0])) if mode == "continuous" else 500.0,
    )


@pytest.mark.parametrize("mode", ["continuous", "on_off"])
def test_no_plan_that_the_checker_takes_lies_below_the_bound(mode: str) -> None:
    below = []

    @settings(max_examples=60, derandomize=True)
    @given(nights(mode))
    def run(night: Night) -> None:
        planned = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        used = cheapest_forgiven(night, planned.schedule)
        assert check(night, used) == []
        cost = cost_of(night, used).objective
        assert planned.result.bound <= cost + 1e-12 * max(1.0, abs(cost))
        below.append(planned.result.objective - cost)

    run()
    assert max(below) > POWER_KW / 10  # it does use them


@pytest.mark.parametrize("hair_kw", [5e-7, 2e-6])
def test_a_grid_limit_a_hair_below_what_on_off_chargers_draw(hair_kw: float) -> None:
    """Two packs of 40 kW at once, or one driver is lost: the limit is forgiven half a millionth."""
    night = make.night(
        3,
        packs=[make.pack("P1", 0.5), make.pack("P2", 0.5)],
        swaps=[make.swap("W1", 1, swap_soc=0.9), make.swap("W2", 1, swap_soc=0.9)],
        chargers=make.chargers(count=2, efficiency=1.0, mode="on_off"),
        grid_limit_kw=80 - hair_kw,
    )
    result = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE)).result
    assert result.swaps_lost == (hair_kw > POWER_KW)


@pytest.mark.parametrize("mode", ["continuous", "on_off"])
def test_the_largest_powers_of_an_instance_are_eased_no_further(mode: str) -> None:
    night = make.night(
        3,
        types=[make.pack_type(acceptance=((0.0, LARGEST), (1.0, LARGEST)))],
        packs=[make.pack("P1", 0.5)],
        chargers=make.chargers(max_kw=LARGEST, mode=mode),
        grid_limit_kw=LARGEST,
    )
    assert plan_station(night, RunOptions(time_limit_seconds=PATIENCE)).result.swaps_lost == 0
