"""The ledger: what it says, and that nothing false in it passes."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import bench_ledgers as make
import cli
import pytest

from models.station.schedule import Schedule
from models.tolerances import is_refuted
from optimizer.bench.ledger.ledger_file import (
    known_values,
    ledger_text,
    plan_file_name,
    proof_of,
    read_ledger,
)
from optimizer.bench.ledger.verify import verify
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import read_bytes, write_whole

NAME = "plug-change-cost"
OTHER = "end-value"
AS_RECORDED = " Plans were checked and billed anew; bounds are as recorded: --bounds proves them."


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.small_ledger(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "library"))


def failures(folder: Path, *names: str) -> list[str]:
    return list(map(str, verify(folder, names).failures))


def change_plan(folder: Path, name: str, schedule: Schedule, objective: float | None = None) -> str:
    """Put another schedule into the plan file, whose own sums stay; its name."""
    file: str = make.ledger_of(folder)[name]["plan"]["file"]
    content = json.loads(read_bytes(folder / file))
    (station,) = content["stations"]
    station["packs"] = [{"pack": row.pack, "bay": row.bay, "power_kw": row.power_kw} for row in schedule.rows]
    station["hand_overs"] = [one for one in station["hand_overs"] if one["swap"] in schedule.by_swap()]
    write_whole(folder / file, json.dumps(content).encode())
    return file


def test_a_ledger_that_holds(folder: Path) -> None:
    found = verify(folder)
    assert (found.ok, found.entries, found.optimal, found.notes) == (True, 3, 2, [])
    assert found.summary() == f"The ledger holds: 3 entries checked, 2 proven optimal; 1 without a gap.{AS_RECORDED}"


def test_the_shipped_ledger_holds() -> None:
    found = verify(cli.INSTANCES / "bench")
    assert list(map(str, found.failures)) == [] and found.entries > 0


def test_what_it_says(folder: Path) -> None:
    entries = make.ledger_of(folder)
    assert list(entries) == list(make.NAMES)  # in the library's order
    entry = entries[NAME]
    assert (entry["proof"], entry["gap"]) == ("optimal", 0.0)
    assert entry["plan"]["objective"] == pytest.approx(7.5, abs=1e-6)
    assert (entry["plan"]["contender"], entry["plan"]["date"]) == ("reference:highs", "2026-11-25")
    assert (entry["bound"]["value"], entry["bound"]["kind"]) == (7.5, "solver")
    assert (folder / entry["plan"]["file"]).is_file()
    assert (entries["demand-charge-peak-so-far"]["bound"], entries["demand-charge-peak-so-far"]["proof"]) == (
        None,
        "gap",
    )


def test_same_entries_same_bytes(folder: Path) -> None:
    text = (folder / "ledger.json").read_bytes()
    assert ledger_text(read_ledger(folder).entries) == text


def test_known_values_for_the_runner(folder: Path, tmp_path: Path) -> None:
    known = known_values(folder)
    of = {one.name: one for one in known.values()}
    assert set(of) == set(make.NAMES)
    assert known[make.record(NAME).instance_hash] is of[NAME]
    assert [of[name].bound and of[name].bound.value for name in (NAME, "demand-charge-peak-so-far")] == [7.5, None]
    assert of[NAME].plan.objective == pytest.approx(7.5, abs=1e-6)
    assert known_values(tmp_path) == {}


def test_a_power_changed(folder: Path) -> None:
    """One that breaks no rule: only the bill tells it."""
    good = make.best_schedule(OTHER)
    file = change_plan(folder, OTHER, make.charged_more(good, -1.0))
    was, now = make.objective(OTHER, good), make.objective(OTHER, make.charged_more(good, -1.0))
    found = failures(folder)
    assert f"{OTHER}: plan: {file}: the file says objective {was!r}, recomputed it is {now!r}" in found
    assert f"{OTHER}: cost: {file}: recorded objective {was!r}, recomputed it is {now!r}" in found
    assert all(line.startswith(f"{OTHER}: ") for line in found)


def test_a_power_beyond_the_charger(folder: Path) -> None:
    file = change_plan(folder, NAME, make.charged_more(make.best_schedule(NAME), 5.0))
    assert any(line.startswith(f"{NAME}: plan: {file}: power: pack ") for line in failures(folder, NAME))


def test_a_hand_over_taken_away(folder: Path) -> None:
    spoilt = replace(make.best_schedule(NAME), hand_overs=())
    file = change_plan(folder, NAME, spoilt)
    was, now = make.objective(NAME, make.best_schedule(NAME)), make.objective(NAME, spoilt)
    assert f"{NAME}: cost: {file}: recorded objective {was!r}, recomputed it is {now!r}" in failures(folder)


def test_a_bound_above_the_plan(folder: Path) -> None:
    make.change_entry(folder, NAME, bound__value=8.0)
    plan = make.objective(NAME, make.best_schedule(NAME))
    assert failures(folder) == [
        f"{NAME}: bound: 8.0 by reference:highs lies above the checked plan of {plan!r}: it is refuted"
    ]


def test_a_wrong_hash(folder: Path) -> None:
    make.change_entry(folder, NAME, hash="sha256:0")
    listed = make.record(NAME).instance_hash
    assert failures(folder) == [f"{NAME}: hash: the entry is of sha256:0, the library has {listed}"]


def test_an_instance_that_has_changed(folder: Path) -> None:
    make.changed(folder / f"{NAME}.json", lambda content: content.update(name="another"))
    (line,) = failures(folder)
    assert line.startswith(f"{NAME}: instance: ")


def test_a_missing_plan_file(folder: Path) -> None:
    file = folder / make.ledger_of(folder)[NAME]["plan"]["file"]
    file.unlink()
    assert failures(folder) == [f"{NAME}: plan: {file}: there is no such file; check the name and the folder"]


def test_a_plan_of_another_instance(folder: Path) -> None:
    entries = make.ledger_of(folder)
    shutil.copy(folder / entries[OTHER]["plan"]["file"], folder / entries[NAME]["plan"]["file"])
    file = entries[NAME]["plan"]["file"]
    because = "the plan was made for another instance, or this one has changed since (its hash differs)"
    assert f"{NAME}: plan: {file}: {because}" in failures(folder)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x1f\x8b broken"])
def test_a_broken_plan_file(folder: Path, damage: bytes) -> None:
    (folder / make.ledger_of(folder)[NAME]["plan"]["file"]).write_bytes(damage)
    found = failures(folder)
    assert found and all(line.startswith(f"{NAME}: plan: ") for line in found)


def test_a_wrong_proof_status(folder: Path) -> None:
    make.change_entry(folder, NAME, proof="gap")
    make.change_entry(folder, "demand-charge-peak-so-far", proof="optimal")
    assert failures(folder) == [
        f"{NAME}: proof: recorded as 'gap', plan and bound make it 'optimal' (gap 0.0)",
        "demand-charge-peak-so-far: proof: recorded as 'optimal', plan and bound make it 'gap' (gap None)",
    ]


def test_a_wrong_gap(folder: Path) -> None:
    make.change_entry(folder, NAME, gap=0.25)
    assert failures(folder) == [f"{NAME}: proof: recorded gap 0.25, plan and bound make it 0.0"]


def test_an_entry_of_no_instance(folder: Path) -> None:
    make.change_entry(folder, NAME, name="gone")
    assert all(line.startswith("gone: instance: ") for line in failures(folder))
    assert verify(folder).notes == [f"1 instance of the library without an entry: {NAME}"]


def test_a_plan_file_too_many(folder: Path) -> None:
    write_whole(folder / plan_file_name("left over", b""), b"{}")
    (note,) = verify(folder).notes
    assert note.startswith("1 plan file that no entry names; the next update removes them: plans/left-over-")


def test_all_failures_at_once(folder: Path) -> None:
    make.change_entry(folder, NAME, bound__value=8.0)
    make.change_entry(folder, OTHER, proof="gap")
    found = verify(folder)
    assert len(found.failures) == 2
    assert found.summary() == "The ledger does not hold: 2 failures in 2 of 3 entries."


def test_only_the_entries_asked_for(folder: Path) -> None:
    make.change_entry(folder, NAME, bound__value=8.0)
    assert failures(folder, OTHER) == []
    with pytest.raises(InputErrors) as caught:
        verify(folder, ["plug-change-cots"])
    assert str(caught.value) == (
        f'{folder}/ledger.json: entries: "plug-change-cots": is not the name of an entry; '
        "did you mean 'plug-change-cost'?"
    )


def test_a_plan_file_outside_the_folder_is_no_plan_file(folder: Path) -> None:
    make.change_entry(folder, NAME, plan__file="../secret.plan.json.gz")
    with pytest.raises(InputErrors) as caught:
        verify(folder)
    assert str(caught.value) == (
        f'{folder}/ledger.json: entries[0].plan.file: "../secret.plan.json.gz": must be the name of a file in plans/; '
        "write it like plans/name.plan.json.gz"
    )


def test_two_entries_of_one_instance(folder: Path) -> None:
    make.changed(folder / "ledger.json", lambda content: content["entries"].append(content["entries"][0]))
    with pytest.raises(InputErrors) as caught:
        read_ledger(folder)
    assert [problem.place for problem in caught.value.problems] == ["entries[3].name", "entries[3].hash"]


@pytest.mark.parametrize("name", ["a/../../b", "<script>", "", "ü" * 300, "con", ".hidden"])
def test_names_of_plan_files_are_safe(name: str) -> None:
    file = plan_file_name(name, b"plan")
    folder, base = file.split("/")
    assert folder == "plans" and base.endswith(".plan.json.gz") and len(base) < 120
    assert base.removesuffix(".plan.json.gz").replace("-", "").replace("_", "").isalnum() and base.isascii()
    assert file != plan_file_name(name, b"another plan")


def test_proof_of() -> None:
    assert proof_of(10.0, 10.0, 5.0) == ("optimal", 0.0)
    assert proof_of(10.0, 10.0 - 4e-6, 5.0) == ("optimal", 0.0)
    assert proof_of(10.0, 9.0, 5.0) == ("gap", 0.2)
    assert proof_of(10.0, None, 5.0) == ("gap", None)


def test_a_bound_above_a_plan_is_refuted() -> None:
    assert is_refuted(10.1, 10.0) and not is_refuted(10.000001, 10.0) and not is_refuted(9.0, 10.0)
    assert is_refuted(math.inf, 10.0) and not is_refuted(-math.inf, 10.0) and not is_refuted(10.0, math.inf)


# --- the command line -----------------------------------------------------------------------------------------


def test_verify_on_the_command_line(folder: Path) -> None:
    good = cli.run("bench", "ledger", "verify", "--library", folder)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout == f"The ledger holds: 3 entries checked, 2 proven optimal; 1 without a gap.{AS_RECORDED}\n"
    make.change_entry(folder, NAME, bound__value=8.0)
    bad = cli.run("bench", "ledger", "verify", "--library", folder)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[-1] == "The ledger does not hold: 1 failure in 1 of 3 entries."
    told = json.loads(cli.run("bench", "ledger", "verify", "--library", folder, "--json").stdout)
    assert (told["ok"], told["failures"][0]["instance"], told["failures"][0]["what"]) == (False, NAME, "bound")


def verified(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`bench ledger verify --bounds` in a process of its own, which starts others."""
    asked = [str(cli.COMMAND), "bench", "ledger", "verify", "--bounds", "--library", str(folder), *map(str, arguments)]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


