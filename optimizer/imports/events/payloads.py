"""What payloads of events mean: limits, prices, what changes no plan, and what no instance can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.imports.events.document import OadrValues, PlacedEvent
from optimizer.tables.unit_words import KW_OF

LIMIT_KW, PRICE_PER_KWH = "limit", "price"
LIMITS = ("IMPORT_CAPACITY_LIMIT", "IMPORT_CAPACITY_SUBSCRIPTION")
PRICE = "PRICE"
LEVELS = ("SIMPLE", "CONTROL_LEVEL_OFFSET", "CONTROL_LEVEL_OFFSET_PERCENT")
WITHOUT_EFFECT = frozenset(
    {
        "PRICE_ALTERNATE", "EXPORT_PRICE", "GHG", "EXPORT_CAPACITY_SUBSCRIPTION", "EXPORT_CAPACITY_RESERVATION",
        "EXPORT_CAPACITY_RESERVATION_FEE", "EXPORT_CAPACITY_AVAILABLE", "EXPORT_CAPACITY_AVAILABLE_PRICE",
        "EXPORT_CAPACITY_LIMIT", "IMPORT_CAPACITY_RESERVATION_FEE", "IMPORT_CAPACITY_AVAILABLE",
        "IMPORT_CAPACITY_AVAILABLE_PRICE", "ALERT_GRID_EMERGENCY", "ALERT_BLACK_START", "ALERT_POSSIBLE_OUTAGE",
        "ALERT_FLEX_ALERT", "ALERT_FIRE", "ALERT_FREEZING", "ALERT_WIND", "ALERT_TSUNAMI", "ALERT_AIR_QUALITY",
        "ALERT_OTHER",
    }
)  # fmt: skip
"""Of export, other energy, emissions, for people, or offers that nobody has taken up: no plan changes for them."""
REFUSED = {
    "SIMPLE": "is a level whose meaning an operator agrees on with the utility",
    "IMPORT_CAPACITY_RESERVATION": "adds to a capacity that is subscribed to",
    "CHARGE_STATE_SETPOINT": "asks for a state of charge",
    "DISPATCH_SETPOINT": "asks for a power, neither more nor less",
    "DISPATCH_SETPOINT_RELATIVE": "asks for a power against a baseline",
    "DISPATCH_INSTRUCTION": "is an instruction for a device",
    "CONTROL_SETPOINT": "sets a device",
    "CONTROL_LEVEL_OFFSET": "is a level whose meaning an operator agrees on with the utility",
    "CONTROL_LEVEL_OFFSET_PERCENT": "is a level whose meaning an operator agrees on with the utility",
    "CURVE": "is a curve",
    "OLS": "asks for a shape of load",
    "CTA2045_REBOOT": "reboots a device",
    "CTA2045_SET_OVERRIDE_STATUS": "overrides a device",
}
KNOWN = (*LIMITS, PRICE, *sorted(WITHOUT_EFFECT), *REFUSED)
KWH_OF = {"KWH": 1.0, "MWH": 1000.0}
KILOWATTS = {unit.upper(): kw for unit, kw in KW_OF.items()}


@dataclass(frozen=True)
class AskedValues:
    """A limit in kW or a price of a kWh, or several one after the other; `type`: what the event calls it."""

    kind: str
    type: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Meaning:
    """What the intervals of an event ask for, and types of payloads that change nothing."""

    by_interval: tuple[tuple[AskedValues, ...], ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def meaning_of(event: PlacedEvent, currency: str) -> Meaning:
    """What an event asks for, prices in the instance's currency. Raises InvalidData with all that is not understood."""
    problems: list[Problem] = []
    left_out: dict[str, None] = {}
    notes: dict[str, None] = {}
    by_interval = []
    for index, interval in enumerate(event.event.intervals):
        asked = []
        for number, payload in enumerate(interval.payloads):
            place = f"{event.place}.intervals[{index}].payloads[{number}]"
            if payload.type in WITHOUT_EFFECT or _is_normal(payload):
                left_out.setdefault(payload.type)
                continue
            try:
                asked.append(_asked(event, payload, currency, place, notes))
            except InvalidData as error:
                problems += error.problems
        by_interval.append(tuple(asked))
    refuse(_each_once(problems))
    return Meaning(tuple(by_interval), tuple(left_out), tuple(notes))


