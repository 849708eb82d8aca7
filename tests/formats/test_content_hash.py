"""Hashes follow what an instance says, not how its file says it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from paths import DATA

from models.station.instance import Instance
from optimizer.formats.content_hash import instance_hash, night_hash
from optimizer.formats.read_instance import parse_instance

FOLDER = DATA
TEXT = (FOLDER / "every-key.json").read_text(encoding="utf-8")


def parse(text: str, folder: Path = FOLDER) -> Instance:
    return parse_instance(text.encode(), "f", folder)


def hash_after(path: str, value: Any) -> str:
    """The hash of the file with one value changed; `path` like `stations.0.bays`."""
    document = json.loads(TEXT)
    *parents, last = (int(key) if key.isdigit() else key for key in path.split("."))
    target = document
    for key in parents:
        target = target[key]
    target[last] = value
    return instance_hash(parse(json.dumps(document)))


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def test_form() -> None:
    instance = parse(TEXT)
    assert re.fullmatch("sha256:[0-9a-f]{64}", instance_hash(instance))
    assert re.fullmatch("sha256:[0-9a-f]{64}", night_hash(instance.nights[0]))
    assert instance_hash(parse(TEXT)) == instance_hash(instance)


def test_white_space_and_order_of_keys_do_not_count() -> None:
    document = json.loads(TEXT)
    assert instance_hash(parse(json.dumps(reversed_keys(document), indent=7))) == instance_hash(parse(TEXT))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("stations.0.chargers.max_kw", 60.0),
        ("stations.0.solar_kw", [0, 0, 0, 0, 0, -0.0]),
        ("stations.0.swaps.0.id", "swap-1"),
        ("stations.0.swaps.0.pack", None),
        ("stations.1.peak_so_far_kw", {}),
        ("horizon.start", "2025-01-17T21:00Z"),
        ("stations.0.sources", {}),
        ("stations.1.base_load_kw", 0),
        ("tariffs.1.energy_price_per_kwh", [0.1, 0.1, 0.08, 0.08, 0.0605, 0.0605]),
    ],
)
def test_another_way_to_say_the_same(path: str, value: Any) -> None:
    assert hash_after(path, value) == instance_hash(parse(TEXT))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "other"),
        ("currency", "CNY"),
        ("horizon.start", "2025-01-17T23:00:00+01:00"),
        ("horizon.time_zone", "Europe/Brussels"),
        ("pack_types.0.capacity_kwh", 100.0000001),
        ("pack_types.0.acceptance", []),
        ("pack_types.1.acceptance.-10.0.1", 31),
        ("stations.0.temperature_c", 6),
        ("stations.0.packs.2.temperature_c", 17),
        ("pack_types.0.wear.1.1", 0.31),
        ("pack_types.0.end_value_per_kwh", None),
        ("tariffs.0.energy_periods.0.start", "23:30"),
        ("tariffs.0.energy_periods.0.dates.0.1", "2025-01-30"),
        ("tariffs.0.demand_charges.0.weight", 0.26),
        ("tariffs.0.fixed_charge_per_day", 0),
        ("tariffs.2.base_price_per_kwh", 0.21),
        ("tariffs.2.energy_tiers.0.tiers.1.1", 0),
        ("tariffs.2.demand_charges.0.weight", "daily"),
        ("tariffs.2.demand_charges.0.tiers.0.0", 51),
        ("tariffs.2.demand_charges.0.ratchet.billed_months", []),
        ("tariffs.2.two_part.declared_kw", 41),
        ("tariffs.2.fixed_charges.0.per", "month"),
        ("tariffs.2.minimum_charges", []),
        ("tariffs.3.price_series.per_kwh.2", -0.03),
        ("stations.2.energy_so_far_kwh", {}),
        ("stations.2.lookback_peak_kw", {}),
        ("stations.2.end_value_per_kwh", {}),
        ("tariffs.0.holidays", []),
        ("stations.0.id", "S9"),
        ("stations.0.chargers.mode", "on_off"),
        ("stations.0.peak_so_far_kw", {}),
        ("stations.0.ready_reserve", 1),
        ("stations.0.plug_changes_max", None),
        ("stations.0.packs.0.soc", 0.94),
        ("stations.0.swaps.0.returned_soc", None),
        ("stations.0.swaps.1.pack", None),
        ("stations.0.forecast", []),
        ("stations.0.forecast.0.spread", None),
        ("stations.0.forecast.0.spread.day_sd", 0.2),
    ],
)
def test_saying_something_else(path: str, value: Any) -> None:
    assert hash_after(path, value) != instance_hash(parse(TEXT))


def test_values_of_csv_files_count(tmp_path: Path) -> None:
    for name in ("prices.csv", "load.csv"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    assert instance_hash(parse(TEXT, tmp_path)) == instance_hash(parse(TEXT))
    text = (FOLDER / "prices.csv").read_text()
    (tmp_path / "prices.csv").write_text(text.replace("first hour", "a note"))
    assert instance_hash(parse(TEXT, tmp_path)) == instance_hash(parse(TEXT))
    (tmp_path / "prices.csv").write_text(text.replace("100", "100.01"))
    assert instance_hash(parse(TEXT, tmp_path)) != instance_hash(parse(TEXT))


def test_a_night_does_not_depend_on_its_neighbours() -> None:
    document = json.loads(TEXT)
    hashes = [night_hash(night) for night in parse(TEXT).nights]
    assert len(set(hashes)) == len(hashes) > 1
    document["stations"].reverse()
    document["name"] = "other"
    assert [night_hash(night) for night in parse(json.dumps(document)).nights] == hashes[::-1]


def test_the_hash_is_the_same_in_every_version_and_process() -> None:
    """Without what came later (months, temperatures, swaps of several packs, bays, spreads) it is what it was."""
    document = json.loads(TEXT)
    del document["tariffs"][0]["demand_charges"][2]
    before = {**document, "tariffs": document["tariffs"][:2], "stations": document["stations"][:2]}
    del before["pack_types"][1]["acceptance"], before["stations"][0]["temperature_c"]
    del before["stations"][0]["packs"][2]["temperature_c"]
    del before["stations"][0]["swaps"][0]["packs"], before["stations"][0]["forecast"][1]["packs"]
    del before["stations"][0]["forecast"][0]["spread"]
    assert instance_hash(parse(json.dumps(before))) == (
        "sha256:e28ca376ef2a82d0045f797b651642b73895e2c2eadbb441d5ac1963ad986371"
    )
    plain = json.loads(TEXT)
    del plain["tariffs"][0]["demand_charges"][2]
    assert instance_hash(parse(json.dumps(plain))) == (
        "sha256:889248b95b01d4e8d834bc86ddc0238b1881a29aa38fe2d512978135ab5d9ae9"
    )
    del plain["tariffs"][2]["energy_tiers"][1:], plain["tariffs"][2]["demand_charges"][0]["per"]
    del plain["tariffs"][2]["demand_charges"][0]["most_kw"], plain["tariffs"][2]["demand_charges"][0]["month_factors"]
    assert instance_hash(parse(json.dumps(plain))) == (
        "sha256:af3628870cf394a23671cc6ca6b12bc43020cf056dc806e7b86d2b646e5889f3"
    )
    assert instance_hash(parse(TEXT)) == "sha256:e58789c27917e5a0d84e5abccd5e989520c38a6a960266deae169253d90f5c9d"
