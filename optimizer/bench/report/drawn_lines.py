"""Which contenders a drawing shows: each with a line of its own as far as colours and dashes go, nobody in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optimizer.bench.report.charts import MOST_LINES
from optimizer.graphics.svg import Point

Points = Sequence[Point]


@dataclass(frozen=True)
class DrawnLines:
    """Lines by what stands beside them, and what is to be said of those that are not drawn; empty: nothing."""

    lines: Mapping[str, Points]
    note: str


def drawn_lines(lines: Mapping[str, Points], is_flat: Callable[[Points], bool], flat_words: str) -> DrawnLines:
    """Of the lines by contender, the best first, those that fit into one drawing.

    Where they are too many, those that are flat, which lie upon each other, become one, named after all of them:
    "3 that `flat_words`: a, b, c"; of the others the last are left out, and the note names them.
    """
    if len(lines) <= MOST_LINES:
        return DrawnLines(lines, "")
    flat = [name for name, points in lines.items() if is_flat(points)]
    others = [name for name in lines if name not in flat]
    room = MOST_LINES - bool(flat)
    shown = {name: lines[name] for name in others[:room]}
    if flat:
        shown[f"{len(flat)} that {flat_words}: {', '.join(flat)}"] = lines[flat[0]]
    return DrawnLines(shown, _note(flat, flat_words, others[room:]))


def _note(flat: Sequence[str], flat_words: str, left: Sequence[str]) -> str:
    one = f" One line stands for all that {flat_words}: {', '.join(flat)}." if flat else ""
    who = "contender that solved least is" if len(left) == 1 else f"{len(left):,} contenders that solved least are"
    return one + (f" The {who} not drawn: {', '.join(left)}." if left else "")
