"""A contender of one's own, whole: packs are charged in the cheapest slots, and who serves whom is drawn at random."""

from __future__ import annotations

import random
import time

from optimizer.bench.contender_api import Contender, Limits, Night, OnProgress, Outcome, Schedule, cost_of, schedule_of

ROUNDS = 40
SHARE_OF_TIME = 0.8  # what is left is for the end of a round


def search(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    """The cheapest of some random plans; the first takes the fullest packs."""
    until = time.monotonic() + SHARE_OF_TIME * limits.time_limit_seconds
    rng = random.Random(limits.seed)  # the same seed, the same plans
    plans = [random_plan(night, rng, noise=0.0)]
    costs = [cost_of(night, plans[0]).objective]
    on_progress(costs[0], None)  # a plan's cost, and no bound
    while len(plans) < ROUNDS and time.monotonic() < until:
        plans.append(random_plan(night, rng, noise=0.3))
        costs.append(cost_of(night, plans[-1]).objective)
        on_progress(min(costs), None)
    best = costs.index(min(costs))
    is_whole = len(plans) == ROUNDS
    words = f"the best of {len(plans)} plans"
    return Outcome(plans[best], costs[best], stopped="finished" if is_whole else "time_limit", detail=words)


def random_plan(night: Night, rng: random.Random, noise: float) -> Schedule:
    """Swaps in order of time; each gets the fullest pack that can be made ready, `noise` (share of E) aside."""
    seen, slots = night.by_pack, range(night.horizon.slots)
    station, kinds = seen.station, seen.pack_types
    grid = zip(station.grid_limit_kw, station.base_load_kw, station.solar_kw, strict=True)
    free_kw = [station.chargers.efficiency * (limit - base + sun) for limit, base, sun in grid]
    # id: type, kWh held, slot of arrival (-1: here from the start), first slot in which it may charge
    here = {pack.id: (pack.type, pack.soc * kinds[pack.type].capacity_kwh, -1, 0) for pack in station.packs}
    by_swap: dict[str, str] = {}
    power_kw: dict[str, list[float]] = {}
    for swap in sorted(station.swaps, key=lambda swap: swap.slot):
        held = {pack: kwh for pack, (kind, kwh, came, _) in here.items() if kind == swap.type and came < swap.slot}
        sway = {pack: kwh + noise * rng.random() * kinds[swap.type].target_kwh for pack, kwh in held.items()}
        for pack in sorted(sway, key=lambda pack: -sway[pack]):
            need_kwh = max(0.0, seen.needed_kwh(swap) - held[pack])
            row = cheapest(seen, need_kwh, slots[here[pack][3] : swap.slot], free_kw)
            if row is not None and swap.pack in (None, pack):
                by_swap[swap.id], power_kw[pack] = pack, row
                free_kw = [free - kw for free, kw in zip(free_kw, row, strict=True)]
                del here[pack]
                if swap.returned_soc is not None:  # it takes the bay of the pack that leaves
                    kwh = swap.returned_soc * kinds[swap.type].capacity_kwh
                    first = min(swap.slot + station.turnaround_slots, len(slots))
                    here[swap.returned_packs[0]] = swap.type, kwh, swap.slot, first
                break
    return schedule_of(night, by_swap, power_kw)


def cheapest(night: Night, need_kwh: float, window: range, free_kw: list[float]) -> list[float] | None:
    """Power by slot, kW, that brings a pack `need_kwh` in the cheapest slots of its window; None: there is no room."""
    row, left_kw = [0.0] * night.horizon.slots, need_kwh / night.horizon.slot_hours
    for t in sorted(window, key=lambda t: night.tariff_series.price_per_kwh[t]):
        row[t] = max(0.0, min(left_kw, free_kw[t], night.station.chargers.max_kw))
        left_kw -= row[t]
    return row if left_kw == 0 else None


def refusal(night: Night) -> str | None:
    """What the search knows nothing of: such nights are no failure, they count as NA."""
    if night.station.needs_switches or night.station.has_packs_without_charger:
        return "it knows no chargers that are fewer than packs, on or off, or of a least power"
    if any(kind.has_curve for kind in night.pack_types.values()):
        return "it knows no charging curves"
    return "it knows no swaps of several packs" if night.parts_by_swap else None


EXAMPLE = Contender("example", "the cheapest of 40 random plans", search, solver="random", refusal=refusal)
