"""No line of an axis strikes through words: geometry of drawings, letters taken as narrow as they come."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import broken_plans
import builders as make
import pages
import pytest

from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.graphics import svg
from optimizer.graphics.charts import Part, Stack, stacked_bars
from optimizer.graphics.svg import Box, Plot, Scale
from optimizer.reports.load_chart import load_chart, peaks_of
from optimizer.reports.plan import plan_report
from optimizer.reports.station_view import view_of

NARROW_PX, TALL_PX = 5.5, 8.0  # a letter at least, and how far it rises at least
AXES = {"axis", "rule", "bound"}
Piece = tuple[float, float, float, float]


def pieces(root: ET.Element) -> Iterator[Piece]:
    """Straight pieces of the lines of axes: left, top, right, bottom."""
    for path in root.iter(f"{pages.SVG}path"):
        if AXES & set(path.attrib["class"].split()) and "round" not in path.attrib["class"]:
            for x1, y1, x2, y2 in re.findall(r"M([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)", path.attrib["d"]):
                yield (
                    min(float(x1), float(x2)),
                    min(float(y1), float(y2)),
                    max(float(x1), float(x2)),
                    max(float(y1), float(y2)),
                )


def words(root: ET.Element) -> Iterator[tuple[str, Piece]]:
    """Every label and the least room that it takes."""
    for text in root.iter(f"{pages.SVG}text"):
        x, y, said = float(text.attrib["x"]), float(text.attrib["y"]), "".join(text.itertext())
        width = NARROW_PX * len(said)
        left = x - width * {"middle": 0.5, "end": 1.0}.get(text.attrib.get("text-anchor", ""), 0.0)
        yield said, (left, y - TALL_PX, left + width, y)


def struck(root: ET.Element) -> list[str]:
    """Labels that a line of an axis runs through."""
    lines = list(pieces(root))
    assert lines
    return [
        said
        for said, (left, top, right, bottom) in words(root)
        if any(x1 < right and x2 > left and y1 < bottom and y2 > top for x1, y1, x2, y2 in lines)
    ]


def loaded(**changes: object) -> tuple[Night, Schedule]:
    night = make.night(**changes)
    return night, make.schedule(night, {"P2": (40, 0, 0, 0), "P3": (40, 39, 20, 1)})


def load_drawing(night: Night, schedule: Schedule) -> ET.Element:
    (planned,) = pages.planned(make.instance(night), schedule).stations
    view = view_of(planned, night)
    return ET.fromstring(load_chart(view, "EUR", peaks_of(view)))


def test_the_check_sees_a_label_that_is_struck_through() -> None:
    rule = svg.line([(50, 0), (50, 100)], "rule")
    assert struck(ET.fromstring(svg.drawing(100, 100, "bad", rule, svg.label(20, 50, "word word")))) == ["word word"]
    assert struck(ET.fromstring(svg.drawing(100, 100, "good", rule, svg.label(51, 50, "word word")))) == []


def test_names_and_sums_of_bars_lying_down_are_left_free() -> None:
    parts = [Part("energy", 300.0, "c1"), Part("credit", -100.0, "credit")]
    stacks = [Stack("This plan", parts, "200.00 EUR"), Stack("Charging on arrival", parts, "200.00 EUR")]
    for bound in (0.0, 20.0, 150.0, 200.0, 290.0):
        assert struck(ET.fromstring(stacked_bars(stacks, (bound, f"bound: no plan is below {bound}"), "costs"))) == []


@pytest.mark.parametrize("limit_kw", [100.0, 97.0, 103.0, 110.0, 150.0])
def test_the_names_of_limit_and_peaks_are_left_free(limit_kw: float) -> None:
    demand = make.demand("a peak with a long name")
    night, schedule = loaded(
        grid_limit_kw=limit_kw,
        tariff=make.tariff(demand_charges=(demand,)),
        peak_so_far_kw={demand.name: 60.0},
    )
    drawn = load_drawing(night, schedule)
    assert any(said.startswith("grid limit") for said, _ in words(drawn)) and struck(drawn) == []


def test_no_drawing_of_a_page_has_words_struck_through() -> None:
    instance = make.instance(broken_plans.good_night())
    plan = pages.planned(instance, broken_plans.good_plan(), bound=10.0)
    drawings = pages.parsed(plan_report(plan, "a.plan.json", instance, None)).drawings
    assert len(drawings) >= 4
    assert [struck(one) for one in drawings if "timeline" not in one.attrib.get("class", "")] == [[]] * (
        len(drawings) - 1
    )


def test_lines_are_broken_by_boxes_and_by_nothing_else() -> None:
    boxes = [Box(10, 40, 30, 50), Box(12, 45, 30, 60), Box(60, 0, 70, 100)]
    assert svg.line_up(20, 0, 100, "rule", boxes) == '<path d="M20 0L20 40M20 60L20 100" class="rule"/>'
    assert svg.line_up(40, 0, 100, "rule", boxes) == '<path d="M40 0L40 100" class="rule"/>'
    assert svg.line_across(48, 0, 65, "axis", boxes) == '<path d="M0 48L10 48M30 48L60 48" class="axis"/>'
    assert svg.line_up(65, 0, 100, "rule", boxes) == ""


def test_a_note_takes_the_room_that_its_box_says() -> None:
    plot = Plot(Scale(0, 10, 0, 100), Scale(0, 10, 100, 0))
    box = plot.note_box(10, 5, "grid limit")
    ((_, (left, top, right, bottom)),) = words(ET.fromstring(svg.drawing(9, 9, "n", plot.note(10, 5, "grid limit"))))
    assert box.left <= left and box.top <= top and box.right >= right and box.bottom >= bottom
