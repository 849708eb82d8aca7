"""A hedged plan in words: how many packs it keeps ready and when, what that costs and what it saves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from models.horizon import Horizon
from models.station.hedging.hedge import Hedge

MOST_SPANS = 4  # on a line


def hedge_lines(hedge: Hedge, horizon: Horizon, currency: str) -> Iterator[str]:
    """Targets, how they were chosen, and what played days say of them."""
    spans = [f"{count} from {first} to {end}" for count, first, end in target_spans(hedge.ready_targets, horizon)]
    lines = [", ".join(spans[n : n + MOST_SPANS]) for n in range(0, len(spans), MOST_SPANS)]
    yield from ("keep ready " + line if not n else "    " + line for n, line in enumerate(lines))
    if not lines:
        yield "no packs beyond those for the drivers who are expected"
    yield f"by {hedge.method}"
    figures = hedge.figures
    if figures is not None:
        yield f"costs {figures.cost_a_day:,.2f} {currency} on the expected day"
        yield f"saves {figures.saves_a_day:,.2f} {currency} a day on {figures.days:,} days drawn from the forecast"
        served, without = _percent(figures.served), _percent(figures.served_without)
        yield f"serves {served} of the drivers on them; the plan of the mean serves {without}"


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
