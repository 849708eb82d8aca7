"""What practitioners do: the packs of a type are one virtual battery, planned by an LP; simple rules make a plan of it.

A battery of type k holds X_kt kWh once the swaps of slot t have taken theirs, takes p_kt kW in the slot, and serves
swap j in the share x_j. With E_k, n_j, r_j, ℓ_j and the bill of section 1 as in models/README.md, M_k the packs of the
type, N_kt those of them there and o_kt the kWh that swaps take with them:

    X_kt = X_k,t−1 + Δ·p_k,t−1 − o_kt + Σ r_j·x_j,    Σ n_j·x_j ≤ o_kt ≤ E_k·Σ x_j    over the swaps j of the slot
    N_kt = N_k,t−1 − Σ x_j over those that bring nothing,    Σ r_j·x_j ≤ X_kt,    X_kt + Δ·p_kt ≤ E_k·N_kt
    0 ≤ p_kt ≤ p̄·min(C, M_k),    Σ_k p_kt ≤ p̄·C
    wear_kt ≥ γ_n·min(C, M_k) + δ_n·p_kt for each line n of the wear curve,    Σ_k X_kt / S_k + z_t ≥ V_t

    min bill + Σ wear + Σ ℓ_j·(1 − x_j) − Σ_k v_k·(what is stored at the end)

Every plan is such a point: the sums over its packs of energy (at most E) and of power; γ_n ≤ 0, each ready pack holds
S, and what drivers bring in a slot no driver of the slot gets. So the LP bounds all plans. It does not know which pack
holds the energy: its powers are no plan. The rules then charge real packs within the battery's power, slot by slot.
Where the energy is in the wrong packs that loses drivers: those take their energy some slots ahead in an LP that is
solved again; and all of it is tried with more power. The cheapest plan counts, of these and of the baselines' within
the battery's peaks and power.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product

import numpy as np

from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.levels.data import start_kwh
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder, relaxed
from models.station.instance import Night, Swap
from models.station.pack_type import PackType, lines_of
from models.station.schedule import Schedule
from models.tolerances import EQUAL
from optimizer.bench.contenders.by_search import by_search, refusal
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender
from optimizer.engine.baselines import BookedPack, Simulation
from optimizer.engine.heuristics.load_caps import RULES, capped_limit_kw, simple_plan
from optimizer.engine.highs import SolverResult
from optimizer.engine.search import Search

METHOD = "aggregate battery"
MORE = (1.0, 1.02, 1.05, 1.1, 1.2, 1.4)
"""Of the battery's power, what real packs may take."""

ROUNDS = 8
"""Of the rules, for each of these: drivers lost in one take their energy earlier in the next."""


@dataclass(frozen=True)
class BatteryLp:
    """The LP. `power_kw`: its columns of power into the batteries, shape (types, slots), types by name; `served`: of
    swaps, in the order of the night."""

    matrix: Matrix
    power_kw: Index
    served: Index
    grid: GridColumns


def battery_lp(night: Night, ahead: Index | None = None) -> BatteryLp:
    """One battery for each pack type. `night`: with swaps of one pack each (`Night.by_pack`).

    `ahead`: slots by which each swap takes its energy before its own; only without them is the LP a bound.
    """
    b, slots = MatrixBuilder(), night.horizon.slots
    grid = add_grid_and_bill(b, night)
    kinds = [night.pack_types[name] for name in sorted(night.pack_types)]
    served = b.columns((len(night.station.swaps),), 0.0, 1.0, [-swap.lost_cost for swap in night.station.swaps])
    b.offset += sum(swap.lost_cost for swap in night.station.swaps)
    batteries = [_Battery(b, night, kind, served, ahead) for kind in kinds]
    power_kw = np.array([one.power_kw for one in batteries])
    most_kw = night.station.chargers.count * night.station.chargers.max_kw
    together = b.rows(slots, -np.inf, most_kw)
    for row_kw in power_kw:
        b.put(together, row_kw, 1.0)
        b.put(grid.balance, row_kw, -1.0 / night.station.chargers.efficiency)
    _add_reserve(b, night, batteries)
    return BatteryLp(relaxed(b.matrix()), power_kw, served, grid)


