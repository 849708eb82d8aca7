"""The forecast file, version 1, as it is written: names, units and types of every key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from optimizer.formats.document_types import Document, Name, Whole
from optimizer.formats.instance_document import HorizonDocument, SpreadDocument
from optimizer.formats.json_schema import DIALECT


class ForecastEntryDocument(Document, frozen=True, kw_only=True):
    """Expected drivers of one pack type, by the keys of an instance's forecast; costs are the instance's affair."""

    id: Annotated[Name, Meta(description="name of the forecast: station, and type where the history has types")]
    type: Annotated[Name | None, Meta(description="pack type; null: the history names none")]
    expected_per_slot: Annotated[tuple[float, ...], Meta(description="expected swaps in each slot")]
    returned_soc: Annotated[
        tuple[float, ...], Meta(description="equally likely states of charge that come back; []: the history has none")
    ]
    spread: Annotated[SpreadDocument, Meta(description="how far days spread around it")]


class QualityDocument(Document, frozen=True, kw_only=True):
    """How good the forecast is on days that were left out in turn."""

    days: Annotated[Whole, Meta(description="days that were left out, one after the other")]
    hourly_error: Annotated[float, Meta(description="mean |drivers - expected| of an hour")]
    hourly_floor: Annotated[
        float, Meta(description="the same, were the expectation certain and drivers independent (Poisson)")
    ]
    daily_error: Annotated[float, Meta(description="mean |drivers - expected| of a day")]
    days_below: Annotated[
        tuple[float, float, float], Meta(description="shares of days below the quantiles of 10, 50 and 90 %")
    ]
    hours_below: Annotated[tuple[float, float, float], Meta(description="shares of hours below them")]
    crps_day: Annotated[float, Meta(description="continuous ranked probability score of a day, in drivers")]
    crps_day_poisson: Annotated[float, Meta(description="the same without spread")]
    crps_hour: Annotated[float, Meta(description="that of an hour")]


class LeftOutDocument(Document, frozen=True, kw_only=True):
    """A day that nothing was learnt from."""

    date: Annotated[str, Meta(description="local date")]
    reason: Annotated[str, Meta(description="why, in words")]


class StationForecastDocument(Document, frozen=True, kw_only=True):
    """A station's forecast and what it was learnt from."""

    station: Annotated[Name, Meta(description="name of the station")]
    first_day: Annotated[str, Meta(description="first local date that was learnt from")]
    last_day: Annotated[str, Meta(description="last local date that was learnt from")]
    days: Annotated[Whole, Meta(description="days that were learnt from")]
    swaps: Annotated[Whole, Meta(description="swaps of these days")]
    left_out: Annotated[tuple[LeftOutDocument, ...], Meta(description="days that were not, and why")]
    learnt: Annotated[tuple[str, ...], Meta(description="what was learnt beyond a level and a profile, in words")]
    forecast: Annotated[tuple[ForecastEntryDocument, ...], Meta(description="one entry for each pack type")]
    quality: Annotated[QualityDocument, Meta(description="how good it is on days left out")]


class ForecastFileDocument(Document, frozen=True, kw_only=True):
    """A whole forecast file."""

    format: Annotated[Literal["swapcharge-forecast"], Meta(description='the text "swapcharge-forecast"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    horizon: Annotated[HorizonDocument, Meta(description="the slots that are forecast")]
    holidays: Annotated[tuple[str, ...], Meta(description="local dates that count as holidays")]
    stations: Annotated[tuple[StationForecastDocument, ...], Meta(description="the stations")]
    notes: Annotated[tuple[str, ...], Meta(description="what was found in the history")]


def forecast_schema() -> dict[str, Any]:
    """The JSON Schema of forecast files, version 1."""
    title = "swapcharge forecast, version 1"
    schema = {"$schema": DIALECT, "title": title, **msgspec.json.schema(ForecastFileDocument)}
    return dict(msgspec.json.decode(msgspec.json.encode(schema)))
