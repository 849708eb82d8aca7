"""Arc flow: packs as an integer flow through the states of an on/off charger. models/README.md, section 7.

Exact where chargers are on/off: counts see how many packs charge, start and stop, and no two equal packs are named
apart. At any other station it plans with chargers that are on or off, which is a plan, but bounds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.formulations.arc_flow.network import OFF, ON, ArcNetwork, PackGroup, State, arc_network
from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Index, Matrix, MatrixBuilder
from models.formulations.names import Indexed, Key, Listed
from models.station.at_once import full_kw, limits_partial_slots, whole_chargers
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.tolerances import ENERGY_KWH, EQUAL, METER_KWH, MISSING_KWH


@dataclass(frozen=True)
class Moves:
    """What packs of one group that stand in the station after a slot's swaps may do: columns of `idle` and `charge`.

    `charge` −1: they cannot. `is_plugged`: does charging count where plug changes do, and is no trickle?
    """

    pack_group: int
    slot: int
    state: State
    idle: int
    charge: int
    is_plugged: bool


@dataclass(frozen=True)
class Leaving:
    """The column of how many packs of `pack_group` in `state` are handed over to `swap_group`."""

    pack_group: int
    slot: int
    state: State
    swap_group: int
    column: int


@dataclass(frozen=True)
class ArcFlow:
    """The programme; its columns by what they mean.

    `short`: columns of the reserve's shortfall by slot; `solar_kw`: of solar power used, −1 where there is no sun;
    `whole_peaks`: of (7.8).
    """

    network: ArcNetwork
    matrix: Matrix
    moves: tuple[Moves, ...]
    leaving: tuple[Leaving, ...]
    short: dict[int, int]
    solar_kw: Index
    whole_peaks: Index


def build_arc_flow(night: Night, network: ArcNetwork | None = None) -> ArcFlow:
    """The arc-flow programme of `night`. `network`: the night's, where it is at hand."""
    network, b = network or arc_network(night), MatrixBuilder()
    grid = add_grid_and_bill(b, night)
    flows = _Flows(network, b)
    for number, pack_group in enumerate(network.pack_groups):
        _add_pack_group(flows, number, pack_group)
    flows.build()
    _add_swap_groups(b, flows)
    _add_power(b, flows, grid)
    _add_charger_count(b, flows)
    _add_power_at_once(b, flows, grid)
    _add_plug_changes(b, flows)
    short = _add_reserve(b, flows)
    whole_peaks = _add_whole_peaks(b, flows, grid)
    return ArcFlow(network, b.matrix(), tuple(flows.moves), tuple(flows.leaving), short, grid.solar_kw, whole_peaks)


class _Flows:
    """Columns made so far, and the entries of rows that gather them."""

    def __init__(self, network: ArcNetwork, b: MatrixBuilder) -> None:
        self.network, self.night, self.b = network, network.night, b
        self.moves: list[Moves] = []
        self.leaving: list[Leaving] = []
        self.entries: list[tuple[int, int, float]] = []  # row, column, value
        self.served: dict[int, list[int]] = defaultdict(list)  # columns of hand-overs by swap_group
        self.brought: list[tuple[int, int]] = []  # swap_group whose packs enter the balance of this row
        self._first_column, self._first_row = b.column_count, b.row_count
        self._high: list[float] = []
        self._cost: list[float] = []
        self._side: list[float] = []
        self.stays: dict[tuple[int, int, State], int] = {}  # columns of (7.2) by pack_group, slot and state

    def column(self, high: float, cost: float = 0.0) -> int:
        """A new integer column; `build` puts it into the programme."""
        self._high.append(high)
        self._cost.append(cost)
        return self._first_column + len(self._high) - 1

    def row(self, side: float) -> int:
        """A new row that equals `side`, alike."""
        self._side.append(side)
        return self._first_row + len(self._side) - 1

    def build(self) -> None:
        """Put the columns and rows into the programme, all at once: there are tens of thousands."""
        columns, rows = (partial(keys, self.moves, self.leaving, self.stays) for keys in (_column_keys, _row_keys))
        self.b.columns((len(self._high),), 0.0, self._high, self._cost, integer=True, named=Listed(columns))
        self.b.rows(len(self._side), self._side, self._side, named=Listed(rows))


Stays = Mapping[tuple[int, int, State], int]


