"""A study's tables: nights add up to bills, every row has its own key, no cell can run."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar

import pytest
import tiny_study as tiny

from models.tariff.bill import Load, bill_and_years
from optimizer.studies.results import study_tables
from optimizer.studies.study import Study
from optimizer.studies.study_run import StudyRun
from optimizer.studies.tables import StudyTables
from optimizer.workers.local_pool import Fault

BLOCK = {"name": "block", "tiers": [[120, 0.05], [300, -0.02]], "windows": [{"start": "00:00", "end": "20:00"}]}
STEPPED = tiny.PEAK | {"tiers": [[20, 3.0]], "windows": [{"start": "06:00", "end": "24:00"}]}
RATCHET = tiny.PEAK | {"name": "floor", "ratchet": {"share": 0.9}}
MARKET = {"start": "2026-01-14T00:00Z", "minutes": 30, "per_kwh": [0.1 + 0.01 * (n % 17) for n in range(24 * 48)]}
TARIFFS = [
    tiny.FLAT,
    tiny.DEMAND,
    tiny.FLAT | {"id": "tiered", "energy_tiers": [BLOCK], "demand_charges": [STEPPED]},
    {"id": "market", "price_series": MARKET, "demand_charges": [tiny.PEAK]},
    tiny.FLAT | {"id": "ratchet", "demand_charges": [RATCHET]},
    tiny.FLAT
    | {
        "id": "fixed",
        "fixed_charges": [{"name": "grid", "amount": 9}],
        "minimum_charges": [{"name": "least", "amount": 999}],
    },
]
R = TypeVar("R")
KEYS = {
    "nights": ("variant", "station", "night", "tariff"),
    "periods": ("variant", "station", "night", "tariff", "period"),
    "bills": ("variant", "station", "tariff", "side", "month", "kind", "name", "rate"),
    "profiles": ("variant", "station", "tariff", "local_time"),
}


def study_of(folder: Path, *, noon: bool = False, **changes: Any) -> Study:
    """Five nights over the end of January, every night's plan with all of the demand rate at stake."""
    folder.mkdir()
    day = tiny.instance(tiny.station(base_load_kw=1.5), tariffs=TARIFFS)
    asked = {"tariffs": [{"id": one["id"]} for one in TARIFFS], "demand_weight": 1, "nights": 5}
    return tiny.read(folder, day, **asked | {"nights_begin": "12:00" if noon else "00:00"} | changes)


