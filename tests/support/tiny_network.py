"""Networks of tiny stations, for runs that take a moment. Not a test file itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import psutil

IDS = tuple(f"S{number}" for number in range(1, 7))


def content(*stations: dict[str, Any] | str, **changes: Any) -> dict[str, Any]:
    """The tiny night once for each station, told by its id or by what is different; no two drive the same bargain."""
    whole: dict[str, Any] = json.loads(cli.TINY.read_text())
    (first,) = whole["stations"]
    told = [{"id": station} if isinstance(station, str) else station for station in stations or IDS]
    packs = [[first["packs"][0] | {"soc": 0.1 + 0.8 * n / max(1, len(told))}] for n in range(len(told))]
    made = [first | {"packs": pack} | station for station, pack in zip(told, packs, strict=True)]
    return whole | {"name": "tiny network", "stations": made} | changes


def write(path: Path, *stations: dict[str, Any] | str, **changes: Any) -> Path:
    """The same as a file."""
    path.write_text(json.dumps(content(*stations, **changes)))
    return path


def plans(run: Path) -> dict[str, bytes]:
    """The bytes of every plan file of a run, by name."""
    return {path.name: path.read_bytes() for path in (run / "plans").glob("*.json")}


def summary(run: Path) -> dict[str, Any]:
    """What a run says of itself."""
    found: dict[str, Any] = json.loads((run / "summary.json").read_text())
    return found


def workers_of(coordinator: int) -> list[psutil.Process]:
    """The worker processes of a nightly."""
    children = psutil.Process(coordinator).children()
    return [child for child in children if any("spawn_main" in word for word in child.cmdline())]
