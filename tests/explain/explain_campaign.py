"""`make explained COUNT= SEED=`: nights with lost swaps, all of them explained, every repair verified, on all cores."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import Pool

from judged import ExplainedNight, explained_night
from lossy_nights import lossy_night, lossy_nights

from models.station.lost_reason import VERDICTS
from optimizer.explain.mending import REPAIR_KINDS

TOLD_EVERY = 20  # nights: so often a long campaign shows how far it is


def judged(count: int, seed: int, processes: int | None = None) -> list[ExplainedNight]:
    """All nights, in the order of their numbers; faults are printed as they are found."""
    found = []
    with Pool(processes) as pool:
        for one in pool.imap_unordered(_explained, list(lossy_nights(count, seed)), chunksize=1):
            found.append(one)
            for fault in one.faults:
                print(f"night {one.number} of seed {seed}, {one.what}: {fault}", flush=True)
            if len(found) % TOLD_EVERY == 0 and len(found) < count:
                print(table(found), end="\n\n", flush=True)
    return sorted(found, key=lambda one: one.number)


def _explained(asked: tuple[int, int]) -> ExplainedNight:
    return explained_night(lossy_night(*asked))


def table(nights: Sequence[ExplainedNight]) -> str:
    """By verdict and by repair, tiny nights and larger ones."""
    groups = [[one for one in nights if one.is_tiny], [one for one in nights if not one.is_tiny], list(nights)]
    lines = [f"{'':44}{'tiny':>8}{'larger':>8}{'all':>8}", _row("nights", [len(group) for group in groups])]
    lines.append(_row("swaps lost", [sum(one.swaps for one in group) for group in groups]))
    for name in _names(VERDICTS, [key for one in nights for key in one.verdicts]):
        lines.append(_row(f"  {name}", [sum(one.verdicts[name] for one in group) for group in groups]))
    lines.append("repairs")
    for name in _names(REPAIR_KINDS, [key for one in nights for key in one.repairs]):
        lines.append(_row(f"  {name}", [sum(one.repairs[name] for one in group) for group in groups]))
    lines.append(_row("repairs found and verified", [sum(one.verified for one in group) for group in groups]))
    lines.append(_row("faults", [sum(len(one.faults) for one in group) for group in groups]))
    for label, share in (("median", 0.5), ("95 %", 0.95), ("most", 1.0)):
        lines.append(_row(f"processor seconds a night, {label}", [_quantile(group, share) for group in groups]))
    return "\n".join(lines)


def _row(label: str, values: Sequence[float]) -> str:
    return f"{label:44}" + "".join(f"{value:8}" if isinstance(value, int) else f"{value:8.2f}" for value in values)


def _names(order: Sequence[str], keys: Sequence[str]) -> Iterator[str]:
    """The keys that there are, by the name that they begin with."""
    counted = Counter(keys)
    for name in order:
        yield from sorted(key for key in counted if key.split(",")[0].split(":")[0] == name)


def _quantile(nights: Sequence[ExplainedNight], share: float) -> float:
    seconds = sorted(one.cpu_seconds for one in nights)
    return seconds[min(len(seconds) - 1, int(share * len(seconds)))] if seconds else 0.0


def main() -> int:
    """The campaign; 1 if anything that was told is not so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, help="default: as many as there are cores")
    asked = parser.parse_args()
    nights = judged(asked.count, asked.seed, asked.processes)
    print(table(nights))
    return int(any(one.faults for one in nights))


if __name__ == "__main__":
    sys.exit(main())
