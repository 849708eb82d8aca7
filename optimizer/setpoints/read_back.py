"""Set-points read back: from tables or profiles to limits of bays, and from these to the plan that they carry out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from models.station.instance import Station
from optimizer.files import timestamps as clock
from optimizer.files.csv_table import read_table
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.json_text import decode
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes
from optimizer.setpoints.fit.limits import STEPS_PER_UNIT, WATTS_PER_KW, LimitUnit, Period
from optimizer.setpoints.manifest import EXPORT, TABLE, Manifest, read_manifest, sha256_of
from optimizer.setpoints.ocpp.composite import StackedProfile, composite
from optimizer.setpoints.ocpp.profile_document import BayProfiles, SetProfile, StationProfiles
from optimizer.setpoints.ocpp.profiles import stamp
from optimizer.setpoints.station_set_points import VersionedPlan
from optimizer.setpoints.table import CHARGE, SetPointRow

Periods = dict[int, tuple[Period, ...]]  # by the number of the bay
OTHER = "name the plan that was exported, or export it again"


class SetPointsRead:
    """What an export says, station by station. `notes`: files that were changed since they were written."""

    def __init__(self, unit: LimitUnit, by_station: Mapping[str, Sequence[SetPointRow] | StationProfiles]) -> None:
        self.unit, self.by_station = unit, by_station
        self.notes: list[str] = []

    def periods(self, plan: VersionedPlan) -> Periods:
        """The limits of a station's bays in its night. Raises InvalidData where they are of another plan."""
        found = self.by_station.get(plan.planned.station)
        if found is None:
            return {}
        if isinstance(found, StationProfiles):
            return _of_profiles(found, plan)
        return _of_rows(found, plan)


def read_set_points(path: Path) -> SetPointsRead:
    """An export: its folder, or a table. Raises InputErrors."""
    if not path.is_dir():
        return SetPointsRead(LimitUnit(), _rows(path))
    manifest = read_manifest(path)
    unit = LimitUnit(manifest.unit.name, manifest.unit.side, manifest.unit.phases, manifest.unit.volts)
    read = SetPointsRead(unit, _rows(path / TABLE) if manifest.to == "csv" else _profiles(path, manifest))
    read.notes += _changed(path, manifest)
    return read


def _changed(folder: Path, manifest: Manifest) -> Iterator[str]:
    files = {one.file: one.sha256 for one in manifest.stations}
    for name, was in files.items():
        if sha256_of(read_bytes(_inside(folder, name), MOST_NETWORK_BYTES)) != was:
            yield f"{name} was changed since it was written (its hash differs)"


def _inside(folder: Path, name: str) -> Path:
    """A file that the manifest names. Raises InputErrors where it lies elsewhere."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputErrors(str(folder), [Problem("file", name, "must lie in the folder of the export", EXPORT.again)])
    return path


def _rows(path: Path) -> dict[str, list[SetPointRow]]:
    try:
        rows = read_table(path, SetPointRow, EXPORT)
    except InvalidData as error:
        raise InputErrors(str(path.parent), error.problems) from None
    found: dict[str, list[SetPointRow]] = {}
    for row in rows:
        found.setdefault(row.station, []).append(row)
    return found


def _profiles(folder: Path, manifest: Manifest) -> dict[str, StationProfiles]:
    found: dict[str, StationProfiles] = {}
    for one in manifest.stations:
        path = _inside(folder, one.file)
        try:
            read = decode(read_bytes(path, MOST_NETWORK_BYTES), StationProfiles)
        except InvalidData as error:
            raise InputErrors(str(path), error.problems) from None
        found[read.station] = read
    return found


def _of_rows(rows: Sequence[SetPointRow], plan: VersionedPlan) -> Periods:
    station, horizon, problems = plan.night.station, plan.night.horizon, list[Problem]()
    found: dict[int, list[Period]] = {}
    for row in rows:
        place = f"bay {row.bay}, {row.start_utc}"
        if row.action != CHARGE:
            continue
        bay = _bay_number(station, row.bay)
        period = _period(row, horizon)
        if bay is None or period is None:
            value, rule = (row.bay, "is no bay of the plan's station") if bay is None else (row.end_utc, _NO_PERIOD)
            problems.append(Problem(place, value, rule, OTHER))
        else:
            found.setdefault(bay, []).append(period)
    for bay, periods in found.items():
        periods.sort()
        problems += (
            Problem(
                f"bay {station.bay_label(bay)}",
                stamp(horizon.start + timedelta(seconds=later.begin)),
                "has two rows at one time",
                OTHER,
            )
            for one, later in pairwise(periods)
            if later.begin < one.end
        )
    if problems:
        raise InvalidData(problems)
    return {bay: tuple(periods) for bay, periods in found.items()}


_NO_PERIOD = "must be a period within the plan's horizon, at a power from 0 up"


def _bay_number(station: Station, label: str) -> int | None:
    return next((bay for bay in range(station.bays) if str(station.bay_label(bay)) == label), None)


def _period(row: SetPointRow, horizon: Horizon) -> Period | None:
    try:
        begin, end = (_second(horizon, clock.instant(text)) for text in (row.start_utc, row.end_utc))
    except InvalidData:
        return None
    if not 0 <= begin < end <= _second(horizon, horizon.end) or row.grid_kw < 0:
        return None
    return Period(begin, end, round(row.grid_kw * WATTS_PER_KW * STEPS_PER_UNIT))


def _second(horizon: Horizon, at: datetime) -> int:
    return round((at - horizon.start).total_seconds())


def _of_profiles(read: StationProfiles, plan: VersionedPlan) -> Periods:
    station, horizon = plan.night.station, plan.night.horizon
    if read.valid_until != stamp(horizon.end):
        rule = f"must be the end of the plan's horizon, {stamp(horizon.end)}"
        raise InvalidData([Problem("valid_until", read.valid_until, rule, OTHER)])
    found: Periods = {}
    for index, bay in enumerate(read.bays):
        number = station.bay_number(bay.bay)
        if number < 0:
            rule = "is no bay of the plan's station"
            raise InvalidData([Problem(f"bays[{index}].bay", bay.bay, rule, OTHER)])
        try:
            found[number] = _of_bay(bay, horizon)
        except InvalidData as error:
            raise InvalidData([problem.inside(f"bays[{index}]") for problem in error.problems]) from None
    return found


def _of_bay(bay: BayProfiles, horizon: Horizon) -> tuple[Period, ...]:
    """What the messages come to in the horizon, as a charging station works it out."""
    stacked = [_stacked(message) for message in bay.send]
    seconds = _second(horizon, horizon.end)
    schedule = composite(stacked, horizon.start, seconds)
    ends = [begin for begin, _ in schedule[1:]] + [seconds]
    return tuple(
        Period(begin, end, round((limit or 0.0) * STEPS_PER_UNIT))
        for (begin, limit), end in zip(schedule, ends, strict=True)
    )


def _stacked(message: SetProfile) -> StackedProfile:
    profile = message.cs_charging_profiles or message.charging_profile
    if profile is None:
        raise InvalidData([Problem("send", ABSENT, "must have a charging profile", EXPORT.again)])
    many = profile.charging_schedule
    schedule = many[0] if isinstance(many, tuple) else many
    return StackedProfile(
        stack_level=profile.stack_level,
        start=clock.instant(schedule.start_schedule),
        seconds=schedule.duration,
        periods=[(one.start_period, one.limit) for one in schedule.charging_schedule_period],
        valid_from=None if profile.valid_from is None else clock.instant(profile.valid_from),
        valid_to=None if profile.valid_to is None else clock.instant(profile.valid_to),
    )
