"""The assignment problem of a night (section 6 of models/README.md): each pack serves a swap, stays, or never comes.

Rows are packs: those of the start, then the one that each swap brings. Columns are swaps, and a last one for
staying to the end. The pack that a swap brings, matched to that very swap, stands for the swap being lost:
nobody leaves with a pack, and none comes. So what a night decides is one assignment of rows to columns for each type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from models.formulations.levels.data import start_kwh
from models.formulations.matrix import Array, Index
from models.station.acceptance import Reach, fastest_of, reach_of_kind
from models.station.instance import Night, Pack, Swap, returned_pack_id
from models.station.pack_type import PackType, lines_of
from models.tolerances import EQUAL, MISSING_KWH

Allowed = NDArray[np.bool_]
MOST_CHARGING_SLOTS = 40  # of one pack that are told apart along a curve: what comes after is taken for one slot


@dataclass(frozen=True)
class AssignmentProblem:
    """The assignment problem of one pack type: m rows (packs), n swaps; energies in kWh.

    `packs[r]`: pack ids; `swaps[j]`: swap ids; `due[j]`: their slots; `charge_from[r]`: first slot in which the pack
    may charge; `missing_kwh[r, j]`: what it lacks of the swap's need; `room_kwh[r]`: what it takes up to E;
    `most_kwh[r]`: the most it gains in any slot; `allowed[r, j]`, shape (m, n + 1): may it be so, whatever is charged?
    `lost_cost[j]`; `stay_value[r]`: worth of what it holds on arrival if it stays; `end_value_per_kwh` of what is
    charged. Wear: a kWh of a slot's charge beyond `step_from_kwh[h]` costs `step_cost[h]`, rising with h.

    Along an acceptance curve, else None: `gains_kwh[r, k]`: the most that the slot after k others gives (6.10);
    `ladder_kwh[r, k]`: the most that k slots give, the last number for more of them, too.

    For a ready reserve: `arrive[r]`: first slot in which it is there; `unready_kwh[r]`: what it lacks of S then (inf:
    it never comes); `need_kwh[j]`: what swap j needs; `beyond_kwh[j]`: that above S; `spare_kwh`: what a pack that
    holds S takes up to E, at most `spare_most_kwh` in any slot.

    `parts`: columns of the packs of each swap of several, which (6.9) ties.
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
    step_from_kwh: Array
    step_cost: Array
    arrive: Index
    unready_kwh: Array
    beyond_kwh: Array
    spare_kwh: float
    spare_most_kwh: float
    need_kwh: Array
    parts: tuple[tuple[int, ...], ...] = ()
    gains_kwh: Array | None = None
    ladder_kwh: Array | None = None

    @property
    def initial(self) -> int:
        """Packs in the station at the start: the rows before those that swaps bring."""
        return len(self.packs) - len(self.swaps)

    @cached_property
    def lost(self) -> tuple[Index, Index]:
        """Rows and columns that stand for swaps being lost: what (6.5) counts."""
        columns = np.arange(len(self.swaps))
        return self.initial + columns, columns

    def wear(self, kwh: Array) -> Array:
        """Wear of what is charged in one slot each."""
        rises = np.diff(self.step_cost, prepend=0.0)
        return np.asarray(np.maximum(kwh[..., None] - self.step_from_kwh, 0.0) @ rises)

    def cost(self, rows: Index, columns: Index, kwh: Array, wear: Array) -> Array:
        """Cost of pairs without the power that they draw: `wear`, lost swaps, less the worth of what stays."""
        stays, lost = columns == len(self.swaps), rows == self.initial + columns
        worth = np.where(stays, self.stay_value[rows] + self.end_value_per_kwh * kwh, 0.0)
        lost_cost = np.append(self.lost_cost, 0.0)[columns]
        return np.asarray(np.where(lost & ~stays, lost_cost, wear - worth))

    def hand_overs(self, rows: Index, columns: Index) -> dict[str, str]:
        """Pack id per served swap of an assignment."""
        return {
            self.swaps[j]: self.packs[r]
            for r, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if j < len(self.swaps) and r != self.initial + j
        }

    def pairs(self, by_swap: Mapping[str, str]) -> tuple[Index, Index]:
        """Rows and columns of the assignment whose hand-overs these are: of every row, as `hand_overs` takes them."""
        row = {pack: r for r, pack in enumerate(self.packs)}
        rows = np.array([row.get(by_swap.get(swap, ""), self.initial + j) for j, swap in enumerate(self.swaps)], int)
        stays = np.setdiff1d(np.arange(len(self.packs)), rows)
        return np.append(rows, stays), np.append(np.arange(len(rows)), np.full(len(stays), len(self.swaps)))


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
    charge_from = np.array([*_charge_from(night, packs), *(min(swap.slot + wait, slots) for swap in swaps)])
    names = (*(pack.id for pack in packs), *(returned_pack_id(swap.id) for swap in swaps))
    reaches = _reaches(night, kind, names)
    need = np.array([night.needed_kwh(swap) for swap in swaps])
    missing = np.maximum(need - energy[:, None] - MISSING_KWH, 0.0)
    value, (step_from_kwh, step_cost) = night.end_value_per_kwh(kind), _wear_steps(night, kind)
    problem = AssignmentProblem(
        type=kind.id,
        packs=names,
        swaps=tuple(swap.id for swap in swaps),
        due=np.array([swap.slot for swap in swaps], dtype=np.int64),
        charge_from=charge_from,
        missing_kwh=missing.reshape(len(energy), len(swaps)),
        room_kwh=np.where(comes, kind.target_kwh - energy, 0.0),
        most_kwh=_most_kwh(reaches, energy),
        allowed=np.ones((len(energy), len(swaps) + 1), dtype=bool),
        lost_cost=np.array([swap.lost_cost for swap in swaps]),
        stay_value=np.where(comes, value * energy, 0.0),
        end_value_per_kwh=value,
        step_from_kwh=step_from_kwh,
        step_cost=step_cost,
        arrive=np.maximum(arrive, 0),
        unready_kwh=np.where(comes, np.maximum(kind.swap_kwh - energy - MISSING_KWH, 0.0), np.inf),
        beyond_kwh=np.maximum(need - kind.swap_kwh, 0.0),
        spare_kwh=kind.target_kwh - kind.swap_kwh + MISSING_KWH,
        spare_most_kwh=_most_gain_kwh(night, kind, kind.swap_kwh) + MISSING_KWH,
        need_kwh=np.maximum(need - MISSING_KWH, 0.0),
        parts=_parts(night, [swap.id for swap in swaps]),
        gains_kwh=_gains_kwh(reaches, energy, slots) if kind.has_curve else None,
        ladder_kwh=_ladder_kwh(reaches, energy, slots) if kind.has_curve else None,
    )
    _forbid(problem, night, arrive, comes, {swap.id: swap.pack for swap in swaps if swap.pack is not None})
    return problem


