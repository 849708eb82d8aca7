"""Native tariff files, `swapcharge-tariff`: a tariff with its currency and local clock, from and to JSON text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from models.errors import InvalidData, Problem
from models.tariff.tariff import Tariff
from optimizer.files.errors import Collector, InputErrors
from optimizer.files.json_text import decode, escaped
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.build_tariff import PRICES, build_tariff
from optimizer.formats.tariff_document import TARIFF_FORMAT, TariffDocument, TariffFileDocument
from optimizer.formats.tariff_parts.rate_terms import RateTerms, terms_of

WIDTH = 120  # characters of a line of JSON, as far as single values allow
NO_TARIFF = Tariff("", energy_price_per_kwh=(0.0,))


@dataclass(frozen=True)
class TariffFile:
    """A tariff file that was read: what it says, and the tariff built of it."""

    document: TariffFileDocument
    tariff: Tariff

    @property
    def currency(self) -> str:
        """Currency of every price."""
        return self.document.currency

    @cached_property
    def zone(self) -> ZoneInfo:
        """The local clock."""
        return ZoneInfo(self.document.time_zone)

    @cached_property
    def terms(self) -> RateTerms:
        """For whom and until when the tariff is, and what no bill has."""
        return terms_of(self.document.tariff)


@dataclass(frozen=True)
class Imported:
    """A tariff read from another format, currency and time zone where that says them, and notes for the user.

    `places`: where the other format has what stands at a place of the tariff, as far as that is known. `charges`: the
    tariff file that the other places are of, where there is one.
    """

    tariff: TariffDocument
    currency: str | None = None
    time_zone: str | None = None
    notes: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    charges: str = ""

    def in_file(self, problem: Problem) -> Problem:
        """A problem of the tariff at its place in the other format's file; elsewhere as it is."""
        inner = problem.place.removeprefix("tariff.")
        known = [place for place in self.places if inner == place or inner.startswith((f"{place}.", f"{place}["))]
        if known:
            return replace(problem, place=self.places[max(known, key=len)])
        return replace(problem, place=f"--charges {self.charges}: {problem.place}") if self.charges else problem


def read_tariff(path: str | Path) -> TariffFile:
    """The tariff in a .json or .json.gz file, or "-" for standard input. Raises InputErrors."""
    return parse_tariff(read_bytes(path), shown_name(path))


def parse_tariff(data: bytes, file: str) -> TariffFile:
    """The tariff in the JSON text `data`. Raises InputErrors with every problem."""
    try:
        document = decode(data, TariffFileDocument)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    return tariff_file(document, file)


def tariff_file(document: TariffFileDocument, file: str) -> TariffFile:
    """The tariff that a document says. Raises InputErrors with every problem; `file` is its name in them."""
    found = Collector()
    found.problems += _head_problems(document)
    tariff = NO_TARIFF
    if document.tariff.energy_price_per_kwh is None:
        tariff = found.attempt("tariff", lambda: build_tariff(document.tariff, None), NO_TARIFF)
    if found.problems:
        raise InputErrors(file, found.problems)
    return TariffFile(document, tariff)


def _head_problems(document: TariffFileDocument) -> Iterator[Problem]:
    if not document.currency.strip():
        yield Problem("currency", document.currency, "must not be blank", "write a code such as EUR")
    yield from zone_problems("time_zone", document.time_zone)
    prices = document.tariff.energy_price_per_kwh
    if prices is not None:
        rule, remedy = "belongs to the horizon of an instance", "use energy_periods or a price_series in a tariff file"
        yield Problem(f"tariff.{PRICES}", _shortened(prices), rule, remedy)


def _shortened(prices: object) -> object:
    return f"{len(prices)} values" if isinstance(prices, tuple) else msgspec.to_builtins(prices)


def zone_problems(place: str, name: str) -> Iterator[Problem]:
    """`name` is a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        remedy = "write a name such as Europe/Amsterdam or Asia/Shanghai"
        yield Problem(place, name, "is not a known IANA time zone", remedy)


def file_document(tariff: TariffDocument, currency: str, time_zone: str) -> TariffFileDocument:
    """A tariff as a file of its own says it."""
    return TariffFileDocument(format=TARIFF_FORMAT, version=1, currency=currency, time_zone=time_zone, tariff=tariff)


def tariff_text(document: TariffFileDocument) -> bytes:
    """JSON text without defaults, short lists and objects on one line. The same document gives the same bytes."""
    return escaped(_indented(_plain(document), "", 0) + "\n").encode()


def _plain(value: Any) -> Any:
    """Structs as objects without the keys that have their default, whole floats as whole numbers."""
    if isinstance(value, msgspec.Struct):
        fields = sorted(msgspec.structs.fields(cast(Any, type(value))), key=lambda field: field.name != "name")
        given = {field.encode_name: (getattr(value, field.name), field) for field in fields}
        return {name: _plain(one) for name, (one, field) in given.items() if field.required or one != _default(field)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _default(field: Any) -> Any:
    return field.default_factory() if field.default is msgspec.NODEFAULT else field.default


def _indented(value: Any, margin: str, used: int) -> str:
    """`used`: characters that stand on the line before the value."""
    flat = _on_one_line(value)
    if len(margin) + used + len(flat) < WIDTH or not isinstance(value, dict | list):
        return flat
    deeper = margin + "  "
    if isinstance(value, dict):
        lines = [f"{_on_one_line(k)}: {_indented(v, deeper, len(k) + 4)}" for k, v in value.items()]
        return _block("{", lines, "}", margin)
    if any(isinstance(item, dict | list) for item in value):
        return _block("[", [_indented(item, deeper, 0) for item in value], "]", margin)
    return _block("[", list(_filled([_on_one_line(item) for item in value], WIDTH - len(deeper))), "]", margin)


def _on_one_line(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _block(opening: str, lines: list[str], closing: str, margin: str) -> str:
    joint = f",\n{margin}  "
    return f"{opening}\n{margin}  {joint.join(lines)}\n{margin}{closing}"


def _filled(items: list[str], width: int) -> Iterator[str]:
    """As many items on a line as it has room for."""
    line = ""
    for item in items:
        if line and len(line) + len(item) + 3 > width:
            yield line
            line = item
        else:
            line = f"{line}, {item}" if line else item
    yield line
