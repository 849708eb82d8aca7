"""A study under way: each night begins with what the one before left, and whatever happens costs one night."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny_study as tiny

from models.errors import InvalidData, Problem
from optimizer.files.errors import OutputErrors
from optimizer.studies.folder import open_study
from optimizer.studies.night_record import NightRecord, record_text, sealed
from optimizer.studies.night_task import NightRequest, plan_study_night, priced
from optimizer.studies.study import Study
from optimizer.studies.study_file import read_study
from optimizer.studies.study_run import StudyRun
from optimizer.workers.local_pool import Fault, PoolBrokenError

DIED = Fault("died", "its worker was killed by SIGKILL (out of memory?)")
HUNG = Fault("hung", "no answer within 150 s: its worker was killed")
RAISED = Fault("raised", "ValueError: no")
TIERED = tiny.DEMAND | {"id": "tiered", "energy_tiers": [{"name": "block", "tiers": [[50, 0.05]]}]}
NIGHTS = ("2026-01-30", "2026-01-31", "2026-02-01")


def two_stations(folder: Path, **changes: Any) -> Study:
    """S1 and S2; their drivers stand in swaps.csv."""
    folder.mkdir(exist_ok=True)
    write_swaps(folder)
    day = tiny.instance(tiny.station("S1"), tiny.station("S2"), tariffs=[tiny.FLAT, TIERED])
    tariffs = [{"id": "flat"}, {"id": "tiered"}]
    return tiny.read(folder, day, tariffs=tariffs, swaps="swaps.csv", **changes)


def write_swaps(folder: Path, **hours: str) -> None:
    """A driver a day at each station at 8, unless told otherwise by station and date, and one at 18."""
    rows = [
        f"{date}T{hour}:00+01:00,{name},A,0.1,100"
        for date in NIGHTS
        for name in ("S1", "S2")
        for hour in (hours.get(f"{name}_{date[5:7]}{date[8:]}", "08"), "18")
    ]
    (folder / "swaps.csv").write_text("\n".join(["time,station,type,returned_soc,lost_cost", *rows]) + "\n")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, bytes]]:
    """A study, and the records of a run that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    study = two_stations(folder)
    run = tiny.run_of(study, folder / "out")
    assert (run.status, run.nights_done, run.nights_in_all) == ("done", 6, 6)
    return study, tiny.records(folder / "out")


def asked(run: StudyRun) -> list[tuple[str, str, str, bool]]:
    assert isinstance(run.pool, tiny.StudyPool)
    return run.pool.nights


def planned(run: StudyRun) -> list[tuple[str, str]]:
    """Station and date of every night that was started."""
    return sorted((station, date) for _, station, date, _ in asked(run))


def failures(run: StudyRun) -> dict[str, str]:
    return {chain.name: chain.failure for chain in run.chains if chain.failure}


def reasons(run: StudyRun) -> dict[tuple[str, str], str]:
    return {(r.station, r.night): r.tariffs[0].reason for c in run.chains for r in c.records if r.tariffs[0].reason}


def test_each_night_begins_with_what_the_night_before_left(undisturbed: Any, tmp_path: Path) -> None:
    run = tiny.run_of(undisturbed[0], tmp_path / "out")
    asks = [ask for ask in run.pool.asked if ask.station == "S1"]  # type: ignore[attr-defined]
    records = run.chains[0].records
    assert [ask.date for ask in asks] == list(NIGHTS)
    for ask, before in zip(asks[1:], records, strict=False):
        assert ask.states == tuple(night.plan.state for night in before.tariffs)
        assert ask.baseline_states == tuple(night.baseline.state for night in before.tariffs)
    assert records[0].tariffs[0].plan.state.packs != asks[0].states[0].packs  # something did change


