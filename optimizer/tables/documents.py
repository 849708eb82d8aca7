"""Documents that hold a table: Green Button XML, and JSON with a list of objects or lists of equal length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, TreeBuilder  # the builder only: what reads the text is below
from xml.parsers import expat

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.files.json_text import plain_json

ESPI = "http://naesb.org/espi"
WATT_HOURS, WATTS = "72", "38"
UNITS_OF_MEASURE = {WATT_HOURS: "Wh", WATTS: "W"}
DELIVERED = "1"
OCTOPUS_PRICES = {"value_exc_vat", "value_inc_vat", "valid_from"}
PENCE, KILOWATT_HOURS = "p/kWh", "kWh"

Rows = list[list[str]]


def json_rows(data: bytes) -> Rows | None:
    """Names, then a row for each object of the document's list, or for each place of its lists of equal length; None
    where it has neither. Raises InvalidData where it is no JSON.

    aWATTar and Octopus write lists of objects, energy-charts lists of equal length.
    """
    return rows_of(plain_json(data))


def rows_of(plain: object) -> Rows | None:
    """As `json_rows`, of what was read already."""
    if isinstance(plain, list):
        return _of_objects(plain)
    if not isinstance(plain, dict):
        return None
    lists = {key: value for key, value in plain.items() if isinstance(value, list) and value}
    for value in lists.values():
        if isinstance(value[0], dict):
            return _of_objects(value)
    if len(lists) >= 2 and len({len(value) for value in lists.values()}) == 1:
        return _of_lists(lists, plain)
    return None


def _of_objects(objects: Sequence[object]) -> Rows | None:
    flat = [one for one in objects if isinstance(one, dict)]
    if not flat or len(flat) < len(objects):
        return None
    names = [name for name, value in flat[0].items() if not isinstance(value, dict | list)]
    unit = (
        PENCE
        if set(names) >= OCTOPUS_PRICES
        else KILOWATT_HOURS
        if {"consumption", "interval_start"} <= set(names)
        else ""
    )
    more = [unit] if unit else []
    rows = [[_text(one.get(name)) for name in names] + more for one in flat]
    return [names + ["unit"] * len(more), *rows]


def _of_lists(lists: Mapping[str, Sequence[object]], whole: Mapping[str, object]) -> Rows:
    unit = whole.get("unit")
    more = [unit] if isinstance(unit, str) else []
    columns = zip(*lists.values(), strict=True)
    return [[*lists, *["unit"] * len(more)], *([*map(_text, cells), *more] for cells in columns)]


def _text(value: object) -> str:
    """A value as a cell."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def xml_rows(data: bytes) -> Rows:
    """Names, then a row for each interval of a Green Button document: when it begins, and what was used in it.

    Several blocks follow each other; of several meter readings the one delivered is read. Raises InvalidData.
    """
    root = _tree(data)
    entries = [_AtomEntry(element) for element in root.iter() if _local(element) == "entry"]
    kinds = [entry for entry in entries if entry.first("ReadingType") is not None]
    blocks = [(entry, block) for entry in entries for block in entry.all("IntervalBlock")]
    if not blocks:
        blocks = [(_AtomEntry(root), block) for block in root.iter() if _local(block) == "IntervalBlock"]
    if not blocks:
        raise InvalidData(
            [Problem("", ABSENT, "has no IntervalBlock of Green Button (ESPI)", "export it as Green Button XML or CSV")]
        )
    kind, kept = _one_kind(entries, kinds, blocks, root)
    unit, factor = _unit(kind)
    readings = [reading for block in kept for reading in block.iter() if _local(reading) == "IntervalReading"]
    return [["start", unit], *(_reading(reading, factor) for reading in readings)]


