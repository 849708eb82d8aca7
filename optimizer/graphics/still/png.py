"""SVG drawn as PNG by resvg, where the extra `png` is installed: the same drawing gives the same bytes.

Letters are of a font that comes with swapcharge: they are the same on every machine, one without fonts included. For
signs that it lacks, such as Chinese ones, the machine's fonts are used, if it has any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from importlib.util import find_spec

from optimizer.graphics.markup import tag, text
from optimizer.graphics.still.figure import DRAWN, FONTS

WIDTH_PX = 1920
MOST_TRIED = 50  # signs: each may load all fonts of the machine
FAMILY = "swapcharge sans"
FILES = ("regular.ttf", "bold.ttf")
COVERED = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1),
    (0x3A3, 0x45F), (0x1E80, 0x1E85), (0x2010, 0x2027), (0x2030, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A),
    (0x2070, 0x2071), (0x2074, 0x208E), (0x2090, 0x209C), (0x20A0, 0x20B5), (0x20B8, 0x20BA), (0x20BD, 0x20BD),
    (0x2103, 0x2103), (0x2109, 0x2109), (0x2116, 0x2116), (0x2122, 0x2122), (0x2126, 0x2126), (0x2190, 0x2199),
    (0x21D2, 0x21D2), (0x2206, 0x2206), (0x2211, 0x2212), (0x2215, 0x2215), (0x221A, 0x221A), (0x221E, 0x221E),
    (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x25A0, 0x25A0), (0x25B2, 0x25B2), (0x25BC, 0x25BC),
    (0x25CB, 0x25CB), (0x25CF, 0x25CF), (0x2713, 0x2713), (0x2715, 0x2715), (0x2717, 0x2717),
)  # fmt: skip
ENTITY = re.compile(r"&#?\w+;|\n")


def has_png() -> bool:
    """Is the extra installed?"""
    return find_spec("resvg_py") is not None


def png(drawing: bytes) -> bytes:
    """A drawing of ours, 1920 pixels wide."""
    return _drawn(drawing, WIDTH_PX, with_machine_fonts=bool(signs_not_covered(drawing)))


def _drawn(drawing: bytes, width_px: int, *, with_machine_fonts: bool) -> bytes:
    import resvg_py

    with resources.as_file(resources.files("optimizer.graphics.still").joinpath("fonts")) as folder:
        drawn: bytes = resvg_py.svg_to_bytes(
            svg_string=drawing.decode().replace(str(text(FONTS)), FAMILY, 1),
            width=width_px,
            skip_system_fonts=not with_machine_fonts,
            font_files=[str(folder / name) for name in FILES],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    return drawn


def signs_left_blank(signs: str) -> str:
    """Those of the first signs that neither the font nor the machine's fonts can draw."""

    def drawn(sign: str) -> bytes:
        size = {"width": 32, "height": 32}
        letter = tag("text", text(sign), x=4, y=24, font_size=20, font_family=FONTS)
        source = tag("svg", letter, xmlns=DRAWN.strip("{}"), viewBox="0 0 32 32", **size)
        return _drawn(source.encode(), 32, with_machine_fonts=True)

    blank = drawn("")
    return "".join(sign for sign in signs[:MOST_TRIED] if drawn(sign) == blank)


def signs_not_covered(drawing: bytes) -> str:
    """Those of a drawing that the font lacks, in the order of their numbers."""
    return "".join(sorted(sign for sign in set(ENTITY.sub("", drawing.decode())) if not _is_covered(ord(sign))))


def _is_covered(number: int, ranges: Iterable[tuple[int, int]] = COVERED) -> bool:
    return any(first <= number <= last for first, last in ranges)
