"""The end of a plan, as plan files have it: what stands in the bays when the horizon is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from models.errors import InvalidData, Problem
from models.rules import share_of_capacity
from models.station.carry_over.end_stock import packs_standing_at_end
from models.station.carry_over.month_to_date import lookback_at
from models.station.cost import drawn_power_kw
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.files import timestamps as clock
from optimizer.formats.document_types import Document, Whole


class EndPackDocument(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A pack that stands in the station at the end."""

    pack: Annotated[str, Meta(description="id of the pack, as in the plan's packs")]
    bay: Annotated[Whole | str, Meta(description="name of its bay, or its number, as in the plan's packs")]
    type: Annotated[str, Meta(description="id of its pack type")]
    soc: Annotated[float, Meta(description="state of charge at the end, from 0 to 1")]
    temperature_c: Annotated[
        float | None, Meta(description="temperature in °C that the instance states of the pack; absent: none")
    ] = None
    usable: Annotated[bool, Meta(description="false: in quarantine")] = True


class EndDocument(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What the horizon leaves to the one after it, beside `peak_kw` and `energy_kwh` of the month."""

    at: Annotated[str, Meta(description="instant at which the horizon ends, with its offset")]
    packs: Annotated[tuple[EndPackDocument, ...], Meta(description="the packs that stand there, by bay")]
    lookback_peak_kw: Annotated[
        dict[str, float],
        Meta(
            description="of the months before billing_month: tomorrow's lookback_peak_kw; absent: no ratchet looks back"
        ),
    ] = {}

    @property
    def instant(self) -> datetime:
        """`at` as an instant. Raises InvalidData."""
        return clock.instant(self.at)


def end_of(night: Night, schedule: Schedule) -> EndDocument:
    """The end of a plan of the night."""
    horizon, station = night.horizon, night.station
    return EndDocument(
        at=horizon.end.astimezone(horizon.zone).isoformat(),
        packs=tuple(
            EndPackDocument(
                pack=one.pack,
                bay=station.bay_label(one.bay),
                type=one.type,
                soc=min(1.0, max(0.0, one.energy_kwh / night.pack_types[one.type].capacity_kwh)),
                temperature_c=one.temperature_c,
                usable=one.usable,
            )
            for one in packs_standing_at_end(night, schedule)
        ),
        lookback_peak_kw=lookback_at(night, drawn_power_kw(night, schedule), night.tariff_series.months[-1]),
    )


def end_problems(end: EndDocument) -> Iterator[Problem]:
    """An instant that is none, a state of charge that is none, packs or bays twice."""
    try:
        clock.instant(end.at)
    except InvalidData as error:
        yield from (problem.inside("at") for problem in error.problems)
    for index, one in enumerate(end.packs):
        yield from share_of_capacity(f"packs[{index}].soc", one.soc)
    for name in ("pack", "bay"):
        seen = set[object]()
        for index, one in enumerate(end.packs):
            value = getattr(one, name)
            if value in seen:
                yield Problem(f"packs[{index}].{name}", value, "stands there twice", "write the plan anew")
            seen.add(value)
