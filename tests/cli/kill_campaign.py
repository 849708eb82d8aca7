"""Runs that are killed again and again, spread over their progress, end with the bytes of runs that never were.

`make kills COUNT=100 SEED=1` kills as many coordinators of `nightly` and `study`, half of each, goes on after each, and
compares what comes of it, byte by byte. The tests do the same with a few.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tiny_network
import tiny_study

COMMAND = Path(sys.executable).with_name("swapcharge")
EACH_RUN = 10  # times that one run is killed, at most: each a part further on
JITTER_SECONDS = 0.03  # a kill comes so much after a file appeared
LOOK_SECONDS = 0.002
STATIONS = 60
PARTS = 10  # of a run's progress, in the table


@dataclass(frozen=True)
class Kind:
    """What is killed: `files` are those that the run leaves one by one, `results` what must come out the same."""

    name: str
    command: Callable[[Path], list[str]]
    files: str
    results: tuple[str, ...]


@dataclass
class Campaign:
    """What was seen: finished files on disk at each kill, of how many; whole runs that came of it; what differs."""

    files_at_kill: list[int] = field(default_factory=list)
    of_files: int = 0
    runs: int = 0
    differences: list[str] = field(default_factory=list)


def nightly(network: Path, options: Sequence[str] = ()) -> Kind:
    """Runs of this network. Its rows and summary tell of seconds, which differ."""
    results = ("plans/*.json", "network.json.gz", "alarms.json")
    return Kind("nightly", lambda run: _command("nightly", network, "--out", run, *options), "plans", results)


def study(asked: Path, options: Sequence[str] = ()) -> Kind:
    """Runs of this study, with all its tables."""
    return Kind("study", lambda out: _command("study", asked, "-o", out, *options), "nights", ("**/*",))


def _command(name: str, *arguments: object) -> list[str]:
    return [str(COMMAND), name, *map(str, arguments)]


def campaign(kind: Kind, kills: int, seed: int, folder: Path) -> Campaign:
    """Kill and go on, until a run is whole; then the next, until there were enough kills. Raises CalledProcessError."""
    draw, found, began = random.Random(f"{kind.name} {seed}"), Campaign(), time.monotonic()
    whole = folder / "undisturbed"
    subprocess.run(kind.command(whole), check=True, capture_output=True)
    seconds, undisturbed = time.monotonic() - began, _results(kind, whole)
    found.of_files = _count(kind, whole)
    while len(found.files_at_kill) < kills:
        run = folder / f"killed-{found.runs}"
        for at in _instants(draw, min(EACH_RUN, kills - len(found.files_at_kill)), found.of_files):
            if not _is_killed(kind, run, at, draw.random() * (seconds if at == 0 else JITTER_SECONDS)):
                break
            found.files_at_kill.append(_count(kind, run))
            _check_whole(kind, run)
        subprocess.run(kind.command(run), check=True, capture_output=True)
        found.runs += 1
        killed = _results(kind, run)
        names = sorted(killed.keys() | undisturbed.keys())
        found.differences += [f"{run.name}/{name}" for name in names if killed.get(name) != undisturbed.get(name)]
    return found


def _instants(draw: random.Random, kills: int, files: int) -> list[int]:
    """For each kill, how many files are awaited: one in each equal part of the run, the first perhaps before any."""
    return [int((part + draw.random()) * (files + 1) / kills) for part in range(kills)]


def _is_killed(kind: Kind, run: Path, at: int, wait_seconds: float) -> bool:
    """Kill the command some seconds after there are `at` files; False if it ended before that."""
    with subprocess.Popen(kind.command(run), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
        while one.poll() is None:
            if _count(kind, run) >= at:
                time.sleep(wait_seconds)
                one.kill()
                return one.wait() < 0
            time.sleep(LOOK_SECONDS)
    return False


def _count(kind: Kind, run: Path) -> int:
    return sum(1 for _ in (run / kind.files).glob("[!.]*.json"))


def _check_whole(kind: Kind, run: Path) -> None:
    """Every file that stands under its name is a whole one."""
    for path in (run / kind.files).glob("[!.]*.json"):
        assert json.loads(path.read_bytes()), path.name


def _results(kind: Kind, run: Path) -> dict[str, bytes]:
    found = (path for pattern in kind.results for path in run.glob(pattern) if path.is_file())
    return {str(path.relative_to(run)): path.read_bytes() for path in found}


def kinds_in(folder: Path) -> list[Kind]:
    """A network of many stations, and a study of two stations and two variants over eight nights."""
    network = tiny_network.write(folder / "many.json", *(f"S{number}" for number in range(STATIONS)))
    stations = tiny_study.station("S1"), tiny_study.station("S2", bays=4)
    variants = [{"id": "as it is"}, {"id": "more", "demand_growth": 0.5}]
    asked = tiny_study.write(folder, tiny_study.instance(*stations), variants=variants, nights=8)
    return [nightly(network, ["--workers", "2"]), study(asked, ["--workers", "2"])]


def told(kind: Kind, found: Campaign) -> str:
    """A line of the table: how many kills came in each tenth of the run, by its finished files."""
    parts = Counter(min(PARTS - 1, count * PARTS // found.of_files) for count in found.files_at_kill)
    line = "".join(f"{parts[part]:5}" for part in range(PARTS))
    return f"{kind.name:9}{len(found.files_at_kill):6}{line}{found.runs:6}{len(found.differences):11}"


def main() -> int:
    """The campaign; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tenths = "".join(f"{f'{part * 10}%':>5}" for part in range(PARTS))
    print(f"{'command':9}{'kills':>6}{tenths}{'runs':>6}{'differences':>12}", flush=True)
    differences = []
    with tempfile.TemporaryDirectory() as folder:
        kinds = kinds_in(Path(folder))
        for kind in kinds:
            found = campaign(kind, -(-asked.count // len(kinds)), asked.seed, Path(folder) / kind.name)
            print(told(kind, found), *found.differences[:5], sep="\n  ", flush=True)
            differences += found.differences
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
