"""Golden LPs: every family of constraints and every objective as text, on the nights of family_nights.py.

`make golden` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import builders as make
import numpy as np
from family_nights import BUILDERS, FAMILIES, RICH
from paths import DATA
from pyomo.repn.plugins.lp_writer import LPWriter
from solved import families, only

from models.formulations.dispatch.curve_parts import bent_stays, parts_near
from models.formulations.dispatch.pyomo_model import build_dispatch
from models.station.stays import stays_of

FOLDER = DATA / "golden"
COST = "cost"
NEAR = "acceptance-near"


def names() -> Iterator[tuple[str, str]]:
    """(formulation, family) of every golden file; the objective counts as a family, and so do the rows of (3.8)."""
    yield "dispatch", NEAR
    for formulation, cases in FAMILIES.items():
        yield from ((formulation, family) for family in [COST, *cases])


def path_of(formulation: str, family: str) -> Path:
    return FOLDER / f"{formulation}-{family}.lp"


def text_of(formulation: str, family: str) -> str:
    """The family alone, or the objective alone, as an LP file."""
    if family == NEAR:
        return lp_text(only(near_model(), "acceptance"))
    build = BUILDERS[formulation]
    if family != COST:
        return lp_text(only(build(FAMILIES[formulation][family]), family))
    model = build(RICH)
    for component in families(model).values():
        component.deactivate()
    return lp_text(model)


def near_model() -> Any:
    """The dispatch model of a pack at 10 kWh along a curve that rises to 30 kWh and falls in two pieces, the flatter
    one last: of each slot's lines those of the part around full power, which (3.8) has instead of those of (3.4)."""
    kind = make.pack_type(acceptance=((0.1, 20), (0.3, 40), (0.5, 20), (0.9, 10)), end_value_per_kwh=0.0)
    night = make.night(slots=3, types=[kind], packs=[make.pack("P1", 0.1)], swaps=[make.swap("W1", 2, swap_soc=0.4)])
    stays = stays_of(night, {"W1": "P1"})
    full = np.full((len(stays), night.horizon.slots), night.station.chargers.max_kw)
    return build_dispatch(night, stays, 500.0, parts_near(night, stays, bent_stays(night, stays), full)).model


def lp_text(model: Any) -> str:
    stream = io.StringIO()
    LPWriter().write(model, stream, symbolic_solver_labels=True)
    return stream.getvalue()


def update() -> None:
    """Write every golden file and remove those that belong to nothing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.lp"):
        old.unlink()
    for formulation, family in names():
        path_of(formulation, family).write_text(text_of(formulation, family), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: make golden")
    update()
    print(f"{len(list(names()))} files in {FOLDER}")
