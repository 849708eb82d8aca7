"""The best powers of given stays: as arrays, or through Pyomo where charger rules need binaries of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from models.formulations.dispatch.arrays import dispatch_arrays
from models.formulations.dispatch.cheapest_slots import cheapest_powers
from models.formulations.matrix import Array, Index, Matrix, fixed, relaxed
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.station.instance import Night
from models.station.stays import Stay
from models.tolerances import INTEGRALITY, MISSING_KWH
from optimizer.engine.build_schedule import without_dust
from optimizer.engine.highs import NO_PRESOLVE, SolverResult, compile_model
from optimizer.engine.search import Search

FEW_ROWS = 1000  # with acceptance curves or wear there are more, and presolving pays
FEW_BINARIES = 3  # up to here every way to set them is tried
MIP_SECONDS = 10.0  # most that one dispatch with binaries may take
IMPROVING_SECONDS = 1.0  # the same where there is a plan to begin with
DIVES = 8
FEW_READY = 60  # columns of (3.6) of a tiny night: its MIP takes a moment


@dataclass(frozen=True)
class Powers:
    """Power in kW, shape (stays, slots); solar power used and reserve given up by slot; energy missing by stay.

    `objective` has the missing energy priced in. `bill_dual`: duals of section 1's rows, None where charger rules or
    integer columns leave none.
    """

    objective: float
    power_kw: Array
    solar_used_kw: Sequence[float]
    reserve_shortfall: Sequence[int]
    missing_kwh: Mapping[int, float]
    bill_dual: Array | None = None


def best_powers(search: Search, stays: Sequence[Stay]) -> Powers | None:
    """Least cost of the stays; None if the solver had nothing in time."""
    price = _missing_cost_per_kwh(search.night)
    dispatched = _with_charger_rules if search.night.station.needs_switches else _without_charger_rules
    return dispatched(search, stays, price)


def _missing_cost_per_kwh(night: Night) -> float:
    """Dearer than any swap lost or kWh bought, so that nothing is missing where nothing need be."""
    dearest_swap = max((swap.lost_cost for swap in night.station.swaps), default=0.0)
    dearest_kwh, dearest_kw = dearest_per_kwh(night.tariff_series), dearest_per_kw(night.tariff_series)
    to_grid_kw = 1 / (night.station.chargers.efficiency * night.horizon.slot_hours)
    return 2 * dearest_swap + 100 * dearest_kwh + 2 * dearest_kw * to_grid_kw + 1.0


def _without_charger_rules(search: Search, stays: Sequence[Stay], price: float) -> Powers | None:
    with search.watch.stage("model"):
        cheapest = cheapest_powers(search.night, stays)
    if cheapest is not None:
        return Powers(cheapest.objective, without_dust(cheapest.power_kw), (), (), {})
    with search.watch.stage("model"):
        arrays = dispatch_arrays(search.night, stays, price)
    of_reserve = len(arrays.ready) + int((arrays.short >= 0).sum())
    only_reserve = arrays.matrix.integer.sum() == of_reserve  # and no rate that falls
    answer = _solve_matrix(search, arrays.matrix, arrays.ready if only_reserve else None)
    if answer.point is None:
        return None
    x = answer.point
    power_kw = np.zeros((len(stays), search.night.horizon.slots))
    power_kw[arrays.owner, arrays.slot] = x[arrays.power_kw]
    solar = np.where(arrays.grid.solar_kw >= 0, np.maximum(x[arrays.grid.solar_kw], 0.0), 0.0)
    short = np.where(arrays.short >= 0, np.rint(x[arrays.short]), 0).astype(int)
    lacking = {s: float(x[i]) for s, i in enumerate(arrays.missing_kwh) if i >= 0}
    powers = _powers(answer.objective, price, power_kw, solar.tolist(), short.tolist(), lacking)
    return powers if answer.row_dual is None else replace(powers, bill_dual=answer.row_dual[arrays.grid.rows])


def _solve_matrix(search: Search, matrix: Matrix, ready: Index | None = None) -> SolverResult:
    """To a quarter of the gap asked for; a MIP's point made exact by an LP with its integers fixed.

    `ready`: columns of (3.6), where those of (3.6) and (3.7) are the only integer ones.
    """
    if not matrix.is_mip:
        return _solve_lp(search, matrix)
    if matrix.integer.sum() <= FEW_BINARIES and (matrix.high[matrix.integer] <= 1).all():
        return _enumerate_binaries(search, matrix)
    seconds, start = min(MIP_SECONDS, search.seconds_left), None
    if ready is not None and len(ready):
        least, dived = _dive(search, matrix, ready)
        if dived.point is None or dived.objective - least <= search.money_gap / 4:
            return dived
        if dived.objective >= search.objective and len(ready) > FEW_READY:  # only what leads is worth a MIP
            return dived
        seconds, start = min(IMPROVING_SECONDS, seconds), dived.point
    answer = search.solve(matrix, money_gap=search.money_gap / 4, seconds=seconds, start=start)
    return answer if answer.point is None else _solve_lp(search, fixed(matrix, answer.point))


def _dive(search: Search, matrix: Matrix, ready: Index) -> tuple[float, SolverResult]:
    """The relaxation's optimum, and a plan near it: packs that are nearly ready are to be ready, the rest need not."""
    low, high = matrix.low.copy(), matrix.high.copy()
    answer = _solve_lp(search, relaxed(matrix))
    least = answer.objective
    for _ in range(DIVES):
        if answer.point is None:
            break
        share = answer.point[ready]
        partly = (share > INTEGRALITY) & (share < 1 - INTEGRALITY) & (low[ready] < high[ready])
        if not partly.any():
            break
        nearly = partly & (share >= np.quantile(share[partly], 0.7))
        low[ready[nearly]] = 1.0
        tried = _solve_lp(search, relaxed(replace(matrix, low=low, high=high)))
        if tried.point is None:  # they cannot all be
            low[ready[nearly]] = high[ready[nearly]] = 0.0
            tried = _solve_lp(search, relaxed(replace(matrix, low=low, high=high)))
        answer = tried
    if answer.point is None:
        return least, answer
    given_up = answer.point[ready] < 1 - INTEGRALITY
    high[ready[given_up]] = low[ready[given_up]] = 0.0
    low[ready[~given_up]] = high[ready[~given_up]] = 1.0
    return least, _solve_lp(search, relaxed(replace(matrix, low=low, high=high)))


