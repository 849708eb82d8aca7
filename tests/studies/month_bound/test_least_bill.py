"""The least bill of a load lies nowhere above its bill, whatever the tariff and however its months are cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import builders as make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tariffs import ZONE, loads, tariffs

from models.horizon import Horizon
from models.station.cost import base_bill
from models.tariff.bill import Load, bill_and_years
from models.tariff.billing_year import UseClass
from models.tariff.part_of_month import month_share
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from optimizer.studies.month_bound.least_bill import LeastBill, least_bill
from optimizer.studies.month_bound.priced_stretches import month_parts

BY_THE_LOAD = ("energy", "energy_tiers", "demand")
CLASSES = (UseClass(500, 30.0, -0.02), UseClass(2500, 5.0, 0.03))


def yearly(tariff: Tariff) -> Tariff:
    """The tariff with its first demand charge by the year, in classes of use."""
    charges = [
        replace(
            one, period="year", ratchet=None, per="month", month_factors=(), tiers=(), use_classes=CLASSES,
            expected_hours=1000.0,
        ) if one.name == "charge 0" else one
        for one in tariff.demand_charges
    ]  # fmt: skip
    return replace(tariff, demand_charges=tuple(charges))


def least_of(least: LeastBill, horizon: Horizon, kw: tuple[float, ...]) -> float:
    night = make.night(on=horizon, packs=(), base_load_kw=kw, grid_limit_kw=999.0)
    night.__dict__["tariff_series"] = least.series
    return base_bill(night) + least.constant


def days(load: Load) -> list[int]:
    """Steps at which local days of a load begin, and the end."""
    local = [(load.start + timedelta(minutes=n * load.step_minutes)).astimezone(ZONE) for n in range(len(load.kw))]
    return [*(n for n, at in enumerate(local) if (at.hour, at.minute) == (0, 0)), len(load.kw)]


@given(st.data())
@settings(max_examples=120)
def test_no_load_is_billed_less(data: st.DataObject) -> None:
    load = data.draw(loads())
    tariff = data.draw(tariffs(load))
    if data.draw(st.booleans()):
        tariff = yearly(tariff)
    begins = days(load)
    inner = data.draw(st.lists(st.sampled_from(begins[1:-1]), unique=True).map(sorted)) if len(begins) > 2 else []
    bounds = [begins[0], *inner, begins[-1]]
    horizons = [
        Horizon(load.start + timedelta(minutes=first * load.step_minutes), ZONE.key, load.step_minutes, end - first)
        for first, end in pairwise(bounds)
    ]
    months = {month for horizon in horizons for month in tariff_on(tariff, horizon).months}
    shares = {month: month_share(load.start, load.end, ZONE, month) for month in months}
    parts = month_parts(tariff, horizons, shares if data.draw(st.booleans()) else {})
    found = 0.0
    for horizon, known, (first, end) in zip(horizons, parts, pairwise(bounds), strict=True):
        found += least_of(least_bill(tariff, horizon, known, max(load.kw)), horizon, load.kw[first:end])
    lines, _ = bill_and_years(tariff, load, ZONE, shares=parts[0].shares)
    billed = sum(line.amount for line in lines if line.kind in BY_THE_LOAD)
    assert found <= billed + 1e-6 * max(1.0, abs(billed))


@given(st.data())
@settings(max_examples=60)
def test_it_is_the_bill_where_nothing_is_left_out(data: st.DataObject) -> None:
    load = data.draw(loads())
    tariff = data.draw(tariffs(load, with_ratchets=False))
    horizon = Horizon(load.start, ZONE.key, load.step_minutes, len(load.kw))
    (parts,) = month_parts(tariff, [horizon], {})
    least = least_bill(tariff, horizon, parts, max(load.kw))
    lines, _ = bill_and_years(tariff, load, ZONE)
    billed = sum(line.amount for line in lines if line.kind in BY_THE_LOAD)
    assert least_of(least, horizon, load.kw) == pytest.approx(billed, abs=1e-6)


def test_what_is_left_out_is_told() -> None:
    tariff = make.tariff(demand_charges=(make.demand("own", tiers=((10.0, 1.0),)),))
    horizon = make.horizon()
    (parts,) = month_parts(tariff, [horizon], {})
    assert least_bill(tariff, horizon, parts, 10.0).left_out == (
        "rates that fall with use, but for the lowest convex cost below them",
    )
