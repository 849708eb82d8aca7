"""What a report takes from the folder of a run: its summary and its rows, as typed data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from models.errors import InvalidData, Problem
from models.station.cost import Cost
from optimizer.files.csv_table import read_table
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.plan_document import CostDocument
from optimizer.runs.folder import ROWS, RUN, SUMMARY


class Horizon(msgspec.Struct, frozen=True):
    """When the run's night is, as its summary tells it: local stamps."""

    start: str
    end: str
    time_zone: str


class Proven(msgspec.Struct, frozen=True):
    """The part of the network of which something is proven."""

    stations: int
    objective: float
    bound: float
    gap: float | None


class WithoutPlan(msgspec.Struct, frozen=True):
    """A station that went wrong, and why."""

    station: str | None
    reason: str
    place: str = ""


class Summary(msgspec.Struct, frozen=True):
    """What reports take from summary.json; other keys are not their concern. Money is in `currency`."""

    format: Literal["swapcharge-run"]
    version: Literal[1]
    status: str
    name: str
    currency: str
    network: str
    horizon: Horizon
    stations: int
    planned: int
    fallback: int
    failed: int
    open: int
    swaps_served: int
    swaps_lost: int
    objective: float
    gross_cost: float
    baseline_objective: float
    bound: float | None
    gap: float | None
    proven: Proven
    cost: CostDocument
    wall_seconds: float
    versions: dict[str, str]
    fallback_stations: tuple[WithoutPlan, ...]
    failed_stations: tuple[WithoutPlan, ...]
    problems: tuple[str, ...]

    def total(self) -> Cost:
        """The cost of all plans together."""
        return Cost(**msgspec.structs.asdict(self.cost))


@dataclass(frozen=True)
class StationRow:
    """One row of stations.csv; money in the run's currency, None where there is none.

    `place` is where the station stands in the network's file, `file` its plan, "" where there is none.
    """

    place: str
    station: str
    file: str
    status: str
    method: str
    objective: float | None
    bound: float | None
    gap: float | None
    gross_cost: float | None
    baseline_objective: float | None
    swaps_served: int | None
    swaps_lost: int | None
    cpu_seconds: float | None
    reason: str

    @property
    def name(self) -> str:
        """What the station is called, or where it stands if it has no name."""
        return self.station or self.place

    @property
    def gap_money(self) -> float | None:
        """How far the plan may be from the best possible."""
        return None if self.objective is None or self.bound is None else max(0.0, self.objective - self.bound)

    @property
    def saving(self) -> float | None:
        """Against charging on arrival."""
        if self.objective is None or self.baseline_objective is None:
            return None
        return self.baseline_objective - self.objective


def read_summary(run: Path) -> Summary:
    """The run's summary. Raises InputErrors where there is none that can be read."""
    path = run / SUMMARY
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except FileNotFoundError:
        rule = f"is a folder without {SUMMARY} or study.json"
        remedy = "name a plan file, or the folder of a run of nightly or of a study"
        raise InputErrors(str(run), [Problem("", ABSENT, rule, remedy)]) from None
    except OSError as error:
        rule, remedy = f"cannot be read ({error.strerror or error})", "check its permissions"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        rule, remedy = f"is no summary of a run ({error})", RUN.again
    raise InputErrors(str(path), [Problem("", ABSENT, rule, remedy)])


def read_station_rows(run: Path) -> list[StationRow]:
    """The run's stations, in the network's order. Raises InputErrors with every problem of stations.csv."""
    try:
        return read_table(run / ROWS, StationRow, RUN)
    except InvalidData as error:
        raise InputErrors(str(run), error.problems) from None