class _Battery:
    """Columns and rows of one type's battery."""

    def __init__(self, b: MatrixBuilder, night: Night, kind: PackType, served: Index, ahead: Index | None) -> None:
        self.night, self.kind = night, kind
        self.ahead = np.zeros(len(served), dtype=np.int64) if ahead is None else ahead
        packs = [pack for pack in night.station.packs if pack.type == kind.id]
        slots, hours, most_kwh = night.horizon.slots, night.horizon.slot_hours, len(packs) * kind.target_kwh
        self.charging = min(night.station.chargers.count, len(packs))
        self.stored_kwh = b.columns((slots,), 0.0, most_kwh)
        self.power_kw = b.columns((slots,), 0.0, self.charging * night.station.chargers.max_kw)
        taken_kwh = b.columns((slots,), 0.0, most_kwh)
        self.there = b.columns((slots,), 0.0, len(packs))
        begin_kwh, none = sum(start_kwh(night, pack) for pack in packs), np.zeros(slots - 1)
        energy = b.rows(slots, *(np.concatenate([[begin_kwh], none]),) * 2)
        counted = b.rows(slots, *(np.concatenate([[float(len(packs))], none]),) * 2)
        b.put(energy, self.stored_kwh, 1.0)
        b.put(energy[1:], self.stored_kwh[:-1], -1.0)
        b.put(energy[1:], self.power_kw[:-1], -hours)
        b.put(energy, taken_kwh, 1.0)
        b.put(counted, self.there, 1.0)
        b.put(counted[1:], self.there[:-1], -1.0)
        room = b.rows(slots, -np.inf, 0.0)
        b.put(room, self.stored_kwh, 1.0)
        b.put(room, self.power_kw, hours)
        b.put(room, self.there, -kind.target_kwh)
        self._add_swaps(b, served, taken_kwh, energy, counted)
        self._add_worth(b)
        self._add_wear(b)

    def _add_swaps(self, b: MatrixBuilder, served: Index, taken_kwh: Index, energy: Index, counted: Index) -> None:
        least, most, kept = (b.rows(len(taken_kwh), *ends) for ends in ((0.0,), (-np.inf, 0.0), (0.0,)))
        b.put(kept, self.stored_kwh, 1.0)
        b.put(least, taken_kwh, 1.0)
        b.put(most, taken_kwh, 1.0)
        for column, swap, before in zip(served, self.night.station.swaps, self.ahead.tolist(), strict=True):
            if swap.type != self.kind.id:
                continue
            taken = max(0, swap.slot - before)
            b.put(least[taken], column, -self.night.needed_kwh(swap))
            b.put(most[taken], column, -self.kind.target_kwh)
            if swap.returned_soc is None:
                b.put(counted[swap.slot], column, 1.0)
            else:
                returned_kwh = min(swap.returned_soc * self.kind.capacity_kwh, self.kind.target_kwh)
                b.put(energy[swap.slot], column, -returned_kwh)
                b.put(kept[swap.slot], column, -returned_kwh)

    def _add_worth(self, b: MatrixBuilder) -> None:
        worth = self.night.end_value_per_kwh(self.kind)
        b.add_cost(self.stored_kwh[-1:], -worth)
        b.add_cost(self.power_kw[-1:], -worth * self.night.horizon.slot_hours)

    def _add_wear(self, b: MatrixBuilder) -> None:
        lines, slots = [line for line in lines_of(self.kind.wear) if line.slope > 0], len(self.power_kw)
        if not lines:
            return
        wear = b.columns((slots,), 0.0, np.inf, self.night.horizon.slot_hours)
        for line in lines:
            rows = b.rows(slots, min(0.0, line.intercept) * self.charging)
            b.put(rows, wear, 1.0)
            b.put(rows, self.power_kw, -line.slope)


