"""`make fuzz COUNT= SEED=`: damaged files for every reader, a table of what came out, faults kept in build/fuzz."""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

from damage import damaged, smallest
from paths import ROOT
from readers import READERS, Reader

from models.errors import InvalidData
from optimizer.files.errors import FileErrors

MOST_MESSAGE = 100_000  # characters
MOST_SECONDS = 5.0  # of CPU, that an input of a few kB may take
MOST_MB = 1_000.0  # that a reader's process may hold at most, all inputs together
GOOD = ("accepted", "refused")
Result = tuple[str, Counter[str], float, list[str]]  # name, outcomes, most CPU seconds of an input, faults


def outcome(reader: Reader, path: Path) -> str:
    """ "accepted", "refused", or what is wrong with the reader."""
    try:
        reader.read(path)
    except (FileErrors, InvalidData) as error:
        text = str(error)
        if len(text) > MOST_MESSAGE:
            return f"a message of {len(text)} characters"
        raw = [sign for sign in text if sign != "\n" and not sign.isprintable()]
        return f"raw {raw[0]!r} in a message" if raw and isinstance(error, FileErrors) else "refused"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return "accepted"


def copied(reader: Reader, folder: Path) -> tuple[Path, list[Path]]:
    """A copy of the seed, and the files of it to damage. Files above 200 kB are left out, unless they are damaged."""
    path = folder / reader.seed.name
    if not reader.seed.is_dir():
        shutil.copyfile(reader.seed, path)
        return path, [path]
    chosen = sorted(one for one in reader.seed.glob(reader.files) if one.is_file())
    for one in reader.seed.glob("*") if reader.files in ("every-key.json", "prices.csv") else reader.seed.rglob("*"):
        if one.is_file() and (one in chosen or one.stat().st_size < 200_000):
            (path / one.relative_to(reader.seed)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one, path / one.relative_to(reader.seed))
    return path, [path / one.relative_to(reader.seed) for one in chosen]


def tried(reader: Reader, count: int, seed: int, keep: Path | None = None) -> Result:
    """`count` damaged inputs for one reader: name, outcomes, largest seconds, faults. These are kept, made smaller."""
    rng, outcomes, slowest, faults = random.Random(f"{reader.name} {seed}"), Counter[str](), 0.0, []
    with tempfile.TemporaryDirectory() as folder:
        path, files = copied(reader, Path(folder))
        good = {file: file.read_bytes() for file in files}
        for number in range(count):
            file = rng.choice(files)
            data = damaged(rng, good[file])
            found, seconds = _timed(reader, path, file, data)
            slowest = max(slowest, seconds)
            outcomes[found if found in GOOD else "faults"] += 1
            if found not in GOOD:
                faults.append(f"{reader.name} {number} {file.name}: {found}")
                if keep:
                    less = _smaller(reader, path, file, data, _kind(found))
                    (keep / f"{reader.name}-{seed}-{number}-{file.name}").write_bytes(less)
            file.write_bytes(good[file])
    return reader.name, outcomes, slowest, faults


def _timed(reader: Reader, path: Path, file: Path, data: bytes) -> tuple[str, float]:
    """What comes of these bytes in that file, and the CPU seconds it took; too many are a fault."""
    file.write_bytes(data)
    start = time.process_time()
    found = outcome(reader, path)
    seconds = time.process_time() - start
    return (found if seconds <= MOST_SECONDS or found not in GOOD else f"{seconds:.1f} s of CPU"), seconds


def _smaller(reader: Reader, path: Path, file: Path, data: bytes, kind: str) -> bytes:
    return smallest(data, lambda less: _kind(_timed(reader, path, file, less)[0]) == kind)


def _kind(found: str) -> str:
    """By it two faults count as the same."""
    return found.split(":")[0] if ":" in found else "".join(sign for sign in found if not sign.isdigit())


def main() -> int:
    """The campaign; 1 if a reader has a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    keep = ROOT / "build" / "fuzz"
    keep.mkdir(parents=True, exist_ok=True)
    each = -(-asked.count // len(READERS))
    found = False
    print(f"{'reader':14}{'inputs':>8}{'accepted':>10}{'refused':>9}{'faults':>8}{'most CPU s':>12}{'peak MB':>9}")
    with Pool(maxtasksperchild=1) as pool:
        jobs = [pool.apply_async(tried_by_number, (at, each, asked.seed, keep)) for at in range(len(READERS))]
        for (name, outcomes, slowest, faults), peak_mb in (job.get() for job in jobs):
            row = [outcomes[kind] for kind in ("accepted", "refused", "faults")]
            print(
                f"{name:14}{each:8}{row[0]:10}{row[1]:9}{row[2]:8}{slowest:12.2f}{peak_mb:9.0f}",
                *faults[:5],
                sep="\n  ",
                flush=True,
            )
            found |= bool(faults) or peak_mb > MOST_MB
    return int(found)


def tried_by_number(at: int, count: int, seed: int, keep: Path) -> tuple[Result, float]:
    """As `tried`, in a process of its own, with its peak of memory in MB."""
    result = tried(READERS[at], count, seed, keep)
    return result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux


if __name__ == "__main__":
    sys.exit(main())
