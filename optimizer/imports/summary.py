"""What was understood of an operator's tables, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from optimizer.files.plain_text import counted
from optimizer.imports.columns.column import STAMP
from optimizer.imports.network import ImportedNetwork
from optimizer.imports.places import StationParts
from optimizer.imports.reading.cells import FROM_MAPPING, FROM_NAME, GUESSED
from optimizer.imports.reading.own_rows import ColumnRead, OwnRows


def import_facts(made: ImportedNetwork) -> dict[str, Any]:
    """What was understood, fit for JSON."""
    stations = made.origins.stations
    return {
        "name": made.name,
        "currency": made.currency,
        "date": str(made.day.local_slot_start(0).date()),
        "time_zone": made.day.time_zone,
        "slot_minutes": made.day.slot_minutes,
        "slots": made.day.slots,
        "stations": len(stations),
        "packs": sum(len(part.packs) for part in stations),
        "drivers": round(sum(map(drivers_of, stations)), 2),
        "tariffs": {one.id: sum(part.tariff == one.id for part in stations) for one in made.origins.tariffs},
        "tables": {name: _table(rows, made) for name, rows in made.origins.tables.items()},
        "notes": list(made.notes) + [note for one in made.origins.tariffs for note in one.notes],
    }


def drivers_of(part: StationParts) -> float:
    """Drivers who are known or expected on the day."""
    return len(part.swaps) + sum(sum(one["expected_per_slot"]) for one in part.forecast)


def _table(rows: OwnRows, made: ImportedNetwork) -> dict[str, Any]:
    found: dict[str, Any] = {"file": rows.file, "rows": len(rows.rows)}
    if span := _span(rows, made):
        found |= {"first": span[0].isoformat(), "last": span[1].isoformat()}
    return found | {
        "columns": {one.name: _column(one) for one in rows.columns},
        "not_read": list(rows.unread),
        "left_out": rows.left_out,
        "absent": {one.name: one.default for one in rows.table.columns if not rows.has(one.name)},
        "notes": list(rows.notes),
    }


def _column(one: ColumnRead) -> Mapping[str, Any]:
    found: dict[str, Any] = {"column": one.theirs or None, "found_by": one.how}
    if one.unit:
        found |= {"unit": one.unit, "unit_by": one.unit_from}
    return found | {"from_defaults": one.defaulted}


def _span(rows: OwnRows, made: ImportedNetwork) -> tuple[datetime, datetime] | None:
    """The first and the last time, on the local clock."""
    stamps = [one.name for one in rows.table.columns if one.kind == STAMP]
    at = [when for name in stamps for row in rows.rows if (when := row.instant(name)) is not None]
    return (min(at).astimezone(made.day.zone), max(at).astimezone(made.day.zone)) if at else None


def import_text(made: ImportedNetwork) -> str:
    """What was understood, in words."""
    facts = import_facts(made)
    lines = [
        f"{made.name}: {facts['date']} {facts['time_zone']}, {facts['slots']} slots of {facts['slot_minutes']} minutes",
        f"  {counted(facts['stations'], 'station')}, {counted(facts['packs'], 'pack')}, "
        f"{facts['drivers']:,.1f} drivers on the day, {made.currency}",
    ]
    for name, count in facts["tariffs"].items():
        lines.append(f"  tariff {name}: {counted(count, 'station')}")
    for rows in made.origins.tables.values():
        lines += _table_lines(rows, made)
    return "\n".join([*lines, *(f"note: {note}" for note in facts["notes"])])


def _table_lines(rows: OwnRows, made: ImportedNetwork) -> Iterator[str]:
    if rows.rows and rows.rows[0].line == 0:
        yield f"{rows.table.name}: no table, from the defaults of {rows.file}"
    else:
        left_out = f", {rows.left_out:,} left out by the mapping" if rows.left_out else ""
        span = _span(rows, made)
        told = f", {span[0]:%Y-%m-%d %H:%M} to {span[1]:%Y-%m-%d %H:%M}" if span else ""
        yield f"{rows.table.name}: {rows.file}, {counted(len(rows.rows), 'row')}{told}{left_out}"
    yield from (f"  {line}" for line in _column_lines(rows))
    yield from (f"  {note}" for note in rows.notes)


def _column_lines(rows: OwnRows) -> Iterator[str]:
    read = [one for one in rows.columns if one.theirs]
    by_name = [_with_unit(one) for one in read if one.how == FROM_NAME]
    said = [_from(one) for one in read if one.how == FROM_MAPPING]
    guessed = [_from(one) for one in read if one.how == GUESSED]
    filled = [f"{one.name} ({_rows(one, rows)})" for one in rows.columns if one.defaulted]
    absent = [f"{one.name} ({one.default})" for one in rows.table.columns if not rows.has(one.name)]
    told = {"read": by_name, "mapped": said, "guessed": guessed, "defaults": filled, "absent": absent}
    told["not read"] = list(rows.unread)
    for word, names in told.items():
        if names:
            yield f"{word:<9} {', '.join(names)}"


def _from(one: ColumnRead) -> str:
    return f"{_with_unit(one)} from {one.theirs!r}"


def _rows(one: ColumnRead, rows: OwnRows) -> str:
    return "all rows" if one.defaulted == len(rows.rows) else counted(one.defaulted, "row")


def _with_unit(one: ColumnRead) -> str:
    guess = ", a guess from its cells" if one.unit_from == GUESSED else ""
    return f"{one.name} [{one.unit}{guess}]" if one.unit else one.name
