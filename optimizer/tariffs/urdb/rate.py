"""One URDB rate, its numbers read and its shape checked; nothing is turned into a tariff yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from models.errors import refuse
from models.tariff.rate_steps import Steps
from optimizer.files.errors import ABSENT, Collector, value_text
from optimizer.files.plain_text import some_of
from optimizer.tariffs.urdb.dates import urdb_day
from optimizer.tariffs.urdb.find_rates import ENERGY, Raw
from optimizer.tariffs.urdb.other_charges import Charge, Lookback, fixed_charges, minimum_charges, read_lookback
from optimizer.tariffs.urdb.schedule import PeriodSchedule
from optimizer.tariffs.urdb.units import energy_units
from optimizer.tariffs.urdb.values import index, items, number, twelve, wrong

NO_LIMIT = 1e37  # what URDB writes for "no limit" is 1e38, perhaps as a 32-bit float
DIGITS = 10  # decimals of a sum of rates: without the noise of floating point
SQUARE = "must be 12 lists (January to December) of 24 period numbers (one for each hour)"
SILENT = frozenset(
    (
        "items", "label", "uri", "revisions", "approved", "is_default", "utility", "eiaid", "name", "startdate",
        "enddate", "supersedes", "sector", "servicetype", "description", "source", "sourceparent",
        "basicinformationcomments", "country", "voltagecategory", "voltageminimum", "voltagemaximum", "phasewiring",
        "mindemand", "maxdemand", "demandunits", "servicemax", "servicemin", "peakkwcapacitymin", "peakkwcapacitymax",
        "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax", "peakkwhusagehistory", "usenetmetering",
        "dgrules", "energyattrs", "energycomments", "demandattrs", "demandcomments", "fixedattrs",
        "demandreactivepowercharge", "fixedchargeeaaddl", "fixedchargecomments", "energyratestructure",
        "energyweekdayschedule", "energyweekendschedule", "energytoulabels", "fueladjustmentsmonthly",
        "demandratestructure", "demandweekdayschedule", "demandweekendschedule", "demandrateunit", "demandwindow",
        "demandratchetpercentage", "flatdemandstructure", "flatdemandmonths", "flatdemandunit",
        "coincidentratestructure", "coincidentrateschedule", "coincidentrateunit", "lookbackmonths", "lookbackpercent",
        "lookbackrange", "fixedchargefirstmeter", "fixedchargeunits", "mincharge", "minchargeunits",
        "fixedmonthlycharge", "minmonthlycharge", "annualmincharge",
    )
)  # fmt: skip

Structure = tuple[Steps, ...]
"""Stepped rates of each period; rate and adj are added up."""

Limits = tuple[float | None, ...]
"""Where the last tier of each period ends."""


@dataclass(frozen=True)
class Demand:
    """A demand structure with its unit; of `schedule` and `months` (period numbers by month) one is given."""

    structure: Structure
    unit: str
    limits: Limits
    schedule: PeriodSchedule | None = None
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class UrdbRate:
    """A rate. `notes`: what the file says that no bill here has."""

    texts: Mapping[str, str]
    energy: Structure
    energy_units: tuple[str, ...]
    energy_limits: Limits
    energy_schedule: PeriodSchedule
    energy_labels: tuple[str, ...]
    fuel_per_kwh: tuple[float, ...]
    window_demand: Demand | None
    flat_demand: Demand | None
    metering_minutes: int | None
    lookback: Lookback | None
    fixed: tuple[Charge, ...]
    minimum: tuple[Charge, ...]
    notes: tuple[str, ...]


NO_RATES: Structure = ()
NO_CHARGES: tuple[Charge, ...] = ()
NO_SCHEDULE = PeriodSchedule(((0,) * 24,) * 12, ((0,) * 24,) * 12)


def read_rate(raw: Raw) -> UrdbRate:
    """The rate of an object whose keys are spelled. Raises InvalidData with every problem."""
    found = Collector()
    units = found.attempt("", lambda: energy_units(raw), None)
    energy = found.attempt("", lambda: _structure(raw, ENERGY), NO_RATES) if units is not None else NO_RATES
    rate = UrdbRate(
        texts=_texts(raw),
        energy=energy,
        energy_units=units or (),
        energy_limits=_limits(raw, ENERGY),
        energy_schedule=found.attempt("", lambda: _schedule(raw, "energy", len(energy)), NO_SCHEDULE),
        energy_labels=_labels(raw),
        fuel_per_kwh=found.attempt("", lambda: twelve(raw, "fueladjustmentsmonthly"), ()) or (0.0,) * 12,
        window_demand=found.attempt("", lambda: _window_demand(raw), None),
        flat_demand=found.attempt("", lambda: _flat_demand(raw), None),
        metering_minutes=found.attempt("", lambda: _metering(raw), None),
        lookback=found.attempt("", lambda: read_lookback(raw), None),
        fixed=found.attempt("", lambda: fixed_charges(raw), NO_CHARGES),
        minimum=found.attempt("", lambda: minimum_charges(raw), NO_CHARGES),
        notes=_notes(raw),
    )
    found.attempt("", lambda: _refuse_coincident(raw), None)
    refuse(found.problems)
    return rate


# Rates


def _structure(raw: Raw, key: str) -> Structure:
    """Stepped rates of every period."""
    if key not in raw:
        raise wrong(key, ABSENT, "must be given", "choose a rate that has it")
    found = Collector()
    structure = found.each(key, items(key, raw[key]), _steps, lambda _: ((0.0, 0.0),))
    if not structure:
        raise wrong(key, [], "must have at least one period")
    refuse(found.problems)
    return structure


def _steps(tiers: object) -> Steps:
    """(above, rate) of one period. `max` of a tier is where the next one begins."""
    steps: list[tuple[float, float]] = []
    above = 0.0
    listed = items("", tiers)
    if not listed:
        raise wrong("", [], "must have at least one tier")
    for count, tier in enumerate(listed, 1):
        place, is_last = f"[{count - 1}]", count == len(listed)
        if not isinstance(tier, dict):
            raise wrong(place, tier, "must be an object")
        steps.append((above, _rate(place, tier)))
        above = _threshold(f"{place}.max", tier.get("max"), above, is_last)
    return tuple(steps)


def _rate(place: str, tier: Raw) -> float:
    parts = [number(f"{place}.{key}", tier[key]) for key in ("rate", "adj") if tier.get(key) is not None]
    if not parts:
        raise wrong(f"{place}.rate", ABSENT, "must be given", "write 0 where nothing is charged")
    return parts[0] if len(parts) == 1 else round(sum(parts), DIGITS)


def _threshold(place: str, most: object, above: float, is_last: bool) -> float:
    limit = math.inf if most is None else number(place, most)
    if is_last and (not limit or limit >= NO_LIMIT):  # 0 is what a form leaves where nothing was entered
        return math.inf
    if not above < limit < NO_LIMIT:
        raise wrong(place, most if most is not None else ABSENT, f"must be above {above:g} and have a limit")
    return limit


def _limits(raw: Raw, key: str) -> Limits:
    """Where each period's last tier ends, None where it does not. Shapes are looked at where rates are read."""
    periods = raw.get(key)
    ends = [_last_end(tiers) for tiers in periods] if isinstance(periods, list) else []
    return tuple(float(end) if isinstance(end, int | float) and 0 < end < NO_LIMIT else None for end in ends)


