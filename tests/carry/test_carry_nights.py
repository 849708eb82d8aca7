"""Nights that begin where the last one ends: as in a study, one station's trouble its own, states as they are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
import pytest
import tiny_study as tiny
from here_pool import HerePool

from optimizer.runs.folder import plan_name
from optimizer.workers import local_pool

RATCHET = {"share": 0.5}
TARIFF = tiny.FLAT | {
    "id": "demand",
    "demand_charges": [tiny.PEAK | {"ratchet": RATCHET}],
    "energy_tiers": [{"name": "tier", "tiers": [[10_000, 0.01]]}],
}
"""No threshold is reached: of studies of a part of a month they are lower, of nights they are the month's."""
STARTS = ("2026-01-30T00:00+01:00", "2026-01-31T00:00+01:00", "2026-02-01T00:00+01:00")


def day(start: str, *stations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = stations or (tiny.station(tariff="demand"),)
    whole = tiny.instance(*told, tariffs=[tiny.FLAT, TARIFF]) | changes
    return whole | {"horizon": whole["horizon"] | {"start": start}}


def nightly(folder: Path, number: int, content: dict[str, Any], *options: object) -> Any:
    """Night `number` into `run<number>`, in this process."""
    path = folder / f"day{number}.json"
    path.write_text(json.dumps(content))
    with patch.object(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers)):
        return cli.run("nightly", path.name, "--out", f"run{number}", "--workers", 1, *options, cwd=folder)


def station_of(run: Path, station: str = "S1") -> dict[str, Any]:
    plan = json.loads((run / "plans" / plan_name(station)).read_text())
    found: dict[str, Any] = plan["stations"][0]
    return found


def kept(run: Path, station: str = "S1") -> dict[str, Any]:
    network = json.loads(gzip.decompress((run / "network.json.gz").read_bytes()))
    found: dict[str, Any] = next(one for one in network["stations"] if one["id"] == station)
    return found


def carried_nights(folder: Path) -> None:
    assert nightly(folder, 0, day(STARTS[0])).returncode == 0
    for number, start in enumerate(STARTS[1:], start=1):
        done = nightly(folder, number, day(start), "--carry-from", f"run{number - 1}")
        assert (done.returncode, done.stderr) == (0, "")
        assert f"  start       where run{number - 1} ends: 1 station\n" in done.stdout


def test_three_nights_are_those_of_a_study(tmp_path: Path) -> None:
    """A month ends after the second one; a ratchet looks back at it, tiers count anew."""
    carried_nights(tmp_path)
    asked = {"tariffs": [{"id": "demand"}], "demand_weight": 1.0}
    study = tiny.read(tmp_path, day(STARTS[0]), **asked)
    tiny.run_of(study, tmp_path / "study")
    records = [json.loads(text) for text in tiny.records(tmp_path / "study").values()]
    for number, record in enumerate(sorted(records, key=lambda one: one["night"])):
        (tariff,) = record["tariffs"]
        state, plan = tariff["plan"]["state"], station_of(tmp_path / f"run{number}")
        held_kwh = sorted(
            one["energy_kwh"] for one in state["packs"]
        )  # bays are alike: which of them holds what is even
        assert sorted(100 * one["soc"] for one in plan["end"]["packs"]) == pytest.approx(held_kwh)
        month = plan["billing_month"]
        assert month == ("2026-01", "2026-01", "2026-02")[number]
        assert plan["peak_kw"] == {"peak": pytest.approx(state["peaks_kw"]["peak"][month])}
        assert plan["energy_kwh"] == {"tier": pytest.approx(state["energy_kwh"]["tier"][month])}
        assert plan["objective"] == pytest.approx(tariff["plan"]["objective"])
    january_kw = station_of(tmp_path / "run1")["peak_kw"]["peak"]
    assert kept(tmp_path / "run1")["peak_so_far_kw"]["peak"] > 0
    begins = kept(tmp_path / "run2")
    assert begins["lookback_peak_kw"] == {"peak": january_kw}
    assert "peak_so_far_kw" not in begins and "energy_so_far_kwh" not in begins


def test_packs_keep_their_names_bays_and_charge_and_the_run_checks_alone(tmp_path: Path) -> None:
    carried_nights(tmp_path)
    ends = station_of(tmp_path / "run0")["end"]["packs"]
    begins = kept(tmp_path / "run1")["packs"]
    assert [(one["bay"], one["soc"]) for one in begins] == [(one["bay"], one["soc"]) for one in ends]
    names = {one["pack"]: two["id"] for one, two in zip(ends, begins, strict=True)}
    assert all(new == old.replace("return:", "r-") for old, new in names.items())
    assert any(old.startswith("return:") for old in names)
    longest = max(len(one["id"]) for number in (1, 2) for one in kept(tmp_path / f"run{number}")["packs"])
    assert longest <= len("r-swap-2-2")
    for run in ("run1", "run2"):
        assert cli.run("check", run, cwd=tmp_path).returncode == 0
        assert cli.run("check", f"{run}/network.json.gz", run, cwd=tmp_path).returncode == 0


