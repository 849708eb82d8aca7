"""What a URDB rate says beside its prices: limits, dates, attributes and remarks, kept and told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from urdb_rates import FLAT, Raw, imported, rate, refusals

from optimizer.formats.tariff_document import EligibilityDocument, ValidityDocument
from optimizer.formats.tariff_file import file_document, parse_tariff, tariff_text
from optimizer.tariffs.import_tariff import URDB, guessed

WARN_LOADS = "; tariff bill and study warn of other loads"
WARN_DAYS = "; tariff bill and study warn of other days"


def notes(**changes: Any) -> list[str]:
    return list(imported(rate(**changes)).notes)


LIMITS: list[tuple[Raw, EligibilityDocument, str]] = [
    ({"peakkwcapacitymax": 20, "peakkwcapacityhistory": 12}, EligibilityDocument(most_kw=20, kw_months=12),
     f"for loads of up to 20 kW in the highest of 12 months{WARN_LOADS}"),
    ({"peakkwcapacitymin": 50, "peakkwcapacitymax": 1000}, EligibilityDocument(least_kw=50, most_kw=1000),
     f"for loads of 50 to 1,000 kW{WARN_LOADS}"),
    ({"mindemand": 500.0, "maxDemand": 999}, EligibilityDocument(least_kw=500, most_kw=999),
     f"for loads of 500 to 999 kW{WARN_LOADS}"),
    ({"peakkwhusagemin": 2000, "peakkwhusagehistory": "2"}, EligibilityDocument(least_kwh=2000, kwh_months=2),
     f"for loads of at least 2,000 kWh a month in the highest of 2 months{WARN_LOADS}"),
    ({"peakkwhusagemax": "3000"}, EligibilityDocument(most_kwh=3000),
     f"for loads of up to 3,000 kWh a month{WARN_LOADS}"),
    ({"voltageminimum": 120, "voltagemaximum": 480, "voltagecategory": "Secondary", "phasewiring": "3-Phase"},
     EligibilityDocument(least_volts=120, most_volts=480, voltage="Secondary", phases="3-Phase"),
     "for 120 to 480 V, voltage Secondary, wiring 3-Phase"),
    ({"sector": "Residential"}, EligibilityDocument(customers="Residential"), "for customers Residential"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kept", "told"), LIMITS)
def test_limits_are_kept_and_told(said: Raw, kept: EligibilityDocument, told: str) -> None:
    found = imported(rate(**said))
    assert found.tariff.eligibility == kept and found.notes == (told,)


def test_what_is_no_limit() -> None:
    nothing = {"peakkwcapacitymin": 0, "peakkwcapacitymax": 1e38, "peakkwcapacityhistory": 12, "sector": "Commercial"}
    found = imported(rate(**nothing, peakkwhusagemax=0, voltagemaximum=None))
    assert found.tariff.eligibility is None and found.tariff.valid is None and found.notes == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"peakkwcapacitymax": "some"}, 'not understood, so no limit: peakkwcapacitymax "some"'),
        ({"peakkwhusagemin": -5}, "not understood, so no limit: peakkwhusagemin -5"),
        ({"voltagemaximum": True}, "not understood, so no limit: voltagemaximum true"),
        ({"peakkwcapacityhistory": 0.5}, "not understood, so the month billed is looked at: peakkwcapacityhistory 0.5"),
        (
            {"peakkwcapacitymin": 50, "peakkwcapacitymax": 20},
            "not kept, for they contradict each other: peakkwcapacitymin 50 and peakkwcapacitymax 20",
        ),
        ({"enddate": "some day"}, 'not understood, so no date: enddate "some day"'),
        ({"enddate": True}, "not understood, so no date: enddate true"),
        ({"startdate": 1e300}, "not understood, so no date: startdate 1e+300"),
        (
            {"startdate": 1577836800, "enddate": 1546300800},
            "not kept, for the end is before the start: startdate 2020-01-01, enddate 2019-01-01",
        ),
    ],
)
def test_what_cannot_be_understood_is_told_and_refuses_nothing(said: Raw, told: str) -> None:
    found = imported(rate(**said))
    assert found.notes == (told,)
    assert found.tariff.eligibility is None and found.tariff.valid is None


def test_limits_in_other_units_of_demand() -> None:
    told = notes(peakkwcapacitymax=25, demandunits="kVA")
    assert told == [
        f"for loads of up to 25 kW{WARN_LOADS}",
        "limits of demand in kVA are compared with kW (demandunits)",
    ]


DATES: list[tuple[Raw, ValidityDocument | None, list[str]]] = [
    ({"startdate": 1262304000, "enddate": 1293753600},
     ValidityDocument(first_day="2010-01-01", last_day="2010-12-31"),
     [f"in force 2010-01-01 to 2010-12-31{WARN_DAYS}"]),
    ({"enddate": "2019-05-31T10:00:00Z"}, ValidityDocument(last_day="2019-05-31"),
     [f"in force until 2019-05-31{WARN_DAYS}"]),
    ({"startdate": {"$date": "2024-10-01T00:00:00Z"}}, ValidityDocument(first_day="2024-10-01"), []),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kept", "told"), DATES)
def test_dates_are_kept_and_an_end_is_told(said: Raw, kept: ValidityDocument, told: list[str]) -> None:
    found = imported(rate(**said))
    assert found.tariff.valid == kept and list(found.notes) == told


def test_a_rate_that_another_of_the_file_supersedes() -> None:
    both = {"items": [rate(label="old", startdate=1262304000), rate(label="new", supersedes="old")]}
    found = imported(both, label="old")
    assert found.tariff.valid == ValidityDocument(first_day="2010-01-01", superseded_by="new")
    assert found.notes == (f"in force from 2010-01-01, superseded by new{WARN_DAYS}",)
    assert imported(both, label="new").tariff.valid is None
    unnamed = {"items": [rate(label="old"), rate(label=None, name=" ", supersedes="old")]}
    assert imported(unnamed, label="old").tariff.valid == ValidityDocument(
        superseded_by="a rate without label and name"
    )


def test_no_rate_supersedes_itself() -> None:
    assert imported(rate(label="a", supersedes="a")).tariff.valid is None


def test_versions_of_a_rate_are_told_apart_by_their_days() -> None:
    versions = [rate(label="a", name="GS", startdate=1262304000, enddate=1293753600), rate(label="b", name="GS")]
    assert refusals({"items": versions}, name="GS") == [
        "f: holds 2 rates; choose one with --label or --name; there are a (GS, from 2010-01-01, until 2010-12-31), "
        "b (GS)"
    ]


def test_money_in_attributes_is_not_billed_and_told() -> None:
    found = imported(
        rate(
            **FLAT,
            demandattrs=[{"Transformer Ownership Discount:": "$0.20/KW"}, {"Excess": 4, "": "$1"}],
            fixedattrs={"Meter Charge": "$34.00/month"},
            energyattrs="a credit of 2 cents",
            servicetype="Delivery",
            fixedchargeeaaddl=3,
        )
    )
    assert found.tariff.not_billed == (
        "further meters (fixedchargeeaaddl 3)",
        "what the service leaves out (servicetype Delivery)",
        "Transformer Ownership Discount: $0.20/KW (demandattrs[0])",
        "Excess: 4 (demandattrs[1])",
        "$1 (demandattrs[1])",
        "Meter Charge: $34.00/month (fixedattrs)",
        "a credit of 2 cents (energyattrs)",
    )
    assert found.notes == tuple(f"not billed: {text}" for text in found.tariff.not_billed)


def test_remarks_with_a_number_are_told() -> None:
    remark = "Off-peak demand in\r\nexcess of on-peak demand: $1.50/kW"
    assert notes(demandcomments=remark, energycomments="Adj = fuel", description="x" * 300 + "1", approved=False) == [
        f"said in words, which nothing here goes by: description: {'x' * 197}...",
        "said in words, which nothing here goes by: demandcomments: Off-peak demand in excess of on-peak demand: "
        "$1.50/kW",
        "the database has not approved this rate (approved false)",
    ]


def test_terms_of_any_length_make_a_tariff_file_that_is_read_again() -> None:
    long = "é" * 5000
    raw = rate(demandattrs=[{long: long}] * 50, voltagecategory=long, sector=long, peakkwcapacitymax=20)
    written = tariff_text(file_document(imported(raw).tariff, "USD", "UTC"))
    terms = parse_tariff(written, "t").terms
    assert len(terms.not_billed) == 50 and terms.eligibility.most_kw == 20


def test_attributes_are_not_taken_for_the_rows_of_a_table() -> None:
    raw = json.dumps(rate(demandattrs=[{"Discount": "$0.20/KW"}])).encode()
    assert guessed(raw, "f") == URDB and guessed(b'{"items": [' + raw + b"]}", "f") == URDB


@pytest.mark.parametrize(
    "blank",
    [{}, {"voltagecategory": " ", "phasewiring": "\t", "sector": " ", "servicetype": " "},
     {"demandattrs": [" ", {" ": " "}, {}], "fixedattrs": "  ", "energyattrs": []}],
)  # fmt: skip
def test_no_rate_without_terms_says_any(blank: Raw) -> None:
    found = imported(rate(**blank))
    plain = found.tariff
    assert (plain.eligibility, plain.valid, plain.not_billed, found.notes) == (None, None, (), ())


def test_lists_are_told_as_the_file_has_them() -> None:
    assert notes(voltagecategory=["Primary", "Secondary"]) == ['for voltage ["Primary","Secondary"]']


def test_of_very_many_attributes_the_first_hundred_are_told_and_kept() -> None:
    found = imported(rate(energyattrs=[{f"rider {n}": "0.01"} for n in range(1250)]))
    assert found.tariff.not_billed[99:] == ("rider 99: 0.01 (energyattrs[99])", "and 1,150 more")
    assert len(found.notes) == 101
