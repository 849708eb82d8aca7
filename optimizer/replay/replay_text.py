"""The cards of a replay as text, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from models.station.cost import Cost
from optimizer.files.errors import printable
from optimizer.files.plain_text import counted, table
from optimizer.replay.card import PolicyCard
from optimizer.replay.result import Source, StationReplay
from optimizer.replay.statistics import Estimate

SOURCES: dict[Source, str] = {
    "spread": "drawn from the forecast and its spread",
    "poisson": "drawn from the forecast, which states no spread: drivers know nothing of each other (Poisson)",
    "scenarios": "drawn from the forecast's scenarios",
    "log": "of the log",
    "certain": "alike: the file has no forecast",
}
NOTHING_PROVEN = "–"


def replay_screen(replays: Sequence[StationReplay], currency: str) -> str:
    """All stations."""
    parts = ["\n".join(_station(one, currency)) for one in replays]
    return "\n\n".join(map(printable_lines, parts))


def printable_lines(text: str) -> str:
    """Each line fit for a terminal."""
    return "\n".join(map(printable, text.split("\n")))


def days_in_words(replay: StationReplay) -> str:
    """How many days, and where they come from."""
    seed = f", seed {replay.seed}" if replay.source in ("spread", "poisson", "scenarios") else ""
    return f"{counted(replay.days, 'day')} {SOURCES[replay.source]}{seed}"


def _station(replay: StationReplay, currency: str) -> Iterator[str]:
    horizon = replay.night.horizon
    first, last = horizon.local_slot_start(0), horizon.end.astimezone(horizon.zone)
    yield f"Station {replay.night.station.id}, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {horizon.time_zone}"
    drivers = replay.cards[0].drivers / replay.days
    yield f"{days_in_words(replay)}; {drivers:,.1f} drivers a day, who do not wait"
    yield ""
    yield from table(_rows(replay.cards, currency))
    yield ""
    for card in replay.cards:
        yield f"  {card.label}: {_split(card.cost_split)} {currency} a day"
        yield f"    {worst_in_words(card, currency)}"
    for label in replay.not_in_time:
        yield f"  {label}: no day was done in time: raise --time-limit"
    yield ""
    yield from _certified(replay, currency)


def _rows(cards: Sequence[PolicyCard], currency: str) -> list[list[str]]:
    heads = [
        "  policy",
        "served",
        "95 %",
        f"cost a day, {currency}",
        "95 %",
        "peak kW, median (5–95 %)",
        "kWh a day (5–95 %)",
    ]
    return [heads, *([f"  {card.label}", *_cells(card)] for card in cards)]


def _cells(card: PolicyCard) -> list[str]:
    low, middle, high = card.peak_kw_quantiles
    least, _, most = card.drawn_kwh_quantiles
    return [
        f"{100 * card.served_share.mean:.2f} %",
        interval_in_words(card.served_share, 100.0, 2),
        f"{card.cost.mean:,.2f}",
        interval_in_words(card.cost),
        f"{middle:,.0f} ({low:,.0f}–{high:,.0f})",
        f"{card.drawn_kwh.mean:,.0f} ({least:,.0f}–{most:,.0f})",
    ]


def interval_in_words(estimate: Estimate, factor: float = 1.0, digits: int = 2) -> str:
    """Its ends; a dash where they are not known."""
    if estimate.low is None or estimate.high is None:
        return NOTHING_PROVEN
    return f"{factor * estimate.low:,.{digits}f} to {factor * estimate.high:,.{digits}f}"


def _split(cost: Cost) -> str:
    parts = [(one.name.replace("_", " "), getattr(cost, one.name)) for one in fields(Cost) if one.name != "end_value"]
    told = [f"{name} {amount:,.2f}" for name, amount in parts if round(amount, 2) and name != "base bill"]
    return ", ".join(told or ["nothing"]) + f", less energy left {cost.end_value:,.2f}"


def worst_in_words(card: PolicyCard, currency: str) -> str:
    """What the worst days look like."""
    worst = card.worst
    dearest = f"dearest {counted(worst.days, 'day')}: {worst.mean_cost:,.2f} {currency}"
    return (
        f"{dearest}, {100 * worst.served_share:.1f} % served; "
        f"day {worst.day:,}: {worst.day_cost:,.2f}, {worst.day_served} served, {worst.day_lost} lost; "
        f"least served on a day: {100 * worst.fewest_served_share:.0f} %"
    )


def _certified(replay: StationReplay, currency: str) -> Iterator[str]:
    if not len(replay.bounds):
        why = "none was asked for" if not replay.bounds_asked else "there was no time for one: raise --time-limit"
        yield f"  regret: not known, for no day's bound is proven ({why})"
        return
    regrets = [(card.label, card.regret) for card in replay.cards if card.regret is not None]
    bound = regrets[0][1].bound
    yield (
        f"  Bounds proven of the first {counted(len(replay.bounds), 'day')} (asked for: {replay.bounds_asked:,}): "
        f"no policy can cost less than {bound.mean:,.2f} {currency} a day on them"
    )
    heads = [
        "  policy",
        "days",
        f"cost on these days, {currency}",
        "certified regret",
        "95 %",
        "of the attainable saving",
        "95 %",
    ]
    rows = [heads]
    for name, regret in regrets:
        share = regret.share_of_saving
        told = ["nothing to save", ""] if share is None else _share(share)
        costs = f"{regret.cost.mean:,.2f}", f"{regret.regret.mean:,.2f}"
        rows.append([f"  {name}", f"{regret.days:,}", *costs, interval_in_words(regret.regret), *told])
    yield from table(rows)


def _share(share: Estimate) -> list[str]:
    return [f"{100 * share.mean:.0f} %", interval_in_words(share, 100.0, 0)]
