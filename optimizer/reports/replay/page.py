"""The page of a replay: who is served and what it costs, ready packs of all days, the worst day, the rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.station.demand.rule_words import RULE_IN_WORDS
from optimizer.graphics.html_page import (
    Cell,
    Head,
    figure,
    heading,
    legend,
    listed,
    money,
    money_cell,
    number_cell,
    page,
    paragraph,
    percent_cell,
    section,
    table,
)
from optimizer.graphics.markup import Markup, tag
from optimizer.replay.card import PolicyCard
from optimizer.replay.replay_text import days_in_words, interval_in_words, worst_in_words
from optimizer.replay.result import StationReplay
from optimizer.reports.plan import made_by
from optimizer.reports.replay.charts import EstimateBar, estimate_bars, one_day, ready_bands

MOST_STATIONS = 12  # drawn


def replay_page(replays: Sequence[StationReplay], name: str, currency: str, versions: Mapping[str, str]) -> bytes:
    """The page; of very many stations the first ones are drawn."""
    below = f"{len(replays)} station{'s' * (len(replays) != 1)}, costs in {currency} a day"
    parts = [_station(one, currency) for one in replays[:MOST_STATIONS]]
    if len(replays) > MOST_STATIONS:
        parts.append(paragraph(f"{len(replays) - MOST_STATIONS} more stations are not drawn.", "note"))
    rule = section("The rule", paragraph("What a controller does in each slot, in this order:"), listed(_rule()))
    return page(f"Replay {name}", heading("Days that do not follow the forecast", name, below), *parts, rule,
                made_by(dict(versions)))  # fmt: skip


def _rule() -> list[str]:
    return list(RULE_IN_WORDS.values())


def _station(replay: StationReplay, currency: str) -> Markup:
    return section(
        f"Station {replay.night.station.id}",
        paragraph(f"{days_in_words(replay)}. Intervals hold the mean at 95 %.", "lead"),
        tag("div", *_bars(replay, currency), class_="side"),
        _table(replay, currency),
        *_of_policies(replay, currency),
    )


def _bars(replay: StationReplay, currency: str) -> Iterator[Markup]:
    served = [EstimateBar(one.label, one.served_share, f"{100 * one.served_share.mean:.2f} %") for one in replay.cards]
    yield figure("Drivers served", estimate_bars(served, "Share of drivers served"), css="small")
    costs = [EstimateBar(one.label, one.cost, money(one.cost.mean)) for one in replay.cards]
    mark = None
    if len(replay.bounds):
        least = float(replay.bounds.mean())
        mark = (least, f"proven on {len(replay.bounds)} days: no less than {money(least)}")
    yield figure(
        f"Cost a day, {currency}", estimate_bars(costs, f"Cost a day in {currency}", mark), css="small",
        note="Energy left in packs is a credit. A policy that plans anew was played on fewer days.",
    )  # fmt: skip


def _table(replay: StationReplay, currency: str) -> Markup:
    names = (
        "days", "served", "cost a day", "energy", "demand", "lost swaps", "energy left", "kWh a day", "peak kW, median",
        "peak kW, 95 %", "certified regret", "of the attainable saving",
    )  # fmt: skip
    heads = [Head("policy"), *(Head(name, is_number=True) for name in names)]
    rows = [_row(card) for card in replay.cards]
    told = [f"{one.label}: {worst_in_words(one, currency)}" for one in replay.cards]
    regrets = [
        f"{one.label}: certified regret {money(one.regret.regret.mean)} on {one.regret.days} days, "
        f"{interval_in_words(one.regret.regret)} at 95 %"
        for one in replay.cards
        if one.regret is not None
    ]
    late = [f"{label}: no day was done in time" for label in replay.not_in_time]
    return section("Policies", table(f"Means in {currency} a day", heads, rows), listed([*told, *regrets, *late]))


def _row(card: PolicyCard) -> list[Cell]:
    split, regret = card.cost_split, card.regret
    share = None if regret is None else regret.share_of_saving
    return [
        Cell(card.label), number_cell(card.days), percent_cell(card.served_share.mean), money_cell(card.cost.mean),
        money_cell(split.energy), money_cell(split.demand), money_cell(split.lost_swaps), money_cell(split.end_value),
        number_cell(card.drawn_kwh.mean), number_cell(card.peak_kw_quantiles[1]),
        number_cell(card.peak_kw_quantiles[2]), money_cell(None if regret is None else regret.regret.mean),
        percent_cell(None if share is None else share.mean),
    ]  # fmt: skip


def _of_policies(replay: StationReplay, currency: str) -> Iterator[Markup]:
    """Bands and worst day, policy by policy."""
    bands = [("c2", "the middle 90 % and 50 % of days"), ("line ready", "median")]
    horizon = replay.night.horizon
    for card in replay.cards:
        figures = replay.figures[card.label]
        targets = replay.ready_targets.get(card.policy, ())
        keys = legend([*bands, *([("line reserve", "target")] if any(targets) else [])])
        yield figure(f"Ready packs, {card.label}", ready_bands(figures, targets, horizon, card.label), keys)
        worst = card.worst
        title = f"The dearest day, {card.label}: day {worst.day:,}, {money(worst.day_cost)} {currency}"
        keys = legend([("c1 line", "load"), ("line ready", "ready packs"), ("lost", "driver without a pack")])
        note = f"{worst.day_served} drivers served, {worst.day_lost} lost."
        yield figure(title, one_day(figures, worst.day - 1, horizon, card.label), keys, note)
