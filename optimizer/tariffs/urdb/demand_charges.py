"""Demand charges of a URDB rate: flat ones by month, others by the periods of a schedule, and their ratchet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from models.errors import InvalidData, Problem, refuse
from models.tariff.rate_steps import Steps
from optimizer.files.errors import Collector
from optimizer.formats.tariff_document import DemandChargeDocument, RatchetDocument, WindowDocument
from optimizer.tariffs.urdb.other_charges import Lookback
from optimizer.tariffs.urdb.rate import Demand, UrdbRate
from optimizer.tariffs.urdb.schedule import MONTHS, cells_by, months_window, windows_of

METERING_MINUTES = 15
FLAT_DEMAND, WINDOW_DEMAND = "flat demand", "demand period"  # begin the names of charges
KW, KVA, HP, DAILY = "kw", "kva", "hp", " daily"

Charges = list[DemandChargeDocument]


@dataclass(frozen=True)
class KwPer:
    """kW in a kVA (the power factor) and in a horsepower, where they are given."""

    kva: float | None = None
    hp: float | None = None


@dataclass(frozen=True)
class _DemandUnit:
    """kW in a unit of demand, and whether its rates are of the month or for each of its days."""

    kw: float
    per: Literal["month", "day"]


def demand_charges(
    rate: UrdbRate, metering_minutes: int, factors: KwPer, notes: list[str]
) -> tuple[DemandChargeDocument, ...]:
    """Every demand charge that costs anything. Notes for the user are added to `notes`. Raises InvalidData."""
    found, nothing = Collector(), Charges()
    flat = found.attempt("flatdemandunit", lambda: list(_flat(rate.flat_demand, factors)), nothing)
    window = found.attempt("demandrateunit", lambda: list(_by_window(rate.window_demand, factors)), nothing)
    refuse(found.problems)
    if rate.lookback is not None and (flat or window):
        flat, window = _with_ratchet(flat, window, rate.lookback, notes)
    return tuple(msgspec.structs.replace(one, metering_minutes=metering_minutes) for one in (*flat, *window))


def _flat(demand: Demand | None, factors: KwPer) -> Iterator[DemandChargeDocument]:
    """A charge for all months that have the same rates."""
    if demand is None:
        return
    unit = _unit(demand.unit, factors)
    months: dict[tuple[Steps, float | None], list[int]] = {}
    for month, period in enumerate(demand.months, 1):
        months.setdefault((demand.structure[period], demand.limits[period]), []).append(month)
    billed = {key: of for key, of in months.items() if _costs(key[0])}
    for count, ((steps, limit), of) in enumerate(billed.items(), 1):
        name = FLAT_DEMAND if len(billed) == 1 else f"{FLAT_DEMAND} {count}"
        yield _charge(name, steps, unit, months_window(of), limit)


def _by_window(demand: Demand | None, factors: KwPer) -> Iterator[DemandChargeDocument]:
    """A charge for each period, on its own highest average."""
    if demand is None or demand.schedule is None:
        return
    unit = _unit(demand.unit, factors)
    for period, cells in sorted(cells_by(demand.schedule.period).items()):
        if _costs(demand.structure[period]):
            steps, limit = demand.structure[period], demand.limits[period]
            yield _charge(f"{WINDOW_DEMAND} {period + 1}", steps, unit, windows_of(cells), limit)


def _costs(steps: Steps) -> bool:
    return any(rate for _, rate in steps)


def _unit(unit: str, factors: KwPer) -> _DemandUnit:
    """P kW at power factor f are P / f kVA: a rate per kVA is rate / f per kW, and a limit of L kVA one of f · L kW."""
    name = " ".join(unit.lower().split())
    per: Literal["month", "day"] = "day" if name.endswith(DAILY) else "month"
    kind = name.removesuffix(DAILY)
    kw_each = {KW: 1.0, KVA: factors.kva, HP: factors.hp}
    if (kw := kw_each.get(kind)) is not None:
        return _DemandUnit(kw, per)
    if kind == KVA:
        rule, remedy = "cannot be billed from kW alone", "give --power-factor, that of the station's load"
    elif kind == HP:
        rule, remedy = (
            "cannot be billed from kW alone",
            "give --kw-per-hp: the kW that the utility takes for a horsepower",
        )
    else:
        rule, remedy = "cannot be billed: only demand in kW, kVA or hp, by the month or the day", "choose another rate"
    raise InvalidData([Problem("", unit, rule, remedy)])


def _charge(
    name: str, steps: Steps, unit: _DemandUnit, windows: Sequence[WindowDocument], limit: float | None
) -> DemandChargeDocument:
    per_kw = [(above * unit.kw, price / unit.kw) for above, price in steps]
    return DemandChargeDocument(
        name=name,
        rate_per_kw=per_kw[0][1],
        windows=tuple(windows),
        tiers=tuple(per_kw[1:]),
        per=unit.per,
        most_kw=None if limit is None else limit * unit.kw,
    )


def _with_ratchet(flat: Charges, window: Charges, lookback: Lookback, notes: list[str]) -> tuple[Charges, Charges]:
    """The ratchet on the flat charge or, without one, on the only charge there is, if it holds at all times.

    Where rates differ by month or hour, SAM has one billed demand a month: its highest average at all hours, or the
    share of an earlier month's; every rate of the month is on it. So is the one charge here.
    """
    carrying = flat or window
    ratchet = RatchetDocument(
        share=lookback.share,
        months_back=lookback.months_back,
        counted_months=lookback.counted_months,
        billed_months=lookback.billed_months,
    )
    if len(carrying) > 1 or carrying[0].windows:
        notes.append(
            "with a ratchet, all demand rates of a month are on its highest average at all hours, or the ratchet's "
            "share of an earlier month's, as in SAM"
        )
        return [_at_one_demand([*flat, *window], lookback, ratchet)], Charges()
    if flat and window:
        notes.append("the ratchet is billed on flat demand only; the format leaves open whether others have it, too")
    carrying[:] = [msgspec.structs.replace(carrying[0], ratchet=ratchet)]
    return flat, window


def _at_one_demand(charges: Charges, lookback: Lookback, ratchet: RatchetDocument) -> DemandChargeDocument:
    """One charge at the sum of each month's rates. Raises InvalidData where rates are stepped."""
    if any(one.tiers or one.most_kw is not None or one.per != charges[0].per for one in charges):
        rule = "cannot be billed: a ratchet on stepped demand rates that differ by month or hour"
        raise InvalidData([Problem(lookback.key, lookback.share, rule, "take it out and bill the ratchet by hand")])
    rates = [sum(one.rate_per_kw for one in charges if month in _months_of(one)) for month in MONTHS]
    highest = max(rates, key=abs)
    factors = () if len(set(rates)) == 1 else tuple(one / highest for one in rates)
    return DemandChargeDocument(
        name="demand", rate_per_kw=highest, per=charges[0].per, month_factors=factors, ratchet=ratchet
    )


def _months_of(charge: DemandChargeDocument) -> set[int]:
    return {month for window in charge.windows or (WindowDocument(),) for month in window.months or MONTHS}
