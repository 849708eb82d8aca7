"""From a rate of the U.S. Utility Rate Database (URDB) to a native tariff: the same bill, or a refusal by name."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from models.errors import InvalidData, refuse
from models.tolerances import URDB_TIER_PER_KWH
from optimizer.files.errors import Collector, InputErrors
from optimizer.formats.tariff_document import (
    DemandChargeDocument,
    EnergyPeriodDocument,
    EnergyTiersDocument,
    FixedChargeDocument,
    MinimumChargeDocument,
    TariffDocument,
)
from optimizer.formats.tariff_file import Imported
from optimizer.tariffs.urdb.demand_charges import METERING_MINUTES, KwPer, demand_charges
from optimizer.tariffs.urdb.energy_tiers import MONTHS_PEAK, energy_tiers
from optimizer.tariffs.urdb.find_rates import picked, rates_in
from optimizer.tariffs.urdb.places import urdb_places
from optimizer.tariffs.urdb.rate import DIGITS, UrdbRate, read_rate
from optimizer.tariffs.urdb.schedule import Cell, cells_by, windows_of
from optimizer.tariffs.urdb.terms import UrdbTerms, read_terms

CURRENCY = "USD"
NO_CHARGES: tuple[DemandChargeDocument, ...] = ()
NO_TIERS: tuple[EnergyTiersDocument, ...] = ()


@dataclass(frozen=True)
class UrdbOptions:
    """What a URDB file does not say.

    `label`, `name`: which of several rates. `power_factor`: kW per kVA, for demand in kVA. `kw_per_hp`: kW that a
    horsepower is billed as, for demand in hp. `metering_minutes`: where the file has no demandwindow.
    `tier_tolerance_per_kwh`: steps between tiers that differ by less count as equal.
    """

    id: str | None = None
    label: str | None = None
    name: str | None = None
    holidays: tuple[str, ...] = ()
    metering_minutes: int = METERING_MINUTES
    power_factor: float | None = None
    tier_tolerance_per_kwh: float = URDB_TIER_PER_KWH
    kw_per_hp: float | None = None


def import_urdb(data: bytes, file: str, options: UrdbOptions) -> Imported:
    """The tariff in the URDB text `data`. Raises InputErrors with every problem, at its place in the file."""
    try:
        found = rates_in(data)
        raw = picked(found.rates, options.label, options.name)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    try:
        rate = read_rate(raw)
        imported = _imported(rate, read_terms(raw, found.rates), options)
    except InvalidData as error:
        in_file = (dataclasses.replace(one, place=found.in_file(one.place, raw)) for one in error.problems)
        raise InputErrors(file, in_file) from None
    places = urdb_places(raw, rate, imported.tariff)
    return dataclasses.replace(imported, places={inner: found.in_file(place, raw) for inner, place in places.items()})


def _imported(rate: UrdbRate, terms: UrdbTerms, options: UrdbOptions) -> Imported:
    found, notes = Collector(), [*terms.notes, *rate.notes]
    metering = rate.metering_minutes or options.metering_minutes
    demand = found.attempt(
        "", lambda: demand_charges(rate, metering, KwPer(options.power_factor, options.kw_per_hp), notes), NO_CHARGES
    )
    tiers = found.attempt("", lambda: energy_tiers(rate, options.tier_tolerance_per_kwh, notes), NO_TIERS)
    refuse(found.problems)
    if any(group.per_kw_of for group in tiers):
        demand = (*demand, DemandChargeDocument(name=MONTHS_PEAK, rate_per_kw=0, metering_minutes=metering))
    tariff = TariffDocument(
        id=options.id or rate.texts.get("label") or _slug(rate.texts.get("name", "")),
        energy_periods=_energy_periods(rate),
        energy_tiers=tiers,
        demand_charges=demand,
        fixed_charges=tuple(FixedChargeDocument(name="fixed", amount=c.amount, per=c.per) for c in rate.fixed),
        minimum_charges=tuple(_minimum_charges(rate)),
        holidays=options.holidays,
        eligibility=terms.eligibility,
        valid=terms.valid,
        not_billed=terms.not_billed,
        sources=_sources(rate, options, bool(demand)),
    )
    return Imported(tariff, CURRENCY, notes=tuple(notes))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "tariff"


def _energy_periods(rate: UrdbRate) -> tuple[EnergyPeriodDocument, ...]:
    """Prices of first tiers. The one with the most windows comes last and needs none: it holds what the others leave.

    That is what the schedule says, for windows of others hold exactly their cells and every cell has a price.
    """
    windows = {key: windows_of(cells) for key, cells in cells_by(lambda cell: _price(rate, cell)).items()}
    last = max(sorted(windows), key=lambda key: len(windows[key]))
    periods = [
        EnergyPeriodDocument(
            name=_period_name(rate, key[0]),
            price_per_kwh=key[1],
            start=window.start,
            end=window.end,
            days=window.days,
            months=window.months,
        )
        for key in sorted(windows)
        if key != last
        for window in windows[key]
    ]
    return (*periods, EnergyPeriodDocument(name=_period_name(rate, last[0]), price_per_kwh=last[1]))


def _price(rate: UrdbRate, cell: Cell) -> tuple[int, float]:
    """Period and price of a cell, the month's fuel adjustment included."""
    period = rate.energy_schedule.period(cell)
    price, fuel = rate.energy[period][0][1], rate.fuel_per_kwh[cell[1] - 1]
    return period, round(price + fuel, DIGITS) if fuel else price


def _period_name(rate: UrdbRate, period: int) -> str:
    labels = rate.energy_labels
    return labels[period] if period < len(labels) and labels[period].strip() else f"period {period + 1}"


def _minimum_charges(rate: UrdbRate) -> list[MinimumChargeDocument]:
    charges = []
    for charge in rate.minimum:
        assert charge.per != "day"  # refused where it is read
        charges.append(MinimumChargeDocument(name=f"minimum a {charge.per}", amount=charge.amount, per=charge.per))
    return charges


def _sources(rate: UrdbRate, options: UrdbOptions, has_demand: bool) -> dict[str, str]:
    texts = rate.texts
    known = [texts[key] for key in ("utility", "name", "label", "uri") if key in texts]
    sources = {"tariff": f"OpenEI U.S. Utility Rate Database (CC0): {', '.join(known) or 'a rate without a name'}"}
    if "source" in texts:
        sources["document"] = texts["source"]
    if "startdate" in texts or "enddate" in texts:
        sources["valid"] = f"{texts.get('startdate', '')} to {texts.get('enddate', 'further notice')}".strip()
    if "supersedes" in texts:
        sources["supersedes"] = f"URDB rate {texts['supersedes']}"
    if has_demand and rate.metering_minutes is None:
        sources["metering_minutes"] = "assumed: the URDB rate does not say"
    if options.power_factor is not None:
        sources["power_factor"] = f"demand in kVA billed at a power factor of {options.power_factor:g}: given on import"
    if options.kw_per_hp is not None:
        sources["kw_per_hp"] = f"demand in hp billed at {options.kw_per_hp:g} kW a horsepower: given on import"
    return sources
