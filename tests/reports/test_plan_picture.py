"""The picture in README.md is what the code draws today, and nothing that a page would refuse to show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import plan_picture

MOST_BYTES = 60_000


def test_the_picture_is_what_the_code_draws() -> None:
    assert plan_picture.PICTURE.read_bytes() == plan_picture.picture(), "make picture, then look at it"


def test_the_picture_is_small_static_and_asks_for_nothing() -> None:
    drawn = plan_picture.PICTURE.read_text(encoding="utf-8")
    ElementTree.fromstring(drawn)
    assert len(drawn.encode()) < MOST_BYTES
    assert not re.search(r"<script|<foreignObject|\bon\w+=|href|url\(|@import", drawn)
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]
