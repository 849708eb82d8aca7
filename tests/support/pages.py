"""Reports as tests look at them: is the HTML whole, what is in it, what are its drawings. And plans to report on."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from models.station.cost import cost_of
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from optimizer.engine.baselines import baseline_cost
from optimizer.formats.plan_document import HandOverDocument, PackPlan, PlanFile, UnservedDocument
from optimizer.formats.plan_file import plan_file

VOID = {"meta", "link", "br", "input"}
KNOWN = {
    "html", "head", "body", "meta", "link", "title", "style", "script", "main", "header", "footer", "section", "div",
    "p", "h1", "h2", "h3", "strong", "span", "i", "ul", "li", "dl", "dt", "dd", "figure", "figcaption", "button",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "g", "rect", "path", "circle", "text",
    "details", "summary", "a", "input", "label", "kbd", "noscript", "pre",
}  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Page(HTMLParser):
    """What a page holds. Raises AssertionError where elements do not close in order."""

    source: str
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.feed(self.source)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words."""
        return "\n".join(self.words)

    @property
    def drawings(self) -> list[ET.Element]:
        """Every SVG, parsed as XML: a drawing that is not well-formed raises ParseError."""
        return [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", self.source, re.DOTALL)]

    def drawing(self, name: str) -> ET.Element:
        """The one whose name begins like this."""
        (found,) = [one for one in self.drawings if one.attrib["aria-label"].startswith(name)]
        return found

    def table(self, name: str) -> list[list[str]]:
        """The rows of the table whose caption begins like this, heads first."""
        found = next(t for t in re.findall(r"<table.*?</table>", self.source, re.DOTALL) if f"<caption>{name}" in t)
        rows = ET.fromstring(found).iter("tr")
        return [["".join(cell.itertext()) for cell in row] for row in rows]


def parsed(page: bytes) -> Page:
    """The page, with what holds of every report asserted: only known elements, no handler, nothing from elsewhere."""
    found = Page(page.decode())
    assert set(found.tags) <= KNOWN, set(found.tags) - KNOWN
    assert found.tags.count("script") == found.tags.count("style") == 1
    assert not [one for one in found.attributes if one[1].startswith("on") or one[1] in ("src", "style", "action")]
    linked = [value for _, name, value in found.attributes if name in ("href", "xlink:href")]
    ids = [value for _, name, value in found.attributes if name == "id"]
    packed = " ".join(value for _, name, value in found.attributes if name == "data-days").split()
    assert len(set(ids)) == len(ids)
    assert [one for one in linked if not one.startswith("#")] == ["data:,"]
    assert {one for one in linked if one.startswith("#")} <= {
        f"#{one}" for one in [*ids, *(f"day-{n}" for n in packed)]
    }
    for drawing in found.drawings:
        assert drawing.attrib["aria-label"] and drawing.attrib["role"] == "img"
    assert all(scope in ("col", "row") for tag, name, scope in found.attributes if tag == "th" and name == "scope")
    assert found.tags.count("th") == len([one for one in found.attributes if one[:2] == ("th", "scope")])
    return found


def unpacked(page: bytes) -> bytes:
    """The page with its packed days as the script would put them in."""
    chunks = re.compile(r'<div hidden="" class="packed" data-days="[0-9 ]+">([A-Za-z0-9+/=]+)</div>')
    return chunks.sub(lambda one: zlib.decompress(base64.b64decode(one[1])).decode(), page.decode()).encode()


def hints(drawing: ET.Element, css: str = "") -> list[str]:
    """What a pointer on the marks of a drawing is told, or on those with a class."""
    marks = [mark for mark in drawing.iter() if not css or css in mark.attrib.get("class", "").split()]
    return [title.text or "" for mark in marks if (title := mark.find(f"{SVG}title")) is not None]


def texts(drawing: ET.Element) -> list[str]:
    """The words in a drawing."""
    return [one.text or "" for one in drawing.iter(f"{SVG}text")]


def planned(
    instance: Instance, *schedules: Schedule, bound: float | None = 0.0, status: str = "gap_reached"
) -> PlanFile:
    """A plan file for these schedules, one for each night, as `solve` would write it."""
    pairs = zip(instance.nights, schedules, strict=True)
    return plan_file(instance, [_plan(*pair, bound, status) for pair in pairs], {"swapcharge": "0.1.0"})


def with_schedule(plan: PlanFile, schedule: Schedule) -> PlanFile:
    """A plan for one station whose file says all that it said but for the schedule, which may be any."""
    changes = {
        "packs": tuple(PackPlan(pack=row.pack, bay=row.bay, power_kw=row.power_kw) for row in schedule.rows),
        "hand_overs": tuple(HandOverDocument(swap=one.swap, slot=0, pack=one.pack) for one in schedule.hand_overs),
        "solar_used_kw": schedule.solar_used_kw,
        "reserve_shortfall": schedule.reserve_shortfall,
        "unserved": tuple(UnservedDocument(swap=one.swap, reason=one.reason) for one in schedule.unserved) or UNSET,
    }
    return replace(plan, stations=(replace(plan.stations[0], **changes),))


def fits_a_file(plan: Schedule) -> bool:
    """JSON has no number for some of what the checker is tried with."""
    powers = [kw for row in plan.rows for kw in row.power_kw]
    return all(abs(value) <= 1e308 for value in (*powers, *plan.solar_used_kw, *plan.reserve_shortfall))


def _plan(night: Night, schedule: Schedule, bound: float | None, status: str) -> StationPlan:
    cost = cost_of(night, schedule)
    baseline = baseline_cost(night)
    how: Any = {"status": status, "method": "orders", "cost": cost, "bound": bound, "baseline": baseline}
    return StationPlan(night, schedule, StationResult.of(night, schedule, **how), baseline)
