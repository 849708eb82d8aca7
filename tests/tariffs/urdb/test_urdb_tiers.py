"""Energy tiers of URDB rates: by season, by unit, shared between periods."""

from __future__ import annotations

import pytest
from urdb_rates import Raw, rate, refusals, tariff

from optimizer.formats.tariff_document import EnergyTiersDocument


def tiers(*summer_and_winter: list[Raw]) -> Raw:
    """The first period from May to October by night, the second by day, the third in winter."""
    nights = [[0 if hour < 7 else 1 for hour in range(24)] if 4 <= m <= 9 else [2] * 24 for m in range(12)]
    return rate(energyratestructure=list(summer_and_winter), energyweekdayschedule=nights, energyweekendschedule=nights)


LOW, HIGH = [{"rate": 0.05, "max": 500}, {"rate": 0.08}], [{"rate": 0.15, "max": 500}, {"rate": 0.18}]


def test_tiers_are_surcharges_on_the_months_kwh_by_season() -> None:
    found = tariff(tiers(LOW, HIGH, [{"rate": 0.1, "max": 200}, {"rate": 0.12, "max": 900}, {"rate": 0.07}]))
    assert [(g.name, g.tiers, g.windows[0].months) for g in found.energy_tiers] == [
        ("tiers 1", ((200, 0.02), (900, -0.03)), (1, 2, 3, 4, 11, 12)),
        ("tiers 2", ((500, 0.03),), (5, 6, 7, 8, 9, 10)),
    ]
    assert {p.price_per_kwh for p in found.energy_periods} == {0.05, 0.15, 0.1}


@pytest.mark.parametrize("day", [[{"rate": 0.15, "max": 400}, {"rate": 0.18}], [{"rate": 0.15}]])
def test_periods_with_other_thresholds_are_refused(day: list[Raw]) -> None:
    assert refusals(tiers(LOW, day, LOW)) == [
        'f: energyratestructure: "month 5": cannot be billed: periods of one month have different thresholds; '
        "the format does not say how the month's kWh are shared; choose another rate"
    ]


def test_tiers_that_differ_between_periods_are_in_proportion_to_those_of_most_hours() -> None:
    found = tariff(tiers(LOW, [{"rate": 0.15, "max": 500}, {"rate": 0.19}], LOW))
    assert [(g.name, g.tiers, g.in_proportion_to) for g in found.energy_tiers] == [
        ("tiers 1", ((500, 0.03),), None),
        ("tiers 2", ((500, 0.04),), None),
        ("tiers 2, period 1", ((500, -0.01),), "tiers 2"),
    ]
    (night,) = found.energy_tiers[2].windows
    assert (night.start, night.end, night.months) == ("00:00", "07:00", (5, 6, 7, 8, 9, 10))


@pytest.mark.parametrize(
    ("unit", "per", "per_kw_of"),
    [
        ("kWh/kW", "month", "month's peak"),
        ("KWH daily", "day", None),
        ("kWh/kW  Daily", "day", "month's peak"),
        ("kWh", "month", None),
        (None, "month", None),
    ],
)
def test_units_of_tiers(unit: str | None, per: str, per_kw_of: str | None) -> None:
    tiers_of_unit = [{"rate": 0.1, "max": 200, "unit": unit}, {"rate": 0.06, "unit": unit}]
    found = tariff(rate(energyratestructure=[tiers_of_unit]), metering_minutes=30)
    assert found.energy_tiers == (
        EnergyTiersDocument(name="tiers", tiers=((200, -0.04),), per=per, per_kw_of=per_kw_of),
    )
    peaks = [(charge.name, charge.rate_per_kw, charge.metering_minutes) for charge in found.demand_charges]
    assert peaks == ([("month's peak", 0, 30)] if per_kw_of else [])


def test_the_last_tier_has_no_threshold_whatever_its_unit() -> None:
    last = [{"rate": 0.1, "max": 200, "unit": "kWh/kW"}, {"rate": 0.06, "unit": "kWh"}]
    assert tariff(rate(energyratestructure=[last])).energy_tiers[0].per_kw_of == "month's peak"


def test_a_last_tier_that_ends_is_where_prices_end() -> None:
    by_kw = rate(flatdemandstructure=[[{"rate": 2, "max": 100}, {"rate": 3, "max": 1000}]], flatdemandmonths=[0] * 12)
    (charge,) = tariff(by_kw | {"flatdemandunit": "kVA"}, power_factor=0.5).demand_charges
    assert (charge.rate_per_kw, charge.tiers, charge.most_kw) == (4, ((50, 6),), 500)
    alone = tariff(rate(energyratestructure=[[{"rate": 0.1, "max": 30, "unit": "kWh daily"}]]))
    assert alone.energy_tiers == (EnergyTiersDocument(name="tiers", tiers=((30, 0),), per="day", most_kwh=30),)
    two = tariff(rate(energyratestructure=[[{"rate": 0.1, "max": 30}, {"rate": 0.2, "max": 90}]]))
    assert two.energy_tiers == (EnergyTiersDocument(name="tiers", tiers=((30, 0.1),), most_kwh=90),)


def test_a_rate_whose_tiers_end_in_some_months_only() -> None:
    summer = [[int(4 <= month <= 9)] * 24 for month in range(12)]
    seasons = rate(
        energyratestructure=[[{"rate": 0.1}], [{"rate": 0.1, "max": 500}]],
        energyweekdayschedule=summer, energyweekendschedule=summer,
    )  # fmt: skip
    (group,) = tariff(seasons).energy_tiers
    assert (group.windows[0].months, group.most_kwh) == ((5, 6, 7, 8, 9, 10), 500)
