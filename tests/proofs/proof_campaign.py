"""`make proofs COUNT= SEED=`: tiny nights over all features and their pairs against their truth, on all cores.

Verdicts are kept in build/proofs as they come: broken off, it goes on where it was; other code begins anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from multiprocessing import Pool
from pathlib import Path

from covering import Levels, Pair, all_pairs, pairs_of
from features import FACTORS, feature_sets
from paths import ROOT
from verdicts import Verdict, verdict

FOLDER = ROOT / "build" / "proofs"


def digest() -> str:
    """Of all code that a verdict depends on."""
    files = [path for room in ("models", "optimizer", "tests/proofs") for path in (ROOT / room).rglob("*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:16]


def kept(path: Path) -> list[Verdict]:
    """Verdicts in a file; a line that was broken off is none."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            given = json.loads(line)
        except ValueError:
            continue
        found.append(Verdict(**(given | {"faults": tuple(given["faults"])})))
    return found


def judged(count: int, seed: int, path: Path, processes: int | None = None) -> list[Verdict]:
    """The verdicts of nights 0 to `count` − 1, those of them that are in the file taken from it."""
    done = kept(path)
    there = {one.number for one in done}
    sets = feature_sets(count, seed)
    left = [(levels, number, seed) for number, levels in enumerate(sets) if number not in there]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file, Pool(processes) as pool:
        for one in pool.imap_unordered(_verdict, left, chunksize=4):
            file.write(json.dumps(asdict(one)) + "\n")
            file.flush()
            done.append(one)
            if one.faults:
                print(*_told(one, seed), sep="\n  ", flush=True)
    return [one for one in done if one.number < count]


def _verdict(asked: tuple[Levels, int, int]) -> Verdict:
    return verdict(*asked)


def _told(one: Verdict, seed: int) -> Iterator[str]:
    yield f"night {one.number} of seed {seed}: {', '.join(map(': '.join, one.levels.items()))}"
    yield from one.faults


def pairs_met(verdicts: Iterable[Verdict]) -> set[Pair]:
    """The pairs of features that the nights have, as their own data say."""
    return {pair for one in verdicts for pair in pairs_of(one.levels)}


def table(verdicts: list[Verdict]) -> str:
    """By feature: nights, how many plans are optimal, how many are proven to be, faults."""
    lines = [f"{'feature':34}{'nights':>8}{'optimal':>9}{'proven':>8}{'faults':>8}"]
    for factor, levels in FACTORS.items():
        for level in levels:
            here = [one for one in verdicts if one.levels[factor] == level]
            counts = [len(here), *(sum(map(bool, of)) for of in _columns(here))]
            lines.append(f"{factor + ': ' + level:34}{counts[0]:8}{counts[1]:9}{counts[2]:8}{counts[3]:8}")
    must = [one for one in verdicts if one.must_serve]
    lines.append(
        "".join(
            [
                f"{'must be served: some':34}{len(must):8}",
                *(f"{sum(map(bool, of)):{w}}" for of, w in zip(_columns(must), (9, 8, 8), strict=True)),
            ]
        )
    )
    every = [len(verdicts), *(sum(map(bool, of)) for of in _columns(verdicts))]
    lines.append(f"{'all':34}{every[0]:8}{every[1]:9}{every[2]:8}{every[3]:8}")
    met, there = len(pairs_met(verdicts)), len(all_pairs(FACTORS))
    return "\n".join([*lines, f"{met} of {there} pairs of features"])


def _columns(verdicts: list[Verdict]) -> tuple[list[bool], list[bool], list[tuple[str, ...]]]:
    optimal, proven = [one.is_optimal for one in verdicts], [one.is_proven for one in verdicts]
    return optimal, proven, [one.faults for one in verdicts]


def main() -> int:
    """The campaign; 1 if the truth of any night refutes a bound or a plan, or a pair of features is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, help="default: as many as there are cores")
    asked = parser.parse_args()
    path = FOLDER / f"seed-{asked.seed}-{digest()}.jsonl"
    verdicts = judged(asked.count, asked.seed, path, asked.processes)
    print(table(verdicts))
    is_whole = pairs_met(verdicts) >= all_pairs(FACTORS)
    return int(any(one.faults for one in verdicts) or not is_whole)


if __name__ == "__main__":
    sys.exit(main())
