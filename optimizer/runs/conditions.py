"""Conditions on a run, such as `lost>0`: what they are on, read from text, and whether they are met."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from models.errors import InvalidData, Problem, refuse
from models.station.cost import gap_between
from models.station.result import StationResult
from optimizer.files.errors import did_you_mean
from optimizer.runs.alarms_document import MEANINGS, ValueMeaning
from optimizer.runs.station_progress import State, StationProgress

Comparison = Literal[">", ">=", "<", "<=", "="]
COMPARISONS: dict[Comparison, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq,
}  # fmt: skip
CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|==|>|<|=)\s*(\d+(?:\.\d*)?|\.\d+)\s*(%?)\s*")
NAME = re.compile(r"\s*(\w+)")

Value = float | None
"""None: nothing is known or proven, which is worse than any number."""


@dataclass(frozen=True)
class Measure:
    """A value of a run that conditions may be on. `of_station`: its part, 0 or None where it has none; `of_run`: of all
    stations."""

    meaning: ValueMeaning
    of_station: Callable[[StationProgress], Value]
    of_run: Callable[[Sequence[StationProgress]], Value]

    @property
    def is_share(self) -> bool:
        """May it be asked for in per cent?"""
        return self.meaning.is_share

    @property
    def is_yes_or_no(self) -> bool:
        """Has a station all of it or nothing?"""
        return self.meaning.is_yes_or_no


@dataclass(frozen=True)
class Condition:
    """A condition as it was asked for, `text`."""

    text: str
    name: str
    comparison: Comparison
    limit: float

    def is_met(self, value: Value) -> bool:
        """Does it hold? A value that is not known is more than any limit."""
        return COMPARISONS[self.comparison](math.inf if value is None else value, self.limit)


def _state(state: State) -> Callable[[StationProgress], Value]:
    return lambda station: float(station.state == state)


def _of_result(value: Callable[[StationResult], Value]) -> Callable[[StationProgress], Value]:
    return lambda station: 0.0 if station.result is None else value(station.result)


def _sum(of_station: Callable[[StationProgress], Value]) -> Callable[[Sequence[StationProgress]], Value]:
    return lambda stations: sum(of_station(one) or 0.0 for one in stations)


def planned_gap(result: StationResult) -> Value:
    """The gap of what was planned, look-ahead included; None: nothing is proven."""
    return result.gap if result.far is None else result.far.gap


def _gap_of_run(stations: Sequence[StationProgress]) -> Value:
    results = [one.result if one.result.far is None else one.result.far for one in stations if one.result is not None]
    bounds = [one.bound for one in results if one.bound is not None]
    if len(bounds) < len(results):
        return None
    if not results:
        return 0.0
    return gap_between(sum(one.objective for one in results), sum(bounds), sum(one.gross_cost for one in results))


def _largest_gap(stations: Sequence[StationProgress]) -> Value:
    gaps = [planned_gap(one.result) for one in stations if one.result is not None]
    known = [gap for gap in gaps if gap is not None]
    return max(known, default=0.0) if len(known) == len(gaps) else None


def _lost_share(stations: Iterable[StationProgress]) -> Value:
    results = [one.result for one in stations if one.result is not None]
    lost = sum(one.swaps_lost for one in results)
    return lost / max(1, lost + sum(one.swaps_served for one in results))


def _is_late(station: StationProgress) -> Value:
    is_cut = station.result is not None and station.result.status == "time_limit"
    return float(is_cut or station.is_out_of_time)


def _counted(name: str, of_station: Callable[[StationProgress], Value]) -> Measure:
    return Measure(MEANINGS[name], of_station, _sum(of_station))


MEASURES = {
    "lost": _counted("lost", _of_result(lambda result: float(result.swaps_lost))),
    "lost_share": Measure(MEANINGS["lost_share"], lambda station: _lost_share([station]), _lost_share),
    "must_serve_lost": _counted("must_serve_lost", _of_result(lambda result: float(result.must_serve_lost))),
    "fallback": _counted("fallback", _state("fallback")),
    "failed": _counted("failed", _state("failed")),
    "open": _counted("open", _state("open")),
    "late": _counted("late", _is_late),
    "unproven": _counted("unproven", _of_result(lambda result: float(planned_gap(result) is None))),
    "gap": Measure(MEANINGS["gap"], _of_result(planned_gap), _gap_of_run),
    "gap_max": Measure(MEANINGS["gap_max"], _of_result(planned_gap), _largest_gap),
}


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """The conditions of a list such as `lost>0,gap>0.02`. Raises InvalidData with every one that is none."""
    problems, found = list[Problem](), list[Condition]()
    for part in text.split(","):
        try:
            found.append(_condition(part))
        except InvalidData as error:
            problems += error.problems
    refuse(problems)
    return tuple(found)


def _condition(text: str) -> Condition:
    match, name = CONDITION.fullmatch(text), NAME.match(text)
    if name is not None and name[1] not in MEASURES:
        remedy = did_you_mean(name[1], MEASURES, f"its values: {', '.join(MEASURES)}")
        raise InvalidData([Problem(text.strip(), name[1], "is no value of a run", remedy)])
    if match is None:
        rule = "is no condition"
        remedy = "write a name, a comparison and a number, as in 'lost>0', in quotes: a shell takes > for a file"
        raise InvalidData([Problem("", text.strip(), rule, remedy)])
    comparison: Comparison = next(one for one in COMPARISONS if one == match[2].replace("==", "="))
    limit = float(match[3])
    if match[4]:
        if not MEASURES[match[1]].is_share:
            raise InvalidData([Problem(text.strip(), match[3] + " %", "is a share of no count", "leave out the %")])
        limit /= 100
    return Condition(text.strip(), match[1], comparison, limit)
