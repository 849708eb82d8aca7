"""Whom a tariff is for and until when, end to end: told by `tariff import`, warned of by `tariff bill` and `study`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_study as tiny

from optimizer.workers import local_pool

LOAD = cli.INSTANCES / "tariffs" / "load-week.csv"
ALWAYS = [[0] * 24] * 12
RATE = {
    "label": "small",
    "energyratestructure": [[{"rate": 0.1}]],
    "energyweekdayschedule": ALWAYS,
    "energyweekendschedule": ALWAYS,
}
LIMITED: dict[str, Any] = RATE | {
    "peakkwcapacitymax": 20,
    "peakkwcapacityhistory": 12,
    "enddate": 1293753600,
    "voltagecategory": "Primary",
    "fixedattrs": [{"Meter Charge": "$34.00/month"}],
}
NOTES = [
    "not billed: Meter Charge: $34.00/month (fixedattrs[0])",
    "for loads of up to 20 kW in the highest of 12 months, voltage Primary; tariff bill and study warn of other loads",
    "in force until 2010-12-31; tariff bill and study warn of other days",
]
LOAD_RULE = "2019-07: 190.2 kW, the rate is for up to 20 kW in the highest of 12 months"
DAYS_RULE = "2019-07-15 to 2019-07-21 are after its last day"


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    return cli.run("tariff", *arguments, stdin=stdin)


@pytest.fixture
def tariff(tmp_path: Path) -> Path:
    rate, out = tmp_path / "rate.json", tmp_path / "t.json"
    rate.write_text(json.dumps({"items": [LIMITED]}))
    done = run("import", rate, "-o", out, "--time-zone", "America/Los_Angeles", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr.splitlines()) == (0, [f"{rate}: {note}" for note in NOTES])
    assert (told["tariff"], told["currency"], told["notes"], told["warnings"]) == ("small", "USD", NOTES, [])
    assert told["eligibility"]["most_kw"] == 20 and told["valid"]["last_day"] == "2010-12-31"
    assert told["not_billed"] == ["Meter Charge: $34.00/month (fixedattrs[0])"]
    return out


def test_import_keeps_what_a_rate_says(tariff: Path) -> None:
    kept = json.loads(tariff.read_text())["tariff"]
    assert kept["eligibility"] == {"most_kw": 20, "kw_months": 12, "voltage": "Primary"}
    assert (kept["valid"], kept["not_billed"]) == ({"last_day": "2010-12-31"}, [NOTES[0].removeprefix("not billed: ")])


def test_import_has_one_product_on_standard_output(tmp_path: Path) -> None:
    done = run("import", "-", "-o", "-", "--json", stdin=json.dumps(RATE).encode())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("standard output is the tariff: name a file with -o, or leave --json out\n")


def test_bill_warns_of_the_load_and_of_the_days_and_bills_them(tariff: Path) -> None:
    done = run("bill", tariff, LOAD)
    warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert done.returncode == 0 and "2019-07  total" in done.stdout
    assert warnings == [
        f"warning: {tariff}: tariff.eligibility.most_kw: 20: {LOAD_RULE}; take a rate that is for such a load",
        f'warning: {tariff}: tariff.valid.last_day: "2010-12-31": {DAYS_RULE}; take the rate that followed it',
    ]
    assert done.stderr.splitlines()[-2:] == [
        "not billed: Meter Charge: $34.00/month (fixedattrs[0])",
        "the tariff is for voltage Primary: a load does not say whether it is so",
    ]


def test_bill_for_programs_has_the_warnings_and_strict_refuses(tariff: Path) -> None:
    facts = json.loads(run("bill", tariff, LOAD, "--json").stdout)
    assert [(one["place"], one["value"], one["rule"]) for one in facts["warnings"]] == [
        ("tariff.eligibility.most_kw", 20, LOAD_RULE),
        ("tariff.valid.last_day", "2010-12-31", DAYS_RULE),
    ]
    strict = run("bill", tariff, LOAD, "--strict")
    assert (strict.returncode, strict.stdout) == (2, "") and LOAD_RULE in strict.stderr


def test_bill_doubts_prices_beyond_any_tariff(tariff: Path) -> None:
    raw = json.loads(tariff.read_text())
    raw["tariff"]["energy_periods"][0]["price_per_kwh"] = 11.3
    tariff.write_text(json.dumps(raw))
    assert (
        f"warning: {tariff}: tariff.energy_periods: [11.3,11.3]: from 11.3 to 11.3 USD"
        in run("bill", tariff, LOAD).stderr
    )


# Studies

SMALL = tiny.FLAT | {
    "id": "small",
    "energy_periods": [{"name": "always", "price_per_kwh": 0.01}],
    "eligibility": {"most_kw": 20},
    "valid": {"last_day": "2026-01-30"},
}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: tiny.StudyPool(size=workers))
    return tiny.write(tmp_path, tiny.instance(tariffs=[tiny.FLAT, SMALL]), tariffs=[{"id": "flat"}, {"id": "small"}])


def test_study_tells_which_tariffs_are_not_for_its_loads_and_days(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = cli.run("study", study, "-o", out, "--workers", 1)
    assert done.returncode == 0 and done.stderr == (
        'warning: day.json: tariffs[1].valid.last_day: "2026-01-30": 2026-01-31 to 2026-02-01 are after its last day; '
        "take the rate that followed it\n"
    )
    found = json.loads((out / "study.json").read_text())["not_for"]
    assert found[0] == {"tariff": "small", "rule": "2026-01-31 to 2026-02-01 are after its last day"}
    loads = [{key: one[key] for key in ("tariff", "variant", "station")} for one in found[1:]]
    assert loads == [{"tariff": "small", "variant": "as it is", "station": "S1"}] * 2
    rules = [one["rule"] for one in found[1:]]
    assert [rule[:9] for rule in rules] == ["2026-01: ", "2026-02: "]
    assert all(rule.endswith(" kW, the rate is for up to 20 kW") for rule in rules)
    lines = done.stdout.splitlines()
    assert f"  small, as it is, S1: {rules[0]} (and 1 more)" in lines
    assert (
        "as it is: small, the cheapest, is not for the load of 1 of 1 stations, by its limits of eligibility." in lines
    )
    assert "as it is: small, the cheapest, is not in force on all of these days." in lines


def test_study_for_programs_names_the_file_and_strict_refuses(study: Path, tmp_path: Path) -> None:
    told = json.loads(cli.run("study", study, "-o", tmp_path / "out", "--workers", 1, "--json").stdout)
    assert [(one["file"], one["place"]) for one in told["warnings"]] == [("day.json", "tariffs[1].valid.last_day")]
    strict = cli.run("study", study, "-o", tmp_path / "other", "--workers", 1, "--strict")
    assert strict.returncode == 2 and not (tmp_path / "other").exists()


def test_the_page_of_a_study_tells_it_too(study: Path, tmp_path: Path) -> None:
    assert cli.run("study", study, "-o", tmp_path / "out", "--workers", 1).returncode == 0
    assert cli.run("report", tmp_path / "out", "-o", tmp_path / "page.html").returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert "Not for all of these loads or days: small" in page and "the rate is for up to 20 kW" in page
