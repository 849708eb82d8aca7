"""The level formulation (models/README.md, section 2) as programmes: bounds, and a guide to a plan.

Packs are counted by energy, not named. Who serves which swap is read off the counts; the dispatch model then gives
the powers, with repairs where the assignment asks too much.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.formulations.levels.arrays import LevelArrays, level_arrays
from models.formulations.levels.data import level_data
from models.formulations.levels.pyomo_model import EQUATIONS, Integrality, LevelModel, build_levels
from models.formulations.matrix import Array, relaxed
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.highs import Compiled, compile_model
from optimizer.engine.level_rounding import LevelSolution, read_levels, round_assignment
from optimizer.programmes.names import column_names, row_names, safe_names
from optimizer.programmes.planned_assignment import SECONDS, planned
from optimizer.programmes.programme import Formulation, Programme

PARTS = 2  # bands a slot's full charge: the engine's middle way between a tight bound and a small programme


def build(night: Night) -> Programme:
    """Numbers of swaps served are integer, fills are not: a relaxation."""
    return _of_arrays(level_arrays(level_data(night, PARTS)), is_mip=True)


def build_linear(night: Night) -> Programme:
    """Nothing is integer: the LP bound."""
    return _of_arrays(level_arrays(level_data(night, PARTS)), is_mip=False)


def build_integer(night: Night) -> Programme:
    """All is integer and energies are rounded to edges of bands: packs stay packs, in a slightly different night."""
    levels = build_levels(night, PARTS, Integrality.ALL)
    compiled = compile_model(levels.model)
    within = _planner(lambda point: _read_model(levels, compiled, point))
    return Programme(
        compiled.matrix,
        lambda point: within(point, SECONDS, 0),
        lambda: row_names(levels.model, compiled.rows, EQUATIONS, list(levels.data.types)),
        lambda: column_names(compiled.columns, list(levels.data.types)),
        lambda: safe_names(column.name for column in compiled.columns),
        is_relaxation=False,
        is_exact=False,
        schedule_within=within,
    )


def _of_arrays(levels: LevelArrays, is_mip: bool) -> Programme:
    within = _planner(lambda point: read_levels(levels, point))
    return Programme(
        levels.matrix if is_mip else relaxed(levels.matrix),
        lambda point: within(point, SECONDS, 0),
        levels.matrix.row_names,
        levels.matrix.column_names,
        lambda: _earlier_names(levels),
        is_exact=False,
        bound_slack=levels.data.rounding_cost,
        schedule_within=within,
    )


def _planner(read: Callable[[Array], LevelSolution]) -> Callable[[Array, float, int], Schedule | None]:
    """From a point to the best plan that one assignment gives within some seconds."""

    def plan(point: Array, seconds: float, seed: int) -> Schedule | None:
        solution = read(point)
        return planned(solution.data.night, round_assignment(solution), "levels", seconds, seed)

    return plan


def _read_model(levels: LevelModel, compiled: Compiled, point: Array) -> LevelSolution:
    compiled.load(point)
    m, data = levels.model, levels.data
    counts = {
        name: np.array([[m.H[name, level, t].value for level in range(1, kind.bands.count + 1)] for t in m.T])
        for name, kind in data.types.items()
    }
    served = np.array([m.served[j].value or 0.0 for j in range(len(data.classes))])
    return LevelSolution(data, counts, served)


def _earlier_names(levels: LevelArrays) -> list[str]:
    """What columns were called before 29 November 2026: served_CLASS and fill_TYPE_LEVEL_SLOT by their
    numbers; the rest by its column.
    """
    names = [f"other_{j}" for j in range(levels.matrix.shape[1])]
    for number, column in enumerate(levels.served.tolist()):
        names[column] = f"served_{number}"
    for kind, fills in enumerate(levels.fills.values()):
        for (level, slot), column in np.ndenumerate(fills):
            names[column] = f"fill_{kind}_{level + 1}_{slot}"
    return names


LEVELS = Formulation("levels", "packs counted by energy, integer swaps, the plan by dispatch; a relaxation", build)
LEVELS_INTEGER = Formulation(
    "levels-whole", "packs counted by energy, all integer, the plan by dispatch; no bound", build_integer
)
LEVELS_LINEAR = Formulation(
    "levels-lp", "packs counted by energy, nothing integer, the plan by dispatch; an LP", build_linear, is_linear=True
)
