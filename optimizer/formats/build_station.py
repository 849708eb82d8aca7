"""Stations of the file as domain objects, and the problems of a night at the places of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import number_in, unique
from models.station.instance import NOTHING, Bay, Chargers, Night, Pack, Station, Swap, unknown_type
from models.station.pack_type import PackType
from models.tariff.tariff import Tariff
from optimizer.files import timestamps as clock
from optimizer.files.errors import ABSENT, Collector, did_you_mean
from optimizer.formats.document_types import Series, WholeSeries
from optimizer.formats.forecast import Forecast, read_forecast
from optimizer.formats.instance_document import ForecastDocument, PackDocument, StationDocument, SwapDocument
from optimizer.formats.series_reader import COUNT_UNITS, POWER_UNITS, SeriesReader

UNITS = {
    "grid_limit_kw": POWER_UNITS,
    "base_load_kw": POWER_UNITS,
    "solar_kw": POWER_UNITS,
    "ready_reserve": COUNT_UNITS,
}
SERIES_PLACE = re.compile(rf"({'|'.join(UNITS)})\[")
SWAP_PLACE = re.compile(r"swaps\[(\d+)\]")
ANY_CHARGERS = Chargers(count=1, max_kw=1.0, efficiency=1.0)
ANY_SWAP = Swap(id="", slot=0, type="", returned_soc=None, lost_cost=0.0)


@dataclass(frozen=True)
class Shared:
    """What a file's stations share. No reader: the horizon is broken. A tariff that is None is broken."""

    reader: SeriesReader | None
    pack_types: Mapping[str, PackType]
    tariffs: Mapping[str, Tariff | None]


@dataclass(frozen=True)
class Generated:
    """A swap that a forecast generates, and where the forecast stands in the station."""

    place: str
    swap: Swap


def build_night(document: StationDocument, shared: Shared) -> Night | None:
    """The station's night; None where the horizon is broken. Raises InvalidData, places inside the station.

    A broken part is replaced by one that causes no further problem, so that the rest is looked at too.
    """
    found = Collector()
    station = _station(document, shared, found)
    forecasts = _forecasts(document, shared, found)
    generated = [Generated(place, swap) for place, forecast in forecasts.items() for swap in forecast.swaps]
    station = replace(
        station,
        swaps=(*station.swaps, *(one.swap for one in generated)),
        expected=tuple(forecast.expected for forecast in forecasts.values()),
    )
    night, pack_types = None, _worth(document.end_value_per_kwh, shared.pack_types, found)
    if shared.reader is not None:
        try:
            night = Night(shared.reader.horizon, pack_types, station)
        except InvalidData as error:
            found.problems += _in_file(error.problems, document, shared.reader, generated)
    refuse(found.problems)
    return night


def _station(document: StationDocument, shared: Shared, found: Collector) -> Station:
    tariff = found.attempt("tariff", lambda: _tariff(document.tariff, shared.tariffs), None)
    return Station(
        id=document.id,
        bays=document.bay_count,
        bay_list=_bays(document),
        chargers=found.attempt("chargers", lambda: _chargers(document), ANY_CHARGERS),
        grid_limit_kw=_powers("grid_limit_kw", document.grid_limit_kw, shared.reader, found),
        tariff=tariff or Tariff(document.tariff, energy_price_per_kwh=(0.0,)),
        base_load_kw=_powers("base_load_kw", document.base_load_kw, shared.reader, found),
        solar_kw=_powers("solar_kw", document.solar_kw, shared.reader, found),
        ready_reserve=_reserve(document.ready_reserve, shared.reader, found),
        packs=found.each("packs", document.packs, _pack, _any_pack),
        swaps=_swaps(document.swaps, shared.reader, found),
        reserve_cost=document.reserve_cost,
        peak_so_far_kw=document.peak_so_far_kw if tariff else NOTHING,
        energy_so_far_kwh=document.energy_so_far_kwh if tariff else NOTHING,
        lookback_peak_kw=document.lookback_peak_kw if tariff else NOTHING,
        turnaround_slots=document.turnaround_slots,
        plug_changes_max=document.plug_changes_max,
        plug_change_cost=document.plug_change_cost,
        temperature_c=document.temperature_c,
        grid_limit_is=document.grid_limit_is,
    )


def _worth(values: Mapping[str, float], types: Mapping[str, PackType], found: Collector) -> Mapping[str, PackType]:
    """The pack types with the end values that hold at this station."""
    own = {}
    for name, value in values.items():
        if name not in types:
            found.problems.append(unknown_type("end_value_per_kwh", name, types))
        elif problems := tuple(number_in(f"end_value_per_kwh.{name}", value)):
            found.problems += problems
        else:
            own[name] = replace(types[name], end_value_per_kwh=value)
    return {**types, **own} if own else types


def _tariff(name: str, tariffs: Mapping[str, Tariff | None]) -> Tariff | None:
    if name not in tariffs:
        remedy = did_you_mean(name, tariffs, f"its tariffs: {', '.join(tariffs) or 'none'}")
        raise InvalidData([Problem("", name, "is not a tariff of this file", remedy)])
    return tariffs[name]


def _chargers(document: StationDocument) -> Chargers:
    given = document.chargers
    count = max(1, _bays_with_charger(document)) if given.count is None else given.count
    return Chargers(count, given.max_kw, given.efficiency, given.min_kw, given.mode)


