"""Market prices with charges of networks and states on top: `tariff import --charges`, from the file to the bill."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cli import INSTANCES
from cli import run as swapcharge
from hypothesis import given
from hypothesis import strategies as st

TARIFFS = INSTANCES / "tariffs"
BERLIN = ZoneInfo("Europe/Berlin")


def hours(first: datetime, prices: list[float]) -> bytes:
    rows = (f"{(first + timedelta(hours=n)).isoformat()},{price}" for n, price in enumerate(prices))
    return "\n".join(["start,price", *rows, ""]).encode()


def made(prices: bytes, charges: Path, *options: str, currency: str = "EUR", unit: str = "per_MWh") -> dict[str, Any]:
    head = ("--from", "csv", "--currency", currency, "--unit", unit, "--charges", str(charges))
    done = swapcharge("tariff", "import", "-", "-o", "-", *head, *options, stdin=prices)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def billed(tmp_path: Path, tariff: dict[str, Any], load: bytes) -> dict[str, float]:
    (tmp_path / "t.json").write_text(json.dumps(tariff))
    (tmp_path / "load.csv").write_bytes(load)
    done = swapcharge("tariff", "bill", tmp_path / "t.json", tmp_path / "load.csv", "--unit", "kW", "--json")
    assert done.returncode == 0, done.stderr
    return {line["name"]: line["amount"] for line in json.loads(done.stdout)["lines"]}


MIDNIGHT = datetime(2025, 1, 15, tzinfo=BERLIN)
DAY = [80.0] * 12 + [120.5] * 12


def test_a_german_dynamic_tariff_is_billed_by_hand(tmp_path: Path) -> None:
    """Until noon 80 EUR/MWh: 3 hours low, 9 standard; then 120.50: 2 hours high, 10 standard. The load is 10 kW."""
    tariff = made(hours(MIDNIGHT, DAY), TARIFFS / "de-wanfried-module-3-2025.json")
    assert tariff["time_zone"] == "Europe/Berlin" and tariff["tariff"]["id"] == "market"
    assert tariff["tariff"]["price_series"]["per_kwh"][:6] == [0.21321, 0.16151, 0.16151, 0.16151, 0.21321, 0.21321]
    by_hand = 10 * (3 * 0.16151 + 9 * 0.21321 + 2 * (0.1205 + 0.15541) + 10 * (0.1205 + 0.13321))
    bill = billed(tmp_path, tariff, hours(MIDNIGHT, [10.0] * 24))
    assert bill == {"market": pytest.approx(by_hand, abs=0.005), "module 1": -10.99}


def test_a_british_one_takes_the_market_price_twice_and_more(tmp_path: Path) -> None:
    london = datetime(2025, 7, 1, tzinfo=ZoneInfo("Europe/London"))
    prices = hours(london, [0.05] * 24)
    tariff = made(prices, TARIFFS / "gb-agile-2022.json", "--times", "2.2", currency="GBP", unit="per_kWh")
    by_hand = 10 * (24 * 0.11 + 3 * 0.12)
    assert billed(tmp_path, tariff, hours(london, [10.0] * 24)) == {"market": pytest.approx(by_hand, abs=0.005)}


def test_a_swedish_one_has_all_charges_for_demand(tmp_path: Path) -> None:
    """15 January 2024, a Monday: 10 kW, from 8 to 9 h 30 kW, from 23 h to midnight 50 kW, out of high-load hours."""
    monday = datetime(2024, 1, 15, tzinfo=ZoneInfo("Europe/Stockholm"))
    load = [10.0] * 24
    load[8], load[23] = 30.0, 50.0
    tariff = made(hours(monday, [500.0] * 24), TARIFFS / "se-sundsvall-hv-2024.json", currency="SEK")
    assert billed(tmp_path, tariff, hours(monday, load)) == {
        "market": pytest.approx(300 * (0.5 + 0.467), abs=0.005),
        "month's highest hour": 50 * 21,
        "high-load hours": 30 * 66,
        "network": 2180,
        "fees to authorities": 325.33,
    }


def test_the_report_says_what_was_added() -> None:
    options = ("--unit", "per_MWh", "--currency", "EUR", "--charges", TARIFFS / "de-malchow-mv-2025.json")
    done = swapcharge("tariff", "import", "-", "-o", "-", "--from", "csv", *options, stdin=hours(MIDNIGHT, DAY))
    assert done.stderr.splitlines()[-1] == (
        "standard input: plus the prices of de-malchow-mv-2025, 0.05901 per kWh; taken over: demand "
        "charges, eligibility, valid, not billed"
    )
    sources = json.loads(done.stdout)["tariff"]["sources"]
    assert {"price_series", "charges: demand_charges", "charges: energy_periods"} <= set(sources)


def charges_file(path: Path, *periods: dict[str, Any], **head: Any) -> Path:
    whole = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Berlin", **head}
    path.write_text(json.dumps({**whole, "tariff": {"id": "grid", "energy_periods": list(periods)}}))
    return path


def test_half_hours_of_charges_cut_hours_of_the_market(tmp_path: Path) -> None:
    peak = {"name": "peak", "start": "16:30", "end": "19:00", "price_per_kwh": 0.5}
    tariff = made(hours(MIDNIGHT, DAY), charges_file(tmp_path / "c.json", peak, {"name": "else", "price_per_kwh": 0.1}))
    series = tariff["tariff"]["price_series"]
    assert series["minutes"] == 30 and len(series["per_kwh"]) == 48
    assert series["per_kwh"][31:35] == [0.2205, 0.2205, 0.6205, 0.6205]


def test_charges_go_by_the_local_clock_through_its_changes(tmp_path: Path) -> None:
    """30 March 2025 has no hour from 2 to 3; the night's price ends at 6 on the clock, five hours after midnight."""
    night = {"name": "night", "start": "00:00", "end": "06:00", "price_per_kwh": 0.1}
    charges = charges_file(tmp_path / "c.json", night, {"name": "else", "price_per_kwh": 0.3})
    begin = datetime(2025, 3, 29, 23, tzinfo=ZoneInfo("UTC"))
    assert made(hours(begin, [0.0] * 23), charges)["tariff"]["price_series"]["per_kwh"] == [0.1] * 5 + [0.3] * 18


