"""No plan of ours is refused by our own `check`: stations at the edge of the format, through every command."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import tiny_network as tiny
from cli import run
from here_pool import HerePool, run_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer.runs.nightly import run_night

NOTHING_TO_CHARGE: dict[str, dict[str, Any]] = {
    "no packs, on/off": {"chargers": {"max_kw": 60, "efficiency": 0.9, "mode": "on_off"}},
    "no packs, on/off, a swap": {
        "chargers": {"max_kw": 60, "efficiency": 0.9, "mode": "on_off"},
        "swaps": [{"id": "W", "slot": 0, "type": "A", "returned_soc": 0.1, "lost_cost": 9}],
    },
    "no packs, sun": {"solar_kw": 5, "base_load_kw": 3},
    "no packs, a reserve": {"ready_reserve": 1, "reserve_cost": 0.5},
    "no packs, a reserve and sun": {"ready_reserve": 1, "reserve_cost": 0.5, "solar_kw": 5, "base_load_kw": 9},
    "no packs, plugs": {"plug_changes_max": 0, "plug_change_cost": 1.0},
    "nothing at all": {},
}
TWO_PART = {"basis": "max_demand", "rate_per_kw": 38, "metering_minutes": 15}
DECLARED = {"basis": "declared_demand", "rate_per_kw": 38, "declared_kw": 10, "metering_minutes": 60}

FREE, PAID = {"energy_price_per_kwh": 0}, {"energy_price_per_kwh": -0.2}
PEAK = {"demand_charges": [{"name": "peak", "rate_per_kw": 9, "metering_minutes": 60}]}


def document(slots: int, station: dict[str, Any], tariff: dict[str, Any] | None = None) -> dict[str, Any]:
    """An instance of one station S of one bay, unless `station` says otherwise."""
    usual = {"id": "S", "bays": 1, "chargers": {"max_kw": 60, "efficiency": 0.9}, "grid_limit_kw": 100, "tariff": "t"}
    return {
        "format": "swapcharge-instance",
        "version": 1,
        "name": "odd",
        "currency": "EUR",
        "horizon": {"start": "2025-01-15T00:00Z", "time_zone": "UTC", "slot_minutes": 60, "slots": slots},
        "pack_types": [
            {"id": "A", "capacity_kwh": 100, "target_soc": 0.9},
            {"id": "B", "capacity_kwh": 70, "target_soc": 1.0, "swap_soc": 0.8, "acceptance": [[0, 50], [1, 5]]},
        ],
        "tariffs": [{"id": "t", "energy_price_per_kwh": 0.2} | (tariff or {})],
        "stations": [usual | station],
    }


def survives_every_command(content: dict[str, Any], folder: Path) -> None:
    """solve → check → report → nightly → check of the run → the same nightly again, which finds its plan finished."""
    night, plan, page = folder / "night.json", folder / "plan.json", folder / "plan.html"
    night.write_text(json.dumps(content))
    for command in (
        ["solve", night, "-o", plan, "--time-limit", "20"],
        ["check", night, plan],
        ["report", plan, "-o", page],
        ["report", plan, "--instance", night, "-o", page],
    ):
        done = run(*command)
        assert done.returncode == 0, (command[0], done.stderr, done.stdout)
    at_night = []
    for _ in range(2):
        asked = run_of(night, folder / "run", HerePool())
        try:
            summary = run_night(asked)
        finally:
            asked.folder.close()
        assert not summary.failed and not summary.fallback, summary
        at_night.append(tiny.plans(folder / "run"))
    assert at_night[0] == at_night[1] and at_night[0]
    assert not asked.pool.asked, "a finished plan is not planned again"
    done = run("check", night, folder / "run")
    assert done.returncode == 0, done.stderr + done.stdout
    assert run("report", folder / "run", "-o", folder / "run.html").returncode == 0


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("name", NOTHING_TO_CHARGE)
def test_a_station_without_packs_is_planned_checked_and_reported(name: str, slots: int, tmp_path: Path) -> None:
    survives_every_command(document(slots, NOTHING_TO_CHARGE[name]), tmp_path)


def test_a_station_without_packs_uses_its_sun(tmp_path: Path) -> None:
    night, plan = tmp_path / "night.json", tmp_path / "plan.json"
    night.write_text(json.dumps(document(3, {"solar_kw": 5, "base_load_kw": 3})))
    assert run("solve", night, "-o", plan).returncode == 0
    (station,) = json.loads(plan.read_text())["stations"]
    assert station["packs"] == [] and station["solar_used_kw"] == [3.0, 3.0, 3.0]
    station_cut = station | {"solar_used_kw": [3.0]}
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"stations": [station_cut]}))
    done = run("check", night, plan)
    assert done.returncode == 1 and "grid: solar used: found 1 values, limit 3 values" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["solve", "n.json", "-o", "p.json"],
        ["info", "n.json"],
        ["nightly", "n.json", "--out", "run"],
        ["check", "n.json", "n.json"],
        ["export", "mps", "n.json", "--formulation", "reference"],
    ],
    ids=lambda words: words[0],
)
def test_a_network_without_stations_is_refused_by_every_command(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text(json.dumps(document(1, {}) | {"stations": []}))
    done = run(*command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "n.json: stations: []: must name at least one station; add a station\n"
    assert [path.name for path in tmp_path.iterdir()] == ["n.json"]


@st.composite
def odd_stations(draw: st.DrawFn) -> dict[str, Any]:
    """Few slots, few packs, few drivers, and any of the other keys."""
    slots, bays = draw(st.sampled_from([1, 1, 2, 4])), draw(st.integers(1, 2))
    socs = draw(st.lists(st.sampled_from([0.0, 0.5, 0.9, 1.0]), max_size=bays))
    kinds = st.sampled_from(["A", "B"])
    packs = [{"id": f"P{n}", "type": draw(kinds), "soc": soc} for n, soc in enumerate(socs)]
    swaps = [
        {
            "id": f"W{n}",
            "slot": draw(st.integers(0, slots - 1)),
            "type": draw(kinds),
            "returned_soc": draw(st.sampled_from([None, 0.1, 1.0])),
            "lost_cost": draw(st.sampled_from([0, 20])),
        }
        | draw(st.sampled_from([{}, {}, {"swap_soc": 0.1}, *({"pack": p["id"], "type": p["type"]} for p in packs[:1])]))
        for n in range(draw(st.integers(0, 2)))
    ]
    charger = {"max_kw": draw(st.sampled_from([0.5, 60])), "efficiency": 0.9, "count": draw(st.integers(1, bays))}
    charger |= draw(st.sampled_from([{}, {"mode": "on_off"}, {"min_kw": 0.4}]))
    more: dict[str, Any] = {}
    for choice in (
        {"solar_kw": 5}, {"base_load_kw": 4}, {"ready_reserve": 1, "reserve_cost": 0.5}, {"plug_changes_max": 0},
        {"plug_change_cost": 0.5}, {"turnaround_slots": 1}, {"grid_limit_kw": 4},
        {"ready_reserve": 3, "reserve_cost": 9},
    ):  # fmt: skip
        more |= choice if draw(st.integers(0, 3)) == 0 else {}
    tariff = draw(st.sampled_from([{}, {}, {"two_part": TWO_PART}, {"two_part": DECLARED}, FREE, PAID, PEAK]))
    return document(slots, {"bays": bays, "chargers": charger, "packs": packs, "swaps": swaps} | more, tariff)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],  # shrinking plans too many nights
)
@given(odd_stations())
def test_odd_stations_survive_every_command(content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        survives_every_command(content, Path(folder))
