"""The instances of the uncertainty track: forecasts with a spread, each verified by its hash, and the days of the test.

Training days are those of TRAINING_SEED, as many as a policy likes; the test days are of TEST_SEED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Instance
from optimizer.bench.library.library import ELSEWHERE, of_one_station
from optimizer.bench.library.library_rules import name_problems
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.json_text import decode
from optimizer.files.read_write import read_bytes
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.document_types import Document, Name
from optimizer.formats.read_instance import read_instance

TRACK, TRACK_FILE = "days", "days.json"
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
    folder = library / TRACK
    path = folder / TRACK_FILE
    if not path.is_file():
        raise InputErrors(str(library), [Problem("", ABSENT, f"has no {TRACK}/{TRACK_FILE}", ELSEWHERE)])
    try:
        document = decode(read_bytes(path), TrackDocument)
        known = [entry.name for entry in document.instances]
        refuse(name_problems("instances", "name", known))
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None
    if wrong := [name for name in names if name not in known]:
        remedy = did_you_mean(wrong[0], known, f"its instances: {', '.join(known)}")
        raise InputErrors(str(path), [Problem("instances", wrong[0], "is not an instance of this track", remedy)])
    return [_read(folder, path, entry) for entry in document.instances if not names or entry.name in names]


def _read(folder: Path, track: Path, entry: TrackEntryDocument) -> TrackInstance:
    file = folder / f"{entry.name}.json"
    instance = of_one_station(read_instance(file), str(file))
    if (found := instance_hash(instance)) != entry.hash:
        rule = f"is not the hash of {file}, {found}: the instance has changed"
        remedy = "bring the old content back; a change of an instance needs a new name"
        raise InputErrors(str(track), [Problem(f"instances.{entry.name}.hash", entry.hash, rule, remedy)])
    return TrackInstance(entry.name, instance)
