"""How far each station of a run is: by the network's file, by the run's folder, and as the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.errors import Problem
from models.station.result import PlanChanges, StationResult
from optimizer.doubts.instance import night_doubts
from optimizer.engine.options import Effort
from optimizer.files.errors import InputErrors
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import is_as_sealed
from optimizer.runs.folder import RunFolder
from optimizer.runs.station_table import StationRow
from optimizer.runs.station_task import Planned, RunContext
from optimizer.summaries.saving_text import savings_columns

State = Literal["open", "planned", "fallback", "failed"]
TIME_IS_UP = "time limit"  # the reason of a station that the run's time was too short for


@dataclass
class StationProgress:
    """One station of the network. `reason` says why it has no plan, a fallback, or no better plan.

    `keys` by effort are what its plan file is known by; none where the time was too short to look at the station.
    `was_changed`: somebody wrote in that file, so that it does not count. `doubts`: what the network's file says of the
    station and hardly means. Seconds are those of this run, and so is `lost_next_day`: NextDay.more_lost of its plan.
    `changes`: as of StationPlan.
    """

    index: int
    place: str
    station: str | None
    keys: Mapping[Effort, str] = field(default_factory=dict)
    state: State = "open"
    effort: Effort | None = None
    result: StationResult | None = None
    reason: str = ""
    is_resumed: bool = False
    was_changed: bool = False
    cpu_seconds: float = 0.0
    solver_seconds: float = 0.0
    doubts: tuple[Problem, ...] = ()
    lost_next_day: int = 0
    changes: PlanChanges | None = None

    @property
    def is_unread(self) -> bool:
        """Has nobody looked at it yet?"""
        return self.state == "open" and not self.keys

    @property
    def is_out_of_time(self) -> bool:
        """Was the run's time too short for a plan of it?"""
        return self.reason == TIME_IS_UP

    @property
    def id(self) -> str:
        """The id of a station that can be planned."""
        assert self.station is not None and self.keys
        return self.station

    def fail(self, reason: str) -> None:
        """No plan exists, or what the file says of the station is wrong."""
        self.state, self.result, self.effort, self.reason = "failed", None, None, reason

    def take(self, planned: Planned, effort: Effort | None, reason: str = "") -> None:
        """Its plan file is written; without effort it is a fallback, for this reason."""
        self.state, self.effort, self.result, self.reason = (
            "planned" if effort else "fallback",
            effort,
            planned.result,
            reason,
        )
        self.lost_next_day = planned.lost_next_day
        self.changes = planned.changes

    def count(self, planned: Planned) -> None:
        """Book what a task took."""
        self.cpu_seconds += planned.cpu_seconds
        self.solver_seconds += planned.solver_seconds

    def wants_more(self, gap: float) -> bool:
        """Has only the quick pass looked at it, and is the gap not proven?"""
        return self.effort == "quick" and self.result is not None and not self.result.proves(gap)

    def resume(self, file: PlanFile | None, gap: float) -> None:
        """Go on from its plan file, if that was made for the same night, options and versions, and is as written."""
        if file is not None and not is_as_sealed(file):
            self.was_changed = True
            return
        effort = next((effort for effort, key in self.keys.items() if file is not None and file.key == key), None)
        if file is None or effort is None or [one.station for one in file.stations] != [self.station]:
            return
        self.state, self.effort, self.result = "planned", effort, file.stations[0].result
        self.changes = file.stations[0].as_changes
        self.is_resumed = not self.wants_more(gap)

    def as_row(self, folder: RunFolder) -> StationRow:
        """The row of stations.csv."""
        result = self.result
        return StationRow(
            place=self.place,
            station=self.station or "",
            file=folder.plan_file(self.id) if result else "",
            status=result.status if result else self.state,
            method=result.method if result else "",
            effort=self.effort or "",
            objective=result.objective if result else None,
            bound=result.bound if result else None,
            gap=result.gap if result else None,
            gross_cost=result.gross_cost if result else None,
            baseline_objective=result.baseline_objective if result else None,
            swaps_served=result.swaps_served if result else None,
            swaps_lost=result.swaps_lost if result else None,
            resumed=int(self.is_resumed),
            cpu_seconds=round(self.cpu_seconds, 4),
            solver_seconds=round(self.solver_seconds, 4),
            reason=self.reason,
            **savings_columns(result.savings if result else None),
            stays_charged=result.charging.stays_charged if result else None,
            starts=result.charging.starts if result else None,
        )


def unread_stations(network: NetworkFile) -> list[StationProgress]:
    """Each station, in the file's order: open, and nothing but its name known."""
    return [
        StationProgress(index, network.place(index), network.station_id(index))
        for index in range(len(network.stations))
    ]


def read_station(
    network: NetworkFile, context: RunContext, folder: RunFolder, index: int, wrong_id: str | None
) -> StationProgress:
    """A broken station as failed, a finished one as it stands on disk; `wrong_id` as in NetworkFile.wrong_ids."""
    station = StationProgress(index, network.place(index), network.station_id(index))
    try:
        document, night = network.station(index)
    except InputErrors as error:
        station.fail("\n".join([str(error), *([wrong_id] if wrong_id else [])]))
        return station
    if wrong_id:
        station.fail(wrong_id)
        return station
    station.doubts = tuple(night_doubts(document, night, network.shared.reader, network.currency, station.place))
    station.keys = context.keys(night)
    station.resume(folder.read_plan(station.id), context.options.gap)
    return station
