"""What an exported programme is of, as its file says it, and as the solution of a solver brings it back.

Solvers repeat in a solution what columns are called, and most of them nothing else. So the column that stands for the
constant of the objective, which is 1 in every solution, has station, formulation and hash in its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.errors import Problem
from models.formulations.names import text_of
from models.station.instance import Instance
from optimizer.formats.content_hash import instance_hash

CONSTANT = "constant"
HASH_DIGITS = 12
LONGEST = 60  # characters of a name from a file
_CONSTANT = re.compile(rf"{CONSTANT}\(([\w.]+),([\w.]+),(\w+),([0-9a-f]{{{HASH_DIGITS}}})\)", re.ASCII)
_TITLE = re.compile(rf"([\w-]+)\.([\w-]+)\.([a-z_-]+)\.([0-9a-f]{{{HASH_DIGITS}}})", re.ASCII)
REMEDY = "import it with the instance it is of, or export this one and solve it"


@dataclass(frozen=True)
class ProgrammeOf:
    """Instance, station and formulation of a programme; `hash`: of the instance with this station alone, in full."""

    instance: str
    station: str
    formulation: str
    hash: str

    @property
    def title(self) -> str:
        """For the file's NAME: letters, digits, _ and -, with dots between the four parts."""
        instance, station = (re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:LONGEST] for name in (self.instance, self.station))
        return f"{instance or '_'}.{station or '_'}.{self.formulation}.{self.short_hash}"

    @property
    def constant(self) -> str:
        """The name of the column that stands for the objective's constant."""
        instance, station = (name[:LONGEST].replace(".", "_") or "_" for name in (self.instance, self.station))
        return text_of((CONSTANT, instance, station, self.formulation, self.short_hash))

    @property
    def short_hash(self) -> str:
        """The hash's first digits."""
        return self.hash.removeprefix("sha256:")[:HASH_DIGITS]


def programme_of(instance: Instance, formulation: str) -> ProgrammeOf:
    """What the programme of an instance of one station is of."""
    (night,) = instance.nights
    return ProgrammeOf(instance.name, night.station.id, formulation, instance_hash(instance))


def not_of(expected: ProgrammeOf, name: str, place: str) -> Problem | None:
    """Why a solution is none of `expected`, from the column or problem that it names; None where it may well be."""
    found = _CONSTANT.fullmatch(name) or _TITLE.fullmatch(name)
    if found is None or name in (expected.constant, expected.title):
        return None
    instance, station, formulation, digits = found.groups()
    if digits != expected.short_hash:
        rule = f"is a solution of another instance, not of {expected.instance}, hash {expected.short_hash}…"
        return Problem(place, f"{instance}, station {station}, hash {digits}…", rule, REMEDY)
    rule = f"is not the formulation that --formulation names, {expected.formulation}"
    return Problem(place, formulation.replace("_", "-"), rule, "name the one that was exported")