def test_bounds_on_the_command_line(folder: Path) -> None:
    """With the real contenders."""
    done = verified(folder, NAME, OTHER, "--time-limit", 20, "--jobs", 2)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(": reproduced: ")[0] for line in lines[:-1]] == [NAME, OTHER]
    make.change_entry(folder, OTHER, bound__value=-12.0, bound__contender="no-such")
    gone = verified(folder, OTHER)
    assert gone.returncode == 1
    assert f"{OTHER}: bound: -12.0 by no-such: not reproduced: " in gone.stdout


def test_show_on_the_command_line(folder: Path) -> None:
    table = cli.run("bench", "ledger", "show", "--library", folder)
    assert table.returncode == 0
    lines = table.stdout.splitlines()
    assert lines[0].split() == ["instance", "plan", "by", "bound", "by", "kind", "confirmed", "proof"]
    assert lines[1].split() == [NAME, "7.5000", "reference:highs", "7.5000", "reference:highs", "solver", "optimal"]
    assert lines[-1] == "3 entries, 2 proven optimal."
    one = cli.run("bench", "ledger", "show", NAME, "--library", folder)
    assert one.stdout.splitlines()[0] == f"{NAME}: optimal"
    assert "confirmed  by nobody" in one.stdout.splitlines()
    told = json.loads(cli.run("bench", "ledger", "show", NAME, "--library", folder, "--json").stdout)
    assert told == make.ledger_of(folder)[NAME]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["verify", "--time-limit", "5"], 2, "--time-limit is for --bounds: without it nothing is run"),
        (["verify", "--jobs", "2"], 2, "--jobs is for --bounds: without it nothing is run"),
        (["verify", "--bounds", "--time-limit", "nan"], 2, "--time-limit takes a finite number"),
        (
            ["show", "--library", "nowhere"],
            2,
            "nowhere/ledger.json: there is no such file; check the name and the folder",
        ),
    ],
)
def test_usage(arguments: list[str], code: int, told: str) -> None:
    done = cli.run("bench", "ledger", *arguments)
    assert (done.returncode, done.stdout) == (code, "") and told in done.stderr
    assert "Traceback" not in done.stderr
