"""Golden LPs: every family of constraints and every objective as text, on the nights of family_nights.py.

`make golden` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from family_nights import BUILDERS, FAMILIES, RICH
from paths import DATA
from pyomo.repn.plugins.lp_writer import LPWriter
from solved import families, only

FOLDER = DATA / "golden"
COST = "cost"


def names() -> Iterator[tuple[str, str]]:
    """(formulation, family) of every golden file; the objective counts as a family."""
    for formulation, cases in FAMILIES.items():
        yield from ((formulation, family) for family in [COST, *cases])


def path_of(formulation: str, family: str) -> Path:
    return FOLDER / f"{formulation}-{family}.lp"


def text_of(formulation: str, family: str) -> str:
    """The family alone, or the objective alone, as an LP file."""
    build = BUILDERS[formulation]
    if family != COST:
        return lp_text(only(build(FAMILIES[formulation][family]), family))
    model = build(RICH)
    for component in families(model).values():
        component.deactivate()
    return lp_text(model)


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
