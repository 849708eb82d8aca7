"""`export setpoints` as users see it: files, what is told, re-sending, reading back, what is refused."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cli
import pytest
import set_points as support

NIGHT = cli.INSTANCES / "tiny" / "one-pack-cheap-slot.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan and its instance."""
    path = tmp_path_factory.mktemp("plans")
    shutil.copy(NIGHT, path / "night.json")
    assert cli.run("solve", "night.json", "-o", "night.plan.json", cwd=path).returncode == 0
    return path


def export(folder: Path, *asked: object) -> str:
    done = cli.run("export", "setpoints", "night.plan.json", *asked, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(folder: Path, *asked: object) -> str:
    done = cli.run("export", "setpoints", "night.plan.json", *asked, cwd=folder)
    assert done.returncode == 2 and not done.stdout
    return done.stderr.strip().splitlines()[-1]


def test_the_table_has_a_row_for_each_period_and_hand_over(folder: Path) -> None:
    rows = list(csv.DictReader(export(folder, "-o", "-").splitlines()))
    assert [(row["action"], row["pack"], row["swap"]) for row in rows] == [
        ("charge", "a", "swap-1"),
        ("hand_over", "a", "swap-1"),
    ]
    charge, handed = rows
    assert (charge["grid_kw"], charge["pack_kw"], charge["target_soc"]) == ("50.0", "40.0", "1.0")
    assert charge["ready_by_utc"] == handed["start_utc"] == handed["end_utc"]
    assert charge["ready_by_local"].endswith("+00:00")
    assert {row["when_plan_ends"] for row in rows} == {"0 kW"}


@pytest.mark.parametrize("to", ["csv", "ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
def test_every_form_comes_back_and_is_the_same_again(folder: Path, to: str) -> None:
    told = export(folder, "--to", to, "-o", to)
    assert told.splitlines()[-1] == f"  in {to}"
    files = {path.name: path.read_bytes() for path in (folder / to).rglob("*.*") if path.is_file()}
    export(folder, "--to", to, "-o", to)
    assert files == {path.name: path.read_bytes() for path in (folder / to).rglob("*.*") if path.is_file()}
    export(folder, "--read", to, "-o", f"{to}.plan.json")
    done = cli.run("check", "night.json", f"{to}.plan.json", cwd=folder)
    assert done.returncode == 0 and done.stdout.startswith("The plan keeps every rule.")
    back, plan = (json.loads((folder / name).read_bytes()) for name in (f"{to}.plan.json", "night.plan.json"))
    assert back["stations"][0]["packs"] == plan["stations"][0]["packs"]
    assert back["stations"][0]["method"] == "read from set-points"


@pytest.mark.parametrize("unit", [(), ("--unit", "A"), ("--unit", "A", "--phases", 1, "--volts", 120)])
def test_profiles_in_amperes_are_valid_and_keep_the_plan(folder: Path, unit: tuple[object, ...]) -> None:
    for to in ("ocpp1.6", "ocpp2.0.1", "ocpp2.1"):
        export(folder, "--to", to, *unit, "--side", "pack", "-o", "amperes")
        (file,) = (folder / "amperes" / "profiles").iterdir()
        assert support.validate(file.read_bytes()) == 4
        export(folder, "--read", "amperes", "-o", "amperes.plan.json")
        assert cli.run("check", "night.json", "amperes.plan.json", cwd=folder).returncode == 0


def test_a_later_version_supersedes(folder: Path) -> None:
    profiles = []
    for version in (1, 2):
        export(folder, "--to", "ocpp2.0.1", "--plan-version", version, "-o", "versions")
        (file,) = (folder / "versions" / "profiles").iterdir()
        profiles.append([one["chargingProfile"] for one in json.loads(file.read_bytes())["bays"][0]["send"]])
    (base, first), (again, second) = profiles
    assert base == again and base["stackLevel"] == 0
    assert base["chargingSchedule"][0]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 0.0}]
    assert second["id"] > first["id"] and second["stackLevel"] > first["stackLevel"]
    assert second["chargingSchedule"] == first["chargingSchedule"]


def test_json_tells_the_same(folder: Path) -> None:
    facts = json.loads(export(folder, "-o", "told", "--json"))
    assert (facts["stations"], facts["bays"], facts["hand_overs"], facts["output"]) == (1, 1, 1, "told")
    assert facts["energy_off"] <= 0.001 and facts["stations_without_plan"] == []


def test_a_changed_file_is_read_and_told(folder: Path) -> None:
    export(folder, "-o", "changed")
    table = folder / "changed" / "setpoints.csv"
    table.write_text(table.read_text().replace("50.0,40.0", "25.0,20.0"))
    done = cli.run("export", "setpoints", "night.plan.json", "--read", "changed", "-o", "less.json", cwd=folder)
    assert done.stderr.strip() == "note: setpoints.csv was changed since it was written (its hash differs)"
    assert cli.run("check", "night.json", "less.json", cwd=folder).returncode == 1


def test_an_export_that_was_broken_off_is_not_read(folder: Path) -> None:
    export(folder, "-o", "half")
    (folder / "half" / "manifest.json").unlink()
    assert refused(folder, "--read", "half", "-o", "none.json") == (
        "half: is a folder without manifest.json: no whole export; run the same export setpoints command again"
    )
    assert not (folder / "none.json").exists()


def test_a_file_outside_of_the_folder_is_not_read(folder: Path) -> None:
    export(folder, "--to", "ocpp1.6", "-o", "outside")
    manifest = folder / "outside" / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["stations"][0]["file"] = "../night.json"
    manifest.write_text(json.dumps(told))
    assert refused(folder, "--read", "outside", "-o", "none.json") == (
        'outside: file: "../night.json": must lie in the folder of the export; '
        "run the same export setpoints command again"
    )


def test_rows_that_are_no_periods_of_the_plan_are_refused(folder: Path) -> None:
    table = export(folder, "-o", "-")
    header, row, *_ = table.splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    wrong = [cells | {"bay": "7"}, cells | {"end_utc": cells["start_utc"]}, cells, cells]
    lines = [header, *(",".join(one.values()) for one in wrong)]
    (folder / "wrong.csv").write_text("\n".join(lines) + "\n")
    done = cli.run("export", "setpoints", "night.plan.json", "--read", "wrong.csv", "-o", "x.json", cwd=folder)
    start = cells["start_utc"]
    remedy = "name the plan that was exported, or export it again"
    assert done.returncode == 2
    assert [line.removeprefix("wrong.csv: station station: bay ") for line in done.stderr.splitlines()] == [
        f'7, {start}: "7": is no bay of the plan\'s station; {remedy}',
        f'0, {start}: "{start}": must be a period within the plan\'s horizon, at a power from 0 up; {remedy}',
        f'0: "{start}": has two rows at one time; {remedy}',
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--to", "ocpp1.6", "-o", "-"], "-o - is for --to csv: profiles are several files, name a folder"),
        (["--unit", "A", "-o", "x.csv"], "--unit: for OCPP only, which --to chooses"),
        (["--to", "ocpp2.1", "--phases", 1, "-o", "x"], "--phases and --volts are for limits in A: give --unit A"),
        (["--read", "x", "--side", "pack", "-o", "y"], "--side: not with --read, for the export says it"),
        (["-o", "-", "--json"], "-o - and --json both want standard output: give -o a file name"),
    ],
)
def test_options_that_do_not_go_together(folder: Path, asked: list[object], told: str) -> None:
    assert refused(folder, *asked) == f"Error: {told}"


def test_a_station_without_plan_is_told(folder: Path) -> None:
    assert refused(folder, "--station", "T", "-o", "x.csv") == (
        'night.plan.json: --station: "T": has no plan there; it has plans of station'
    )


def test_other_files_are_not_written_over(folder: Path) -> None:
    (folder / "mine.csv").write_text("a,b\n")
    assert refused(folder, "-o", "mine.csv") == (
        "mine.csv: is there, and is no table of set-points: it would be lost; choose another name, or remove it first"
    )
    (folder / "mine").mkdir()
    (folder / "mine" / "a").write_text("")
    assert refused(folder, "-o", "mine") == (
        "mine: is a folder that holds other things than a set-point export; name a new or an empty folder"
    )