def test_a_night_is_priced_from_its_packs_peak_and_energy_so_far(undisturbed: Any, tmp_path: Path) -> None:
    study = undisturbed[0]
    run = tiny.run_of(study, tmp_path / "out")
    ask = run.pool.asked[2]  # type: ignore[attr-defined]
    state = ask.states[1]
    station = priced(ask.night, study.tariffs[1].tariff, state).station
    assert ask.date == "2026-01-31"
    assert [pack.soc * 100 for pack in station.packs] == pytest.approx([bay.energy_kwh for bay in state.packs])
    assert dict(station.peak_so_far_kw) == {"peak": state.peaks_kw["peak"]["2026-01"]}
    assert dict(station.energy_so_far_kwh) == {"block": state.energy_kwh["block"]["2026-01"]}
    assert station.energy_so_far_kwh["block"] == pytest.approx(sum(run.chains[0].records[0].tariffs[1].plan.load_kw))


def test_a_new_month_begins_at_nothing(undisturbed: Any, tmp_path: Path) -> None:
    study = undisturbed[0]
    run = tiny.run_of(study, tmp_path / "out")
    ask = run.pool.asked[-1]  # type: ignore[attr-defined]
    station = priced(ask.night, study.tariffs[1].tariff, ask.states[1]).station
    assert (ask.date, dict(station.peak_so_far_kw), dict(station.energy_so_far_kwh)) == ("2026-02-01", {}, {})
    last = run.chains[0].records[2].tariffs[1].plan
    assert set(last.state.peaks_kw["peak"]) == {"2026-01", "2026-02"}
    assert last.state.energy_kwh["block"]["2026-02"] == pytest.approx(sum(last.load_kw))


def test_a_station_whose_drivers_bring_nothing_runs_empty(tmp_path: Path) -> None:
    leaving = [driver | {"returned_soc": None} for driver in tiny.DRIVERS]
    study = tiny.read(tmp_path, tiny.instance(tiny.station(swaps=leaving)))
    run = tiny.run_of(study, tmp_path / "out")
    plans = [record.tariffs[0].plan for record in run.chains[0].records]
    assert [len(plan.state.packs) for plan in plans] == [1, 0, 0]
    assert [plan.swaps_lost for plan in plans] == [0, 1, 2]


