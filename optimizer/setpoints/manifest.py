"""manifest.json: which files an export consists of, of which plans, and how a controller goes on after them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.folder_json import read_folder_json
from optimizer.files.locked_folder import FolderKind
from optimizer.setpoints.ocpp.profile_document import UnitDocument

FORMAT: Literal["swapcharge-setpoints-manifest"] = "swapcharge-setpoints-manifest"
MANIFEST, TABLE, PROFILES = "manifest.json", "setpoints.csv", "profiles"
EXPORT = FolderKind("set-point export", "export setpoints", FORMAT, MANIFEST, (PROFILES,))


class ManifestStation(Struct, frozen=True):
    """A station of the export."""

    station: Annotated[str, Meta(description="id of the station")]
    file: Annotated[str, Meta(description="its file, seen from the folder")]
    sha256: Annotated[str, Meta(description="hash of that file, in hexadecimal digits")]
    instance_hash: Annotated[str, Meta(description="hash of the instance that its plan names")]
    plan_version: Annotated[int, Meta(description="version of its plan")]
    valid_from: Annotated[str, Meta(description="instant from which the set-points hold, in UTC")]
    valid_until: Annotated[str, Meta(description="instant at which they end, in UTC")]
    when_plan_ends: Annotated[str, Meta(description="what a controller does from then on, in words")]


class Manifest(Struct, frozen=True, kw_only=True):
    """The whole file."""

    format: Annotated[Literal["swapcharge-setpoints-manifest"], Meta(description="the format's name")]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    to: Annotated[str, Meta(description="csv, ocpp1.6, ocpp2.0.1 or ocpp2.1")]
    instance: Annotated[str, Meta(description="name of the instance or network")]
    unit: Annotated[UnitDocument, Meta(description="unit of the limits")]
    stations: Annotated[tuple[ManifestStation, ...], Meta(description="the stations, in the plan's order")]
    rule: Annotated[dict[str, str], Meta(description="the rule between plans by step, in words; {} where none is kept")]
    versions: Annotated[dict[str, str], Meta(description="versions of the programs that wrote the files")]


def sha256_of(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an export. Raises InputErrors where there is none, or none that can be read."""
    if not (folder / MANIFEST).is_file():
        rule, remedy = f"is a folder without {MANIFEST}: no whole export", EXPORT.again
        raise InputErrors(str(folder), [Problem("", ABSENT, rule, remedy)])
    return read_folder_json(folder / MANIFEST, Manifest, EXPORT)
