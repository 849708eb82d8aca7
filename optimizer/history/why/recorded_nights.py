"""What a recorded run planned: its stations' nights, from the network that its folder keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import Problem
from models.station.instance import Instance, Night
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.network_file import NetworkFile, read_network
from optimizer.formats.plan_document import PlannedStation
from optimizer.formats.plan_file import read_plan
from optimizer.runs.folder import NETWORK, PLANS, plan_name, read_summary
from optimizer.runs.summary import RunSummary

KEEP = "runs of this version keep their network: plan the night again"


@dataclass(frozen=True)
class RecordedNights:
    """A run's folder, its summary, and the network that it planned; `places`: index of a station in it, by id."""

    path: Path
    summary: RunSummary
    network: NetworkFile
    places: Mapping[str, int]

    def planned(self, station: str) -> tuple[Night, PlannedStation]:
        """The station's night as the network has it, and its plan.

        Raises InputErrors where either cannot be read, or the night is not the one that was planned.
        """
        file = self.path / PLANS / plan_name(station)
        plan = read_plan(file)
        if station not in self.places or [one.station for one in plan.stations] != [station]:
            raise _other_night(file, station)
        night = self.network.night(self.places[station])
        if plan.instance.hash != instance_hash(Instance(self.network.name, self.network.currency, (night,))):
            raise _other_night(file, station)
        return night, plan.stations[0]


def _other_night(file: Path, station: str) -> InputErrors:
    rule, remedy = "is not of the night that its run's network has now", "plan the night again"
    return InputErrors(str(file), [Problem("", station, rule, remedy)])


def recorded_nights(run: Path, recorded_id: str | None = None) -> RecordedNights:
    """The nights of the run in the folder `run`. `recorded_id`: of the run that is meant; None: whichever is there.

    Raises InputErrors where the folder has another run by now, or no network that can be read: runs of earlier versions
    keep none, and the file that their summary names may be gone.
    """
    summary = read_summary(run)
    if recorded_id is not None and summary.id != recorded_id:
        rule = "holds another run by now"
        raise InputErrors(str(run), [Problem("", ABSENT, rule, "give each night's run a folder of its own")])
    network = read_network(_network_of(run, summary))
    names = (network.station_id(index) for index in range(len(network.stations)))
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        if name is not None:
            places.setdefault(name, index)
    return RecordedNights(run, summary, network, places)


def _network_of(run: Path, summary: RunSummary) -> Path:
    if (run / NETWORK).is_file():
        return run / NETWORK
    if summary.network and "\0" not in summary.network and Path(summary.network).is_file():
        return Path(summary.network)
    raise InputErrors(str(run), [Problem("", ABSENT, f"keeps no {NETWORK}, as runs of earlier versions", KEEP)])
