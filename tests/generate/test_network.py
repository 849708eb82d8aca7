"""Generated networks are what instances/README.md says, and the same everywhere."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import asdict, replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from paths import INSTANCES
from patience import PATIENCE

from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import parse_instance
from optimizer.generate import draw_network as network
from optimizer.generate import published_facts as network_facts
from optimizer.generate.draw_network import network_text, station

WEDNESDAY, SATURDAY = date(2026, 11, 25), date(2026, 11, 28)
PAGE = (INSTANCES / "README.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Generated networks\n")[1].split("\n## ")[0]
KINDS = {kind.id: kind for kind in network_facts.STATIONS}
PACKS = {pack.id: pack for pack in network_facts.PACKS}
Made = dict[str, Any]


@pytest.fixture(scope="module")
def drawn() -> list[Made]:
    return [station(number, 5, WEDNESDAY) for number in range(1, 1001)]


def is_overloaded(made: Made) -> bool:
    return bool(made["sources"]["demand"] == network_facts.OVERLOADED)


def nights(*stations: Made, day: date = WEDNESDAY) -> list[Night]:
    """What the reader makes of these stations in a network's file."""
    document = json.loads(b"".join(network_text(1, 0, day))) | {"stations": stations}
    return list(parse_instance(json.dumps(document).encode(), "network.json", Path()).nights)


def used_kwh(swap: Made) -> float:
    pack = PACKS[swap["type"]]
    return (pack.target_soc - float(swap["returned_soc"])) * pack.capacity_kwh


def test_same_seed_same_bytes_on_every_machine() -> None:
    text = b"".join(network_text(3, 0, WEDNESDAY))
    assert hashlib.sha256(text).hexdigest() == "7128ce4ae2a560df5846c21aabd659c3ae12ca550217e4356eae312c0c172e32"


def test_station_is_the_same_whatever_the_size_of_the_network() -> None:
    small, large = (json.loads(b"".join(network_text(count, 9, WEDNESDAY))) for count in (2, 5))
    assert small["stations"] == large["stations"][:2]
    assert [made["id"] for made in large["stations"]] == ["S00001", "S00002", "S00003", "S00004", "S00005"]


def test_seed_day_and_number_tell_stations_apart() -> None:
    made = [station(1, 0, WEDNESDAY), station(1, 1, WEDNESDAY), station(1, 0, SATURDAY), station(2, 0, WEDNESDAY)]
    assert len({json.dumps(one["swaps"]) for one in made}) == 4


@pytest.mark.parametrize("day", ["2000-02-29", "2026-01-01", "2026-07-26", "2026-11-28", "2099-12-31"])
def test_reader_takes_networks_of_any_day(day: str) -> None:
    text = b"".join(network_text(4, 3, date.fromisoformat(day)))
    instance = parse_instance(text, "network.json", Path())
    assert [night.station.id for night in instance.nights] == ["S00001", "S00002", "S00003", "S00004"]
    horizon = instance.nights[0].horizon
    assert horizon.slots == 96 and horizon.local_slot_start(0).isoformat() == f"{day}T00:00:00+08:00"


@pytest.mark.parametrize(("day", "dear"), [("2026-01-25", [19, 20]), ("2027-08-25", [15, 16]), ("2027-11-25", [])])
def test_chengdu_has_its_sharp_hours_in_every_year(day: str, dear: list[int]) -> None:
    made = station(1, 0, date.fromisoformat(day)) | {"tariff": "chengdu", "peak_so_far_kw": {}}
    prices = nights(made, day=date.fromisoformat(day))[0].tariff_series.price_per_kwh
    assert [hour for hour in range(24) if prices[4 * hour] == 0.90432] == dear


def test_shares_are_those_documented(drawn: list[Made]) -> None:
    tariffs = {tariff["id"]: share for share, tariff in network_facts.tariffs(2026)}
    expected = {kind.id: kind.share for kind in KINDS.values()} | tariffs | {"yes": network_facts.OVERLOADED_SHARE}
    seen = Counter(made["sources"]["kind"] for made in drawn)
    seen += Counter(made["tariff"] for made in drawn) + Counter("yes" for made in drawn if is_overloaded(made))
    assert seen.keys() == expected.keys()
    for name, share in expected.items():
        deviation = math.sqrt(len(drawn) * share * (1 - share))
        assert abs(seen[name] - len(drawn) * share) < 3 * deviation, name


def test_numbers_of_swaps_are_those_documented(drawn: list[Made]) -> None:
    swaps = [len(made["swaps"]) for made in drawn]
    low, high = network_facts.SWAPS_RANGE
    assert min(swaps) >= low == 10 and max(swaps) <= high == 150
    assert median(swaps) == pytest.approx(31, abs=2) and mean(swaps) == pytest.approx(36, abs=2)