def _column_keys(moves: Sequence[Moves], leaving: Sequence[Leaving], stays: Stays) -> list[Key]:
    """What the columns of the flow are called, made only where somebody asks for it."""
    keys: dict[int, Key] = {column: ("stay", *at) for at, column in stays.items()}
    for move in moves:
        at = (move.pack_group, move.slot, move.state)
        keys |= {move.idle: ("idle", *at), move.charge: ("charge", *at)}
    keys |= {one.column: ("hand_over", one.pack_group, one.slot, one.state, one.swap_group) for one in leaving}
    return [keys[column] for column in sorted(keys) if column >= 0]


def _row_keys(moves: Sequence[Moves], leaving: Sequence[Leaving], stays: Stays) -> list[Key]:
    """What its rows are called, alike."""
    places = [(move.pack_group, move.slot, move.state) for move in moves]
    return [(row, *at) for at in places for row in ("(7.1)", "(7.2)") if row == "(7.1)" or at in stays]


def _add_pack_group(flows: _Flows, number: int, pack_group: PackGroup) -> None:
    """(7.1) packs of a state stay, charge or leave; (7.2) those just brought do not leave in that slot."""
    network = flows.network
    coming: dict[State, list[int]] = {}  # columns of the slot before that lead to each state
    most = sum(len(p) for s in network.pack_groups if s.kind.id == pack_group.kind.id for p in s.start.values())
    for t, states in enumerate(network.states[number]):
        brings, now = pack_group.brings.get(t, {}), coming
        coming = defaultdict(list)
        for state in sorted({*states, *brings}):
            start = len(pack_group.start.get(state, ())) if t == 0 else 0
            row = flows.row(start)
            flows.entries += [(row, column, -1.0) for column in now.get(state, [])]
            row = _add_leaving(flows, number, t, state, row, is_joined=state in brings)
            flows.brought += [(swap_group, row) for swap_group in brings.get(state, ())]
            move = _move(flows, number, t, state, most)
            flows.entries.append((row, move.idle, 1.0))
            coming[state.idle(t)].append(move.idle)
            if move.charge >= 0:
                flows.entries.append((row, move.charge, 1.0))
                after = network.charged(pack_group, state)
                assert after is not None
                coming[after].append(move.charge)


def _add_leaving(flows: _Flows, number: int, t: int, state: State, row: int, *, is_joined: bool) -> int:
    """Hand-overs out of the balance `row`; returns the row of those that stay: (7.2), where others join them."""
    pack_group = flows.network.pack_groups[number]
    serves = flows.network.serves(pack_group, state, t)
    for swap_group in serves:
        column = flows.column(len(flows.network.swap_groups[swap_group].swaps))
        flows.leaving.append(Leaving(number, t, state, swap_group, column))
        flows.served[swap_group].append(column)
        flows.entries.append((row, column, 1.0))
    if not (serves and is_joined):
        return row
    stays, after = flows.column(len(flows.night.station.packs)), flows.row(0.0)
    flows.stays[number, t, state] = stays
    flows.entries += [(row, stays, 1.0), (after, stays, -1.0)]
    return after


def _move(flows: _Flows, number: int, t: int, state: State, most: float) -> Moves:
    """Columns of staying idle and of charging, with wear and, in the last slot, the worth of what is left."""
    night, pack_group = flows.night, flows.network.pack_groups[number]
    worth = night.end_value_per_kwh(pack_group.kind) if t == night.horizon.slots - 1 else 0.0
    idle, charge, is_plugged = flows.column(most, -worth * state.energy), -1, False
    if (after := flows.network.charged(pack_group, state)) is not None:
        hours = night.horizon.slot_hours
        power_kw = (after.energy - state.energy) / hours
        wear = hours * max((line.at(power_kw) for line in lines_of(pack_group.kind.wear)), default=0.0)
        charge = flows.column(most, wear - worth * after.energy)
        is_plugged = flows.network.is_plugged(state, after.energy)
    move = Moves(number, t, state, idle, charge, is_plugged)
    flows.moves.append(move)
    return move


