"""The previous run that a run is to be near: a plan for each station that both have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.errors import Problem
from models.station.instance import Night
from optimizer.engine.near.previous_plan import PreviousPlan, previous_plans
from optimizer.files.errors import InputErrors
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_file import parse_plan
from optimizer.runs.folder import PLANS, plan_name, read_summary


@dataclass(frozen=True)
class NearRun:
    """The folder of a previous run, which is only read."""

    path: Path

    def plan_bytes(self, station: str) -> bytes | None:
        """The plan file of a station; None where there is none."""
        try:
            return (self.path / PLANS / plan_name(station)).read_bytes()
        except OSError:
            return None


def near_run(path: Path, out: Path, network: NetworkFile) -> NearRun:
    """The run in the folder `path`, for a run of `network` into `out`.

    Raises InputErrors where it is no run, the same folder, or has nothing in common with the network: no station, no
    moment.
    """
    found, remedy = NearRun(path), "name the folder of a run of this network that overlaps it in time"
    if path.resolve() == out.resolve():
        rule = "is the folder of the new run, too, whose plans would replace those of the previous one"
        raise InputErrors(str(path), [Problem("", str(path), rule, "let --out name another folder")])
    before, now = read_summary(path).horizon, network.horizon
    first, end = datetime.fromisoformat(before.start), datetime.fromisoformat(before.end)
    if end <= now.start or now.end <= first:
        span = f"{now.local_slot_start(0):%Y-%m-%d %H:%M} to {now.end.astimezone(now.zone):%Y-%m-%d %H:%M}"
        rule = f"ends or begins outside of the horizon to be planned, {span}"
        raise InputErrors(str(path), [Problem("horizon", f"{before.start} to {before.end}", rule, remedy)])
    names = (network.station_id(index) for index in range(len(network.stations)))
    if not any(found.plan_bytes(name) is not None for name in names if name is not None):
        raise InputErrors(str(path), [Problem("plans", PLANS, "has no plan of a station of the network", remedy)])
    return found


def previous_of(text: bytes | None, night: Night) -> PreviousPlan | None:
    """The plan of `night`'s station in the bytes of its file; None where there is none that it could be near."""
    if text is None:
        return None
    try:
        station = night.station.id
        return previous_plans(parse_plan(text, "the previous plan"), "the previous plan", {station: night})[station]
    except InputErrors:
        return None
