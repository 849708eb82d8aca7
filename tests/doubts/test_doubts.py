"""Every doubt: a file in which nothing is doubtful, and one change that hardly anybody means."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paths import INSTANCES

from optimizer.doubts.instance import read_doubtful, tariff_doubts
from optimizer.doubts.thresholds import per_eur
from optimizer.files.errors import line_of
from optimizer.formats.tariff_file import read_tariff

Change = Callable[[dict[str, Any]], object]
CSV = {"csv": "p.csv", "time_column": "start", "value_column": "price", "unit": "per_kWh"}
MADE_TO_LOSE = {"lost-swap-cheaper.json", "must-serve.json", "truck.json"}  # to lose a driver is cheaper, or needed


def document() -> dict[str, Any]:
    """One station with one driver, a market's prices, a demand charge; a week in March at Amsterdam."""
    return {
        "format": "swapcharge-instance",
        "version": 1,
        "name": "sound",
        "currency": "EUR",
        "horizon": {
            "start": "2026-03-10T00:00+01:00",
            "time_zone": "Europe/Amsterdam",
            "slot_minutes": 60,
            "slots": 24,
        },
        "pack_types": [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9}],
        "tariffs": [{"id": "t", "energy_price_per_kwh": 0.2, "demand_charges": [{"name": "peak", "rate_per_kw": 5}]}],
        "stations": [
            {
                "id": "S1",
                "bays": 2,
                "chargers": {"max_kw": 60, "efficiency": 0.95},
                "grid_limit_kw": 400,
                "tariff": "t",
                "packs": [{"id": "P1", "type": "A", "soc": 0.3}],
                "swaps": [{"slot": 10, "type": "A", "returned_soc": 0.2, "lost_cost": 50}],
            }
        ],
    }


def doubts(folder: Path, change: Change, csv: str = "") -> list[str]:
    """The lines of the doubts about the file after the change."""
    whole = document()
    change(whole)
    (folder / "p.csv").write_text(csv)
    (folder / "i.json").write_text(json.dumps(whole))
    return [line_of("F", doubt) for doubt in read_doubtful(folder / "i.json").doubts]


def tariff(**keys: Any) -> Change:
    return lambda whole: whole["tariffs"][0].update(keys)


def periods(*prices: float) -> Change:
    def change(whole: dict[str, Any]) -> None:
        del whole["tariffs"][0]["energy_price_per_kwh"]
        made = [{"name": f"p{n}", "price_per_kwh": price, "start": f"{n:02d}:00"} for n, price in enumerate(prices)]
        whole["tariffs"][0]["energy_periods"] = [*made, {"name": "rest", "price_per_kwh": prices[0]}]

    return change


def charge(**keys: Any) -> Change:
    return lambda whole: whole["tariffs"][0]["demand_charges"][0].update(keys)


def swap(**keys: Any) -> Change:
    def change(whole: dict[str, Any]) -> None:
        if "time" in keys:
            del whole["stations"][0]["swaps"][0]["slot"]
        whole["stations"][0]["swaps"][0].update(keys)

    return change


def station(**keys: Any) -> Change:
    return lambda whole: whole["stations"][0].update(keys)


def horizon(**keys: Any) -> Change:
    return lambda whole: whole["horizon"].update(keys)


def kind(**keys: Any) -> Change:
    return lambda whole: whole["pack_types"][0].update(keys)


def in_yuan(change: Change) -> Change:
    def both(whole: dict[str, Any]) -> None:
        whole["currency"] = "CNY"
        whole["stations"][0]["swaps"][0]["lost_cost"] = 400
        change(whole)

    return both


