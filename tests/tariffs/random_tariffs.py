"""Random tariffs and loads for hypothesis: windows, tiers, ratchets, fixed and minimum charges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from models.tariff.bill import Load
from models.tariff.tariff import (
    DemandCharge,
    EnergyPeriod,
    EnergyTiers,
    FixedCharge,
    MinimumCharge,
    PriceSeries,
    Ratchet,
    Tariff,
)
from models.tariff.window import Window

ZONE = ZoneInfo("Europe/Amsterdam")
STARTS = [  # local; month ends, a year's end, both clock changes, a weekend
    datetime(2026, 1, 30, tzinfo=ZONE),
    datetime(2025, 12, 29, tzinfo=ZONE),
    datetime(2026, 3, 28, tzinfo=ZONE),
    datetime(2026, 10, 24, tzinfo=ZONE),
    datetime(2026, 5, 29, tzinfo=ZONE),
]
MONTHS = st.lists(st.sampled_from([12, 1, 2, 3, 5, 6, 10]), max_size=3, unique=True).map(tuple)
CENTS = st.integers(-20, 60).map(lambda n: n / 100)
MINUTES = st.sampled_from([0, 15, 390, 420, 540, 720, 1050, 1320, 1425])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    dates = draw(st.sampled_from([(), ((date(2026, 1, 30), date(2026, 2, 1)),), ((date(2026, 10, 25),) * 2,)]))
    return Window(draw(MINUTES), draw(MINUTES.map(lambda m: m + 15)), draw(DAYS), draw(MONTHS), dates)


DAYS = st.sampled_from(["all", "weekday", "weekend"])
SEVERAL = st.lists(windows(), max_size=2).map(tuple)


@st.composite
def steps(draw: st.DrawFn, lowest: int) -> tuple[tuple[float, float], ...]:
    above = sorted(draw(st.lists(st.integers(1, 60), max_size=2, unique=True)))
    return tuple((float(a), draw(st.integers(lowest, 40)) / 4) for a in above)


@st.composite
def ratchets(draw: st.DrawFn) -> Ratchet | None:
    if draw(st.booleans()):
        return None
    return Ratchet(
        draw(st.sampled_from([0.5, 0.8, 1.0])), draw(st.sampled_from([1, 3, 11])), draw(MONTHS), draw(MONTHS)
    )


@st.composite
def demand_charges(draw: st.DrawFn, step_minutes: int, with_ratchets: bool) -> tuple[DemandCharge, ...]:
    fitting = [m for m in (15, 30, 60) if m % step_minutes == 0 or step_minutes % m == 0]
    return tuple(
        DemandCharge(
            f"charge {count}",
            draw(st.integers(-8, 40)) / 4,
            draw(st.sampled_from(fitting)),
            windows=draw(SEVERAL),
            tiers=draw(steps(-2)),
            ratchet=draw(ratchets()) if with_ratchets else None,
            per=draw(st.sampled_from(["month", "month", "day"])),
            month_factors=draw(st.sampled_from([(), (), tuple(month / 8 - 0.5 for month in range(12))])),
        )
        for count in range(draw(st.integers(0, 2)))
    )


PEAK = "month's peak"
UNITS = st.sampled_from(
    [(50, "month", None), (50, "month", None), (2, "day", None), (0.4, "month", PEAK), (0.02, "day", PEAK)]
)


@st.composite
def energy_tiers(draw: st.DrawFn) -> tuple[EnergyTiers, ...]:
    """By the month's kWh, by each of its days, by hours of use."""
    groups = []
    for n in range(2):
        if found := draw(steps(-10)):
            factor, per, per_kw_of = draw(UNITS)
            scaled = tuple((factor * above, rate) for above, rate in found)
            groups.append(EnergyTiers(f"tiers {n}", scaled, draw(SEVERAL), per, per_kw_of))
    return tuple(groups)


@st.composite
def in_proportion(draw: st.DrawFn, groups: Sequence[EnergyTiers]) -> tuple[EnergyTiers, ...]:
    """One more, of some of the first one's kWh."""
    if not draw(st.booleans()):
        return ()
    first, shared = groups[0], draw(SEVERAL)
    rates = draw(st.lists(CENTS, min_size=len(first.tiers), max_size=len(first.tiers)))
    tiers = tuple((above, rate) for (above, _), rate in zip(first.tiers, rates, strict=True))
    more = replace(first, name="shared", tiers=tiers, in_proportion_to=first.name)
    return (replace(more, windows=shared if not first.windows else first.windows),)


@st.composite
def tariffs(draw: st.DrawFn, load: Load, with_ratchets: bool = True) -> Tariff:
    periods = [EnergyPeriod(f"p{n}", draw(CENTS), draw(windows())) for n in range(draw(st.integers(0, 3)))]
    market = draw(st.booleans()) and draw(st.booleans())
    spans = st.sampled_from(["day", "month", "year"])
    charges, groups = draw(demand_charges(load.step_minutes, with_ratchets)), draw(energy_tiers())
    peak = {group.per_kw_of for group in groups} - {None}
    return Tariff(
        "random",
        energy_periods=() if market else (*periods, EnergyPeriod("rest", draw(CENTS))),
        price_series=draw(price_series(load)) if market else None,
        energy_tiers=(*groups, *(draw(in_proportion(groups)) if groups else ())),
        demand_charges=(*charges, *(DemandCharge(PEAK, 0.0, load.step_minutes) for _ in peak)),
        fixed_charge_per_day=draw(st.sampled_from([0.0, 1.5])),
        fixed_charges=(
            FixedCharge("fixed a", draw(st.integers(0, 90)) / 4, draw(spans), draw(st.sampled_from([(), (1, 6, 10)]))),
        ),
        minimum_charges=(
            MinimumCharge("least a month", draw(st.integers(0, 4000)) / 4),
            MinimumCharge("least a year", draw(st.integers(0, 9000)) / 4, "year"),
        ),
        holidays=draw(st.sampled_from([(), (date(2026, 1, 30), date(2025, 12, 25), date(2026, 6, 1))])),
    )


@st.composite
def price_series(draw: st.DrawFn, load: Load) -> PriceSeries:
    minutes = draw(st.sampled_from([15, 60]))
    count = int((load.end - load.start) / timedelta(minutes=minutes)) + 3
    cycle = draw(st.lists(CENTS, min_size=5, max_size=5))
    return PriceSeries(load.start - timedelta(minutes=minutes), minutes, tuple(cycle[n % 5] for n in range(count)))


@st.composite
def loads(draw: st.DrawFn, days: int = 4, hour: int = 0) -> Load:
    """Whole local days from `hour`, each value drawn from a short cycle."""
    start = draw(st.sampled_from(STARTS)).replace(hour=hour)
    end = start + timedelta(days=days)  # on the local clock
    step = draw(st.sampled_from([15, 30, 60]))
    count = int((end.timestamp() - start.timestamp()) // 60 // step)
    cycle = draw(st.lists(st.integers(0, 90), min_size=7, max_size=7))
    spike = draw(st.integers(0, count - 1))
    kw = [float(cycle[n * 5 % 7]) + (40.0 if n == spike else 0.0) for n in range(count)]
    return Load(start.astimezone(ZoneInfo("UTC")), step, tuple(kw))
