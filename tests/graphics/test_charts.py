"""Ready-made charts: what is drawn for a few numbers."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pages
import pytest

from optimizer.graphics import svg
from optimizer.graphics.charts import Bar, Part, Stack, bar_chart, heat_map, opacity, stacked_bars
from optimizer.graphics.line_chart import ChartLine, named_lines, spread
from optimizer.graphics.svg import Plot, Scale
from optimizer.graphics.timeline import Block, Event, Shade, Timeline

SVG = pages.SVG


def boxes(drawing: ET.Element, css: str) -> list[tuple[float, float]]:
    """Left end and width of the rectangles of a class."""
    found = [one for one in drawing.iter(f"{SVG}rect") if css in one.attrib.get("class", "").split()]
    return [(float(one.attrib["x"]), float(one.attrib["width"])) for one in found]


def test_bars_are_as_high_as_their_values() -> None:
    root = ET.fromstring(bar_chart([Bar("a", 4), Bar("b", 2), Bar("c", -2)], "kW", "three"))
    heights = [float(one.attrib["height"]) for one in root.iter(f"{SVG}rect")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.02) and heights[1] == pytest.approx(heights[2], abs=0.02)
    assert {"a", "b", "c", "kW"} <= set(pages.texts(root))


def test_names_of_bars_are_left_out_where_they_have_no_room() -> None:
    root = ET.fromstring(bar_chart([Bar(f"a long name {n}", n) for n in range(100)], "kW", "many"))
    assert not [words for words in pages.texts(root) if "long" in words]


def test_no_bars_and_no_rows_are_charts_all_the_same() -> None:
    for drawn in (bar_chart([], "kW", "none"), heat_map([], [], [], "none")):
        assert ET.fromstring(drawn).attrib["aria-label"] == "none"


def test_lines_are_named_at_their_ends() -> None:
    lines = [ChartLine("up", [(0, 0), (1, 10)]), ChartLine("down", [(0, 10), (1, 0)], ["ten", "none"])]
    plot = Plot(Scale(0, 1, 0, 100), Scale(0, 10, 100, 0))
    root = ET.fromstring(svg.drawing(200, 100, "two lines", *named_lines(plot, lines)))
    assert pages.texts(root) == ["up", "down"] and pages.hints(root) == ["up", "ten", "none"]
    paths = [one.attrib["d"] for one in root.iter(f"{SVG}path")]
    assert paths == ["M0 100L100 0", "M102 0L110 0", "M0 0L100 100", "M102 100L110 100"]
    assert list(named_lines(plot, [])) == []


def test_a_heat_map_is_darkest_at_its_highest_value_and_has_holes() -> None:
    root = ET.fromstring(heat_map(["x", "y"], ["a", "b"], [[1.0, 3.0], [None, 2.0]], "map"))
    shades = {
        hint: float(cell.attrib["fill-opacity"])
        for hint, cell in zip(pages.hints(root), list(root.iter(f"{SVG}rect")), strict=True)
    }
    assert shades == {"x, a: 1": opacity(0), "x, b: 3": 1.0, "y, b: 2": opacity(0.5)}


def test_a_heat_map_names_some_columns_and_cuts_long_rows_but_not_in_hints() -> None:
    row = "x" * 50
    root = ET.fromstring(heat_map([row], ["a", "b"], [[1.0, 3.0]], "map", shown=["A", ""], css="c2", unit=" kW"))
    assert pages.texts(root) == ["A", "x" * 35 + "…"] and pages.hints(root, "c2") == [
        f"{row}, a: 1 kW",
        f"{row}, b: 3 kW",
    ]
    many = ET.fromstring(heat_map(["x"], ["a"] * 365, [[1.0] * 365], "year"))
    assert len(boxes(many, "narrow")) == 365 and not boxes(root, "narrow")


def test_a_stacked_bar_may_have_a_mark_of_its_own() -> None:
    stacks = [Stack("plan", [Part("energy", 30.0, "c1")], "30", (60.0, "on arrival 60")), Stack("other", [], "0")]
    root = ET.fromstring(stacked_bars(stacks, None, "costs"))
    ((left, width),) = boxes(root, "c1")
    (mark,) = [one for one in root.iter(f"{SVG}path") if "marked" in one.attrib["class"].split()]
    assert float(mark.attrib["d"][1:].split()[0]) - left == pytest.approx(2 * width, abs=0.02)
    assert pages.hints(root, "marked") == ["on arrival 60"]


def test_a_stacked_bar_ends_at_its_sum() -> None:
    parts = [Part("energy", 30.0, "c1"), Part("wear", 20.0, "c2"), Part("credit", -10.0, "credit")]
    root = ET.fromstring(stacked_bars([Stack("plan", parts, "40")], (40.0, "bound"), "costs"))
    (start, energy), (middle, wear) = boxes(root, "c1")[0], boxes(root, "c2")[0]
    left, credit = boxes(root, "credit")[0]
    assert energy / wear == pytest.approx(1.5, abs=0.01) and middle == pytest.approx(start + energy, abs=0.02)
    assert (left, credit) == (start, pytest.approx(wear / 2, abs=0.02))
    (bound,) = [one for one in root.iter(f"{SVG}path") if "bound" in one.attrib["class"].split()]
    assert float(bound.attrib["d"].split()[0][1:]) == pytest.approx(middle + wear, abs=0.02)


def test_a_timeline_has_its_blocks_shades_and_events() -> None:
    block = Block(0, 0, 4, "pack", "pack: here", "c2", [Shade(1, 2, 0.5, "charges")], [(0, 0.1), (4, 0.9)], key=7)
    events = [Event(0, 4, "handed over"), Event(1, 2, "lost", is_cross=True)]
    root = ET.fromstring(Timeline(["bay 0", "lost"], 8, [(0, "00:00\n1 Jan")], [block], events).drawn("bays"))
    assert pages.hints(root) == ["pack: here", "pack: here", "charges", "handed over", "lost"]
    assert [one.attrib["data-row"] for one in root.iter(f"{SVG}g")] == ["7"]
    assert {"bay 0", "lost", "pack", "00:00", "1 Jan"} <= set(pages.texts(root))
    ((stay, width),) = boxes(root, "stay")
    shade = next(one for one in root.iter(f"{SVG}rect") if "fill-opacity" in one.attrib)
    assert float(shade.attrib["width"]) == pytest.approx((width + 1.5) / 4, abs=0.02) and stay < float(
        shade.attrib["x"]
    )


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    assert spread([10.0, 12.0, 50.0], 15.0, 200.0) == [10.0, 25.0, 50.0]
    assert spread([200.0, 199.0, 150.0], 15.0, 200.0) == [200.0, 185.0, 150.0]
