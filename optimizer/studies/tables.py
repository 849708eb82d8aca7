"""A study's results as tidy tables: a row a night and tariff, kWh by price period, bills line by line, mean days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from msgspec import structs

from models.horizon import MINUTES_PER_DAY, local_minute
from models.tariff.bill import BillLine, Load, bill
from models.tariff.series import TariffSeries, tariff_on
from optimizer.files.csv_table import table_text
from optimizer.studies.record import NightRecord, Side, TariffNight
from optimizer.studies.run import Chain
from optimizer.studies.study import Study, StudyTariff
from optimizer.tariffs.bill_table import told_month

Row = dict[str, object]
COST = ("energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve", "end_value", "base_bill")
NIGHT_COLUMNS = (
    "variant", "station", "night", "tariff", "status", "method", "objective", "bound", "gap", "planned_gross_cost",
    "gross_cost", *COST,
    "baseline_objective", "baseline_gross_cost", "baseline_other", "baseline_end_value",
    "peak_kw", "baseline_peak_kw", "kwh", "baseline_kwh", "end_kwh",
    "baseline_end_kwh", "swaps_served", "swaps_lost", "baseline_swaps_lost", "copied_from", "reason",
)  # fmt: skip
PERIOD_COLUMNS = ("variant", "station", "night", "tariff", "period", "mean_price_per_kwh", "kwh", "baseline_kwh")
BILL_COLUMNS = (
    "variant", "station", "tariff", "side", "month", "kind", "name", "quantity", "unit", "rate", "amount"
)  # fmt: skip
PROFILE_COLUMNS = ("variant", "station", "tariff", "local_time", "mean_price_per_kwh", "mean_kw", "baseline_mean_kw")
TEXTS = frozenset({"variant", "station", "tariff", "method", "copied_from", "reason", "period", "name"})
PLAN, BASELINE = "plan", "baseline"
MARKET = "market"
BEYOND_THE_BILL = ("wear", "plug_changes", "lost_swaps", "reserve")


@dataclass(frozen=True)
class Results:
    """The rows of all tables, and the bills that the ranking adds up, by (variant, station, tariff, side)."""

    nights: Sequence[Row]
    periods: Sequence[Row]
    bills: Sequence[Row]
    profiles: Sequence[Row]
    lines: Mapping[tuple[str, str, str, str], Sequence[BillLine]]

    def as_csv(self) -> dict[str, bytes]:
        """The tables by file name."""
        return {
            "nights.csv": table_text(NIGHT_COLUMNS, TEXTS, self.nights),
            "periods.csv": table_text(PERIOD_COLUMNS, TEXTS, self.periods),
            "bills.csv": table_text(BILL_COLUMNS, TEXTS, self.bills),
            "profiles.csv": table_text(PROFILE_COLUMNS, TEXTS, self.profiles),
        }


def results_of(study: Study, chains: Sequence[Chain]) -> Results:
    """The tables of the nights that have a record; chains that ended early have no bill."""
    nights: list[Row] = []
    periods: list[Row] = []
    profiles: list[Row] = []
    lines: dict[tuple[str, str, str, str], list[BillLine]] = {}
    horizons = [study.horizon(n) for n in range(study.nights)]
    on_nights = [[tariff_on(one.tariff, horizon) for horizon in horizons] for one in study.tariffs]
    for chain in chains:
        for index, (one, series) in enumerate(zip(study.tariffs, on_nights, strict=True)):
            of_tariff = [record.tariffs[index] for record in chain.records]
            for record, night, on in zip(chain.records, of_tariff, series, strict=False):
                nights.append(_night_row(study, chain, record, night))
                periods += _period_rows(study, chain, record, night, on)
            if len(chain.records) == study.nights:
                profiles += _profile_rows(study, chain, one, of_tariff, series)
                for side in (PLAN, BASELINE):
                    key = (chain.variant.id, chain.name, one.id, side)
                    lines[key] = _bill(study, one, [getattr(night, side) for night in of_tariff])
    bills = [_bill_row(key, line) for key, of_key in lines.items() for line in of_key]
    return Results(nights, periods, bills, profiles, lines)


def _night_row(study: Study, chain: Chain, record: NightRecord, night: TariffNight) -> Row:
    plan, bare = night.plan, night.baseline
    return {
        "variant": chain.variant.id,
        "station": chain.name,
        "night": record.night,
        "tariff": night.tariff,
        "status": night.status,
        "method": night.method,
        "objective": night.objective,
        "bound": night.bound,
        "gap": night.gap,
        "planned_gross_cost": night.gross_cost,
        "gross_cost": plan.gross_cost,
        **structs.asdict(plan.cost),
        "baseline_objective": bare.objective,
        "baseline_gross_cost": bare.gross_cost,
        "baseline_other": sum(getattr(bare.cost, name) for name in BEYOND_THE_BILL),
        "baseline_end_value": bare.cost.end_value,
        "peak_kw": max(plan.load_kw),
        "baseline_peak_kw": max(bare.load_kw),
        "kwh": _kwh(study, plan),
        "baseline_kwh": _kwh(study, bare),
        "end_kwh": _stored_kwh(plan),
        "baseline_end_kwh": _stored_kwh(bare),
        "swaps_served": plan.swaps_served,
        "swaps_lost": plan.swaps_lost,
        "baseline_swaps_lost": bare.swaps_lost,
        "copied_from": night.copied_from,
        "reason": night.reason,
    }


def _kwh(study: Study, side: Side) -> float:
    return sum(side.load_kw) * study.day.slot_hours


def _stored_kwh(side: Side) -> float:
    return sum(bay.energy_kwh for bay in side.state.packs)


def _period_rows(
    study: Study, chain: Chain, record: NightRecord, night: TariffNight, series: TariffSeries
) -> Iterator[Row]:
    """A row a price period; a slot counts for the period of its first minute."""
    names = [name or MARKET for name in series.period_names]
    hours = study.day.slot_hours
    for name in dict.fromkeys(names):
        slots = [t for t, of_slot in enumerate(names) if of_slot == name]
        prices = [series.price_per_kwh[t] for t in slots]
        yield {
            "variant": chain.variant.id,
            "station": chain.name,
            "night": record.night,
            "tariff": night.tariff,
            "period": name,
            "mean_price_per_kwh": sum(prices) / len(prices),
            "kwh": sum(night.plan.load_kw[t] for t in slots) * hours,
            "baseline_kwh": sum(night.baseline.load_kw[t] for t in slots) * hours,
        }


def _profile_rows(
    study: Study, chain: Chain, tariff: StudyTariff, nights: Sequence[TariffNight], series: Sequence[TariffSeries]
) -> Iterator[Row]:
    """The mean day by the local clock, from the time at which nights begin."""
    by_minute: dict[int, list[tuple[float, float, float]]] = {}
    for n, (night, on) in enumerate(zip(nights, series, strict=True)):
        horizon = study.horizon(n)
        for t, of_slot in enumerate(zip(on.price_per_kwh, night.plan.load_kw, night.baseline.load_kw, strict=True)):
            minute = local_minute(horizon.slot_start(t), study.zone).minute
            by_minute.setdefault((minute - study.first_minute) % MINUTES_PER_DAY, []).append(of_slot)
    for since_begin, values in sorted(by_minute.items()):
        hour, minute = divmod((since_begin + study.first_minute) % MINUTES_PER_DAY, 60)
        price, kw, bare_kw = (sum(column) / len(values) for column in zip(*values, strict=True))
        yield {
            "variant": chain.variant.id,
            "station": chain.name,
            "tariff": tariff.id,
            "local_time": f"{hour:02d}:{minute:02d}",
            "mean_price_per_kwh": price,
            "mean_kw": kw,
            "baseline_mean_kw": bare_kw,
        }


def _bill(study: Study, tariff: StudyTariff, sides: Iterable[Side]) -> list[BillLine]:
    """The bill of all nights, to the cent: what the utility would ask for them, month by month."""
    load_kw = tuple(kw for side in sides for kw in side.load_kw)
    load = Load(study.horizon(0).start, study.day.slot_minutes, load_kw)
    return bill(tariff.tariff, load, study.zone, to_cents=True)


def _bill_row(key: tuple[str, str, str, str], line: BillLine) -> Row:
    variant, station, tariff, side = key
    told = asdict(line) | {"month": told_month(line.month)}
    return {"variant": variant, "station": station, "tariff": tariff, "side": side, **told}
