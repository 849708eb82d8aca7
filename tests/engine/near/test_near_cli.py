"""`solve --near` end to end: an evening planned every quarter of an hour, and previous plans that are none."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli import INSTANCES, run

REAL = INSTANCES / "real" / "sce-tou-ev-8-21-packs.json"
START = datetime.fromisoformat("2026-03-10T22:00+01:00")
DRIVERS = ((2, 0.25), (4, 0.3), (5, 0.2), (20, 0.35), (32, 0.3), (36, 0.2), (40, 0.35), (44, 0.2))


def evening(begins: int = 0, packs: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """A night tariff of one price, swaps without ids; the horizon begins `begins` quarters later."""
    first = [{"id": f"P{n + 1}", "type": "A", "soc": soc} for n, soc in enumerate((0.3, 0.2, 0.5, 0.4, 0.9, 0.9, 0.9))]
    swaps = [
        {"slot": slot - begins, "type": "A", "returned_soc": soc, "lost_cost": 50}
        for slot, soc in DRIVERS
        if slot >= begins
    ]
    periods = [
        {"name": "night", "price_per_kwh": 0.1, "start": "23:00", "end": "07:00"},
        {"name": "day", "price_per_kwh": 0.3},
    ]
    station = {
        "id": "S1", "bays": 8, "chargers": {"max_kw": 60, "efficiency": 0.95}, "grid_limit_kw": 300, "tariff": "t",
        "packs": first if packs is None else packs, "swaps": swaps,
    }  # fmt: skip
    start = (START + timedelta(minutes=15 * begins)).isoformat()
    horizon = {"start": start, "time_zone": "Europe/Amsterdam", "slot_minutes": 15, "slots": 56 - begins}
    return {
        "format": "swapcharge-instance", "version": 1, "name": "evening", "currency": "EUR", "horizon": horizon,
        "pack_types": [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9}],
        "tariffs": [{"id": "t", "energy_periods": periods}],
        "stations": [station | changes],
    }  # fmt: skip


def later(before: dict[str, Any], plan: dict[str, Any], begins: int, slots: int) -> dict[str, Any]:
    """The evening `slots` quarters later, all as planned; energies rounded, as a meter does."""
    station, old = plan["stations"][0], before["stations"][0]
    came = {f"swap-{n + 1}": swap for n, swap in enumerate(old["swaps"])}
    soc = {pack["id"]: pack["soc"] for pack in old["packs"]}
    soc |= {f"return:{name}": swap["returned_soc"] for name, swap in came.items() if swap["slot"] < slots}
    for row in station["packs"]:
        if row["pack"] in soc:
            soc[row["pack"]] += 0.25 * sum(row["power_kw"][:slots]) / 100
    for handed in station["hand_overs"]:
        if handed["slot"] < slots:
            soc.pop(handed["pack"])
    bay = {row["pack"]: row["bay"] for row in station["packs"]}
    packs = [
        {"id": name.replace("return:", f"r{begins}-"), "type": "A", "soc": round(soc[name], 6)}
        for name in sorted(soc, key=bay.__getitem__)
    ]
    return evening(begins + slots, packs)


def solve(folder: Path, name: str, instance: dict[str, Any], *options: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan in `name`.plan.json, and what `--json` says."""
    (folder / f"{name}.json").write_text(json.dumps(instance))
    done = run("solve", f"{name}.json", "-o", f"{name}.plan.json", "--json", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert run("check", f"{name}.json", f"{name}.plan.json", cwd=folder).returncode == 0
    return json.loads((folder / f"{name}.plan.json").read_text()), json.loads(done.stdout)


def load(plan: dict[str, Any]) -> list[float]:
    return [sum(kw) for kw in zip(*(row["power_kw"] for row in plan["stations"][0]["packs"]), strict=True)]


def test_an_evening_planned_again_every_quarter_stays_as_it_was_planned(tmp_path: Path) -> None:
    instance = evening()
    plan, said = solve(tmp_path, "n0", instance)
    first = load(plan)
    assert "changes" not in said and "changes" not in plan["stations"][0]
    for begins in range(1, 8):
        instance = later(instance, plan, begins - 1, 1)
        plan, said = solve(tmp_path, f"n{begins}", instance, "--near", f"n{begins - 1}.plan.json")
        assert said["changes"]["slots"] == said["changes"]["hand_overs"] == said["changes"]["packs"] == 0
        assert load(plan) == pytest.approx(first[begins:], abs=0.01)
        assert plan["horizon"]["start"] == (START + timedelta(minutes=15 * begins)).isoformat()


def test_a_late_driver_moves_what_he_must_and_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    solve(tmp_path, "n", evening())
    swaps = evening()["stations"][0]["swaps"]
    swaps[3]["slot"] += 1
    plan, said = solve(tmp_path, "late", evening(swaps=swaps), "--near", "n.plan.json")
    _, plain = solve(tmp_path, "plain", evening(swaps=swaps))
    assert plan["objective"] <= plain["objective"] + 1e-4
    assert said["changes"]["hand_overs"] == 0 and said["changes"]["packs"] <= 1
    assert said["stations"][0]["changes"] == said["changes"] == plan["stations"][0]["changes"]
    again, _ = solve(tmp_path, "late", evening(swaps=swaps), "--near", "n.plan.json")
    assert again == plan
    text = run("solve", "late.json", "--near", "n.plan.json", cwd=tmp_path).stdout
    assert " of the previous plan" in text.partition("  changes  ")[2].splitlines()[0]


def without_horizon(plan: dict[str, Any]) -> None:
    del plan["horizon"]


def of_another_station(plan: dict[str, Any]) -> None:
    plan["stations"][0]["station"] = "S2"


def a_year_before(plan: dict[str, Any]) -> None:
    plan["horizon"]["start"] = "2025-03-10T22:00:00+01:00"


def of_other_packs(plan: dict[str, Any]) -> None:
    for row in [*plan["stations"][0]["packs"], *plan["stations"][0]["hand_overs"]]:
        row["pack"] = "X" + row["pack"]


def with_fewer_slots(plan: dict[str, Any]) -> None:
    for row in plan["stations"][0]["packs"]:
        row["power_kw"].pop()


def with_half_a_clock(plan: dict[str, Any]) -> None:
    plan["horizon"]["time_zone"] = "Europe/Atlantis"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without_horizon, "p.json: horizon: absent: is missing"),
        (of_another_station, 'p.json: stations: ["S2"]: has no plan of a station that is to be planned (S1); plan'),
        (a_year_before, "ends or begins outside of the horizon to be planned, 2026-03-10 22:00 to"),
        (of_other_packs, 'shares no pack with station "S1" as it is to be planned (P1, P2'),
        (with_fewer_slots, "must have a power for each of 56 slots"),
        (with_half_a_clock, 'p.json: horizon.time_zone: "Europe/Atlantis": is not a known IANA time zone'),
    ],
)
def test_what_is_no_plan_to_be_near_is_refused_with_what_to_do(tmp_path: Path, spoil: Any, words: str) -> None:
    plan, _ = solve(tmp_path, "n", evening())
    spoil(plan)
    (tmp_path / "p.json").write_text(json.dumps(plan))
    done = run("solve", "n.json", "--near", "p.json", "-o", "out.json", cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr and "; " in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_an_instance_is_no_plan(tmp_path: Path) -> None:
    done = run("solve", REAL, "--near", REAL, cwd=tmp_path)
    assert done.returncode == 2 and "format" in done.stderr


def test_a_plan_with_look_ahead_comes_out_again_too(tmp_path: Path) -> None:
    ahead = ("--look-ahead", 24, "--calm-limit", 0)
    plan, _ = solve(tmp_path, "n", json.loads(REAL.read_text()), *ahead)
    again, said = solve(tmp_path, "n", json.loads(REAL.read_text()), *ahead, "--near", "n.plan.json")
    assert said["changes"]["slots"] == said["changes"]["hand_overs"] == 0
    assert load(again) == pytest.approx(load(plan), abs=0.01)
