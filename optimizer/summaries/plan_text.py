"""What `solve` says to people: one screen for a station, one line a station for a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import Cost, drawn_power_kw
from models.station.result import FarResult, NextDay, PlanChanges, StationPlan, StationResult, total_changes
from models.station.starts import WEAK_KW, ChargingFigures, charging_figures
from optimizer.files.errors import printable
from optimizer.files.plain_text import table
from optimizer.formats.plan_document import PlanFile
from optimizer.graphics.text_chart import load_and_price
from optimizer.summaries.hedge_text import hedge_lines
from optimizer.summaries.readiness import Readiness, range_of, readiness_of
from optimizer.summaries.saving_text import (
    COST_LINES,
    ROUNDS_TO_NOTHING,
    saving_lines,
    savings_of,
    told_amount,
    told_below,
)
from optimizer.summaries.waits import told_minutes
from optimizer.summaries.waits_text import ready_lines, wait_lines


def solve_screen(plans: Sequence[StationPlan], file: PlanFile, written: str | None) -> str:
    """The whole text; `written` names the plan file, None if there is none."""
    lines = list(_station(plans[0], file.currency) if len(plans) == 1 else _network(plans, file))
    lines.append("")
    lines.append(f"Plan written to {written}" if written else "Plan not written: name a file with -o to keep it")
    return "\n".join(map(printable, lines))


def gap_in_words(gap: float | None, status: str) -> str:
    """The certificate as a person would say it."""
    if gap is None:
        proven = "nothing proven of how much better a plan could be"
    elif gap == 0:
        proven = "proven the best possible"
    else:
        proven = f"proven within {_percent(gap)} of the best possible"
    return proven + {"gap_not_reached": " (search exhausted)", "time_limit": " (time is up)"}.get(status, "")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.001 else f"{100 * share:.2f} %"


def _station(plan: StationPlan, currency: str) -> Iterator[str]:
    horizon, result, readiness = plan.night.horizon, plan.result, readiness_of(plan)
    first, last = horizon.local_slot_start(0), horizon.end.astimezone(horizon.zone)
    yield f"Station {plan.night.station.id}, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {horizon.time_zone}"
    yield ""
    yield from _chart(plan, readiness, currency)
    yield ""
    yield from _cost_split(result.cost, currency)
    if fixed := plan.night.tariff_series.fixed_charge:
        yield f"  {'fixed charge, in no sum':28}{fixed:12,.2f} {currency}"
    yield ""
    yield f"  swaps    {result.swaps_served} served, {result.swaps_lost} lost"
    yield from _unserved([plan])
    yield from wait_lines([plan], [readiness])
    if plan.hedge is not None:
        yield from told_below("  hedge    ", hedge_lines(plan.hedge, horizon, currency))
    yield from _peak(plan)
    yield f"  calm     {starts_in_words(charging_figures(plan.schedule))}"
    yield from _changes([plan], currency)
    yield from _proof(result)
    yield from told_below("  saving   ", saving_lines(result.savings, currency))
    seconds = f"{plan.runtime_seconds:.2f} s, of which HiGHS {plan.solver_seconds:.2f} s"
    yield f"  time     {seconds}; found by {result.method}"
    if plan.next_day is not None and plan.next_day.more_lost:
        yield ""
        yield f"  note: {next_day_in_words(plan.next_day, result.far)}"


def next_day_in_words(next_day: NextDay, far: FarResult | None) -> str:
    """What the plan leaves for the next day, and what to do about it."""
    lost = f"the same day again would lose {next_day.more_lost} driver{'s' * (next_day.more_lost != 1)} for it"
    text = f"ends with {next_day.ready} of {next_day.packs} packs ready; {lost}"
    return text + (": --look-ahead 12" if far is None else "")


def _proof(result: StationResult) -> Iterator[str]:
    """A plan that looks ahead is proven for all that it looks at, and its beginning against the horizon by itself."""
    far = result.far
    if far is None:
        yield f"  proof    {gap_in_words(result.gap, result.status)}"
    else:
        yield f"  proof    with {far.hours:g} h of look-ahead: {gap_in_words(far.gap, result.status)}"
        yield f"           the horizon by itself: {gap_in_words(result.gap, '')}"


def _unserved(plans: Sequence[StationPlan]) -> Iterator[str]:
    """The lost swaps that must be served."""
    for plan in plans:
        place = f"station {plan.night.station.id}, " if len(plans) > 1 else ""
        for one in plan.schedule.unserved:
            yield printable(f"  lost     {place}{one.swap}, which must be served: {one.reason}")


def starts_in_words(figures: ChargingFigures) -> str:
    """How often charging starts, of how many packs, and how often it is weak."""
    text = f"{figures.starts:,} starts of {figures.stays_charged:,} packs that charge"
    weak = figures.weak_set_points
    return text + (f", {weak} slot{'s' * (weak != 1)} below {WEAK_KW:g} kW" if weak else "")


def _changes(plans: Sequence[StationPlan], currency: str) -> Iterator[str]:
    """Of the previous plan, if there was one."""
    changes = total_changes(plans)
    if changes is not None:
        yield f"  changes  {changes_in_words(changes, currency)}"


def changes_in_words(changes: PlanChanges, currency: str) -> str:
    """What a plan changes of the previous one, and what being near it costs."""
    counted = ((changes.hand_overs, "hand-over"), (changes.packs, "pack"), (changes.slots, "slot"))
    counts = ", ".join(f"{count:,} {word}{'s' * (count != 1)}" for count, word in counted)
    moved = f"; {changes.moved_kwh:,.1f} kWh moved" if changes.slots else ""
    dearer = changes.extra_cost >= ROUNDS_TO_NOTHING
    cost = f"; {changes.extra_cost:,.2f} {currency} above the cheapest found" if dearer else ""
    return f"{counts if changes.packs else 'none'} of the previous plan{moved}{cost}"


def _chart(plan: StationPlan, readiness: Readiness, currency: str) -> list[str]:
    night = plan.night
    hours = [f"{night.horizon.local_slot_start(t):%H:%M}" for t in range(night.horizon.slots)]
    load_kw = drawn_power_kw(night, plan.schedule)
    return load_and_price(load_kw, night.tariff_series.price_per_kwh, hours, currency, ready_lines(plan, readiness))


def _cost_split(cost: Cost, currency: str) -> Iterator[str]:
    for field, label in COST_LINES:
        value = getattr(cost, field)
        if field == "energy" or abs(value) >= ROUNDS_TO_NOTHING:
            yield f"  {label:28}{value:12,.2f} {currency}"
    if abs(cost.base_bill) >= ROUNDS_TO_NOTHING:
        yield f"  {'less the base load alone':28}{-cost.base_bill:12,.2f} {currency}"
    yield f"  {'what charging costs':28}{cost.gross_cost:12,.2f} {currency}"
    yield f"  {'worth of energy left inside':28}{cost.end_value:12,.2f} {currency}"
    yield f"  {'objective':28}{cost.objective:12,.2f} {currency}"


def _peak(plan: StationPlan) -> Iterator[str]:
    load_kw = drawn_power_kw(plan.night, plan.schedule)
    peaks = month_to_date(plan.night, load_kw).peak_kw
    so_far = plan.night.station.peak_so_far_kw
    billed = "".join(
        f"; {name}: {kw:.1f} kW billed, {so_far.get(name, 0.0):.1f} so far" for name, kw in sorted(peaks.items())
    )
    yield f"  peak     {max(load_kw):.1f} kW from the grid{billed}"


def _network(plans: Sequence[StationPlan], file: PlanFile) -> Iterator[str]:
    """`ready`: fewest to most packs ready at once; `slack`: least time for which a pack is ready before its driver."""
    every = [readiness_of(plan) for plan in plans]
    heads = ("station", "charging", "served", "lost", "ready", "slack, h", "gap", "saving")
    yield from table([heads, *(_row(plan, one) for plan, one in zip(plans, every, strict=True))])
    cost = sum((plan.result.cost for plan in plans), Cost())
    yield ""
    yield from _cost_split(cost, file.currency)
    yield f"  swaps    {file.swaps_served} served, {file.swaps_lost} lost"
    yield from _unserved(plans)
    yield from wait_lines(plans, every)
    yield f"  calm     {starts_in_words(sum((charging_figures(plan.schedule) for plan in plans), ChargingFigures()))}"
    yield from _changes(plans, file.currency)
    yield f"  proof    {gap_in_words(file.gap, file.status)}"
    savings = savings_of(plan.result for plan in plans)
    yield from told_below("  saving   ", saving_lines(savings, file.currency))


def _row(plan: StationPlan, readiness: Readiness) -> tuple[str, ...]:
    result, ready, slack = plan.result, range_of(readiness.ready), range_of(readiness.slack_minutes)
    return (
        plan.night.station.id,
        f"{result.gross_cost:,.2f}",
        str(result.swaps_served),
        str(result.swaps_lost),
        "" if ready is None else f"{ready.least} to {ready.most}",
        "" if slack is None else told_minutes(slack.least),
        "unproven" if result.gap is None else f"{100 * result.gap:.2f} %",
        told_amount(result),
    )
