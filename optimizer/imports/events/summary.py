"""What was taken over of events, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.horizon import Horizon
from models.station.instance import Instance
from optimizer.files.plain_text import counted, some_of
from optimizer.imports.events.into_instance import TakenEvents, TakenWindow, slots_of
from optimizer.imports.events.payloads import LIMIT_KW

UNITS = {LIMIT_KW: "kW"}


def events_json(taken: TakenEvents, instance: Instance) -> dict[str, Any]:
    """Windows with their place, kind, value, instants and stations; notes."""
    horizon = instance.nights[0].horizon
    return {"windows": [_window(one, horizon) for one in taken.taken], "notes": list(taken.notes)}


def _window(one: TakenWindow, horizon: Horizon) -> dict[str, Any]:
    window = one.window
    return {
        "event": window.event.event.name or "",
        "place": window.place,
        "type": window.asked.type,
        "kind": window.asked.kind,
        "value": window.asked.values[0],
        "from": window.begin.astimezone(horizon.zone).isoformat(),
        "to": window.end.astimezone(horizon.zone).isoformat(),
        "slots": slots_of(one, horizon),
        "stations": list(one.stations),
    }


def events_text(taken: TakenEvents, instance: Instance) -> str:
    """A line for each window, then the notes."""
    lines = [*_lines(taken, instance), *taken.notes]
    return "\n".join(lines or ["nothing was taken over"])


def _lines(taken: TakenEvents, instance: Instance) -> Iterator[str]:
    horizon = instance.nights[0].horizon
    if not taken.taken:
        yield "no limit and no price was taken over"
    for one in taken.taken:
        window = one.window
        begin, end = window.begin.astimezone(horizon.zone), window.end.astimezone(horizon.zone)
        until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
        unit = UNITS.get(window.asked.kind, f"{instance.currency}/kWh")
        yield (
            f"{window.asked.kind} {window.asked.values[0]:g} {unit} from {begin:%Y-%m-%d %H:%M} to {until},"
            f" {counted(slots_of(one, horizon), 'slot')}, {some_of(one.stations)}: {window.place}"
        )
