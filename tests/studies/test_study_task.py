"""One night under every tariff: plans that hold, costs that are theirs, copies that are proven, what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tiny_study as tiny
from patience import PATIENCE

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine import plan_station as engine
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.month.month_weights import for_the_month
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import InternalError
from optimizer.files.json_text import decode
from optimizer.runs.station_task import Infeasible
from optimizer.studies import night_task
from optimizer.studies.night_record import ChainState, NightOutcome, NightRecord, TariffNight
from optimizer.studies.night_task import NightRequest, PlannedNight, TaskSeconds, priced
from optimizer.studies.study import Study

SMALL = 1e-6
EXACT = RunOptions(gap=0.0, time_limit_seconds=PATIENCE, effort="quick")
TIERS = [{"name": "block", "tiers": [[50, 0.05]]}]
RATCHET = tiny.PEAK | {"ratchet": {"share": 0.8}}
CLASSES = [{"least_hours": 1, "rate_per_kw": 1.0, "surcharge_per_kwh": 0.05}]
CLASSED = tiny.PEAK | {"period": "year", "use_classes": CLASSES, "expected_hours": 2}
FIXED = tiny.FLAT | {"id": "fixed", "fixed_charges": [{"name": "grid", "amount": 90}], "fixed_charge_per_day": 2}
TARIFFS = {
    "flat": tiny.FLAT,
    "fixed": FIXED,
    "demand": tiny.DEMAND,
    "same": tiny.DEMAND | {"id": "same", "fixed_charge_per_day": 2},
    "ratchet": tiny.FLAT | {"id": "ratchet", "demand_charges": [RATCHET]},
    "twin": tiny.FLAT | {"id": "twin", "demand_charges": [RATCHET]},
    "classes": tiny.FLAT | {"id": "classes", "demand_charges": [CLASSED]},
    "tiers": tiny.FLAT | {"id": "tiers", "energy_tiers": TIERS},
    "tiers and demand": tiny.DEMAND | {"id": "tiers and demand", "energy_tiers": TIERS},
    "negative": {"id": "negative", "energy_periods": [tiny.NIGHT | {"price_per_kwh": -0.05}, tiny.DAY]},
    "dear": {"id": "dear", "energy_periods": [tiny.NIGHT, tiny.DAY | {"price_per_kwh": 0.5}]},
}


def study_of(folder: Path, *tariffs: str, station: dict[str, Any] | None = None, **changes: Any) -> Study:
    day = tiny.instance(station or tiny.station(), tariffs=list(TARIFFS.values()))
    return tiny.read(folder, day, tariffs=[{"id": name} for name in tariffs], **changes)


def answered(ask: NightRequest) -> NightRecord:
    answer = night_task.plan_study_night(ask)
    assert isinstance(answer, PlannedNight)
    return decode(answer.text, NightRecord)


def by_tariff(ask: NightRequest) -> dict[str, TariffNight]:
    return {night.tariff: night for night in answered(ask).tariffs}


def with_peaks(ask: NightRequest, *peaks_kw: float | None) -> NightRequest:
    """The month's peak so far under each tariff."""
    told = ({} if kw is None else {"peak": {"2026-01": kw}} for kw in peaks_kw)
    states = tuple(replace_peaks(state, peaks) for state, peaks in zip(ask.states, told, strict=True))
    return replace(ask, states=states)


def replace_peaks(state: ChainState, peaks_kw: dict[str, dict[str, float]]) -> ChainState:
    return ChainState(state.packs, peaks_kw, state.energy_kwh)


@pytest.mark.parametrize("night", [0, 1])
def test_every_plan_and_baseline_obeys_every_rule_and_costs_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, night: int
) -> None:
    outcomes: list[tuple[Night, Schedule, NightOutcome]] = []
    made = night_task._outcome

    def looked_at(at: Night, schedule: Schedule, state: ChainState) -> NightOutcome:
        outcomes.append((at, schedule, made(at, schedule, state)))
        return outcomes[-1][-1]

    monkeypatch.setattr(night_task, "_outcome", looked_at)
    answered(tiny.ask_of(study_of(tmp_path, *TARIFFS), night))
    metered = sum(bool(one.get("demand_charges")) for one in TARIFFS.values())
    assert len(outcomes) == 2 * len(TARIFFS) + metered  # a load cap is for those
    for at, schedule, outcome in outcomes:
        assert check(at, schedule) == []
        assert outcome.objective == cost_of(at, schedule).objective
        assert outcome.swaps_served + outcome.swaps_lost == 2
        assert len(outcome.load_kw) == len(at.tariff_series.price_per_kwh)


def test_a_record_tells_what_was_asked_in_the_order_of_the_study(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "demand", "flat"), key="sha256:0")
    record = answered(ask)
    assert (record.key, record.station, record.variant, record.night) == ("sha256:0", "S1", "as it is", "2026-01-30")
    assert [night.tariff for night in record.tariffs] == ["demand", "flat"]


