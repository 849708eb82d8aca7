"""Damaged, endless and far too large files through the commands: exit 2 with file and place, never a traceback."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import bench_records
import cli
import pytest
import tiny_network as tiny

from optimizer.bench.records.results_folder import BENCHMARK, record_text

STUDY = 'format = "swapcharge-study"\nversion = 1\n'


def refusal(*args: object) -> str:
    """What a command says that refuses its input."""
    done = cli.run(*args)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


def test_devices_and_folders_are_no_input(tmp_path: Path) -> None:
    assert refusal("info", "/dev/zero") == "/dev/zero: is a device; name a file, or - for standard input\n"
    assert refusal("solve", tmp_path) == f"{tmp_path}: is a folder; name a file\n"


def test_process_substitution_is_input() -> None:
    command = f"{cli.COMMAND} info <(gzip -c {cli.TINY})"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Station" in done.stdout


def test_a_gzip_file_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path = tmp_path / "tariff.json.gz"
    path.write_bytes(gzip.compress(bytes(4_000_000), compresslevel=1) * 33)
    said = "unpacks to what is larger than 128 MB; no such file is so large: look what it is"
    assert refusal("tariff", "show", path) == f"{path}: {said}\n"


@pytest.mark.parametrize(("key", "written"), [("slot_minutes", "60.0"), ("bays", "1.0"), ("slot", "3.0")])
def test_whole_numbers_written_as_numbers(tmp_path: Path, key: str, written: str) -> None:
    path, text = tmp_path / "i.json", cli.TINY.read_text()
    old = json.loads(written.partition(".")[0])
    assert f'"{key}": {old}' in text
    path.write_text(text.replace(f'"{key}": {old}', f'"{key}": {written}'))
    assert cli.run("info", path).stdout.replace(str(path), "") == cli.run("info", cli.TINY).stdout
    path.write_text(text.replace(f'"{key}": {old}', f'"{key}": 7.5'))
    assert f".{key}: 7.5: must be a whole number" in refusal("info", path)


def test_many_errors_of_a_kind_are_ten_and_a_count(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "i.json", {"id": "S", "base_load_kw": ["1"] * 8250})
    lines = refusal("info", path).splitlines()
    assert len(lines) == 11
    assert lines[0] == f'{path}: stations[0].base_load_kw[0]: "1": must be a number; write 1 without quotes'
    assert lines[10] == f"{path}: and 8,240 more of the same kind: must be a number; correct them likewise"


def test_nesting_costs_its_station_alone(tmp_path: Path) -> None:
    path, run = tiny.write(tmp_path / "n.json", "S0", {"id": "S1", "color": "deep"}), tmp_path / "run"
    path.write_text(path.read_text().replace('"deep"', "[" * 980 + "]" * 980))
    assert cli.run("nightly", path, "--out", run, "--workers", 1).returncode == 1
    (failed,) = tiny.summary(run)["failed_stations"]
    assert failed["station"] == "S1"
    assert failed["reason"].startswith(f"{path}: stations[1].color: [[[[[[[")
    assert "...: is not a key of this object; its keys are id, bays, " in failed["reason"]
    checked = cli.run("check", path, run)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "1 of 2 stations have a plan that keeps every rule; 1 failed in the run." in checked.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = " + "[" * 900 + "]" * 900, "nests more than 64 deep; the format has a few levels only"),
        ("x = " + "[" * 65 + "]" * 65, "x: absent: nests more than 64 deep; the format has a few levels only"),
        (
            "x" + ".a" * 300_000 + " = 1",
            'line 1: "x.a.a.a.a.a.a.a.a.a.": nests more than 64 deep; the format has a few levels only',
        ),
        (
            "\nnights = -" + "9" * 4301,
            f'line 2: "-{"9" * 55}...: is a whole number of more than 300 digits; correct the number',
        ),
        ("#" * 1_000_001, "is larger than 1 MB; no such file is so large: look what it is"),
    ],
)
def test_a_study_that_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text)
    assert refusal("study", path, "-o", tmp_path / "out") == f"{path}: {said}\n"


@pytest.mark.parametrize("number", ["0x" + "f" * 5000, "9" * 400, "1e400", "7.5"])
def test_numbers_of_a_study(tmp_path: Path, number: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(f"{STUDY}nights = {number}\n")
    assert f"{path}: nights: " in refusal("study", path, "-o", tmp_path / "out")
    path.write_text(f"{STUDY}nights = 31.0\n")
    assert "nights: " not in refusal("study", path, "-o", tmp_path / "out")


def test_a_long_column_number_in_a_solution_of_glpk(tmp_path: Path) -> None:
    path = tmp_path / "g.sol"
    path.write_text(f"s mip 1 14 o 0\nj {'9' * 4301} 1\n")
    said = f'{path}: line 2: "column {"9" * 49}...: is no column of the programme; '
    assert refusal("bench", "import-solution", cli.TINY, path, "--formulation", "reference").startswith(said)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("wall_seconds", -5, "-5: must be at least 0"),
        ("time_limit_seconds", 1e300, "1e+300: must be at most 9.0072e+15"),
        ("packs", -1, "-1: must be a whole number from 0 to 9007199254740992"),
        ("trajectory", [[-1, None, None]], "-1: must be at least 0"),
    ],
)
def test_a_damaged_record_of_the_benchmark(tmp_path: Path, key: str, value: object, said: str) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / ".lock").write_bytes(BENCHMARK.mark)
    record = json.loads(record_text(bench_records.solved()))
    (tmp_path / "runs" / "r.json").write_text(json.dumps(record | {key: value}))
    place = "trajectory[0][0]" if key == "trajectory" else key
    remedy = "correct the value; or remove the file and run the same command again"
    line = f"{tmp_path}: runs/r.json: {place}: {said}; {remedy}\n"
    assert refusal("bench", "report", tmp_path, "-o", tmp_path / "r.html") == line


def test_names_have_a_most_length(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "i.json", "S" * 200)
    assert cli.run("info", path).returncode == 0
    assert '"maxLength": 200' in cli.run("schema").stdout
    tiny.write(path, {"id": "S" * 201, "tariff": "t" * 30_000})
    assert refusal("info", path).splitlines() == [
        f'{path}: stations[0].id: "{"S" * 56}...: must have at most 200 characters; write a shorter name',
        f'{path}: stations[0].tariff: "{"t" * 56}...: must have at most 200 characters; write a shorter name',
    ]
