"""`swapcharge tariff import|show` from end to end, their files, messages and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cli
import pytest
from click.testing import CliRunner
from paths import DATA, INSTANCES
from patience import PATIENCE
from tariff_cli import DAY_AHEAD, LOAD, SCE4, TARIFFS, ZHEJIANG, refused, run

from optimizer.cli.main import main

URDB = INSTANCES / "urdb"
ENTSOE = (
    '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"\n'
    '"15/01/2025 00:00:00 - 15/01/2025 01:00:00","BZN|NL","Without Sequence","85.30"\n'
    '"15/01/2025 01:00:00 - 15/01/2025 02:00:00","BZN|NL","Without Sequence","-5"\n'
)
PLAIN = "start,price\n2025-01-15T18:00Z,100\n2025-01-15T19:00Z,200\n"


def read(path: Path) -> Any:
    return json.loads(path.read_text())


# import


def test_import_of_a_urdb_rate(tmp_path: Path) -> None:
    out = tmp_path / "t.json"
    done = run("import", URDB / "smud-ci-tod3.json", "-o", out, "--time-zone", "America/Los_Angeles",
        "--id", "smud", "--holidays", "2026-07-03,2026-11-26", "--metering-minutes", "30", "--source", "a copy",
    )  # fmt: skip
    told = f"{URDB / 'smud-ci-tod3.json'}: "
    assert (done.returncode, done.stdout, done.stderr) == (0, "",
        f"{told}for loads of 500 to 999 kW, voltage Secondary, wiring Single and 3-Phase; tariff bill and study warn "
        f"of other loads\n{told}the database has not approved this rate (approved false)\n",
    )  # fmt: skip
    file = read(out)
    tariff = file["tariff"]
    assert (file["currency"], file["time_zone"], tariff["id"]) == ("USD", "America/Los_Angeles", "smud")
    assert tariff["holidays"] == ["2026-07-03", "2026-11-26"] and tariff["sources"]["file"] == "a copy"
    assert {charge["metering_minutes"] for charge in tariff["demand_charges"]} == {30}


def test_import_is_what_the_shipped_file_is(tmp_path: Path) -> None:
    source = "PGE_BEV-2-S_2025-09-08.json as collected by urdb-tariff-viewer_v3 (MIT)"
    done = run("import", URDB / "pge-bev-2-s.json", "-o", "-", "--id", "pge-bev-2-s",
        "--time-zone", "America/Los_Angeles", "--source", source,
    )  # fmt: skip
    assert done.stdout == (TARIFFS / "pge-bev-2-s.json").read_text()
    told = f"{URDB / 'pge-bev-2-s.json'}: "
    assert done.stderr == (
        f"{told}not billed: reactive power (demandreactivepowercharge 0.52)\n"
        f"{told}for voltage Secondary, wiring Single Phase\n"
    )


def test_import_guesses_the_format_from_streams() -> None:
    entsoe = cli.run("tariff", "import", "-", "-o", "-", stdin=ENTSOE.encode())
    assert json.loads(entsoe.stdout)["tariff"]["price_series"]["per_kwh"] == [0.0853, -0.005]
    assert entsoe.stderr == (
        "standard input: first 2025-01-15T00:00+01:00/01:00, last 2025-01-15T01:00+01:00/02:00: "
        "2 intervals of 60 minutes, values 85.3 … -5, "
        "least -5 at 2025-01-15T01:00+01:00, most 85.3 at 2025-01-15T00:00+01:00, read as EUR/MWh\n"
    )
    head = ("--currency", "EUR", "--time-zone", "Europe/Amsterdam")
    plain = run("import", "-", "-o", "-", "--unit", "per_MWh", *head, stdin=PLAIN.encode())
    assert json.loads(plain.stdout)["tariff"]["price_series"]["per_kwh"] == [0.1, 0.2]
    quoted = json.dumps((URDB / "tiered-with-demand.json").read_text()).encode()
    rate = run("import", "-", "-o", "-", "--tier-tolerance", 2e-5, "--time-zone", "UTC", stdin=quoted)
    assert len(json.loads(rate.stdout)["tariff"]["energy_tiers"]) == 2


def test_import_makes_a_retail_price_of_some_months() -> None:
    done = run("import", "-", "-o", "-", "--from", "csv", "--unit", "per_kWh", "--currency", "CHF",
        "--time-zone", "UTC", "--times", 1.5, "--add-per-kwh", 0.25, "--months", "2025-01",
        stdin=PLAIN.encode(),
    )  # fmt: skip
    assert json.loads(done.stdout)["tariff"]["price_series"]["per_kwh"] == [150.25, 300.25]


def test_holidays_from_a_file(tmp_path: Path) -> None:
    days = tmp_path / "days.txt"
    days.write_text("2026-07-03  # Independence Day, observed\n\n2026-11-26\n")
    options = ("--time-zone", "America/Los_Angeles", "-o", "-", "--holidays", days)
    done = run("import", URDB / "pge-bev-2-s.json", *options)
    assert json.loads(done.stdout)["tariff"]["holidays"] == ["2026-07-03", "2026-11-26"]
    days.write_text("2026-07-03\nfourth of July\n2026-02-30\n")
    assert refused("import", URDB / "pge-bev-2-s.json", *options) == (
        f'{days}: line 2: "fourth of July": must be a date YYYY-MM-DD; write it like 2025-01-15\n'
        f'{days}: line 3: "2026-02-30": must be a date YYYY-MM-DD; write it like 2025-01-15\n'
    )


@pytest.mark.parametrize(
    ("stdin", "options", "message"),
    [
        (PLAIN, [], "standard input: --unit: absent: is needed for a file of the format csv; give it\n"
         "standard input: --currency: absent: is needed for a file of the format csv; give it\n"
         "standard input: --time-zone: absent: is needed for a file of the format csv; give it\n"),
        (PLAIN, ["--area", "x", "--label", "y"], 'standard input: --label: "y": means nothing for a file of the format '
         "csv, only for urdb; leave it out, or name the format with --from\n"
         'standard input: --area: "x": means nothing for a file of the format csv, only for entsoe; leave it out, or '
         "name the format with --from\n"),
        ("{}", [], "standard input: energyweekendschedule: absent: must be given; choose a rate that has it\n"),
        ('{"format": "swapcharge-tariff"}', [], "standard input: is a tariff file of this program already; "
         "use it as it is\n"),
    ],
)  # fmt: skip
def test_import_refuses(stdin: str, options: list[str], message: str) -> None:
    told = refused("import", "-", "-o", "-", *options, stdin=stdin)
    assert told.endswith(message)


def test_import_of_a_rate_needs_a_time_zone() -> None:
    assert refused("import", URDB / "smud-ci-tod3.json", "-o", "-") == (
        f"{URDB / 'smud-ci-tod3.json'}: --time-zone: absent: is needed: the file does not say it; give it\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "x"], "Missing option '-o' / '--output'."),
        (["import", "x", "-o", "-", "--time-zone", "Mars"], '"Mars": is not a known IANA time zone; '
         "write a name such as Europe/Amsterdam or Asia/Shanghai"),
        (["import", "x", "-o", "-", "--months", "2026-13"],
         '"2026-13": must be a month YYYY-MM; write it like 2026-01'),
        (["import", "x", "-o", "-", "--months", "2026-02..2026-01"],
         '"2026-02..2026-01": must not end before it starts; '
         "swap the two months"),
        (["import", "x", "-o", "-", "--times", "nan"], "must be a finite number"),
        (["import", "no-such-file", "-o", "-"], "no-such-file: there is no such file; check the name and the folder"),
        (["bill", "-", "-"], "only one of TARIFF, LOAD.csv and --peaks can be standard input"),
        (["bill", "x", "y", "--json", "--csv"], "choose one of --json and --csv"),
        (["show", "no-such-file"], "no-such-file: there is no such file; check the name and the folder"),
    ],
)  # fmt: skip
def test_usage_errors(arguments: list[str], message: str) -> None:
    assert message in refused(*arguments)


def test_import_does_not_overwrite_its_input(tmp_path: Path) -> None:
    rate = tmp_path / "rate.json"
    rate.write_bytes((URDB / "pge-bev-2-s.json").read_bytes())
    assert "is the input itself" in refused("import", rate, "-o", rate, "--time-zone", "UTC")
    assert rate.read_bytes() == (URDB / "pge-bev-2-s.json").read_bytes()


# show


def test_show_in_words_and_digits() -> None:
    done = run("show", TARIFFS / "zhejiang-2026-declared-demand.json")
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and done.stderr == "" and max(map(len, lines)) <= 120
    assert lines[:9] == [
        "Tariff zhejiang-2026-declared-demand, CNY, Asia/Shanghai",
        "  energy   deep valley   0.14 CNY/kWh      11:00 to 13:00",
        "           sharp        1.435 CNY/kWh      18:00 to 20:00",
        "           peak         1.295 CNY/kWh      16:00 to 22:30",
        "           valley        0.28 CNY/kWh      22:30 to 08:00",
        "           flat           0.7 CNY/kWh  at all other times",
        "  demand   beyond declared demand: 0 CNY/kW, 76 CNY/kW above 420 kW on the month's highest average over "
        "30 minutes",
        "  fixed    declared demand: 15,200 CNY a month",
        "",
    ]
    assert lines[9:12] == [
        "every day",
        "        00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23",
        "Jan      1  1  1  1  1  1  1  1  2  2  2  0  0  2  2  2  4  4  5  5  4  4  3* 1",
    ]
    assert lines[-8:] == [
        "CNY/kWh, mean of the hour:",
        "  0  0.14",
        "  1  0.28",
        "  2  0.7",
        "  3  0.7875",
        "  4  1.295",
        "  5  1.435",
        "  *  the price changes within the hour",
    ]


def test_show_of_every_key_in_words() -> None:
    lines = run("show", DATA / "every-key-tariff.json").stdout.splitlines()
    assert lines[1:13] == [
        "  energy   valley  0.28 CNY/kWh  22:30 to 08:00, weekdays, Jan to Feb, 2026-01-01 to 2026-02-15",
        "           flat     0.7 CNY/kWh                                              at all other times",
        "  tiers    much: +0.02 CNY/kWh above 10,000 kWh, -0.01 CNY/kWh above 50,000 kWh of the month, "
        "weekends and holidays",
        "  tiers    hours of use: -0.01 CNY/kWh above 10 kWh of the month, for each of its days, for each kW of the "
        "demand charge beyond declared demand; no price beyond 24 kWh",
        "  tiers    hours of evenings: -0.005 CNY/kWh above 10 kWh of the month, for each of its days, for each "
        "kW of the demand charge beyond declared demand, 17:00 to 21:00, in proportion to the kWh of hours of use",
        "  demand   peak: 5.2 CNY/kW, 4 CNY/kW above 100 kW, for each day of the month, on the month's highest average "
        "over 30 minutes, 17:00 to 22:00; at least 80 % of the highest of the 5 months before (Jun to Aug), billed in "
        "Sep to Oct; times 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1 in January to December; no price beyond 2,000 kW; "
        "a night is charged one in the days left",
        "  demand   year: 15.43 CNY/kW on the year's highest average over 15 minutes; years begin in Oct; from 2,500 "
        "hours of use a year 132.68 CNY/kW and -0.0469 CNY/kWh; 3,100 hours are expected",
        "  demand   beyond declared demand: 0 CNY/kW, 114 CNY/kW above 440 kW on the month's highest average over "
        "30 minutes; a night is charged one in the days of the month",
        "  fixed    fixed: 1.5 CNY a day",
        "  fixed    meter: 25 CNY a year, Jun to Jul",
        "  fixed    declared demand: 15,200 CNY a month",
        "  minimum  least: 100 CNY a year in all",
    ]
    assert lines[13] == "  holidays 1, 2026-02-17 to 2026-02-17: priced like weekends"


def test_show_tells_weekdays_from_weekends_and_dates_by_their_year() -> None:
    shown = run("show", SCE4).stdout
    assert "\nweekday\n" in shown and "\nweekend\n" in shown
    chengdu = run("show", TARIFFS / "chengdu-2023.json").stdout
    assert "\nevery day of 2022\n" in chengdu or "\nweekday of 2022\n" in chengdu


def test_show_of_market_prices_by_month_and_hour() -> None:
    facts = json.loads(run("show", DAY_AHEAD, "--json").stdout)
    prices = read(DAY_AHEAD)["tariff"]["price_series"]["per_kwh"]
    (one,) = facts["maps"]
    assert one["rows"] == ["2023-01"] and one["name"] == "every day, mean"
    assert one["mean_per_kwh"][0] == [pytest.approx(sum(prices[hour::24]) / 31) for hour in range(24)]
    lines = run("show", DAY_AHEAD).stdout.splitlines()
    assert lines[1] == "  energy   744 prices of 60 minutes from 2022-12-31T23:00Z, -0.005 to 0.2702 EUR/kWh"
    assert sum(" to " in line for line in lines[6:]) == 10  # ten bands


def test_show_json_has_the_numbers_of_the_maps() -> None:
    facts = json.loads(run("show", ZHEJIANG, "--json").stdout)
    (one,) = facts["maps"]
    assert one["rows"][0] == "Jan" and len(one["rows"]) == 12
    assert one["mean_per_kwh"][6][22] == 0.7875 and one["changes_within_hour"][6][22] is True
    assert facts["tariff"]["id"] == "zhejiang-2026" and facts["words"][0] == "Tariff zhejiang-2026, CNY, Asia/Shanghai"


def test_svg_is_one_file_for_light_and_dark_and_always_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    for path in (one, other):
        assert run("show", ZHEJIANG, "--svg", path).returncode == 0
    text = one.read_text()
    assert text == other.read_text()
    assert text.startswith("<svg xmlns=") and "prefers-color-scheme:dark" in text
    assert text.count("<rect") == 12 * 24 + 6  # cells and a legend of six prices
    assert "<title>Jul, 22:00: 0.7875 CNY/kWh, changes within the hour</title>" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_names_from_a_file_cannot_break_drawing_or_screen(tmp_path: Path) -> None:
    bad = read(ZHEJIANG)
    bad["tariff"]["id"] = "<script>\u001b[31m"
    path, drawing = tmp_path / "bad.json", tmp_path / "bad.svg"
    path.write_text(json.dumps(bad))
    shown = run("show", path, "--svg", drawing)
    assert "\u001b" not in shown.stdout and "<script>\\x1b[31m" in shown.stdout
    assert "<script>" not in drawing.read_text() and "&lt;script&gt;" in drawing.read_text()


def test_bill_beyond_the_last_price_is_refused(tmp_path: Path) -> None:
    tariff = json.loads((DATA / "every-key-tariff.json").read_text(encoding="utf-8"))
    tariff["tariff"]["demand_charges"][0] |= {"windows": [], "most_kw": 150}
    (tmp_path / "t.json").write_text(json.dumps(tariff), encoding="utf-8")
    load = tmp_path / "load.csv"
    load.write_text("start,kw\n2026-01-05T00:00+08:00,151\n2026-01-05T00:30+08:00,10\n", encoding="utf-8")
    done = run("bill", tmp_path / "t.json", load)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(
        "tariff.demand_charges[0].most_kw: 150: has no price beyond: 2026-01 has 151 kW; "
        "bill it under the tariff for larger customers\n"
    )


def test_schema_of_tariff_files() -> None:
    done = CliRunner().invoke(main, ["schema", "--tariff"])
    assert json.loads(done.stdout)["title"] == "swapcharge tariff, version 1"
    done = CliRunner().invoke(main, ["schema", "--tariff", "--plan"])
    assert done.exit_code == 2 and "choose one of --plan, --tariff, --study, --forecast" in done.stderr


@pytest.mark.parametrize("command", [["show", str(ZHEJIANG)], ["bill", str(SCE4), str(LOAD)]])
def test_no_heavy_library_is_loaded(command: list[str]) -> None:
    code = (
        "import sys\nfrom optimizer.cli.main import main\n"
        f"try: main({['tariff', *command]!r})\nexcept SystemExit: pass\n"
        "print([m for m in ('pyomo', 'scipy', 'pandas', 'highspy', 'numpy') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stderr.splitlines()[-1] == "[]"


def test_import_of_prices_that_turn_from_hours_to_quarter_hours(tmp_path: Path) -> None:
    stamps = [f"2025-09-30T{hour}:00+02:00" for hour in (21, 22, 23)]
    stamps += [f"2025-10-01T00:{minute:02d}+02:00" for minute in (0, 15, 30, 45)]
    prices = tmp_path / "p.csv"
    prices.write_text("start,price\n" + "".join(f"{stamp},{n}\n" for n, stamp in enumerate(stamps)))
    done = cli.run(
        "tariff", "import", prices, "-o", "-", "--unit", "per_MWh", "--currency", "EUR",
        "--time-zone", "Europe/Amsterdam",
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["tariff"]["price_series"]["minutes"] == 15
    assert done.stderr.splitlines()[1] == (
        f"{prices}: the step changes from 60 to 15 minutes at 2025-10-01T00:00+02:00: "
        "each of the 3 values before it is read as 4 of 15 minutes"
    )
