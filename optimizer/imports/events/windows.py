"""What events ask for, as windows in time: a limit in kW or a price of a kWh, from when to when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from optimizer.files.errors import ABSENT
from optimizer.imports.events.document import OadrInterval, OadrPeriod, PlacedEvent
from optimizer.imports.events.durations import NOTHING, Duration, duration_of, start_of
from optimizer.imports.events.payloads import AskedValues

MOST_SHIFT = timedelta(days=1)
MOST_WINDOWS = 100_000

T = TypeVar("T")


@dataclass(frozen=True)
class EventSpan:
    """An interval of an event: its number, begin and end, and how far its start may be shifted."""

    index: int
    begin: datetime
    end: datetime
    shift: timedelta = timedelta(0)


@dataclass(frozen=True)
class EventWindow:
    """What an event asks for in a window within the horizon. `priority`: the lower, the more it counts; None: least.

    `begin` to `end` is where it holds; `shift`: how far the start may be shifted.
    """

    event: PlacedEvent
    place: str
    asked: AskedValues
    begin: datetime
    end: datetime
    shift: timedelta


def windows_of(event: PlacedEvent, asked: Sequence[Sequence[AskedValues]], horizon: Horizon) -> list[EventWindow]:
    """The windows of an event that touch the horizon. `asked`: by interval. Raises InvalidData, places in the file."""
    found = []
    for span in _repeated(event, _spans(event, horizon), horizon):
        for one in asked[span.index]:
            place = f"{event.place}.intervals[{span.index}]"
            part = (span.end - span.begin) / len(one.values)
            for number, value in enumerate(one.values):
                begin = span.begin + number * part
                end = span.end if number == len(one.values) - 1 else begin + part
                window = EventWindow(event, place, replace(one, values=(value,)), begin, end, span.shift)
                if end + span.shift > horizon.start and begin - span.shift < horizon.end and begin < end:
                    found.append(window)
    return found


def _spans(event: PlacedEvent, horizon: Horizon) -> list[EventSpan]:
    """The intervals one after the other, endless ones until the horizon's end."""
    usual = event.event.period or OadrPeriod()
    before: datetime | None = None
    shift = timedelta(0)
    found: list[EventSpan] = []
    for index, interval in enumerate(event.event.intervals):
        own, place = interval.period or OadrPeriod(), f"{event.place}.intervals[{index}].intervalPeriod"
        duration = _duration(event, own, usual, place)
        if own.randomize_start or index == 0:
            shift = _shift(own.randomize_start or usual.randomize_start, place)
        begin = _begin(event, interval, before, duration, horizon, place)
        end = _at(f"{place}.duration", lambda d=duration, b=begin: d.after(b)) or max(begin, horizon.end)  # type: ignore[misc]
        before = end
        found.append(EventSpan(index, begin, end, shift))
    return found


def _duration(event: PlacedEvent, own: OadrPeriod, usual: OadrPeriod, place: str) -> Duration:
    if own.duration is not None:
        text = own.duration
        return _at(f"{place}.duration", lambda: duration_of(text))
    if usual.duration is not None:
        text = usual.duration
        return _at(f"{event.place}.intervalPeriod.duration", lambda: duration_of(text))
    rule, remedy = "must be given, here or for the event", "write it like PT1H"
    raise InvalidData([Problem(f"{place}.duration", ABSENT, rule, remedy)])


def _shift(text: str | None, place: str) -> timedelta:
    found = NOTHING if text is None else _at(f"{place}.randomizeStart", lambda: duration_of(text))
    if found.months or found.is_endless or found.rest > MOST_SHIFT:
        rule, remedy = "must be at most a day", "write it like PT5M"
        raise InvalidData([Problem(f"{place}.randomizeStart", text, rule, remedy)])
    return found.rest


def _begin(
    event: PlacedEvent,
    interval: OadrInterval,
    before: datetime | None,
    duration: Duration,
    horizon: Horizon,
    place: str,
) -> datetime:
    """When an interval begins: as it says, after the one before, or, for the first, with the event."""
    own = interval.period.start if interval.period else None
    at = None if own is None else _at(f"{place}.start", lambda: start_of(own))
    if at is not None:
        return at
    if before is not None:
        return before
    usual = event.event.period.start if event.event.period else None
    usual_place = f"{event.place}.intervalPeriod.start"
    at = None if usual is None else _at(usual_place, lambda: start_of(usual))
    if at is not None:
        return at
    if own is None and usual is None:
        rule, remedy = "must be given, here or for the first interval", "write it like 2025-01-15T18:00:00Z"
        raise InvalidData([Problem(usual_place, ABSENT, rule, remedy)])
    if duration.is_endless or duration.is_nothing:
        return horizon.start
    rule = "begins when the event is received, which no file tells"
    raise InvalidData([Problem(usual_place, own or usual, rule, "write the instant at which it begins")])


def _repeated(event: PlacedEvent, spans: Sequence[EventSpan], horizon: Horizon) -> Iterator[EventSpan]:
    """The intervals as often as the event's own duration has them, as far as the horizon goes, cut off at its end."""
    if not spans:
        return
    first, last = min(span.begin for span in spans), max(span.end for span in spans)
    text, length = event.event.duration, last - first
    if text is None or length <= timedelta(0):
        yield from spans
        return
    whole = _at(f"{event.place}.duration", lambda: duration_of(text))
    until = min(_at(f"{event.place}.duration", lambda: whole.after(first)) or horizon.end, horizon.end)
    margin = max(span.shift for span in spans)
    if (until - max(first, horizon.start)) / length * len(spans) > MOST_WINDOWS:
        rule = f"repeats intervals more than {MOST_WINDOWS:,} times within the horizon"
        raise InvalidData([Problem(f"{event.place}.duration", text, rule, "correct the durations of the intervals")])
    round_ = max(0, (horizon.start - margin - last) // length + 1)
    while (offset := round_ * length) + first < until + margin:
        for span in spans:
            begin, end = span.begin + offset, min(span.end + offset, until)
            if begin < end:
                yield replace(span, begin=begin, end=end)
        round_ += 1


def _at(place: str, make: Callable[[], T]) -> T:
    """What `make` gives. Raises InvalidData at this place."""
    try:
        return make()
    except InvalidData as error:
        raise InvalidData(replace(problem, place=place) for problem in error.problems) from None
