"""How wide words are, and how they break into lines, whatever font a program has: rather too wide than too narrow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

NARROW = frozenset("ijlItfr.,:;|!'()[]{}· ")
WIDE = frozenset("mwMW@%—…→")
PLAIN = frozenset("–−×≤≥€")  # as wide as a letter; other signs are rather wide
EM, NARROW_EM, WIDE_EM, CAPITAL_EM, LETTER_EM = 1.0, 0.36, 0.92, 0.69, 0.56
BOLD = 1.1  # times as wide


def width_em(words: str) -> float:
    """The width of a line of words, in heights of its letters."""
    return sum(map(_sign_em, words))


def _sign_em(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return EM
    if unicodedata.combining(sign):
        return 0.0
    if sign in NARROW:
        return NARROW_EM
    if sign in WIDE or not (sign.isascii() or sign.isalnum() or sign in PLAIN):
        return WIDE_EM
    return CAPITAL_EM if sign.isupper() else LETTER_EM


def lines_of(words: str, most_em: float) -> Iterator[str]:
    """Lines of at most that width, broken between words, or within a word that is wider than a line."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if width_em(longer) <= most_em:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _pieces(word, most_em)
        yield from whole
    if line:
        yield line


def _pieces(word: str, most_em: float) -> Iterator[str]:
    piece = ""
    for sign in word:
        if piece and width_em(piece + sign) > most_em:
            yield piece
            piece = ""
        piece += sign
    yield piece
