"""A run of nightly that is killed at random instants, again and again, ends with the plans of one that never was.

`python tests/cli/kill_campaign.py NETWORK KILLS [SEED]` kills the coordinator so many times, goes on each time, and
compares every plan file, byte by byte. The tests run it on a tiny network.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = Path(sys.executable).with_name("swapcharge")
EARLY_SHARE = 0.3  # of the kills come at any instant of the first half of a run's time
JITTER_SECONDS = 0.01  # later ones come so much after a plan file appeared
LOOK_SECONDS = 0.002


@dataclass
class Campaign:
    """What was seen: plan files on disk at each kill, whole runs that came of it, plan files that differ."""

    plans_at_kill: list[int] = field(default_factory=list)
    runs: int = 0
    differences: list[str] = field(default_factory=list)


def campaign(network: Path, kills: int, seed: int, folder: Path, options: Sequence[str] = ()) -> Campaign:
    """Kill and go on, until a run is whole; then the next, until there were enough kills. Raises CalledProcessError."""
    draw, found, began = random.Random(seed), Campaign(), time.monotonic()
    subprocess.run(_command(network, folder / "undisturbed", options), check=True, capture_output=True)
    early_seconds, undisturbed = (time.monotonic() - began) / 2, _plans(folder / "undisturbed")
    step = max(1, round(1.2 * len(undisturbed) / kills))
    while len(found.plans_at_kill) < kills:
        run = folder / f"killed-{found.runs}"
        command = _command(network, run, options)
        while len(found.plans_at_kill) < kills and _is_killed(command, run, draw, step, early_seconds):
            found.plans_at_kill.append(len(_plans(run)))
            _check_whole(run)
        subprocess.run(command, check=True, capture_output=True)
        found.runs += 1
        killed = _plans(run)
        names = sorted(killed.keys() | undisturbed.keys())
        found.differences += [name for name in names if killed.get(name) != undisturbed.get(name)]
    return found


def _command(network: Path, run: Path, options: Sequence[str]) -> list[str]:
    return [str(COMMAND), "nightly", str(network), "--out", str(run), *options]


def _is_killed(command: list[str], run: Path, draw: random.Random, step: int, early_seconds: float) -> bool:
    """Kill the command early, or when it has written up to `step` plans more; False if it ended before that."""
    is_early, seconds = draw.random() < EARLY_SHARE, draw.uniform(0.0, early_seconds)
    enough, jitter = _count(run) + draw.randint(1, step), draw.uniform(0.0, JITTER_SECONDS)
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
        while one.poll() is None:
            time.sleep(LOOK_SECONDS)
            if time.monotonic() - began > seconds if is_early else _count(run) >= enough:
                time.sleep(0.0 if is_early else jitter)
                one.kill()
                return one.wait() < 0
    return False


def _count(run: Path) -> int:
    return sum(1 for _ in (run / "plans").glob("[!.]*.json"))


def _check_whole(run: Path) -> None:
    """Every plan file that stands under its name is a whole one."""
    for name, data in _plans(run).items():
        assert json.loads(data)["format"] == "swapcharge-plan", name


def _plans(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run / "plans").glob("[!.]*.json")}


def main() -> None:
    network, kills, *seed = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(Path(network), int(kills), int(seed[0]) if seed else 0, Path(folder))
    print(f"{len(found.plans_at_kill)} kills, with {', '.join(map(str, found.plans_at_kill))} plan files on disk")
    print(f"{found.runs} whole runs came of it, {len(found.differences)} plan files differ")
    sys.exit(1 if found.differences else 0)


if __name__ == "__main__":
    main()
