"""`solve` for a dispatcher: ready packs under the load, how early they are ready, what lost swaps lacked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median_low

from models.station.instance import Night, Swap
from models.station.result import StationPlan
from optimizer.files.plain_text import counted
from optimizer.graphics.text_chart import count_line, level_line
from optimizer.summaries.waits import hours_and_minutes, lack_of, ready_by_slot, tightest, visits_of, waits_of


def ready_lines(plan: StationPlan) -> list[str]:
    """Lines under the load: ready packs, swaps, and the lost ones of them; none where nobody comes."""
    night = plan.night
    if not night.station.swaps:
        return []
    ready = ready_by_slot(night, visits_of(night, plan.schedule))
    least, most = min(ready), max(ready)
    lost = lost_swaps(plan)
    what = "swaps" if not night.parts_by_swap else "packs asked for"
    lines = [level_line("ready", ready, f"{least} to {most} packs ready" if least < most else f"{most} packs ready")]
    lines.append(count_line("swaps", _by_slot(night, night.station.swaps), f"{what}; {len(lost)} lost"))
    return [*lines, count_line("lost", _by_slot(night, lost), "")] if lost else lines


def lost_swaps(plan: StationPlan) -> tuple[Swap, ...]:
    """The swaps that get no pack."""
    served = plan.schedule.packs_by_swap
    return tuple(swap for swap in plan.night.station.swaps if swap.id not in served)


def _by_slot(night: Night, swaps: tuple[Swap, ...]) -> list[int]:
    packs = [0] * night.horizon.slots
    for swap in swaps:
        packs[swap.slot] += swap.packs
    return packs


def wait_lines(plan: StationPlan) -> Iterator[str]:
    """How long packs are ready before their drivers, and what lost swaps lacked, by cause, the most frequent first."""
    night = plan.night
    visits = visits_of(night, plan.schedule)
    waits = waits_of(night, visits)
    slacks, latest = [wait.slack for wait in waits if wait.slack is not None], tightest(waits)
    if latest is not None:
        least, middle, most = (hours_and_minutes(night, n) for n in (min(slacks), median_low(slacks), max(slacks)))
        at = f"{latest.swap} gets {latest.pack} at {night.horizon.local_slot_start(latest.slot):%H:%M}"
        yield f"  slack    packs are ready {least} to {most} h before their drivers, half of them {middle} or more"
        yield f"           the tightest: {at}"
    causes = Counter(lack_of(night, visits, swap).cause for swap in lost_swaps(plan))
    for number, (cause, count) in enumerate(sorted(causes.items(), key=lambda one: (-one[1], one[0]))):
        yield f"  {'' if number else 'lost':7}  {counted(count, 'swap')}: {cause}"
