"""Pictures of drawings: the colours of the page without its style sheet, words that fit, the same bytes again."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.files.errors import printable
from optimizer.graphics import svg
from optimizer.graphics.html_page import figure, legend, section
from optimizer.graphics.markup import Markup, joined, tag, text
from optimizer.graphics.still import png as png_file
from optimizer.graphics.still.figure import DRAWN, StillFigure, still_svg
from optimizer.graphics.still.page_figures import banners, page_figures
from optimizer.graphics.still.png import COVERED, FILES, WIDTH_PX, png, signs_left_blank, signs_not_covered
from optimizer.graphics.still.style_sheet import Mark, styled
from optimizer.graphics.still.words import lines_of, width_em

BLUE, PAPER, AXIS, INK = "#2f6db5", "#ffffff", "#8d99a6", "#17202b"
FONTS = resources.files("optimizer.graphics.still").joinpath("fonts")


def path(*marks: str) -> tuple[Mark, ...]:
    """From "rect.c1" and the like, in a drawing."""
    split = [one.split(".") for one in ("svg", *marks)]
    return tuple(Mark(name, frozenset(classes)) for name, *classes in split)


@pytest.mark.parametrize(
    ("marks", "attributes"),
    [
        (["rect.c1"], {"fill": BLUE}),
        (["g.c1", "rect"], {"fill": BLUE}),
        (["path.line.against"], {"fill": "none", "stroke": AXIS, "stroke-width": "2", "stroke-linejoin": "round"}),
        (["path.area.c1"], {"fill": BLUE, "fill-opacity": "0.22", "stroke": "none"}),
        (["g.pack", "rect"], {"fill": BLUE, "stroke": PAPER, "stroke-width": "0.6"}),
        (["g.pack.alt", "rect"], {"fill": "#729ccd", "stroke": PAPER, "stroke-width": "0.6"}),
        (["rect.touch"], {"fill": "none", "pointer-events": "all"}),
        (["rect"], {}),
        (["path.rule"], {"fill": "none", "stroke": "#e5e8ec", "stroke-width": "1"}),
    ],
)
def test_marks_have_the_colours_of_the_light_page(marks: list[str], attributes: dict[str, str]) -> None:
    assert styled(path(*marks)).attributes == attributes


def drawing(*marks: Markup, words: str = "what it shows") -> ET.Element:
    return ET.fromstring(svg.drawing(480, 100, words, *marks))


def still(*marks: Markup, **changes: object) -> ET.Element:
    whole = {"title": "A title", "below": "below", "keys": (), "drawing": drawing(*marks), "notes": ("a note",)}
    return ET.fromstring(still_svg(StillFigure(**whole | changes)))  # type: ignore[arg-type]


def texts(element: ET.Element) -> list[str]:
    return [one.text or "" for one in element.iter(f"{DRAWN}text")]


def test_title_line_keys_drawing_and_notes_stand_below_each_other() -> None:
    keys = [("c1", "as planned"), ("line against", "on arrival"), ("line marked", "in all"), ("lost", "lost")]
    found = still(svg.label(10, 10, "inside"), keys=keys)
    heights = {words: float(one.get("y", 0)) for one in found.iter(f"{DRAWN}text") if (words := one.text)}
    (group,) = found.iter(f"{DRAWN}g")
    top = float(group.get("transform", "").removesuffix(")").split()[1])
    assert heights["A title"] < heights["below"] < heights["as planned"] < top < top + 100 < heights["a note"]
    assert float(found.get("height", 0)) > heights["a note"] and found.get("width") == "528"
    assert found.find(f"{DRAWN}title").text == "A title" and found.get("aria-label") == "what it shows"  # type: ignore[union-attr]


def test_words_have_a_halo_below_them_that_any_program_draws() -> None:
    ((halo, words),) = still(svg.label(10, 10, "inside", "note")).iter(f"{DRAWN}g")
    assert (halo.text, halo.get("stroke"), halo.get("fill")) == ("inside", PAPER, "none")
    assert halo.get("aria-hidden") == "true"
    assert (words.text, words.get("stroke"), words.get("fill")) == ("inside", None, INK)


def test_nothing_needs_a_style_sheet_and_hints_stay() -> None:
    source = still_svg(StillFigure("t", "b", [("c1", "k")], drawing(svg.block(0, 0, 9, 9, "c1", "a <hint>"))))
    assert not [word for word in (b"class=", b"var(", b"style", b"light-dark", b"http://", b"script") if word in
                source.replace(b"http://www.w3.org/2000/svg", b"")]  # fmt: skip
    assert [one.text for one in ET.fromstring(source).iter(f"{DRAWN}title")] == ["t", "a <hint>"]


@given(st.text(max_size=300).map(printable), st.text(max_size=300).map(printable))
def test_any_words_stay_words_in_lines_that_fit(title: str, note: str) -> None:
    found = still(title=title, notes=(note,))
    assert {one.tag for one in found.iter()} <= {f"{DRAWN}{name}" for name in ("svg", "title", "rect", "g", "text")}
    assert all(width_em(line) * 12 <= 480 for line in texts(found))
    assert "".join("".join(texts(found)).split()) == "".join(f"{title}below{note}".split())


@pytest.mark.parametrize("word", ["V" * 200, "浙江省两部制分时电价" * 9, "one word and " + "x" * 99, "i" * 400])
def test_lines_are_as_wide_as_their_signs(word: str) -> None:
    lines = list(lines_of(word, 20.0))
    assert all(width_em(line) <= 20 for line in lines)
    assert "".join(lines).replace(" ", "") == word.replace(" ", "")
    assert len(lines) <= 1 + width_em(word) / 17


def test_words_stay_whole_where_they_fit() -> None:
    assert list(lines_of("as long as words fit they stay", 8.0)) == ["as long as", "words fit they", "stay"]


def test_figures_of_a_page_know_their_section_chapter_and_keys() -> None:
    own, shared = legend([("c2", "own")]), legend([("line c1", "shared")])
    one = figure("one", svg.drawing(480, 10, "1"), own, "noted", alone="one, kWh")
    two = figure("two <&>", svg.drawing(960, 10, "2"))
    chapter = tag("div", tag("h2", text("Variant: a"), class_="chapter"), section("S", shared, tag("div", one, two)))
    warned = tag("div", tag("strong", text("look out")), class_="banner")
    content = joined([warned, chapter, section("T", figure("three", svg.drawing(480, 10, "3")))])
    found = list(page_figures(content))
    assert [(f.title, f.chapter, f.section, f.keys, f.note) for f in found] == [
        ("one, kWh", "Variant: a", "S", (("c2", "own"),), "noted"),
        ("two <&>", "Variant: a", "S", (("line c1", "shared"),), ""),
        ("three", "", "T", (), ""),
    ]
    assert [f.drawing.get("aria-label") for f in found] == ["1", "2", "3"] and banners(content) == ["look out"]


def pixels(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and the unpacked lines of a PNG of 8 bits a channel."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    parts, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        parts += data[at + 8 : at + 8 + length] if data[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    return width, height, zlib.decompress(parts)


def test_a_png_is_wide_enough_for_a_slide_and_has_the_words() -> None:
    def drawn(title: str) -> bytes:
        return png(still_svg(StillFigure(title, "", (), drawing())))

    width, height, lines = pixels(drawn("A title"))
    assert width == WIDTH_PX and height > 100 and lines != pixels(drawn("B title"))[2]
    assert drawn("A title") == drawn("A title")


def test_letters_come_from_the_font_that_is_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    source = still_svg(StillFigure("Kosten €, 3 kW – Δη", "", (), drawing()))
    before = png(source)
    monkeypatch.setattr(png_file, "FILES", ())
    assert png(source) != before


def test_signs_that_the_font_lacks_are_told() -> None:
    source = still_svg(StillFigure("浙江 <&> \U0001f50b →", "é", (), drawing()))
    assert signs_not_covered(source) == "江浙\U0001f50b"
    assert signs_not_covered(still_svg(StillFigure("a — b’s “c” … × ≤ ₂ € −1", "", (), drawing()))) == ""


def test_signs_that_no_font_has_are_left_blank_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = png_file._drawn
    monkeypatch.setattr(png_file, "_drawn", lambda *asked, with_machine_fonts: drawn(*asked, with_machine_fonts=False))
    assert signs_left_blank("Aé→浙<") == "浙"


@pytest.mark.parametrize("file", FILES)
def test_the_signs_covered_are_those_of_the_font(file: str) -> None:
    numbers = [number for first, last in COVERED for number in range(first, last + 1)]
    assert sorted(signs_of(FONTS.joinpath(file).read_bytes())) == numbers


def signs_of(font: bytes) -> Iterator[int]:
    """Those of a TrueType font, by the segments of its first table of the kind."""
    count = struct.unpack(">H", font[4:6])[0]
    tables = [struct.unpack(">4sIII", font[12 + 16 * n : 28 + 16 * n]) for n in range(count)]
    cmap = next(offset for name, _, offset, _ in tables if name == b"cmap")
    at = cmap + struct.unpack(">I", font[cmap + 8 : cmap + 12])[0]
    kind, _, _, twice = struct.unpack(">HHHH", font[at : at + 8])
    assert kind == 4
    ends = struct.unpack(f">{twice // 2}H", font[at + 14 : at + 14 + twice])
    starts = struct.unpack(f">{twice // 2}H", font[at + 16 + twice : at + 16 + 2 * twice])
    for first, last in zip(starts, ends, strict=True):
        yield from (number for number in range(first, last + 1) if number != 0xFFFF)
