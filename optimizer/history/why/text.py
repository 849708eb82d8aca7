"""Why costs moved, as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import fsum
from typing import Any

from optimizer.files.plain_text import counted, some_of
from optimizer.history.why.cost_terms import CostTerms
from optimizer.history.why.explained import REMAINDER, ExplainedStation, Explanation
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

TERM_WORDS: Mapping[str, str] = {
    "energy_price": "mean price of energy",
    "energy_kwh": "kWh drawn",
    "energy_hours": "hours in which it is drawn",
    "demand": "demand charge",
    "wear": "wear",
    "plug_changes": "plug changes",
    "lost_swaps": "lost swaps",
    "reserve": "missing reserve",
    "end_value": "energy left inside",
}


def explanation_lines(explanation: Explanation, currency: str) -> Iterator[str]:
    """For a terminal; names are as files have them."""
    if explanation.missing:
        yield f"why they changed is not known: {'; '.join(explanation.missing)}"
        return
    if explanation.stations:
        yield f"why, by re-planning with inputs of one night exchanged for those of the other (objective, {currency}):"
    yield from (station_line(one, currency) for one in explanation.stations)
    if len(explanation.stations) > 1:
        yield together_line(explanation, currency)
    for other in explanation.unexplained:
        yield f"{other.station}: {difference_words(other.difference, currency)}: not told apart: {other.reason}"
    if names := explanation.not_in_time:
        yield f"not in time: {some_of(names)}; a longer --time-limit has them, too"
    yield from _others(explanation, currency)


def together_line(explanation: Explanation, currency: str) -> str:
    """What each group costs all stations that were re-planned."""
    stations = explanation.stations
    ranked = explanation.by_group.items()
    told = [f"{words} {signed(money)}" for words, money in ranked if abs(money) >= ROUNDS_TO_NOTHING]
    difference = fsum(one.difference for one in stations)
    return f"these {len(stations):,} together: {difference_words(difference, currency)}: {', '.join(told)}"


def station_line(one: ExplainedStation, currency: str) -> str:
    """ "S17: 41.20 EUR more: higher prices (…) +55.10, 4 drivers fewer (…) -18.30; ±0.40 left open by the gaps"."""
    told = [f"{part.words} {signed(part.amount)}" for part in one.parts]
    if abs(one.remainder) >= ROUNDS_TO_NOTHING or not told:
        told.append(f"{REMAINDER} {signed(one.remainder)}")
    return f"{one.station}: {difference_words(one.difference, currency)}: {', '.join(told)}; {open_words(one)}"


def open_words(one: ExplainedStation) -> str:
    """How far the gaps of the plans leave the parts open."""
    if not one.parts:
        return "no input differs"
    if one.open_money is None:
        return "how far best plans differ from this is not proven"
    return f"±{one.open_money:,.2f} left open by the gaps"


def difference_words(difference: float, currency: str) -> str:
    """ "41.20 EUR more"."""
    return f"{abs(difference):,.2f} {currency} {'more' if difference > 0 else 'less'}"


def signed(money: float) -> str:
    """To the cent, with a sign unless it rounds to nothing."""
    return f"{money:+,.2f}" if abs(money) >= ROUNDS_TO_NOTHING else "0.00"


def _others(explanation: Explanation, currency: str) -> Iterator[str]:
    others = explanation.others
    if not others.stations:
        return
    which = "the other " if explanation.stations else ""
    many = counted(others.stations, "station")
    amount = difference_words(others.difference, currency)
    yield f"{which}{many} together, by cost term: {amount}: {', '.join(terms_told(others)) or 'nothing'}"
    yield (
        f"  {others.old_drawn_kwh:,.0f} to {others.new_drawn_kwh:,.0f} kWh drawn, {others.old_swaps:,} to"
        f" {others.new_swaps:,} drivers, {others.old_swaps_lost:,} to {others.new_swaps_lost:,} of them lost"
    )
    if left := explanation.others_asked - others.stations:
        yield f"  without {counted(left, 'station')} whose nights cannot be read"


def terms_told(terms: CostTerms) -> list[str]:
    """The terms that are more than nothing, the largest first."""
    ranked = sorted(terms.terms.items(), key=lambda one: -abs(one[1]))
    return [f"{TERM_WORDS[name]} {signed(money)}" for name, money in ranked if abs(money) >= ROUNDS_TO_NOTHING]


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The same for scripts, unrounded."""
    return {
        "cost": "objective",
        "stations": [
            asdict(one) | {"difference": one.difference, "open_money": one.open_money} for one in explanation.stations
        ],
        "by_group": explanation.by_group,
        "unexplained": [asdict(one) for one in explanation.unexplained],
        "not_in_time": list(explanation.not_in_time),
        "others": asdict(explanation.others) | {"difference": explanation.others.difference},
        "together": asdict(explanation.together) | {"difference": explanation.together.difference},
        "others_asked": explanation.others_asked,
        "missing": list(explanation.missing),
    }
