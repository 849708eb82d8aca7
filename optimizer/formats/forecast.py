"""Expected swaps become whole swaps: the cumulative expectation is rounded, so no demand appears or vanishes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import number_in, series, share_of_capacity
from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.swap import MOST_PACKS, Swap
from optimizer.formats.document_types import CsvSeries, Series
from optimizer.formats.instance_document import ForecastDocument, SpreadDocument
from optimizer.formats.series_reader import COUNT_UNITS, SeriesReader

MAX_SWAPS = 10_000  # of one forecast: more than one a minute for a week
PER_SLOT, HOURLY = "expected_per_slot", "expected_per_hour"
NOISE_DIGITS = 9  # ten times 0.1 adds up to less than 1: rounded here, no swap is lost to that


@dataclass(frozen=True)
class Forecast:
    """What one forecast of a file says, and the swaps `<id>-1`, `<id>-2`, ... that stand for it, in order of time."""

    expected: ExpectedSwaps
    swaps: tuple[Swap, ...]


def read_forecast(document: ForecastDocument, reader: SeriesReader) -> Forecast:
    """The forecast, its expected drivers as whole swaps. Raises InvalidData, places relative to the forecast."""
    refuse(_value_problems(document))
    cumulative = _cumulative(document, reader)
    expected = _expected(document, cumulative)
    before = document.expected_before
    slots = [slot for slot, count in enumerate(whole_swaps(cumulative, before)) for _ in range(count)]
    first = whole_swaps([before])[0]
    in_turn = itertools.islice(itertools.cycle(expected.returned_soc or (None,)), first, None)
    swaps = (
        Swap(
            f"{document.id}-{n}", slot, document.type, soc, document.lost_cost, document.swap_soc,
            packs=document.packs, must_serve=document.must_serve, forecast=document.id,
        )
        for n, (slot, soc) in enumerate(zip(slots, in_turn, strict=False), start=first + 1)
    )  # fmt: skip
    return Forecast(expected, tuple(swaps))


def _expected(document: ForecastDocument, cumulative: Sequence[float]) -> ExpectedSwaps:
    returned, given = document.returned_soc, document.spread
    return ExpectedSwaps(
        id=document.id,
        type=document.type,
        mean_per_slot=tuple(total - before for total, before in zip(cumulative, [0.0, *cumulative], strict=False)),
        returned_soc=returned if isinstance(returned, tuple) else () if returned is None else (returned,),
        lost_cost=document.lost_cost,
        swap_soc=document.swap_soc,
        packs=document.packs,
        must_serve=document.must_serve,
        spread=_spread(given) if given is not None else None,
        scenarios=document.scenarios,
        mean_before=document.expected_before,
    )


def _spread(given: SpreadDocument) -> Spread:
    try:
        return Spread(given.day_sd, given.dispersion, given.returned_soc_sd)
    except InvalidData as error:
        raise InvalidData(problem.inside("spread") for problem in error.problems) from None


def whole_swaps(cumulative: Sequence[float], before: float = 0.0) -> list[int]:
    """Swaps in each slot: floor(C_t + 0.5) − floor(C_{t−1} + 0.5), C being the expectation up to a slot's end.

    `before`: the expectation up to the first slot.
    """
    totals = [math.floor(round(before + expected, NOISE_DIGITS) + 0.5) for expected in (0.0, *cumulative)]
    first = totals[0] if before else 0
    return [total - last for total, last in zip(totals[1:], [first, *totals[1:]], strict=False)]


def _value_problems(document: ForecastDocument) -> Iterator[Problem]:
    """What is wrong with the numbers that all swaps share, reported even where the forecast yields none."""
    yield from number_in("lost_cost", document.lost_cost, 0)
    yield from number_in("packs", document.packs, 1, MOST_PACKS)
    yield from number_in("expected_before", document.expected_before, 0, MAX_SWAPS)
    if document.swap_soc is not None:
        yield from share_of_capacity("swap_soc", document.swap_soc)
    if isinstance(document.returned_soc, tuple):
        if not document.returned_soc:
            yield Problem("returned_soc", [], "must hold at least one value", "write null if nothing comes back")
        for index, soc in enumerate(document.returned_soc):
            yield from share_of_capacity(f"returned_soc[{index}]", soc)
    elif document.returned_soc is not None:
        yield from share_of_capacity("returned_soc", document.returned_soc)
    given = sum((document.expected_per_slot is not None, document.expected_per_hour is not None))
    if given + bool(document.scenarios) != 1:
        yield Problem(
            "", document.id, "needs either expected_per_slot, expected_per_hour or scenarios",
            "give the one that fits and leave the others out",
        )  # fmt: skip


def _cumulative(document: ForecastDocument, reader: SeriesReader) -> list[float]:
    """Expected swaps from the start to the end of each slot."""
    per_slot, per_hour = document.expected_per_slot, document.expected_per_hour
    if document.scenarios:
        name, cumulative = "scenarios", list(accumulate(_mean_of_scenarios(document, reader.horizon)))
    elif per_slot is not None:
        name, cumulative = PER_SLOT, list(accumulate(_on_slots(PER_SLOT, per_slot, reader)))
    elif isinstance(per_hour, CsvSeries):
        hours = reader.horizon.slot_hours
        name, cumulative = HOURLY, list(accumulate(mean * hours for mean in _on_slots(HOURLY, per_hour, reader)))
    else:
        name, cumulative = HOURLY, _from_hours(0.0 if per_hour is None else per_hour, reader.horizon)
    if cumulative[-1] > MAX_SWAPS:
        rule = f"must not expect more than {MAX_SWAPS} swaps in all"
        raise InvalidData([Problem(name, f"{cumulative[-1]:g} swaps", rule, "correct the numbers or their unit")])
    return cumulative


def _mean_of_scenarios(document: ForecastDocument, horizon: Horizon) -> list[float]:
    refuse(_scenario_problems(document, horizon.slots))
    days = document.scenarios
    return [sum(slot) / len(days) for slot in zip(*days, strict=True)]


def _scenario_problems(document: ForecastDocument, slots: int) -> Iterator[Problem]:
    for index, day in enumerate(document.scenarios):
        yield from series(f"scenarios[{index}]", day, slots, 0)
        if sum(day) > MAX_SWAPS:
            rule = f"must not have more than {MAX_SWAPS} swaps in all"
            yield Problem(f"scenarios[{index}]", f"{sum(day)} swaps", rule, "correct the numbers")


def _on_slots(name: str, expected: Series, reader: SeriesReader) -> tuple[float, ...]:
    try:
        values = reader.values(expected, COUNT_UNITS)
    except InvalidData as error:
        raise InvalidData(problem.inside(name) for problem in error.problems) from None
    found = series(name, values, reader.horizon.slots, 0)
    refuse(reader.in_file(problem, name, expected, COUNT_UNITS) for problem in found)
    return values


def _from_hours(expected: float | tuple[float, ...], horizon: Horizon) -> list[float]:
    """An hour's swaps are spread evenly over it, whatever the length of a slot."""
    hours = math.ceil(horizon.slots * horizon.slot_minutes / 60)
    values = expected if isinstance(expected, tuple) else (expected,) * hours
    refuse(_hour_problems(expected, values, hours))
    whole_hours, rates = [0.0, *accumulate(values)], [*values, 0.0]
    ends = [divmod(slot * horizon.slot_minutes, 60) for slot in range(1, horizon.slots + 1)]
    return [whole_hours[hour] + rates[hour] * minutes / 60 for hour, minutes in ends]


def _hour_problems(expected: object, values: Sequence[float], hours: int) -> Iterator[Problem]:
    if len(values) != hours:
        yield Problem(
            HOURLY, f"{len(values)} values", f"must have one value for each of the {hours} hours of the horizon",
            "give one number for all hours, or as many values as hours",
        )  # fmt: skip
    for index, value in enumerate(values if isinstance(expected, tuple) else values[:1]):
        yield from number_in(f"{HOURLY}[{index}]" if isinstance(expected, tuple) else HOURLY, value, 0)
