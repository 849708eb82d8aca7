"""What tables say is what the instance has: units, mapping, drivers, tariffs, workbooks, templates."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cli
import pytest
import small_tables

from models.station.instance import Instance
from optimizer.formats.read_instance import read_instance

EXPECTED = ("--expected", "expected.csv")


def made(folder: Path, drivers: tuple[str, ...] = EXPECTED, *more: str) -> Instance:
    done = small_tables.imported(folder, drivers, *more)
    assert (done.returncode, done.stderr) == (0, "")
    return read_instance(folder / "network.json")


def test_every_column_arrives(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    east, west = (night.station for night in made(tmp_path).nights)
    assert (east.bays, east.chargers.count, east.chargers.max_kw, east.chargers.efficiency) == (4, 2, 60, 0.94)
    assert set(east.grid_limit_kw) == {200}
    assert [(p.id, p.type, p.soc, p.temperature_c, p.usable) for p in east.packs] == [
        ("P1", "A", 0.5, 18, True), ("P2", "A", 0.8, 18, False),
    ]  # fmt: skip
    assert [bay.name for bay in east.bay_list] == ["1", "2", "3", "4"]
    assert west.bay_list == () and west.packs[0].temperature_c is None
    assert [(one.slot, one.returned_soc, one.lost_cost) for one in west.swaps] == [(33, 0.25, 50)]
    tariff = east.tariff
    assert [(p.name, p.price_per_kwh) for p in tariff.energy_periods] == [("high", 0.3), ("low", 0.2)]
    assert [(c.name, c.rate_per_kw, c.metering_minutes) for c in tariff.demand_charges] == [("peak", 5, 15)]
    kinds = made(tmp_path).nights[0].pack_types
    assert kinds["A"].acceptance == ((0, 50), (0.1, 90), (1, 15))
    assert (kinds["A"].swap_soc, kinds["B"].swap_soc) == (0.8, 0.9)


def test_the_period_of_a_demand_charge_is_told(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    told = json.loads(small_tables.imported(tmp_path, ("--expected", "expected.csv"), "--json").stdout)["notes"]
    assert (
        'tariff day: peak: per kW and month; for one per kW and year, give the tariff as a file with period "year"'
        in told
    )


def test_months_of_a_price_level_may_run_over_the_new_year(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    small_tables.imported(tmp_path)
    document = json.loads((tmp_path / "network.json").read_text())
    assert document["tariffs"][0]["energy_periods"][0]["months"] == [11, 12, 1, 2]


def test_reservations_are_swaps_of_their_instants(tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"drivers.csv": ("0.2,bus 7", "0.2,bus 7\n2025-11-25 08:00,east,A,0.2,tomorrow")})
    instance = made(tmp_path, ("--reservations", "drivers.csv"), "--json")
    assert [(s.id, s.slot) for night in instance.nights for s in night.station.swaps] == [("bus 7", 32), ("swap-1", 38)]
    told = json.loads(small_tables.imported(tmp_path, ("--reservations", "drivers.csv"), "--json").stdout)
    assert "1 driver of other days left out" in told["notes"]


def test_drivers_of_every_month_s_eleventh_need_a_word_that_the_month_comes_first(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    rows = "".join(f"2025-{month:02d}-11 08:00,east,A,0.2,\n" for month in range(5, 13))
    (tmp_path / "drivers.csv").write_text(f"time,station,type,returned_soc,driver\n{rows}")
    day = ("--mapping", "mapping.toml", "--date", "2025-11-11")
    drivers = ("--reservations", "drivers.csv")
    assert small_tables.imported(tmp_path, drivers, day=day).returncode == 2
    with (tmp_path / "mapping.toml").open("a") as mapping:
        mapping.write('[reservations]\ndates = "month-first"\n')
    done = small_tables.imported(tmp_path, drivers, day=day)
    assert done.returncode == 0, done.stderr
    east = read_instance(tmp_path / "network.json").nights[0].station
    assert [(swap.slot, swap.returned_soc) for swap in east.swaps] == [(32, 0.2)]


def test_hours_that_autumn_has_twice_and_spring_not(tmp_path: Path) -> None:
    rows = "".join(f"{hour},east,A,1,0.2\n" for hour in range(24))
    small_tables.write(tmp_path)
    (tmp_path / "expected.csv").write_text(f"hour,station,type,expected,returned_soc\n{rows}0,west,B,1,0.2\n")
    for day, count in (("2025-10-26", 25), ("2025-03-30", 23)):
        done = small_tables.imported(tmp_path, day=("--mapping", "mapping.toml", "--date", day))
        assert done.returncode == 0, done.stderr
        assert len(read_instance(tmp_path / "network.json").nights[0].station.swaps) == count


def test_expected_swaps_may_come_by_the_quarter_hour_in_any_order(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    rows = [
        f"24.11.2025 {q // 4:02d}:{q % 4 * 15:02d};{station};{kind};{q % 4},5;20 %"
        for station, kind in (("east", "A"), ("west", "B"))
        for q in reversed(range(96))
    ]
    (tmp_path / "expected.csv").write_text("\n".join(["Zeit;station;type;Wechsel;returned_soc", *rows]) + "\n")
    small_tables.imported(tmp_path)
    forecast = json.loads((tmp_path / "network.json").read_text())["stations"][0]["forecast"][0]
    assert forecast["expected_per_slot"] == [0.5, 1.5, 2.5, 3.5] * 24
    assert forecast["returned_soc"] == [0.2]


UNITS: list[tuple[str, str, float]] = [
    ("limit_kw,tariff,lost_cost\neast,4,2,60,0.94,200", "limit [MW],tariff,lost_cost\neast,4,2,60,0.94,0.2", 200),
    ("0.94,200,day,50\nwest", "0.94,180 kW,day,50\nwest", 180),
    ("0.94,200,day,50\nwest", '0.94,"190,5",day,50\nwest', 190.5),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "limit_kw"), UNITS)
def test_units_are_those_of_names_and_cells(old: str, new: str, limit_kw: float, tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"stations.csv": (old, new)})
    assert made(tmp_path).nights[0].station.grid_limit_kw[0] == limit_kw


def test_a_column_that_can_only_be_per_cent_is_taken_for_it_and_told(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    text = small_tables.TABLES["packs.csv"].replace("0.5", "50").replace("0.8", "80").replace("0.3", "0")
    (tmp_path / "packs.csv").write_text(text)
    assert [pack.soc for night in made(tmp_path).nights for pack in night.station.packs] == [0.5, 0.8, 0]
    told = small_tables.imported(tmp_path)
    assert "soc [percent, a guess from its cells]" in told.stdout


MAPPING = """\
zone = "Europe/Berlin"
currency = "EUR"
name = "two stations"
[stations.columns]
grid_limit_kw = "Limit"
temperature_c = ""
[stations.units]
grid_limit_kw = "W"
[stations.defaults]
base_load_kw = 7.5
chargers = 1
[packs.values.usable]
ready = "yes"
[values.station]
Ost = "east"
west = ""
[packs.where]
type = "A"
"""


def test_the_mapping_names_translates_fills_and_leaves_out(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    texts = {
        "stations.csv": (
            "station,bays,charger_kw,efficiency,Limit,tariff,lost_cost,temperature_c\n"
            "Ost,4,60,0.94,200000,day,50,5\nwest,3,60,0.94,200000,day,50,5\n"
        ),
        "packs.csv": "station,pack,type,soc,usable\nOst,P1,A,0.5,ready\nOst,P2,B,0.5,no\nwest,P1,A,0.5,no\n",
        "mapping.toml": MAPPING,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    instance = made(tmp_path)
    assert (instance.name, [night.station.id for night in instance.nights]) == ("two stations", ["east"])
    station = instance.nights[0].station
    assert (station.grid_limit_kw[0], station.base_load_kw[0], station.chargers.count) == (200, 7.5, 1)
    assert station.temperature_c is None
    assert [(pack.id, pack.usable) for pack in station.packs] == [("P1", True)]
    told = json.loads(small_tables.imported(tmp_path, EXPECTED, "--json").stdout)
    assert told["tables"]["stations"]["left_out"] == 1
    assert told["tables"]["stations"]["columns"]["grid_limit_kw"] == {
        "column": "Limit", "found_by": "mapping", "unit": "W", "unit_by": "mapping", "from_defaults": 0,
    }  # fmt: skip


def test_the_mapping_names_the_pack_type_where_packs_name_none(tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"packs.csv": ("type", "colour")})
    (tmp_path / "expected.csv").write_text("hour,station,expected,returned_soc\n8,east,1,0.2\n8,west,1,0.2\n")
    files = [one for one in small_tables.FILES if one not in ("--types", "types.csv")]
    for said, name in (('type = "lfp"', "lfp"), ("", "standard")):
        mapping = (
            f"{small_tables.TABLES['mapping.toml']}[types.defaults]\n{said}\ncapacity_kwh = 60\ntarget_soc = 0.9\n"
        )
        (tmp_path / "mapping.toml").write_text(mapping)
        done = cli.run("import", "network", *files, *EXPECTED, *small_tables.DAY, "-o", "network.json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert {
            pack.type for night in read_instance(tmp_path / "network.json").nights for pack in night.station.packs
        } == {name}
        assert ("type (all rows), capacity_kwh (all rows)" in done.stdout) == bool(said)


def test_market_prices_of_any_export_are_a_tariff(tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"stations.csv": ("tariff", "remark")})
    rows = [f"{day:02d}.11.2025;{hour:02d}:00;{50 + hour},5" for day in range(1, 31) for hour in range(24)]
    (tmp_path / "p.csv").write_text("\n".join(["Datum;Uhrzeit;Preis EUR/MWh", *rows]) + "\n")
    files = [one for one in small_tables.FILES if one not in ("--tariff", "tariffs.csv")]
    given = ("--prices", "p.csv", "--zone", "Europe/Berlin", "--date", "2025-11-24", "-o", "network.json")
    done = cli.run("import", "network", *files, *EXPECTED, *given, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    instance = read_instance(tmp_path / "network.json")
    assert instance.currency == "EUR"
    prices = instance.nights[0].tariff_series.price_per_kwh
    assert (prices[0], prices[95]) == (0.0505, 0.0735)
    series = json.loads((tmp_path / "network.json").read_text())["tariffs"][0]["price_series"]
    assert series["start"] == "2025-11-23T22:00Z"
    assert len(series["per_kwh"]) == 1 + 24 + 48


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Datum;Preis EUR/MWh\n01/02/2025 00:00;1\n01/02/2025 01:00;2\n",
            '"01/02/2025 00:00": may begin with the day or with the month: no date of the file tells; in the mapping, '
            "say prices.dates day-first or prices.dates month-first",
        ),
        (
            "start,price,price of gas\n2025-11-24T00:00Z,1,1\n2025-11-24T01:00Z,2,1\n",
            "has 3 columns: say which to read; in the mapping, give prices.value_column; its columns of numbers: "
            "price, price of gas",
        ),
    ],
)
def test_what_prices_lack_is_said_in_the_mapping(text: str, message: str, tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    (tmp_path / "p.csv").write_text(text)
    done = small_tables.imported(tmp_path, EXPECTED, "--prices", "p.csv")
    assert (done.returncode, done.stderr) == (2, f"p.csv: {message}\n")


def test_the_peak_so_far_is_that_of_the_only_demand_charge(tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"stations.csv": ("lost_cost\n", "lost_cost,peak_so_far_kw\n")})
    text = (tmp_path / "stations.csv").read_text().replace("day,50\n", "day,50,33\n")
    (tmp_path / "stations.csv").write_text(text)
    assert made(tmp_path).nights[0].station.peak_so_far_kw == {"peak": 33}


def test_workbooks_are_tables(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    small_tables.write(tmp_path)
    plain = made(tmp_path)
    for name in ("stations", "packs", "types", "tariffs", "expected"):
        book = openpyxl.Workbook()
        for row in csv.reader(small_tables.TABLES[f"{name}.csv"].splitlines()):
            book.active.append([_typed(cell) for cell in row])
        book.save(tmp_path / f"{name}.csv")
    assert made(tmp_path).nights == plain.nights


def _typed(cell: str) -> Any:
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell or None


def test_a_filled_template_is_read_as_it_is(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    plain = made(tmp_path)
    assert cli.run("import", "network", "--template", tmp_path / "tables").returncode == 0
    for name in ("stations", "packs", "types", "tariffs", "expected"):
        _fill(
            tmp_path / "tables" / f"{name}.csv", list(csv.DictReader(small_tables.TABLES[f"{name}.csv"].splitlines()))
        )
    (tmp_path / "tables" / "mapping.toml").write_text(small_tables.TABLES["mapping.toml"])
    assert made(tmp_path / "tables").nights == plain.nights


def _fill(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[row.get(name, "") for name in names] for row in rows])


def test_an_empty_template_says_that_it_has_no_rows(tmp_path: Path) -> None:
    cli.run("import", "network", "--template", tmp_path / "tables")
    done = small_tables.imported(tmp_path / "tables", EXPECTED, day=("--zone", "Europe/Berlin", "--date", "2025-11-24"))
    lines = done.stderr.splitlines()
    assert lines[0] == "stations.csv: has no rows; give a row for each: a station"
    assert {line.split(":")[0] for line in lines} == {
        "stations.csv",
        "packs.csv",
        "types.csv",
        "tariffs.csv",
        "expected.csv",
    }


@pytest.mark.parametrize(
    ("price", "rate", "told"),
    [
        ("Preis [EUR/kWh]", "Leistungspreis [CHF/kW]",
         'tariffs.csv: column Leistungspreis [CHF/kW]: "CHF": must be EUR, as the column of prices says; '
         "an instance has one currency"),
        ("Preis [EUR/kWh]", "Leistungspreis (€/kW)", ""),
        ("price_per_kwh", "Leistungspreis [EUR/kW/Monat]", ""),
        ("Preis [EUR/kWh]", "Leistungspreis [max/kW]", ""),
    ],
)  # fmt: skip
def test_the_currency_of_demand_rates_is_that_of_prices(price: str, rate: str, told: str, tmp_path: Path) -> None:
    small_tables.write(tmp_path, {"tariffs.csv": ("price_per_kwh,rate_per_kw", f"{price},{rate}")})
    (tmp_path / "mapping.toml").write_text('zone = "Europe/Berlin"\n')
    done = small_tables.imported(tmp_path)
    assert done.returncode == (2 if told else 0), done.stderr
    if told:
        assert told in done.stderr.splitlines()
    else:
        assert read_instance(tmp_path / "network.json").currency == "EUR"


@pytest.mark.parametrize(
    ("rate", "per_kw", "period"),
    [
        ("Leistungspreis [EUR/kW]", 5, "month"),
        ("Leistungspreis [ct/kW]", 0.05, "month"),
        ("Leistungspreis [EUR/MW]", 0.005, "month"),
        ("Leistungspreis [EUR/kW/a]", 5, "year"),
        ("Leistungspreis (ct/kW·a)", 0.05, "year"),
        ("Jahresleistungspreis [€/kW]", 5, "year"),
        ("Leistungspreis (A)", 5, "month"),
        ("demand_rate [EUR/kW per year]", 5, "year"),
        ("demand_rate (EUR/kW per month)", 5, "month"),
    ],
)
def test_the_name_of_a_column_of_demand_rates_says_its_unit(
    rate: str, per_kw: float, period: str, tmp_path: Path
) -> None:
    small_tables.write(tmp_path, {"tariffs.csv": ("rate_per_kw", rate)})
    done = small_tables.imported(tmp_path)
    assert done.returncode == 0, done.stderr
    (charge,) = read_instance(tmp_path / "network.json").nights[0].station.tariff.demand_charges
    assert (charge.rate_per_kw, charge.period) == (pytest.approx(per_kw), period)
    assert f"per kW and {period}" in done.stdout
