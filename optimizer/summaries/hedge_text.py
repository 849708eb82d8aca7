"""A hedged plan in words: how many packs it keeps ready and when, what that costs and what it saves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from models.horizon import Horizon
from models.station.hedging.hedge import Hedge
from models.tariff.rate_steps import Steps

MOST_SPANS = 4  # on a line
TOLD_SHARES = (0.1, 0.5, 0.9)


def hedge_lines(hedge: Hedge, horizon: Horizon, currency: str) -> Iterator[str]:
    """Targets, how they were chosen, and what played days say of them."""
    spans = [f"{count} from {first} to {end}" for count, first, end in target_spans(hedge.ready_targets, horizon)]
    lines = [", ".join(spans[n : n + MOST_SPANS]) for n in range(0, len(spans), MOST_SPANS)]
    yield from ("keep ready " + line if not n else "    " + line for n, line in enumerate(lines))
    if not lines:
        yield "no packs beyond those for the drivers who are expected"
    if hedge.method:
        yield f"by {hedge.method}"
    for name, shares in hedge.demand_weights.items():
        yield f"demand charge {name}: {_shares(shares)}"
    figures = hedge.figures
    if figures is not None:
        cost, saved = (round(money, 2) + 0.0 for money in (figures.cost_a_day, figures.saves_a_day))  # no -0.00
        yield f"costs {cost:,.2f} {currency} on the expected day, missed targets (missing reserve) not counted"
        yield f"saves {saved:,.2f} {currency} a day on {figures.days:,} days drawn from the forecast"
        served, without = _percent(figures.served), _percent(figures.served_without)
        yield f"serves {served} of the drivers on them; the plan of the mean serves {without}"


def _shares(shares: Steps) -> str:
    """How much of the rate the days that the month has left are likely to leave, at a few heights of the peak."""
    if shares[0][1] >= 1:
        return "all of its rate is at stake"
    told, low = [f"{100 * shares[0][1]:.0f} %"], shares[0][1]
    for level in (level for level in TOLD_SHARES if level > low):
        above = next((above for above, share in shares if share >= level), None)
        told += [] if above is None else [f"{100 * level:.0f} % from {above:,.0f} kW on"]
    return f"the month's other days leave of its rate {', '.join(told)}"


def target_spans(targets: Sequence[int], horizon: Horizon) -> Iterator[tuple[int, str, str]]:
    """Equal targets in a row, those above 0: how many packs, from when to when by the station's clock."""
    slot = 0
    for count, run in itertools.groupby(targets):
        end = slot + len(list(run))
        if count:
            yield count, _clock(horizon, slot), _clock(horizon, end)
        slot = end


def _clock(horizon: Horizon, slot: int) -> str:
    return f"{horizon.local_slot_start(slot):%H:%M}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
