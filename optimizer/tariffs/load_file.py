"""A load in a file of any kind: power or energy at equal steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData
from models.rules import LARGEST
from models.tariff.bill import Load
from models.tariff.billing_year import Month
from optimizer.files.errors import InputErrors
from optimizer.tables.read_series import TimeSeries, read_series
from optimizer.tables.reading import AS_FOUND, Reading, described_rows, understood, wrong_cell
from optimizer.tables.steps import equal_steps
from optimizer.tables.unit_words import KW_OF, KWH_OF, LOAD

KILOWATTS = "kW"  # where neither user nor file says a unit


@dataclass(frozen=True)
class LoadFile:
    """A load and its description for the user, for start, step and unit are what users get wrong most; notes on how
    the file was understood where it is not plain."""

    load: Load
    description: str
    notes: tuple[str, ...] = ()


def parse_load(data: bytes, file: str, how: Reading = AS_FOUND, unit: str | None = None) -> LoadFile:
    """The load in a file: an export of a meter in any layout that `read_series` reads. Raises InputErrors.

    `unit`: of KW_OF or KWH_OF; None is that which the column's name says, kW where it says none.
    """
    try:
        series = read_series(data, file, LOAD, how)
        series.refuse_missing()
        _check_values(series)
        steps = equal_steps(series.rows, series.place, gap_remedy=series.gap_remedy)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    unit, told = _unit(series, unit)
    factor = KW_OF[unit] if unit in KW_OF else KWH_OF[unit] * 60 / steps.minutes
    load = Load(steps.start, steps.minutes, tuple(value * factor for value in steps.values))
    described = f"{described_rows(series.rows, steps.minutes, len(series.rows))}, read as {unit}{told}"
    return LoadFile(load, described, understood(series.notes))


def _unit(series: TimeSeries, unit: str | None) -> tuple[str, str]:
    """The unit of the values, and where it is from, if that is not plain."""
    of_file = series.unit.name if series.unit else None
    if unit is None:
        return of_file or KILOWATTS, ", as its column says" if of_file not in (None, KILOWATTS) else ""
    return unit, f", though its column says {of_file}" if of_file not in (None, unit) else ""


def _check_values(series: TimeSeries) -> None:
    for row in series.rows:
        if row.value < 0:
            rule, remedy = "must not be negative: what is fed into the grid is not billed", "write 0, or take the load"
            raise wrong_cell(series.value_place(row.line), row.value, rule, remedy)
        if row.value > LARGEST:
            raise wrong_cell(
                series.value_place(row.line), row.value, f"must be at most {LARGEST:g}", "look for a wrong unit"
            )


def in_months(load: Load, zone: ZoneInfo, first: Month, last: Month) -> Load:
    """The steps of a load that begin in local months from `first` to `last`; perhaps none."""
    return part(
        load, _steps_until(load, month_start(first, zone)), _steps_until(load, month_start(month_after(last), zone))
    )


def before_month(load: Load, zone: ZoneInfo, month: Month) -> Load:
    """The steps of a load that begin before a local month."""
    return part(load, 0, _steps_until(load, month_start(month, zone)))


def _steps_until(load: Load, end: datetime) -> int:
    return max(0, -((load.start - end) // timedelta(minutes=load.step_minutes)))


def part(load: Load, low: int, high: int) -> Load:
    """Steps `low` … `high` − 1."""
    start = load.start + timedelta(minutes=low * load.step_minutes)
    return Load(start, load.step_minutes, load.kw[low:high])


def month_start(month: Month, zone: ZoneInfo) -> datetime:
    """The instant at which a local month begins."""
    return datetime(*month, 1, tzinfo=zone)


def month_after(month: Month) -> Month:
    """The next month."""
    year, of_year = month
    return (year + of_year // 12, of_year % 12 + 1)
