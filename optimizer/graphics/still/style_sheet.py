"""What report.css says of the marks of a drawing, as attributes of each: programs other than browsers know no more.

The colours are those of the light theme. Selectors are of elements and classes, one inside the other; rules with others
are about a page, a theme or a pointer, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

PROPERTIES = (
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin",
    "stroke-linecap", "opacity", "font-size", "font-weight",
)  # fmt: skip
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
NESTED = re.compile(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
COMPOUND = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)")
LIGHT = re.compile(r"light-dark\(([^,()]+), [^()]+\)")
VARIABLE = re.compile(r"var\((--[\w-]+)\)")
MIX = re.compile(r"color-mix\(in \w+, (#[0-9a-f]{6}) (\d+)%, (#[0-9a-f]{6}|transparent)\)")
PIXELS = re.compile(r"(?<=\d)px")

Declarations = Mapping[str, str]
Compound = tuple[str, frozenset[str]]
"""An element, "" for any, and the classes that it must have."""


@dataclass(frozen=True)
class Mark:
    """An element: its name, its classes."""

    name: str
    classes: frozenset[str]

    def fits(self, compound: Compound) -> bool:
        """Is it one that a part of a selector is about?"""
        return compound[0] in ("", self.name) and compound[1] <= self.classes


@dataclass(frozen=True)
class StyleRule:
    """Declarations for marks that fit the last part of the selector, inside others that fit those before it."""

    selector: tuple[Compound, ...]
    declarations: Declarations

    @property
    def weight(self) -> tuple[int, int]:
        """By it one rule goes before another, and by their order where it is the same."""
        return sum(len(part[1]) for part in self.selector), sum(bool(part[0]) for part in self.selector)

    def is_about(self, path: Sequence[Mark]) -> bool:
        """`path`: from the outermost element to the mark."""
        *outer, own = self.selector
        if not path[-1].fits(own):
            return False
        around = iter(path[:-1])
        return all(any(mark.fits(part) for mark in around) for part in outer)


@dataclass(frozen=True)
class Styled:
    """The attributes of a mark, and the variables that the marks in it inherit."""

    attributes: Declarations
    variables: Declarations


@cache
def report_rules() -> tuple[StyleRule, ...]:
    """Those of report.css that can be about marks, the strongest last."""
    text = resources.files("optimizer.graphics").joinpath("report.css").read_text(encoding="utf-8")
    return tuple(sorted(_rules(text), key=lambda rule: rule.weight))


def _rules(text: str) -> Iterator[StyleRule]:
    flat = NESTED.sub("", COMMENT.sub("", text))
    for selectors, body in BLOCK.findall(flat):
        pairs = (line.split(":", 1) for line in body.split(";") if ":" in line)
        declarations = {name.strip(): LIGHT.sub(r"\1", value.strip()) for name, value in pairs}
        for selector in selectors.strip().split(","):
            if (parts := _selector(selector)) is not None:
                yield StyleRule(parts, declarations)


def _selector(text: str) -> tuple[Compound, ...] | None:
    """None for one that is not about marks and their classes alone. `:root` is about every drawing."""
    found = [COMPOUND.fullmatch(part) for part in text.replace(":root", "svg", 1).split()]
    parts = tuple((one[1] or "", frozenset(filter(None, one[2].split(".")))) for one in found if one)
    return parts if found and len(parts) == len(found) else None


@cache
def styled(path: tuple[Mark, ...]) -> Styled:
    """What holds for the last mark of `path`, which leads to it from the drawing, a mark named svg."""
    said: dict[str, str] = {}
    for rule in report_rules():
        if rule.is_about(path):
            said |= rule.declarations
    inherited = styled(path[:-1]).variables if len(path) > 1 else {}
    variables = {**inherited, **{name: value for name, value in said.items() if name.startswith("--")}}
    variables = {name: _filled(value, variables) for name, value in variables.items()}
    own = {name: _filled(said[name], variables) for name in PROPERTIES if name in said}
    return Styled(dict(_plain(own.items())), variables)


def _filled(value: str, variables: Declarations) -> str:
    """Variables in it replaced; "" where one of them is not known."""
    for _ in range(len(variables)):
        if not (found := VARIABLE.search(value)):
            break
        value = value.replace(found[0], variables.get(found[1], "")) if found[1] in variables else ""
    return value


def _plain(declarations: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """In words of SVG 1.1."""
    for name, value in declarations:
        if mixed := MIX.fullmatch(value):
            yield from _mixed(name, *mixed.groups())
        elif value == "transparent":
            yield name, "none"
            yield "pointer-events", "all"  # a pointer that rests there is still told something
        elif value:
            yield name, PIXELS.sub("", value)


def _mixed(name: str, colour: str, percent: str, other: str) -> Iterator[tuple[str, str]]:
    share = int(percent) / 100
    if other == "transparent":
        yield name, colour
        yield f"{name}-opacity", f"{share:g}"
        return
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    yield name, "#" + "".join(f"{round(share * one + (1 - share) * two):02x}" for one, two in pairs)
