"""What the nights of a study come to: its tables, their ranking, the summary, all written into its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, time
from typing import Any

from msgspec import structs

from models.horizon import MINUTES_PER_DAY, local_minute
from models.tariff.bill import BillLine, Load, bill, bill_and_years
from models.tariff.series import TariffSeries, tariff_on
from optimizer.files.parquet import parquet_tables
from optimizer.studies.answers.by_station import station_tariffs
from optimizer.studies.answers.curves import cost_curves, curve_rows, station_values
from optimizer.studies.answers.differences import differences
from optimizer.studies.chain_savings import BilledChain, chain_savings, load_cap_nights
from optimizer.studies.month_bound.kept_bounds import ChainBound
from optimizer.studies.month_bound.verdicts import ranking_with_bounds, stations_with_bounds
from optimizer.studies.months.years_in_part import years_in_part
from optimizer.studies.night_record import NightOutcome, NightRecord, TariffNight
from optimizer.studies.night_task import TaskSeconds
from optimizer.studies.not_for import not_for_tariffs
from optimizer.studies.ranking import cheapest_changes, ranking, same_energy
from optimizer.studies.real_days import RealDays
from optimizer.studies.sentences import Findings, sentences
from optimizer.studies.study import Study, StudyTariff
from optimizer.studies.study_run import StudyRun
from optimizer.studies.summary import (
    FORMAT,
    CostCurve,
    MonthBound,
    StationNights,
    StudyOptions,
    StudySummary,
    UnplannedNights,
)
from optimizer.studies.tables import (
    BASELINE,
    PLAN,
    TABLE_FILES,
    TEXTS,
    AtStation,
    BillRow,
    CurveRow,
    NightRow,
    PeriodRow,
    ProfileRow,
    RankedTariff,
    StationTariff,
    StudyTables,
    TakenPlans,
    table_csv,
)
from optimizer.studies.under_way.chain import Chain
from optimizer.studies.variants.answers import restricted_answers, told_of_taken
from optimizer.studies.variants.taken_plans import plans_to_take, taken_by, told_records
from optimizer.tariffs.bill_table import month_text

MARKET = "market"
LOAD_CAP = "load_cap"  # a side that no table has
BEYOND_THE_BILL = ("wear", "plug_changes", "lost_swaps", "reserve")


NO_BOUNDS: Mapping[AtStation, ChainBound] = {}


def write_results(
    run: StudyRun, tables: StudyTables | None = None, bounds: Mapping[AtStation, ChainBound] = NO_BOUNDS
) -> StudySummary:
    """Write tables (by default those of its chains) and summary of a run into its folder, with `bounds` of all nights.

    Raises OutputErrors.
    """
    tables = study_tables(run.study, run.chains) if tables is None else tables
    ranked = ranking(run.study, tables)
    if bounds:
        tables = replace(tables, stations=stations_with_bounds(tables.stations, bounds))
        ranked = ranking_with_bounds(ranked, tables.stations)
    summary = study_summary(run, ranked, tables.stations, tuple(bounds.values()), tables.taken)
    csv = {TABLE_FILES[RankedTariff]: table_csv(RankedTariff, summary.ranking), **tables.as_csv()}
    csv[TABLE_FILES[CurveRow]] = table_csv(CurveRow, curve_rows(summary.curves))
    run.folder.write_results(csv | parquet_tables(csv, TEXTS), summary)
    return summary


def study_summary(
    run: StudyRun,
    ranked: Mapping[str, Sequence[RankedTariff]],
    at_stations: Sequence[StationTariff] = (),
    bounds: Sequence[ChainBound] = (),
    taken: Sequence[TakenPlans] = (),
) -> StudySummary:
    """The object of study.json; `ranked` by variant. No clock in it."""
    study = run.study
    not_for = tuple(not_for_tariffs(study, run.chains, lambda chain: told_records(chain, run.chains, taken)))
    rows = tuple(one for of_variant in ranked.values() for one in of_variant)
    restricted = tuple(restricted_answers(study, at_stations, taken))
    found = Findings(ranked, at_stations, same_energy(study), restricted, _curves(study, rows), not_for)
    return StudySummary(
        format=FORMAT,
        version=1,
        status=run.status,
        **_question(study),
        options=StudyOptions(run.options.gap, run.options.time_limit_seconds, run.options.seed),
        station_nights=StationNights(run.nights_in_all, run.nights_done),
        ranking=rows,
        answers=tuple(sentences(study, study.nights, len(study.stations), found)),
        flips=tuple(cheapest_changes(study, ranked)),
        same_energy_prices=tuple(map(tuple, found.same_energy_prices)),
        months_in_part=tuple(map(month_text, study.months_in_part)),
        fallbacks=tuple(_fallbacks(run.chains)),
        failed=_failed(run.chains),
        versions=run.versions,
        not_for=not_for,
        differences=tuple(differences(ranked)),
        month_bounds=tuple(map(_told_of_bound, bounds)),
        curves=tuple(found.curves),
        plans_taken=tuple(map(told_of_taken, taken)),
    )


def _curves(study: Study, ranking: Sequence[RankedTariff]) -> tuple[CostCurve, ...]:
    own, tariffs = station_values(study.stations), [one.id for one in study.tariffs]
    return tuple(cost_curves(study.variants, own, tariffs, ranking))


def _told_of_bound(one: ChainBound) -> MonthBound:
    place = {"variant": one.variant, "station": one.station, "tariff": one.tariff}
    return MonthBound(bound=one.bound, reason=one.reason, left_out=one.left_out, **place)


def _question(study: Study) -> dict[str, Any]:
    """What was asked, and what the study itself has: its stations, its years, and how nights went, if it plays them."""
    return {
        "name": study.name,
        "currency": study.currency,
        "time_zone": study.day.time_zone,
        "slot_minutes": study.day.slot_minutes,
        "first_night": study.first_night,
        "nights": study.nights,
        "stations": tuple(station.id for station in study.stations),
        "tariffs": tuple(one.id for one in study.tariffs),
        "variants": study.variants,
        "station_values": station_values(study.stations),
        "years_in_part": tuple(one.words for one in years_in_part(study)),
        **_days(study.real),
    }


def _days(real: RealDays | None) -> dict[str, Any]:
    """How nights went, of a study that plays them."""
    return {} if real is None else {"days": real.days, "policy": real.policy, "seed": real.seed}


def _failed(chains: Sequence[Chain]) -> tuple[UnplannedNights, ...]:
    failed = (one for one in chains if one.failure)
    return tuple(UnplannedNights(variant=one.variant.id, station=one.name, reason=one.failure) for one in failed)


def _fallbacks(chains: Sequence[Chain]) -> Iterator[UnplannedNights]:
    for chain in chains:
        for one in chain.fallbacks:
            place = {"variant": chain.variant.id, "station": chain.name, "night": one.night}
            yield UnplannedNights(**place, tariff=one.tariff, reason=one.reason)


def study_tables(study: Study, chains: Sequence[Chain]) -> StudyTables:
    """The tables of the nights that have a record; chains that ended early have no bill and no mean day.

    Where a more restricted variant's plans cost less in all than a station's own, the tables tell of those.
    """
    tables = _tables(study, chains, ())
    taken = plans_to_take(study, tables.stations)
    return _tables(study, chains, taken) if taken else tables


def _tables(study: Study, chains: Sequence[Chain], taken: Sequence[TakenPlans]) -> StudyTables:
    tables = StudyTables([], [], [], [], taken=taken)
    horizons = [study.horizon(n) for n in range(study.nights)]
    series_of = {one.id: [tariff_on(one.tariff, horizon) for horizon in horizons] for one in study.tariffs}
    for chain in chains:
        records = told_records(chain, chains, taken)  # once: they are read from the folder, and not all are held
        plans_of = {one.own.tariff: one.plans_of for one in taken_by(chain, taken)}
        for index, one in enumerate(study.tariffs):
            nights, series = [record.tariffs[index] for record in records], series_of[one.id]
            for record, night, on in zip(records, nights, series, strict=False):
                row = _night_row(study, chain, record, night)
                tables.nights.append(replace(row, plans_of=plans_of.get(one.id, "")))
                tables.periods.extend(_period_rows(study, chain, record, night, on))
            if len(records) == study.nights:
                tables.profiles.extend(_profile_rows(study, chain, one, nights, series))
                plan = _billed(study, chain, one, PLAN, [night.plan for night in nights])
                on_arrival = _billed(study, chain, one, BASELINE, [night.baseline for night in nights])
                load_cap = _billed(study, chain, one, LOAD_CAP, load_cap_nights(nights))
                tables.bills.extend((*plan.bills, *on_arrival.bills))
                saved = chain_savings(plan, on_arrival, load_cap)
                tables.savings[chain.variant.id, chain.name, one.id] = saved
                tables.other_days[chain.variant.id, chain.name, one.id] = plan.other_days, on_arrival.other_days
    tables.stations.extend(station_tariffs(tables, study.nights, [one.id for one in study.tariffs]))
    return tables


def _night_row(study: Study, chain: Chain, record: NightRecord, night: TariffNight) -> NightRow:
    plan, baseline = night.plan, night.baseline
    return NightRow(
        variant=chain.variant.id,
        station=chain.name,
        night=date.fromisoformat(record.night),
        tariff=night.tariff,
        status=night.status,
        method=night.method,
        objective=night.objective,
        bound=night.bound,
        gap=night.gap,
        planned_gross_cost=night.gross_cost,
        gross_cost=plan.gross_cost,
        **structs.asdict(plan.cost),
        baseline_objective=baseline.objective,
        baseline_gross_cost=baseline.gross_cost,
        baseline_other=sum(getattr(baseline.cost, name) for name in BEYOND_THE_BILL),
        baseline_end_value=baseline.cost.end_value,
        peak_kw=max(plan.load_kw),
        baseline_peak_kw=max(baseline.load_kw),
        kwh=_kwh(study, plan),
        baseline_kwh=_kwh(study, baseline),
        end_kwh=_stored_kwh(plan),
        baseline_end_kwh=_stored_kwh(baseline),
        swaps_served=plan.swaps_served,
        swaps_lost=plan.swaps_lost,
        baseline_swaps_lost=baseline.swaps_lost,
        copied_from=night.copied_from,
        reason=night.reason,
    )


def _kwh(study: Study, outcome: NightOutcome) -> float:
    return sum(outcome.load_kw) * study.day.slot_hours


def _stored_kwh(outcome: NightOutcome) -> float:
    return sum(bay.energy_kwh for bay in outcome.state.packs)


def _period_rows(
    study: Study, chain: Chain, record: NightRecord, night: TariffNight, series: TariffSeries
) -> Iterator[PeriodRow]:
    """A row a price period; a slot counts for the period of its first minute."""
    names = [name or MARKET for name in series.period_names]
    hours = study.day.slot_hours
    for name in dict.fromkeys(names):
        slots = [t for t, of_slot in enumerate(names) if of_slot == name]
        prices = [series.price_per_kwh[t] for t in slots]
        yield PeriodRow(
            variant=chain.variant.id,
            station=chain.name,
            night=date.fromisoformat(record.night),
            tariff=night.tariff,
            period=name,
            mean_price_per_kwh=sum(prices) / len(prices),
            kwh=sum(night.plan.load_kw[t] for t in slots) * hours,
            baseline_kwh=sum(night.baseline.load_kw[t] for t in slots) * hours,
        )


def _profile_rows(
    study: Study, chain: Chain, tariff: StudyTariff, nights: Sequence[TariffNight], series: Sequence[TariffSeries]
) -> Iterator[ProfileRow]:
    """The mean day by the local clock, from the time at which nights begin."""
    by_minute: dict[int, list[tuple[float, float, float]]] = {}
    for n, (night, on) in enumerate(zip(nights, series, strict=True)):
        horizon = study.horizon(n)
        for t, of_slot in enumerate(zip(on.price_per_kwh, night.plan.load_kw, night.baseline.load_kw, strict=True)):
            minute = local_minute(horizon.slot_start(t), study.zone).minute
            by_minute.setdefault((minute - study.first_minute) % MINUTES_PER_DAY, []).append(of_slot)
    for since_begin, values in sorted(by_minute.items()):
        hour, minute = divmod((since_begin + study.first_minute) % MINUTES_PER_DAY, 60)
        price, kw, baseline_kw = (sum(column) / len(values) for column in zip(*values, strict=True))
        yield ProfileRow(
            variant=chain.variant.id,
            station=chain.name,
            tariff=tariff.id,
            local_time=time(hour, minute),
            mean_price_per_kwh=price,
            mean_kw=kw,
            baseline_mean_kw=baseline_kw,
        )


def _billed(
    study: Study, chain: Chain, tariff: StudyTariff, side: str, outcomes: Sequence[NightOutcome]
) -> BilledChain:
    """The bill of all nights, to the cent: what the utility would charge for them, month by month; and pro rata."""
    load_kw = tuple(kw for outcome in outcomes for kw in outcome.load_kw)
    load = Load(study.horizon(0).start, study.day.slot_minutes, load_kw)
    rows = tuple(_bill_rows(chain, tariff, side, bill(tariff.tariff, load, study.zone, to_cents=True)))
    parts = study.months_in_part
    counted = bill_and_years(tariff.tariff, load, study.zone, to_cents=True, shares=parts)[0] if parts else None
    return BilledChain(outcomes, rows, counted)


def _bill_rows(chain: Chain, tariff: StudyTariff, side: str, lines: Sequence[BillLine]) -> Iterator[BillRow]:
    for line in lines:
        facts = asdict(line) | {"month": month_text(line.month)}
        yield BillRow(variant=chain.variant.id, station=chain.name, tariff=tariff.id, side=side, **facts)


def timing(run: StudyRun) -> dict[str, Any]:
    """By tariff: seconds of this run, all nights, and those that another tariff's plan was proven good for."""
    found = {}
    for one in run.study.tariffs:
        took = run.seconds.get(one.id, TaskSeconds(0.0, 0.0))
        found[one.id] = {
            "cpu_seconds": round(took.cpu, 3),
            "solver_seconds": round(took.solver, 3),
            "nights": run.nights_done,
            "planned": run.planned[one.id],
            "copied": sum(chain.copied[one.id] for chain in run.chains),
        }
    return found
