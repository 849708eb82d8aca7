"""Bounds of chains in a study's folder: a file each, written whole, so that a killed run goes on from them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode
from optimizer.files.locked_folder import LEFT_OVER
from optimizer.files.read_write import read_bytes
from optimizer.formats.document_types import Document
from optimizer.runs.folder import plan_name
from optimizer.studies.folder import BOUNDS, StudyFolder
from optimizer.studies.tables import AtStation


class ChainBound(Document, frozen=True, kw_only=True):
    """What all nights of a station in a variant cost at least under a tariff, planned at once; in currency.

    `bound`: of `total_cost` as the study ranks it; None: there is none, for `reason`. `seconds`: its time limit.
    `left_out`: costs and rules that it does not have, which makes it lower than need be.
    """

    key: Annotated[str, Meta(description="sha256 over nights, tariff and versions that it holds for")]
    variant: str
    station: str
    tariff: str
    bound: float | None
    seconds: float
    reason: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str, str]:
        """Variant, station and tariff."""
        return self.variant, self.station, self.tariff


def without_bound(place: AtStation, seconds: float, reason: str, key: str = "") -> ChainBound:
    """What is told of a chain of which there is none. No `key`: it holds for nothing, and is sought again."""
    variant, station, tariff = place
    return ChainBound(
        key=key, variant=variant, station=station, tariff=tariff, bound=None, seconds=seconds, reason=reason
    )


def read_bound(folder: StudyFolder, variant: str, station: str, tariff: str) -> ChainBound | None:
    """The chain's bound; None where there is none or it cannot be read as one."""
    try:
        found = decode(read_bytes(_path(folder, variant, station, tariff)), ChainBound)
    except (InputErrors, InvalidData):
        return None
    return found if found.place == (variant, station, tariff) else None


def write_bound(folder: StudyFolder, bound: ChainBound) -> None:
    """Write it, whole. Raises OutputErrors."""
    path = _path(folder, *bound.place)
    with suppress(OSError):  # writing the file says what is wrong with its folder
        path.parent.mkdir(exist_ok=True)
    folder.write(path, msgspec.json.encode(bound) + b"\n")


def has_bounds(folder: StudyFolder) -> bool:
    """Are there any?"""
    return (folder.path / BOUNDS).is_dir()


def remove_left_over(folder: StudyFolder) -> None:
    """Remove what a killed run was writing."""
    for left in (folder.path / BOUNDS).glob(LEFT_OVER):
        with suppress(OSError):
            left.unlink()


def _path(folder: StudyFolder, variant: str, station: str, tariff: str) -> Path:
    """Safe and unlike all others, whatever the names are."""
    return folder.path / BOUNDS / plan_name(json.dumps([variant, station, tariff], ensure_ascii=False))