def _bays(document: StationDocument) -> tuple[Bay, ...]:
    given = document.bays if isinstance(document.bays, tuple) else ()
    return tuple(Bay(bay.name, bay.out_of_order, bay.charger) for bay in given)


def _bays_with_charger(document: StationDocument) -> int:
    if isinstance(document.bays, tuple):
        return sum(bay.charger and not bay.out_of_order for bay in document.bays)
    return document.bays


def _powers(name: str, series: Series, reader: SeriesReader | None, found: Collector) -> tuple[float, ...]:
    if reader is None:
        return ()
    return found.attempt(name, lambda: reader.values(series, POWER_UNITS), reader.values(0.0, POWER_UNITS))


def _reserve(series: WholeSeries, reader: SeriesReader | None, found: Collector) -> tuple[int, ...]:
    if reader is None:
        return ()
    return found.attempt("ready_reserve", lambda: reader.whole_values(series), (0,) * reader.horizon.slots)


def _pack(document: PackDocument) -> Pack:
    return Pack(document.id, document.type, document.soc, document.temperature_c, document.bay, document.usable)


def _any_pack(document: PackDocument) -> Pack:
    return Pack(document.id, document.type, 0.0, bay=document.bay)


def _swaps(documents: Sequence[SwapDocument], reader: SeriesReader | None, found: Collector) -> tuple[Swap, ...]:
    horizon = reader.horizon if reader else None
    slots = found.each("swaps", documents, lambda swap: _slot(swap, horizon), lambda _: 0)
    ids = [f"swap-{n}" if swap.id is None else swap.id for n, swap in enumerate(documents, start=1)]
    numbered = list(zip(ids, slots, documents, strict=True))
    return found.each(
        "swaps",
        numbered,
        lambda one: _swap(*one),
        lambda one: replace(ANY_SWAP, id=one[0], slot=one[1], type=one[2].type, pack=one[2].pack),
    )


def _slot(document: SwapDocument, horizon: Horizon | None) -> int:
    if (document.slot is None) == (document.time is None):
        value = ABSENT if document.slot is None else document.slot
        rule, remedy = "needs either slot or time", "give the one that fits and leave the other out"
        raise InvalidData([Problem("", value, rule, remedy)])
    return document.slot if document.slot is not None else _slot_at(str(document.time), horizon)


def _slot_at(time: str, horizon: Horizon | None) -> int:
    try:
        instant = clock.instant(time)
    except InvalidData as error:
        raise InvalidData(problem.inside("time") for problem in error.problems) from None
    if horizon is None:
        return 0
    slot = horizon.slot_at(instant)
    if slot is None:
        first, end = clock.formatted(horizon.start, horizon), clock.formatted(horizon.end, horizon)
        rule = f"must lie in the horizon, from {first} to before {end}"
        raise InvalidData([Problem("time", time, rule, "correct the time, or leave the swap out")])
    return slot


def _swap(name: str, slot: int, document: SwapDocument) -> Swap:
    return Swap(
        id=name,
        slot=slot,
        type=document.type,
        returned_soc=document.returned_soc,
        lost_cost=document.lost_cost,
        swap_soc=document.swap_soc,
        pack=document.pack,
        packs=document.packs,
        must_serve=document.must_serve,
    )


def _forecasts(document: StationDocument, shared: Shared, found: Collector) -> dict[str, Forecast]:
    """All forecasts that can be read, by their place; of two with the same id, the first."""
    found.problems += unique("forecast", [forecast.id for forecast in document.forecast], "forecast")
    read = found.each("forecast", document.forecast, lambda one: _forecast(one, shared), lambda _: None)
    first: dict[str, int] = {}
    for index, forecast in enumerate(document.forecast):
        first.setdefault(forecast.id, index)
    return {f"forecast[{index}]": one for index in first.values() if (one := read[index]) is not None}


def _forecast(document: ForecastDocument, shared: Shared) -> Forecast | None:
    """The forecast; None without a horizon. Raises InvalidData, places inside the forecast."""
    found = Collector()
    if document.type not in shared.pack_types:
        found.problems.append(unknown_type("type", document.type, shared.pack_types))
    forecast: Forecast | None = None
    if shared.reader is not None:
        reader = shared.reader
        forecast = found.attempt("", lambda: read_forecast(document, reader), None)
    refuse(found.problems)
    return forecast


def _in_file(
    problems: Iterable[Problem], document: StationDocument, reader: SeriesReader, generated: Sequence[Generated]
) -> Iterator[Problem]:
    """The night's problems at the places of the file, each once: a forecast's may come with every swap of it."""
    seen = set()
    for problem in problems:
        if series := SERIES_PLACE.match(problem.place):
            name = series[1]
            problem = reader.in_file(problem, name, getattr(document, name), UNITS[name])
        elif swap := SWAP_PLACE.match(problem.place):
            problem = _at_forecast(problem, int(swap[1]) - len(document.swaps), generated)
        if (problem.place, problem.rule) not in seen:
            seen.add((problem.place, problem.rule))
            yield problem


def _at_forecast(problem: Problem, index: int, generated: Sequence[Generated]) -> Problem:
    """The problem of swap `index` of those that forecasts generate; negative: the file's own, left as it is."""
    if index < 0:
        return problem
    return replace(problem, place=SWAP_PLACE.sub(generated[index].place, problem.place, count=1))