@pytest.fixture(scope="module", params=[False, True], ids=["from midnight", "from noon"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    folder = tmp_path_factory.mktemp("tables")
    return tiny.run_of(study_of(folder / "study", noon=request.param), folder / "out")


@pytest.fixture(scope="module")
def results(run: StudyRun) -> StudyTables:
    return study_tables(run.study, run.chains)


def of(rows: Sequence[R], **asked: object) -> list[R]:
    return [row for row in rows if all(getattr(row, name) == value for name, value in asked.items())]


def total(rows: Sequence[object], *names: str) -> float:
    return math.fsum(getattr(row, name) for row in rows for name in names)


def floor_cost(results: StudyTables, tariff: str, side: str) -> float:
    """What the ratchet of January bills in February whatever is drawn: no night adds it."""
    if tariff != "ratchet":
        return 0.0
    (january,) = of(results.bills, tariff=tariff, side=side, month="2026-01", kind="demand")
    return 2.0 * 0.9 * january.quantity


def tiers_in_part(run: StudyRun, index: int, side: str) -> list[Any]:
    """The lines of energy tiers with thresholds of the parts of January and February that the study has."""
    outcomes = (getattr(record.tariffs[index], side) for record in run.chains[0].records)
    load = Load(run.study.horizon(0).start, 60, tuple(kw for outcome in outcomes for kw in outcome.load_kw))
    shares = run.study.months_in_part
    lines, _ = bill_and_years(run.study.tariffs[index].tariff, load, run.study.zone, to_cents=True, shares=shares)
    return [line for line in lines if line.kind == "energy_tiers"]


@pytest.mark.parametrize("tariff", [one["id"] for one in TARIFFS])
def test_what_the_nights_add_is_the_bill(run: StudyRun, results: StudyTables, tariff: str) -> None:
    index = [one.id for one in run.study.tariffs].index(tariff)
    for side in ("plan", "baseline"):
        costs = [getattr(record.tariffs[index], side).cost for record in run.chains[0].records]
        added = math.fsum(cost.energy + cost.demand for cost in costs)
        lines = of(results.bills, tariff=tariff, side=side)
        lines = [one for one in lines if one.kind in ("energy", "demand")] + tiers_in_part(run, index, side)
        billed, rounding = total(lines, "amount"), 0.005 * len(lines)
        if tariff == "ratchet" and run.study.first_minute:  # the night in which January ends knows no floor of it yet
            assert added + floor_cost(results, tariff, side) >= billed - rounding
        elif tariff == "tiered" and run.study.first_minute:  # February's kWh of that night have January's thresholds
            assert abs(added - billed) < 2.0
        else:
            assert added + floor_cost(results, tariff, side) == pytest.approx(billed, abs=rounding)


def test_fixed_and_minimum_charges_stand_in_the_bill_only(results: StudyTables) -> None:
    found = of(results.bills, tariff="fixed", side="plan")
    assert [row.amount for row in found if row.kind == "fixed"] == [9.0, 9.0]
    for month in ("2026-01", "2026-02"):
        assert total(of(found, month=month), "amount") == pytest.approx(999.0)


@pytest.mark.parametrize("table", KEYS)
def test_every_row_has_its_own_key(results: StudyTables, table: str) -> None:
    keys = Counter(tuple(getattr(row, name) for name in KEYS[table]) for row in getattr(results, table))
    assert keys and set(keys.values()) == {1}


def test_energy_by_period_is_the_energy_of_the_night(results: StudyTables) -> None:
    for night in results.nights:
        parts = of(results.periods, night=night.night, tariff=night.tariff)
        for name in ("kwh", "baseline_kwh"):
            assert total(parts, name) == pytest.approx(getattr(night, name))
    assert {row.period for row in of(results.periods, tariff="market")} == {"market"}
    assert {row.period for row in of(results.periods, tariff="flat")} == {"night", "day"}


def test_the_mean_day_begins_with_the_night_and_has_its_energy(run: StudyRun, results: StudyTables) -> None:
    day = of(results.profiles, tariff="flat")
    hour = run.study.first_minute // 60
    assert [row.local_time for row in day] == [time((hour + n) % 24) for n in range(24)]
    assert total(day, "mean_kw") * 5 == pytest.approx(total(of(results.nights, tariff="flat"), "kwh"))
    assert total(day, "baseline_mean_kw") * 5 == pytest.approx(total(of(results.nights, tariff="flat"), "baseline_kwh"))
    assert {row.mean_price_per_kwh for row in day} == {0.1, 0.3}


def test_the_mean_day_of_nights_in_which_the_clock_changes(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study", first_night="2026-03-29", nights=2, tariffs=[{"id": "flat"}])
    rows = study_tables(study, tiny.run_of(study, tmp_path / "out").chains).profiles
    assert [row.local_time for row in rows] == [time(n) for n in range(24)]  # 02:00 in the second night only


def test_a_night_tells_what_its_record_tells(run: StudyRun, results: StudyTables) -> None:
    (row,) = of(results.nights, night=date(2026, 1, 31), tariff="demand")
    record = run.chains[0].records[1].tariffs[1]
    assert row.objective == pytest.approx(record.plan.objective) and row.bound == record.bound
    assert row.energy == record.plan.cost.energy and row.baseline_objective == record.baseline.objective
    assert row.peak_kw == max(record.plan.load_kw) and row.kwh == pytest.approx(sum(record.plan.load_kw))
    assert row.end_kwh == pytest.approx(sum(bay.energy_kwh for bay in record.plan.state.packs))


def test_a_chain_that_ended_early_has_nights_and_no_bill(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study", tariffs=[{"id": "flat"}])
    pool = tiny.StudyPool()
    pool.on_wait = lambda: pool.faults.setdefault("S1", [Fault("raised", "no")] * 2) if len(pool.asked) > 2 else None
    pool.faults = {}
    run = tiny.run_of(study, tmp_path / "out", pool)
    assert run.chains[0].failure
    results = study_tables(study, run.chains)
    assert len(results.nights) == 2 and (results.bills, results.profiles) == ([], [])


def test_no_cell_runs_and_none_breaks_its_line(tmp_path: Path) -> None:
    day = tiny.instance(tiny.station("=1+1"), tariffs=[tiny.FLAT | {"energy_periods": [tiny.DAY | {"name": "-day"}]}])
    tariffs, variants = [{"id": "flat"}], [{"id": "@a\nb"}]
    study = tiny.read(tmp_path, day, tariffs=tariffs, variants=variants, nights=1)
    tables = study_tables(study, tiny.run_of(study, tmp_path / "out").chains).as_csv()
    for name, text in tables.items():
        rows = list(csv.DictReader(io.StringIO(text.decode())))
        assert text.decode().count("\n") == len(rows) + 1, name
        assert {row["station"] for row in rows} == {"'=1+1"} and {row["variant"] for row in rows} == {"'@a\\nb"}
    assert b",'-day," in tables["periods.csv"] and b",'-day," in tables["bills.csv"]
