"""The best powers of given stays: as arrays, or through Pyomo where charger rules need binaries of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.formulations.dispatch.arrays import EVERYWHERE, Deadlines, DispatchArrays, dispatch_arrays
from models.formulations.dispatch.cheapest_slots import cheapest_powers
from models.formulations.dispatch.curve_parts import bent_stays, parts_near, passes_curve
from models.formulations.dispatch.curve_rows import Near
from models.formulations.matrix import Array, Matrix, fixed
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.station.at_once import limits_partial_slots
from models.station.instance import Night
from models.station.stays import Stay
from models.tolerances import DUST_KW, MISSING_KWH, NOISE_KW, ROUNDED_SHARE
from optimizer.engine.build_schedule import reserve_shortfall_of, tidy_powers
from optimizer.engine.heuristics.ready_packs import solve_lp, solve_reserve
from optimizer.engine.highs import SolverResult, compile_model
from optimizer.engine.search import Search, SolvedDispatch

ROUNDINGS = 20  # until no more packs charge than there are chargers, and none below the least power
FEW_SITES = 100  # stays times slots of a tiny night, whose MIP takes a moment
FEW_BINARIES = 3  # up to here every way to set them is tried
MIP_SECONDS = 10.0  # most that one dispatch with binaries may take
IMPROVING_SECONDS = 1.0  # the same where there is a plan to begin with
EXACT_SECONDS = 8.0  # the same for an assignment that may lead furthest: most take one of processor time
FEW_READY = 60  # columns of (3.6) of a tiny night: its MIP takes a moment
STEPS_ALONG_CURVE = 8


Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Powers:
    """Power in kW, shape (stays, slots); solar power used and reserve given up by slot; energy missing by stay.

    `objective` has the missing energy priced in. `bill_dual`: duals of section 1's rows and of (3.7), None where
    charger rules or rates that fall leave none. `relaxed`: the optimum where packs may be
    ready in part; +inf: not known.
    """

    objective: float
    power_kw: Array
    solar_used_kw: Sequence[float]
    reserve_shortfall: Sequence[int]
    missing_kwh: Mapping[int, float]
    bill_dual: Array | None = None
    relaxed: float = np.inf


@dataclass(frozen=True)
class _ReadyChoice:
    """Of the reserve: slots by which packs may become ready, by pack (None: any slot); until when, in seconds of the
    search, MIPs may say which of them do (None: a dive says so)."""

    deadlines: Deadlines | None
    mip_until: float | None

    def mip_seconds(self, choices: int, now: float) -> float:
        """Most time of a MIP over so many columns of (3.6); 0: none."""
        if self.mip_until is not None:
            return max(0.0, self.mip_until - now)
        return IMPROVING_SECONDS if self.deadlines is None and choices <= FEW_READY else 0.0


def best_powers(
    search: Search, stays: Sequence[Stay], deadlines: Deadlines | None = None, *, exactly: bool = False
) -> Powers | None:
    """Least cost of the stays; None if the solver had nothing in time, or on/off chargers meet a curve that is not
    concave: arc flow plans those.

    Along such a curve least only near a plan that keeps it: the first one is that of the least concave curve above,
    cut down to the curve; then powers are made best near the last ones, as long as that pays.
    `deadlines`: where a reserve is asked for, slots by which packs may become ready; None: any slot. `exactly`: a MIP
    says which of them do so, for EXACT_SECONDS in all at most.
    """
    night, bent = search.night, bent_stays(search.night, stays)
    asked = _ReadyChoice(deadlines, search.runtime_seconds + EXACT_SECONDS if exactly else None)
    if bent and night.station.chargers.mode == "on_off":
        return None
    best = _best_powers_near(search, stays, asked, EVERYWHERE)
    if best is None or not (bent and passes_curve(night, stays, bent, best.power_kw)):
        return best
    power_kw, best = best.power_kw, None
    for _ in range(STEPS_ALONG_CURVE):
        if search.seconds_left <= 0:
            break
        found = _best_powers_near(search, stays, asked, parts_near(night, stays, bent, power_kw))
        if found is None or (best is not None and found.objective >= best.objective - search.money_gap / 10):
            break
        best, power_kw = found, found.power_kw
    return best


def _best_powers_near(search: Search, stays: Sequence[Stay], asked: _ReadyChoice, near: Near) -> Powers | None:
    price = missing_cost_per_kwh(search.night)
    station = search.night.station
    if not station.needs_switches:
        return _without_charger_rules(search, stays, price, asked, near)
    is_tiny = len(stays) * search.night.horizon.slots <= FEW_SITES
    found = None
    if station.chargers.mode == "continuous" and not station.counts_plug_changes:
        found = _rounded_powers(search, stays, price, asked, near, 1 if is_tiny else ROUNDINGS)
    needs_mip = found is None and (is_tiny or station.switches_count) and search.seconds_left > 0
    return _with_charger_rules(search, stays, price, near) if needs_mip else found


def _rounded_powers(
    search: Search, stays: Sequence[Stay], price: float, asked: _ReadyChoice, near: Near, rounds: int
) -> Powers | None:
    """Powers within the chargers' power, then within their number and above the least power.

    In slots where more packs charge than there are chargers, those with the least power are to charge elsewhere; powers
    below the least are raised, or where energy is then missing, the weaker half of them is left out. What misses energy
    at first misses it at last. None where all this leads nowhere, or the time is up.
    """
    night = search.night
    found = _without_charger_rules(search, stays, price, asked, near)
    closed = np.zeros((len(stays), night.horizon.slots), dtype=bool)
    raised, lifted, power_kw = closed.copy(), closed, closed * 0.0
    for n in range(rounds):
        if n and search.seconds_left <= 0:
            return None
        if n:
            found = _without_charger_rules(search, stays, price, asked, near, (closed, raised))
        if lifted.any() and (found is None or found.missing_kwh):
            weakest = lifted & (power_kw <= np.median(power_kw[lifted]))
            closed, raised, lifted = closed | weakest, raised & ~weakest, lifted & ~weakest
            continue
        if found is None or found.missing_kwh:
            return found
        crowded, weak = _broken_rules(night, stays, found.power_kw)
        if not (crowded | weak).any():
            return found
        power_kw, raised = found.power_kw, raised & ~crowded
        lifted = _can_be_raised(night, stays, weak & ~crowded & ~raised, raised, power_kw)
        closed, raised = closed | crowded | (weak & ~lifted), raised & ~weak | lifted
    return None


def _can_be_raised(night: Night, stays: Sequence[Stay], weak: Mask, raised: Mask, power_kw: Array) -> Mask:
    """Which weak powers can be the least power, the strongest first: grid limit and packs have room for those."""
    station, least_kw = night.station, night.station.chargers.min_kw
    limit, base, solar = (np.array(part) for part in (station.grid_limit_kw, station.base_load_kw, station.solar_kw))
    free_kw = (limit - base + solar) * station.chargers.efficiency - least_kw * raised.sum(axis=0)
    room_kwh = np.array([night.pack_types[stay.type].target_kwh - stay.start_kwh for stay in stays])
    room_kw = room_kwh / night.horizon.slot_hours - least_kw * raised.sum(axis=1)
    lifted = np.zeros_like(weak)
    places = np.argwhere(weak)
    for s, t in places[np.argsort(-power_kw[weak], kind="stable")].tolist():
        if min(free_kw[t], room_kw[s]) >= least_kw:
            lifted[s, t] = True
            free_kw[t] -= least_kw
            room_kw[s] -= least_kw
    return lifted


def _broken_rules(night: Night, stays: Sequence[Stay], power_kw: Array) -> tuple[Mask, Mask]:
    """Where packs charge beyond the number of chargers; where below the least power, but to fill the pack at last."""
    chargers = night.station.chargers
    busy = power_kw > night.charging_kw
    by_power = np.argsort(np.argsort(-power_kw, axis=0, kind="stable"), axis=0, kind="stable")
    crowded = busy & (by_power >= chargers.count)
    room = np.array([night.pack_types[stay.type].target_kwh - stay.start_kwh for stay in stays])
    held = np.cumsum(power_kw, axis=1) * night.horizon.slot_hours
    fills, below = held >= room[:, None] - MISSING_KWH, busy & (power_kw < chargers.min_kw - DUST_KW)
    return crowded | _too_much_at_once(night, power_kw, below & fills), below & ~fills


def _too_much_at_once(night: Night, power_kw: Array, partial: Mask) -> Mask:
    """Which slots below the least power, though they fill the pack, are to go: at once they draw the least power. The
    weakest first, where the grid limit is passed."""
    too_much = np.zeros_like(partial)
    if not (partial.any() and limits_partial_slots(night)):
        return too_much
    station = night.station
    limit, base, solar = (np.array(part) for part in (station.grid_limit_kw, station.base_load_kw, station.solar_kw))
    more_kw = np.where(partial, station.chargers.min_kw - power_kw, 0.0)
    over_kw = (power_kw + more_kw).sum(axis=0) - (limit - base + solar) * station.chargers.efficiency
    for t in np.flatnonzero((over_kw > NOISE_KW) & partial.any(axis=0)).tolist():
        for s in sorted(np.flatnonzero(partial[:, t]).tolist(), key=lambda s: power_kw[s, t]):
            if over_kw[t] > NOISE_KW:
                too_much[s, t] = True
                over_kw[t] -= station.chargers.min_kw
    return too_much


def missing_cost_per_kwh(night: Night) -> float:
    """Dearer than any swap lost or kWh bought, so that nothing is missing where nothing need be."""
    dearest_swap = max((swap.lost_cost for swap in night.station.swaps), default=0.0)
    dearest_kwh, dearest_kw = dearest_per_kwh(night.tariff_series), dearest_per_kw(night.tariff_series)
    to_grid_kw = 1 / (night.station.chargers.efficiency * night.horizon.slot_hours)
    return 2 * dearest_swap + 100 * dearest_kwh + 2 * dearest_kw * to_grid_kw + 1.0


def _without_charger_rules(
    search: Search,
    stays: Sequence[Stay],
    price: float,
    asked: _ReadyChoice,
    near: Near,
    rounded: tuple[Mask, Mask] | None = None,
) -> Powers | None:
    """`rounded`, shape (stays, slots): where a stay does not charge, and where it does with the least power or more."""
    is_open = rounded is None or not (rounded[0] | rounded[1]).any()
    with search.watch.stage("model"):
        cheapest = cheapest_powers(search.night, stays) if is_open else None
    if cheapest is not None:
        return Powers(cheapest.objective, tidy_powers(search.night, stays, cheapest.power_kw), (), (), {})
    with search.watch.stage("model"):
        arrays = dispatch_arrays(search.night, stays, price, asked.deadlines, near)
        if rounded is not None and not is_open:
            arrays = _limited(search.night, arrays, *rounded)
    relaxed, of_reserve = np.inf, len(arrays.ready) + int((arrays.short >= 0).sum())
    if of_reserve and arrays.matrix.integer.sum() <= of_reserve + FEW_BINARIES:
        seconds = asked.mip_seconds(len(arrays.ready), search.runtime_seconds)
        dual, answer, relaxed = solve_reserve(search, arrays, seconds)
    else:
        answer = _solve_matrix(search, arrays.matrix)
        dual = answer.row_dual
    if answer.point is None:
        return None
    if is_open and not near:
        _keep_solved(search, stays, arrays, answer)
    powers = _read(search.night, stays, price, arrays, answer.point, answer.objective)
    if of_reserve:
        powers = _with_least_shortfall(search.night, stays, powers)
    powers = replace(powers, relaxed=relaxed)
    bill_rows = np.append(np.arange(arrays.grid.rows.start, arrays.grid.rows.stop), arrays.reserve)
    return powers if dual is None else replace(powers, bill_dual=dual[bill_rows])


def _read(
    night: Night, stays: Sequence[Stay], price: float, arrays: DispatchArrays, x: Array, objective: float
) -> Powers:
    """The powers that a point of the programme stands for."""
    power_kw = np.zeros((len(stays), night.horizon.slots))
    power_kw[arrays.owner, arrays.slot] = x[arrays.power_kw]
    solar = np.where(arrays.grid.solar_kw >= 0, np.maximum(x[arrays.grid.solar_kw], 0.0), 0.0)
    short = np.where(arrays.short >= 0, np.rint(x[arrays.short]), 0).astype(int)
    lacking = {s: float(x[i]) for s, i in enumerate(arrays.missing_kwh) if i >= 0}
    return _powers(night, stays, objective, price, power_kw, solar.tolist(), short.tolist(), lacking)


def _keep_solved(search: Search, stays: Sequence[Stay], arrays: DispatchArrays, answer: SolverResult) -> None:
    """For the second solve, if this may be the plan in the end."""
    if not arrays.matrix.is_mip and answer.row_dual is not None and answer.objective <= search.objective:
        assert answer.point is not None
        search.solved_dispatch = SolvedDispatch(stays, arrays, answer.point, answer.row_dual)


def _limited(night: Night, arrays: DispatchArrays, closed: Mask, raised: Mask) -> DispatchArrays:
    low, high, place = arrays.matrix.low.copy(), arrays.matrix.high.copy(), (arrays.owner, arrays.slot)
    high[arrays.power_kw[closed[place]]] = 0.0
    lifted = arrays.power_kw[raised[place]]
    low[lifted] = np.minimum(night.station.chargers.min_kw, high[lifted])
    return replace(arrays, matrix=replace(arrays.matrix, low=low, high=high))


def _with_least_shortfall(night: Night, stays: Sequence[Stay], powers: Powers) -> Powers:
    """Packs that are ready though nobody asked for it count, too."""
    found = reserve_shortfall_of(night, stays, powers.power_kw)
    short = [min(one, other) for one, other in zip(powers.reserve_shortfall, found, strict=True)]
    saved = night.station.reserve_cost * (sum(powers.reserve_shortfall) - sum(short))
    return replace(powers, reserve_shortfall=short, objective=powers.objective - saved)


def _solve_matrix(search: Search, matrix: Matrix) -> SolverResult:
    """To a quarter of the gap asked for; a MIP's point made exact by an LP with its integers fixed."""
    if not matrix.is_mip:
        return solve_lp(search, matrix)
    if matrix.integer.sum() <= FEW_BINARIES and (matrix.high[matrix.integer] <= 1).all():
        return _enumerate_binaries(search, matrix)
    answer = search.solve(matrix, money_gap=search.money_gap / 4, seconds=min(MIP_SECONDS, search.seconds_left))
    return answer if answer.point is None else solve_lp(search, fixed(matrix, answer.point))


