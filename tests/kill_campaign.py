"""A run of nightly that is killed at random instants, again and again, ends with the plans of one that never was.

`python tests/kill_campaign.py NETWORK KILLS [SEED]` kills the coordinator so many times, goes on each time, and
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
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("swapcharge")
EARLY_SHARE, EARLY_SECONDS = 0.3, 2.0  # of the kills, so many come before much can be planned
JITTER_SECONDS = 0.05  # later ones come so much after a plan file appeared
LOOK_SECONDS = 0.002


@dataclass(frozen=True)
class Campaign:
    """What was seen: kills that hit a running command, plan files at each of them, differences to the other run."""

    kills: int
    plans_at_kill: tuple[int, ...]
    resumed: int
    differences: tuple[str, ...]


def campaign(network: Path, kills: int, seed: int, folder: Path, options: Sequence[str] = ()) -> Campaign:
    """Kill and go on in `folder`; then run once more without, and compare. Raises CalledProcessError."""
    draw, undisturbed, killed = random.Random(seed), folder / "undisturbed", folder / "killed"
    _command(network, undisturbed, options)
    step = max(1, round(1.2 * len(_plans(undisturbed)) / kills))
    counts: list[int] = []
    while len(counts) < kills and _killed(_arguments(network, killed, options), killed, draw, step):
        counts.append(len(_plans(killed)))
        _check_whole(killed)
    _command(network, killed, options)
    resumed: int = json.loads((killed / "summary.json").read_text())["resumed"]
    one, other = _plans(undisturbed), _plans(killed)
    names = sorted(one.keys() | other.keys())
    return Campaign(len(counts), tuple(counts), resumed, tuple(n for n in names if one.get(n) != other.get(n)))


def _arguments(network: Path, run: Path, options: Sequence[str]) -> list[str]:
    return [str(COMMAND), "nightly", str(network), "--out", str(run), *options]


def _command(network: Path, run: Path, options: Sequence[str]) -> None:
    subprocess.run(_arguments(network, run, options), check=True, capture_output=True)


def _killed(command: list[str], run: Path, draw: random.Random, step: int) -> bool:
    """Kill the command early, or when it has written up to `step` plans more; False if it ended before that."""
    is_early, seconds = draw.random() < EARLY_SHARE, draw.uniform(0.0, EARLY_SECONDS)
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
    print(f"{found.kills} kills, with {', '.join(map(str, found.plans_at_kill))} plan files on disk")
    print(f"{found.resumed} stations were found finished at last, {len(found.differences)} plan files differ")
    sys.exit(1 if found.differences else 0)


if __name__ == "__main__":
    main()