def _add_swap_groups(b: MatrixBuilder, flows: _Flows) -> None:
    """(7.3) no more hand-overs than swaps; a lost swap costs. Packs that are brought enter (7.1).

    (7.7) hand-overs to parts of swaps of several packs are those of whole swaps.
    """
    for index, swap_group in enumerate(flows.network.swap_groups):
        b.offset += swap_group.lost_cost * len(swap_group.swaps)
        columns = np.array(flows.served[index], dtype=np.int64)
        b.add_cost(columns, -swap_group.lost_cost)
        b.put(b.rows(1, -np.inf, len(swap_group.swaps), named=Indexed("(7.3)", (index,))), columns, 1.0)
        if swap_group.packs > 1:
            most = len(swap_group.swaps) / swap_group.packs
            whole = b.columns((1,), 0.0, most, integer=True, named=Indexed("whole", (index,)))
            tie = b.rows(1, 0.0, 0.0, named=Indexed("(7.7)", (index,)))
            b.put(tie, columns, 1.0)
            b.put(tie, whole, -float(swap_group.packs))
    for index, row in flows.brought:
        flows.entries += [(row, column, -1.0) for column in flows.served[index]]
    if flows.entries:  # none where no pack is in the station and none can come
        rows, columns, values = (np.array(part) for part in zip(*flows.entries, strict=True))
        b.put(rows.astype(np.int64), columns.astype(np.int64), values)


def _charging(flows: _Flows) -> list[tuple[Moves, float]]:
    """Moves that charge, and the energy in kWh that each pack gains."""
    found = []
    for move in flows.moves:
        if move.charge >= 0:
            after = flows.network.charged(flows.network.pack_groups[move.pack_group], move.state)
            assert after is not None
            found.append((move, after.energy - move.state.energy))
    return found


def _add_power(b: MatrixBuilder, flows: _Flows, grid: GridColumns) -> None:
    """Q_t of (1.1) is what the packs that charge gain."""
    to_grid_kw = 1 / (flows.night.station.chargers.efficiency * flows.night.horizon.slot_hours)
    charging = _charging(flows)
    if charging:
        slots, columns, gains_kwh = (
            np.array(part) for part in zip(*((m.slot, m.charge, gain) for m, gain in charging), strict=True)
        )
        b.put(grid.balance[slots], columns, -gains_kwh * to_grid_kw)


def _add_charger_count(b: MatrixBuilder, flows: _Flows) -> None:
    """(7.4) packs charging in a slot ≤ chargers, and ≤ those at full power that the grid limit has room for."""
    station, slots = flows.night.station, flows.night.horizon.slots
    most = np.minimum(whole_chargers(flows.night), station.chargers.count)
    if (most >= len(station.packs)).all():
        return
    rows = b.rows(slots, -np.inf, most, named="(7.4)")
    _put(b, rows, [(move.slot, move.charge) for move in flows.moves if move.charge >= 0], 1.0)


def _add_power_at_once(b: MatrixBuilder, flows: _Flows, grid: GridColumns) -> None:
    """(7.9) a partial slot draws its full power while it lasts: where (7.4) does not say it, beside sun or a curve."""
    night, station = flows.night, flows.night.station
    asked = (grid.solar_kw >= 0) | bool(np.isinf(whole_chargers(night)).any())
    if not (limits_partial_slots(night) and asked.any()):
        return
    rows = np.full(night.horizon.slots, -1)
    net_kw = np.array(station.grid_limit_kw) - np.array(station.base_load_kw)
    named = Indexed("(7.9)", (np.flatnonzero(asked),))
    rows[asked] = b.rows(int(asked.sum()), -np.inf, net_kw[asked], named=named)
    sunny = asked & (grid.solar_kw >= 0)
    b.put(rows[sunny], grid.solar_kw[sunny], -1.0)
    for move, gain_kwh in _charging(flows):
        if rows[move.slot] >= 0:
            power_kw = _power_at_once_kw(flows, move, gain_kwh) / station.chargers.efficiency
            b.put(rows[[move.slot]], np.array([move.charge]), power_kw)


def _power_at_once_kw(flows: _Flows, move: Moves, gain_kwh: float) -> float:
    """A bound allows for packs that are a little off their state: where a curve rises they take less."""
    night, kind, energy_kwh = flows.night, flows.network.pack_groups[move.pack_group].kind, move.state.energy
    gain_kw = gain_kwh / night.horizon.slot_hours
    if energy_kwh + gain_kwh < kind.target_kwh - ENERGY_KWH:
        return gain_kw
    return max(gain_kw, full_kw(night, kind, max(0.0, energy_kwh - METER_KWH), energy_kwh + gain_kwh))


