"""The reference model where curves are not concave or packs are of several temperatures: exact, by a binary for each
piece of R. Not a test file itself; section 5 of models/README.md is a relaxation there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from models.formulations.reference import ReferenceModel, build_reference
from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night, returned_pack_id
from models.tolerances import EQUAL


def build_exact_reference(night: Night) -> ReferenceModel:
    """The model of a station with continuous chargers, a least power or none: each slot ends at R(start) at most.

    For on/off chargers it is exact only where each type has one curve and that is concave.
    """
    reference = build_reference(night)
    m, night = reference.model, night.by_pack
    m.below_curve = pyo.ConstraintList()
    m.in_piece = pyo.VarList(domain=pyo.Binary)
    for bay in m.B:
        _keep_curves(m, night, bay)
    return reference


def _keep_curves(m: Any, night: Night, bay: int) -> None:
    """The curve of the pack that the bay begins with, and then that of those that drivers bring."""
    own, brought = _reaches(night, bay)
    if own == brought and own.is_concave:
        return
    for t in m.T:
        if own == brought:
            _keep(m, night, bay, t, own, 0)
            continue
        handed = [m.serves[i, j] for i, j in m.serves if i == bay and night.station.swaps[j].slot <= t]
        has_left = m.in_piece.add()
        for one in handed:
            m.below_curve.add(has_left >= one)
        m.below_curve.add(has_left <= sum(handed))
        _keep(m, night, bay, t, own, has_left)
        _keep(m, night, bay, t, brought, 1 - has_left)


def _reaches(night: Night, bay: int) -> tuple[Reach, Reach]:
    pack = night.station.packs[bay]
    swap = next((swap.id for swap in night.station.swaps if swap.type == pack.type), None)
    kinds = [night.kind_of(name, pack.type) for name in (pack.id, pack.id if swap is None else returned_pack_id(swap))]
    own, brought = (reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours) for kind in kinds)
    return own, brought


def _keep(m: Any, night: Night, bay: int, t: int, reach: Reach, is_other: Any) -> None:
    """The slot starts on one piece of R and ends on it or below, unless the bay holds a pack of another curve."""
    top, hours = reach.kind.target_kwh, night.horizon.slot_hours
    if not reach.kind.has_curve:
        return
    end, start = m.energy_kwh[bay, t], m.energy_kwh[bay, t] - hours * m.power_kw[bay, t]
    inner = [x for x in reach.polyline.xs if EQUAL < x < top - EQUAL]
    pieces = list(pairwise([0.0, *inner, top]))
    chosen = [m.in_piece.add() for _ in pieces]
    m.below_curve.add(sum(chosen) == 1)
    for here, (low, high) in zip(chosen, pieces, strict=True):
        first, last = reach.after_kwh(low), reach.after_kwh(high)
        slope = (last - first) / (high - low)
        m.below_curve.add(start >= low * here)
        m.below_curve.add(start <= high + (top - high) * (1 - here))
        most = top + slope * max(0.0, low) - min(0.0, first)  # the end is no more above the piece's line
        m.below_curve.add(end <= first + slope * (start - low) + most * (1 - here) + most * is_other)
