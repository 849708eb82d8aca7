"""Messages of a URDB import name places of the user's file, as it spells them, and none of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cli
import pytest
from urdb_rates import ALWAYS, Raw, by_hours, rate, refusals

from optimizer.files.errors import InputErrors
from optimizer.tariffs.import_tariff import ImportOptions, import_tariff
from optimizer.tariffs.market_prices import MarketOptions, import_table

DEAR = 5000
TWO = {"demandweekdayschedule": by_hours(7, 22), "demandweekendschedule": ALWAYS}
MONTHS = {"flatdemandmonths": [0] * 6 + [1] * 6}


def doubted(folder: Path, raw: object, *options: str) -> list[str]:
    """Places and values of the warnings of an import."""
    path = folder / "rate.json"
    path.write_text(json.dumps(raw))
    done = cli.run("tariff", "import", path, "-o", folder / "t.json", "--time-zone", "UTC", "--json", *options)
    assert done.returncode == 0, done.stderr
    told = [f"{one['place']}: {one['value']:g}" for one in json.loads(done.stdout)["warnings"]]
    assert all(f"warning: {path}: {one.split(': ')[0]}: " in done.stderr for one in told)
    return told


PLACES: list[tuple[Raw, list[str]]] = [
    ({"demandratestructure": [[{"rate": 1}], [{"rate": DEAR}]], **TWO}, ["demandratestructure[1][0].rate: 5000"]),
    ({"demandratestructure": [[{"rate": 0, "adj": -0.546}], [{"rate": 11.6, "adj": -0.546}]], **TWO},
     ["demandratestructure[0][0].adj: -0.546"]),
    ({"demandratestructure": [[{"rate": 1}], [{"rate": 1, "max": 50}, {"rate": DEAR, "adj": 1}]], **TWO},
     ["demandratestructure[1][1] (rate + adj): 5001"]),
    ({"flatdemandstructure": [[{"rate": 2}], [{"rate": DEAR}]], **MONTHS}, ["flatdemandstructure[1][0].rate: 5000"]),
    ({"flatdemandstructure": [[{"rate": DEAR}], [{"rate": 2}]], **MONTHS}, ["flatdemandstructure[0][0].rate: 5000"]),
    ({"flatDemandStructure": [[{"rate": DEAR}]], "flatdemandmonths": [0] * 12},
     ["flatDemandStructure[0][0].rate: 5000"]),
    ({"demandratestructure": [[{"rate": 1}], [{"rate": DEAR}]], **TWO, "lookbackpercent": 0.5, "lookbackrange": 3},
     ["demandratestructure: 5001"]),
    ({"fixedchargefirstmeter": 2e6, "fixedchargeunits": "$/month"}, ["fixedchargefirstmeter: 2e+06"]),
    ({"fixedMonthlyCharge": 2e6}, ["fixedMonthlyCharge: 2e+06"]),
    ({"mincharge": 2e6, "minchargeunits": "$/month"}, ["mincharge: 2e+06"]),
    ({"annualmincharge": 2e6}, ["annualmincharge: 2e+06"]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "places"), PLACES)
def test_doubts_stand_at_the_rate_in_the_file(said: Raw, places: list[str], tmp_path: Path) -> None:
    assert doubted(tmp_path, rate(**said)) == places
    listed = {"items": [rate(label="other"), rate(**said, label="this")]}
    assert doubted(tmp_path, listed, "--label", "this") == [f"items[1].{place}" for place in places]


def test_a_rate_for_a_kva_is_doubted_at_its_own_place(tmp_path: Path) -> None:
    raw = rate(flatdemandstructure=[[{"rate": 90}]], flatdemandmonths=[0] * 12, flatdemandunit="kVA")
    assert doubted(tmp_path, raw, "--power-factor", "0.5") == ["flatdemandstructure[0][0].rate: 180"]


def test_prices_are_doubted_at_their_structure(tmp_path: Path) -> None:
    path = tmp_path / "rate.json"
    path.write_text(json.dumps({"items": [rate(energyratestructure=[[{"rate": 11.3, "max": 5}, {"rate": 40}]])]}))
    done = cli.run("tariff", "import", path, "-o", tmp_path / "t.json", "--time-zone", "UTC")
    place = f"warning: {path}: items[0].energyratestructure: "
    assert [line[: len(place)] for line in done.stderr.splitlines()] == [place, place]


def test_refusals_name_the_item_and_its_spelling() -> None:
    broken = rate(energyratestructure=[[{"rate": 0.1}], [{"rate": "some"}]], label="broken")
    assert refusals({"items": [rate(), broken]}, label="broken") == [
        'f: items[1].energyratestructure[1][0].rate: "some": must be a number; correct the value'
    ]
    absent = rate(energyweekendschedule=None)
    assert refusals({"items": [absent]}) == [
        "f: items[0].energyweekendschedule: absent: must be given; choose a rate that has it"
    ]
    camel = rate(fixedChargeFirstMeter=3, fixedChargeUnits="$/week")
    assert refusals(camel)[0].startswith('f: fixedChargeUnits: "$/week": must be one of ')
    twice = rate(mincharge=1, minCharge=2)
    assert refusals({"items": [twice]})[0].startswith("f: items[0].minCharge: 2: is also given as mincharge in ")
    repeated = json.dumps({"items": [rate()]}).replace('"label"', '"label": "a", "label"')
    with pytest.raises(InputErrors) as caught:
        import_tariff(repeated.encode(), "f", None, ImportOptions(time_zone="UTC"))
    assert str(caught.value).startswith('f: items[0].label: "one": appears more than once in its object')


def test_what_no_tariff_may_say_is_refused_at_its_place_in_the_file(tmp_path: Path) -> None:
    raw = rate(
        demandratestructure=[[{"rate": 1}], [{"rate": 2e9}]],
        **TWO,
        fixedchargefirstmeter=3e9,
        fixedchargeunits="$/month",
    )
    with pytest.raises(InputErrors) as caught:
        import_tariff(json.dumps({"items": [raw]}).encode(), "f", None, ImportOptions(time_zone="UTC"))
    told = "must be at most 1e+09 in size; look for a wrong unit or a slip of the pen"
    assert sorted(str(caught.value).splitlines()) == [
        f"f: items[0].demandratestructure[1][0].rate: 2000000000: {told}",
        f"f: items[0].fixedchargefirstmeter: 3000000000: {told}",
    ]


LONG = "must have at most 200 characters; write a shorter name"


@pytest.mark.parametrize(
    ("said", "options", "told"),
    [
        ({"label": "é" * 201}, {}, f'label: "{"é" * 56}...: {LONG}'),
        ({"label": None, "name": "x" * 201}, {}, f'name: "{"x" * 56}...: {LONG}'),
        ({"energytoulabels": ["x" * 201]}, {}, f'energytoulabels: "{"x" * 56}...: {LONG}'),
        ({}, {"id": "x" * 201}, f'--id: "{"x" * 56}...: {LONG}'),
        ({"source": "\ud800"}, {}, "holds text that is not Unicode, such as one half of a surrogate pair; write the "
         "file anew"),
    ],
)  # fmt: skip
def test_texts_that_no_tariff_file_holds_are_refused_before_it_is_written(said: Raw, options: Raw, told: str) -> None:
    with pytest.raises(InputErrors) as caught:
        import_tariff(json.dumps(rate(**said)).encode(), "f", None, ImportOptions(time_zone="UTC", **options))
    assert str(caught.value) == f"f: {told}"


def test_an_option_is_named_as_one() -> None:
    with pytest.raises(InputErrors) as caught:
        import_tariff(json.dumps(rate()).encode(), "f", None, ImportOptions(time_zone="UTC", currency=" "))
    assert str(caught.value) == 'f: --currency: " ": must not be blank; write a code such as EUR'


@pytest.mark.parametrize("price", [2e9, -2e9, 1e300])
def test_a_price_of_a_table_that_no_tariff_may_have_is_refused_at_its_cell(price: float) -> None:
    rows: list[Any] = ["start,price", "2025-01-15T18:00Z,0.1", f"2025-01-15T19:00Z,{price}", "2025-01-15T20:00Z,0.1"]
    options = MarketOptions(unit="per_kWh", currency="EUR", zone=ZoneInfo("UTC"))
    with pytest.raises(InputErrors) as caught:
        import_table("\n".join(rows).encode(), "f", options)
    assert str(caught.value).startswith("f: line 3, price: ") and "must be at most 1e+09 in size" in str(caught.value)