def test_the_same_ask_gives_the_same_bytes(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, *TARIFFS))
    one, other = night_task.plan_study_night(ask), night_task.plan_study_night(ask)
    assert isinstance(one, PlannedNight) and isinstance(other, PlannedNight)
    assert one.text == other.text and one.seconds.keys() == set(TARIFFS)


def test_no_plan_is_dearer_than_charging_on_arrival(tmp_path: Path) -> None:
    for night in by_tariff(tiny.ask_of(study_of(tmp_path, *TARIFFS))).values():
        assert night.bound is not None and night.bound <= night.plan.objective + SMALL
        assert night.plan.objective <= night.baseline.objective + SMALL


def test_the_baseline_is_the_same_under_every_tariff(tmp_path: Path) -> None:
    study = study_of(tmp_path, *TARIFFS)
    ask = tiny.ask_of(study)
    nights = by_tariff(ask)
    for one in study.tariffs:
        alone = uncontrolled_charging(priced(ask.night, one.tariff, ask.states[0]))
        assert alone == uncontrolled_charging(ask.night)
        assert nights[one.id].baseline.load_kw == nights["flat"].baseline.load_kw
        assert nights[one.id].baseline.state.packs == nights["flat"].baseline.state.packs


COPIES = [
    (("flat", "fixed"), (None, None), "flat"),
    (("flat", "demand"), (None, 500.0), "flat"),  # whatever is drawn raises no bill
    (("flat", "demand"), (None, None), ""),
    (("demand", "same"), (30.0, 30.0), "demand"),
    (("demand", "same"), (500.0, None), ""),
    (("tiers", "tiers and demand"), (None, 500.0), "tiers"),
    (("flat", "tiers"), (None, None), ""),
    (("flat", "dear"), (None, None), ""),
    (("flat", "ratchet"), (None, 500.0), "flat"),
    (("flat", "classes"), (None, 500.0), ""),  # each kWh costs more, so does what packs keep
]


@pytest.mark.parametrize(("tariffs", "peaks_kw", "source"), COPIES)
def test_a_copied_plan_is_as_good_as_one_made_anew(
    tmp_path: Path, tariffs: tuple[str, str], peaks_kw: tuple[float | None, float | None], source: str
) -> None:
    study = study_of(tmp_path, *tariffs)
    ask = with_peaks(tiny.ask_of(study), *peaks_kw)
    found = by_tariff(ask)[tariffs[1]]
    assert found.copied_from == source
    anew = plan_station(
        priced(ask.night, study.tariffs[1].tariff, ask.states[1]),
        EXACT,
    )
    assert found.bound is not None and found.gap is not None
    assert found.bound <= anew.result.objective + SMALL
    assert found.plan.objective <= anew.result.objective + tiny.OPTIONS.gap * abs(found.plan.gross_cost) + SMALL
    assert found.gap <= tiny.OPTIONS.gap


@pytest.mark.parametrize("peak_kw", [5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0])
def test_a_plan_is_copied_where_it_raises_no_peak_and_only_there(tmp_path: Path, peak_kw: float) -> None:
    study = study_of(tmp_path, "flat", "demand")
    ask = with_peaks(tiny.ask_of(study), None, peak_kw)
    nights = by_tariff(ask)
    assert (nights["demand"].copied_from == "flat") == (max(nights["flat"].plan.load_kw) <= peak_kw + SMALL)
    anew = plan_station(
        priced(ask.night, study.tariffs[1].tariff, ask.states[1]),
        EXACT,
    )
    assert nights["demand"].bound is not None and nights["demand"].bound <= anew.result.objective + SMALL
    plan = nights["demand"].plan
    assert plan.objective <= anew.result.objective + tiny.OPTIONS.gap * abs(plan.gross_cost) + SMALL


def test_no_plan_is_copied_between_nights_that_begin_with_other_packs(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "flat", "fixed"))
    lower = tuple(type(bay)(bay.bay, bay.type, bay.energy_kwh / 2) for bay in ask.states[1].packs)
    ask = replace(ask, states=(ask.states[0], ChainState(lower)))
    assert by_tariff(ask)["fixed"].copied_from == ""


def test_no_plan_is_copied_between_months_of_other_energy(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "tiers", "tiers and demand"))
    ask = with_peaks(ask, None, 500.0)
    further = ChainState(ask.states[1].packs, ask.states[1].peaks_kw, {"block": {"2026-01": 1000.0}})
    assert by_tariff(replace(ask, states=(ask.states[0], further)))["tiers and demand"].copied_from == ""


