"""`swapcharge tariff bill` from end to end: bills, units, months, earlier peaks, messages."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cli
import pytest
from tariff_cli import DAY_AHEAD, LOAD, SCE4, ZHEJIANG, refused, run


def test_bill_line_by_line() -> None:
    done = cli.run("tariff", "bill", SCE4, LOAD)
    assert done.returncode == 0
    assert done.stdout == (
        "month    kind    name             quantity          rate    amount\n"
        "\n"
        "2019-07  energy  summer mid-peak  2,910.00  kWh   0.0925    269.18\n"
        "2019-07  energy  summer off-peak  7,997.30  kWh  0.05623    449.69\n"
        "2019-07  energy  summer on-peak     920.00  kWh  0.26668    245.35\n"
        "2019-07  demand  month              190.20  kW     15.51  2,950.00\n"
        "2019-07  total                                            3,914.22\n"
        "\n"
        "all      total                                       USD  3,914.22\n"
    )
    assert done.stderr == (
        f"{LOAD}: first 2019-07-15T00:00-07:00/01:00, last 2019-07-21T23:00-07:00/00:00: "
        "168 intervals of 60 minutes, values 169.8 … 129, "
        "least 11.3 at 2019-07-20T16:00-07:00, most 190.2 at 2019-07-17T00:00-07:00, read as kW\n"
        "2019-07: the load covers the month in part; energy is that of the part, charges a month are billed whole\n"
    )


def test_bill_for_programs_and_spreadsheets() -> None:
    facts = json.loads(run("bill", SCE4, LOAD, "--json").stdout)
    assert facts["total"] == facts["totals"]["2019-07"] == 3914.22 and facts["currency"] == "USD"
    assert [line["amount"] for line in facts["lines"]] == [269.18, 449.69, 245.35, 2950.0]
    assert len(facts["notes"]) == 1
    rows = list(csv.DictReader(run("bill", SCE4, LOAD, "--csv").stdout.splitlines()))
    assert [row["amount"] for row in rows] == ["269.18", "449.69", "245.35", "2950.00"]
    assert list(rows[0]) == ["month", "kind", "name", "quantity", "unit", "rate", "amount"]


UNITS = [("kW", 10.0), ("MW", 0.01), ("W", 10_000.0), ("kWh", 5.0), ("MWh", 0.005)]


@pytest.mark.parametrize(("unit", "value"), UNITS)
def test_units_of_half_hours(tmp_path: Path, unit: str, value: float) -> None:
    load = tmp_path / "load.csv"
    load.write_text(f"start,value\n2026-01-15T00:00+08:00,{value}\n2026-01-15T00:30+08:00,{value}\n")
    facts = json.loads(run("bill", ZHEJIANG, load, "--unit", unit, "--json").stdout)
    assert facts["lines"][0]["quantity"] == pytest.approx(10) and facts["total"] == 2.8


def year(tmp_path: Path, peak_by_month: dict[int, float]) -> Path:
    """Hours of 2026 in UTC at 10 kW, one of each month higher."""
    rows = ["start,kW"]
    for month in range(1, 13):
        for day in range(1, 29):
            for hour in range(24):
                kw = peak_by_month.get(month, 10.0) if (day, hour) == (3, 12) else 10.0
                rows.append(f"2026-{month:02d}-{day:02d}T{hour:02d}:00Z,{kw}")
        last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
        rows += [f"2026-{month:02d}-{day:02d}T{hour:02d}:00Z,10" for day in range(29, last + 1) for hour in range(24)]
    path = tmp_path / "year.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def ratchet(tmp_path: Path) -> Path:
    path = tmp_path / "ratchet.json"
    tariff = {
        "id": "ratchet",
        "energy_periods": [{"name": "always", "price_per_kwh": 0}],
        "demand_charges": [{"name": "peak", "rate_per_kw": 1, "ratchet": {"share": 0.5, "months_back": 3}}],
        "minimum_charges": [{"name": "least", "amount": 1000, "per": "year"}],
    }
    head = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "UTC"}
    path.write_text(json.dumps({**head, "tariff": tariff}))
    return path


def test_months_look_back_at_the_load_before_them(tmp_path: Path, ratchet: Path) -> None:
    load = year(tmp_path, {2: 100.0})
    done = run("bill", ratchet, load, "--months", "2026-04..2026-06", "--json")
    facts = json.loads(done.stdout)
    assert facts["totals"] == {"2026-04": 50, "2026-05": 50, "2026-06": 10}
    assert facts["notes"] == ["least: not billed for 2026, of which 3 of 12 months are billed"]
    whole = json.loads(run("bill", ratchet, load, "--json").stdout)
    assert whole["totals"]["2026"] == 1000 - 100 - 3 * 50 - 8 * 10 and whole["total"] == 1000 and whole["notes"] == []


def test_of_a_month_in_the_load_and_in_peaks_the_higher_is_looked_back_at(tmp_path: Path, ratchet: Path) -> None:
    load, peaks = year(tmp_path, {2: 100.0}), tmp_path / "peaks.json"
    for given, billed in ((300, 150), (60, 50)):
        peaks.write_text(json.dumps({"peak": {"2026-02": given}}))
        for months in ((), ("--months", "2026-02..2026-06"), ("--months", "2026-04..2026-06")):
            totals = json.loads(run("bill", ratchet, load, "--peaks", peaks, *months, "--json").stdout)["totals"]
            assert [totals[f"2026-{month:02d}"] for month in (4, 5, 6)] == [billed, billed, 10]
            assert totals.get("2026-02", 100) == 100


def test_peaks_before_the_load(tmp_path: Path, ratchet: Path) -> None:
    load, peaks = year(tmp_path, {}), tmp_path / "peaks.json"
    peaks.write_text('{"peak": {"2025-11": 80, "2025-09": 900}}')
    facts = json.loads(run("bill", ratchet, load, "--peaks", peaks, "--json").stdout)
    assert [facts["totals"][f"2026-{month:02d}"] for month in (1, 2, 3)] == [40, 40, 10]
    peaks.write_text('{"peek": {"2025-11": 80}, "peak": {"2025-13": 80, "2025-10": -1}}')
    assert refused("bill", ratchet, load, "--peaks", peaks) == (
        f"{peaks}: peek: {{\"2025-11\": 80.0}}: is not a demand charge of the tariff; did you mean 'peak'?\n"
        f"{peaks}: peak.2025-13: 80: must be a month YYYY-MM; write it like 2026-01\n"
        f"{peaks}: peak.2025-10: -1: must be at least 0; correct the value\n"
    ).replace('{"2025-11": 80.0}', '{"2025-11":80.0}')
    peaks.write_text('{"peak": 80}')
    assert refused("bill", ratchet, load, "--peaks", peaks).startswith(f"{peaks}: peak: 80: must be an object; ")


ROWS = "start,kW\n2026-01-15T00:00+08:00,1\n2026-01-15T01:00+08:00,2\n"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (ROWS + "2026-01-15T02:00+08:00,-1\n", [], "line 4, kW: -1: must not be negative: what is fed into the grid "
         "is not billed; write 0, or take the load"),
        (ROWS + "2026-01-15T02:00+08:00,2e9\n", [],
         "line 4, kW: 2000000000: must be at most 1e+09; look for a wrong unit"),
        (ROWS + "2026-01-15T02:00+08:00,2\n2026-01-15T04:00+08:00,2\n", [],
         'line 5: "2026-01-15T04:00+08:00": must follow '
         "60 minutes after the row before it: 2026-01-15T03:00+08:00 is missing; add the missing rows"),
        (ROWS + "2026-01-15T01:00+08:00,2\n", [],
         'line 4: "2026-01-15T01:00+08:00": must be later than the stamp before '
         "it, 2026-01-15T01:00+08:00; keep one row of each stamp"),
        (ROWS, ["--months", "2027-01"], "has no interval that begins in 2027-01 to 2027-01, Asia/Shanghai; "
         "choose months that it has"),
        (ROWS, ["--value-column", "kWh"],
         'value_column: "kWh": is not a column of standard input; did you mean \'kW\'?'),
        ("start,kW\n", [], "must have at least two rows, for the step between them says how long each holds; add rows"),
    ],
)  # fmt: skip
def test_what_loads_are_refused_for(text: str, options: list[str], message: str) -> None:
    assert refused("bill", ZHEJIANG, "-", *options, stdin=text) == f"standard input: {message}\n"


def test_a_load_that_the_tariff_cannot_bill_is_told_at_the_tariff() -> None:
    assert refused("bill", DAY_AHEAD, LOAD) == (
        f'{DAY_AHEAD}: tariff.price_series: "2022-12-31T23:00Z to 2023-01-31T23:00Z": must cover the load, '
        "2019-07-15T07:00Z to 2019-07-22T07:00Z; import more prices, or cut the load\n"
    )


def test_a_load_on_a_clock_change_is_billed_by_the_hours_there_are(tmp_path: Path) -> None:
    load = tmp_path / "load.csv"
    hours = [f"2026-10-25T0{n}:00+02:00,60" for n in range(3)] + [f"2026-10-25T0{n}:00+01:00,60" for n in range(2, 5)]
    load.write_text("\n".join(["start,kW", *hours]) + "\n")
    tariff = tmp_path / "t.json"
    night = {"name": "night", "price_per_kwh": 0.1, "start": "02:00", "end": "03:00"}
    periods = {"id": "t", "energy_periods": [night, {"name": "rest", "price_per_kwh": 1}]}
    head = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Amsterdam"}
    tariff.write_text(json.dumps({**head, "tariff": periods}))
    lines = json.loads(run("bill", tariff, load, "--json").stdout)["lines"]
    assert [(line["name"], line["quantity"]) for line in lines] == [("night", 120), ("rest", 240)]


def yearly_tariff(tmp_path: Path, **charge: object) -> Path:
    path = tmp_path / "operator.json"
    classes = [{"least_hours": 2500, "rate_per_kw": 132.68, "surcharge_per_kwh": -0.0469}]
    year = {"name": "year", "rate_per_kw": 15.43, "period": "year", "use_classes": classes, "expected_hours": 3100}
    tariff = {
        "id": "operator",
        "energy_periods": [{"name": "all", "price_per_kwh": 0.2538}],
        "demand_charges": [year | charge],
    }
    file = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "UTC", "tariff": tariff}
    path.write_text(json.dumps(file))
    return path


def test_a_yearly_charge_by_twelfths_and_its_class(tmp_path: Path) -> None:
    """10 kW in 8,760 hours, 20 in one of July: 87,610 kWh at 20 kW are 4,380.5 hours. 132.68 · 20 = 2,653.60 and
    0.2069 · 87,610 = 18,126.51."""
    load = year(tmp_path, {7: 20.0})
    facts = json.loads(run("bill", yearly_tariff(tmp_path), load, "--json").stdout)
    assert facts["total"] == pytest.approx(2653.60 + 18126.51, abs=0.06)  # 36 lines to the cent
    words = "4,380.5 hours of use a year: the class from 2,500 hours on"
    assert facts["notes"] == [f"year, 2026-01 to 2026-12: {words}"]
    july = [line for line in facts["lines"] if line["month"] == "2026-07"]
    assert [(line["kind"], line["name"], line["amount"]) for line in july] == [
        ("energy", "all", 1890.81),
        ("demand", "year", 221.13),
        ("demand", "year: 6 earlier months", 663.4),
        ("energy_tiers", "year", -349.41),
    ]


def test_a_part_of_a_year_tells_its_share(tmp_path: Path) -> None:
    """Months before those billed are known of the load, or of a file of peaks."""
    tariff, load = yearly_tariff(tmp_path, use_classes=[], expected_hours=None), year(tmp_path, {3: 20.0})
    facts = json.loads(run("bill", tariff, load, "--months", "2026-03", "--json").stdout)
    assert [(line["name"], line["quantity"], line["amount"]) for line in facts["lines"][1:]] == [
        ("year", 20.0, 25.72),
        ("year: 2 earlier months", 10.0, 25.72),
    ]
    told = (
        "known of {} of its 12 months, each of which pays a twelfth of the year's rates, "
        "on their highest average of {} kW"
    )
    assert facts["notes"] == [f"year, 2026-01 to 2026-12: {told.format(3, '20.00')}"]
    peaks = tmp_path / "peaks.json"
    peaks.write_text('{"year": {"2025-11": 99, "2025-12": 30}}')
    december = yearly_tariff(tmp_path, use_classes=[], expected_hours=None, year_begins=12)
    facts = json.loads(run("bill", december, load, "--months", "2026-01", "--peaks", peaks, "--json").stdout)
    assert [(line["quantity"], line["amount"]) for line in facts["lines"][1:]] == [(30.0, 38.58)]
    assert facts["notes"] == [f"year, 2025-12 to 2026-11: {told.format(2, '30.00')}"]
