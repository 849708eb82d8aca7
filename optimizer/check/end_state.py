"""Does a plan file say what its plan leaves in the bays? Tomorrow is planned from it."""

from __future__ import annotations

from collections.abc import Iterator

from models.errors import InvalidData
from models.station.carry_over.month_to_date import lookback_at
from models.station.cost import drawn_power_kw
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import ENERGY_KWH, POWER_KW
from optimizer.check.presence import Course, Violation, presence_of
from optimizer.formats.kept.end_document import EndDocument, EndPackDocument

END = "end"  # the name of this rule, beside those of the checker: it is kept by plan files, not by plans


def end_violations(night: Night, schedule: Schedule, end: EndDocument) -> Iterator[Violation]:
    """Where `end` is not what a plan that keeps every rule leaves."""
    horizon = night.horizon
    try:
        is_right = end.instant == horizon.end
    except InvalidData:
        is_right = False
    if not is_right:
        yield Violation(END, "at", end.at, horizon.end.astimezone(horizon.zone).isoformat())
    told = {one.pack: one for one in end.packs}
    courses = presence_of(night, schedule).courses
    standing = {course.stay.pack: course for course in courses if course.stay.given_to is None}
    for name in sorted(told.keys() - standing.keys()):
        yield Violation(END, f"pack {name}", "in the station", "not in the station at the end")
    for name, course in standing.items():
        if name in told:
            yield from _pack_violations(night, course, told[name])
        else:
            yield Violation(END, f"pack {name}", "not named", "in the station at the end")
    yield from _lookback_violations(night, schedule, end)


def _pack_violations(night: Night, course: Course, told: EndPackDocument) -> Iterator[Violation]:
    stay, place = course.stay, f"pack {told.pack}"
    stated = {pack.id: pack.temperature_c for pack in night.station.packs}
    for what, found, limit in (
        ("bay", told.bay, night.station.bay_label(stay.bay)),
        ("type", told.type, stay.kind.id),
        ("usable", str(told.usable).lower(), str(stay.usable).lower()),
        ("temperature_c", _or_none(told.temperature_c), _or_none(stated.get(told.pack))),
    ):
        if found != limit:
            yield Violation(END, f"{place}, {what}", found, limit)
    soc = course.held_kwh[-1] / stay.kind.capacity_kwh
    if abs(told.soc - soc) * stay.kind.capacity_kwh > ENERGY_KWH:
        yield Violation(END, f"{place}, soc", told.soc, soc)


def _or_none(value: float | None) -> float | str:
    return "none" if value is None else value


def _lookback_violations(night: Night, schedule: Schedule, end: EndDocument) -> Iterator[Violation]:
    due = lookback_at(night, drawn_power_kw(night, schedule), night.tariff_series.months[-1])
    for charge in sorted(due.keys() | end.lookback_peak_kw.keys()):
        found, limit = end.lookback_peak_kw.get(charge, 0.0), due.get(charge, 0.0)
        if abs(found - limit) > POWER_KW:
            yield Violation(END, f"lookback_peak_kw of {charge}", found, limit)