def test_the_same_command_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    carried_nights(tmp_path)
    plan = tmp_path / "run1" / "plans" / plan_name("S1")
    before = plan.read_bytes(), (tmp_path / "run1" / "network.json.gz").read_bytes()
    done = nightly(tmp_path, 1, day(STARTS[1]), "--carry-from", "run0")
    assert "1 planned (1 of them found finished)" in done.stdout
    plan.unlink()
    (tmp_path / "run1" / "network.json.gz").unlink()
    assert nightly(tmp_path, 1, day(STARTS[1]), "--carry-from", "run0").returncode == 0
    assert (plan.read_bytes(), (tmp_path / "run1" / "network.json.gz").read_bytes()) == before


@pytest.mark.parametrize(
    ("start", "options", "message"),
    [
        (
            STARTS[2],
            ["--carry-from", "run0"],
            'run0: horizon.end: "2026-01-31T00:00:00+01:00": must be the start of the horizon to be planned, and is 24'
            " hours before it (2026-02-01T00:00:00+01:00); name the run that ends there, or let the network's horizon"
            " start where this run ends",
        ),
        (
            "2026-01-30T12:00+01:00",
            ["--carry-from", "run0"],
            'run0: horizon.end: "2026-01-31T00:00:00+01:00": must be the start of the horizon to be planned, and is 12'
            " hours after it (2026-01-30T12:00:00+01:00); name the run that ends there, or let the network's horizon"
            " start where this run ends",
        ),
        (STARTS[1], ["--carry-from", "day1.json"], "day1.json: is no folder; name the folder of the last run"),
        (
            STARTS[1],
            ["--carry-from", "run1"],
            'run1: "run1": is the folder of the new run, too, whose plans would replace those that it goes on from; let'
            " --out name another folder",
        ),
    ],
)
def test_runs_that_nothing_can_go_on_from(tmp_path: Path, start: str, options: list[str], message: str) -> None:
    nightly(tmp_path, 0, day(STARTS[0]))
    done = nightly(tmp_path, 1, day(start), *options)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{message}\n")
    assert not (tmp_path / "run1").exists()


def test_a_run_of_other_stations(tmp_path: Path) -> None:
    nightly(tmp_path, 0, day(STARTS[0], tiny.station("S9")))
    done = nightly(tmp_path, 1, day(STARTS[1]), "--carry-from", "run0")
    assert done.returncode == 2
    assert done.stderr == 'run0: stations: "1 stations": has no station of the network; name the network\'s last run\n'


def five() -> list[dict[str, Any]]:
    return [tiny.station(f"S{number}", tariff="demand") for number in range(1, 6)]


def test_stations_that_come_go_and_cannot_go_on(tmp_path: Path) -> None:
    """S1 goes on, S2 has too few bays now, S3 had no plan, S4 is gone, S5's plan was written in, S6 is new."""
    broken = five()
    broken[2] = broken[2] | {"bays": 1}
    assert nightly(tmp_path, 0, day(STARTS[0], *broken)).returncode == 1
    plan = tmp_path / "run0" / "plans" / plan_name("S5")
    content = json.loads(plan.read_text())
    content["stations"][0]["end"]["packs"][0]["soc"] = 0.123
    plan.write_text(json.dumps(content))
    stations = five()
    stations[1] |= {"bays": 2, "packs": stations[1]["packs"][:2]}
    stations[3] |= {"id": "S6"}
    done = nightly(tmp_path, 1, day(STARTS[1], *stations), "--carry-from", "run0")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "note: 1 station not in run0, as the network says: S6",
        "note: 1 station without a plan in run0, as the network says: S3",
        "note: 1 station of run0 not in the network any more: S4",
    ]
    assert "3 planned, 2 FAILED" in done.stdout
    assert "  start       where run0 ends: 1 station\n" in done.stdout
    ends = station_of(tmp_path / "run0", "S2")["end"]["packs"][2]
    why = f"pack '{ends['pack']}' stands in bay 2, which the station does not have (bays: 0 to 1)"
    assert f"  S2: run0: {why}; tell what stands there with --packs\n" in done.stdout
    changed = f"run0/plans/{plan_name('S5')} was changed since it was written (its digest differs)"
    assert f"  S5: {changed}; tell what stands there with --packs\n" in done.stdout
    told = json.loads((tmp_path / "run1" / "summary.json").read_text())["carried"]
    assert told | {"stations": 1, "new": ["S6"], "without_plan": ["S3"], "gone": ["S4"], "run": "run0"} == told
    assert [one["id"] for one in kept(tmp_path / "run1", "S3")["packs"]] == ["P1", "P2", "P3"]
    assert cli.run("check", "run1", cwd=tmp_path).returncode == 0