def test_no_plan_is_copied_where_a_ratchet_looks_back_at_another_year(tmp_path: Path) -> None:
    """Of two tariffs with the same charge, one had a peak of 500 kW in December."""
    ask = tiny.ask_of(study_of(tmp_path, "ratchet", "twin"))
    assert by_tariff(ask)["twin"].copied_from == "ratchet"
    december = replace_peaks(ask.states[1], {"peak": {"2025-12": 500.0}})
    assert by_tariff(replace(ask, states=(ask.states[0], december)))["twin"].copied_from == ""


def test_a_month_counts_from_the_night_before(tmp_path: Path) -> None:
    study = study_of(tmp_path, "demand")
    ask = with_peaks(tiny.ask_of(study), 30.0)
    night = priced(ask.night, study.tariffs[0].tariff, ask.states[0])
    assert dict(night.station.peak_so_far_kw) == {"peak": 30.0}
    in_february = priced(study.night(0, study.variants[0], 2), study.tariffs[0].tariff, ask.states[0])
    assert dict(in_february.station.peak_so_far_kw) == {}
    assert by_tariff(ask)["demand"].plan.state.peaks_kw["peak"]["2026-01"] >= 30.0


def test_a_night_is_planned_for_its_month(tmp_path: Path) -> None:
    """With shares of the rate by peak where the study asks for them, and with all of it on the month's last night."""
    asks = {
        (weight, first): tiny.ask_of(
            study_of(tmp_path, "demand", demand_weight=weight, first_night=first, nights=1),
            options=EXACT,
        )
        for weight in ("month", "remaining_days", 1)
        for first in ("2026-01-15", "2026-01-31")
    }
    found = {key: by_tariff(ask)["demand"].objective for key, ask in asks.items()}
    assert found["month", "2026-01-31"] == pytest.approx(found[1, "2026-01-31"])
    ask = asks["month", "2026-01-15"]
    night = for_the_month(priced(ask.night, ask.tariffs[0].tariff, ask.states[0]))
    assert isinstance(night.station.tariff.demand_charges[0].weight, tuple)
    assert found["month", "2026-01-15"] == pytest.approx(plan_station(night, EXACT).result.objective)
    assert found["month", "2026-01-15"] < found[1, "2026-01-15"] - SMALL
    assert abs(found["month", "2026-01-15"] - found["remaining_days", "2026-01-15"]) > SMALL


def test_without_a_plan_there_are_baselines_and_the_reason(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "flat", "demand"), is_planned=False, reason="its worker died")
    for night in by_tariff(ask).values():
        assert (night.status, night.method, night.reason) == ("fallback", "charge on arrival", "its worker died")
        assert (night.bound, night.gap, night.copied_from) == (None, None, "")
        assert night.plan == night.baseline


def test_what_the_engine_refuses_itself_costs_one_tariff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plan(night: Night, options: RunOptions, **how: Any) -> Any:
        if night.station.tariff.id == "flat":
            raise InternalError("its own check refuses it")
        return plan_station(night, options, **how)

    monkeypatch.setattr(engine, "plan_station", plan)
    nights = by_tariff(tiny.ask_of(study_of(tmp_path, "flat", "fixed")))
    assert (nights["flat"].status, nights["flat"].reason) == ("fallback", "its own check refuses it")
    assert (nights["fixed"].status, nights["fixed"].reason) == ("gap_reached", "")
    assert nights["fixed"].copied_from == ""


def test_a_base_load_beyond_the_grid_is_told(tmp_path: Path) -> None:
    station = tiny.station(base_load_kw=300)
    answer = night_task.plan_study_night(tiny.ask_of(study_of(tmp_path, "flat", station=station)))
    assert answer == Infeasible(
        "station S1: base load 300 kW less solar 0 kW exceeds the grid limit of 200 kW in slot 0 and in 23 more; "
        "raise grid_limit_kw or lower base_load_kw"
    )


@pytest.mark.parametrize("packs", [[], [{"id": "P1", "type": "A", "soc": 0.9}]], ids=["no packs", "one pack"])
@pytest.mark.parametrize("drivers", [[], tiny.DRIVERS], ids=["no drivers", "two drivers"])
def test_empty_nights(tmp_path: Path, packs: list[Any], drivers: list[Any]) -> None:
    ask = tiny.ask_of(study_of(tmp_path, *TARIFFS, station=tiny.station(swaps=drivers)))
    state = ChainState(ask.states[0].packs[: len(packs)])
    ask = replace(ask, states=(state,) * len(TARIFFS), baseline_states=(state,) * len(TARIFFS))
    for night in by_tariff(ask).values():
        assert night.status == "gap_reached" and len(night.plan.state.packs) == len(packs)
        assert night.plan.swaps_served + night.plan.swaps_lost == len(drivers)


def test_seconds_of_the_solver_are_of_cpu() -> None:
    busy, plan = SimpleNamespace(cpu_seconds=2.0, cpu_share=0.25), SimpleNamespace(solver_seconds=6.0)
    assert night_task._took(busy, plan) == TaskSeconds(2.0, 1.5)  # type: ignore[arg-type]
