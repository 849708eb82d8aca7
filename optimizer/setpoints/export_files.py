"""Set-points on disk: one table, or a folder of files with a manifest that is written last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from models.errors import InvalidData
from models.station.demand.rule_words import RULE_IN_WORDS
from optimizer.files.csv_table import rows_text
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import indented_document
from optimizer.files.locked_folder import LockedFolder, open_locked
from optimizer.files.versions import versions
from optimizer.runs.folder import plan_name
from optimizer.setpoints.fit.limits import LimitUnit
from optimizer.setpoints.manifest import (
    EXPORT,
    FORMAT,
    MANIFEST,
    PROFILES,
    TABLE,
    Manifest,
    ManifestStation,
    sha256_of,
)
from optimizer.setpoints.ocpp.profile_document import Protocol, UnitDocument
from optimizer.setpoints.ocpp.profiles import stamp, station_profiles
from optimizer.setpoints.station_set_points import NOTHING_AFTER, StationSetPoints
from optimizer.setpoints.table import SetPointRow, station_rows


def table_text(stations: Iterable[StationSetPoints]) -> bytes:
    """All stations' set-points as CSV text."""
    return rows_text(SetPointRow, (row for station in stations for row in station_rows(station)))


def profiles_text(station: StationSetPoints, protocol: Protocol) -> bytes:
    """One station's profiles as JSON text. Raises InputErrors where profiles have no ids for it."""
    try:
        return indented_document(station_profiles(station, protocol))
    except InvalidData as error:
        problems = [
            replace(one, place=f"station {station.plan.planned.station}: {one.place}") for one in error.problems
        ]
        raise InputErrors(station.plan.source, problems) from None


def export_files(stations: Sequence[StationSetPoints], to: str) -> dict[str, tuple[str, bytes]]:
    """By station: name of its file, seen from the folder, and its content. `to`: "csv" or a Protocol.

    No name is taken from a station's id as it is. Raises InputErrors.
    """
    if to == "csv":
        text = table_text(stations)
        return {one.plan.planned.station: (TABLE, text) for one in stations}
    return {
        one.plan.planned.station: (
            f"{PROFILES}/{plan_name(one.plan.planned.station)}",
            profiles_text(one, msgspec.convert(to, Protocol)),
        )
        for one in stations
    }


def write_export(folder: Path, stations: Sequence[StationSetPoints], to: str, instance: str, unit: LimitUnit) -> int:
    """Write an export into `folder`, in place of an older one there; the number of its files, without the manifest.

    The manifest goes first and comes back last: a folder without one holds no whole export. Raises InputErrors, and
    OutputErrors where the folder holds other things or cannot be written.
    """
    files = export_files(stations, to)
    into = LockedFolder(folder, open_locked(folder, EXPORT))
    try:
        old = [folder / MANIFEST, folder / TABLE, *sorted((folder / PROFILES).glob("*.json"))]
        into.remove(old)
        whole = dict(files.values())
        for name, data in whole.items():
            into.write(folder / name, data)
        manifest = _manifest(stations, files, to, instance, unit)
        into.write(folder / MANIFEST, indented_document(manifest))
        return len(whole)
    finally:
        into.close()


def _manifest(
    stations: Sequence[StationSetPoints],
    files: Mapping[str, tuple[str, bytes]],
    to: str,
    instance: str,
    unit: LimitUnit,
) -> Manifest:
    keeps_rule = any(one.plan.when_it_ends != NOTHING_AFTER for one in stations)
    return Manifest(
        format=FORMAT,
        version=1,
        to=to,
        instance=instance,
        unit=UnitDocument(name=unit.name, side=unit.side, phases=unit.phases, volts=unit.volts),
        stations=tuple(_entry(one, *files[one.plan.planned.station]) for one in stations),
        rule=dict(RULE_IN_WORDS) if keeps_rule else {},
        versions=versions(),
    )


def _entry(station: StationSetPoints, file: str, data: bytes) -> ManifestStation:
    plan = station.plan
    return ManifestStation(
        station=plan.planned.station,
        file=file,
        sha256=sha256_of(data),
        instance_hash=plan.instance_hash,
        plan_version=plan.version,
        valid_from=stamp(plan.valid_from),
        valid_until=stamp(plan.night.horizon.end),
        when_plan_ends=plan.when_it_ends,
    )
