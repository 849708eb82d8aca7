"""What a network begins with, in words, and as the run's summary has it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import add

from optimizer.carry.carried_network import Carried
from optimizer.carry.corrections import Correction
from optimizer.files.plain_text import counted, some_of
from optimizer.runs.summary import CarriedFrom

MOST_CORRECTED = 10  # stations of a state file that are told one by one


def summed_up(found: Carried, state_file: str | None) -> CarriedFrom:
    """As summary.json has it."""
    whole = reduce(add, found.corrections.values(), Correction(0, 0, 0.0))
    return CarriedFrom(
        run=None if found.last is None else str(found.last.path),
        stations=len(found.carried),
        new=tuple(found.new),
        without_plan=tuple(found.without_plan),
        gone=tuple(found.gone),
        state_file=state_file,
        stated=len(found.stated),
        packs_stated=whole.packs,
        packs_differ=whole.differ,
        more_kwh=whole.more_kwh,
    )


def notes(found: Carried, state_file: str | None) -> Iterator[str]:
    """A line for each thing that whoever runs this may not expect."""
    last = "" if found.last is None else str(found.last.path)
    if found.new:
        yield f"{counted(len(found.new), 'station')} not in {last}, as the network says: {some_of(found.new)}"
    if found.without_plan:
        count = counted(len(found.without_plan), "station")
        yield f"{count} without a plan in {last}, as the network says: {some_of(found.without_plan)}"
    if found.gone:
        yield f"{counted(len(found.gone), 'station')} of {last} not in the network any more: {some_of(found.gone)}"
    for name, charges in found.dropped.items():
        yield f"{name}: its tariff has no {', '.join(map(repr, charges))}, whose peak or kWh end with {last}"
    yield from _corrections(found, state_file)


def _corrections(found: Carried, state_file: str | None) -> Iterator[str]:
    ordered = sorted(found.corrections.items(), key=lambda one: -abs(one[1].most_kwh))
    differing = [(name, one) for name, one in ordered if one.differ]
    if found.stated:
        whole = reduce(add, found.corrections.values(), Correction(0, 0, 0.0))
        yield f"{state_file}: {counted(len(found.stated), 'station')}, {_differs(whole)}"
    for name, one in differing[:MOST_CORRECTED]:
        yield f"{name}: {_differs(one)}; most of all {one.most}, {one.most_kwh:+,.1f} kWh"
    if (more := len(differing) - MOST_CORRECTED) > 0:
        yield f"{counted(more, 'more station')} with other packs than expected"


def _differs(one: Correction) -> str:
    if not one.differ:
        return f"{counted(one.packs, 'pack')}, all as expected"
    return f"{one.differ:,} of {counted(one.packs, 'pack')} not as expected, {one.more_kwh:+,.1f} kWh in all"