def _enumerate_binaries(search: Search, matrix: Matrix) -> SolverResult:
    """An LP for each way to set a few binaries: those of falling rates, mostly. Faster than one MIP."""
    binaries = np.flatnonzero(matrix.integer)
    answers = []
    for values in product((0.0, 1.0), repeat=len(binaries)):
        point = np.zeros(matrix.shape[1])
        point[binaries] = values
        answers.append(_solve_lp(search, fixed(matrix, point)))
    return min(answers, key=lambda answer: answer.objective)


def _solve_lp(search: Search, matrix: Matrix) -> SolverResult:
    return search.solve(matrix, options=NO_PRESOLVE if matrix.shape[0] <= FEW_ROWS else None)


def _with_charger_rules(search: Search, stays: Sequence[Stay], price: float) -> Powers | None:
    from models.formulations.dispatch.pyomo_model import build_dispatch  # loads Pyomo

    with search.watch.stage("model"):
        m = build_dispatch(search.night, stays, price).model
        compiled = compile_model(m)
    answer = _solve_matrix(search, compiled.matrix)
    if answer.point is None:
        return None
    compiled.load(answer.point)
    power_kw = np.zeros((len(stays), search.night.horizon.slots))
    for s, t in m.P:
        power_kw[s, t] = m.power_kw[s, t].value
    solar = [max(0.0, m.solar_kw[t].value) if t in m.solar_kw else 0.0 for t in m.T]
    short = [round(m.short[t].value) if t in m.short else 0 for t in m.T]
    return _powers(answer.objective, price, power_kw, solar, short, {s: m.missing_kwh[s].value for s in m.missing_kwh})


def _powers(
    objective: float,
    price: float,
    power_kw: Array,
    solar_kw: Sequence[float],
    short: Sequence[int],
    lacking_kwh: Mapping[int, float],
) -> Powers:
    """Without the solver's noise in powers; what lacks by rounding only is on time, and costs nothing."""
    missing = {s: kwh for s, kwh in lacking_kwh.items() if kwh > MISSING_KWH}
    rounding_kwh = sum(kwh for kwh in lacking_kwh.values() if 0 < kwh <= MISSING_KWH)
    return Powers(objective - price * rounding_kwh, without_dust(power_kw), solar_kw, short, missing)