def _add_plug_changes(b: MatrixBuilder, flows: _Flows) -> None:
    """(7.5) changes at the boundary before slot t ≥ packs that start and ≥ packs that stop; the cap is their bound."""
    station, slots = flows.night.station, flows.night.horizon.slots
    if not station.counts_plug_changes:
        return
    caps = [station.most_plug_changes(t) for t in range(slots)]
    most = [float(len(station.packs)) if cap is None else cap for cap in caps]
    costs = [station.cost_of_plug_change(t) if t else 0.0 for t in range(slots)]
    changes = b.columns((slots,), 0.0, most, costs, named="changes")
    starts, stops = b.rows(slots, 0.0, named="(7.5) start"), b.rows(slots, 0.0, named="(7.5) stop")
    b.put(starts[1:], changes[1:], 1.0)
    b.put(stops[1:], changes[1:], 1.0)
    starting = [(m.slot, m.charge) for m in flows.moves if m.slot and m.is_plugged and m.state.status == OFF]
    stopping = [(m.slot, m.idle) for m in flows.moves if m.slot and m.state.status == ON]
    stopping += [
        (m.slot, m.charge)
        for m in flows.moves
        if m.slot and m.charge >= 0 and m.state.status == ON and not m.is_plugged
    ]
    leaving = [(left.slot, left.column) for left in flows.leaving if left.slot and left.state.status == ON]
    _put(b, starts, starting, -1.0)
    _put(b, stops, stopping + leaving, -1.0)


def _add_whole_peaks(b: MatrixBuilder, flows: _Flows, grid: GridColumns) -> Index:
    """(7.8) the most packs at full power while a peak is metered are a whole number, and the peak is theirs at least.

    Only for demand charges whose metering intervals are single slots: returns their columns.
    """
    night, made = flows.night, []
    full_kwh = night.reach_full_kwh - EQUAL
    full_kw = full_kwh / (night.station.chargers.efficiency * night.horizon.slot_hours)
    full = [(move.slot, move.charge) for move, gain_kwh in _charging(flows) if gain_kwh >= full_kwh]
    net_kw = np.array(night.station.base_load_kw) - np.array(night.station.solar_kw)
    for d, (demand, peak) in enumerate(zip(night.tariff_series.demands, grid.peak_kw.tolist(), strict=True)):
        metered = [interval[0][0] for interval in demand.intervals if len(interval) == 1]
        if not full or not metered or len(metered) < len(demand.intervals):
            continue
        most = b.columns((1,), 0.0, len(night.station.packs), integer=True, named=Indexed("whole_peak", (d,)))
        rows = np.full(night.horizon.slots, -1)
        rows[metered] = b.rows(len(metered), -np.inf, 0.0, named=Indexed("(7.8) most", (d, metered)))
        b.put(rows[metered], most, -1.0)
        _put(b, rows, [(slot, column) for slot, column in full if rows[slot] >= 0], 1.0)
        above = b.rows(1, float(net_kw[metered].min()), named=Indexed("(7.8) peak", (d,)))
        b.put(above, peak, 1.0)
        b.put(above, most, -full_kw)
        made.append(int(most[0]))
    return np.array(made, dtype=np.int64)


def _put(b: MatrixBuilder, rows: Index, by_slot: Sequence[tuple[int, int]], value: float) -> None:
    """The same coefficient for columns in the row of their slot."""
    if by_slot:
        slots, columns = (np.array(part) for part in zip(*by_slot, strict=True))
        b.put(rows[slots], columns, value)


def _add_reserve(b: MatrixBuilder, flows: _Flows) -> dict[int, int]:
    """(7.6) ready packs and shortfall make the reserve, after the swaps of the slot."""
    station = flows.night.station
    asked = [t for t, count in enumerate(station.ready_reserve) if count > 0]
    if not asked:
        return {}
    high = [station.ready_reserve[t] for t in asked]
    named = Indexed("short", (asked,))
    columns = b.columns((len(asked),), 0.0, high, station.reserve_cost, integer=True, named=named)
    rows = np.full(flows.night.horizon.slots, -1)
    rows[asked] = b.rows(len(asked), high, named=Indexed("(7.6)", (asked,)))
    b.put(rows[asked], columns, 1.0)
    ready_kwh = [pack_group.kind.swap_kwh - MISSING_KWH for pack_group in flows.network.pack_groups]
    ready = [m for m in flows.moves if rows[m.slot] >= 0 and m.state.energy >= ready_kwh[m.pack_group]]
    _put(b, rows, [(m.slot, column) for m in ready for column in (m.idle, m.charge) if column >= 0], 1.0)
    return dict(zip(asked, columns.tolist(), strict=True))
