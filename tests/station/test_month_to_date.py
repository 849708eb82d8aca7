"""What a billing month has come to when a night is over."""

from __future__ import annotations

import builders as make
import pytest

from models.station.carry_over.month_to_date import month_to_date
from models.station.instance import Night
from models.tariff.tariff import EnergyTiers

LAST_OF_JANUARY = make.horizon(4, start="2026-01-31T22:00+01:00")
HOURLY = make.demand(metering_minutes=60)


def night(**changes: object) -> Night:
    tariff = make.tariff(0.1, demand_charges=(HOURLY,), energy_tiers=(EnergyTiers("block", ((100.0, 0.02),)),))
    return make.night(on=LAST_OF_JANUARY, tariff=tariff, **changes)


def test_a_month_that_ends_and_one_that_begins_are_told_apart() -> None:
    asked = night(peak_so_far_kw={"peak": 15.0}, energy_so_far_kwh={"block": 70.0})
    january = month_to_date(asked, [10, 20, 30, 5], (2026, 1))
    february = month_to_date(asked, [10, 20, 30, 5], (2026, 2))
    assert (january.peak_kw, january.energy_kwh) == ({"peak": 20}, {"block": 100.0})
    assert (february.peak_kw, february.energy_kwh) == ({"peak": 30}, {"block": 35.0})


def test_the_last_month_unless_told() -> None:
    assert month_to_date(night(), [10, 20, 30, 5]).month == (2026, 2)


def test_the_peak_so_far_stays_where_it_is_higher() -> None:
    assert month_to_date(night(peak_so_far_kw={"peak": 25.0}), [10, 20, 30, 5], (2026, 1)).peak_kw == {"peak": 25.0}


def test_rounding_never_makes_less_than_nothing() -> None:
    """Solar power that carries the whole load may leave -1e-16 kW: the next night takes no number below 0."""
    after = month_to_date(night(), [0.0, 0.0, -1e-15, 0.0])
    assert (after.peak_kw, after.energy_kwh) == ({"peak": 0.0}, {"block": 0.0})
    assert night(energy_so_far_kwh=after.energy_kwh, peak_so_far_kw=after.peak_kw)


@pytest.mark.parametrize("month", [(2026, 1), (2026, 2)])
def test_a_tariff_without_charges_has_nothing_to_carry(month: tuple[int, int]) -> None:
    plain = make.night(on=LAST_OF_JANUARY)
    after = month_to_date(plain, [1, 2, 3, 4], month)
    assert (after.month, after.peak_kw, after.energy_kwh) == (month, {}, {})