def test_station_left_with_too_few_drivers_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = station(1, 5, WEDNESDAY)
    draws = [(whole | {"swaps": whole["swaps"][:count]}, []) for count in (9, 10)]
    monkeypatch.setattr(network, "_station", lambda *given: draws.pop(0))
    assert len(station(1, 5, WEDNESDAY)["swaps"]) == 10


def test_a_swap_of_cars_takes_53_kwh(drawn: list[Made]) -> None:
    cars = [swap for made in drawn if made["sources"]["kind"] != "truck" for swap in made["swaps"]]
    assert mean(map(used_kwh, cars)) == pytest.approx(53, abs=1)


def test_stations_are_of_their_kind(drawn: list[Made]) -> None:
    for made in drawn:
        kind = KINDS[made["sources"]["kind"]]
        assert made["bays"] == len(made["packs"]) == kind.packs
        assert made["chargers"] == {"max_kw": kind.charger_kw, "efficiency": kind.efficiency}
        assert {swap["type"] for swap in made["swaps"]} <= {pack["type"] for pack in made["packs"]}
        assert {swap["lost_cost"] for swap in made["swaps"]} <= {kind.lost_cost, 1.5 * kind.lost_cost}
        if not is_overloaded(made):
            assert 0.8 * kind.grid_kw - 5 <= made["grid_limit_kw"] <= 1.2 * kind.grid_kw + 5


def test_packs_are_mixed_and_charged_as_documented(drawn: list[Made]) -> None:
    types = [Counter(pack["type"] for pack in made["packs"]) for made in drawn]
    assert Counter(map(len, types))[1] / len(drawn) == pytest.approx(0.5, abs=0.04)
    for made, of_each in zip(drawn, types, strict=True):
        wanted = KINDS[made["sources"]["kind"]].pack_types
        assert [name for name, _ in of_each.most_common()] == list(wanted[: len(of_each)])
        assert min(of_each.values()) >= 3
    short = [PACKS[pack["type"]].target_soc - pack["soc"] for made in drawn for pack in made["packs"]]
    assert min(short) == pytest.approx(0) and sum(one < 0.006 for one in short) / len(short) > 0.7


def test_the_month_s_peak_is_one_of_charging_on_arrival(drawn: list[Made]) -> None:
    """Neither pays charging on arrival for a peak, nor is the month's peak far above any that it has."""
    some = [made for made in drawn[:150] if made["tariff"].endswith("-demand")]
    assert all(bool(made["peak_so_far_kw"]) == made["tariff"].endswith("-demand") for made in drawn)
    lower = 0
    for made, night in zip(some, nights(*some), strict=True):
        schedule = uncontrolled_charging(night)
        highest_kw = month_to_date(without_peak(night), drawn_power_kw(night, schedule)).peak_kw["month"]
        (so_far_kw,) = made["peak_so_far_kw"].values()
        assert cost_of(night, schedule).demand == 0
        assert highest_kw <= so_far_kw <= made["grid_limit_kw"]
        assert so_far_kw >= made["chargers"]["max_kw"]
        lower += so_far_kw < made["grid_limit_kw"]
    assert lower > len(some) / 2


def without_peak(night: Night) -> Night:
    return replace(night, station=replace(night.station, peak_so_far_kw={}))


def test_a_night_begins_with_what_the_days_before_left() -> None:
    """Two packs, one driver a day at 23:30: what is charged in the last half hour is there at the start."""
    kind, pack = KINDS["second"], PACKS["nio-75"]
    packs = [network._full(number, pack) for number in (1, 2)]
    swap = {"slot": 94, "type": "nio-75", "returned_soc": 0.3, "lost_cost": 100.0}
    made = station(1, 0, WEDNESDAY) | {"packs": packs, "swaps": [swap], "tariff": "zhejiang-demand", "bays": 2}
    made |= {"chargers": {"max_kw": 60.0, "efficiency": kind.efficiency}, "base_load_kw": 0.0, "peak_so_far_kw": {}}
    run = network._run_on_arrival(made, [[swap]], WEDNESDAY, keeps_lost=False)
    assert [one["soc"] for one in run["packs"]] == [0.7, 0.9]  # 30 of 45 kWh in half an hour
    assert [one["id"] for one in run["packs"]] == ["p01", "p02"]
    assert run["swaps"] == [swap]
    assert run["peak_so_far_kw"] == {"month": 64}  # 60 kW of a charger at 95 %