SOUND: list[Change] = [
    lambda whole: None,
    tariff(energy_price_per_kwh=[0.1] * 20 + [4.0] * 4),  # Europe's day-ahead market has been there
    tariff(energy_price_per_kwh=[0.1] * 23 + [-0.5]),
    tariff(energy_price_per_kwh=0),
    in_yuan(tariff(energy_price_per_kwh=1.6)),
    in_yuan(charge(rate_per_kw=45)),
    tariff(valid={"first_day": "2026-03-10", "last_day": "2026-03-11"}, eligibility={"most_kw": 1}),
    charge(rate_per_kw=1, per="day"),
    charge(rate_per_kw=0, month_factors=[0] * 12),
    tariff(fixed_charges=[{"name": "grid", "amount": 90000}], minimum_charges=[{"name": "least", "amount": 99}]),
    charge(windows=[{"months": [6, 7, 8], "start": "12:00", "end": "18:00"}]),  # a summer's charge, in March
    charge(windows=[{"dates": [["2026-06-01", "2026-09-30"]]}]),
    charge(windows=[{"dates": [["2025-06-01", "2025-09-30"]]}, {"dates": [["2026-06-01", "2026-09-30"]]}]),
    charge(windows=[{"start": "22:50", "end": "00:05"}], metering_minutes=60),
    horizon(start="2026-03-09T23:00Z"),
    horizon(start="2026-03-09T23:00+00:00"),
    horizon(start="2026-03-29T00:00+01:00"),  # clocks change on this day: both offsets are right
    horizon(start="2026-03-29T03:00+02:00"),
    swap(time="2026-03-10T10:00+01:00"),
    swap(returned_soc=None, lost_cost=25),
    kind(end_value_per_kwh=0.25),
    kind(end_value_per_kwh=0),
]


@pytest.mark.parametrize("change", SOUND)
def test_nothing_is_doubted(change: Change, tmp_path: Path) -> None:
    assert doubts(tmp_path, change) == []