def _add_reserve(b: MatrixBuilder, night: Night, batteries: list[_Battery]) -> None:
    """Types whose packs are ready when empty count by number."""
    reserve = np.array(night.station.ready_reserve, dtype=float)
    if not reserve.any():
        return
    short, rows = b.columns(reserve.shape, 0.0, reserve, night.station.reserve_cost), b.rows(len(reserve), reserve)
    b.put(rows, short, 1.0)
    for one in batteries:
        if one.kind.swap_kwh > 0:
            b.put(rows, one.stored_kwh, 1.0 / one.kind.swap_kwh)
        else:
            b.put(rows, one.there, 1.0)


def _plan(search: Search) -> None:
    lp, first = _solved(search, search.forgiving, None)
    search.raise_bound(first.bound, METHOD)
    for more in MORE:
        _offer_rules(search, lp, first, more)
        _plan_within(search, lp, first, more)


def _offer_rules(search: Search, lp: BatteryLp, answer: SolverResult, more: float) -> None:
    """The plans of the baselines under the battery's peaks, or under its power where whole sessions are booked."""
    if answer.point is None:
        return
    night, packs_kw = search.night, more * answer.point[lp.power_kw].sum(axis=0)
    limits = {"peaks": _peaks_kw(night, lp, answer.point, more), "power": _limit_kw(night, packs_kw)}
    for (words, limit_kw), rule in product(limits.items(), RULES):
        if search.is_done and search.schedule is not None:
            return
        with search.watch.stage("rounding"):
            plan = simple_plan(night, rule, limit_kw)
        search.offer(plan.schedule, f"{METHOD}, {rule} within {more:g} of its {words}")


def _plan_within(search: Search, lp: BatteryLp, answer: SolverResult, more: float) -> None:
    """The battery's power times `more`; drivers whom that loses take their energy earlier, in an LP solved again.

    Not where plug changes are limited: packs that charge slot by slot would have too many.
    """
    if search.night.station.plug_changes_max is not None:
        return
    night, ahead = search.night, np.zeros(len(search.night.station.swaps), dtype=np.int64)
    for _ in range(ROUNDS):
        if answer.point is None or (search.is_done and search.schedule is not None):
            return
        with search.watch.stage("rounding"):
            schedule = _disaggregated(night, lp, answer.point, more)
        search.offer(schedule, f"{METHOD}, {more:g} of its power")
        by_swap, planned = schedule.by_swap(), answer.point[lp.served] >= 1 / 2
        late = np.array([swap.id not in by_swap for swap in night.station.swaps], dtype=bool) & planned
        if not late.any():
            return
        ahead[late] = 2 * ahead[late] + 1
        lp, answer = _solved(search, night, ahead)


def _solved(search: Search, night: Night, ahead: Index | None) -> tuple[BatteryLp, SolverResult]:
    with search.watch.stage("model"):
        lp = battery_lp(night, ahead)
    return lp, search.solve(lp.matrix, seconds=search.seconds_left)


def _disaggregated(night: Night, lp: BatteryLp, point: Array, more: float) -> Schedule:
    """`more`: how much more power real packs may take."""
    powers = dict(zip(sorted(night.pack_types), more * point[lp.power_kw], strict=True))
    swaps = zip(night.station.swaps, point[lp.served], strict=True)
    given_up = {swap.id for swap, share in swaps if share < 1 / 2}
    return _WithinPower(night, _peaks_kw(night, lp, point, more), powers, given_up).run()


def _peaks_kw(night: Night, lp: BatteryLp, point: Array, more: float) -> list[float]:
    """Most power drawn by slot under the peaks that the LP pays for."""
    return capped_limit_kw(night, dict(enumerate((more * point[lp.grid.peak_kw]).tolist())))


def _limit_kw(night: Night, packs_kw: Array) -> list[float]:
    """Most power drawn by slot, where packs may take `packs_kw`; in whole chargers where those know no less."""
    station = night.station
    least_kw = station.chargers.max_kw if station.chargers.mode == "on_off" else station.chargers.min_kw
    if least_kw > 0:
        packs_kw = least_kw * np.ceil(packs_kw / least_kw)
    base_kw = np.array(station.base_load_kw) - np.array(station.solar_kw)
    limit_kw: list[float] = np.minimum(station.grid_limit_kw, base_kw + packs_kw / station.chargers.efficiency).tolist()
    return limit_kw


