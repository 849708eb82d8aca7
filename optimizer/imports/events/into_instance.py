"""Events put into an instance file: grid limits of stations and prices of tariffs, as series of their slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.station.instance import Instance, Night
from models.station.overload import stated_kw
from optimizer.files.plain_text import counted, some_of
from optimizer.imports.events.document import EventFile, PlacedEvent
from optimizer.imports.events.payloads import LIMIT_KW, PRICE_PER_KWH, meaning_of
from optimizer.imports.events.slots import limits_kw, parts_of_slots, prices_per_kwh, slots_held, slots_touched
from optimizer.imports.events.targets import stations_of
from optimizer.imports.events.windows import EventWindow, windows_of

PRICE_KEYS = ("energy_periods", "base_price_per_kwh", "price_series")
"""Keys of a tariff in whose place a price for each slot stands."""


@dataclass(frozen=True)
class EventOptions:
    """What the user says: `stations`, none for all; members of groups by name; are prices added to the tariff's?"""

    stations: Sequence[str] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_added: bool = False


@dataclass(frozen=True)
class TakenWindow:
    """A window that was taken over, and the stations that it is for."""

    window: EventWindow
    stations: tuple[str, ...]


@dataclass(frozen=True)
class TakenEvents:
    """The new instance as plain JSON, what was taken over, and what is to be told."""

    plain: dict[str, Any]
    taken: tuple[TakenWindow, ...]
    notes: tuple[str, ...]


def with_events(plain: Mapping[str, Any], instance: Instance, file: EventFile, options: EventOptions) -> TakenEvents:
    """The instance's JSON with the limits and prices of events. `instance`: what it says now.

    Raises InvalidData with all that is not understood, places in the file of the events.
    """
    problems: list[Problem] = []
    notes = list(file.notes)
    taken: list[TakenWindow] = []
    for event in file.events:
        try:
            taken += _taken(event, instance, options, notes)
        except InvalidData as error:
            problems += error.problems
    refuse(problems)
    nights = {night.station.id: night for night in instance.nights}
    by_station: dict[str, list[EventWindow]] = {name: [] for name in nights}
    for one in taken:
        for name in one.stations:
            by_station[name].append(one.window)
    made = {**plain, "stations": [_limited(one, nights[one["id"]], by_station[one["id"]]) for one in plain["stations"]]}
    made |= _priced(made, nights, by_station, options)
    notes += _idle_limits(taken, nights)
    notes += _general_notes(taken, instance.nights[0].horizon, options)
    return TakenEvents(made, tuple(taken), tuple(notes))


def _taken(event: PlacedEvent, instance: Instance, options: EventOptions, notes: list[str]) -> list[TakenWindow]:
    horizon = instance.nights[0].horizon
    meaning = meaning_of(event, instance.currency)
    stations = stations_of(event, [night.station.id for night in instance.nights], options.groups, notes)
    stations = [one for one in stations if not options.stations or one in options.stations]
    windows = windows_of(event, meaning.by_interval, horizon)
    notes += meaning.notes
    if meaning.left_out:
        notes.append(f"{event.label}: without effect on a plan, left out: {', '.join(meaning.left_out)}")
    asked = sum(map(len, meaning.by_interval))
    if asked and not windows:
        notes.append(f"{event.label}: no part of it lies in the horizon, left out")
    if windows and not stations:
        notes.append(f"{event.label}: for none of the stations asked for, left out")
        return []
    return [TakenWindow(window, tuple(stations)) for window in windows]


def _limited(station: Mapping[str, Any], night: Night, windows: Sequence[EventWindow]) -> dict[str, Any]:
    limits = [window for window in windows if window.asked.kind == LIMIT_KW]
    if not limits:
        return dict(station)
    return {**station, "grid_limit_kw": limits_kw(stated_kw(night.station), limits, night.horizon)}


