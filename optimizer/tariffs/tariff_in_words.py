"""A tariff in words: its periods, charges and windows, a line each."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence

from models.tariff.billing_year import UseClass
from models.tariff.rate_steps import Steps
from models.tariff.tariff import DemandCharge, EnergyPeriod, EnergyTiers, Ratchet, Tariff, Weight
from models.tariff.window import Window
from optimizer.files.plain_text import table
from optimizer.formats.tariff_file import TariffFile

DAYS = {"all": "", "weekday": "weekdays", "weekend": "weekends and holidays"}
WEIGHTS = {
    "daily": "a night is charged one in the days of the month",
    "remaining_days": "a night is charged one in the days left",
    "month": "a night is charged what the month's remaining days are likely to leave of it",
}


def tariff_lines(file: TariffFile) -> Iterator[str]:
    """Identity, energy, demand, fixed and minimum charges, holidays."""
    tariff, currency = file.tariff, file.currency
    yield f"Tariff {tariff.id}, {currency}, {file.document.time_zone}"
    yield from _energy(tariff, currency)
    for group in tariff.energy_tiers:
        yield f"  tiers    {group.name}: {_tiers(group, currency)}"
    for charge in tariff.demand_charges:
        yield f"  demand   {charge.name}: {_demand(charge, currency)}"
    for fixed in tariff.all_fixed_charges:
        when = f", {window_words(Window(months=fixed.months))}" if fixed.months else ""
        yield f"  fixed    {fixed.name}: {fixed.amount:,.10g} {currency} a {fixed.per}{when}"
    for least in tariff.minimum_charges:
        yield f"  minimum  {least.name}: {least.amount:,.10g} {currency} a {least.per} in all"
    if tariff.holidays:
        days = tariff.holidays
        yield f"  holidays {len(days)}, {min(days)} to {max(days)}: priced like weekends"


def _energy(tariff: Tariff, currency: str) -> Iterator[str]:
    market = tariff.price_series
    if market is not None:
        many = f"{len(market.per_kwh):,} prices of {market.minutes} minutes"
        low, high = min(market.per_kwh), max(market.per_kwh)
        yield f"  energy   {many} from {market.start:%Y-%m-%dT%H:%MZ}, {low:.6g} to {high:.6g} {currency}/kWh"
        return
    rows = [_period(period, is_last, currency) for period, is_last in _with_last(tariff.energy_periods)]
    for count, line in enumerate(table(rows)):
        yield f"  {'energy' if count == 0 else '':9}{line}"


def _with_last(periods: Sequence[EnergyPeriod]) -> Iterator[tuple[EnergyPeriod, bool]]:
    for count, period in enumerate(periods, 1):
        yield period, count == len(periods)


def _period(period: EnergyPeriod, is_last: bool, currency: str) -> tuple[str, str, str]:
    held = window_words(period.window)
    when = held or ("at all other times" if is_last else "always")
    return period.name, f"{period.price_per_kwh:.6g} {currency}/kWh", when


def _tiers(group: EnergyTiers, currency: str) -> str:
    parts = [f"{rate:+.6g} {currency}/kWh above {above:,.10g} kWh" for above, rate in group.tiers]
    each = ", for each of its days" if group.per == "day" else ""
    each += f", for each kW of the demand charge {group.per_kw_of}" if group.per_kw_of else ""
    shared = f", in proportion to the kWh of {group.in_proportion_to}" if group.in_proportion_to else ""
    most = "" if group.most_kwh is None else f"; no price beyond {group.most_kwh:,.10g} kWh"
    return f"{', '.join(parts)} of the month{each}{_in_windows(group.windows)}{shared}{most}"


def _demand(charge: DemandCharge, currency: str) -> str:
    each = ", for each day of the month," if charge.per == "day" else ""
    rates = _stepped(((0.0, charge.rate_per_kw), *charge.tiers), currency)
    parts = [f"{rates}{each} on the {charge.period}'s highest average over {charge.metering_minutes} minutes"]
    parts[0] += _in_windows(charge.windows)
    if charge.ratchet:
        parts.append(_ratchet(charge.ratchet))
    if charge.year_begins != 1:
        parts.append(f"years begin in {calendar.month_abbr[charge.year_begins]}")
    parts += [_use_class(one, currency) for one in charge.use_classes]
    if charge.use_classes:
        parts.append(f"{charge.expected_hours:,.10g} hours are expected")
    if charge.month_factors:
        parts.append(f"times {', '.join(f'{factor:.6g}' for factor in charge.month_factors)} in January to December")
    if charge.most_kw is not None:
        parts.append(f"no price beyond {charge.most_kw:,.10g} kW")
    if charge.weight != 1:
        words = _weight(charge.weight)
        parts.append(words.replace("month", "year") if charge.period == "year" else words)
    return "; ".join(parts)


def _use_class(one: UseClass, currency: str) -> str:
    more = f" and {one.surcharge_per_kwh:+.6g} {currency}/kWh" if one.surcharge_per_kwh else ""
    return f"from {one.least_hours:,.10g} hours of use a year {one.rate_per_kw:.6g} {currency}/kW{more}"


def _weight(weight: Weight) -> str:
    if isinstance(weight, tuple):
        return "weight " + ", ".join(f"{share:g} above {above:,.10g} kW" for above, share in weight)
    return WEIGHTS[weight] if isinstance(weight, str) else f"weight {weight:g}"


def _stepped(steps: Steps, currency: str) -> str:
    first, *others = (f"{rate:.6g} {currency}/kW" for _, rate in steps)
    return first + "".join(
        f", {rate} above {above:,.10g} kW" for (above, _), rate in zip(steps[1:], others, strict=True)
    )


def _ratchet(ratchet: Ratchet) -> str:
    counted = f" ({month_words(ratchet.counted_months)})" if ratchet.counted_months else ""
    billed = f", billed in {month_words(ratchet.billed_months)}" if ratchet.billed_months else ""
    back = f"highest of the {ratchet.months_back} months before{counted}"
    return f"at least {100 * ratchet.share:g} % of the {back}{billed}"


def _in_windows(windows: Sequence[Window]) -> str:
    times = [words for window in windows if (words := window_words(window))]
    return f", {' or '.join(times)}" if times else ""


def window_words(window: Window) -> str:
    """When a window holds; nothing where it always does."""
    is_all_day = (window.start_minute, window.end_minute) == (0, 1440)
    clock = "" if is_all_day else f"{_time(window.start_minute)} to {_time(window.end_minute)}"
    dates = " or ".join(f"{first} to {last}" for first, last in window.dates)
    parts = (clock, DAYS[window.days], month_words(window.months), dates)
    return ", ".join(part for part in parts if part)


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def month_words(months: Sequence[int]) -> str:
    """Months by name, those that follow one another as a range; the list itself is given in any order."""
    runs: list[list[int]] = []
    for month in sorted(set(months)):
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    names = calendar.month_abbr
    return ", ".join(names[run[0]] + (f" to {names[run[-1]]}" if len(run) > 1 else "") for run in runs)
