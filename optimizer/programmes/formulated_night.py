"""A station's night with the formulation that a command names, checked to go together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.errors import Problem
from models.station.instance import Instance, Night
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.plain_text import counted, some_of
from optimizer.files.read_write import shown_name
from optimizer.formats.read_instance import read_instance
from optimizer.programmes.formulations import formulation_of
from optimizer.programmes.identity import ProgrammeOf, programme_of
from optimizer.programmes.names import unknown
from optimizer.programmes.programme import Formulation, Programme


@dataclass(frozen=True)
class FormulatedNight:
    """One station of an instance file, as an instance of its own, and a formulation that takes it."""

    instance: Instance
    formulation: Formulation

    @property
    def night(self) -> Night:
        """The station's night."""
        return self.instance.nights[0]

    @property
    def of(self) -> ProgrammeOf:
        """What the programme is of, as its file says it."""
        return programme_of(self.instance, self.formulation.name)

    def programme(self) -> Programme:
        """The night as the formulation has it."""
        return self.formulation.programme(self.night)


def formulated_night(path: str, station: str | None, formulation_name: str) -> FormulatedNight:
    """What the arguments name. Raises InputErrors where a name is unknown, or the formulation cannot take the night."""
    of = formulation_of(formulation_name)
    instance = _one_station(read_instance(path), station, shown_name(path))
    if (why := of.refusal(instance.nights[0])) is not None:
        place = f"station {instance.nights[0].station.id}"
        rule = f"the formulation {of.name} cannot take this night: {why}"
        raise InputErrors(shown_name(path), [Problem("", ABSENT, f"{place}: {rule}", "choose another formulation")])
    return FormulatedNight(instance, of)


def _one_station(instance: Instance, station: str | None, file: str) -> Instance:
    names = [night.station.id for night in instance.nights]
    if station is None and len(names) > 1:
        remedy = f"choose one with --station: {some_of(names)}"
        rule = "a programme is of one station"
        raise InputErrors(file, [Problem("stations", counted(len(names), "station"), rule, remedy)])
    if station is not None and station not in names:
        raise InputErrors("--station", [unknown("", station, f"station of {file}", names, f"it has {some_of(names)}")])
    night = instance.nights[0] if station is None else instance.nights[names.index(station)]
    return replace(instance, nights=(night,))
