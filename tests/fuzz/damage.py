"""Ways to damage bytes: as JSON where they are JSON, as cells where they are lines, else as bytes. Not a test file."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable

from json_mutations import MUTATIONS, places

CELLS = ["", "nan", "-1", "1e999", "9" * 400, "x" * 9_000, "2025-13-01", "24:00", "\x1b]0;x\x07", "\u202e", '"', "=1+1"]
BYTES = [0, 10, 13, 34, 44, 91, 123, 128, 255]


def json_tree(rng: random.Random, data: bytes) -> bytes:
    """One to three places of the document changed, or one of them nested deeply; other text as bytes."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return some_bytes(rng, data)
    for _ in range(rng.randint(1, 3)):
        if found := list(places(document)):
            rng.choice(MUTATIONS)(rng, *rng.choice(found))
    text = json.dumps(document)
    if rng.random() < 0.1:
        depth, at = rng.choice([50, 900, 20_000]), text.find(":") + 1
        text = text[:at] + "[" * depth + "]" * depth + "," + text[at:]
    return text.replace("1.5", rng.choice(["NaN", '"\\ud800"', "1" * 5_000, "1.5"])).encode()


def cells(rng: random.Random, data: bytes) -> bytes:
    """A cell, line or delimiter changed."""
    lines = data.decode("utf-8", "replace").split("\n")
    at = rng.randrange(len(lines))
    parts = lines[at].split(mark := rng.choice([",", ";", "=", " "]))
    parts[rng.randrange(len(parts))] = rng.choice(CELLS)
    lines[at : at + 1] = rng.choice([[mark.join(parts)], [], [lines[at]] * 2, [lines[at].replace(",", ";")]])
    return "\n".join(lines).encode()


def some_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flips, a cut, or a part said twice."""
    changed = bytearray(data or b" ")
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] = rng.choice([rng.randrange(256), *BYTES])
    start = rng.randrange(len(changed))
    return bytes(rng.choice([changed, changed, changed[:start], changed[start // 2 :] + changed[start:]]))


WAYS: list[Callable[[random.Random, bytes], bytes]] = [json_tree, cells, some_bytes]


def damaged(rng: random.Random, data: bytes) -> bytes:
    """`data`, damaged in one way or two; what is packed, mostly inside."""
    if data.startswith(b"\x1f\x8b") and rng.random() < 0.7:
        return gzip.compress(damaged(rng, gzip.decompress(data)), mtime=0)
    for _ in range(rng.randint(1, 2)):
        data = rng.choice(WAYS)(rng, data)
    return data
