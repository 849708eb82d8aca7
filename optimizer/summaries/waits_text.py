"""`solve` for a dispatcher: ready packs under the load, how early they are ready, what lost swaps lacked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from models.station.instance import Night, Swap
from models.station.result import StationPlan
from optimizer.files.errors import printable
from optimizer.graphics.text_chart import count_line, level_line
from optimizer.summaries.lost_text import names_at, words_of
from optimizer.summaries.readiness import Readiness, range_of
from optimizer.summaries.waits import lack_of, told_minutes


def ready_lines(plan: StationPlan, readiness: Readiness) -> list[str]:
    """Lines under the load: ready packs, swaps, and the lost ones of them; none where nobody comes."""
    night = plan.night
    if not night.station.swaps:
        return []
    ready = readiness.ready
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


def wait_lines(plans: Sequence[StationPlan], every: Sequence[Readiness]) -> Iterator[str]:
    """How long packs are ready before their drivers, and what lost swaps lacked, by cause, the most frequent first."""
    slack = range_of([minutes for one in every for minutes in one.slack_minutes])
    if slack is not None:
        least, middle, most = map(told_minutes, (slack.least, slack.median, slack.most))
        yield f"  slack    packs are ready {least} to {most} h before their drivers, half of them {middle} or more"
        yield f"           the tightest: {_tightest(every, slack.least)}"
    told = [line for plan in plans for line in reason_lines(plan, with_station=len(plans) > 1)]
    causes = Counter(
        lack_of(plan.night, one.visits, swap).cause
        for plan, one in zip(plans, every, strict=True)
        for swap in lost_swaps(plan)
        if swap.id not in {reason.swap for reason in plan.lost_reasons}
    )
    more = "more " if told else ""
    told += [
        f"{count:,} {more}swap{'s' * (count > 1)}: {cause}"
        for cause, count in sorted(causes.items(), key=lambda one: (-one[1], one[0]))
    ]
    for number, line in enumerate(told):
        yield f"  {'' if number else 'lost':7}  {line}"


def reason_lines(plan: StationPlan, *, with_station: bool) -> Iterator[str]:
    """Lost swaps whose reasons are known, a line for those of one reason; of who must be served the plan says why."""
    must = {swap.id for swap in plan.night.station.swaps if swap.must_serve}
    names: dict[str, list[str]] = {}
    for reason in plan.lost_reasons:
        if reason.swap not in must:
            names.setdefault(words_of(reason), []).append(reason.swap)
    place = f"station {plan.night.station.id}, " if with_station else ""
    for sentence, swaps in names.items():
        yield f"{place}{names_at(plan.night, swaps)}: {sentence}"


def _tightest(every: Sequence[Readiness], least_minutes: int) -> str:
    """The first hand-over with so little slack, with its station where there are several."""
    one = next(one for one in every if least_minutes in one.slack_minutes)
    wait, horizon = one.tightest, one.night.horizon
    assert wait is not None
    place = f"station {one.night.station.id}, " if len(every) > 1 else ""
    return printable(f"{place}{wait.swap} gets {wait.pack} at {horizon.local_slot_start(wait.slot):%H:%M}")
