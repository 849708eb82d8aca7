"""alarms.json as it is written, and what its values mean: nothing here needs a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import Document, Whole
from optimizer.runs.summary import RunStatus

FORMAT: Literal["swapcharge-alarms"] = "swapcharge-alarms"
Number = Annotated[float | None, Meta(description="the value; null: nothing is proven, which is more than any limit")]


class AlarmStationDocument(Document, frozen=True, kw_only=True):
    """A station that a condition concerns."""

    station: Annotated[str, Meta(description="id of the station, or where it stands in the network's file")]
    value: Number
    limit: Annotated[float, Meta(description="the condition's limit")]


class ConditionDocument(Document, frozen=True, kw_only=True):
    """A condition that was asked for."""

    condition: Annotated[str, Meta(description="as it was asked for")]
    name: Annotated[str, Meta(description="name of the value")]
    comparison: Annotated[Literal[">", ">=", "<", "<=", "="], Meta(description="how value and limit are compared")]
    limit: Annotated[float, Meta(description="what the value is compared with")]
    value: Number
    met: Annotated[bool, Meta(description="does the condition hold: is there an alarm")]
    stations: Annotated[
        tuple[AlarmStationDocument, ...],
        Meta(description="stations that have a part in a count, or that meet the condition by themselves; worst first"),
    ]


class AlarmsDocument(Document, frozen=True, kw_only=True):
    """A whole alarms file."""

    format: Annotated[Literal["swapcharge-alarms"], Meta(description='the text "swapcharge-alarms"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    name: Annotated[str, Meta(description="name of the network")]
    start: Annotated[str, Meta(description="instant at which its horizon begins")]
    status: Annotated[RunStatus, Meta(description="of the run: running, done, time_limit or interrupted")]
    stations: Annotated[Whole, Meta(description="number of stations")]
    met: Annotated[bool, Meta(description="is any condition met")]
    conditions: Annotated[tuple[ConditionDocument, ...], Meta(description="those that were asked for, in their order")]
    values: Annotated[
        dict[str, Number], Meta(description="every value that a condition may be on, by name, asked for or not")
    ]


@dataclass(frozen=True)
class ValueMeaning:
    """What a value is, in words. `is_share`: it may be asked for in per cent; `is_yes_or_no`: a station has all of it
    or nothing."""

    words: str
    is_share: bool = False
    is_yes_or_no: bool = False


MEANINGS = {
    "lost": ValueMeaning("drivers lost"),
    "lost_share": ValueMeaning("drivers lost, as a share of all", is_share=True),
    "must_serve_lost": ValueMeaning("drivers lost who must be served"),
    "fallback": ValueMeaning("stations with a plan without optimisation", is_yes_or_no=True),
    "failed": ValueMeaning("stations that failed and have no plan", is_yes_or_no=True),
    "open": ValueMeaning("stations that the time was too short for", is_yes_or_no=True),
    "late": ValueMeaning("stations that a time limit cut short", is_yes_or_no=True),
    "unproven": ValueMeaning("stations of whose plan nothing is proven", is_yes_or_no=True),
    "gap": ValueMeaning("proven gap of all plans together", is_share=True),
    "gap_max": ValueMeaning("largest proven gap of a station", is_share=True),
}