DOUBTFUL: list[tuple[Change, str]] = [
    (tariff(energy_price_per_kwh=95.3), "tariffs[0].energy_price_per_kwh: [95.3,95.3]: .*EUR for a MWh: divide"),
    (periods(8, 30), "tariffs[0].energy_periods: [8,30]: .*hundredths of EUR"),
    (periods(0.1, 0.2, 0.3, 20), "tariffs[0].energy_periods: [0.1,20]: .*hundredths of EUR"),
    (in_yuan(tariff(energy_price_per_kwh=70)), "tariffs[0].energy_price_per_kwh: [70,70]: .*hundredths of CNY"),
    (tariff(energy_price_per_kwh=[0.1] * 23 + [95.0]), "tariffs[0].energy_price_per_kwh: [0.1,95]: .*each at most 10"),
    (tariff(energy_price_per_kwh=[0.1] * 23 + [-95.0]), "tariffs[0].energy_price_per_kwh: [-95,0.1]: "),
    (tariff(energy_price_per_kwh=0.0002), "tariffs[0].energy_price_per_kwh: [0.0002,0.0002]: .*below any tariff"),
    (
        tariff(energy_tiers=[{"name": "b", "tiers": [[100, 20]]}]),
        "tariffs[0].energy_tiers[0].tiers: [20,20]: .*beyond any tariff",
    ),
    (charge(rate_per_kw=-5), "tariffs[0].demand_charges[0].rate_per_kw: -5: .*a higher peak costs less"),
    (charge(rate_per_kw=5, tiers=[[50, 5], [90, -1]]), "tariffs[0].demand_charges[0].tiers[1]: -1: .*costs less"),
    (charge(rate_per_kw=5, tiers=[[50, 500]]), "tariffs[0].demand_charges[0].tiers[0]: 500: .*a kW and month, a rate"),
    (
        charge(rate_per_kw=5, per="day"),
        "tariffs[0].demand_charges[0].rate_per_kw: 5: .*kW and day, a rate beyond any tariff (at most 3.33 EUR)"
        "; probably hundredths of EUR, a rate for a MW, or for a month: divide it by 100 or 1,000, or write "
        '"per": "month"',
    ),
    (charge(rate_per_kw=60, month_factors=[1] * 11 + [2]), "tariffs[0].demand_charges[0].rate_per_kw: 60: "),
    (
        tariff(fixed_charges=[{"name": "meter", "amount": 4000, "per": "day"}]),
        "tariffs[0].fixed_charges[0].amount: 4000: .*EUR a day, a charge beyond any tariff (at most 3.33e+03 EUR)",
    ),
    (
        tariff(minimum_charges=[{"name": "least", "amount": 2e6, "per": "year"}]),
        "tariffs[0].minimum_charges[0].amount: 2000000: .*EUR a year, a charge beyond any tariff (at most 1.2e+06 EUR)",
    ),
    (tariff(fixed_charge_per_day=-4000), "tariffs[0].fixed_charge_per_day: -4000: .*EUR a day"),
    (charge(rate_per_kw=5000), "tariffs[0].demand_charges[0].rate_per_kw: 5000: .*a rate beyond any tariff"),
    (charge(rate_per_kw=200), 'tariffs[0].demand_charges[0].rate_per_kw: 200: .*or write "period": "year"'),
    (
        charge(rate_per_kw=2000, period="year"),
        "tariffs[0].demand_charges[0].rate_per_kw: 2000: .*a kW and year, a rate beyond any tariff",
    ),
    (
        charge(
            rate_per_kw=200, period="year", use_classes=[{"least_hours": 9, "rate_per_kw": 2000}], expected_hours=10
        ),
        "tariffs[0].demand_charges[0].use_classes[0].rate_per_kw: 2000: .*a kW and year, a rate beyond any tariff",
    ),
    (
        tariff(two_part={"basis": "transformer_capacity", "rate_per_kva": 2800, "transformer_kva": 630}),
        "tariffs[0].two_part.rate_per_kva: 2800: .*or for a year: divide it by 100, 1,000 or 12",
    ),
    (
        tariff(demand_charges=[], two_part={"basis": "max_demand", "rate_per_kw": 3800}),
        "tariffs[0].two_part.rate_per_kw: 3800: ",
    ),
    (
        charge(windows=[{"months": [12], "dates": [["2026-06-01", "2026-09-30"]]}]),
        "tariffs[0].demand_charges[0].windows[0]: .*never comes",
    ),
    (
        charge(windows=[{"days": "weekend", "dates": [["2026-06-01", "2026-06-05"]]}]),
        "tariffs[0].demand_charges[0].windows[0]: .*never comes",
    ),
    (charge(windows=[{"start": "17:05", "end": "17:10"}]), "tariffs[0].demand_charges[0].windows[0]: .*nothing counts"),
    (
        charge(windows=[{"dates": [["2025-06-01", "2025-09-30"]]}]),
        "tariffs[0].demand_charges[0].windows: .*'peak' never counts",
    ),
    (
        tariff(valid={"first_day": "2025-01-01", "last_day": "2025-12-31"}),
        'tariffs[0].valid.last_day: "2025-12-31": .*2026-03-10 is after its last day; take the rate',
    ),
    (tariff(valid={"superseded_by": "new"}), 'tariffs[0].valid.superseded_by: "new": another rate took its place'),
    (horizon(start="2026-07-10T00:00+01:00"), "horizon.start: .*it means 2026-07-10T01:00+02:00"),
    (horizon(start="2026-03-10T00:00+08:00"), "horizon.start: .*does not have that day: there it is +01:00"),
    (
        horizon(start="2026-07-10T00:00+00:00", time_zone="Europe/London"),
        "horizon.start: .*there it is +01:00",
    ),
    (swap(time="2026-03-10T10:00-05:00"), "stations[0].swaps[0].time: .*there it is +01:00"),
    (swap(lost_cost=1), "stations[0].swaps[0].lost_cost: 1: is below what the pack's energy is worth, 14.74 EUR"),
    (swap(packs=3, lost_cost=500), "stations[0].swaps[0]: 3: packs asked for in slot 10 alone, the station has 1"),
    (swap(returned_soc=0.95), "stations[0].swaps[0].returned_soc: 0.95: is above the type's target_soc (0.9)"),
    (station(chargers={"max_kw": 60, "efficiency": 0.093}), "stations[0].chargers.efficiency: 0.093: "),
    (kind(end_value_per_kwh=25), "pack_types[0].end_value_per_kwh: 25: .*for the credit"),
]


