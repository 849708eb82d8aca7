"""All formulations by name. A new one is a file of its own and a line here."""

from __future__ import annotations

from optimizer.files.errors import InputErrors
from optimizer.programmes.arc_flow import ARC_FLOW
from optimizer.programmes.levels import LEVELS, LEVELS_INTEGER, LEVELS_LINEAR
from optimizer.programmes.names import unknown
from optimizer.programmes.port_indexed import PORT_INDEXED
from optimizer.programmes.programme import Formulation
from optimizer.programmes.reference import REFERENCE

ALL_FORMULATIONS = (REFERENCE, ARC_FLOW, PORT_INDEXED, LEVELS, LEVELS_INTEGER, LEVELS_LINEAR)
FORMULATIONS = {one.name: one for one in ALL_FORMULATIONS}


def formulation_of(name: str, option: str = "--formulation") -> Formulation:
    """The formulation of this name. Raises InputErrors, with `option` in the place of the file."""
    if name not in FORMULATIONS:
        known = f"they are {', '.join(FORMULATIONS)}"
        raise InputErrors(option, [unknown("", name, "formulation", list(FORMULATIONS), known)])
    return FORMULATIONS[name]