def _enumerate_binaries(search: Search, matrix: Matrix) -> SolverResult:
    """An LP for each way to set a few binaries: those of falling rates, mostly. Faster than one MIP."""
    binaries = np.flatnonzero(matrix.integer)
    answers = []
    for values in product((0.0, 1.0), repeat=len(binaries)):
        point = np.zeros(matrix.shape[1])
        point[binaries] = values
        answers.append(solve_lp(search, fixed(matrix, point)))
    return min(answers, key=lambda answer: answer.objective)


def _with_charger_rules(search: Search, stays: Sequence[Stay], price: float, near: Near) -> Powers | None:
    from models.formulations.dispatch.pyomo_model import build_dispatch  # loads Pyomo

    with search.watch.stage("model"):
        m = build_dispatch(search.night, stays, price, near).model
        compiled = compile_model(m)
    answer = _solve_matrix(search, compiled.matrix)
    if answer.point is None:
        return None
    compiled.load(answer.point)
    power_kw = np.zeros((len(stays), search.night.horizon.slots))
    for s, t in m.P:
        power_kw[s, t] = m.power_kw[s, t].value if m.on[s, t].value > 0.5 else 0.0
    solar = [max(0.0, m.solar_kw[t].value) if t in m.solar_kw else 0.0 for t in m.T]
    short = [round(m.short[t].value) if t in m.short else 0 for t in m.T]
    lacking = {s: m.missing_kwh[s].value for s in m.missing_kwh}
    return _powers(search.night, stays, answer.objective, price, power_kw, solar, short, lacking)


def _powers(
    night: Night,
    stays: Sequence[Stay],
    objective: float,
    price: float,
    power_kw: Array,
    solar_kw: Sequence[float],
    short: Sequence[int],
    lacking_kwh: Mapping[int, float],
) -> Powers:
    """Without the solver's noise in powers; what lacks by no more than the tolerance is on time, and costs nothing."""
    power_kw = tidy_powers(night, stays, power_kw)
    held_kwh = np.array([stay.start_kwh for stay in stays]) + night.horizon.slot_hours * power_kw.sum(axis=1)
    late_kwh = {s: stays[s].need_kwh - float(held_kwh[s]) for s in lacking_kwh}
    missing = {s: kwh for s, kwh in late_kwh.items() if kwh > ROUNDED_SHARE * MISSING_KWH}
    forgiven_kwh = sum(max(0.0, kwh) for s, kwh in lacking_kwh.items() if s not in missing)
    return Powers(objective - price * forgiven_kwh, power_kw, solar_kw, short, missing)
