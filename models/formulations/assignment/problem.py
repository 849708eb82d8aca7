"""The assignment problem of a night (section 6 of models/README.md): each pack serves a swap, stays, or never comes.

Rows are packs: those of the start, then the one that each swap brings. Columns are swaps, and a last one for
staying to the end. The pack that a swap brings, matched to that very swap, stands for the swap being lost:
nobody leaves with a pack, and none comes. So what a night decides is one assignment of rows to columns for each type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.formulations.levels.data import start_kwh
from models.formulations.matrix import Array, Index
from models.station.instance import Night, Pack, Swap, returned_pack_id
from models.station.pack_type import PackType, lines_of, reach_kwh
from models.tolerances import EQUAL, MISSING_KWH

Allowed = NDArray[np.bool_]


@dataclass(frozen=True)
class AssignmentProblem:
    """The assignment problem of one pack type: m rows (packs), n swaps; energies in kWh.

    `packs[r]`: pack ids; `swaps[j]`: swap ids; `due[j]`: their slots; `charge_from[r]`: first slot in which the pack
    may charge; `missing_kwh[r, j]`: what it lacks of the swap's need; `room_kwh[r]`: what it takes up to E;
    `most_kwh[r]`: the most it gains in any slot; `allowed[r, j]`, shape (m, n + 1): may it be so, whatever is charged?
    `lost_cost[j]`; `stay_value[r]`: worth of what it holds on arrival if it stays; `end_value_per_kwh` of what is
    charged; `wear_per_kwh`: least wear of a kWh charged.
    """

    type: str
    packs: tuple[str, ...]
    swaps: tuple[str, ...]
    due: Index
    charge_from: Index
    missing_kwh: Array
    room_kwh: Array
    most_kwh: Array
    allowed: Allowed
    lost_cost: Array
    stay_value: Array
    end_value_per_kwh: float
    wear_per_kwh: float

    @property
    def initial(self) -> int:
        """Packs in the station at the start: the rows before those that swaps bring."""
        return len(self.packs) - len(self.swaps)

    @cached_property
    def lost(self) -> tuple[Index, Index]:
        """Rows and columns that stand for swaps being lost: what (6.5) counts."""
        columns = np.arange(len(self.swaps))
        return self.initial + columns, columns

    def cost(self, rows: Index, columns: Index, kwh: Array) -> Array:
        """Cost of pairs without the power that they draw: wear, lost swaps, less the worth of what stays."""
        stays, lost = columns == len(self.swaps), rows == self.initial + columns
        worth = np.where(stays, self.stay_value[rows] + self.end_value_per_kwh * kwh, 0.0)
        lost_cost = np.append(self.lost_cost, 0.0)[columns]
        return np.asarray(np.where(lost & ~stays, lost_cost, self.wear_per_kwh * kwh - worth))

    def hand_overs(self, rows: Index, columns: Index) -> dict[str, str]:
        """Pack id per served swap of an assignment."""
        return {
            self.swaps[j]: self.packs[r]
            for r, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if j < len(self.swaps) and r != self.initial + j
        }


def assignment_problems(night: Night) -> tuple[AssignmentProblem, ...]:
    """The assignment problem of every type that has packs or swaps, pack by pack (`Night.by_pack`)."""
    night = night.by_pack
    packs, swaps = _by_type(night.station.packs), _by_type(night.station.swaps)
    return tuple(
        _assignment_problem(
            night, night.pack_types[name], packs.get(name, []), sorted(swaps.get(name, []), key=lambda s: s.slot)
        )
        for name in sorted({*packs, *swaps})
    )


def _by_type(things: Iterable[Pack] | Iterable[Swap]) -> dict[str, list]:  # type: ignore[type-arg]
    by_type: dict[str, list] = {}  # type: ignore[type-arg]
    for thing in things:
        by_type.setdefault(thing.type, []).append(thing)
    return by_type


def _assignment_problem(night: Night, kind: PackType, packs: list[Pack], swaps: list[Swap]) -> AssignmentProblem:
    swaps = sorted(swaps, key=lambda swap: swap.slot)
    slots, wait = night.horizon.slots, night.station.turnaround_slots
    returned = [min((swap.returned_soc or 0.0) * kind.capacity_kwh, kind.target_kwh) for swap in swaps]
    energy = np.array([*(start_kwh(night, pack) for pack in packs), *returned])
    arrive = np.array([-1] * len(packs) + [swap.slot for swap in swaps], dtype=np.int64)
    comes = np.array([True] * len(packs) + [swap.returned_soc is not None for swap in swaps])
    charge_from = np.where(arrive < 0, 0, np.minimum(arrive + wait, slots))
    missing = np.maximum(np.array([night.needed_kwh(swap) for swap in swaps]) - energy[:, None] - MISSING_KWH, 0.0)
    max_kw, hours = night.station.chargers.max_kw, night.horizon.slot_hours
    value, lines = night.end_value_per_kwh(kind), lines_of(kind.wear)
    problem = AssignmentProblem(
        type=kind.id,
        packs=(*(pack.id for pack in packs), *(returned_pack_id(swap.id) for swap in swaps)),
        swaps=tuple(swap.id for swap in swaps),
        due=np.array([swap.slot for swap in swaps], dtype=np.int64),
        charge_from=charge_from,
        missing_kwh=missing.reshape(len(energy), len(swaps)),
        room_kwh=np.where(comes, kind.target_kwh - energy, 0.0),
        most_kwh=np.array([reach_kwh(kind, max_kw, hours, kwh) - kwh for kwh in energy.tolist()]),
        allowed=np.ones((len(energy), len(swaps) + 1), dtype=bool),
        lost_cost=np.array([swap.lost_cost for swap in swaps]),
        stay_value=np.where(comes, value * energy, 0.0),
        end_value_per_kwh=value,
        wear_per_kwh=lines[0].slope if lines else 0.0,
    )
    _forbid(problem, night, arrive, comes, {swap.id: swap.pack for swap in swaps if swap.pack is not None})
    return problem


def _forbid(problem: AssignmentProblem, night: Night, arrive: Index, comes: Allowed, wanted: Mapping[str, str]) -> None:
    """What can never be: leaving before it comes or can be charged, a pack that its driver did not ask for."""
    allowed = problem.allowed[:, :-1]
    most = problem.most_kwh[:, None] * np.maximum(problem.due[None, :] - problem.charge_from[:, None], 0)
    allowed &= (arrive[:, None] < problem.due[None, :]) & comes[:, None] & (problem.missing_kwh <= most + EQUAL)
    for j, swap in enumerate(problem.swaps):
        if swap in wanted:
            allowed[:, j] &= np.array([pack == wanted[swap] for pack in problem.packs])
    allowed[problem.lost] = True
