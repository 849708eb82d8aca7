"""What a hedge costs on the expected day and saves on days drawn from the forecast, against the plan of the mean."""

from __future__ import annotations

import time
from dataclasses import replace

from models.station.cost import cost_of
from models.station.drawn_days import draw_days
from models.station.hedging.hedge import Hedge, weighed
from models.station.hedging.hedge_figures import HedgeFigures
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.ahead.plan_ahead import plan_ahead
from optimizer.engine.options import RunOptions
from optimizer.simulate.play import PlayedDays, play, problems_of_playing

DAYS = 200


def played_figures(
    night: Night, hedge: Hedge, schedule: Schedule, options: RunOptions, until: float
) -> HedgeFigures | None:
    """The same drawn days through plan and rule, and through the plan of the mean without a rule.

    None where days of the night cannot be played, nobody's number is uncertain, or the plan of the mean is not at hand
    by `until`, of `time.perf_counter`. Costs are without what the targets cost as a reserve.
    """
    asked = weighed(night, hedge.demand_weights)
    left = until - time.perf_counter()
    is_uncertain = any(one.is_uncertain for one in night.station.expected)
    if left <= 0 or not is_uncertain or problems_of_playing(asked, hedge.rule):
        return None
    quick = replace(options, effort="quick", calm_seconds=0.0, time_limit_seconds=left)
    mean = plan_ahead(asked, quick)
    if mean.result.status == "time_limit":
        return None
    days = draw_days(asked, DAYS, options.seed)
    hedged, without = play(asked, schedule, hedge.rule, days), play(asked, mean.schedule, None, days)
    if not hedged.served.sum() + hedged.lost.sum():
        return None
    return HedgeFigures(
        days=DAYS,
        cost_a_day=_without_reserve(asked, schedule) - _without_reserve(asked, mean.schedule),
        saves_a_day=float((without.objective - hedged.objective).mean()),
        served=_served(hedged),
        served_without=_served(without),
    )


def _without_reserve(night: Night, schedule: Schedule) -> float:
    cost = cost_of(night, schedule)
    return cost.objective - cost.reserve


def _served(played: PlayedDays) -> float:
    return float(played.served.sum() / (played.served.sum() + played.lost.sum()))
