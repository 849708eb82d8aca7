"""The networks of the scaling track: how each is drawn, and the hash that it must have."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from msgspec import Meta

from models.errors import Problem
from optimizer.bench.library.track_file import read_listed
from optimizer.files.errors import InputErrors
from optimizer.formats.document_types import Document, Name
from optimizer.formats.network_file import NetworkFile, read_network
from optimizer.generate.draw_network import network_text

SCALE = "scale.json"
STATIONS_BETWEEN_NEWS = 100


class NetworkEntryDocument(Document, frozen=True, kw_only=True):
    """A network as `generate network` draws it. Its name is never given to another content."""

    name: Annotated[Name, Meta(description="name of the network")]
    stations: Annotated[int, Meta(ge=1, le=100_000, description="how many stations")]
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, description="seed of the random numbers")]
    day: Annotated[date, Meta(description="the local day")]
    hash: Annotated[str, Meta(description="sha256 of its file")]


class ScaleDocument(Document, frozen=True, kw_only=True):
    """The track's file."""

    format: Literal["swapcharge-scale"]
    version: Literal[1]
    networks: tuple[NetworkEntryDocument, ...]


def read_scale(library: Path, names: Sequence[str] = ()) -> list[NetworkEntryDocument]:
    """The track's networks of these names, in its order; all of them without. Raises InputErrors."""
    return read_listed(library, SCALE, ScaleDocument, lambda track: track.networks, "networks", names)


def drawn_text(entry: NetworkEntryDocument, on_message: Callable[[str], None] = lambda news: None) -> bytes:
    """The network's file, drawn and verified. Raises InputErrors where it is not the one that is meant."""
    pieces = list[bytes]()
    for number, piece in enumerate(network_text(entry.stations, entry.seed, entry.day)):
        if number % STATIONS_BETWEEN_NEWS == 0:
            on_message(f"{entry.name}: {number:,} of {entry.stations:,} stations drawn")
        pieces.append(piece)
    text = b"".join(pieces)
    if (found := text_hash(text)) != entry.hash:
        rule = f"is not the hash of what is drawn, {found}: the network has changed"
        remedy = "use the version of swapcharge that drew it; a change of a network needs a new name"
        raise InputErrors(SCALE, [Problem(f"networks.{entry.name}.hash", entry.hash, rule, remedy)])
    return text


def text_hash(text: bytes) -> str:
    """The hash of a network's file."""
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def drawn_network(text: bytes) -> NetworkFile:
    """The network of a file's text, its stations built one by one."""
    with TemporaryDirectory(prefix="swapcharge-scale-") as folder:
        path = Path(folder) / "network.json"
        path.write_bytes(text)
        return read_network(path)