def test_the_same_study_gives_the_same_bytes(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    tiny.run_of(study, tmp_path / "out", tiny.StudyPool(size=1))
    assert tiny.records(tmp_path / "out") == records


def test_what_is_finished_is_not_planned_again(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    tiny.run_of(study, tmp_path / "out")
    again = tiny.run_of(study, tmp_path / "out")
    assert (asked(again), again.status, [chain.resumed for chain in again.chains]) == ([], "done", [3, 3])
    assert tiny.records(tmp_path / "out") == records


def path_of(folder: Path, station: str, date: str) -> Path:
    (found,) = (folder / "nights").glob(f"as-it-is-{station}-{date}-*.json")
    return found


@pytest.mark.parametrize("left", [None, b"", b'{"key":', b"[]"], ids=["gone", "empty", "cut off", "other"])
def test_a_lost_record_in_the_middle_is_planned_again_and_nothing_else(
    undisturbed: Any, tmp_path: Path, left: bytes | None
) -> None:
    study, records = undisturbed
    tiny.run_of(study, tmp_path / "out")
    path = path_of(tmp_path / "out", "S1", "2026-01-31")
    path.unlink() if left is None else path.write_bytes(left)
    again = tiny.run_of(study, tmp_path / "out")
    assert asked(again) == [("as it is", "S1", "2026-01-31", True)]
    assert tiny.records(tmp_path / "out") == records


def test_a_record_that_says_something_else_lets_no_later_one_stand(undisturbed: Any, tmp_path: Path) -> None:
    """As where a night was cut by its time limit, and comes out otherwise when its record was lost."""
    study = undisturbed[0]
    tiny.run_of(study, tmp_path / "out")
    path = path_of(tmp_path / "out", "S1", "2026-01-30")
    whole = json.loads(path.read_bytes())
    whole["tariffs"][0]["plan"]["state"]["packs"][0]["energy_kwh"] -= 1.0
    path.write_bytes(record_text(sealed(msgspec.convert(whole, NightRecord))))
    assert planned(tiny.run_of(study, tmp_path / "out")) == [("S1", "2026-01-31"), ("S1", "2026-02-01")]


@pytest.mark.parametrize("key", ["key", "digest", "tariffs"])
def test_a_record_that_was_changed_is_planned_again_and_told(undisturbed: Any, tmp_path: Path, key: str) -> None:
    study, records = undisturbed
    tiny.run_of(study, tmp_path / "out")
    path = path_of(tmp_path / "out", "S1", "2026-01-31")
    whole = json.loads(path.read_bytes())
    whole["tariffs"][0]["plan"]["objective"] -= 1.0
    path.write_text(json.dumps(whole if key == "tariffs" else json.loads(path.read_bytes()) | {key: "sha256:0"}))
    again = tiny.run_of(study, tmp_path / "out")
    assert again.changed == ["as it is, S1, 2026-01-31"] and tiny.records(tmp_path / "out") == records


def test_a_longer_study_goes_on_from_the_shorter(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    tiny.run_of(replace(study, nights=2), tmp_path / "out")
    again = tiny.run_of(study, tmp_path / "out")
    assert planned(again) == [("S1", "2026-02-01"), ("S2", "2026-02-01")]
    assert tiny.records(tmp_path / "out") == records


ALL = [(station, date) for station in ("S1", "S2") for date in NIGHTS]


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({"demand_weight": 1}, ALL),
        ({"variants": [{"id": "as it is", "packs": 4}]}, ALL),
        ({"variants": [{"id": "as it is", "demand_growth": 0.5}]}, ALL),
        ({"nights_begin": "01:00"}, ALL),
        ({"name": "another name"}, []),
    ],
    ids=lambda one: str(one) if isinstance(one, Mapping) else "",
)
def test_records_of_another_question_do_not_count(
    undisturbed: Any, tmp_path: Path, changes: dict[str, Any], anew: list[tuple[str, str]]
) -> None:
    tiny.run_of(undisturbed[0], tmp_path / "out")
    assert planned(tiny.run_of(two_stations(tmp_path, **changes), tmp_path / "out")) == anew


def test_another_price_plans_all_anew(undisturbed: Any, tmp_path: Path) -> None:
    tiny.run_of(undisturbed[0], tmp_path / "out")
    two_stations(tmp_path)
    day = json.loads((tmp_path / "day.json").read_text())
    day["tariffs"][1]["energy_periods"][1]["price_per_kwh"] = 0.31
    study = tiny.read(tmp_path, day, tariffs=[{"id": "flat"}, {"id": "tiered"}], swaps="swaps.csv")
    assert planned(tiny.run_of(study, tmp_path / "out")) == ALL


@pytest.mark.parametrize(
    "options", [replace(tiny.OPTIONS, gap=0.1), replace(tiny.OPTIONS, seed=1)], ids=["gap", "seed"]
)
def test_other_options_plan_all_anew(undisturbed: Any, tmp_path: Path, options: Any) -> None:
    tiny.run_of(undisturbed[0], tmp_path / "out")
    assert planned(tiny.run_of(undisturbed[0], tmp_path / "out", options=options)) == ALL


def test_a_driver_who_comes_at_another_hour_plans_anew_from_that_night_on(undisturbed: Any, tmp_path: Path) -> None:
    tiny.run_of(undisturbed[0], tmp_path / "out")
    study = two_stations(tmp_path)
    write_swaps(tmp_path, S2_0131="10")
    changed = read_study(tmp_path / "study.toml").study
    assert changed != study
    assert planned(tiny.run_of(changed, tmp_path / "out")) == [("S2", "2026-01-31"), ("S2", "2026-02-01")]


def test_a_worker_that_dies_once_costs_nothing(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    run = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S2": [DIED]}))
    assert (run.status, failures(run), tiny.records(tmp_path / "out")) == ("done", {}, records)
    assert [ask.date for ask in run.pool.asked if ask.station == "S2"].count("2026-01-30") == 2  # type: ignore


@pytest.mark.parametrize("faults", [[DIED, DIED], [HUNG], [RAISED]], ids=["died twice", "hung", "raised"])
def test_a_fault_costs_a_night_and_the_next_run_tries_again(
    undisturbed: Any, tmp_path: Path, faults: list[Fault | PoolBrokenError]
) -> None:
    study, records = undisturbed
    reason = faults[-1].reason  # type: ignore[union-attr]
    run = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S2": list(faults)}))
    assert (run.status, failures(run)) == ("done", {})
    assert reasons(run) == {("S2", "2026-01-30"): reason}
    assert ("as it is", "S2", "2026-01-30", False) in asked(run)
    assert tiny.records(tmp_path / "out").keys() == records.keys()
    again = tiny.run_of(study, tmp_path / "out")
    assert {station for _, station, _, _ in asked(again)} == {"S2"}
    assert (reasons(again), tiny.records(tmp_path / "out")) == ({}, records)


def test_a_fault_that_comes_back_plans_no_later_night_again(undisturbed: Any, tmp_path: Path) -> None:
    study = undisturbed[0]
    tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S2": [HUNG]}))
    before = tiny.records(tmp_path / "out")
    again = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S2": [HUNG]}))
    assert [(date, is_planned) for _, _, date, is_planned in asked(again)] == [
        ("2026-01-30", True),
        ("2026-01-30", False),
    ]
    assert tiny.records(tmp_path / "out") == before


def test_without_even_a_baseline_a_chain_ends_and_the_others_go_on(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    run = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S2": [RAISED, HUNG]}))
    assert run.status == "done" and failures(run) == {
        "S2": f"night 2026-01-30: {RAISED.reason}; and no baseline: {HUNG.reason}"
    }
    assert [len(chain.records) for chain in run.chains] == [3, 0]
    again = tiny.run_of(study, tmp_path / "out")
    assert (failures(again), tiny.records(tmp_path / "out")) == ({}, records)


def test_an_answer_that_is_none_is_a_fault(undisturbed: Any, tmp_path: Path) -> None:
    strange = tiny.task_of(lambda ask: 7 if ask.is_planned and ask.date == "2026-02-01" else None)
    run = tiny.run_of(undisturbed[0], tmp_path / "out", task=strange)
    told = "no night but int"
    assert reasons(run) == {("S1", "2026-02-01"): told, ("S2", "2026-02-01"): told}


def test_a_night_that_cannot_be_planned_ends_its_chain(tmp_path: Path) -> None:
    station = tiny.station(base_load_kw=50)
    variants = [{"id": "as it is"}, {"id": "small grid", "grid_limit_kw": 40}]
    study = tiny.read(tmp_path, tiny.instance(station), variants=variants)
    run = tiny.run_of(study, tmp_path / "out")
    assert [len(chain.records) for chain in run.chains] == [3, 0] and run.status == "done"
    assert run.chains[1].failure.startswith("night 2026-01-30: station S1: base load 50 kW less solar 0 kW exceeds")


def test_a_night_that_cannot_be_built_ends_its_chain(
    undisturbed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Study.night

    def broken(study: Study, station: int, *which: Any) -> Any:
        if station == 1 and which[-1] == 1:
            raise InvalidData([Problem("swaps[0]", 7, "is wrong", "")])
        return build(study, station, *which)

    monkeypatch.setattr(Study, "night", broken)
    run = tiny.run_of(undisturbed[0], tmp_path / "out")
    assert failures(run) == {"S2": "night 2026-01-31: swaps[0]: 7: is wrong"}


@pytest.mark.parametrize("nights", [1, 3])
def test_without_workers_the_nights_in_hand_get_baselines(tmp_path: Path, nights: int) -> None:
    study = two_stations(tmp_path, nights=nights)
    run = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S1": [PoolBrokenError("no worker starts")]}))
    assert [len(chain.records) for chain in run.chains] == [1, 1]
    assert set(reasons(run).values()) == {"no worker starts"}
    told = "night 2026-01-30: no worker starts"
    assert failures(run) == ({} if nights == 1 else {"S1": told, "S2": told})
    assert run.status == "done"


def test_stopped_and_gone_on_with(undisturbed: Any, tmp_path: Path) -> None:
    study, records = undisturbed
    pool = tiny.StudyPool()
    run = StudyRun(study, tiny.OPTIONS, tiny.VERSIONS, open_study(tmp_path / "out"), pool)
    pool.on_wait = lambda: setattr(run.stop, "is_asked", len(pool.asked) > 2)
    run.work()
    run.folder.close()
    left = tiny.records(tmp_path / "out")
    assert (run.status, pool.is_closed) == ("interrupted", True) and 0 < len(left) == run.nights_done < 6
    assert left.items() <= records.items()
    again = tiny.run_of(study, tmp_path / "out")
    assert again.status == "done" and len(asked(again)) == 6 - len(left)
    assert tiny.records(tmp_path / "out") == records


def test_what_begins_is_told_only_where_there_is_something_to_plan(undisturbed: Any, tmp_path: Path) -> None:
    begun: list[str] = []
    for _ in range(2):
        tiny.run_of(undisturbed[0], tmp_path / "out", begin=lambda run: begun.append(run.stage))
    assert begun == ["planning"]


def test_a_stop_after_the_last_night_is_none(undisturbed: Any, tmp_path: Path) -> None:
    run = StudyRun(undisturbed[0], tiny.OPTIONS, tiny.VERSIONS, open_study(tmp_path / "out"), tiny.StudyPool())
    run.report = lambda one: setattr(one.stop, "is_asked", one.nights_done == 6)
    run.work()
    run.folder.close()
    assert run.status == "done"


def test_a_record_that_cannot_be_written_stops_the_study(undisturbed: Any, tmp_path: Path) -> None:
    def gone(ask: NightRequest) -> object:
        if ask.date == "2026-01-31":
            (tmp_path / "out" / "nights").rename(tmp_path / "elsewhere")
            (tmp_path / "out" / "nights").write_text("where a folder was")
        return None

    pool = tiny.StudyPool(size=1)
    with pytest.raises(OutputErrors) as caught:
        tiny.run_of(undisturbed[0], tmp_path / "out", pool, task=tiny.task_of(gone))
    assert pool.is_closed and str(caught.value).endswith(
        "; what is finished stays; put that right and run the same command again"
    )


def test_no_more_at_once_than_workers_and_tariffs_of_all_chains(undisturbed: Any, tmp_path: Path) -> None:
    for size, most in ((1, 1), (2, 2), (5, 4)):
        pool = tiny.StudyPool(size=size)
        tiny.run_of(undisturbed[0], tmp_path / f"out{size}", pool)
        assert max(pool.most_at_once) == most


def test_seconds_are_of_this_run(undisturbed: Any, tmp_path: Path) -> None:
    run = tiny.run_of(undisturbed[0], tmp_path / "out")
    assert run.seconds.keys() == {"flat", "tiered"} and 0 < run.seconds["flat"].cpu < run.cpu_seconds
    assert tiny.run_of(undisturbed[0], tmp_path / "out").seconds == {}


NAMES = ("../../S1", "a/b", "=1+1", "充电站", "S1", "s1", "x 2026-01-30", ".")


def test_names_neither_collide_nor_escape(tmp_path: Path) -> None:
    study = tiny.read(
        tmp_path,
        tiny.instance(*(tiny.station(name) for name in NAMES)),
        variants=[{"id": name} for name in NAMES],
        nights=1,
        tariffs=[{"id": "flat"}],
    )

    def quick(ask: NightRequest) -> object:
        return plan_study_night(replace(ask, is_planned=False, reason="quick"))

    run = tiny.run_of(study, tmp_path / "out", task=quick)
    names = [path.name.casefold() for path in (tmp_path / "out" / "nights").iterdir()]
    assert len(names) == len(set(names)) == len(NAMES) ** 2 == run.nights_done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.json", "out", "study.toml"]
    keys = {record.key for chain in run.chains for record in chain.records}
    assert len(keys) == len(NAMES) ** 2
