"""The instances of the uncertainty track: forecasts with a spread, each verified by its hash, and the days of the test.

Training days are those of TRAINING_SEED, as many as a policy likes; the test days are of TEST_SEED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import Problem
from models.station.instance import Instance
from optimizer.bench.library.library import of_one_station
from optimizer.bench.library.track_file import read_listed
from optimizer.files.errors import InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.document_types import Document, Name
from optimizer.formats.read_instance import read_instance

TRACK = "days"
FILE = f"{TRACK}/{TRACK}.json"
TRAINING_SEED, TEST_SEED = 0, 20_261_128
TRAINING_DAYS = 100  # that a policy of one's own is given; it may draw more


class TrackEntryDocument(Document, frozen=True, kw_only=True):
    """An instance of the track: its file is NAME.json beside the track's."""

    name: Name
    hash: str


class TrackDocument(Document, frozen=True, kw_only=True):
    """The track's file. `version` goes up with every change of an instance or of the test days."""

    format: Literal["swapcharge-days"]
    version: Literal[1]
    instances: tuple[TrackEntryDocument, ...]


@dataclass(frozen=True)
class TrackInstance:
    """An instance of the track."""

    name: str
    instance: Instance


def read_track(library: Path, names: Sequence[str] = ()) -> list[TrackInstance]:
    """The track's instances of these names, in its order; all of them without. Raises InputErrors."""
    entries = read_listed(library, FILE, TrackDocument, lambda track: track.instances, "instances", names)
    return [_read(library, entry) for entry in entries]


def _read(library: Path, entry: TrackEntryDocument) -> TrackInstance:
    file = library / TRACK / f"{entry.name}.json"
    instance = of_one_station(read_instance(file), str(file))
    if (found := instance_hash(instance)) != entry.hash:
        rule = f"is not the hash of {file}, {found}: the instance has changed"
        remedy = "bring the old content back; a change of an instance needs a new name"
        raise InputErrors(str(library / FILE), [Problem(f"instances.{entry.name}.hash", entry.hash, rule, remedy)])
    return TrackInstance(entry.name, instance)
