"""The figures of a page of ours, found in its markup: whatever a page draws can be had as a picture.

A drawing belongs to the section and the chapter that it stands in; without keys of its own it has those of its section.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from optimizer.graphics.markup import Markup
from optimizer.graphics.still.figure import DRAWN

CHAPTER, LEGEND, KEY = "chapter", "legend", "key"

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PageFigure:
    """A figure: its title, its chapter and section ("" for none), keys (classes, words), note, and the svg element."""

    title: str
    chapter: str
    section: str
    keys: Keys
    note: str
    drawing: ET.Element


def page_figures(content: Markup) -> Iterator[PageFigure]:
    """The figures of the page's content, from its top to its bottom. Raises ParseError if it is not well-formed XML."""
    yield from _figures(ET.fromstring(f"<main>{content}</main>"), "", "", ())


def banners(content: Markup) -> Sequence[str]:
    """What the page's banners say in their first lines: nobody may overlook it beside a picture either."""
    found = (one for one in ET.fromstring(f"<main>{content}</main>").iter("div") if one.get("class") == "banner")
    return [_words(one.find("strong")) for one in found]


def _figures(element: ET.Element, chapter: str, section: str, keys: Keys) -> Iterator[PageFigure]:
    for child in element:
        if child.tag == "h2" and child.get("class") == CHAPTER:
            chapter = _words(child)
        elif child.tag == "h2":
            section = _words(child)
        elif child.tag == "p" and child.get("class") == LEGEND:
            keys = _keys(child)
        elif child.tag == "figure":
            yield replace(_figure(child, keys), chapter=chapter, section=section)
        elif child.tag != f"{DRAWN}svg":
            yield from _figures(child, chapter, section, keys)


def _figure(element: ET.Element, keys: Keys) -> PageFigure:
    caption, drawing = element.find("figcaption"), element.find(f".//{DRAWN}svg")
    assert caption is not None and drawing is not None
    own = [one for one in caption.iter("p") if one.get("class") == LEGEND]
    notes = [_words(one) for one in caption.iter("p") if one.get("class") == "note"]
    title = element.get("data-alone") or _words(caption.find("h3"))
    return PageFigure(title, "", "", _keys(own[0]) if own else keys, " ".join(notes), drawing)


def _keys(legend: ET.Element) -> Keys:
    """Keys have the class `key` beside those of the drawing."""
    found = []
    for one in legend.iter("span"):
        sign = one.find("i")
        classes = [] if sign is None else sign.get("class", "").split()
        found.append((" ".join(name for name in classes if name != KEY), _words(one)))
    return tuple(found)


def _words(element: ET.Element | None) -> str:
    return "" if element is None else "".join(element.itertext())
