"""HiGHS in another Python: run there with a folder, it solves the programme that it finds and leaves its answer.

It needs numpy and highspy alone, and is the same code as the engine's, whatever the version of highspy. Standard output
has the news of a MIP, a line of JSON each: [objective, bound].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.formulations.matrix import Matrix
from optimizer.engine.highs import SolverResult, refused_options, solve

MODEL, ASKED, ANSWER = "model.npz", "asked.json", "answer.npz"
FIELDS = ("cost", "low", "high", "integer", "row_low", "row_high", "starts", "rows", "values")
NUMBERS = ("objective", "bound", "seconds")


class AskedOfHighs(NamedTuple):
    """As of `optimizer.engine.highs.solve`."""

    money_gap: float
    seconds: float
    seed: int
    options: dict[str, Any]


def write_asked(folder: Path, matrix: Matrix, asked: AskedOfHighs) -> None:
    """What the worker is to find in its folder."""
    fields: dict[str, Any] = {name: getattr(matrix, name) for name in FIELDS}
    np.savez(folder / MODEL, offset=np.array(matrix.offset), **fields)
    (folder / ASKED).write_text(json.dumps(asked._asdict()))


def read_answer(folder: Path) -> SolverResult | None:
    """What it left; None: nothing."""
    if not (folder / ANSWER).is_file():
        return None
    with np.load(folder / ANSWER) as left:
        found = {name: left[name] for name in left.files}
    stopped, detail = (str(found[name]) for name in ("stopped", "detail"))
    objective, bound, seconds = (float(found[name]) for name in NUMBERS)
    return SolverResult(stopped, detail, found.get("point"), objective, bound, seconds, found.get("row_dual"))


def main(folder: Path) -> None:
    """Solve what is in the folder."""
    asked = AskedOfHighs(**json.loads((folder / ASKED).read_text()))
    with np.load(folder / MODEL) as model:
        matrix = Matrix(offset=float(model["offset"]), **{name: model[name] for name in FIELDS})
    answer = solve(matrix, **asked._asdict(), on_progress=_tell)
    arrays = {"point": answer.point, "row_dual": answer.row_dual}
    left: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
    left |= {name: np.array(getattr(answer, name)) for name in ("stopped", "detail", *NUMBERS)}
    np.savez(folder / ANSWER, **left)


def _tell(objective: float | None, bound: float | None) -> None:
    sys.stdout.write(json.dumps([objective, bound]) + "\n")
    sys.stdout.flush()


def tell_version(options: dict[str, Any]) -> None:
    """Print what is installed, and which of these options it refuses."""
    from importlib.metadata import version

    sys.stdout.write(json.dumps({"highspy": version("highspy"), "refused": refused_options(options)}) + "\n")
