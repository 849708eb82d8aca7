"""The command `bench open-energy-benchmark`: the set is written whole, always the same, and over nothing of others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import cli
import pytest
from click.testing import CliRunner, Result
from paths import ROOT

from optimizer.bench.energy_benchmark.metadata_text import metadata_text
from optimizer.bench.energy_benchmark.problem import SentBy
from optimizer.bench.energy_benchmark.write_set import METADATA, README, energy_problems
from optimizer.cli.main import main

LIBRARY = ROOT / "instances" / "bench"
SMALL = ("two-types", "on-off-xs-1")
FILES = ("swapcharge-two-types-op-3-60min.mps.gz", "swapcharge-on-off-xs-1-op-3-90min.mps.gz")


def here(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bench", "open-energy-benchmark", *map(str, arguments), "--library", str(LIBRARY)])


def test_one_command_writes_the_set_and_always_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    how = ("--instances", ",".join(SMALL), "--library", LIBRARY)
    done = cli.run("bench", "open-energy-benchmark", "-o", one, *how)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"2 problems in {one}: its README.md says what is left"
    assert here("-o", two, *how[:2]).exit_code == 0
    assert here("-o", two, *how[:2]).exit_code == 0, "ours is written over"
    files = {path.name: path.read_bytes() for path in one.iterdir()}
    assert files == {path.name: path.read_bytes() for path in two.iterdir()}
    assert set(files) == {METADATA, README, *FILES}
    assert gzip.decompress(files[FILES[0]]).startswith(b"* swapcharge mps")
    assert files[METADATA] == metadata_text(
        energy_problems(LIBRARY, SMALL, "reference", SentBy("swapcharge developers"))
    )


def test_json_says_what_was_written(tmp_path: Path) -> None:
    done = here("-o", tmp_path / "a", "--instances", "two-types", "--json")
    told = json.loads(done.stdout)["problems"][0]
    assert (told["instance"], told["best_known"]) == ("two-types", 9.0)
    assert (
        told["metadata"]["Num. variables"]
        == energy_problems(LIBRARY, SMALL[:1], "reference", SentBy(""))[0].size.variables
    )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (("--instances", "two-tpyes"), "is not an instance of this library; did you mean 'two-types'?"),
        (("--instances", " , "), "--instances takes one name or more"),
        (("--formulation", "referenc"), '--formulation: "referenc": is no formulation; did you mean'),
        (
            ("--instances", "two-types", "--formulation", "port-indexed"),
            '--formulation: "port-indexed": cannot take two-types: its chargers are not on/off; '
            "choose another formulation or night",
        ),
        (("--url", "example.org"), "--url takes an address that begins with https:// or http:// and has no blanks"),
        (("--url", "https://a b"), "--url takes an address"),
        (("-o", "-"), "-o - is for one file: name a folder"),
    ],
)
def test_wrong_arguments_write_nothing(how: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = here("-o", tmp_path / "a", *how)
    assert (done.exit_code, "Traceback" in done.output) == (2, False), done.output
    assert told in done.output
    assert not (tmp_path / "a").exists()


def test_folders_with_other_things_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("my thesis")
    done = here("-o", tmp_path, "--instances", "two-types")
    assert done.exit_code == 2
    assert done.output == f"{tmp_path}: holds other files: mine.txt; name a new folder, or remove them first\n"
    done = here("-o", tmp_path / "mine.txt", "--instances", "two-types")
    assert done.output == f"{tmp_path / 'mine.txt'}: is a file, not a folder; name a new folder\n"
    other = tmp_path / "other"
    assert here("-o", other, "--instances", "two-types").exit_code == 0
    done = here("-o", other, "--instances", "on-off-xs-1")
    assert done.output.startswith(f"{other}: holds other files: swapcharge-two-types-op-3-60min.mps.gz; ")
    assert (other / METADATA).is_file()
    (other / README).write_text("mine")
    done = here("-o", other, "--instances", "two-types")
    assert (done.exit_code, (other / README).read_text()) == (2, "mine")
    assert "is there, and is no file of such a set: it would be lost" in done.output
