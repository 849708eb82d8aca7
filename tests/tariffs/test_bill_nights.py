"""The bill of a load against the nights it is made of: what each adds, the state of the month handed on."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import builders as make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tariffs import ZONE, loads, tariffs

from models.horizon import Horizon
from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import cost_of, drawn_power_kw
from models.tariff.bill import BillLine, Load, bill, lookback_kw, peaks_of
from models.tariff.rate_steps import stepped_cost
from models.tariff.series import month_rates
from models.tariff.tariff import Tariff

Month = tuple[int, int]


def nights_of(tariff: Tariff, of: Load) -> Iterator[tuple[float, Month]]:
    """Energy and demand cost of each night of 24 local hours, the state handed on, and the month in which it ends."""
    state: dict[str, dict[str, float]] = {"peak_so_far_kw": {}, "energy_so_far_kwh": {}}
    known, month = {charge.name: {} for charge in tariff.demand_charges}, None
    for begin, end in local_days(of):
        kw = of.kw[begin:end]
        start = of.start + timedelta(minutes=begin * of.step_minutes)
        horizon = Horizon(start, ZONE.key, of.step_minutes, len(kw))
        first = month_of(start)
        if first != month:
            state = {"peak_so_far_kw": {}, "energy_so_far_kwh": {}}
        looked_at = {c.name: lookback_kw(c, first, known[c.name]) for c in tariff.demand_charges if c.ratchet}
        night = make.night(
            on=horizon,
            tariff=tariff,
            base_load_kw=kw,
            packs=(),
            grid_limit_kw=999.0,
            lookback_peak_kw=looked_at,
            **state,
        )
        idle = make.schedule(night)
        cost = cost_of(night, idle)
        after = month_to_date(night, drawn_power_kw(night, idle))
        state = {"peak_so_far_kw": after.peak_kw, "energy_so_far_kwh": after.energy_kwh}
        month = after.month
        for name, peak_kw in after.peak_kw.items():
            known[name][month] = peak_kw
        yield cost.energy + cost.demand, month


def local_days(of: Load) -> Iterator[tuple[int, int]]:
    """Steps of each stretch of 24 hours on the local clock."""
    begin = 0
    while begin < len(of.kw):
        at = (of.start + timedelta(minutes=begin * of.step_minutes)).astimezone(ZONE)
        next_day = datetime.combine(at.date() + timedelta(days=1), at.time(), ZONE)
        end = min(len(of.kw), begin + int((next_day.timestamp() - at.timestamp()) // 60 // of.step_minutes))
        yield begin, end
        begin = end


def month_of(at: datetime) -> Month:
    local = at.astimezone(ZONE)
    return local.year, local.month


def variable(found: list[BillLine]) -> float:
    return sum(line.amount for line in found if line.kind in ("energy", "energy_tiers", "demand"))


@settings(max_examples=40)
@given(st.data())
def test_nights_over_a_month_end_add_up_to_the_bill(data: st.DataObject) -> None:
    """From noon to noon, so that one night lies in two months."""
    of = data.draw(loads(days=5, hour=12))
    tariff = data.draw(tariffs(of, with_ratchets=False))
    assert sum(cost for cost, _ in nights_of(tariff, of)) == pytest.approx(variable(bill(tariff, of, ZONE)), abs=1e-6)


@settings(max_examples=40)
@given(st.data())
def test_nights_of_a_month_add_up_to_its_bill_above_the_ratchets_floor(data: st.DataObject) -> None:
    """What a ratchet bills whatever is drawn is in no night's cost."""
    of = data.draw(loads(days=5))
    tariff = data.draw(tariffs(of))
    by_month: dict[Month, float] = defaultdict(float)
    for cost, month in nights_of(tariff, of):
        by_month[month] += cost
    billed = bill(tariff, of, ZONE)
    peaks = peaks_of(tariff, of, ZONE).peaks_kw
    for month, cost in by_month.items():
        floor = sum(
            stepped_cost(
                month_rates(charge, month), charge.ratchet.share * lookback_kw(charge, month, peaks[charge.name])
            )
            for charge in tariff.demand_charges
            if charge.ratchet and month in peaks[charge.name]
        )
        assert cost + floor == pytest.approx(variable([line for line in billed if line.month == month]), abs=1e-6)


@pytest.mark.parametrize("weight", ["daily", "remaining_days"])
def test_weights_scale_what_is_at_stake(weight: str) -> None:
    """The bill itself knows no weights."""
    at_stake = make.demand(rate_per_kw=31.0, metering_minutes=60, weight=weight)
    tariff = make.tariff(0.0, demand_charges=(at_stake,))
    night = make.night(on=make.horizon(2, 60), tariff=tariff, base_load_kw=10.0, packs=())
    days = {"daily": calendar.monthrange(2026, 1)[1], "remaining_days": 31 - 15 + 1}[weight]
    assert cost_of(night, make.schedule(night)).demand == pytest.approx(310 / days)
    (_, line) = bill(tariff, Load(night.horizon.start, 60, (10.0, 10.0)), ZONE)
    assert line.amount == 310
