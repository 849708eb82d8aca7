"""`check` of a whole run: every plan of the folder against its network, each bad one told on a line of its own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cli
import msgspec
import pytest
from msgspec import structs
from run_summaries import SUMMARY

from models.station.cost import cost_of
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, uncontrolled_charging
from optimizer.formats.network_file import read_network
from optimizer.formats.plan_file import plan_document
from optimizer.formats.read_instance import read_instance
from optimizer.runs.check_run import check_run
from optimizer.runs.folder import plan_name

NAMES = ("S1", "S2", "bad\x1b[31m\nid")
KEPT = "3 of 3 stations have a plan that keeps every rule.\nRecomputed: objective 105.0000, charging 105.0000 EUR.\n"

Change = Callable[[dict[str, Any]], None]


def rewrite(path: Path, change: Change) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """The tiny night three times."""
    path = tmp_path / "network.json"
    path.write_bytes(cli.TINY.read_bytes())

    def change(content: dict[str, Any]) -> None:
        (station,) = content["stations"]
        content["stations"] = [station | {"id": name} for name in NAMES]

    rewrite(path, change)
    return path


@pytest.fixture
def run(network: Path, tmp_path: Path) -> Path:
    """A run of the network, every station planned."""
    instance = read_instance(network)
    folder = tmp_path / "run"
    (folder / "plans").mkdir(parents=True)
    for night in instance.nights:
        part = Instance(instance.name, instance.currency, (night,))
        plan_path(folder, night.station.id).write_bytes(plan_document(part, [planned(night)], {}))
    objective = sum(planned(night).result.objective for night in instance.nights)
    (folder / "summary.json").write_bytes(
        msgspec.json.encode(structs.replace(SUMMARY, objective=objective, stations=3))
    )
    return folder


def planned(night: Night) -> StationPlan:
    schedule = uncontrolled_charging(night)
    cost = cost_of(night, schedule)
    how: Any = {"status": "fallback", "method": UNCONTROLLED_CHARGING, "cost": cost, "bound": None, "baseline": cost}
    return StationPlan(night, schedule, StationResult.of(night, schedule, **how), cost)


def plan_path(run: Path, station: str) -> Path:
    return run / "plans" / plan_name(station)


def verdict(network: Path, run: Path, code: int) -> dict[str, Any]:
    done = cli.run("check", network, run, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def failed(run: Path, *stations: tuple[str, str | None]) -> None:
    told = [{"place": place, "station": station, "reason": "no plan exists"} for place, station in stations]
    rewrite(run / "summary.json", lambda content: content.update(failed_stations=told))


def test_a_good_run_for_people(network: Path, run: Path) -> None:
    done = cli.run("check", network, run)
    assert (done.returncode, done.stdout, done.stderr) == (0, KEPT, "")


def test_a_good_run_for_scripts(network: Path, run: Path) -> None:
    found = verdict(network, run, 0)
    cost = found.pop("cost")
    assert cost["objective"] == cost["energy"] == pytest.approx(105)
    assert found == {
        "ok": True, "violations": [], "warnings": [], "stations_checked": 3, "stations_not_in_plan": [],
        "missing": [], "unreadable": [], "failed": [], "input_warnings": [],
    }  # fmt: skip


def test_a_run_is_checked_by_the_network_that_it_keeps(network: Path, run: Path) -> None:
    refused = cli.run("check", run)
    rule = (
        "is a folder without network.json.gz, which runs of earlier versions do not have; name the network's file, too"
    )
    assert (refused.returncode, refused.stderr) == (2, f"{run}: {rule}\n")
    (run / "network.json.gz").write_bytes(gzip.compress(network.read_bytes()))
    alone = cli.run("check", run)
    assert (alone.returncode, alone.stdout, alone.stderr) == (0, KEPT, "")
    refused = cli.run("check", network)
    assert refused.returncode == 2
    assert "Error: Missing argument 'PLAN': only the folder of a run can be checked alone\n" in refused.stderr


def test_a_plan_of_the_run_can_be_checked_alone(network: Path, run: Path) -> None:
    found = verdict(network, plan_path(run, "S2"), 0)
    assert (found["stations_checked"], found["stations_not_in_plan"]) == (1, [NAMES[0], NAMES[2]])
    assert found["warnings"] == []


def test_every_bad_plan_is_told_on_a_line_of_its_own(network: Path, run: Path) -> None:
    def break_power(content: dict[str, Any]) -> None:
        content["stations"][0]["packs"][0]["power_kw"][1] = 50.0

    rewrite(plan_path(run, "S1"), break_power)
    plan_path(run, "S2").write_text("{")
    plan_path(run, NAMES[2]).unlink()
    done = cli.run("check", network, run)
    assert done.returncode == 1 and done.stderr == ""
    first, second, third, *last = done.stdout.splitlines()
    one, other, none = (f"plans/{plan_name(name)}" for name in NAMES)
    assert first == f"S1: 2 violations of 2 rules, first balance: pack a, slot 1: found 150.0, limit 100.0 ({one})"
    assert second.startswith(f"S2: unreadable: {run / other}: line 1, column 2: ")
    assert third == f"bad\\x1b[31m\\nid: missing: there is no {none}"
    assert "0 of 3 stations have a plan that keeps every rule; 1 with violations; 1 missing; 1 unreadable." in last
    found = verdict(network, run, 1)
    assert found["ok"] is False and found["stations_checked"] == 1
    assert {violation["station"] for violation in found["violations"]} == {"S1"}
    assert found["missing"] == [NAMES[2]]
    assert [(bad["station"], bad["file"]) for bad in found["unreadable"]] == [("S2", other)]
    assert found["stations_not_in_plan"] == [NAMES[2], "S2"]


def test_several_errors_of_a_file_are_counted(network: Path, run: Path) -> None:
    rewrite(plan_path(run, "S1"), lambda content: content.update(status="great", currency=None))
    assert " (and 1 more)\n" in cli.run("check", network, run).stdout


def test_a_plan_of_another_station_under_the_name(network: Path, run: Path) -> None:
    plan_path(run, "S1").write_bytes(plan_path(run, "S2").read_bytes())
    done = cli.run("check", network, run)
    file = f"plans/{plan_name('S1')}"
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == (
        f'S1: unreadable: {file}: stations[0].station: "S2": is not a station of the instance; '
        "check the plan against the instance it was made for"
    )


def test_a_station_that_failed_needs_no_plan(network: Path, run: Path) -> None:
    plan_path(run, "S2").unlink()
    failed(run, ("stations[1]", "S2"))
    done = cli.run("check", network, run)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2] == ("2 of 3 stations have a plan that keeps every rule; 1 failed in the run.")
    found = verdict(network, run, 0)
    assert found["failed"] == found["stations_not_in_plan"] == ["S2"] and found["missing"] == []


def test_a_failure_excuses_no_other_station(network: Path, run: Path) -> None:
    """A later station with the id of an earlier one fails; that is no excuse for the earlier one."""
    plan_path(run, "S2").unlink()
    failed(run, ("stations[7]", "S2"), ("stations[1]", "S7"))
    assert verdict(network, run, 1)["missing"] == ["S2"]


def test_a_broken_station_does_not_stop_the_others(network: Path, run: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        first, second, third = content["stations"]
        content["stations"] = [first, second | {"bays": 0}, third, first, {"bays": 1}]

    rewrite(network, change)
    plan_path(run, "S2").unlink()
    done = cli.run("check", network, run)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        f"S2: missing: {network}: stations[1].bays: 0: must be at least 1; correct the value",
        f'S1: missing: {network}: stations[3].id: "S1": this station id is taken by an earlier one; '
        "give every one its own id",
        f"stations[4]: missing: {network}: stations[4].id: absent: must be given; add it: name of the station "
        "(and 3 more)",
    ]
    assert verdict(network, run, 1)["missing"] == ["S2", "S1", "stations[4]"]
    failed(run, ("stations[1]", "S2"), ("stations[3]", "S1"), ("stations[4]", None))
    assert verdict(network, run, 0)["failed"] == ["S2", "S1", "stations[4]"]


def test_a_plan_for_what_the_network_was_before(network: Path, run: Path) -> None:
    rewrite(network, lambda content: content.update(name="renamed"))
    found = verdict(network, run, 0)
    assert found["warnings"] == [
        f"plans/{plan_name(name)}: the plan was made for another instance, or this one has changed since "
        "(its hash differs)"
        for name in NAMES
    ]


def test_notes_are_cut_short_for_people(network: Path, run: Path) -> None:
    for name in NAMES:
        rewrite(plan_path(run, name), lambda content: content.update(objective=1.0, bound=1e3))
    notes = [line for line in cli.run("check", network, run).stdout.splitlines() if line.startswith("note: ")]
    assert len(notes) == 6 and notes[-1] == "note: and 1 more; --json has them all"


def test_the_summary_is_not_believed(network: Path, run: Path) -> None:
    rewrite(run / "summary.json", lambda content: content.update(objective=1.0, status="running"))
    (run / "plans" / "old-0123456789abcdef.json").write_text("{}")
    (run / "plans" / ".left.tmp").write_text("{}")
    assert verdict(network, run, 0)["warnings"] == [
        "summary.json says the run is still under way, or it was killed",
        "summary.json says objective 1.0, recomputed it is 105.0",
        "plans/ has plans of no planned station of the network: old-0123456789abcdef.json",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "there is no such file"),
        ("[]", "Expected `object`, got `array`"),
        ("{", "Input data was truncated"),
    ],
)
def test_without_a_summary_nothing_is_known_of_failures(network: Path, run: Path, text: str | None, why: str) -> None:
    plan_path(run, "S2").unlink()
    (run / "summary.json").unlink() if text is None else (run / "summary.json").write_text(text)
    found = verdict(network, run, 1)
    assert found["missing"] == ["S2"]
    assert found["warnings"] == [f"summary.json cannot be read ({why}): which stations failed is not known"]


def test_too_broken_a_plan_leaves_no_bill(network: Path, run: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        for row in content["stations"][0]["packs"]:
            row["power_kw"] = [0.0]

    rewrite(plan_path(run, "S2"), change)
    assert verdict(network, run, 1)["cost"] is None
    assert "Recomputed" not in cli.run("check", network, run).stdout


def test_a_folder_that_is_no_run(network: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    done = cli.run("check", network, tmp_path / "other")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"{tmp_path / 'other'}: is a folder without plans/; name a plan file, or the folder of a run of nightly\n"
    )


def test_a_network_that_is_none_is_bad_input(run: Path, tmp_path: Path) -> None:
    done = cli.run("check", tmp_path / "none.json", run)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.json: there is no such file; check the name and the folder" in done.stderr


def test_bad_plans_are_told_while_the_check_goes_on(network: Path, run: Path) -> None:
    """Nothing is held back until the end: each line comes before the progress of its station."""
    for name in NAMES[:2]:
        plan_path(run, name).unlink()
    news: list[str] = []
    found = check_run(read_network(network), run, lambda line: news.append(line.split(":")[0]), news.append)
    assert news == ["S1", "1 of 3 stations", "S2", "2 of 3 stations", "3 of 3 stations"]
    assert found.missing == ["S1", "S2"]
