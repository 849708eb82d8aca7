"""How ways to hedge rank, each a rule without a plan, played by the same simulator on the same days.

Not a test: `python tests/engine/hedge/methods_compared.py INSTANCE [DAYS]` prints a table, costs without base load.
Base stock keeps the quantile of the drivers who may come while a pack charges ready or charging: the quantile is the
newsvendor ratio of each slot, or the best of a search. Sample average: levels by two hours, the best on drawn days by
coordinate search. All are chosen on days of another seed than those they are judged on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays, draw_days
from models.station.instance import Night
from optimizer.engine.hedge.plan_hedged import station_hedge
from optimizer.engine.hedge.ready_targets import base_stock
from optimizer.engine.hedge.type_stock import IntArray
from optimizer.engine.hedge.type_stocks import type_stocks
from optimizer.engine.options import RunOptions
from optimizer.formats.read_instance import read_instance
from optimizer.simulate.play import play

CHOSEN_ON, BLOCK = 100, 8  # days that methods are chosen on; slots for which a sample average has one level
QUANTILES, LEADS = (0.8, 0.9, 0.95, 0.99, 0.999), (1.0, 1.5, 2.0, 3.0)


def rule_of(night: Night, keep: Sequence[Sequence[int]]) -> ControlRule:
    """Packs of each type to keep ready or charging."""
    names = [stock.type for stock in type_stocks(night)[0]]
    return ControlRule(tuple(PackLevels(name, tuple(y), tuple(y)) for name, y in zip(names, keep, strict=True)))


def cost(night: Night, rule: ControlRule | None, days: DrawnDays) -> float:
    """Mean objective of the days."""
    return float(play(night, None, rule, days).objective.mean())


def stocked(night: Night, quantile: float, lead: float = 1.0) -> ControlRule:
    """Base stock over `lead` times the slots in which a pack charges: quantile and mean, what is expected included."""
    keep = []
    for stock in type_stocks(night)[0]:
        longer = replace(stock, slots_to_ready=stock.slots_to_ready * lead)
        keep.append(_with_mean(longer.mean, base_stock(longer, quantile), longer.slots_to_ready, stock.packs))
    return rule_of(night, keep)


def _with_mean(mean: np.ndarray, more: IntArray, lead: float, packs: int) -> list[int]:
    total = np.concatenate([[0.0], np.cumsum(mean)])
    ends = np.minimum(np.arange(len(mean)) + 1 + int(np.ceil(lead)), len(mean))
    return [int(min(packs, n)) for n in np.ceil(more + total[ends] - total[1:])]


def newsvendor(night: Night) -> ControlRule:
    """Lost cost against what charging costs now more than at the cheapest later price."""
    keep = []
    for stock in type_stocks(night)[0]:
        later = np.minimum.accumulate(stock.price_per_kwh[::-1])[::-1]
        dearer = np.maximum(0.0, (stock.price_per_kwh - later) * stock.lack_kwh)
        ratio = stock.lost_cost / (stock.lost_cost + dearer)
        by_ratio = {
            q: _with_mean(stock.mean, base_stock(stock, q), stock.slots_to_ready, stock.packs) for q in set(ratio)
        }
        keep.append([by_ratio[q][t] if q < 1 else stock.packs for t, q in enumerate(ratio)])
    return rule_of(night, keep)


def searched(night: Night, days: DrawnDays) -> ControlRule:
    """The best quantile and lead time of all."""
    tried = [stocked(night, quantile, lead) for quantile in QUANTILES for lead in LEADS]
    return min(tried, key=lambda rule: cost(night, rule, days))


def sample_average(night: Night, days: DrawnDays) -> ControlRule:
    """Two sweeps over blocks, each level the best with the others as they are."""
    stocks, slots = type_stocks(night)[0], night.horizon.slots
    keep = [[stock.packs // 2] * slots for stock in stocks]
    for _ in range(2):
        for k, stock in enumerate(stocks):
            for first in range(0, slots, BLOCK):
                keep[k] = min(_with_level(keep[k], first, stock.packs), key=lambda y: _cost_of(night, keep, k, y, days))
    return rule_of(night, keep)


def _with_level(keep: list[int], first: int, packs: int) -> list[list[int]]:
    length = len(keep[first : first + BLOCK])
    return [[*keep[:first], *[level] * length, *keep[first + length :]] for level in range(packs + 1)]


def _cost_of(night: Night, keep: list[list[int]], k: int, y: list[int], days: DrawnDays) -> float:
    return cost(night, rule_of(night, [y if n == k else one for n, one in enumerate(keep)]), days)


def main(path: str, days: int) -> None:
    """Print the table."""
    night = read_instance(path).nights[0]
    chosen_on, judged_on = draw_days(night, CHOSEN_ON, 1), draw_days(night, days, 0)
    methods = {
        "base stock, newsvendor ratio": lambda: newsvendor(night),
        "base stock, by search": lambda: searched(night, chosen_on),
        "sample average": lambda: sample_average(night, chosen_on),
        "levels by dynamic programming": lambda: station_hedge(night, RunOptions()).rule,
    }
    arrival = play(night, None, None, judged_on, "on-arrival")
    rows = [("on arrival", arrival, 0.0)]
    for name, chosen in methods.items():
        began = time.process_time()
        rule = chosen()
        seconds = time.process_time() - began
        rows.append((name, play(night, None, rule, judged_on), seconds))
    print(f"{path}, {days} days")
    for name, played, seconds in rows:
        served = played.served.sum() / (played.served.sum() + played.lost.sum())
        spent = (played.objective - played.costs.base_bill).mean()
        print(f"  {name:30} {spent:10.1f} {100 * served:6.2f} %  chosen in {seconds:6.2f} s of processor")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