def _last_end(tiers: object) -> object:
    last = tiers[-1] if isinstance(tiers, list) and tiers else None
    return last.get("max") if isinstance(last, dict) else None


def is_free(structure: Structure) -> bool:
    """Is every rate zero?"""
    return all(rate == 0 for steps in structure for _, rate in steps)


# Schedules


def _schedule(raw: Raw, kind: str, periods: int) -> PeriodSchedule:
    found = Collector()
    weekday, weekend = (
        found.attempt("", partial(_months_by_hours, raw, f"{kind}{days}schedule", periods), NO_SCHEDULE.weekday)
        for days in ("weekday", "weekend")
    )
    refuse(found.problems)
    return PeriodSchedule(weekday, weekend)


def _months_by_hours(raw: Raw, key: str, periods: int) -> tuple[tuple[int, ...], ...]:
    if key not in raw:
        raise wrong(key, ABSENT, "must be given", "choose a rate that has it")
    rows = raw[key]
    if not isinstance(rows, list) or len(rows) != 12 or any(not isinstance(r, list) or len(r) != 24 for r in rows):
        shape = [len(row) if isinstance(row, list) else row for row in rows] if isinstance(rows, list) else rows
        raise wrong(key, shape, SQUARE, "the value shown is the length of each list")
    return tuple(
        tuple(index(f"{key}[{month}][{hour}]", value, periods) for hour, value in enumerate(row))
        for month, row in enumerate(rows)
    )


# Demand


def _window_demand(raw: Raw) -> Demand | None:
    if "demandratestructure" not in raw:
        return None
    structure = _structure(raw, "demandratestructure")
    if is_free(structure):
        return None
    unit, limits = str(raw.get("demandrateunit", "kW")), _limits(raw, "demandratestructure")
    return Demand(structure, unit, limits, _schedule(raw, "demand", len(structure)))


def _flat_demand(raw: Raw) -> Demand | None:
    if "flatdemandstructure" not in raw:
        return None
    structure = _structure(raw, "flatdemandstructure")
    if is_free(structure):
        return None
    months = twelve(raw, "flatdemandmonths")
    if not months:
        raise wrong("flatdemandmonths", ABSENT, "must be given", "choose a rate that has it")
    numbers = tuple(index(f"flatdemandmonths[{m}]", value, len(structure)) for m, value in enumerate(months))
    unit, limits = str(raw.get("flatdemandunit", "kW")), _limits(raw, "flatdemandstructure")
    return Demand(structure, unit, limits, months=numbers)


def _metering(raw: Raw) -> int | None:
    key = "demandwindow"
    if key not in raw:
        return None
    minutes = number(key, raw[key])
    if not minutes.is_integer() or not 1 <= minutes <= 1440:
        raise wrong(key, raw[key], "must be whole minutes, from 1 to 1440")
    return int(minutes)


def _refuse_coincident(raw: Raw) -> None:
    key = "coincidentratestructure"
    if key in raw and not is_free(_structure(raw, key)):
        rule = "cannot be billed: a charge on the demand at the hour of the system's peak, which the file does not name"
        raise wrong(key, raw[key], rule, "take it out and bill it by hand once the hours are known")


# Texts


def _labels(raw: Raw) -> tuple[str, ...]:
    labels = raw.get("energytoulabels")
    return tuple(str(label or "") for label in labels) if isinstance(labels, list) else ()


def _texts(raw: Raw) -> dict[str, str]:
    plain = {key: str(raw[key]) for key in ("label", "utility", "name", "uri", "source", "supersedes") if raw.get(key)}
    return plain | {key: _day(raw[key]) for key in ("startdate", "enddate") if raw.get(key)}


def _day(value: object) -> str:
    """A date; anything else as it stands, for this text is not computed with."""
    read = urdb_day(value)
    return value_text(value) if read is None else read.isoformat()


def _notes(raw: Raw) -> tuple[str, ...]:
    unknown = sorted(set(raw) - SILENT)
    return (f"not read, for this program does not know the keys: {some_of(unknown)}",) if unknown else ()
