"""A network whose stations begin where a run left them, or with what really stands in their bays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
from msgspec import structs

from models.errors import InvalidData, Problem
from models.station.bays.bay import bay_of_each
from models.station.instance import Night, Pack
from optimizer.carry.corrections import Correction, correction
from optimizer.carry.last_run import LastRun, NothingLeftError
from optimizer.carry.left_packs import misfits, packs_left
from optimizer.carry.month_so_far import left_out, month_so_far
from optimizer.carry.standing import StandingPack
from optimizer.carry.state_file import StateFile
from optimizer.files.errors import InputErrors, printable
from optimizer.formats.build_station import build_night
from optimizer.formats.instance_document import PackDocument, StationDocument
from optimizer.formats.instance_text import given
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_document import PlannedStation

REMEDY = "tell what stands there with --packs"


@dataclass
class Carried:
    """The network that is planned, and what is to be told of it, by station.

    `carried`: begin where the last run left them; `stated`: with the packs that a state file names, `corrections` says
    how far from what was carried. `new`: not in the last run; `without_plan`: in it without a plan, so that they begin
    as the network says; `gone`: in the last run only. `faults`: cannot be planned, and why. `dropped`: charges whose
    peak or kWh their tariff does not know any more.
    """

    network: NetworkFile
    last: LastRun | None
    carried: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)
    corrections: dict[str, Correction] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    without_plan: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)


def carry(network: NetworkFile, last: LastRun | None, state: StateFile | None) -> Carried:
    """The network as it begins: by `last`, and where `state` names a station, with the packs that it has.

    A station that cannot go on costs itself alone: it becomes one of `network.faults`. Raises InputErrors where rows of
    the state file are wrong.
    """
    found, elements, faults = Carried(network, last), list(network.stations), dict[int, str]()
    ids = [network.station_id(index) for index in range(len(elements))]
    named = frozenset[str]() if state is None else state.stations(ids)
    wrong_ids, problems = network.wrong_ids(), list[Problem]()
    for index, name in enumerate(ids):
        if name is None or index in wrong_ids:
            continue
        try:
            document = network.station_document(index)
        except InputErrors:
            continue  # it is broken, and fails when it is read
        try:
            begins = _begins(network, document, found, state if name in named else None)
        except NothingLeftError as error:
            found.faults[name] = faults[index] = printable(str(error))
            continue
        except InputErrors as error:
            problems += error.problems
            continue
        if begins is not document:
            elements[index] = msgspec.Raw(msgspec.json.encode(given(begins)))
    if state is not None and problems:
        raise InputErrors(state.name, problems)
    found.gone = [] if last is None else sorted(set(last.stations) - set(ids))
    found.network = replace(network, stations=tuple(elements), faults=faults)
    return found


def _begins(
    network: NetworkFile, document: StationDocument, found: Carried, state: StateFile | None
) -> StationDocument:
    """The station as it begins. Raises NothingLeftError, and InputErrors of the state file."""
    is_stated = state is not None
    begins = document if found.last is None else _carried(network, document, found, is_stated)
    begins = begins if state is None else _stated(network, begins, found, state)
    _check_packs_by_name(document, begins)
    return begins


def _check_packs_by_name(document: StationDocument, begins: StationDocument) -> None:
    """Raises NothingLeftError where a driver is to get a pack that the network has and that is gone by now."""
    gone = {pack.id for pack in document.packs} - {pack.id for pack in begins.packs}
    for number, swap in enumerate(document.swaps, start=1):
        if swap.pack in gone:
            name = swap.id or f"swap-{number}"
            why = f"swap {name!r} asks for pack {swap.pack!r}, which does not stand in the station any more"
            raise NothingLeftError(f"{why}; leave out its pack, or name one that does")


def _carried(network: NetworkFile, document: StationDocument, found: Carried, is_stated: bool) -> StationDocument:
    assert found.last is not None
    name, tariff = document.id, network.shared.tariffs.get(document.tariff)
    if name not in found.last.stations:
        found.new.append(name)
        return document
    if tariff is None:
        return document  # the station is broken, and that is told of it
    planned = _plan_of(found.last, name, is_stated)
    if planned is None or not planned.end:
        found.without_plan.append(name)
        return document
    wrong = [*misfits(planned.end, document, network.shared.pack_types)]
    if wrong and not is_stated:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise NothingLeftError(f"{found.last.path}: {wrong[0]}{more}; {REMEDY}")
    start = network.horizon.local_slot_start(0)
    so_far = month_so_far(planned, tariff, (start.year, start.month))
    lookback: dict[str, float] = so_far["lookback_peak_kw"]
    for charge, kw in document.lookback_peak_kw.items():
        lookback[charge] = max(kw, lookback.get(charge, 0.0))
    if lost := left_out(planned, tariff):
        found.dropped[name] = lost
    found.carried.append(name)
    return structs.replace(document, packs=packs_left(planned.end), **so_far)


def _plan_of(last: LastRun, station: str, is_stated: bool) -> PlannedStation | None:
    """None, too, where nobody needs the plan to know what stands there. Raises NothingLeftError."""
    try:
        return last.plan(station)
    except NothingLeftError as error:
        if is_stated:
            return None
        raise NothingLeftError(f"{error}; {REMEDY}") from None


def _stated(network: NetworkFile, begins: StationDocument, found: Carried, state: StateFile) -> StationDocument:
    """The station with the packs of the state file. Raises InputErrors, one that is broken but for them stays."""
    try:
        bare = structs.replace(begins, packs=(), swaps=(), forecast=())
        night = build_night(bare, network.shared)
    except InvalidData:
        return begins
    assert night is not None  # the network has a horizon
    before = standing(begins.packs, night)
    packs = state.packs(night, before)
    found.stated.append(begins.id)
    found.corrections[begins.id] = correction(before, packs, night)
    return structs.replace(begins, packs=tuple(_document(one.on(night), night) for one in packs))


def standing(packs: Sequence[PackDocument], night: Night) -> list[StandingPack]:
    """Packs of the start as they stand in the bays; those in no bay of the station, or of no type, are left out."""
    station, kinds = night.station, night.pack_types
    start = [Pack(one.id, one.type, one.soc, one.temperature_c, one.bay, one.usable) for one in packs]
    bays = bay_of_each(start, station.bays, station.bay_list)
    return [
        StandingPack(one.id, one.type, bay, one.soc * kinds[one.type].capacity_kwh, one.temperature_c, one.usable)
        for one, bay in zip(start, bays, strict=True)
        if bay >= 0 and one.type in kinds
    ]


def _document(pack: Pack, night: Night) -> PackDocument:
    bay = night.station.bay_label(pack.bay) if isinstance(pack.bay, int) else pack.bay
    return PackDocument(
        id=pack.id, type=pack.type, soc=pack.soc, temperature_c=pack.temperature_c, bay=bay, usable=pack.usable
    )