def _priced(
    plain: Mapping[str, Any],
    nights: Mapping[str, Night],
    by_station: Mapping[str, Sequence[EventWindow]],
    options: EventOptions,
) -> dict[str, Any]:
    """Tariffs and stations with the prices of events: a tariff changes where all of its stations have the same events;
    else those that have others get one of their own, named after it and the first of them."""
    users: dict[str, list[str]] = {}
    for station in plain["stations"]:
        users.setdefault(station["tariff"], []).append(station["id"])
    tariffs: list[dict[str, Any]] = []
    renamed: dict[str, str] = {}
    for tariff in plain["tariffs"]:
        alike = _alike(users.get(tariff["id"], []), by_station)
        if () in alike or not alike:
            tariffs.append(dict(tariff))
        for names in (names for key, names in alike.items() if key):
            new_id = tariff["id"] if len(alike) == 1 else f"{tariff['id']}, events of {names[0]}"
            windows = _price_windows(by_station[names[0]])
            tariffs.append(_with_prices(tariff, new_id, nights[names[0]], windows, options))
            renamed |= dict.fromkeys(names, new_id)
    stations = [{**one, "tariff": renamed.get(one["id"], one["tariff"])} for one in plain["stations"]]
    return {"tariffs": tariffs, "stations": stations}


def _price_windows(windows: Sequence[EventWindow]) -> list[EventWindow]:
    return [window for window in windows if window.asked.kind == PRICE_PER_KWH]


def _alike(names: Sequence[str], by_station: Mapping[str, Sequence[EventWindow]]) -> dict[tuple[int, ...], list[str]]:
    """Stations with the same prices of events, those without any under ()."""
    found: dict[tuple[int, ...], list[str]] = {}
    for name in names:
        found.setdefault(tuple(map(id, _price_windows(by_station[name]))), []).append(name)
    return found


def _with_prices(
    tariff: Mapping[str, Any], new_id: str, night: Night, windows: Sequence[EventWindow], options: EventOptions
) -> dict[str, Any]:
    own = night.tariff_series.price_per_kwh
    prices = prices_per_kwh(own, windows, night.horizon, is_added=options.is_added)
    kept = {key: value for key, value in tariff.items() if key not in PRICE_KEYS}
    return {**kept, "id": new_id, "energy_price_per_kwh": prices}


def _idle_limits(taken: Sequence[TakenWindow], nights: Mapping[str, Night]) -> Iterator[str]:
    """Limits that stations keep anyway."""
    for one in taken:
        window, horizon = one.window, nights[one.stations[0]].horizon
        if window.asked.kind == LIMIT_KW:
            slots, limit = slots_touched(window, horizon), window.asked.values[0]
            kept = [name for name in one.stations if all(stated_kw(nights[name].station)[t] <= limit for t in slots)]
            if kept:
                yield f"{window.place}: no lower than the grid limits of {some_of(kept)}"


def _general_notes(taken: Sequence[TakenWindow], horizon: Horizon, options: EventOptions) -> list[str]:
    notes = []
    windows = [one.window for one in taken]
    if any(window.asked.kind == PRICE_PER_KWH for window in windows):
        how = "are added to those of the tariff" if options.is_added else "take the place of the tariff's"
        notes.append(f"prices of events {how}")
    parts = sum(parts_of_slots(window, horizon) for window in windows if window.asked.kind == PRICE_PER_KWH)
    if parts:
        notes.append(f"prices that hold for a part of a slot are weighted by time: {counted(parts, 'slot')}")
    shifted = list(dict.fromkeys(window.event.label for window in windows if window.shift))
    if shifted:
        notes.append(f"{some_of(shifted)}: starts may be shifted; limits hold wherever they may, prices as stated")
    if taken and horizon.look_ahead_hours:
        notes.append("the hours beyond the horizon repeat the day, and its events")
    return notes


def slots_of(one: TakenWindow, horizon: Horizon) -> int:
    """How many slots have the limit of a window, or its price, if only for a part of their time."""
    found = slots_touched if one.window.asked.kind == LIMIT_KW else slots_held
    return len(found(one.window, horizon))
