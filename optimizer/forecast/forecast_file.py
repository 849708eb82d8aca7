"""Forecasts as a file and as JSON for programs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from models.horizon import Horizon
from optimizer.forecast.file_document import (
    ForecastEntryDocument,
    ForecastFileDocument,
    LeftOutDocument,
    QualityDocument,
    StationForecastDocument,
)
from optimizer.forecast.quality import Quality
from optimizer.forecast.station_forecast import StationForecast, TypeFit, minutes_of
from optimizer.forecast.words import learnt_words
from optimizer.formats.instance_document import HorizonDocument, SpreadDocument

DIGITS = 4


def forecast_document(
    forecasts: Sequence[StationForecast], horizon: Horizon, holidays: Collection[date], notes: Sequence[str]
) -> ForecastFileDocument:
    """The forecast file of a horizon."""
    minutes = minutes_of(horizon)
    return ForecastFileDocument(
        format="swapcharge-forecast",
        version=1,
        horizon=HorizonDocument(
            start=horizon.local_slot_start(0).isoformat(),
            time_zone=horizon.time_zone,
            slot_minutes=horizon.slot_minutes,
            slots=horizon.slots,
        ),
        holidays=tuple(str(day) for day in sorted(holidays)),
        stations=tuple(
            StationForecastDocument(
                station=one.station,
                first_day=str(one.days.dates[0]),
                last_day=str(one.days.dates[-1]),
                days=len(one.days.dates),
                swaps=int(one.days.counts.sum()),
                left_out=tuple(LeftOutDocument(date=str(day), reason=why) for day, why in one.days.left_out),
                learnt=learnt_words(one),
                forecast=tuple(_entry(one, fit, fit.mean_per_slot(horizon, minutes)) for fit in one.fits),
                quality=_quality(one.quality),
            )
            for one in forecasts
        ),
        notes=tuple(notes),
    )


def _entry(one: StationForecast, fit: TypeFit, mean: tuple[float, ...]) -> ForecastEntryDocument:
    spread = one.spread_for(fit)
    return ForecastEntryDocument(
        id=one.station if fit.type is None else f"{one.station} {fit.type}",
        type=fit.type,
        expected_per_slot=mean,
        returned_soc=fit.returned_soc,
        spread=SpreadDocument(
            day_sd=spread.day_sd, dispersion=spread.dispersion, returned_soc_sd=spread.returned_soc_sd
        ),
    )


def _quality(quality: Quality) -> QualityDocument:
    rounded: dict[str, Any] = {name: _rounded(value) for name, value in asdict(quality).items()}
    return QualityDocument(**rounded)


def _rounded(value: Any) -> Any:
    return tuple(map(_rounded, value)) if isinstance(value, tuple) else round(value, DIGITS)
