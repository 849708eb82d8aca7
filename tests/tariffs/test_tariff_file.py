"""Native tariff files: read, refused, written, and read again as the same tariff."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from cli import INSTANCES
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import DATA
from random_tariffs import loads, tariffs

from models.tariff.bill import History, Load
from models.tariff.tariff import Tariff
from optimizer.files.errors import InputErrors
from optimizer.formats.json_schema import tariff_schema
from optimizer.formats.tariff_document import PriceSeriesDocument, TariffDocument
from optimizer.formats.tariff_file import file_document, parse_tariff, read_tariff, tariff_file, tariff_text
from optimizer.tariffs.bill_load import bill_load

SHIPPED = sorted((INSTANCES / "tariffs").glob("*.json"))
EVERY_KEY = DATA / "every-key-tariff.json"
SCHEMA = jsonschema.Draft202012Validator(tariff_schema())


def text(tariff: dict[str, Any], **head: Any) -> bytes:
    """A file with this tariff."""
    whole = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Amsterdam"}
    return json.dumps({**whole, **head, "tariff": {"id": "T", **tariff}}).encode()


FLAT = {"energy_periods": [{"name": "always", "price_per_kwh": 0.2}]}


def refusals(data: bytes) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        parse_tariff(data, "f.json")
    return str(caught.value).splitlines()


def test_a_charge_of_a_two_part_tariff_is_told_at_what_the_file_has() -> None:
    by_peak = {"basis": "max_demand", "rate_per_kw": 38}
    twice = FLAT | {"demand_charges": [{"name": "maximum demand", "rate_per_kw": 3}], "two_part": by_peak}
    assert refusals(text(twice)) == [
        'f.json: tariff.two_part: "maximum demand": this demand charge id is taken by an earlier one; give every one '
        "its own id"
    ]
    by_kva = {"basis": "transformer_capacity", "rate_per_kva": 28, "transformer_kva": 1e9}
    assert refusals(text(FLAT | {"fixed_charges": [{"name": "a", "amount": 1}], "two_part": by_kva})) == [
        "f.json: tariff.two_part.transformer_kva: 28000000000: times the rate must be at most 1e+09 in size; look for "
        "a wrong unit or a slip of the pen"
    ]


def test_a_bill_tells_a_two_part_tariffs_meter_at_what_the_file_has() -> None:
    by_peak = {"basis": "max_demand", "rate_per_kw": 38, "metering_minutes": 30}
    other = {"name": "other", "rate_per_kw": 1, "metering_minutes": 20}
    file = parse_tariff(text(FLAT | {"demand_charges": [other], "two_part": by_peak}), "f.json")
    with pytest.raises(InputErrors) as caught:
        bill_load(file, Load(datetime(2026, 1, 1, tzinfo=UTC), 20, (1.0,) * 72), ("f.json", "l"), None, History())
    assert str(caught.value) == (
        "f.json: tariff.two_part.metering_minutes: 30: must be a multiple or a divisor of the load's step "
        "(20 minutes); resample the load"
    )


def test_a_file_gives_tariff_currency_and_clock() -> None:
    file = parse_tariff(text(FLAT), "f.json")
    assert file.tariff.energy_periods[0].price_per_kwh == 0.2
    assert (file.currency, file.zone.key) == ("EUR", "Europe/Amsterdam")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (text(FLAT, currency=" "), 'currency: " ": must not be blank; write a code such as EUR'),
        (text(FLAT, time_zone="Amsterdam"), 'time_zone: "Amsterdam": is not a known IANA time zone; '
         "write a name such as Europe/Amsterdam or Asia/Shanghai"),
        (text({"energy_price_per_kwh": [0.1, 0.2]}), 'tariff.energy_price_per_kwh: "2 values": belongs to the horizon '
         "of an instance; use energy_periods or a price_series in a tariff file"),
        (text({"energy_price_per_kwh": 0.1}), "tariff.energy_price_per_kwh: 0.1: belongs to the horizon "
         "of an instance; use energy_periods or a price_series in a tariff file"),
        (text({}), 'tariff: "T": needs exactly one of energy_periods, energy_price_per_kwh and price_series; '
         "give the one that fits and leave the others out"),
        (text({**FLAT, "fixed_charges": [{"name": "a", "amount": 1, "months": [6, 13]}]}),
         "tariff.fixed_charges[0].months[1]: 13: must be between 1 and 12; January is 1, December is 12"),
        (text({**FLAT, "demand_charge": []}), "tariff.demand_charge: []: is not a key of this object; "
         "did you mean 'demand_charges'?"),
        (text(FLAT, version=2),
         "version: 2: must be 1; what belongs here: version of the format; this program reads 1"),
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, message: str) -> None:
    assert refusals(data) == [f"f.json: {message}"]


def test_all_is_told_at_once() -> None:
    broken = text({"energy_periods": [{"name": "a", "price_per_kwh": 1, "start": "7:00"}]}, time_zone="x", currency="")
    assert [line.split(": ")[1] for line in refusals(broken)] == [
        "currency", "time_zone", "tariff.energy_periods[0].start",
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*SHIPPED, EVERY_KEY], ids=lambda path: path.stem)
def test_written_and_read_again_it_is_the_same(path: Path) -> None:
    file = read_tariff(path)
    again = parse_tariff(tariff_text(file.document), "again")
    assert again.tariff == file.tariff and again.document == file.document
    assert tariff_text(again.document) == tariff_text(file.document)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_are_written_by_this_program(path: Path) -> None:
    assert tariff_text(read_tariff(path).document) == path.read_bytes()


def test_there_are_shipped_files() -> None:
    assert len(SHIPPED) >= 9


@settings(max_examples=40)
@given(st.data())
def test_random_tariffs_survive_writing(data: st.DataObject) -> None:
    tariff = data.draw(tariffs(data.draw(loads(days=1))))
    document = file_document(document_of(tariff), "EUR", "Europe/Amsterdam")
    assert parse_tariff(tariff_text(document), "f").tariff == tariff == tariff_file(document, "f").tariff


def document_of(tariff: Tariff) -> TariffDocument:
    """The document that says a tariff."""
    raw = msgspec.to_builtins(
        {
            "id": tariff.id,
            "energy_periods": [
                {"name": p.name, "price_per_kwh": p.price_per_kwh, **window(p.window)} for p in tariff.energy_periods
            ],
            "energy_tiers": [{**vars(g), "windows": [window(w) for w in g.windows]} for g in tariff.energy_tiers],
            "demand_charges": [
                {
                    "name": c.name,
                    "rate_per_kw": c.rate_per_kw,
                    "metering_minutes": c.metering_minutes,
                    "windows": [window(w) for w in c.windows],
                    "tiers": c.tiers,
                    "ratchet": c.ratchet and vars(c.ratchet),
                    "per": c.per,
                    "most_kw": c.most_kw,
                    "month_factors": c.month_factors,
                }
                for c in tariff.demand_charges
            ],
            "fixed_charge_per_day": tariff.fixed_charge_per_day,
            "fixed_charges": [vars(c) for c in tariff.fixed_charges],
            "minimum_charges": [vars(c) for c in tariff.minimum_charges],
            "holidays": [str(day) for day in tariff.holidays],
        }
    )
    if series := tariff.price_series:
        raw["price_series"] = msgspec.to_builtins(
            PriceSeriesDocument(start=series.start.isoformat(), minutes=series.minutes, per_kwh=series.per_kwh)
        )
    return msgspec.convert(raw, TariffDocument)


def window(of: Any) -> dict[str, Any]:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    dates = [[str(first), str(last)] for first, last in of.dates]
    edges = {"start": clock(of.start_minute), "end": clock(of.end_minute)}
    return {**edges, "days": of.days, "months": of.months, "dates": dates}


def test_the_text_leaves_defaults_out_and_keeps_lines_short() -> None:
    hours = {"price_series": {"start": "2026-01-01T00:00Z", "minutes": 60, "per_kwh": [0.125] * 48}}
    lines = tariff_text(parse_tariff(text(hours), "f").document).decode().splitlines()
    assert max(map(len, lines)) <= 120
    assert sum(line.count("0.125") for line in lines) == 48 and len(lines) < 20
    assert not any("energy_periods" in line or "null" in line for line in lines)
    assert '"minutes": 60,' in "\n".join(lines)  # whole numbers without .0


@pytest.mark.parametrize("path", [*SHIPPED, EVERY_KEY], ids=lambda path: path.stem)
def test_the_schema_takes_them(path: Path) -> None:
    SCHEMA.validate(json.loads(path.read_text()))
    jsonschema.Draft202012Validator.check_schema(tariff_schema())


def test_every_number_has_its_source() -> None:
    """Something is said of energy and of each kind of charge that a shipped file has."""
    for path in SHIPPED:
        tariff = json.loads(path.read_text())["tariff"]
        assert tariff["sources"], path.name
        if path.stem.startswith("zhejiang"):
            assert all(f"two_part.{key}" in tariff["sources"] for key in tariff.get("two_part", {}) if key != "basis")
