"""The page that every report stands on: one file, no request to anywhere, the same bytes for the same content.

Style and script are package data. The page's own policy lets the browser run this one script and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import zip_longest

from optimizer.graphics.markup import NOTHING, Markup, joined, tag, text

MOST_ROWS = 500  # of a table: more cannot be read, and a browser would crawl
UNKNOWN = "–"
SCROLLS = "Scroll sideways to see all of it."


@dataclass(frozen=True)
class Cell:
    """What a table shows; `value` is what it is sorted by, None: by its words; `link`: a place in the page."""

    words: str
    value: float | None = None
    link: str = ""


@dataclass(frozen=True)
class Head:
    """A column of a table; whole sentences are broken into lines."""

    name: str
    is_number: bool = False
    is_sentence: bool = False


def page(title: str, *content: Markup) -> bytes:
    """A whole HTML file."""
    style, script = _data("report.css"), _data("report.js")
    head = tag("head", *_about(title, style, script), tag("style", Markup(style)))
    toggle = tag("button", text("Light or dark"), type="button", id="theme", class_="theme")
    body = tag("body", toggle, tag("main", *content), tag("script", Markup(script)))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n".encode()


def _data(name: str) -> str:
    return resources.files("optimizer.graphics").joinpath(name).read_text(encoding="utf-8")


def _about(title: str, style: str, script: str) -> list[Markup]:
    policy = (
        f"default-src 'none'; style-src {_fingerprint(style)}; script-src {_fingerprint(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("link", rel="icon", href="data:,"),
        tag("title", text(title)),
    ]


def _fingerprint(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def heading(kicker: str, title: str, *below: str) -> Markup:
    """The top of the page: what kind of report, its name, lines below."""
    lines = [tag("p", text(line), class_="below") for line in below if line]
    return tag("header", tag("p", text(kicker), class_="kicker"), tag("h1", text(title)), *lines)


def section(title: str, *content: Markup, place: str | None = None) -> Markup:
    """A part of the page with a title of its own; links lead to its `place`."""
    return tag("section", tag("h2", text(title), id=place), *content)


def paragraph(words: str, css: str | None = None) -> Markup:
    """Words."""
    return tag("p", text(words), class_=css)


def banner(title: str, *content: Markup) -> Markup:
    """What nobody may overlook."""
    return tag("div", tag("strong", text(title)), *content, class_="banner", role="alert")


def listed(lines: Iterable[str], most: int = MOST_ROWS) -> Markup:
    """Lines as a list, the first `most` of them."""
    every = list(lines)
    shown = [tag("li", text(line)) for line in every[:most]]
    if len(every) > most:
        shown.append(tag("li", text(f"and {len(every) - most:,} more")))
    return tag("ul", *shown) if shown else NOTHING


def tiles(facts: Iterable[tuple[str, str, str]]) -> Markup:
    """Key figures: name, figure, words below."""
    return tag("dl", *(_tile(*fact) for fact in facts), class_="tiles")


def _tile(name: str, figure: str, below: str) -> Markup:
    more = [tag("dd", text(below), class_="more")] if below else []
    return tag("div", tag("dt", text(name)), tag("dd", text(figure), class_="figure"), *more)


def figure(
    title: str, drawing: Markup, legend: Markup = NOTHING, note: str = "", *, css: str = "", alone: str = ""
) -> Markup:
    """A drawing with its title, what its colours mean, and what else is to be said.

    `alone`: its title where it stands without the page (`page_figures`), with quantity and unit; else `title`.
    Wide ones scroll in their box, and say so where the screen is narrower (report.css).
    """
    above = [tag("h3", text(title)), legend, *([paragraph(note, "note")] if note else [])]
    above.append(paragraph(SCROLLS, "scrolls"))
    box = tag("div", drawing, class_="scroll", tabindex="0", role="region", aria_label=title)
    return tag("figure", tag("figcaption", *above), box, class_=css or None, data_alone=alone or None)


def legend(keys: Iterable[tuple[str, str]]) -> Markup:
    """What classes of a drawing mean: (classes, words)."""
    return tag("p", *(tag("span", tag("i", class_=f"key {css}"), text(words)) for css, words in keys), class_="legend")


def table(
    name: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    *,
    sortable: bool = False,
    most: int = MOST_ROWS,
    strong: Sequence[str] = (),
    counted: bool = False,
    kinds: Sequence[str] = (),
) -> Markup:
    """The first `most` rows, and of how many, if not all; `sortable` by a click on a column's name.

    `counted`: the name says how many rows there are. `strong`: rows that begin with one of these words are sums.
    `kinds`: of each row, words of ours by which the page can leave rows out.
    """
    top = tag("thead", tag("tr", *(_head(head, sortable) for head in heads)))
    shown = zip_longest(rows[:most], kinds[:most])
    body = tag("tbody", *(_row(heads, row, row[0].words in strong, kind) for row, kind in shown))
    left = len(rows) - most
    many = f": the first {most:,} of {len(rows):,}" if left > 0 else f" ({len(rows):,})" if counted else ""
    caption = tag("caption", text(name + many))
    box = tag(
        "div", tag("table", caption, top, body, class_="sortable" if sortable else None), class_="scroll", tabindex="0"
    )
    return joined([box, paragraph(f"{left:,} more rows are not shown.", "note")]) if left > 0 else box


def _head(head: Head, sortable: bool) -> Markup:
    name = tag("button", text(head.name), type="button") if sortable else text(head.name)
    return tag("th", name, scope="col", class_="number" if head.is_number else None)


def _row(heads: Sequence[Head], row: Sequence[Cell], is_sum: bool, kind: str | None) -> Markup:
    return tag("tr", *_cells(heads, row), class_="sum" if is_sum else None, data_is=kind)


def _cells(heads: Sequence[Head], row: Sequence[Cell]) -> Iterable[Markup]:
    for index, (head, cell) in enumerate(zip(heads, row, strict=True)):
        value = None if cell.value is None else repr(float(cell.value))
        css = "number" if head.is_number else "sentence" if head.is_sentence else None
        words = tag("a", text(cell.words), href=f"#{cell.link}") if cell.link else text(cell.words)
        yield tag("td" if index else "th", words, class_=css, data_v=value, scope=None if index else "row")


def money(value: float | None) -> str:
    """Currency to the cent."""
    return UNKNOWN if value is None else f"{value + 0.0:,.2f}".replace("-0.00", "0.00").replace("-", "−")


def percent(share: float | None) -> str:
    """A share, small ones with more digits."""
    if share is None:
        return UNKNOWN
    return f"{100 * share:.2g} %" if 0 < abs(share) < 0.001 else f"{100 * share:.2f} %"


def money_cell(value: float | None) -> Cell:
    """Money in a table; what is not known comes last."""
    return Cell(money(value), value)


def count_cell(value: int | None) -> Cell:
    """A number of things in a table."""
    return Cell(UNKNOWN if value is None else f"{value:,}", value)


def number_cell(value: float, digits: int = 0) -> Cell:
    """A number of which so many decimals matter."""
    return Cell(f"{value + 0.0:,.{digits}f}".replace("-", "−"), value)


def percent_cell(share: float | None) -> Cell:
    """A share in a table."""
    return Cell(percent(share), share)