@given(st.lists(st.integers(-500, 4000), min_size=1, max_size=30), st.integers(0, 23), st.integers(1, 23))
def test_every_price_is_the_sum_of_both(market: list[int], first: int, length: int) -> None:
    from optimizer.files.json_text import decode
    from optimizer.formats.tariff_document import PriceSeriesDocument, TariffDocument, TariffFileDocument
    from optimizer.formats.tariff_file import tariff_file
    from optimizer.tariffs.market_charges import with_charges

    end = (first + length) % 24
    periods = [{"name": "in", "start": f"{first:02}:00", "end": f"{end:02}:00", "price_per_kwh": 0.25},
               {"name": "out", "price_per_kwh": 0.5}]  # fmt: skip
    head = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Berlin"}
    text = json.dumps({**head, "tariff": {"id": "grid", "energy_periods": periods}}).encode()
    series = PriceSeriesDocument(start="2025-01-01T00:00+01:00", minutes=60, per_kwh=tuple(p / 1000 for p in market))
    whole = with_charges(
        TariffDocument(id="m", price_series=series), "EUR", "Europe/Berlin",
        tariff_file(decode(text, TariffFileDocument), "c"), "c",
    )  # fmt: skip
    assert whole.price_series
    inside = {(first + n) % 24 for n in range(length)}
    expected = [price / 1000 + (0.25 if n % 24 in inside else 0.5) for n, price in enumerate(market)]
    assert whole.price_series.per_kwh == pytest.approx(expected)


@pytest.mark.parametrize(
    ("charges", "message"),
    [
        ({"currency": "SEK"}, "currency: \"SEK\": must be EUR, as the prices are; give charges that fit the prices\n"),
        ({"time_zone": "Europe/Rome"}, "time_zone: \"Europe/Rome\": must be Europe/Berlin, as the prices are; "
         "give charges that fit the prices\n"),
    ],
)  # fmt: skip
def test_charges_that_do_not_fit_are_refused(tmp_path: Path, charges: dict[str, str], message: str) -> None:
    file = charges_file(tmp_path / "c.json", {"name": "always", "price_per_kwh": 0.1}, **charges)
    assert refused(file, "--time-zone", "Europe/Berlin") == f"{file}: {message}"


def refused(charges: Path, *options: str) -> str:
    head = ("--from", "csv", "--currency", "EUR", "--unit", "per_MWh", "--charges", charges)
    done = swapcharge("tariff", "import", "-", "-o", "-", *head, *options, stdin=hours(MIDNIGHT, DAY))
    assert done.returncode == 2 and done.stdout == ""
    return done.stderr


def test_charges_without_periods_or_with_gaps_are_refused(tmp_path: Path) -> None:
    market = TARIFFS / "nl-day-ahead-2023-01.json"
    assert refused(market, "--time-zone", "Europe/Amsterdam") == (
        f'{market}: tariff.price_series: "nl-day-ahead-2023-01": has market prices of its own; '
        "give charges with energy_periods, or bill with it as it is\n"
    )
    gaps = charges_file(tmp_path / "c.json", {"name": "day", "start": "06:00", "end": "22:00", "price_per_kwh": 0.1})
    assert refused(gaps) == (
        f'{gaps}: tariff.energy_periods: "nothing at 2025-01-15 00:00 local time": must price every minute of the '
        "horizon; end the list with a period that has a name and a price only: it holds whatever the others leave\n"
    )


def test_charges_are_for_market_prices_only() -> None:
    rate = INSTANCES / "urdb" / "pge-bev-2-s.json"
    charges = TARIFFS / "nl-grid-mv-2015.json"
    done = swapcharge("tariff", "import", rate, "-o", "-", "--time-zone", "America/Los_Angeles", "--charges", charges)
    assert done.returncode == 2 and done.stderr == (
        f'{rate}: --charges: "{charges}": means nothing for a file of the format urdb, only for entsoe and csv; '
        "leave it out, or name the format with --from\n"
    )


