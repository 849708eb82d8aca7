"""What is kept of one night of one station in one variant, under every tariff: a file each, the study's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, structs

from models.station.carry_over.end_stock import Stock, stock_at_end
from models.station.carry_over.month_to_date import month_to_date
from models.station.instance import Night, Pack
from models.station.schedule import Schedule
from models.tariff.bill import lookback_kw
from models.tariff.billing_year import Month
from models.tariff.tariff import Tariff
from optimizer.formats.content_hash import digest, plain
from optimizer.formats.document_types import Document, Whole
from optimizer.formats.plan_document import CostDocument

ByMonth = dict[str, dict[str, float]]


class BayState(Document, frozen=True):
    """A pack in a bay between two nights."""

    bay: Whole
    type: str
    energy_kwh: float


class ChainState(Document, frozen=True):
    """What one night hands to the next: packs, and by charge or tiers and month the peaks and kWh so far."""

    packs: tuple[BayState, ...]
    peaks_kw: ByMonth = {}
    energy_kwh: ByMonth = {}


class NightOutcome(Document, frozen=True, kw_only=True):
    """A night's plan, or its baseline, under one tariff: cost, drivers, kW drawn by slot, what it hands on.

    `charged_kwh` into packs, and what is paid for that at slot prices; None in records of earlier versions.
    """

    cost: CostDocument
    objective: float
    gross_cost: float
    swaps_served: Whole
    swaps_lost: Whole
    load_kw: tuple[float, ...]
    state: ChainState
    charged_kwh: float | None = None
    paid_for_charging: float | None = None


class TariffNight(Document, frozen=True, kw_only=True):
    """One night under one tariff: `objective`, `gross_cost`, `bound` and `gap` are of the plan with what it looked
    ahead at, `plan` and `baseline` of what was carried out. `reason`: why there is a baseline only. `copied_from`:
    another tariff's plan that is proven as good here. `load_cap`: charging on arrival under a load cap; None where
    there is no demand charge, and it is the baseline."""

    tariff: str
    status: str
    method: str
    objective: float
    gross_cost: float
    bound: float | None
    gap: float | None
    plan: NightOutcome
    baseline: NightOutcome
    reason: str = ""
    copied_from: str = ""
    load_cap: NightOutcome | None = None
    key: Annotated[str, Meta(description="sha256 over all that was asked under it, the nights before included")] = ""


class NightRecord(Document, frozen=True, kw_only=True):
    """One night of one station in one variant. `key`: SHA-256 over the night; those of `tariffs` go on from it."""

    key: Annotated[str, Meta(description="sha256 over the night, whatever the tariffs and the nights before")]
    station: str
    variant: str
    night: str
    tariffs: tuple[TariffNight, ...]
    digest: Annotated[
        str, Meta(description="sha256 over all else that the record says; absent: it counts as changed")
    ] = ""


def sealed(record: NightRecord) -> NightRecord:
    """The record with the digest of what it says."""
    return structs.replace(record, digest=_digest_of(record))


def is_as_sealed(record: NightRecord) -> bool:
    """Does the record say what it said when it was sealed?"""
    return record.digest == _digest_of(record)


def _digest_of(record: NightRecord) -> str:
    return digest(plain(msgspec.to_builtins(structs.replace(record, digest=""))))


def record_text(record: NightRecord) -> bytes:
    """The record's file. The same record gives the same bytes."""
    return msgspec.json.encode(record) + b"\n"


def first_state(night: Night) -> ChainState:
    """The packs that the instance has, and a month of which nothing is known."""
    packs = zip(night.station.bay_numbers, night.station.packs, strict=True)
    return ChainState(tuple(BayState(bay, p.type, p.soc * night.pack_types[p.type].capacity_kwh) for bay, p in packs))


def state_after(state: ChainState, night: Night, schedule: Schedule, drawn_kw: list[float]) -> ChainState:
    """What the next night begins with."""
    peaks: ByMonth = {name: dict(months) for name, months in state.peaks_kw.items()}
    energy: ByMonth = {name: dict(months) for name, months in state.energy_kwh.items()}
    for month in night.tariff_series.months:
        at_end = month_to_date(night, drawn_kw, month)
        for name, kw in at_end.peak_kw.items():
            peaks.setdefault(name, {})[month_text(month)] = kw
        for name, kwh in at_end.energy_kwh.items():
            energy.setdefault(name, {})[month_text(month)] = kwh
    return ChainState(tuple(_bay(stock) for stock in stock_at_end(night, schedule)), peaks, energy)


def _bay(stock: Stock) -> BayState:
    return BayState(stock.bay, stock.type, stock.energy_kwh)


def packs_of(state: ChainState, night: Night) -> tuple[Pack, ...]:
    """The packs that begin a night, under the names of those that the instance has in their bays.

    Where packs have left for good, each of the others says which bay it stands in: counted from the first, it would be
    another's.
    """
    station, kinds = night.station, night.pack_types
    own = dict(zip(station.bay_numbers, station.packs, strict=True))
    all_there = len(state.packs) == len(own)
    return tuple(
        _pack_in_bay(
            own[one.bay],
            one,
            kinds[one.type].capacity_kwh,
            own[one.bay].bay if all_there else station.bay_label(one.bay),
        )
        for one in state.packs
    )


def _pack_in_bay(own: Pack, state: BayState, capacity_kwh: float, bay: int | str | None) -> Pack:
    """What stands in the bay of the instance's `own` pack, under its name."""
    soc = min(1.0, max(0.0, state.energy_kwh / capacity_kwh))
    return Pack(own.id, state.type, soc, bay=bay, usable=own.usable)


def so_far(by_month: Mapping[str, Mapping[str, float]], month: Month) -> dict[str, float]:
    """The month's value of each group of tiers that has one."""
    key = month_text(month)
    return {name: months[key] for name, months in by_month.items() if key in months}


def peaks_so_far(state: ChainState, tariff: Tariff, month: Month) -> dict[str, float]:
    """Highest average so far of the month, or the year, that each charge with one is billed by."""
    found: dict[str, float] = {}
    for charge in tariff.demand_charges:
        span, months = charge.span(month), _months(state.peaks_kw.get(charge.name, {}))
        if known := [kw for one, kw in months.items() if one <= month and span.holds(one)]:
            found[charge.name] = max(known)
    return found


def lookback_of(state: ChainState, tariff: Tariff, month: Month) -> dict[str, float]:
    """Highest earlier month of every charge with a ratchet."""
    return {
        charge.name: lookback_kw(charge, month, _months(state.peaks_kw.get(charge.name, {})))
        for charge in tariff.demand_charges
        if charge.ratchet
    }


def _months(by_text: Mapping[str, float]) -> dict[Month, float]:
    return {(int(text[:4]), int(text[5:])): value for text, value in by_text.items()}


def month_text(month: Month) -> str:
    """ "2026-07"."""
    return f"{month[0]}-{month[1]:02d}"
