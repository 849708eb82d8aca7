"""The tables of a study's folder, read again as typed rows: every broken cell is told, the guard is off the names."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import TypeVar, get_type_hints

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT
from optimizer.studies.tables import BASELINE, PLAN

AGAIN = "run the same study command again"
SIDES = frozenset({PLAN, BASELINE})
MOST_PROBLEMS = 20  # told of one table: a broken one has thousands


@dataclass(frozen=True, slots=True)
class NightRow:
    """A row of nights.csv: a night of a station under one tariff; money in the study's currency."""

    variant: str
    station: str
    night: date
    tariff: str
    status: str
    method: str
    objective: float
    bound: float | None
    gap: float | None
    gross_cost: float
    baseline_gross_cost: float
    peak_kw: float
    baseline_peak_kw: float
    kwh: float
    swaps_served: int
    swaps_lost: int
    baseline_swaps_lost: int

    @property
    def gap_money(self) -> float | None:
        """How far the night's plan may be from its best possible."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A row of periods.csv: what a night drew in one price period, as planned and charging on arrival."""

    variant: str
    station: str
    night: date
    tariff: str
    period: str
    mean_price_per_kwh: float
    kwh: float
    baseline_kwh: float


@dataclass(frozen=True, slots=True)
class BillRow:
    """A row of bills.csv. `rate` is None where it is stepped or a market's; `month` is "2026-07", of a year "2026"."""

    variant: str
    station: str
    tariff: str
    side: str
    month: str
    kind: str
    name: str
    quantity: float
    unit: str
    rate: float | None
    amount: float


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A row of profiles.csv: the mean day of a station at one time of the local clock."""

    variant: str
    station: str
    tariff: str
    local_time: time
    mean_price_per_kwh: float
    mean_kw: float
    baseline_mean_kw: float


T = TypeVar("T")
Known = Mapping[str, Collection[str]]


def _number(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(cell)
    return value


def _number_or_none(cell: str) -> float | None:
    return _number(cell) if cell else None


def _unguarded(cell: str) -> str:
    return cell.removeprefix("'")


READERS: Mapping[object, tuple[Callable[[str], object], str]] = {
    str: (_unguarded, "must be text"),
    int: (int, "must be a whole number"),
    float: (_number, "must be a number"),
    float | None: (_number_or_none, "must be a number, or empty"),
    date: (date.fromisoformat, "must be a date such as 2026-07-01"),
    time: (time.fromisoformat, "must be a time such as 18:15"),
}


def read_table(path: Path, kind: type[T], known: Known) -> list[T]:
    """The rows of a table; columns that `kind` has no field for are passed over.

    `known` names by column the values that may stand there. Raises InvalidData with the problems of the table.
    """
    return list(_rows(path.name, _lines(path), kind, known))


def _lines(path: Path) -> list[list[str]]:
    """The cells of every line, the head first."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        raise InvalidData([Problem(path.name, ABSENT, "must be in the folder of a study", AGAIN)]) from None
    except OSError as error:
        rule, remedy = f"cannot be read ({error.strerror or error})", "check its permissions"
        raise InvalidData([Problem(path.name, ABSENT, rule, remedy)]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidData([Problem(path.name, ABSENT, f"is no CSV table ({error})", AGAIN)]) from None
    if not lines:
        raise InvalidData([Problem(path.name, ABSENT, "must have a line of column names", AGAIN)])
    return lines


def _rows(table: str, lines: Sequence[Sequence[str]], kind: type[T], known: Known) -> Iterator[T]:
    head, types = list(lines[0]), get_type_hints(kind)
    missing = [name for name in types if name not in head]
    refuse([Problem(f"{table}, line 1", name, "must be a column of the table", AGAIN) for name in missing])
    columns = [(name, head.index(name), *READERS[type_]) for name, type_ in types.items()]
    problems: list[Problem] = []
    for number, cells in enumerate(lines[1:], start=2):
        row, found = _row(f"{table}, line {number}", cells, columns, known)
        problems += found
        if not found:
            yield kind(*row)
    more = len(problems) - MOST_PROBLEMS
    told = [*problems[:MOST_PROBLEMS], *([Problem(table, more, "more cells are wrong", AGAIN)] if more > 0 else [])]
    refuse(told)


def _row(
    place: str, cells: Sequence[str], columns: Sequence[tuple[str, int, Callable[[str], object], str]], known: Known
) -> tuple[list[object], list[Problem]]:
    values: list[object] = []
    problems: list[Problem] = []
    for name, index, read, rule in columns:
        try:
            cell = cells[index]
            value = read(cell)
        except IndexError:
            return values, [Problem(place, ",".join(cells), "must have a cell for every column", AGAIN)]
        except ValueError:
            problems.append(Problem(f"{place}, {name}", cell, rule, AGAIN))
            continue
        values.append(value)
        if name in known and value not in known[name]:
            rule = "must be one that study.json names"
            problems.append(Problem(f"{place}, {name}", cell, rule, "keep the files of one study together"))
    return values, problems
