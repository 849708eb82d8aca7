"""The plans of a run, and the nights that they were made for, as far as the network still has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import InvalidData
from models.station.instance import Instance, Night
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import STANDARD_INPUT
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.network_file import NetworkFile, read_network
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import read_plan
from optimizer.runs.folder import NETWORK, PLANS, plan_name
from optimizer.runs.summary import RunSummary


@dataclass(frozen=True)
class RunNights:
    """The run's folder, its network (None: not at hand, `why` says so), and where each station stands in it."""

    run: Path
    network: NetworkFile | None
    index: Mapping[str, int]
    why: str = ""

    def plan(self, station: str) -> PlanFile | None:
        """The station's plan file; None where there is none or it cannot be read."""
        path = self.run / PLANS / plan_name(station)
        try:
            plan = read_plan(path) if path.is_file() else None
        except InputErrors:
            return None
        return plan if plan is not None and [one.station for one in plan.stations] == [station] else None

    def night(self, station: str, plan: PlanFile) -> Night | None:
        """The night that the plan was made for; None where the network is not at hand, or has changed since."""
        index = self.index.get(station)
        if self.network is None or index is None:
            return None
        try:
            night = self.network.night(index)
            part = Instance(self.network.name, self.network.currency, (night,))
        except (InputErrors, InvalidData):
            return None
        return night if instance_hash(part) == plan.instance.hash else None


def nights_of(run: Path, summary: RunSummary, network: str | None) -> RunNights:
    """The run's, with `network`, or else the one that it keeps or that its summary names, if that can still be read.

    Raises InputErrors where a `network` that was named cannot be read.
    """
    given = network or recorded_network(run, summary)
    if given is None:
        return RunNights(run, None, {}, f"The network {summary.network} is not there any more")
    try:
        file = read_network(given)
    except InputErrors as error:
        if network is not None:
            raise
        return RunNights(run, None, {}, f"The network cannot be read any more: {str(error).splitlines()[0]}")
    ids = ((file.station_id(index), index) for index in range(len(file.stations)))
    return RunNights(run, file, {name: index for name, index in ids if name is not None})


def recorded_network(run: Path, summary: RunSummary) -> str | None:
    """The network that the run keeps, or the one that its summary names, if a file is there still: nothing of it is
    believed but by its hash."""
    if (run / NETWORK).is_file():
        return str(run / NETWORK)
    if summary.network == STANDARD_INPUT or "\0" in summary.network or not Path(summary.network).is_file():
        return None
    return summary.network
