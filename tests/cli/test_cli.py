"""The command as scripts see it: exit codes, streams, JSON, files."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import cli
import pytest
from patience import PATIENCE

COST_FIELDS = {"energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve", "end_value", "base_bill"}
CONTRACT = {
    "status", "objective", "bound", "gap", "gross_cost", "cost", "swaps_served", "swaps_lost", "runtime_seconds",
    "versions",
}  # fmt: skip


def solved(tmp_path: Path, instance: Path = cli.TINY) -> Path:
    plan = tmp_path / "out.json"
    assert cli.run("solve", instance, "-o", plan).returncode == 0
    return plan


def changed(path: Path, target: Path, change: object) -> Path:
    """A copy of a JSON file after `change(content)`."""
    content = json.loads(path.read_text())
    change(content)  # type: ignore[operator]
    target.write_text(json.dumps(content))
    return target


def overloaded(tmp_path: Path) -> Path:
    def change(content: dict) -> None:
        content["stations"][0].update(grid_limit_kw=10, base_load_kw=11)

    return changed(cli.TINY, tmp_path / "overloaded.json", change)


def network(tmp_path: Path) -> Path:
    """Three stations in one file, the last one without drivers."""

    def change(content: dict) -> None:
        first = content["stations"][0]
        content["stations"] = [first, first | {"id": "second"}, first | {"id": "third", "swaps": []}]

    return changed(cli.TINY, tmp_path / "network.json", change)


def test_solve_json_has_the_contract(tmp_path: Path) -> None:
    done = cli.run("solve", cli.TINY, "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 0 and done.stderr == ""
    assert facts.keys() >= CONTRACT
    assert set(facts["cost"]) == COST_FIELDS
    assert facts["status"] == "gap_reached" and facts["gap"] == 0
    assert facts["objective"] == pytest.approx(facts["bound"])
    assert facts["swaps_served"] == 1 and facts["swaps_lost"] == 0
    assert set(facts["versions"]) == {"python", "swapcharge", "highspy", "pyomo"}


def test_solve_for_people_fits_one_screen_and_says_what_matters(tmp_path: Path) -> None:
    done = cli.run("solve", cli.NIGHT, "-o", tmp_path / "night.json")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) <= 30 and max(map(len, lines)) <= 140
    for word in (
        "load",
        "price",
        "energy",
        "29 served, 0 lost",
        "peak",
        "proven within",
        "against charging on arrival",
    ):
        assert word in done.stdout
    assert str(tmp_path / "night.json") in lines[-1]


def test_solve_without_output_says_how_to_keep_the_plan() -> None:
    assert cli.run("solve", cli.TINY).stdout.endswith("Plan not written: name a file with -o to keep it\n")


def test_plan_file_holds_the_same_facts(tmp_path: Path) -> None:
    plan = tmp_path / "out.json"
    facts = json.loads(cli.run("solve", cli.TINY, "--json", "-o", plan).stdout)
    written = json.loads(plan.read_text())
    for key in CONTRACT - {"runtime_seconds"}:
        assert written[key] == facts[key]
    assert written["instance"]["hash"].startswith("sha256:")
    assert written["stations"][0]["hand_overs"] == [{"swap": "swap-1", "slot": 3, "pack": "a"}]


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json.gz"
    for target in (one, other):
        assert cli.run("solve", cli.NIGHT, "-o", target).returncode == 0
    assert gzip.decompress(other.read_bytes()) == one.read_bytes()


def test_streams_stand_for_files(tmp_path: Path) -> None:
    done = cli.run("solve", "-", "-o", "-", stdin=cli.TINY.read_bytes())
    assert done.returncode == 0
    assert json.loads(done.stdout)["format"] == "swapcharge-plan"
    assert "proven the best possible" in done.stderr  # the screen gives way to the plan
    checked = cli.run("check", cli.TINY, "-", stdin=done.stdout.encode())
    assert checked.returncode == 0, checked.stderr


def test_check_accepts_its_own_plan(tmp_path: Path) -> None:
    done = cli.run("check", cli.TINY, solved(tmp_path), "--json")
    verdict = json.loads(done.stdout)
    assert done.returncode == 0
    assert verdict["ok"] is True and verdict["violations"] == [] and verdict["warnings"] == []
    assert set(verdict["cost"]) == COST_FIELDS | {"objective"}


def test_check_says_no_with_exit_code_1(tmp_path: Path) -> None:
    def change(content: dict) -> None:
        content["stations"][0]["packs"][0]["power_kw"][1] = 50.0

    broken = changed(solved(tmp_path), tmp_path / "broken.json", change)
    done = cli.run("check", cli.TINY, broken, "--json")
    violations = json.loads(done.stdout)["violations"]
    assert done.returncode == 1
    assert {
        "station": "station",
        "rule": "power",
        "where": "pack a, slot 1",
        "found": 50.0,
        "limit": 40.0,
    } in violations
    people = cli.run("check", cli.TINY, broken)
    assert people.returncode == 1
    assert "station: power: pack a, slot 1: found 50.0, limit 40.0" in people.stdout


def test_check_tells_false_claims(tmp_path: Path) -> None:
    def change(content: dict) -> None:
        content["objective"], content["bound"] = 1.0, 1000.0
        content["instance"]["hash"] = "sha256:0"

    claimed = changed(solved(tmp_path), tmp_path / "claimed.json", change)
    warnings = json.loads(cli.run("check", cli.TINY, claimed, "--json").stdout)["warnings"]
    assert [warning.split(" ")[:3] for warning in warnings] == [
        ["the", "plan", "was"], ["the", "file", "says"], ["the", "file's", "bound"],
    ]  # fmt: skip


def test_check_accepts_a_plan_for_a_part_and_says_so(tmp_path: Path) -> None:
    """`out.json` was made for the first of the three stations, as if it were alone in the file."""
    done = cli.run("check", network(tmp_path), solved(tmp_path), "--json")
    verdict = json.loads(done.stdout)
    assert done.returncode == 0
    assert verdict["ok"] is True and verdict["warnings"] == []
    assert verdict["stations_checked"] == 1 and verdict["stations_not_in_plan"] == ["second", "third"]
    people = cli.run("check", network(tmp_path), solved(tmp_path))
    assert people.stdout == (
        "note: the plan is for 1 of the instance's 3 stations; not in it: second, third\n"
        "The plan keeps every rule.\n"
        "Recomputed: objective 5.0000, charging 5.0000 EUR.\n"
    )


def test_check_names_a_few_of_many_stations_left_out(tmp_path: Path) -> None:
    def change(content: dict) -> None:
        first = content["stations"][0]
        content["stations"] = [first, *(first | {"id": f"more\n{n}"} for n in range(7))]

    many = changed(cli.TINY, tmp_path / "many.json", change)
    told = cli.run("check", many, solved(tmp_path)).stdout.splitlines()[0]
    assert told == (
        "note: the plan is for 1 of the instance's 8 stations; "
        "not in it: more\\n0, more\\n1, more\\n2, more\\n3, more\\n4 and 2 more"
    )


def test_check_sees_a_plan_cut_by_hand(tmp_path: Path) -> None:
    """What is left of it is checked, but its hash and its sums are those of the whole instance."""
    whole = solved(tmp_path, network(tmp_path))
    cut = changed(whole, tmp_path / "cut.json", lambda content: content["stations"].pop(1))
    verdict = json.loads(cli.run("check", network(tmp_path), cut, "--json").stdout)
    assert verdict["stations_checked"] == 2 and verdict["stations_not_in_plan"] == ["second"]
    assert verdict["warnings"][0] == (
        "the plan was made for another instance, or this one has changed since (its hash differs)"
    )
    assert "the file says objective" in verdict["warnings"][1]


@pytest.mark.parametrize(
    ("stations", "message"),
    [
        (["station", "ghost"], 'stations[1].station: "ghost": is not a station of the instance'),
        ([], "stations: []: must plan at least one station of the instance"),
    ],
)
def test_check_refuses_a_plan_of_other_stations(tmp_path: Path, stations: list[str], message: str) -> None:
    def change(content: dict) -> None:
        content["stations"] = [content["stations"][0] | {"station": name} for name in stations]

    other = changed(solved(tmp_path), tmp_path / "other.json", change)
    done = cli.run("check", cli.TINY, other)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"{other}: {message}; check the plan against the instance it was made for\n"


def test_too_broken_a_plan_has_no_bill(tmp_path: Path) -> None:
    def change(content: dict) -> None:
        for row in content["stations"][0]["packs"]:
            row["power_kw"] = [0.0]

    short = changed(solved(tmp_path), tmp_path / "short.json", change)
    done = cli.run("check", cli.TINY, short, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["cost"] is None


def test_network_prints_a_line_a_station(tmp_path: Path) -> None:
    done = cli.run("solve", network(tmp_path))
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == ["station", "station", "second", "third"]
    facts = json.loads(cli.run("solve", network(tmp_path), "--json").stdout)
    assert facts["objective"] == pytest.approx(sum(station["objective"] for station in facts["stations"]))


def test_nothing_can_be_planned(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    done = cli.run("solve", overloaded(tmp_path), "-o", plan)
    assert done.returncode == 1 and done.stdout == "" and not plan.exists()
    assert done.stderr == (
        "nothing can be planned: station station: base load 11 kW less solar 0 kW exceeds the grid limit of 10 kW "
        "in slot 0 and in 3 more; raise grid_limit_kw or lower base_load_kw\n"
    )
    assert cli.run("info", overloaded(tmp_path)).returncode == 0


def test_time_limit_of_nothing_still_gives_a_plan(tmp_path: Path) -> None:
    done = cli.run("solve", cli.NIGHT, "--time-limit", 0, "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 0 and facts["status"] == "time_limit" and facts["swaps_served"] == 29
    assert facts["bound"] is None and facts["gap"] is None
    people = cli.run("solve", cli.NIGHT, "--time-limit", 0)
    assert "nothing proven of how much better a plan could be (time is up)" in people.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "missing.json"], "missing.json: there is no such file; check the name and the folder"),
        (["solve", cli.TINY, "-o", "-", "--json"], "-o - and --json both want standard output: give -o a file name"),
        (["solve", cli.TINY, "--gap", "nan"], "--gap and --time-limit take finite numbers"),
        (["solve", cli.TINY, "--gap", "-1"], "Invalid value for '--gap': -1.0 is not in the range x>=0."),
        (["check", "-", "-"], "only one of INSTANCE and PLAN can be standard input"),
        (["slove"], "No such command 'slove'."),
    ],
)
def test_usage_errors(arguments: list[object], message: str) -> None:
    done = cli.run(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_output_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    plan = tmp_path / "no" / "such" / "plan.json"
    assert cli.run("solve", cli.TINY, "-o", plan).returncode == 0
    assert json.loads(plan.read_text())["format"] == "swapcharge-plan"


def test_output_in_what_is_no_folder_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cli.run("solve", cli.TINY, "-o", tmp_path / "file" / "plan.json")
    assert (done.returncode, done.stdout) == (2, "") and "is not a folder" in done.stderr


def test_our_fault_is_exit_code_70(tmp_path: Path) -> None:
    """A checker that finds fault with every plan: nothing may be written."""
    plan = tmp_path / "plan.json"
    code = (
        "import optimizer.engine.search as s; from optimizer.check.rules import Violation\n"
        "s.check = lambda night, schedule: [Violation('grid', 'slot 0', 9.0, 1.0)]\n"
        f"from optimizer.cli.main import main; main(['solve', {str(cli.TINY)!r}, '-o', {str(plan)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 70 and done.stdout == "" and not plan.exists()
    assert done.stderr == (
        "internal error: InternalError: station station: the plan by orders breaks 1 rules, "
        "first grid at slot 0: found 9.0, limit 1.0\n"
        "This is our fault; nothing was written. "
        "Please report it with the instance (SWAPCHARGE_TRACEBACK=1 shows where).\n"
    )


def test_info_for_scripts() -> None:
    facts = json.loads(cli.run("info", cli.NIGHT, "--json").stdout)
    station = facts["stations"][0]
    assert facts["horizon"]["slots"] == 96 and station["packs"] == 13 and station["swaps"] == 29
    assert station["base_load_fits"] is True


def test_schema_prints_json_schema() -> None:
    assert json.loads(cli.run("schema").stdout)["title"] == "swapcharge instance, version 1"
    assert json.loads(cli.run("schema", "--plan").stdout)["title"] == "swapcharge plan, version 1"


def test_module_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "optimizer", "info", cli.TINY], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == cli.run("info", cli.TINY).stdout


def test_closed_pipe_is_no_traceback() -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{cli.COMMAND}' schema | true"], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stderr == ""


def loaded(arguments: list[str]) -> str:
    """What heavy libraries a command has imported by its end."""
    code = (
        "import sys\nfrom optimizer.cli.main import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "heavy = ('numpy', 'pandas', 'pyomo', 'scipy', 'highspy', 'ortools')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE).stderr


@pytest.mark.parametrize("command", ["info", "check", "--help"])
def test_quick_commands_load_no_heavy_library(command: str, tmp_path: Path) -> None:
    arguments = {"info": ["info", str(cli.TINY)], "--help": ["--help"]}.get(command) or [
        "check", str(cli.TINY), str(solved(tmp_path)),
    ]  # fmt: skip
    assert loaded(arguments) == "[]\n"


def test_solve_loads_no_pandas() -> None:
    assert "pandas" not in loaded(["solve", str(cli.TINY)])


def test_plan_must_not_overwrite_its_instance(tmp_path: Path) -> None:
    instance = tmp_path / "night.json"
    instance.write_bytes(cli.TINY.read_bytes())
    done = cli.run("solve", instance, "-o", instance)
    assert done.returncode == 2
    assert done.stderr == f"{instance}: is the input itself; choose another file\n"
    assert instance.read_bytes() == cli.TINY.read_bytes()


def test_full_disk_is_no_fault_of_ours() -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{cli.COMMAND}' schema > /dev/full"], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr and "Traceback" not in done.stderr


def test_check_believes_nothing_but_the_schedule(tmp_path: Path) -> None:
    def change(content: dict) -> None:
        station = content["stations"][0]
        station["hand_overs"][0]["slot"] = 2
        station["lost"], station["swaps_served"] = ["swap-1"], 9

    claimed = changed(solved(tmp_path), tmp_path / "claimed.json", change)
    assert json.loads(cli.run("check", cli.TINY, claimed, "--json").stdout)["warnings"] == [
        "station: the file hands over to swap-1 in slot 2, its driver comes in 3",
        "station: the file lists 1 lost swaps, by its hand-overs they are 0",
        "station: the file says 9 swaps served, by its hand-overs they are 1",
    ]


def test_check_recomputes_peaks(tmp_path: Path) -> None:
    instance = cli.INSTANCES / "tiny" / "demand-charge-peak-so-far.json"

    def change(content: dict) -> None:
        content["stations"][0]["peak_kw"] = dict.fromkeys(content["stations"][0]["peak_kw"], 1.0)

    claimed = changed(solved(tmp_path, instance), tmp_path / "claimed.json", change)
    (warning,) = json.loads(cli.run("check", instance, claimed, "--json").stdout)["warnings"]
    assert "the file says peak 1 kW for" in warning


def test_plan_must_not_overwrite_another_kind_of_file(tmp_path: Path) -> None:
    """Such as a CSV series that the instance reads. An older plan may be written over, plain or packed."""
    series = tmp_path / "base.csv"
    series.write_text("start,kW\n")
    done = cli.run("solve", cli.TINY, "-o", series)
    assert done.returncode == 2
    rule = "is there, and is no plan file: it would be lost; choose another name, or remove it first"
    assert done.stderr == f"{series}: {rule}\n" and series.read_text() == "start,kW\n"
    for name in ("a.plan.json", "a.plan.json.gz"):
        assert [cli.run("solve", cli.TINY, "-o", tmp_path / name).returncode for _ in range(2)] == [0, 0]
