"""The rows of a study's tables, as reports read them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class NightRow:
    """A row of nights.csv: a night of a station under one tariff; money in the study's currency."""

    variant: str
    station: str
    night: date
    tariff: str
    status: str
    method: str
    objective: float
    bound: float | None
    gap: float | None
    gross_cost: float
    baseline_gross_cost: float
    peak_kw: float
    baseline_peak_kw: float
    kwh: float
    swaps_served: int
    swaps_lost: int
    baseline_swaps_lost: int

    @property
    def gap_money(self) -> float | None:
        """How far the night's plan may be from its best possible."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A row of periods.csv: what a night drew in one price period, as planned and charging on arrival."""

    variant: str
    station: str
    night: date
    tariff: str
    period: str
    mean_price_per_kwh: float
    kwh: float
    baseline_kwh: float


@dataclass(frozen=True, slots=True)
class BillRow:
    """A row of bills.csv. `rate` is None where it is stepped or a market's; `month` is "2026-07", of a year "2026"."""

    variant: str
    station: str
    tariff: str
    side: str
    month: str
    kind: str
    name: str
    quantity: float
    unit: str
    rate: float | None
    amount: float


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A row of profiles.csv: the mean day of a station at one time of the local clock."""

    variant: str
    station: str
    tariff: str
    local_time: time
    mean_price_per_kwh: float
    mean_kw: float
    baseline_mean_kw: float
