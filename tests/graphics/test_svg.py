"""Scales, ticks and marks, by numbers that can be worked out by hand."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest

from optimizer.graphics import svg
from optimizer.graphics.svg import Plot, Scale


def test_a_scale_maps_its_ends_and_stays_inside() -> None:
    scale = Scale(0, 10, 200, 100)
    assert [scale.at(value) for value in (0, 5, 10, -1, 11)] == [200, 150, 100, 200, 100]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308])
def test_numbers_that_cannot_be_drawn_are_drawn_at_an_edge(value: float) -> None:
    assert Scale(0, 10, 0, 100).at(value) in (0, 100)
    scale = svg.scale_for([value, 1.0], 0, 100)
    assert math.isfinite(scale.low) and math.isfinite(scale.high) and scale.low < scale.high


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 424, [0, 100, 200, 300, 400]),
        (-32, 368, [0, 100, 200, 300]),
        (0, 0.35, [0, 0.1, 0.2, 0.3]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round_and_inside(low: float, high: float, ticks: list[float]) -> None:
    assert Scale(low, high, 0, 1).ticks() == pytest.approx(ticks)


def test_ticks_of_counts_are_whole() -> None:
    assert Scale(0, 2.1, 0, 1).ticks(whole=True) == [0, 1, 2]


def test_a_scale_for_nothing_is_a_scale() -> None:
    assert svg.scale_for([], 0, 100) == Scale(0, 1, 0, 100)
    assert svg.scale_for([5, 5], 0, 100, zero=False).low <= 0


def test_a_scale_leaves_air_above_but_stands_on_zero() -> None:
    scale = svg.scale_for([100], 0, 1)
    assert scale.low == 0 and scale.high == pytest.approx(106)


def test_steps_hold_each_value_and_break_where_there_is_none() -> None:
    plot = Plot(Scale(0, 5, 0, 50), Scale(0, 10, 10, 0))
    assert plot.steps([1, 1, 2, None, 3], "css") == '<path d="M0 9H20V8H30M40 7H50" class="line css"/>'
    assert plot.steps([None], "css") == ""


def test_a_block_may_be_given_by_any_two_corners() -> None:
    assert svg.block(3, 4, 1, 2, "css") == '<rect x="1" y="2" width="2" height="2" class="css"/>'


def test_a_drawing_says_what_it_shows() -> None:
    drawn = svg.drawing(10, 20, 'a "name"', svg.label(1, 2, "<b>"), svg.cross(5, 5, 2, "lost", "hint"))
    root = ET.fromstring(drawn)
    assert (root.attrib["aria-label"], root.attrib["role"], root.attrib["viewBox"]) == ('a "name"', "img", "0 0 10 20")
    assert ["".join(one.itertext()) for one in root] == ["<b>", "hint"]


@pytest.mark.parametrize(("value", "told"), [(-5.0, "−5"), (1234567.0, "1,234,567"), (-0.0, "0"), (1e300, "1e+300")])
def test_numbers_on_axes(value: float, told: str) -> None:
    assert svg.number_text(value) == told
