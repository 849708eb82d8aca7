"""The bill of a load against a bill written minute by minute, which shares no code with it."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tariffs import ZONE, loads, tariffs

from models.tariff.bill import History, Load, bill
from models.tariff.tariff import DemandCharge, Tariff
from models.tariff.window import Window

Month = tuple[int, int]


def in_window(window: Window, at: datetime, holidays: tuple[date, ...]) -> bool:
    minute = at.hour * 60 + at.minute
    low, high = window.start_minute, window.end_minute
    clock = low <= minute < high if low < high else not high <= minute < low
    weekend = at.isoweekday() > 5 or at.date() in holidays
    return (
        clock
        and (window.days == "all" or (window.days == "weekend") is weekend)
        and (not window.months or at.month in window.months)
        and (not window.dates or any(a <= at.date() <= b for a, b in window.dates))
    )


def counts(windows: tuple[Window, ...], at: datetime, holidays: tuple[date, ...]) -> bool:
    return not windows or any(in_window(window, at, holidays) for window in windows)


def in_steps(steps: list[tuple[float, float]], amount: float) -> float:
    total = 0.0
    for index, (above, rate) in enumerate(steps):
        end = steps[index + 1][0] if index + 1 < len(steps) else amount
        total += rate * max(0.0, min(amount, end) - above)
    return total


def minute_by_minute(tariff: Tariff, of: Load, history: History) -> dict[tuple[Month, str, str], float]:
    """Amount by month, kind and name."""
    at = [(of.start + timedelta(minutes=m)).astimezone(ZONE) for m in range(of.step_minutes * len(of.kw))]
    kw = [of.kw[m // of.step_minutes] for m in range(len(at))]
    found = energy_minute_by_minute(tariff, of, at, kw)
    for charge in tariff.demand_charges:
        found |= demand_minute_by_minute(charge, tariff, at, kw, dict(history.peaks_kw.get(charge.name, {})))
    for month in {(one.year, one.month) for one in at}:
        days = len({one.date() for one in at if (one.year, one.month) == month})
        found[month, "fixed", "fixed"] = tariff.fixed_charge_per_day * days
        for fixed in tariff.fixed_charges:
            if fixed.months and month[1] not in fixed.months:
                continue
            found[month, "fixed", fixed.name] = fixed.amount * {"day": days, "month": 1, "year": 1 / 12}[fixed.per]
        total = sum(amount for (of_month, *_), amount in found.items() if of_month == month)
        found[month, "minimum", "least a month"] = max(0.0, tariff.minimum_charges[0].amount - total)
    return found


def energy_minute_by_minute(
    tariff: Tariff, of: Load, locals_: list[datetime], kw: list[float]
) -> dict[tuple[Month, str, str], float]:
    found: dict[tuple[Month, str, str], float] = defaultdict(float)
    tier_kwh: dict[tuple[Month, str], float] = defaultdict(float)
    for m, at in enumerate(locals_):
        month = (at.year, at.month)
        name, price = price_at(tariff, of, m, at)
        found[month, "energy", name] += price * kw[m] / 60
        for group in tariff.energy_tiers:
            tier_kwh[month, group.name] += counts(group.windows, at, tariff.holidays) * kw[m] / 60
    for (month, name), kwh in tier_kwh.items():
        group = next(group for group in tariff.energy_tiers if group.name == name)
        factor = monthrange(*month)[1] if group.per == "day" else 1.0
        if group.per_kw_of:
            factor *= highest_kw(of, [number for number, one in enumerate(locals_) if (one.year, one.month) == month])
        steps = [(0, 0), *((above * factor, rate) for above, rate in group.tiers)]
        if group.in_proportion_to is None:
            found[month, "energy_tiers", name] += in_steps(steps, kwh)
        elif all_kwh := tier_kwh[month, group.in_proportion_to]:
            found[month, "energy_tiers", group.in_proportion_to] += in_steps(steps, all_kwh) / all_kwh * kwh
    return found


def highest_kw(of: Load, minutes: list[int]) -> float:
    """The month's peak of steps that are metering intervals."""
    return max(of.kw[minute // of.step_minutes] for minute in minutes)


def price_at(tariff: Tariff, of: Load, minute: int, at: datetime) -> tuple[str, float]:
    market = tariff.price_series
    if market is not None:
        since = (of.start - market.start) // timedelta(minutes=1) + minute
        return "market", market.per_kwh[since // market.minutes]
    period = next(p for p in tariff.energy_periods if in_window(p.window, at, tariff.holidays))
    return period.name, period.price_per_kwh


def demand_minute_by_minute(
    charge: DemandCharge, tariff: Tariff, locals_: list[datetime], kw: list[float], peaks: dict[Month, float]
) -> dict[tuple[Month, str, str], float]:
    own: dict[Month, float] = {}
    for begin in range(0, len(kw), charge.metering_minutes):
        first = locals_[begin]
        if counts(charge.windows, first, tariff.holidays):
            average = sum(kw[begin : begin + charge.metering_minutes]) / charge.metering_minutes
            month = (first.year, first.month)
            own[month] = max(own.get(month, 0.0), average)
    found = {}
    for month in sorted(own):
        peaks[month] = own[month]
        billed, ratchet = own[month], charge.ratchet
        if ratchet and (not ratchet.billed_months or month[1] in ratchet.billed_months):
            for back in range(1, ratchet.months_back + 1):
                number = month[0] * 12 + month[1] - 1 - back
                earlier = (number // 12, number % 12 + 1)
                if not ratchet.counted_months or earlier[1] in ratchet.counted_months:
                    billed = max(billed, ratchet.share * peaks.get(earlier, 0.0))
        days = monthrange(*month)[1] if charge.per == "day" else 1.0
        days *= charge.month_factors[month[1] - 1] if charge.month_factors else 1
        found[month, "demand", charge.name] = days * in_steps([(0, charge.rate_per_kw), *charge.tiers], billed)
    return found


HISTORIES = st.fixed_dictionaries(
    {
        "charge 0": st.dictionaries(
            st.sampled_from([(2025, n) for n in (1, 7, 9, 10, 11, 12)] + [(2026, 2)]), st.integers(0, 200).map(float)
        )
    }
).map(History)


@settings(max_examples=60)
@given(st.data())
def test_the_bill_is_that_of_a_bill_minute_by_minute(data: st.DataObject) -> None:
    of = data.draw(loads(days=3))
    tariff, history = data.draw(tariffs(of)), data.draw(HISTORIES)
    found: dict[tuple[Month, str, str], float] = defaultdict(float)
    for line in bill(tariff, of, ZONE, history):
        found[line.month, line.kind, line.name] += line.amount
    told = minute_by_minute(tariff, of, history)
    for key in {*found, *told}:
        assert found.get(key, 0.0) == pytest.approx(told.get(key, 0.0), abs=1e-6), key
