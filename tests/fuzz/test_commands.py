"""Commands on damaged files, from end to end: done, no, refused or a limit; never our own fault."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import NamedTuple

import cli
import pytest
import tiny_network
import tiny_study
from damage import damaged
from here_pool import HerePool
from readers import SEEDS, WHOLE

from optimizer.files.json_text import decode
from optimizer.studies.night_record import NightRecord
from optimizer.workers import local_pool

INSTANCE = SEEDS / "01-on-off-station-without-packs.json"


class Damaged(NamedTuple):
    """A command with `{file}` among its words, a file to damage, and how many times. `beside`: what lies with it."""

    command: list[str]
    seed: Path
    times: int = 25
    beside: Path | None = None


COMMANDS = {
    "info": Damaged(["info", "{file}"], cli.TINY),
    "tariff show": Damaged(["tariff", "show", "{file}"], cli.INSTANCES / "tariffs" / "sce-tou-ev-4.json"),
    "check": Damaged(["check", str(cli.TINY), "{file}"], cli.TINY),
    "forecast": Damaged(["forecast", "{file}", "-o", "f.json"], cli.INSTANCES / "real" / "highway-swaps.csv", 12),
    "history": Damaged(["history", "{file}"], WHOLE / "history.sqlite"),
    "history --compare": Damaged(["history", "{file}", "--compare", "1", "1"], WHOLE / "history.sqlite"),
    "import-depot": Damaged(["bench", "import-depot", "{file}", "-o", "x.json"], WHOLE / "depot.json"),
    "schema-like text": Damaged(["info", "{file}"], SEEDS / "03-study-deep.toml"),
    "tariff import": Damaged(
        ["tariff", "import", "{file}", "-o", "t.json", "--time-zone", "America/Los_Angeles"],
        cli.INSTANCES / "urdb" / "pge-bev-2-s.json",
    ),
    "solve": Damaged(["solve", "{file}", "-o", "p.json", "--time-limit", "2"], cli.TINY, 12),
    "solve without packs": Damaged(["solve", "{file}", "-o", "p.json", "--time-limit", "2"], INSTANCE, 8),
    "report of a plan": Damaged(
        ["report", "{file}", "-o", "x.html"], WHOLE / "run" / "plans" / "S0-f87980c88a93c33c.json", 12
    ),
    "report of a run": Damaged(
        ["report", "{folder}", "-o", "x.html"], WHOLE / "run" / "stations.csv", 12, WHOLE / "run"
    ),
    "report of a study": Damaged(
        ["report", "{folder}", "-o", "x.html"], WHOLE / "study" / "nights.csv", 12, WHOLE / "study"
    ),
}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers))


def survives(command: list[str], file: Path, good: bytes, times: int, folder: Path) -> set[int]:
    """The exit codes of the command on so many damaged forms of the file."""
    rng, codes = random.Random(" ".join(command[:2])), set()
    for number in range(times):
        file.write_bytes(damaged(rng, good))
        words = [word.format(file=file, folder=file.parent) for word in command]
        done = cli.run(*words, cwd=folder)
        said = f"{number}: {done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr and done.returncode in (0, 1, 2, 3), said
        codes.add(done.returncode)
    return codes


@pytest.mark.parametrize("name", COMMANDS)
def test_damaged_files_end_in_no_fault(name: str, tmp_path: Path) -> None:
    one = COMMANDS[name]
    folder = tmp_path / "in"
    shutil.copytree(one.beside, folder) if one.beside else folder.mkdir()
    assert 2 in survives(one.command, folder / one.seed.name, one.seed.read_bytes(), one.times, tmp_path)


def test_damaged_networks_end_nightly_in_no_fault(tmp_path: Path) -> None:
    good = tiny_network.write(tmp_path / "good.json", "S1", "S2").read_bytes()
    command = ["nightly", "{file}", "--out", "run", "--workers", "1", "--station-time-limit", "2", "--replace"]
    assert survives(command, tmp_path / "n.json", good, 12, tmp_path) >= {1, 2}


@pytest.mark.parametrize("name", ["study.toml", "day.json"])
def test_damaged_studies_end_in_no_fault(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: tiny_study.StudyPool(size=workers))
    asked = tiny_study.write(tmp_path, nights=1)
    command = ["study", str(asked), "-o", "out", "--workers", "1", "--night-time-limit", "2", "--replace"]
    assert 2 in survives(command, tmp_path / name, (tmp_path / name).read_bytes(), 10, tmp_path)


def test_a_damaged_record_is_planned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done to it, it ends up saying what it said; a blank more or less is no change."""
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: tiny_study.StudyPool(size=workers))
    command = ["study", str(tiny_study.write(tmp_path, nights=1)), "-o", "out", "--workers", "1"]
    assert cli.run(*command, cwd=tmp_path).returncode == 0
    (record,) = (tmp_path / "out" / "nights").iterdir()
    good = record.read_bytes()
    for number in range(10):
        assert survives(command, record, good, 1, tmp_path) == {0}
        assert decode(record.read_bytes(), NightRecord) == decode(good, NightRecord), number