def _charge_from(night: Night, packs: Sequence[Pack]) -> list[int]:
    """First slot of charging of packs of the start: none in a bay without charger."""
    station = night.station
    bay_of = {pack.id: bay for pack, bay in zip(station.packs, station.bay_numbers, strict=True)}
    return [0 if station.has_charger(bay_of[pack.id]) else night.horizon.slots for pack in packs]


def _reaches(night: Night, kind: PackType, names: Sequence[str]) -> list[Reach]:
    """What a slot does to each pack."""
    max_kw, hours = night.station.chargers.max_kw, night.horizon.slot_hours
    return [reach_of_kind(night.kind_of(name, kind.id), max_kw, hours) for name in names]


def _most_kwh(reaches: Sequence[Reach], energy_kwh: Array) -> Array:
    """The most that each pack gains in any slot."""
    return np.array([reach.most_gain_kwh(kwh) for reach, kwh in zip(reaches, energy_kwh.tolist(), strict=True)])


def _gains_kwh(reaches: Sequence[Reach], energy_kwh: Array, slots: int) -> Array:
    """(6.10) shape (packs, most slots of charging that any of them needs)."""
    gains = cache(lambda reach, kwh: reach.gains_kwh(kwh, min(slots, MOST_CHARGING_SLOTS)))
    rows = [gains(reach, kwh) for reach, kwh in zip(reaches, energy_kwh.tolist(), strict=True)]
    longest = max(map(len, rows), default=0)
    return np.array([(*row, *(0.0,) * (longest - len(row))) for row in rows]).reshape(len(rows), longest)


def _ladder_kwh(reaches: Sequence[Reach], energy_kwh: Array, slots: int) -> Array:
    """The most that each pack gains in 0, 1, 2 … slots, shape (packs, as many as any needs to be full)."""
    ladder = cache(lambda reach, kwh: reach.ladder_kwh(kwh, slots))
    rows = [ladder(reach, kwh) for reach, kwh in zip(reaches, energy_kwh.tolist(), strict=True)]
    longest = max(map(len, rows), default=1)
    return np.array([(*row, *row[-1:] * (longest - len(row))) for row in rows]).reshape(len(rows), longest)


def _most_gain_kwh(night: Night, kind: PackType, kwh: float) -> float:
    """Most that any pack of a type gains in any slot once it holds `kwh`."""
    fastest = fastest_of(night.types_by_pack.all_of(kind.id))
    return reach_of_kind(fastest, night.station.chargers.max_kw, night.horizon.slot_hours).most_gain_kwh(kwh)


def _wear_steps(night: Night, kind: PackType) -> tuple[Array, Array]:
    """From what charge in a slot on (kWh) a kWh costs how much wear, up to the charger's most power."""
    points, lines = kind.wear, lines_of(kind.wear)
    if not lines:
        return np.zeros(1), np.zeros(1)
    steps = [
        (kw * night.horizon.slot_hours, line.slope)
        for (kw, _), line in zip(points, lines, strict=False)
        if kw < night.station.chargers.max_kw
    ]
    from_kwh, cost = (np.array(part) for part in zip(*steps, strict=True))
    return from_kwh, np.maximum.accumulate(cost)  # a file's slopes may fall by rounding


def _parts(night: Night, columns: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    place = {swap: j for j, swap in enumerate(columns)}
    return tuple(tuple(place[part] for part in parts) for parts in night.parts_by_swap.values() if parts[0] in place)


def _most_until(problem: AssignmentProblem, slots: Index) -> Array:
    """The most that each pack gains in so many slots, shape (m, n)."""
    if problem.ladder_kwh is None:
        return np.asarray(problem.most_kwh[:, None] * slots)
    return np.take_along_axis(problem.ladder_kwh, np.minimum(slots, problem.ladder_kwh.shape[1] - 1), axis=1)


def _forbid(problem: AssignmentProblem, night: Night, arrive: Index, comes: Allowed, wanted: Mapping[str, str]) -> None:
    """What can never be: leaving before it comes or can be charged, a pack that its driver did not ask for."""
    allowed = problem.allowed[:, :-1]
    most = _most_until(problem, np.maximum(problem.due[None, :] - problem.charge_from[:, None], 0))
    allowed &= (arrive[:, None] < problem.due[None, :]) & comes[:, None] & (problem.missing_kwh <= most + EQUAL)
    for j, swap in enumerate(problem.swaps):
        if swap in wanted:
            allowed[:, j] &= np.array([pack == wanted[swap] for pack in problem.packs])
    allowed[problem.lost] = True
