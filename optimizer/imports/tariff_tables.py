"""Tariffs of an instance: tariff files, rates of URDB, tables of price levels, and market prices of any export."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from optimizer.files import timestamps as clock
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.json_text import plain_json
from optimizer.formats.build_tariff import build_tariff
from optimizer.formats.tariff_document import TARIFF_FORMAT, TariffDocument
from optimizer.formats.tariff_file import TariffFile, parse_tariff
from optimizer.imports.mapping_document import PricesMappingDocument
from optimizer.imports.reading.own_rows import OwnRow, OwnRows
from optimizer.tables.unit_words import is_yearly, price_unit, rate_unit
from optimizer.tariffs.import_tariff import URDB, ImportOptions, import_tariff

CLOCK = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::00)?(?: ?Uhr| ?h)?", re.IGNORECASE)
DAY_WORDS = {
    "all": ("all", "alle", "taeglich", "täglich", "mo-so", "every day", "daily", "每天"),
    "weekday": ("weekday", "weekdays", "werktag", "werktags", "mo-fr", "mon-fri", "工作日"),
    "weekend": ("weekend", "weekends", "wochenende", "sa-so", "sat-sun", "周末"),
}
BEFORE, AFTER = timedelta(hours=1), timedelta(days=2)  # around the day: what is kept of market prices


@dataclass(frozen=True)
class OwnTariff:
    """A tariff, as an instance has it: the file it comes from, its rows in it, currency and clock where that says
    them, what a user must know. `charges`: names of its demand charges."""

    document: dict[str, Any]
    file: str
    currency: str | None = None
    zone: str | None = None
    notes: tuple[str, ...] = ()
    charges: tuple[str, ...] = ()
    rows: Sequence[OwnRow] = field(default=())

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.document["id"])


def is_table(data: bytes) -> bool:
    """Is it a table, and no tariff file and no rate of URDB?"""
    return not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def is_native(data: bytes, file: str) -> bool:
    """Is it a tariff file of this program? Raises InputErrors where it is no JSON."""
    try:
        raw = plain_json(data)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    return isinstance(raw, dict) and raw.get("format") == TARIFF_FORMAT


def native_tariff(data: bytes, file: str) -> OwnTariff:
    """The tariff in a tariff file. Raises InputErrors."""
    read = parse_tariff(data, file)
    return _own(read.document.tariff, file, read.currency, read.document.time_zone)


def urdb_tariff(data: bytes, file: str, zone: ZoneInfo) -> OwnTariff:
    """The tariff in a rate of URDB. Raises InputErrors."""
    made = import_tariff(data, file, URDB, ImportOptions(time_zone=zone.key))
    return _own(made.document.tariff, file, made.document.currency, zone.key, made.notes)


def market_tariff(
    data: bytes,
    file: str,
    said: PricesMappingDocument,
    zone: ZoneInfo,
    currency: str | None,
    charges: tuple[TariffFile, str] | None = None,
) -> OwnTariff:
    """The tariff that market prices make, with the charges of a file, and its name, on top. Raises InputErrors."""
    names = ("unit", "time_column", "value_column", "zone", "dates", "stamps", "area", "sequence")
    given = {name: value for name in names if (value := getattr(said, name)) is not None}
    if said.times != 1 or said.add_per_kwh:
        given |= {"times": said.times, "add_per_kwh": said.add_per_kwh}
    on_top, name = charges or (None, None)
    given |= {"charges": name}
    try:
        made = import_tariff(data, file, None, ImportOptions(zone.key, currency, said.id, None, given, on_top))
    except InputErrors as error:
        raise InputErrors(error.file, [_in_mapping(one) for one in error.problems]) from None
    return _own(made.document.tariff, file, made.document.currency, zone.key, made.notes)


def _in_mapping(problem: Problem) -> Problem:
    """Options of `tariff import` are keys of the mapping here."""
    key = problem.place.removeprefix("--").replace("-", "_")
    if key == problem.place:
        return problem
    if key == "currency":
        return replace(problem, place=key, remedy="give --currency, or currency in the mapping")
    return replace(problem, place=f"mapping, [prices] {key}", remedy="give it in the mapping, under [prices]")


def _own(
    document: TariffDocument, file: str, currency: str | None, zone: str, notes: tuple[str, ...] = ()
) -> OwnTariff:
    charges = tuple(charge.name for charge in build_tariff(document, None).demand_charges)
    plain = {key: value for key, value in to_builtins(document).items() if value not in (None, (), [], {})}
    return OwnTariff(plain, file, currency, zone, notes, charges)


def within(tariff: OwnTariff, horizon: Horizon) -> OwnTariff:
    """The tariff with those of its market prices that a night needs, two days of look-ahead included."""
    if "price_series" not in tariff.document:
        return tariff
    series: dict[str, Any] = tariff.document["price_series"]
    start, step = clock.stamp(series["start"]), timedelta(minutes=series["minutes"])
    first = max(0, (horizon.start - BEFORE - start) // step)
    last = max(first, -((start - horizon.end - AFTER) // step))
    kept = list(series["per_kwh"])[first:last]
    if not kept:
        return tariff
    own = {"start": _stamp(start + first * step), "minutes": series["minutes"], "per_kwh": kept}
    return replace(tariff, document={**tariff.document, "price_series": own})


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="minutes").replace("+00:00", "Z")


def level_tariffs(rows: OwnRows) -> list[OwnTariff]:
    """The tariffs in a table of price levels. Raises InvalidData."""
    refuse(_level_problems(rows))
    by_id: dict[str, list[OwnRow]] = {}
    for row in rows.rows:
        if (name := row.text("tariff")) is not None:
            by_id.setdefault(name, []).append(row)
    return [_levels(name, own, rows) for name, own in by_id.items()]


def _level_problems(rows: OwnRows) -> Iterator[Problem]:
    yield from _other_currency(rows)
    for row in rows.rows:
        given = [name for name in ("price_per_kwh", "rate_per_kw") if row.cells.get(name) is not None]
        if len(given) != 1 and not row.wrong & {"price_per_kwh", "rate_per_kw"}:
            rule = "must have a price_per_kwh, or the rate_per_kw of a demand charge: one of the two"
            yield Problem(f"line {row.line}", row.text("name") or ABSENT, rule, "fill one of the cells")
        days = row.text("days")
        if days is not None and _day_type(days) is None:
            remedy = "write one of them, or translate it in the mapping, under [tariffs.values.days]"
            yield Problem(rows.place(row, "days"), days, "must be all, weekday or weekend", remedy)
        for name in ("start", "end"):
            if (text := row.text(name)) is not None and _time(text) is None:
                rule = "must be a time of day"
                yield Problem(rows.place(row, name), text, rule, "write it like 22:00, up to 24:00 at the end")


def _other_currency(rows: OwnRows) -> Iterator[Problem]:
    """Rates of demand charges that another currency than the prices' is of, by the names of both columns."""
    price, rate = _price_currency(rows), _rate_currency(rows)
    if price and rate and price != rate:
        rule, remedy = f"must be {price}, as the column of prices says", "an instance has one currency"
        yield Problem(f"column {_theirs(rows, 'rate_per_kw')}", rate, rule, remedy)


