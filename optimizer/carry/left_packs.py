"""What a plan leaves in the bays as packs that a night of the same station begins with."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from optimizer.carry.standing import own_names
from optimizer.files.errors import did_you_mean
from optimizer.formats.instance_document import PackDocument, StationDocument
from optimizer.formats.kept.end_document import EndDocument, EndPackDocument


def packs_left(end: EndDocument) -> tuple[PackDocument, ...]:
    """The packs of the end by bay, each under a name that a pack of the start may have."""
    names = own_names([one.pack for one in end.packs])
    return tuple(
        PackDocument(
            id=name, type=one.type, soc=one.soc, temperature_c=one.temperature_c, bay=one.bay, usable=one.usable
        )
        for name, one in zip(names, end.packs, strict=True)
    )


def misfits(end: EndDocument, station: StationDocument, types: Collection[str]) -> Iterator[str]:
    """In words what of the end the station, as the network has it now, has no place for."""
    for one in end.packs:
        if (why := _why_no_place(one, station)) is not None:
            yield f"pack {one.pack!r} stands in bay {one.bay!r}, which {why}"
        if one.type not in types:
            otherwise = f"its pack types: {', '.join(types)}"
            yield f"pack {one.pack!r} is of type {one.type!r}, which the network has no more; " + did_you_mean(
                one.type, types, otherwise
            )


def _why_no_place(one: EndPackDocument, station: StationDocument) -> str | None:
    bays = station.bays if isinstance(station.bays, tuple) else ()
    if isinstance(one.bay, int):
        number = one.bay if 0 <= one.bay < station.bay_count else -1
    else:
        number = next((n for n, bay in enumerate(bays) if bay.name == one.bay), -1)
    if number < 0:
        named = ", ".join(bay.name for bay in bays[:MOST_BAYS]) if bays else f"0 to {station.bay_count - 1}"
        return f"the station does not have (bays: {named}{' ...' if len(bays) > MOST_BAYS else ''})"
    return "is out of order" if bays and bays[number].out_of_order else None


MOST_BAYS = 10  # that a line names
