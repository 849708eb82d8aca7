"""Markup that cannot be broken from outside: whatever comes from a file goes through `text` or an attribute.

`Markup` is a type of its own, so that the type checker refuses text that nobody escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import NewType

from optimizer.files.errors import printable

Markup = NewType("Markup", str)

NOTHING = Markup("")
UNCLOSED = frozenset({"meta", "link", "br", "input"})
SELF_CLOSED = frozenset({"rect", "path", "line", "circle"})


def text(value: object) -> Markup:
    """`value` as text: signs of markup escaped, quotes too, control characters spelled out."""
    return Markup(html.escape(printable(str(value)), quote=True))


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    """The parts one after the other; `between` is ours, never a file's."""
    return Markup(between.join(parts))


def tag(name: str, /, *content: Markup, **attributes: object) -> Markup:
    """An element. Attributes that are None are left out; `class_` stands for class, `data_bay` for data-bay."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in UNCLOSED:
        return Markup(f"<{name}{shown}>")
    if name in SELF_CLOSED and not content:
        return Markup(f"<{name}{shown}/>")
    return Markup(f"<{name}{shown}>{joined(content)}</{name}>")


def _shown(value: object) -> str:
    return short(value) if isinstance(value, float) else str(value)


def short(value: float) -> str:
    """A number with at most two decimals: a hundredth of a pixel cannot be seen."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