def per_hour(stations: list[Made]) -> list[float]:
    """Share of the day's drivers in each hour."""
    hours = Counter(swap["slot"] // 4 for made in stations for swap in made["swaps"])
    return [hours[hour] / hours.total() for hour in range(24)]


def test_days_have_morning_noon_and_evening_and_weekends_differ(drawn: list[Made]) -> None:
    fleets = per_hour([made for made in drawn if made["sources"]["kind"] == "truck"])
    for crest, valley in [(7, 4), (7, 10), (12, 10), (12, 14), (18, 14), (18, 22)]:
        assert fleets[crest] > 1.3 * fleets[valley], (crest, valley)
    week = per_hour(drawn[:500])
    weekend = per_hour([station(number, 5, SATURDAY) for number in range(1, 501)])
    assert sum(week[7:10]) > 1.5 * sum(weekend[7:10])
    assert sum(weekend[13:16]) > 1.2 * sum(week[13:16])


def test_ordinary_stations_lose_nobody_even_charging_on_arrival(drawn: list[Made]) -> None:
    for night in nights(*[made for made in drawn[:60] if not is_overloaded(made)]):
        assert len(uncontrolled_charging(night).hand_overs) == len(night.station.swaps), night.station.id


DEAR = 1_000_000.0  # so dear a loss that a plan without one is cheaper, whatever else it costs


def test_overloaded_stations_must_lose_some_but_not_many(drawn: list[Made]) -> None:
    some = [made for made in drawn if is_overloaded(made)][:4]
    for night in nights(*[made | {"swaps": [swap | {"lost_cost": DEAR} for swap in made["swaps"]]} for made in some]):
        plan = plan_station(night, RunOptions(gap=0.5, time_limit_seconds=PATIENCE))
        assert plan.result.bound > DEAR / 10, f"{night.station.id} need not lose anyone"
        assert 0.01 <= plan.result.swaps_lost / len(night.station.swaps) <= 0.15


def table(heading: str, first: str) -> list[dict[str, str]]:
    """Rows of the page's table under `heading` whose first column is called `first`, without code marks."""
    lines = SECTION.split(f"\n### {heading}\n")[1].split("\n### ")[0].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    shown = takewhile(bool, lines[start:])
    rows = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in shown]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text.replace("−", "-"))]


def as_told(value: object) -> object:
    """A value of a fact as the page's cells have it: a text, or a list of numbers."""
    if isinstance(value, str):
        return value
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(values) if isinstance(values[0], str) else list(values)


@pytest.mark.parametrize(
    ("first", "facts"), [("`id` | `share`", network_facts.STATIONS), ("`id` | `capacity_kwh`", network_facts.PACKS)]
)
def test_page_tells_kinds_and_packs(first: str, facts: tuple[Any, ...]) -> None:
    for row, fact in zip(table("Stations", first), map(asdict, facts), strict=True):
        expected = {name: as_told(value) for name, value in fact.items()}
        assert {name: row[name] if isinstance(expected[name], str) else numbers(row[name]) for name in row} == expected


def test_page_tells_tariffs() -> None:
    rows = table("Tariffs", "`tariff`")
    for row, (share, tariff) in zip(rows, network_facts.tariffs(2026), strict=True):
        charges = tariff.get("demand_charges", [])
        assert row["tariff"] == tariff["id"] and row["source"] == tariff["sources"]["all"]
        assert numbers(row["share"]) == [share]
        prices = {one["price_per_kwh"] for one in tariff["energy_periods"]}
        assert numbers(row["prices, yuan per kWh"]) == sorted(prices)
        assert numbers(row["rate_per_kw"]) == [charge["rate_per_kw"] for charge in charges]
        assert numbers(row["metering_minutes"]) == [charge["metering_minutes"] for charge in charges]


def test_page_tells_arrivals() -> None:
    told = [[int(cell) for cell in row.values()] for row in table("Arrivals", "hour")]
    private, fleets = network_facts.ARRIVALS_PER_HOUR, network_facts.FLEET_PER_HOUR
    columns = (range(24), private["weekday"], private["weekend"], fleets["weekday"], fleets["weekend"])
    assert told == [list(row) for row in zip(*columns, strict=True)]
    for shares in (*private.values(), *fleets.values()):
        assert sum(shares) == pytest.approx(10_000, abs=2)
    assert network_facts.ELAAD in SECTION


def test_page_tells_every_parameter() -> None:
    rows = {row["name"]: numbers(row["value"]) for row in table("Parameters", "name")}
    facts = {
        name: as_told(value)
        for name, value in vars(network_facts).items()
        if name.isupper() and isinstance(value, int | float | tuple) and name not in ("PACKS", "STATIONS")
    }
    assert rows.keys() == facts.keys()
    for name, value in facts.items():
        assert rows[name] == pytest.approx(value), name