def test_a_driver_who_is_to_get_a_pack_that_is_gone(tmp_path: Path) -> None:
    station = tiny.station(tariff="demand", swaps=[tiny.DRIVERS[0] | {"pack": "P1"}])
    nightly(tmp_path, 0, day(STARTS[0], station))
    done = nightly(tmp_path, 1, day(STARTS[1], station), "--carry-from", "run0")
    why = "swap 'swap-1' asks for pack 'P1', which does not stand in the station any more"
    assert done.returncode == 1
    assert f"  S1: {why}; leave out its pack, or name one that does\n" in done.stdout


def test_a_state_file_is_believed_where_reality_differs(tmp_path: Path) -> None:
    """S2's bays are fewer: the file says what stands there; S1 goes on by the plan."""
    nightly(tmp_path, 0, day(STARTS[0], *five()[:2]))
    (tmp_path / "state.csv").write_text("station,bay,pack,soc\nS2,0,P7,0.5\nS2,1,,0.25\n")
    stations = five()[:2]
    stations[1] |= {"bays": 2, "packs": []}
    done = nightly(tmp_path, 1, day(STARTS[1], *stations), "--carry-from", "run0", "--packs", "state.csv")
    assert done.returncode == 0
    left = {one["bay"]: one for one in station_of(tmp_path / "run0", "S2")["end"]["packs"]}
    more = [50 - 100 * left[0]["soc"], 25 - 100 * left[1]["soc"]]
    most = max(zip(more, ("P7", left[1]["pack"].replace("return:", "r-")), strict=True), key=lambda one: abs(one[0]))
    assert done.stderr.splitlines() == [
        f"note: state.csv: 1 station, 2 of 2 packs not as expected, {sum(more):+,.1f} kWh in all",
        f"note: S2: 2 of 2 packs not as expected, {sum(more):+,.1f} kWh in all; most of all {most[1]},"
        f" {most[0]:+,.1f} kWh",
    ]
    assert "where run0 ends: 2 stations; with the packs of state.csv: 1 station\n" in done.stdout
    begins = kept(tmp_path / "run1", "S2")
    assert [begins["packs"][0][key] for key in ("id", "bay", "soc")] == ["P7", 0, 0.5]
    assert begins["peak_so_far_kw"] == station_of(tmp_path / "run0", "S2")["peak_kw"]
    assert cli.run("check", "run1", cwd=tmp_path).returncode == 0


def test_a_state_file_helps_where_the_plan_does_not(tmp_path: Path) -> None:
    nightly(tmp_path, 0, day(STARTS[0]))
    (tmp_path / "run0" / "plans" / plan_name("S1")).write_text("{")
    (tmp_path / "state.csv").write_text("bay,soc\n0,0.904\n1,0.5\n2,0.1\n")
    done = nightly(tmp_path, 1, day(STARTS[1]), "--carry-from", "run0", "--packs", "state.csv")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "note: 1 station without a plan in run0, as the network says: S1",
        "note: state.csv: 1 station, 3 packs, all as expected",
    ]
    assert kept(tmp_path / "run1")["packs"][0]["soc"] == 0.904


def test_a_state_file_alone_replaces_the_packs_of_the_network(tmp_path: Path) -> None:
    (tmp_path / "state.csv").write_text("bay,soc\n0,0.9\n1,0.5\n2,0.2\n")
    done = nightly(tmp_path, 0, day(STARTS[0]), "--packs", "state.csv")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "note: state.csv: 1 station, 1 of 3 packs not as expected, +10.0 kWh in all",
        "note: S1: 1 of 3 packs not as expected, +10.0 kWh in all; most of all P3, +10.0 kWh",
    ]
    assert [(one["id"], one["soc"]) for one in kept(tmp_path / "run0")["packs"]] == [
        ("P1", 0.9), ("P2", 0.5), ("P3", 0.2)
    ]  # fmt: skip


def test_every_wrong_row_of_a_state_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "state.csv").write_text("station,bay,soc\nS1,7,0.9\nS2,0,1.5\n")
    done = nightly(tmp_path, 0, day(STARTS[0], *five()[:2]), "--packs", "state.csv")
    assert done.returncode == 2 and not (tmp_path / "run0").exists()
    assert [line.partition(";")[0] for line in done.stderr.splitlines()] == [
        "state.csv: line 2, bay: \"7\": is no bay of station 'S1'",
        "state.csv: line 3, soc: 1.5: must be between 0 and 1",
    ]
    (tmp_path / "state.csv").write_text("station,bay,soc\nS3,7,0.9\n")
    done = nightly(tmp_path, 0, day(STARTS[0], *five()[:2]), "--packs", "state.csv")
    assert done.stderr == 'state.csv: line 2, station: "S3": is no station of the network; its stations: S1, S2\n'


def test_charges_that_the_tariff_has_no_more_are_told(tmp_path: Path) -> None:
    nightly(tmp_path, 0, day(STARTS[0]))
    done = nightly(tmp_path, 1, day(STARTS[1], tiny.station(tariff="flat")), "--carry-from", "run0")
    assert done.returncode == 0
    assert done.stderr == "note: S1: its tariff has no 'peak', 'tier', whose peak or kWh end with run0\n"