def test_one_of_prices_and_charges_is_standard_input() -> None:
    done = swapcharge("tariff", "import", "-", "-o", "-", "--charges", "-", stdin=hours(MIDNIGHT, DAY))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("only one of FILE and --charges can be standard input\n")


def test_doubts_about_charges_name_their_file_and_those_about_prices_their_column(tmp_path: Path) -> None:
    file = charges_file(tmp_path / "c.json", {"name": "always", "price_per_kwh": 11})
    raw = json.loads(file.read_text())
    raw["tariff"]["demand_charges"] = [{"name": "peak", "rate_per_kw": 5000}]
    file.write_text(json.dumps(raw))
    head = ("--from", "csv", "--currency", "EUR", "--unit", "per_MWh", "--charges", file)
    done = swapcharge("tariff", "import", "-", "-o", tmp_path / "t.json", *head, "--time-zone", "Europe/Berlin",
                      "--json", stdin=hours(MIDNIGHT, DAY))  # fmt: skip
    assert [one["place"] for one in json.loads(done.stdout)["warnings"]] == [
        "column price", f"--charges {file}: tariff.demand_charges[0].rate_per_kw",
    ]  # fmt: skip


def test_prices_for_days_on_which_the_charges_are_not_in_force_are_doubted(tmp_path: Path) -> None:
    file = TARIFFS / "de-malchow-mv-2025.json"
    head = ("--from", "csv", "--currency", "EUR", "--unit", "per_MWh", "--charges", file, "-o", tmp_path / "t.json")
    new_year = datetime(2026, 1, 1, tzinfo=BERLIN)
    done = swapcharge("tariff", "import", "-", *head, "--json", stdin=hours(new_year - timedelta(days=1), [80.0] * 48))
    (warning,) = json.loads(done.stdout)["warnings"]
    assert (warning["place"], warning["rule"]) == (
        f"--charges {file}: tariff.valid.last_day", "2026-01-01 is after its last day"
    )  # fmt: skip
    done = swapcharge("tariff", "import", "-", *head, "--json", stdin=hours(new_year - timedelta(days=1), [80.0] * 24))
    assert json.loads(done.stdout)["warnings"] == []


TABLES = INSTANCES / "tables"


def network(tmp_path: Path, *options: object) -> subprocess.CompletedProcess[str]:
    (tmp_path / "prices.csv").write_bytes(hours(datetime(2025, 11, 17, tzinfo=BERLIN), [80.0] * 24 + [120.5] * 72))
    (tmp_path / "mapping.toml").write_text(
        (TABLES / "mapping.toml").read_text(encoding="utf-8") + '\n[prices]\nunit = "per_MWh"\n', encoding="utf-8"
    )
    files = ("--stations", TABLES / "stationen.csv", "--packs", TABLES / "akkus.csv", "--swaps", TABLES / "wechsel.csv")
    return swapcharge(
        "import", "network", *files, "--mapping", tmp_path / "mapping.toml", "-o", tmp_path / "network.json", *options
    )


def test_a_network_has_market_prices_with_charges_on_top(tmp_path: Path) -> None:
    done = network(tmp_path, "--prices", tmp_path / "prices.csv", "--charges", TARIFFS / "de-malchow-mv-2025.json")
    assert done.returncode == 0, done.stderr
    assert "plus the prices of de-malchow-mv-2025, 0.05901 per kWh" in done.stdout
    (tariff,) = json.loads((tmp_path / "network.json").read_text())["tariffs"]
    assert tariff["price_series"]["per_kwh"][:25] == [0.13901] * 24 + [0.17951]
    assert [charge["rate_per_kw"] for charge in tariff["demand_charges"]] == [19.85]


def test_charges_that_are_not_there_are_all_that_is_told_of_a_network(tmp_path: Path) -> None:
    done = network(tmp_path, "--prices", tmp_path / "prices.csv", "--charges", tmp_path / "none.json")
    told = f"{tmp_path / 'none.json'}: there is no such file; check the name and the folder\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_charges_of_a_network_need_prices_that_they_fit(tmp_path: Path) -> None:
    alone = network(tmp_path, "--charges", TARIFFS / "de-malchow-mv-2025.json")
    assert (alone.returncode, alone.stderr.splitlines()[-1]) == (
        2, "Error: --charges are on top of market prices: give --prices, or the file as --tariff"
    )  # fmt: skip
    swedish = TARIFFS / "se-sundsvall-hv-2024.json"
    done = network(tmp_path, "--prices", tmp_path / "prices.csv", "--charges", swedish)
    assert done.returncode == 2 and done.stderr.splitlines()[:2] == [
        f'{swedish}: currency: "SEK": must be EUR, as the prices are; give charges that fit the prices',
        f'{swedish}: time_zone: "Europe/Stockholm": must be Europe/Berlin, as the prices are; give charges that fit '
        "the prices",
    ]
    assert not (tmp_path / "network.json").exists()
