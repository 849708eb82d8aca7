"""Fewer periods where a controller takes only so many: neighbours become one, as long as every rule still holds.

Neighbours before the same driver get their average, so that as much is charged before he comes; or the higher limit,
where a charger has no power between; or the later charging moves up to the earlier one. The least kWh are moved first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.errors import InvalidData, Problem
from optimizer.check.presence import PackStay
from optimizer.check.rules import check
from optimizer.setpoints.fit.limits import SECONDS_PER_HOUR, Period, limits_of, periods_of
from optimizer.setpoints.fit.station_limits import StationLimits

MOST_TRIES = 60  # candidates that are looked at for one merge
Candidate = tuple[float, tuple[Period, ...]]  # kWh that move, the periods of the bay then


def make_fewer(fit: StationLimits, most: int) -> None:
    """Have no bay more than `most` periods. Raises InvalidData where that would break a rule."""
    stays = fit.carried_out().stays.values()
    for bay in fit.by_bay:
        of_bay = [stay for stay in stays if stay.bay == bay]
        while len(periods := periods_of(fit.by_bay[bay])) > most:
            if not _merged(fit, bay, periods, of_bay):
                raise InvalidData([_refusal(fit, bay, len(periods), most)])
            fit.merged += 1


def _refusal(fit: StationLimits, bay: int, least: int, most: int) -> Problem:
    rule = f"periods are not made {most}: no two neighbours were found to merge that keep every rule of the plan"
    return Problem(f"bay {fit.night.station.bay_label(bay)}", least, rule, "allow more with --max-periods")


def _merged(fit: StationLimits, bay: int, periods: Sequence[Period], stays: Sequence[PackStay]) -> bool:
    """Make two or three periods one or two, the cheapest that keeps all rules. Was there any?"""
    before = fit.by_bay[bay]
    tried: set[tuple[Period, ...]] = set()
    for _, candidate in sorted(_candidates(fit, periods, stays))[:MOST_TRIES]:
        if candidate in tried:
            continue
        tried.add(candidate)
        fit.by_bay[bay] = list(limits_of(candidate, fit.night.horizon.slots, fit.slot_seconds))
        if not check(fit.night, fit.carried_out().schedule):
            return True
    fit.by_bay[bay] = before
    return False


def _candidates(fit: StationLimits, periods: Sequence[Period], stays: Sequence[PackStay]) -> Iterator[Candidate]:
    for index in range(len(periods) - 1):
        for count in (2, 3):
            some = periods[index : index + count]
            if len(some) == count and _before_one_driver(fit, some, stays):
                for kwh, instead in _instead(fit, some):
                    yield kwh, (*periods[:index], *instead, *periods[index + count :])


def _before_one_driver(fit: StationLimits, some: Sequence[Period], stays: Sequence[PackStay]) -> bool:
    begin, end = some[0].begin, some[-1].end
    return any(
        max(0, stay.charge_from) * fit.slot_seconds <= begin and end <= stay.leaves * fit.slot_seconds for stay in stays
    )


def _instead(fit: StationLimits, some: Sequence[Period]) -> Iterator[tuple[float, list[Period]]]:
    """What could stand there instead, and kWh that move by it."""
    first, last, chargers = some[0], some[-1], fit.night.station.chargers
    if len(some) == 3:
        if first.steps and last.steps and not some[1].steps:  # the later charging moves up
            until = first.end + last.end - last.begin
            steps = max(first.steps, last.steps)
            yield _kwh(fit, last.end - last.begin, last.steps), [
                Period(first.begin, until, steps), Period(until, last.end, 0)
            ]  # fmt: skip
        return
    seconds = last.end - first.begin
    charged = sum((one.end - one.begin) * one.steps for one in some)
    mean = -(-charged // seconds)
    if chargers.mode != "on_off" and mean * fit.step_kw >= chargers.min_kw:
        moved = sum((one.end - one.begin) * abs(one.steps - mean) for one in some) / 2
        yield _kwh(fit, 1, moved), [Period(first.begin, last.end, mean)]
    if first.steps and last.steps:
        most = max(first.steps, last.steps)
        yield _kwh(fit, 1, seconds * most - charged), [Period(first.begin, last.end, most)]


def _kwh(fit: StationLimits, seconds: int, steps: float) -> float:
    return seconds * steps * fit.step_kw / SECONDS_PER_HOUR
