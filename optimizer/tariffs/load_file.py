"""A load as a CSV file: power or energy at equal steps, each row's stamp the start of its step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from models.rules import LARGEST
from models.tariff.bill import Load
from models.tariff.series import Month
from optimizer.files.csv_text import header_of, line_place, text_of, wrong_line
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.stamped_csv import Columns, StampedRow, equal_steps, stamped_rows

KW_OF = {"kW": 1.0, "MW": 1000.0, "W": 0.001}
KWH_OF = {"kWh": 1.0, "MWh": 1000.0}
UNITS = (*KW_OF, *KWH_OF)


@dataclass(frozen=True)
class LoadFile:
    """A load and its description for the user, for start, step and unit are what users get wrong most."""

    load: Load
    description: str


def parse_load(data: bytes, file: str, columns: tuple[str | None, str | None], unit: str) -> LoadFile:
    """The load in CSV text. `columns`: names for stamps and values, None for the only ones. Raises InputErrors."""
    try:
        text = text_of(data)
        chosen = chosen_columns(header_of(text, line_place), *columns)
        rows = list(stamped_rows(text, file, chosen, line_place))
        _check_values(rows)
        steps = equal_steps(rows, line_place)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    factor = KW_OF[unit] if unit in KW_OF else KWH_OF[unit] * 60 / steps.minutes
    load = Load(steps.start, steps.minutes, tuple(value * factor for value in steps.values))
    return LoadFile(load, f"{described_rows(rows, steps.minutes, len(rows))}, read as {unit}")


def described_rows(rows: Sequence[StampedRow], minutes: int, count: int, zone: ZoneInfo | None = None) -> str:
    """The first and the last interval of `count`, their length, the least value and the most; stamps on `zone`'s clock,
    by default as written."""
    least, most = min(rows, key=lambda row: row.value), max(rows, key=lambda row: row.value)
    first, last, at_least, at_most = (
        row.at.astimezone(zone) if zone else row.at for row in (rows[0], rows[-1], least, most)
    )
    step = timedelta(minutes=minutes)
    return (
        f"first {interval_text(first, first + step)}, last {interval_text(last, last + step)}: "
        f"{count:,} intervals of {minutes} minutes, values {_short(rows[0].value)} … {_short(rows[-1].value)}, "
        f"least {_short(least.value)} at {_minute(at_least)}, most {_short(most.value)} at {_minute(at_most)}"
    )


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def interval_text(begin: datetime, end: datetime) -> str:
    """An interval for people."""
    return f"{begin.isoformat(timespec='minutes')}/{end:%H:%M}"


def _short(value: float) -> str:
    return f"{value:.6g}"


def chosen_columns(header: Sequence[str], time: str | None, value: str | None) -> Columns:
    """The columns named; those of a file with two are its first and second. Raises InvalidData."""
    if (time is None or value is None) and len(header) != 2:
        missing = (
            "--time-column and --value-column" if time is value else "--time-column" if value else "--value-column"
        )
        rule, remedy = f"has {len(header)} columns: say which to read", f"give {missing}; {_listed(header)}"
        raise InvalidData([Problem("", ABSENT, rule, remedy)])
    return Columns(time or header[0], value or header[1])


def _listed(header: Sequence[str]) -> str:
    return f"its columns: {', '.join(header) or 'none'}"


def _check_values(rows: Sequence[StampedRow]) -> None:
    for row in rows:
        if row.value < 0:
            rule, remedy = "must not be negative: what is fed into the grid is not billed", "write 0, or take the load"
            raise wrong_line(line_place(row.line), row.value, rule, remedy)
        if row.value > LARGEST:
            raise wrong_line(line_place(row.line), row.value, f"must be at most {LARGEST:g}", "look for a wrong unit")


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