def _day_type(text: str) -> str | None:
    return next((kind for kind, words in DAY_WORDS.items() if text.lower().replace(" ", "") in words), None)


def _time(text: str) -> str | None:
    match = CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2] or 0) > 59:
        return None
    return f"{int(match[1]):02d}:{match[2] or '00'}"


def _levels(name: str, own: Sequence[OwnRow], rows: OwnRows) -> OwnTariff:
    periods, charges = list[dict[str, Any]](), list[dict[str, Any]]()
    of_year = is_yearly(_theirs(rows, "rate_per_kw"))
    for row in own:
        window = _window(row)
        if row.cells.get("rate_per_kw") is None:
            periods.append({"name": row.text("name"), "price_per_kwh": row.number("price_per_kwh"), **window})
            continue
        minutes = row.number("metering_minutes")
        charge = {"name": row.text("name"), "rate_per_kw": row.number("rate_per_kw")}
        charge |= {"metering_minutes": int(minutes)} if minutes is not None else {}
        charge |= {"period": "year"} if of_year else {}
        charges.append({**charge, **({"windows": [window]} if window else {})})
    document = {"id": name, "energy_periods": periods} | ({"demand_charges": charges} if charges else {})
    named = tuple(str(one["name"]) for one in charges)
    currency = _price_currency(rows) or _rate_currency(rows)
    return OwnTariff(
        document, rows.file, currency, notes=_period_notes(name, named, of_year=of_year), charges=named, rows=own
    )


def _period_notes(tariff: str, charges: Sequence[str], *, of_year: bool) -> tuple[str, ...]:
    """Network operators state some rates for a year: twelve times as much."""
    if not charges:
        return ()
    what = f"tariff {tariff}: {', '.join(charges)}: per kW and {'year' if of_year else 'month'}"
    if of_year:
        return (f"{what}, as the name of the column says",)
    return (f'{what}; for one per kW and year, give the tariff as a file with period "year"',)


def _price_currency(rows: OwnRows) -> str | None:
    """The currency that the name of the column of prices states."""
    unit = price_unit(_theirs(rows, "price_per_kwh"))
    return unit.currency if unit else None


def _rate_currency(rows: OwnRows) -> str | None:
    """The currency that the name of the column of demand rates states."""
    unit = rate_unit(_theirs(rows, "rate_per_kw"))
    return unit.currency if unit else None


def _theirs(rows: OwnRows, name: str) -> str:
    """The file's name of a column of ours; empty where it has none."""
    return next((one.theirs for one in rows.columns if one.name == name), "")


def _window(row: OwnRow) -> Mapping[str, Any]:
    window: dict[str, Any] = {key: _time(text) for key in ("start", "end") if (text := row.text(key)) is not None}
    if (days := row.text("days")) is not None:
        window["days"] = _day_type(days)
    if row.cells.get("months"):
        window["months"] = list(row.cells["months"])  # type: ignore[arg-type]
    return window
