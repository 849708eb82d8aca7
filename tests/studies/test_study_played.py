"""Nights planned from a forecast and played: what really came is billed, carried on and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_study as tiny

from models.station.carry_over.carried_out import beginning
from models.station.demand.expected import ExpectedSwaps
from models.station.drawn_days import night_on
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode
from optimizer.studies.night_record import NightRecord
from optimizer.studies.night_task import priced
from optimizer.studies.study import Study

MEAN = [0.0] * 7 + [0.3] * 12 + [0.0] * 5
FORECAST = {
    "id": "drivers", "type": "A", "expected_per_slot": MEAN, "returned_soc": [0.1, 0.4], "lost_cost": 100,
    "spread": {"day_sd": 0.3},
}  # fmt: skip
LOG = (
    "time,type,returned_soc\n2026-01-30T08:30+01:00,A,0.2\n2026-01-30T08:40+01:00,A,0.3\n2026-01-31T17:05+01:00,A,0.1\n"
)


def day(**forecast: Any) -> dict[str, Any]:
    return tiny.instance(tiny.station(swaps=[], forecast=[FORECAST | forecast]))


def study_of(folder: Path, instance: dict[str, Any] | None = None, **changes: Any) -> Study:
    return tiny.read(folder, instance or day(), **({"days": "drawn"} | changes))


def records_of(folder: Path, study: Study) -> list[NightRecord]:
    folder.mkdir()
    run = tiny.run_of(study, folder)
    run.work()
    assert run.status == "done" and not any(chain.failure for chain in run.chains)
    return [decode(text, NightRecord) for _, text in sorted(tiny.records(folder).items())]


def logged(folder: Path, **changes: Any) -> Study:
    (folder / "swaps.csv").write_text(LOG)
    defaults = {"swaps": "swaps.csv", "swap_defaults": {"lost_cost": 100}, "days": "logged"}
    return study_of(folder, **(defaults | changes))


@pytest.mark.parametrize("policy", ["hedged", "mean"])
def test_what_really_came_is_billed_and_carried_on(tmp_path: Path, policy: str) -> None:
    """The log's drivers, two on the first day and one on the second, whatever was expected."""
    study = logged(tmp_path, policy=policy)
    records = records_of(tmp_path / "out", study)
    served = [[one.plan.swaps_served + one.plan.swaps_lost for one in record.tariffs] for record in records]
    assert served == [[2, 2], [1, 1], [0, 0]]
    for record in records:
        for one in record.tariffs:
            assert one.baseline.swaps_served + one.baseline.swaps_lost == one.plan.swaps_served + one.plan.swaps_lost
            assert not one.reason
    for index in range(2):
        first, second = (record.tariffs[index].plan for record in records[:2])
        peaks = second.state.peaks_kw.get("peak", {})
        assert all(peaks[month] >= kw for month, kw in first.state.peaks_kw.get("peak", {}).items())
        assert len(first.state.packs) == 3


def test_drawn_days_are_those_of_the_seed_under_every_tariff(tmp_path: Path) -> None:
    """The same bytes again; another seed has other drivers."""
    found = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        study = study_of(tmp_path, seed=seed)
        found[name] = records_of(tmp_path / name, study)
    assert found["one"] == found["again"]
    drivers = {name: [one.baseline.swaps_served for r in rs for one in r.tariffs] for name, rs in found.items()}
    assert drivers["one"] != drivers["other"]
    assert drivers["one"][::2] == drivers["one"][1::2]


def test_the_baseline_is_of_the_day_that_came(tmp_path: Path) -> None:
    """Charging on arrival sees each driver as he comes."""
    study = logged(tmp_path)
    (record, *_) = records_of(tmp_path / "out", study)
    drivers = study.real_day(0, study.variants[0], 0)
    assert drivers is not None and drivers.slot.tolist() == [8, 8]
    ask = tiny.ask_of(study)
    real = night_on(beginning(ask.night, ask.day_slots), drivers, 0)
    night = priced(real, study.tariffs[1].tariff, ask.states[0])
    schedule = uncontrolled_charging(night)
    assert not check(night, schedule)
    assert record.tariffs[1].baseline.swaps_served == schedule.swaps_served


def test_the_forecast_goes_by_the_clock_and_grows(tmp_path: Path) -> None:
    """Nights that begin at noon expect their first drivers of the morning in slot 19, a fifth more in a variant."""
    more = [{"id": "as it is"}, {"id": "more", "demand_growth": 0.2}]
    study = study_of(tmp_path, nights_begin="12:00", variants=more, look_ahead_hours=6)
    (plain,), (grown,) = (study.night(0, variant, 0).station.expected for variant in study.variants)
    assert isinstance(plain, ExpectedSwaps)
    assert plain.mean_per_slot == pytest.approx((*MEAN[12:], *MEAN[:12], *MEAN[12:18]))
    assert grown.mean_per_slot == pytest.approx([1.2 * mean for mean in plain.mean_per_slot])


def test_demand_charges_are_weighed_by_the_month(tmp_path: Path) -> None:
    """Unless the study says otherwise."""
    weights = [
        study_of(tmp_path, **stated).tariffs[1].tariff.demand_charges[0].weight
        for stated in ({}, {"days": "known"}, {"demand_weight": "daily"})
    ]
    assert weights == ["month", "remaining_days", "daily"]


@pytest.mark.parametrize(
    ("instance", "changes", "message"),
    [
        (day(), {"days": "logged"}, 'days: "logged": needs the real drivers, in swaps'),
        (tiny.instance(), {}, "stations[0].forecast: []: needs a forecast where nights are planned from it"),
        (day(spread=None), {}, "must say how days spread where plans are hedged; add a spread"),
        (day(spread=None), {"policy": "mean"}, ""),
    ],
)
def test_what_cannot_be_played_is_refused(
    tmp_path: Path, instance: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    for station in instance["stations"]:
        station["forecast"] = [
            {key: value for key, value in one.items() if value is not None} for one in station.get("forecast", [])
        ]
    if not message:
        study_of(tmp_path, instance, **changes)
        return
    with pytest.raises(InputErrors) as caught:
        study_of(tmp_path, instance, **changes)
    assert message in str(caught.value)


def test_drivers_of_a_type_that_nobody_forecasts_are_refused(tmp_path: Path) -> None:
    instance = day()
    instance["pack_types"].append({"id": "B", "capacity_kwh": 50, "target_soc": 0.9, "swap_soc": 0.8})
    (tmp_path / "day.json").write_text(json.dumps(instance))
    (tmp_path / "swaps.csv").write_text(LOG.replace("A,0.2", "B,0.2"))
    defaults = {"swaps": "swaps.csv", "swap_defaults": {"lost_cost": 100}, "days": "logged"}
    with pytest.raises(InputErrors, match='"B": is asked for by drivers of the log and by no forecast'):
        study_of(tmp_path, instance, **defaults)


def test_screen_page_and_study_json_say_how_nights_went(tmp_path: Path) -> None:
    """Through the real command."""
    tiny.write(tmp_path, day(), days="drawn", policy="hedged", seed=5)
    out = tmp_path / "out"
    done = cli.run("study", tmp_path / "study.toml", "--out", out)
    assert done.returncode == 0, done.stderr
    words = "Each night is planned hedged, from the forecast, and played through days drawn from it with seed 5"
    assert words in done.stdout
    told = json.loads((out / "study.json").read_text())
    assert (told["days"], told["policy"], told["seed"]) == ("drawn", "hedged", 5)
    page = tmp_path / "study.html"
    assert cli.run("report", out, "-o", page).returncode == 0
    assert words in page.read_text()
