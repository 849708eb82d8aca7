"""Sparse, short and uneven histories are forecast or refused: no fault, no number that is none."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.forecast.file_document import QualityDocument
from optimizer.forecast.forecast_file import forecast_document
from optimizer.forecast.history import parse_history
from optimizer.forecast.learn import Wanted, chosen_rows, day_after, forecasts_of
from optimizer.forecast.words import forecast_text
from optimizer.reports.forecast import forecast_page

FIRST = datetime(2026, 3, 25, tzinfo=timezone(timedelta(hours=1)))  # four days before the clocks of Europe change
HOLIDAY = frozenset({date(2026, 3, 28)})


def odd_log(seed: int) -> str:
    draw = random.Random(seed)
    days, mean = draw.choice([6, 7, 9, 14, 20]), draw.choice([0.05, 0.3, 1, 3, 20])
    types, stations = draw.choice([[""], ["A"], ["A", "B", "C"]]), draw.choice([["x"], ["x", "y"]])
    lines = ["time,station,type,soc"]
    for station in stations:
        for day in range(days):
            swaps = int(draw.expovariate(1 / mean)) if draw.random() < 0.9 else int(20 * draw.random())
            for _ in range(swaps):
                second = draw.randrange(86400) if draw.random() < 0.7 else draw.choice([0, 86399, 43200])
                at = FIRST + timedelta(days=day, seconds=second)
                lines.append(f"{at.isoformat()},{station},{draw.choice(types)},{draw.choice([0, 0.2, 1, ''])}")
    return "\n".join(lines) + "\n"


def outcome(seed: int) -> str:
    """What came of the history; a forecast was looked at in every form."""
    try:
        history = parse_history(odd_log(seed).encode(), "h", None, datetime(2030, 1, 1, tzinfo=UTC))
        wanted = Wanted(ZoneInfo("Europe/Amsterdam"), holidays=HOLIDAY if seed % 3 else frozenset())
        rows = chosen_rows(history, wanted)
        found = forecasts_of(rows, wanted)
    except (InvalidData, InputErrors):
        return "refused"
    document = forecast_document(found, day_after(rows, wanted, 5), wanted.holidays, history.notes)
    assert document.horizon.slots in (480, 476)
    for station in document.stations:
        assert all(map(math.isfinite, _numbers(station.quality)))
        assert all(min(one.expected_per_slot) >= 0 < sum(one.expected_per_slot) for one in station.forecast)
    assert forecast_text(found, (), date(2026, 4, 14), 5) and forecast_page(found, document)
    return "forecast"


def _numbers(quality: QualityDocument) -> list[float]:
    return [quality.hourly_error, quality.crps_day, quality.crps_hour, *quality.days_below, *quality.hours_below]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_odd_histories_are_forecast_or_refused() -> None:
    outcomes = [outcome(seed) for seed in range(60)]
    assert {one: outcomes.count(one) > 10 for one in set(outcomes)} == {"forecast": True, "refused": True}
