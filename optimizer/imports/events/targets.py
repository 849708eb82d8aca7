"""Which stations an event is for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from models.errors import InvalidData, Problem
from optimizer.files.errors import did_you_mean
from optimizer.files.plain_text import some_of
from optimizer.imports.events.document import PlacedEvent

RESOURCE_NAME = "RESOURCE_NAME"


def stations_of(
    event: PlacedEvent, stations: Collection[str], groups: Mapping[str, Sequence[str]], notes: list[str]
) -> list[str]:
    """The stations of an event, in the order of the instance: all where it has no targets.

    A target is the id of a station, or the name of one of `groups`; of several that name some stations, those that
    name none are told. Raises InvalidData where none does.
    """
    targets = list(_targets(event))
    if not targets:
        return list(stations)
    found: set[str] = set()
    strange = []
    for place, kind, name in targets:
        if name in groups:
            found.update(groups[name])
        elif name in stations and kind in ("", RESOURCE_NAME):
            found.add(name)
        else:
            strange.append((place, name))
    if not found:
        raise InvalidData(_unknown(place, name, [*groups, *stations]) for place, name in strange)
    if strange:
        notes.append(f"{event.label}: targets that name no station here: {some_of([name for _, name in strange])}")
    return [station for station in stations if station in found]


def _unknown(place: str, name: str, known: Sequence[str]) -> Problem:
    otherwise = f"say --group {name}=STATION, or leave the event out"
    return Problem(
        place, name, "is neither a station of the instance nor a --group", did_you_mean(name, known, otherwise)
    )


def _targets(event: PlacedEvent) -> Iterator[tuple[str, str, str]]:
    """Places, types ("" in OpenADR 3.1) and names."""
    for index, target in enumerate(event.event.targets):
        place = f"{event.place}.targets[{index}]"
        if isinstance(target, str):
            yield place, "", target
        else:
            for value in target.values:
                yield f"{place}.values", target.type, str(value)