def _each_once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """One of alike problems: what an event's descriptors lack is lacking in each interval."""
    seen = set()
    for problem in problems:
        if (problem.place, problem.rule) not in seen:
            seen.add((problem.place, problem.rule))
            yield problem


def _is_normal(payload: OadrValues) -> bool:
    """Is it level 0, normal operation?"""
    return payload.type in LEVELS and bool(payload.values) and all(value == 0 for value in payload.values)


def _asked(event: PlacedEvent, payload: OadrValues, currency: str, place: str, notes: dict[str, None]) -> AskedValues:
    if payload.type in REFUSED:
        rule = f"{REFUSED[payload.type]}, which no instance can hold"
        remedy = "write what it means here as IMPORT_CAPACITY_LIMIT or PRICE, or leave the event out"
        raise InvalidData([Problem(f"{place}.type", payload.type, rule, remedy)])
    if payload.type not in (*LIMITS, PRICE):
        rule, otherwise = "is no type of OpenADR 3 that is known", f"read are {', '.join((*LIMITS, PRICE))}"
        raise InvalidData([Problem(f"{place}.type", payload.type, rule, did_you_mean(payload.type, KNOWN, otherwise))])
    values = _numbers(payload, place)
    if payload.type == PRICE:
        unit = _unit(event, PRICE, KWH_OF, "KWH")
        _refuse_other_currency(event, currency, notes)
        return AskedValues(PRICE_PER_KWH, PRICE, tuple(value / unit for value in values))
    unit = _unit(event, payload.type, KILOWATTS, "KW")
    if min(values) < 0:
        raise InvalidData([Problem(f"{place}.values", list(values), "must not be below 0", "correct the limit")])
    return AskedValues(LIMIT_KW, payload.type, tuple(value * unit for value in values))


def _numbers(payload: OadrValues, place: str) -> list[float]:
    found = [one for one in payload.values if isinstance(one, int | float) and not isinstance(one, bool)]
    if not found or len(found) < len(payload.values) or not all(map(math.isfinite, found)):
        rule, remedy = "must be numbers, at least one", "write a number, or several one after the other"
        raise InvalidData([Problem(f"{place}.values", list(payload.values), rule, remedy)])
    return [float(one) for one in found]


def _unit(event: PlacedEvent, kind: str, known: dict[str, float], usual: str) -> float:
    """What one of the unit is in kW or kWh. Raises InvalidData where nobody says it, or it is none of these."""
    descriptor = event.descriptor(kind)
    if descriptor is None or descriptor.units is None:
        place = f"{event.place}.payloadDescriptors"
        remedy = f'add {{"payloadType": "{kind}", "units": "{usual}"}}, or give the program in the same file'
        raise InvalidData([Problem(place, ABSENT, f"must say the unit of {kind}", remedy)])
    if (found := known.get(descriptor.units.upper())) is None:
        place, rule = f"{event.place}.payloadDescriptors.units", f"must be {' or '.join(known)} for {kind}"
        raise InvalidData([Problem(place, descriptor.units, rule, "convert the values")])
    return found


def _refuse_other_currency(event: PlacedEvent, currency: str, notes: dict[str, None]) -> None:
    descriptor = event.descriptor(PRICE)
    assert descriptor is not None
    if descriptor.currency is None:
        notes.setdefault(f"{event.label}: prices without a currency, taken as {currency}")
    elif descriptor.currency.upper() != currency.upper():
        place, rule = f"{event.place}.payloadDescriptors.currency", f"must be that of the instance, {currency}"
        raise InvalidData([Problem(place, descriptor.currency, rule, "convert the prices")])
