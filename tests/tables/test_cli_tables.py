"""Real exports through `swapcharge tariff import` and `tariff bill`: files, what standard error says, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import DATA, INSTANCES

TABLES = DATA / "tables"
TARIFF = INSTANCES / "tariffs" / "sce-tou-ev-4.json"
DAY_AHEAD = {"--unit": "per_MWh", "--currency": "EUR", "--time-zone": "Europe/Paris"}


def energy_kwh(name: str | Path, *options: str) -> tuple[float, list[str]]:
    """The kWh that a load is billed for, and what standard error says of the file."""
    done = cli.run("tariff", "bill", TARIFF, TABLES / name, "--json", *options)
    assert done.returncode == 0, done.stderr
    lines = json.loads(done.stdout)["lines"]
    told = [line.partition(": ")[2] for line in done.stderr.splitlines() if str(name) in line]
    return sum(line["quantity"] for line in lines if line["kind"] == "energy"), told


def test_a_column_that_says_kwh_is_read_as_kwh() -> None:
    kwh, (told,) = energy_kwh("load-header-says-kwh.csv")
    assert kwh == pytest.approx(2400)
    assert told.endswith(", read as kWh, as its column says")
    kwh, (told,) = energy_kwh("load-header-says-kwh.csv", "--unit", "kW")
    assert kwh == pytest.approx(1200)
    assert told.endswith(", read as kW, though its column says kWh")


def test_a_file_without_a_line_of_names_keeps_its_first_row() -> None:
    kwh, told = energy_kwh("load-no-header.csv")
    assert kwh == pytest.approx(50 + 60 + 70) and told[1] == "understood: no line of names"


@pytest.mark.parametrize(
    ("name", "options", "kwh"),
    [
        ("load-pge.csv", [], 5 * 0.19),
        ("load-sce.csv", [], 0.08),
        ("load-greenbutton.xml", [], 1.06),
        ("load-linzag.csv", ["--zone", "Europe/Vienna"], 0.078),
        ("load-latin1.csv", ["--zone", "Europe/Vienna"], 0.135),
        ("load-8760-no-stamps.csv", ["--start", "2018-01-01T00:00", "--minutes", "60"], 24 * 0.77),
    ],
)
def test_an_export_is_billed(name: str, options: list[str], kwh: float) -> None:
    assert energy_kwh(name, *options)[0] == pytest.approx(kwh)


def prices(name: str, *options: str) -> tuple[Any, list[str]]:
    done = cli.run("tariff", "import", TABLES / name, "-o", "-", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr.splitlines()


def flat(options: dict[str, str]) -> list[str]:
    return [part for item in options.items() for part in item]


@pytest.mark.parametrize(
    ("name", "options", "currency", "first", "start"),
    [
        ("prices-energy-charts.csv", {"--time-zone": "Europe/Zurich"}, "EUR", 0.02597, "2023-12-31T23:00Z"),
        ("prices-awattar.csv", {"--time-zone": "Europe/Vienna"}, "EUR", 0.00005, "2013-12-21T23:00Z"),
        ("prices-omie-naive.csv", DAY_AHEAD | {"--time-zone": "Europe/Madrid"}, "EUR", 0.08219, "2023-03-31T22:00Z"),
        ("prices-epex-wide.csv", DAY_AHEAD, "EUR", 0.03805, "2020-12-29T23:00Z"),
        ("prices-aemo-5min.csv",
         {"--time-zone": "Australia/Sydney", "--zone": "Australia/Brisbane", "--unit": "per_MWh", "--currency": "AUD"},
         "AUD", 0.00795, "2026-04-30T14:00Z"),
        ("prices-octopus-agile-pence.csv",
         {"--time-zone": "Europe/London", "--unit": "p_per_kWh", "--currency": "GBP"},
         "GBP", 0.08337, "2024-01-01T00:00Z"),
    ],
)  # fmt: skip
def test_prices_are_imported(name: str, options: dict[str, str], currency: str, first: float, start: str) -> None:
    file, _ = prices(name, *flat(options))
    series = file["tariff"]["price_series"]
    assert (file["currency"], series["per_kwh"][0], series["start"]) == (currency, first, start)


def test_pence_taken_for_pounds_are_doubted_and_hundredths_are_said() -> None:
    options = {"--time-zone": "Europe/London", "--currency": "GBP"}
    _, told = prices("prices-octopus-agile-pence.csv", *flat(options | {"--unit": "per_kWh"}))
    assert any(line.startswith("warning: ") for line in told)
    _, told = prices("prices-octopus-agile-pence.csv", *flat(options | {"--unit": "ct_per_kWh"}))
    assert told[0].endswith(", read as hundredths of GBP/kWh")


def test_what_is_not_understood_writes_nothing(tmp_path: Path) -> None:
    out, file = tmp_path / "t.json", tmp_path / "p.csv"
    file.write_text("time,place,EUR/MWh\n2025-01-15T18:00Z,\x1b[31mA,1\n2025-01-15T18:00Z,B,2\n")
    done = cli.run("tariff", "import", file, "-o", out, "--time-zone", "UTC")
    assert done.returncode == 2 and not out.exists() and "\x1b" not in done.stderr
    assert 'line 3, time: "2025-01-15T18:00Z": is the time of several rows, which place tells apart' in done.stderr
    file.write_text("time,place,EUR/MWh\n2025-01-15T18:00Z,A,1\n2025-01-15T18:00Z,B,2\n2025-01-15T19:00Z,B,3\n")
    done = cli.run("tariff", "import", file, "-o", "-", "--time-zone", "UTC", "--where", "place=B")
    assert json.loads(done.stdout)["tariff"]["price_series"]["per_kwh"] == [0.002, 0.003]


def test_columns_may_be_named_by_either_option() -> None:
    for option in ("--column", "--value-column"):
        done = cli.run("tariff", "import", TABLES / "prices-aemo-5min.csv", "-o", "-", "--time-zone",
            "Australia/Brisbane", "--unit", "per_MWh", "--currency", "AUD", option, "TOTALDEMAND", "--stamps", "start",
        )  # fmt: skip
        series = json.loads(done.stdout)["tariff"]["price_series"]
        assert (series["start"], series["per_kwh"][0]) == ("2026-04-30T14:05Z", 4.51093)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--where", "x"], "must be COLUMN=TEXT"),
        (["--start", "yesterday"], "must be a date and a time of day, such as 2025-01-01T00:00"),
        (["--zone", "Mars"], '"Mars": is not a known IANA time zone'),
        (["--minutes", "0"], "0 is not in the range 1<=x<=1440"),
    ],
)
def test_options_that_say_nothing(options: list[str], message: str) -> None:
    done = cli.run("tariff", "bill", TARIFF, TABLES / "load-pge.csv", *options)
    assert done.returncode == 2 and message in done.stderr
