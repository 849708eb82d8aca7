"""The page of a replay: what it says is what the cards say."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
import pytest
from pages import Page

from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.demand.rule_words import RULE_IN_WORDS
from models.station.drawn_days import draw_days
from models.station.instance import Night
from optimizer.replay.card import card_of
from optimizer.replay.policies import Policy, figures_of, played
from optimizer.replay.result import StationReplay
from optimizer.reports.replay.page import replay_page

IMAGE = '"><img src=x onerror=alert(1)>'


def _night() -> Night:
    expected = ExpectedSwaps("F", "A", (0.0, 1.0, 1.0, 1.5), (0.1,), 30.0, spread=Spread(0.3))
    swaps = [make.swap("F1", 1, forecast="F"), make.swap("F2", 3, forecast="F")]
    return make.night(4, swaps=swaps, expected=(expected,), id=IMAGE)


@pytest.fixture(scope="module")
def replay() -> StationReplay:
    night = _night()
    days = draw_days(night, 50)
    figures = figures_of(played(Policy("on-arrival"), night, days))
    bounds = np.full(3, -50.0)
    card = card_of("on-arrival", figures, night.horizon.slot_hours, figures, bounds, None)
    hedged = replace(card, policy="hedged")
    targets = {"hedged": (0, 1, 2, 1)}
    cards = (hedged, card)
    return StationReplay(night, "spread", 50, 0, cards, {"hedged": figures, "on-arrival": figures}, targets, bounds, 3)


@pytest.fixture(scope="module")
def page(replay: StationReplay) -> Page:
    return Page(replay_page([replay], "night", "EUR", {"swapcharge": "1"}).decode())


def test_page_says_what_the_card_says(replay: StationReplay, page: Page) -> None:
    card = replay.cards[1]
    assert f"{100 * card.served_share.mean:.2f} %" in page.text
    assert f"{card.cost.mean:,.2f}".replace("-", "−") in page.text
    assert "50 days drawn from the forecast and its spread, seed 0" in page.text
    assert f"day {card.worst.day}: " in page.text
    for words in RULE_IN_WORDS.values():
        assert words in page.text


def test_drawings_say_what_they_show(replay: StationReplay, page: Page) -> None:
    figures = replay.figures["on-arrival"]
    worst = replay.cards[1].worst
    page.drawing("Share of drivers served: hedged")
    page.drawing("Cost a day in EUR: hedged")
    page.drawing("Ready packs under hedged")
    shown = page.drawing(f"Day {worst.day} under on-arrival: at most {figures.load_kw[worst.day - 1].max():,.0f} kW")
    crosses = [one for one in shown.iter() if one.attrib.get("class") == "lost"]
    assert len(crosses) == np.count_nonzero(figures.lost_at[worst.day - 1])
    assert worst.day_lost > 0


def test_targets_are_drawn_where_there_are_any(page: Page) -> None:
    for policy, lines in (("hedged", 1), ("on-arrival", 0)):
        shown = page.drawing(f"Ready packs under {policy}")
        assert sum("reserve" in one.attrib.get("class", "") for one in shown.iter()) == lines


def test_names_are_text_and_never_markup(page: Page) -> None:
    assert IMAGE in page.text
    assert "img" not in page.tags
