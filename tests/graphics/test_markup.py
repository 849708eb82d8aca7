"""Text from outside stays text, whatever it says."""

from __future__ import annotations

import pytest

from optimizer.graphics.markup import joined, short, tag, text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("\"double\" and 'single'", "&quot;double&quot; and &#x27;single&#x27;"),
        ("line\nbreak\0", "line\\nbreak\\x00"),
        ("turned\u202eround", "turned\\u202eround"),
        ("\ud800", "\\ud800"),
        (90, "90"),
    ],
)
def test_text_is_escaped_and_control_characters_are_spelled_out(words: object, told: str) -> None:
    assert text(words) == told


def test_attributes_are_escaped_too() -> None:
    assert tag("p", class_='"><b>') == '<p class="&quot;&gt;&lt;b&gt;"></p>'


def test_names_of_attributes() -> None:
    assert tag("g", class_="c1", data_row=3, aria_label="x", viewBox="0 0 1 1", id=None) == (
        '<g class="c1" data-row="3" aria-label="x" viewBox="0 0 1 1"></g>'
    )


def test_elements_close_as_their_kind_does() -> None:
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert tag("rect", x=1.0) == '<rect x="1"/>'
    assert tag("rect", tag("title", text("a")), x=1.0) == '<rect x="1"><title>a</title></rect>'
    assert tag("td") == "<td></td>"
    assert joined([text("<"), tag("br")], " ") == "&lt; <br>"


@pytest.mark.parametrize(
    ("value", "told"), [(1.0, "1"), (-0.001, "0"), (2.345, "2.35"), (0.1 + 0.2, "0.3"), (10.0, "10")]
)
def test_numbers_are_short(value: float, told: str) -> None:
    assert short(value) == told
