"""A night in parts, a few of its tariffs each, for workers that would have nothing to do: the record is the same.

Tariffs among which one's plan may be good for another stay together, so it makes no difference how a night is parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from models.tariff.tariff import Tariff
from optimizer.files.json_text import decode
from optimizer.studies.night_record import NightRecord, TariffNight, record_text, sealed
from optimizer.studies.night_task import NightRequest, PlannedNight
from optimizer.studies.study import StudyTariff, energy_part

T = TypeVar("T")


def parted(request: NightRequest, most: int) -> list[NightRequest]:
    """The night as `most` requests at most, of about the same work: plans under demand charges take longest."""
    groups = alike(request.tariffs)
    groups.sort(key=lambda group: -max(len(request.tariffs[index].tariff.demand_charges) for index in group))
    count = min(most, len(groups))
    if count < 2:
        return [request]
    dealt = (sorted(index for group in groups[first::count] for index in group) for first in range(count))
    return [under(request, indices) for indices in dealt]


class _TariffTexts(msgspec.Struct):
    """What a record's file says of each tariff, byte by byte: numbers that are read lose how they were written."""

    tariffs: tuple[msgspec.Raw, ...]


def put_together(request: NightRequest, parts: Sequence[PlannedNight]) -> PlannedNight:
    """The whole night from all its parts, in any order."""
    return parts[0] if len(parts) == 1 else joined([one.id for one in request.tariffs], parts)


def joined(ids: Sequence[str], parts: Sequence[PlannedNight]) -> PlannedNight:
    """The night under the tariffs `ids`, in their order, from parts that may have others, too; later parts count."""
    read: dict[str, TariffNight] = {}
    texts: dict[str, msgspec.Raw] = {}
    for part in parts:
        record = decode(part.text, NightRecord)
        names = [night.tariff for night in record.tariffs]
        read |= zip(names, record.tariffs, strict=True)
        texts |= zip(names, msgspec.json.decode(part.text, type=_TariffTexts).tariffs, strict=True)
    whole = sealed(structs.replace(record, tariffs=tuple(read[name] for name in ids)))
    as_written: Any = tuple(texts[name] for name in ids)
    return PlannedNight(
        record_text(structs.replace(whole, tariffs=as_written)),
        sum(part.cpu_seconds for part in parts),
        {tariff: took for part in parts for tariff, took in part.seconds.items()},
    )


def alike(tariffs: Sequence[StudyTariff]) -> list[list[int]]:
    """Indices of tariffs with the same energy prices, each group in the order of the study."""
    groups: list[tuple[tuple[Tariff, float], list[int]]] = []
    for index, one in enumerate(tariffs):
        own = energy_part(one.tariff)
        found = next((group for prices, group in groups if prices == own), None)
        if found is None:
            groups.append((own, [index]))
        else:
            found.append(index)
    return [group for _, group in groups]


def under(request: NightRequest, indices: Sequence[int]) -> NightRequest:
    """The same night under some of its tariffs."""

    def own(values: Sequence[T]) -> tuple[T, ...]:
        return tuple(values[index] for index in indices)

    return replace(
        request,
        tariffs=own(request.tariffs),
        states=own(request.states),
        baseline_states=own(request.baseline_states),
        load_cap_states=own(request.load_cap_states) if request.load_cap_states else (),
        befores=own(request.befores) if request.befores else (),
    )