class _WithinPower(Simulation):
    """Slot by slot the batteries' power goes to real packs: those not ready yet before others, the fullest first.

    What is left of it is for later slots. A driver gets the emptiest pack that is ready, or none. `given_up`: swaps
    that the LP mostly loses, and that are not served.
    """

    def __init__(
        self, night: Night, limit_kw: Sequence[float], power_kw: Mapping[str, Array], given_up: AbstractSet[str]
    ) -> None:
        super().__init__(night, limit_kw)
        self.power_kw, self.given_up, self.charged_until = power_kw, given_up, 0
        self.left_kw = dict.fromkeys(power_kw, 0.0)
        chargers = night.station.chargers
        self.least_kw = chargers.max_kw if chargers.mode == "on_off" else chargers.min_kw

    def simulate(self, most_lost_cost: float = math.inf) -> bool:
        is_whole = super().simulate(most_lost_cost)
        self._charge_until(self.slots)
        return is_whole

    def prepare(self, pack: BookedPack, swap: Swap) -> bool:
        """It holds enough by now, or is left."""
        return self._held_kwh(pack) >= self.night.needed_kwh(swap) - EQUAL

    def _serve(self, parts: Sequence[Swap]) -> bool:
        self._charge_until(parts[0].slot)
        return all(part.id not in self.given_up for part in parts) and super()._serve(parts)

    def _candidates(self, swap: Swap) -> Iterator[BookedPack]:
        return iter(sorted(super()._candidates(swap), key=self._held_kwh))

    def _held_kwh(self, pack: BookedPack) -> float:
        return pack.session.energy_kwh(pack.start_kwh, self.charged_until, self.capacity.hours)

    def _charge_until(self, slot: int) -> None:
        for t in range(self.charged_until, slot):
            for kind in self.power_kw:
                self._charge(kind, t)
            self.charged_until = t + 1

    def _charge(self, kind: str, t: int) -> None:
        self.left_kw[kind] += float(self.power_kw[kind][t])
        ready_kwh = self.night.pack_types[kind].swap_kwh
        there = [pack for pack in self.present if pack.kind.id == kind and pack.charge_from <= t]
        held = [(pack, self._held_kwh(pack)) for pack in there]
        for pack, held_kwh in sorted(held, key=lambda one: (one[1] >= ready_kwh - EQUAL, -one[1])):
            goal_kwh = ready_kwh if held_kwh < ready_kwh - EQUAL else pack.kind.target_kwh
            self.left_kw[kind] -= self._charge_pack(pack, held_kwh, t, self._share_kw(kind, goal_kwh - held_kwh))

    def _share_kw(self, kind: str, missing_kwh: float) -> float:
        """What is left, and no more than a pack lacks; of chargers that know no less, whole ones, rounded."""
        if self.least_kw:
            return math.inf if self.left_kw[kind] >= self.least_kw / 2 else 0.0
        return max(0.0, min(self.left_kw[kind], missing_kwh / self.capacity.hours))

    def _charge_pack(self, pack: BookedPack, held_kwh: float, t: int, most_kw: float) -> float:
        """Charge it in slot t with at most so much power, as all else allows; the power."""
        free_kw = self.capacity.free_kw[t]
        self.capacity.free_kw[t] = min(free_kw, most_kw)
        session = self.capacity.chronological(pack.kind, held_kwh, [t], pack.kind.target_kwh)
        self.capacity.free_kw[t] = free_kw
        self.capacity.book(session)
        for slot, kw in session.power_kw.items():
            pack.session.add(slot, kw, session.more_kw.get(slot, 0.0))
        return session.power_kw.get(t, 0.0)


AGGREGATE_BATTERY = Contender(
    "aggregate-battery",
    "one virtual battery a pack type by an LP, real packs within its power by simple rules; a weak bound",
    by_search(_plan),
    missing=preload,
    refusal=refusal,
    versions=lambda: {"highspy": version("highspy")},
)
