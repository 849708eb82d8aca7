"""A station planned for days that do not follow the forecast: stock levels, ready targets, the plan, the rule.

The plan is one of the expected day with the targets as its ready reserve, so that its certificate is one against all
plans that keep the targets. What happens when drivers come otherwise is the rule's to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from models.station.carry_over.carried_out import continued, slots_ahead
from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.station.hedging.hedge import Hedge, weighed
from models.station.instance import Night
from models.station.result import StationPlan, StationResult
from optimizer.engine.ahead.plan_ahead import plan_ahead
from optimizer.engine.baselines import baseline_cost
from optimizer.engine.hedge.played_figures import played_figures
from optimizer.engine.hedge.power_limit import power_limit_kw, with_room_for
from optimizer.engine.hedge.ready_targets import ready_targets
from optimizer.engine.hedge.stage_levels import StageLevels, stage_levels
from optimizer.engine.hedge.type_stock import TypeStock
from optimizer.engine.hedge.type_stocks import type_stocks
from optimizer.engine.month.month_weights import month_weights
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import RunOptions
from optimizer.engine.search import OnIncumbent

CAUTION = 1.6  # times the stated dispersion: 0.7 % dearer than 1.3 on its own days, 0.1 to 0.4 % more drivers served
SHORTAGE = 4.0  # at 1, busy stations would rather lose a driver who is expected than miss a target
WEAK = 0.1  # times that, where some still would: nobody is lost for a target
BY_LEVELS = "stock levels by dynamic programming"


def is_hedged(night: Night, options: RunOptions) -> bool:
    """Does the night's forecast say how days spread, or a demand charge ask for its month, and is a plan wanted that
    looks at that?"""
    station = night.station
    is_asked = any(charge.weight == "month" for charge in station.tariff.demand_charges)
    return options.hedge != "none" and (is_asked or any(one.is_uncertain for one in station.expected))


def plan_hedged(
    night: Night,
    options: RunOptions,
    on_message: Callable[[str], None] = lambda news: None,
    on_incumbent: OnIncumbent = lambda schedule, method, bound: None,
    previous: PreviousPlan | None = None,
    known: Hedge | None = None,
    on_hedge: Callable[[Hedge], None] = lambda hedge: None,
) -> StationPlan:
    """`plan_ahead` of the night; where `is_hedged`, or the plan to be kept is, with ready targets as its reserve.

    `known`: targets and rule of an earlier plan of the same night, to be kept. `on_hedge` is told the targets before
    any incumbent, which keeps them; the plan's `night` has them. Raises as `plan_station` does.
    """
    until = time.perf_counter() + options.time_limit_seconds
    hedge = known or _hedge(night, options, previous)
    if hedge is None:
        return plan_ahead(night, options, on_message, on_incumbent, previous)

    def planned(under: Hedge, told: OnIncumbent) -> StationPlan:
        left = replace(options, time_limit_seconds=max(0.0, until - time.perf_counter()))
        return plan_ahead(under.on(night), left, on_message, told, previous)

    is_overloaded = known is None and baseline_cost(night).lost_swaps > 0  # even without targets
    hedge = _weaker(hedge) if is_overloaded else hedge
    on_hedge(hedge)
    plan = planned(hedge, on_incumbent)
    if known is None and not is_overloaded and time.perf_counter() < until:
        hedge, plan = _without_losses_for_targets(hedge, plan, planned)
    hedge = replace(hedge, rule=with_room_for(hedge.rule, night, plan.schedule))
    if options.effort == "deep" and hedge.figures is None:  # a network has no time for the plan of the mean as well
        hedge = replace(hedge, figures=played_figures(night, hedge, plan.schedule, options, until))
    return replace(plan, hedge=hedge, result=_saving_money_only(night, plan.result))


def _saving_money_only(night: Night, result: StationResult) -> StationResult:
    """A target that is missed costs nobody money, unless the station itself has a price for its reserve."""
    if result.savings is None or night.station.reserve_cost:
        return result
    return replace(result, savings=result.savings.without_reserve(result.cost.reserve))


def _without_losses_for_targets(
    hedge: Hedge, plan: StationPlan, planned: Callable[[Hedge, OnIncumbent], StationPlan]
) -> tuple[Hedge, StationPlan]:
    """The plan; where it loses drivers, the one with targets that count for little, if that loses less: who is expected
    goes before who may come. Until it is chosen nobody is told its incumbents, which other targets bound."""
    if plan.result.cost.lost_swaps <= 0 or not any(hedge.ready_targets):
        return hedge, plan
    weaker = _weaker(hedge)
    again = planned(weaker, lambda schedule, method, bound: None)
    return (weaker, again) if again.result.cost.lost_swaps < plan.result.cost.lost_swaps else (hedge, plan)


def _weaker(hedge: Hedge) -> Hedge:
    return replace(hedge, reserve_cost=WEAK * hedge.reserve_cost)


def _hedge(night: Night, options: RunOptions, previous: PreviousPlan | None) -> Hedge | None:
    """None where the plan is to be one of the mean."""
    if options.hedge == "kept":
        return None if previous is None else previous.hedge_of_rest(night.horizon)
    return station_hedge(night, options) if is_hedged(night, options) else None


def station_hedge(night: Night, options: RunOptions) -> Hedge:
    """Targets and rule of a night, for a plan that looks ahead as the options say."""
    slots = night.horizon.slots
    weights = month_weights(night, options.month_days)
    night = weighed(night, weights)
    ahead = continued(night, slots_ahead(night, options.look_ahead_of(night.horizon)))
    limit_kw = power_limit_kw(ahead, CAUTION)
    stocks, reasons = type_stocks(ahead, limit_kw or None)
    cautious = [replace(one, dispersion=CAUTION * one.dispersion) for one in stocks]
    levels = [(stock, stage_levels(stock)) for stock in cautious]
    targets = ready_targets(ahead.horizon, levels)[:slots]
    return Hedge(
        ready_targets=targets,
        reserve_cost=_reserve_cost(stocks),
        rule=ControlRule(tuple(_pack_levels(stock, found, slots) for stock, found in levels), limit_kw[:slots]),
        method=_in_words(reasons, bool(levels)),
        demand_weights=weights,
    )


def _pack_levels(stock: TypeStock, levels: StageLevels, slots: int) -> PackLevels:
    keep = tuple(levels.keep[:slots].tolist())
    return PackLevels(stock.type, keep, keep)


def _reserve_cost(stocks: list[TypeStock]) -> float:
    """Of a missing pack and slot: missing for SHORTAGE times as long as a pack charges, it costs what a driver does."""
    worth = (one.lost_cost / one.packs_a_driver / one.slots_to_ready for one in stocks)
    return max(worth, default=0.0) / SHORTAGE


def _in_words(reasons: dict[str, str], has_levels: bool) -> str:
    without = "; ".join(f"none for {kind}: {why}" for kind, why in reasons.items())
    return "; ".join(filter(None, (BY_LEVELS if has_levels else "", without)))
