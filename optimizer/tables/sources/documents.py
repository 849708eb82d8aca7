"""Documents of JSON that hold a table: a list of objects, or lists of equal length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.files.json_text import plain_json

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
