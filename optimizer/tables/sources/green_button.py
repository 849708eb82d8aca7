"""Green Button documents (ESPI, XML) as tables, without anything that XML could do to their reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, TreeBuilder  # the builder only: what reads the text is below
from xml.parsers import expat

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.tables.sources.documents import Rows

WATT_HOURS, WATTS = "72", "38"
UNITS_OF_MEASURE = {WATT_HOURS: "Wh", WATTS: "W"}
DELIVERED = "1"


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
    if power.removeprefix("-") not in {str(n) for n in range(13)}:
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
    except InvalidData:
        raise
    except (LookupError, ValueError):  # an encoding that there is not, or that expat does not read
        rule, remedy = "is not XML in an encoding that is read", "export it as UTF-8"
        raise InvalidData([Problem("", ABSENT, rule, remedy)]) from None


def _refuse_declarations(*_: object) -> None:
    rule, remedy = "declares a document type or entities, which are not read", "export it as Green Button XML or CSV"
    raise InvalidData([Problem("", ABSENT, rule, remedy)])