class _AtomEntry:
    """An Atom entry: its links, and what it holds."""

    def __init__(self, element: Element) -> None:
        self.element = element
        links = [one for one in element if _local(one) == "link"]
        self.own = next((one.get("href", "") for one in links if one.get("rel") == "self"), "")
        self.up = next((one.get("href", "") for one in links if one.get("rel") == "up"), "")
        self.related = [one.get("href", "") for one in links if one.get("rel") == "related"]

    def all(self, name: str) -> Iterator[Element]:
        return (one for one in self.element.iter() if _local(one) == name)

    def first(self, name: str) -> Element | None:
        return next(self.all(name), None)


def _one_kind(
    entries: Sequence[_AtomEntry],
    kinds: Sequence[_AtomEntry],
    blocks: Sequence[tuple[_AtomEntry, Element]],
    root: Element,
) -> tuple[Element | None, list[Element]]:
    """The reading type of the blocks that are read, and these: of several types, of electricity that is delivered."""
    if len(kinds) < 2:
        return next((one for one in root.iter() if _local(one) == "ReadingType"), None), [block for _, block in blocks]
    readings = {entry.own: entry for entry in entries if entry.first("MeterReading") is not None}
    by_kind: dict[str, list[Element]] = {}
    for entry, block in blocks:
        reading = readings.get(entry.up.removesuffix("/IntervalBlock"))
        name = next((kind.own for kind in kinds if reading is not None and kind.own in reading.related), "")
        by_kind.setdefault(name, []).append(block)
    wanted = [kind for kind in kinds if kind.own in by_kind and _is_delivered(kind.first("ReadingType"))]
    if len(wanted) != 1:
        rule = f"has several meter readings, of which {len(wanted)} are of delivered electricity"
        raise InvalidData([Problem("", ABSENT, rule, "export one of them")])
    return wanted[0].first("ReadingType"), by_kind[wanted[0].own]


def _is_delivered(kind: Element | None) -> bool:
    return (
        kind is not None
        and _child(kind, "uom") in UNITS_OF_MEASURE
        and _child(kind, "flowDirection") in ("", DELIVERED)
    )


def _unit(kind: Element | None) -> tuple[str, float]:
    """The unit of the values, and by what they are multiplied."""
    code = "" if kind is None else _child(kind, "uom")
    if code not in UNITS_OF_MEASURE:
        rule = "must be 72 (Wh) or 38 (W)"
        raise InvalidData([Problem("ReadingType.uom", code or ABSENT, rule, "export electricity")])
    power = (_child(kind, "powerOfTenMultiplier") if kind is not None else "") or "0"
    if power.lstrip("-") not in {str(n) for n in range(13)}:
        rule = "must be a whole number from -12 to 12"
        raise InvalidData([Problem("ReadingType.powerOfTenMultiplier", power, rule, "export the file again")])
    return UNITS_OF_MEASURE[code], 10.0 ** int(power)


def _reading(reading: Element, factor: float) -> list[str]:
    start = next((_child(one, "start") for one in reading if _local(one) == "timePeriod"), "")
    value = _child(reading, "value")
    try:
        at = datetime.fromtimestamp(int(start), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return [at, repr(int(value) * factor)]
    except (ValueError, OverflowError, OSError):
        rule = "must have a start in seconds since 1970 and a whole value"
        raise InvalidData([Problem("IntervalReading", f"{start}, {value}", rule, "export the file again")]) from None


def _local(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def _child(element: Element, name: str) -> str:
    return next((one.text or "" for one in element if _local(one) == name), "").strip()


def _tree(data: bytes) -> Element:
    """The document's elements. What declares entities or a document type is refused: no text grows, no file is opened
    and nothing is fetched. Raises InvalidData."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = lambda name, attributes: builder.start(name, attributes)
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.EntityDeclHandler = _refuse_declarations
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise InvalidData([Problem(f"line {error.lineno}", ABSENT, "is not XML", "export the file again")]) from None


def _refuse_declarations(*_: object) -> None:
    rule, remedy = "declares a document type or entities, which are not read", "export it as Green Button XML or CSV"
    raise InvalidData([Problem("", ABSENT, rule, remedy)])
