"""A bill minute by minute from the words of a URDB rate. It shares nothing with the importer or the program's bill.

Tiers: all kWh of a month reach the thresholds, and those of each period lie in every tier in proportion, as in SAM.
A ratchet is on the flat demand that has one rate all year, or on the demand of a single period; where rates differ by
month or hour, every rate of the month is on one demand: its highest average at all hours, or the ratchet's floor.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Raw = Mapping[str, Any]
Tiers = Sequence[Mapping[str, Any]]
Month = tuple[int, int]


class BeyondPriceError(Exception):
    """The load is beyond the last tier."""


@lru_cache(maxsize=64)
def clock(zone: str, month: Month) -> tuple[tuple[date, int], ...]:
    """Local date and hour of each minute of a month."""
    year, of_year = month
    begin = datetime(year, of_year, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = datetime(year + of_year // 12, of_year % 12 + 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    local = (
        (begin + timedelta(minutes=m)).astimezone(ZoneInfo(zone)) for m in range((end - begin) // timedelta(minutes=1))
    )
    return tuple((at.date(), at.hour) for at in local)


class MinuteBill:
    """Bills the months of a load one after the other; `peaks` knows the highest averages of months before."""

    def __init__(
        self, rate: Raw, zone: str, holidays: Sequence[str], kw_in: Mapping[str, float], peaks: Mapping[Month, float]
    ) -> None:
        self.rate, self.zone, self.kw_in = rate, zone, kw_in
        self.holidays = {date.fromisoformat(day) for day in holidays}
        self.peaks = dict(peaks)
        self.window = int(rate.get("demandwindow", 15))

    def month(self, month: Month, kw: Sequence[float]) -> dict[str, float]:
        """Amounts of energy, demand, fixed and minimum charges. `kw`: of each minute. Raises BeyondPriceError."""
        at = clock(self.zone, month)
        assert len(at) == len(kw)
        averages = [sum(kw[i : i + self.window]) / self.window for i in range(0, len(kw), self.window)]
        firsts = at[:: self.window]
        days = monthrange(*month)[1]
        found = {"energy": self._energy(month, at, kw, max(averages), days)}
        found["demand"] = self._demand(month, firsts, averages, days)
        self.peaks[month] = max(averages)
        times = {"$/day": days, "$/month": 1.0, "$/year": 1 / 12}
        found["fixed"] = (
            self.rate.get("fixedchargefirstmeter", 0.0) * times[self.rate.get("fixedchargeunits", "$/month")]
        )
        least = self.rate.get("mincharge")
        found["minimum"] = 0.0 if least is None else max(0.0, least - sum(found.values()))
        return found

    def _period(self, kind: str, month: Month, at: tuple[date, int]) -> int:
        day, hour = at
        free = day.weekday() > 4 or day in self.holidays
        return int(self.rate[f"{kind}{'weekend' if free else 'weekday'}schedule"][month[1] - 1][hour])

    def _energy(
        self, month: Month, at: Sequence[tuple[date, int]], kw: Sequence[float], peak_kw: float, days: int
    ) -> float:
        kwh: dict[int, float] = {}
        for minute, power in enumerate(kw):
            period = self._period("energy", month, at[minute])
            kwh[period] = kwh.get(period, 0.0) + power / 60
        all_kwh = sum(kwh.values())
        fuel = self.rate.get("fueladjustmentsmonthly", [0.0] * 12)[month[1] - 1]
        amount = 0.0
        for period, own_kwh in kwh.items():
            tiers = self.rate["energyratestructure"][period]
            unit = tiers[0]["unit"].lower()
            times = (peak_kw if "/kw" in unit else 1.0) * (days if "daily" in unit else 1)
            amount += own_kwh * fuel + stepped(tiers, all_kwh, times) * own_kwh / all_kwh
        return amount

    def _demand(self, month: Month, firsts: Sequence[tuple[date, int]], averages: Sequence[float], days: int) -> float:
        flat, by_hour = self._flat(month), {}
        if "demandratestructure" in self.rate:
            for first, average in zip(firsts, averages, strict=True):
                period = self._period("demand", month, first)
                by_hour[period] = max(by_hour.get(period, 0.0), average)
        peak_kw, floor_kw = max(averages), self._floor_kw(month)
        if self._has_ratchet() and not self._has_one_rate():
            on_all = [flat] if flat else []
            on_all += [self.rate["demandratestructure"][period] for period in self._periods_of(month)]
            units = ["flatdemandunit"] * bool(flat) + ["demandrateunit"] * (len(on_all) - bool(flat))
            demand_kw = max(peak_kw, floor_kw)
            return sum(self._amount(tiers, unit, demand_kw, days) for tiers, unit in zip(on_all, units, strict=True))
        on_flat_kw = max(peak_kw, floor_kw)
        amount = self._amount(flat, "flatdemandunit", on_flat_kw, days) if flat else 0.0
        for period, kw in by_hour.items():
            demand_kw = kw if flat else max(kw, floor_kw)
            amount += self._amount(self.rate["demandratestructure"][period], "demandrateunit", demand_kw, days)
        return amount

    def _flat(self, month: Month) -> Tiers:
        if "flatdemandstructure" not in self.rate:
            return ()
        return self.rate["flatdemandstructure"][int(self.rate["flatdemandmonths"][month[1] - 1])]

    def _amount(self, tiers: Tiers, unit_key: str, kw: float, days: int) -> float:
        kind, _, daily = self.rate[unit_key].partition(" ")
        return stepped(tiers, kw / self.kw_in[kind]) * (days if daily else 1)

    def _periods_of(self, month: Month) -> set[int]:
        if "demandratestructure" not in self.rate:
            return set()
        rows = (self.rate[f"demand{days}schedule"][month[1] - 1] for days in ("weekday", "weekend"))
        return {int(period) for row in rows for period in row}

    def _has_ratchet(self) -> bool:
        return "lookbackpercent" in self.rate or "demandratchetpercentage" in self.rate

    def _has_one_rate(self) -> bool:
        """Is there one demand that has the same rate all year and at all hours?"""
        if "flatdemandstructure" in self.rate:
            return len({str(self._flat((2025, month))) for month in range(1, 13)}) == 1
        return len({period for month in range(1, 13) for period in self._periods_of((2025, month))}) == 1

    def _floor_kw(self, month: Month) -> float:
        rate, share, back = self.rate, 0.0, 11
        counted = [True] * 12
        if "lookbackpercent" in rate:
            share, counted = rate["lookbackpercent"], rate.get("lookbackmonths", counted)
            back = int(rate.get("lookbackrange", back))
        elif "demandratchetpercentage" in rate:
            share = rate["demandratchetpercentage"][month[1] - 1]
        share = share / 100 if share > 1 else share
        number = month[0] * 12 + month[1] - 1
        earlier = [((number - n) // 12, (number - n) % 12 + 1) for n in range(1, back + 1)]
        return share * max((self.peaks.get(one, 0.0) for one in earlier if counted[one[1] - 1]), default=0.0)


def stepped(tiers: Tiers, amount: float, times: float = 1.0) -> float:
    """What an amount costs in tiers whose `max` is to be taken `times`."""
    total, below = 0.0, 0.0
    for tier in tiers:
        top = tier["max"] * times if "max" in tier else float("inf")
        total += max(0.0, min(amount, top) - below) * (tier["rate"] + tier.get("adj", 0.0))
        below = top
    if amount > below:
        raise BeyondPriceError
    return total