@pytest.mark.parametrize(("change", "expected"), DOUBTFUL)
def test_a_slip_is_told_at_its_place(change: Change, expected: str, tmp_path: Path) -> None:
    place, _, words = expected.partition(".*")
    (line, *others) = doubts(tmp_path, change)
    assert line.startswith(f"F: {place}") and words in line, line
    assert all("lost_cost" in other for other in others), others  # what follows from a price of thousands


def test_prices_of_a_csv_file_are_told_with_their_unit(tmp_path: Path) -> None:
    rows = "start,price\n" + "".join(f"2026-03-{day}T{h:02d}:00Z,95\n" for day in ("09", 10, 11) for h in range(24))
    told = doubts(tmp_path, tariff(energy_price_per_kwh=CSV), rows)
    assert told[0].startswith("F: tariffs[0].energy_price_per_kwh[p.csv]: [95,95]: ")
    assert 'EUR for a MWh: write "unit": "per_MWh"' in told[0]
    assert doubts(tmp_path, tariff(energy_price_per_kwh=CSV | {"unit": "per_MWh"}), rows) == []


def test_prices_that_were_per_kwh_already(tmp_path: Path) -> None:
    rows = "start,price\n" + "".join(f"2026-03-{day}T{h:02d}:00Z,0.2\n" for day in ("09", 10, 11) for h in range(24))
    told = doubts(tmp_path, tariff(energy_price_per_kwh=CSV | {"unit": "per_MWh"}), rows)
    assert 'prices below any tariff; probably they were per kWh already: write "unit": "per_kWh"' in told[0]


def test_stamps_of_a_csv_file(tmp_path: Path) -> None:
    rows = "start,price\n" + "".join(
        f"2026-03-{day}T{h:02d}:00+02:00,0.1\n" for day in ("09", 10, 11) for h in range(24)
    )
    (told,) = doubts(tmp_path, tariff(energy_price_per_kwh=CSV), rows)
    assert told.startswith(
        'F: tariffs[0].energy_price_per_kwh[p.csv, line 27]: "2026-03-10T01:00+02:00": has an offset'
    )


def test_drivers_of_a_forecast_are_told_at_the_forecast(tmp_path: Path) -> None:
    many = {"id": "all-day", "type": "A", "expected_per_slot": 1, "returned_soc": 0.2, "lost_cost": 1}
    (told,) = doubts(tmp_path, station(swaps=[], forecast=[many]))
    assert told.startswith("F: stations[0].forecast[0].lost_cost: 1: ")
    assert "(and 23 more swaps are so)" in told


def test_a_currency_that_nobody_knows_has_no_price_beyond_any_tariff(tmp_path: Path) -> None:
    def change(whole: dict[str, Any]) -> None:
        whole["currency"] = "ct"
        whole["tariffs"][0]["energy_price_per_kwh"] = 28
        whole["stations"][0]["swaps"][0]["lost_cost"] = 5000

    assert doubts(tmp_path, change) == []
    assert per_eur("ct") is None
    assert per_eur(" eur") == per_eur("€") == 1 and per_eur("RMB") == per_eur("CNY")


@pytest.mark.parametrize("folder", ["tiny", "real", "bench"])
def test_shipped_instances_are_not_doubted(folder: str) -> None:
    files = [path for path in (INSTANCES / folder).glob("*.json") if '"swapcharge-instance"' in path.read_text()[:200]]
    assert len(files) > 5
    told = {path.name: read_doubtful(path).doubts for path in files}
    assert {name for name, found in told.items() if found} <= MADE_TO_LOSE | {"demand-credit.json"}


def test_shipped_tariffs_are_not_doubted() -> None:
    files = sorted((INSTANCES / "tariffs").glob("*.json"))
    assert len(files) > 3
    assert [doubt for path in files for doubt in tariff_doubts(read_tariff(path))] == []
