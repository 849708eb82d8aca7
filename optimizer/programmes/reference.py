"""The pack-level model of the literature (models/README.md, section 5) as a programme: its points are plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.formulations.matrix import Array
from models.formulations.reference import EQUATIONS, ReferenceModel, build_reference, follows_curves
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import stays_of
from models.tolerances import PLUGGED_SHARE
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.highs import Compiled, compile_model
from optimizer.programmes.names import column_names, row_names, safe_names
from optimizer.programmes.planned_assignment import SECONDS, planned
from optimizer.programmes.programme import Formulation, Programme


def build(night: Night) -> Programme:
    """Exact where (5.8) says all that curves say, else a relaxation whose assignment is dispatched anew.

    Nothing distinguishes bays that hold equal packs, a symmetry that solvers find hard.
    """
    reference = build_reference(night)
    compiled = compile_model(reference.model)
    programme = Programme(
        compiled.matrix,
        lambda point: _schedule(reference, compiled, point),
        lambda: row_names(reference.model, compiled.rows, EQUATIONS),
        lambda: column_names(compiled.columns),
        lambda: safe_names(column.name for column in compiled.columns),
    )
    return programme if follows_curves(night) else _dispatched(programme, reference, compiled)


def _dispatched(programme: Programme, reference: ReferenceModel, compiled: Compiled) -> Programme:
    def within(point: Array, seconds: float, seed: int) -> Schedule | None:
        compiled.load(point)
        return planned(reference.night, reference.hand_overs(), "reference", seconds, seed)

    return replace(programme, schedule=lambda point: within(point, SECONDS, 0), schedule_within=within, is_exact=False)


def _schedule(reference: ReferenceModel, compiled: Compiled, point: Array) -> Schedule:
    """All of it is taken from the point: hand-overs, powers, solar power, what the reserve lacks."""
    compiled.load(point)
    night, m = reference.night, reference.model
    stays = stays_of(night, reference.hand_overs())
    rows = {bay: row for row, bay in enumerate(night.station.bay_numbers)}
    power_kw = np.zeros((len(stays), night.horizon.slots))
    for s, stay in enumerate(stays):
        for t in stay.window:
            power_kw[s, t] = _power_kw(reference, rows[stay.bay], t)
    solar_kw = [max(0.0, m.solar_kw[t].value) if t in m.solar_kw else 0.0 for t in m.T]
    short = [round(m.short[t].value) if t in m.short else 0 for t in m.T]
    return build_schedule(night, stays, power_kw, solar_kw, short)


def _power_kw(reference: ReferenceModel, row: int, slot: int) -> float:
    """A charger that is off gives nothing; one that is on, where plug changes count, at least what counts as charging.

    `row` is that of the pack that stood in the bay at the start. The model allows exactly the least that counts; a plan
    needs a hair more (models/tolerances.py).
    """
    m, power_kw = reference.model, float(reference.model.power_kw[row, slot].value)
    station = reference.night.station
    if station.needs_switches and m.on[row, slot].value <= 0.5:
        return 0.0
    return max(power_kw, PLUGGED_SHARE * reference.night.charging_kw) if station.counts_plug_changes else power_kw


REFERENCE = Formulation(
    "reference", "pack-level model of the literature: which bay's pack serves whom; exact but for bent curves", build
)
