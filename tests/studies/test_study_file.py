"""Study files: what they mean, and each message word for word."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from models.tariff.tariff import Tariff
from optimizer.files.errors import InputErrors
from optimizer.studies.study_file import AS_IT_IS, parse_study, read_study

HORIZON = tiny.instance()["horizon"]
LORD_HOWE = {"start": "2026-01-15T00:00+11:00", "time_zone": "Australia/Lord_Howe", "slot_minutes": 60, "slots": 24}
FILE = [{"file": "t.json"}]


def tariff_file(folder: Path, tariff: dict[str, Any], **changes: Any) -> None:
    head = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Amsterdam"}
    (folder / "t.json").write_text(json.dumps(head | {"tariff": tariff} | changes))


def market(hours: int) -> dict[str, Any]:
    return {"id": "m", "price_series": {"start": "2026-01-30T00:00+01:00", "minutes": 60, "per_kwh": [0.1] * hours}}


def refused(folder: Path, day: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    """What the study is refused for, its folder left out."""
    with pytest.raises(InputErrors) as caught:
        tiny.read(folder, day, **changes)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_the_smallest_study(tmp_path: Path) -> None:
    read = tiny.read_file(tmp_path)
    study = read.study
    assert (study.name, study.currency, study.first_night, study.nights) == ("tiny study", "EUR", date(2026, 1, 30), 3)
    assert (study.variants, study.log, read.notes) == ((AS_IT_IS,), {}, ())
    assert [one.id for one in study.tariffs] == ["flat", "demand"]
    assert study.tariffs[1].tariff.demand_charges[0].weight == "remaining_days"


def test_a_date_of_toml_and_a_text_are_one(tmp_path: Path) -> None:
    path = tiny.write(tmp_path)
    path.write_text(path.read_text().replace('"2026-01-30"', "2026-01-30"))
    assert read_study(path).study.first_night == date(2026, 1, 30)


def test_a_tariff_file_its_basis_and_its_name(tmp_path: Path) -> None:
    tariff_file(
        tmp_path, tiny.FLAT | {"two_part": {"basis": "transformer_capacity", "transformer_kva": 10, "rate_per_kva": 3}}
    )
    basis = {"basis": "max_demand", "rate_per_kw": 4, "metering_minutes": 60}
    study = tiny.read(tmp_path, tariffs=[*FILE, FILE[0] | {"id": "by peak", "two_part": basis}], demand_weight=0.5)
    own, asked = (one.tariff for one in study.tariffs)
    assert [one.id for one in study.tariffs] == ["flat", "by peak"] and asked.id == "by peak"
    assert [charge.amount for charge in own.fixed_charges] == [30] and asked.fixed_charges == ()
    assert [(charge.rate_per_kw, charge.weight) for charge in asked.demand_charges] == [(4, 0.5)]


def test_nights_begin_when_the_study_says(tmp_path: Path) -> None:
    assert tiny.read(tmp_path).first_minute == 0
    assert tiny.read(tmp_path, nights_begin="18:00").first_minute == 18 * 60


def test_the_reader_of_a_log_is_told_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("time,type,returned_soc,lost_cost\n2026-01-30T10:00Z,A,0.1,100\n")
    assert tiny.read_file(tmp_path, swaps="s.csv").notes == (
        "s.csv: first 2026-01-30T10:00:00+00:00, last 2026-01-30T10:00:00+00:00: 1 swaps; "
        "columns read: time, type, returned_soc, lost_cost",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "s.toml: is not UTF-8 text; save the file as UTF-8"),
        (b"a = ", "s.toml: is not TOML: Invalid value (at end of document); correct the text there"),
    ],
    ids=["bytes", "text"],
)
def test_what_is_no_toml(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_study(data, "s.toml", tmp_path)
    assert str(caught.value) == message


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    variants = [{"id": "a"}, {"id": "a", "demand_growth": -1}, {"id": "", "packs": 0}]
    wrong = {"nights": 0, "first_night": "30.1.2026", "tariffs": [], "demand_weight": -1, "look_ahead_hours": 25}
    assert refused(tmp_path, variants=variants, **wrong) == [
        'study.toml: first_night: "30.1.2026": must be a date YYYY-MM-DD; write it like 2025-01-15',
        "study.toml: nights: 0: must be between 1 and 1100; 31 nights make a month",
        "study.toml: look_ahead_hours: 25: must be between 0 and 24; "
        "12 is the default; 0 plans each night as if it were the last",
        "study.toml: tariffs: []: must name at least one tariff; add a [[tariffs]] table with a file",
        'study.toml: variants[1].id: "a": this variant id is taken by an earlier one; give every one its own id',
        'study.toml: variants[2].id: "": a variant needs an id; write a text that is not blank',
        "study.toml: variants[1].demand_growth: -1: must be above -1 and at most 10; write 0.2 for 20 % more drivers",
        "study.toml: variants[2].packs: 0: must be at least 1; correct the value",
        "study.toml: demand_weight: -1: must be at least 0; remaining_days is the default",
    ]


PLAIN = "must be a plain relative path in the study's folder; put the file beside the study and give its name only"
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "misspelled": ({"nigths": 3}, "study.toml: nigths: 3: is not a key of this object; did you mean 'nights'?"),
    "no name": ({"name": None}, "study.toml: name: absent: must be given; add it: name of the study"),
    "far": (
        {"first_night": "2200-01-01"},
        'study.toml: first_night: "2200-01-01": must lie in the years 1900 to 2199; correct the date',
    ),
    "no instance": ({"instance": "no.json"}, "no.json: there is no such file; check the name and the folder"),
    "elsewhere": ({"instance": "/etc/hosts"}, f'study.toml: instance: "/etc/hosts": {PLAIN}'),
    "above": ({"instance": "../day.json"}, f'study.toml: instance: "../day.json": {PLAIN}'),
    "begins inside a slot": (
        {"nights_begin": "00:30"},
        'study.toml: nights_begin: "00:30": must be the beginning of a slot of the instance, '
        "which are 60 minutes long; write a time such as 00:00",
    ),
    "begins at no time": (
        {"nights_begin": "24:00"},
        'study.toml: nights_begin: "24:00": must be a time of day HH:MM from 00:00 to 23:59; write it like 22:30',
    ),
    "tariff twice": (
        {"tariffs": [{"id": "flat"}, {"id": "flat"}]},
        'study.toml: tariffs[1].id: "flat": this tariff id is taken by an earlier one; give every one its own id',
    ),
    "unknown tariff": (
        {"tariffs": [{"id": "flta"}]},
        'study.toml: tariffs[0].id: "flta": names no tariff of the instance, and no file; '
        "name a file, or one of: flat, demand",
    ),
    "no tariff": (
        {"tariffs": [{}]},
        "study.toml: tariffs[0].id: absent: names no tariff of the instance, and no file; "
        "name a file, or one of: flat, demand",
    ),
    "tariff elsewhere": ({"tariffs": [{"file": "../t.json"}]}, f'study.toml: tariffs[0].file: "../t.json": {PLAIN}'),
    "broken basis": (
        {"tariffs": [{"id": "flat", "two_part": {"basis": "max_demand"}}]},
        "study.toml: tariffs[0].two_part.rate_per_kw: absent: is needed where the basis is max_demand; add it",
    ),
    "no swaps": ({"swaps": "no.csv"}, "no.csv: there is no such file; check the name and the folder"),
    "too many chargers": (
        {"variants": [{"id": "a"}, {"id": "b", "chargers": 4}]},
        "study.toml: stations[0], variants[1].chargers.count: 4: must not be above bays (3); "
        "a charger serves a pack in a bay",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_study_is_refused(case: str, tmp_path: Path) -> None:
    changes, message = CASES[case]
    assert refused(tmp_path, **changes) == [message]


DAYS: dict[str, tuple[dict[str, Any], str]] = {
    "no stations": (
        tiny.instance(stations=[]),
        "day.json: stations: []: must name at least one station; add a station",
    ),
    "23 hours": (
        tiny.instance(horizon=HORIZON | {"slots": 23}),
        "day.json: horizon.slots: 23: must make one day of 24 hours where a study goes by it; 96 quarter-hours do",
    ),
    "change of the clock": (
        tiny.instance(horizon=HORIZON | {"start": "2026-03-29T00:00+01:00"}),
        'day.json: horizon.start: "2026-03-29T00:00+01:00": must be a day without a change of the clock '
        "where a study goes by it; take another day",
    ),
    "no packs": (
        tiny.instance(tiny.station(packs=[])),
        "day.json: stations[0].packs: []: must hold packs where a study goes by it; add packs",
    ),
    "wanted pack": (
        tiny.instance(tiny.station(swaps=[tiny.DRIVERS[0] | {"pack": "P1"}])),
        'day.json: stations[0].swaps[0].pack: "P1": cannot be wanted in a study: '
        "which pack stands where depends on the nights before; leave it out",
    ),
    "station twice": (
        tiny.instance(tiny.station(), tiny.station()),
        'day.json: stations[1].id: "S1": this station id is taken by an earlier one; give every one its own id',
    ),
}


@pytest.mark.parametrize("case", DAYS)
def test_an_instance_that_makes_no_study_is_refused(case: str, tmp_path: Path) -> None:
    day, message = DAYS[case]
    assert refused(tmp_path, day) == [message]


def test_prices_of_slots_price_no_other_night(tmp_path: Path) -> None:
    day = tiny.instance(tariffs=[tiny.FLAT, {"id": "slots", "energy_price_per_kwh": 0.2}])
    assert refused(tmp_path, day, tariffs=[{"id": "slots"}]) == [
        'study.toml: tariffs[0].id: "slots": has one price for each slot of its own horizon: '
        "that prices no other night; use energy_periods or a price_series"
    ]


def test_a_tariff_of_another_country(tmp_path: Path) -> None:
    tariff_file(tmp_path, tiny.FLAT, currency="CNY", time_zone="Asia/Shanghai")
    assert refused(tmp_path, tariffs=FILE) == [
        'study.toml: tariffs[0].file: "t.json: CNY": must be the instance\'s, EUR; costs are compared in one currency',
        'study.toml: tariffs[0].file: "t.json: Asia/Shanghai": must be the instance\'s, Europe/Amsterdam; '
        "correct one of the two",
    ]


def test_market_prices_must_cover_the_nights(tmp_path: Path) -> None:
    tariff_file(tmp_path, market(48))
    assert refused(tmp_path, tariffs=FILE) == [
        'study.toml: tariffs[0], t.json: tariff.price_series: "2026-01-29T23:00Z to 2026-01-31T23:00Z": must cover '
        "the nights, 2026-01-29T23:00Z to 2026-02-01T23:00Z; import more prices, or change the nights"
    ]
    tariff_file(tmp_path, market(72))
    assert tiny.read(tmp_path, tariffs=FILE).tariffs[0].id == "m"


def test_a_minute_without_a_price_is_told_before_any_night_is_planned(tmp_path: Path) -> None:
    tariff_file(tmp_path, {"id": "winter", "energy_periods": [tiny.DAY | {"months": [1]}]})
    (message,) = refused(tmp_path, tariffs=FILE)
    assert message.startswith(
        'study.toml: tariffs[0], t.json: tariff.energy_periods: "nothing at 2026-02-01 00:00 local time": '
        "night of 2026-02-01: must price every minute of the horizon; "
    )


def test_metering_that_no_day_of_23_hours_holds(tmp_path: Path) -> None:
    day = tiny.instance(tariffs=[tiny.FLAT | {"demand_charges": [tiny.PEAK | {"metering_minutes": 120}]}])
    assert tiny.read(tmp_path, day, tariffs=[{"id": "flat"}])
    (message,) = refused(tmp_path, day, tariffs=[{"id": "flat"}], first_night="2026-03-28")
    assert message.startswith(
        "study.toml: tariffs[0], day.json: tariffs[0].demand_charges[0].metering_minutes: 120: "
        "night of 2026-03-29: the horizon must start on a metering interval and hold a whole number of them; "
    )


def test_a_clock_that_changes_by_half_a_slot(tmp_path: Path) -> None:
    assert refused(tmp_path, tiny.instance(horizon=LORD_HOWE), first_night="2026-04-04") == [
        'study.toml: nights: "2026-04-05": is no whole number of slots of 60 minutes: the clock changes then; '
        "take an instance with shorter slots, or other nights"
    ]


def test_a_series_in_a_csv_file_must_cover_all_nights(tmp_path: Path) -> None:
    hours = [f"2026-01-{15 + n // 24:02d}T{n % 24:02d}:00+01:00,5" for n in range(16 * 24)]
    (tmp_path / "load.csv").write_text("\n".join(["t,kw", *hours]))
    load = {"csv": "load.csv", "time_column": "t", "value_column": "kw", "unit": "kW"}
    day = tiny.instance(tiny.station(base_load_kw=load))
    assert tiny.read(tmp_path, day, nights=1)
    (message,) = refused(tmp_path, day)
    assert message == (
        'study.toml: stations[0], variants[0].base_load_kw[load.csv, line 385]: "2026-01-30T23:00+01:00": '
        "holds until 2026-01-31T00:00+01:00, must hold until 2026-02-01T00:00+01:00; add rows after it"
    )


def test_a_log_without_drivers_in_the_nights(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("time,type,returned_soc,lost_cost\n2026-02-01T23:00Z,A,0.1,100\n")
    assert refused(tmp_path, swaps="s.csv") == [
        'study.toml: swaps: "s.csv": has no swap between 2026-01-29T23:00Z and 2026-02-01T23:00Z; '
        "correct first_night, or take another file"
    ]


def test_a_link_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    tiny.write(tmp_path)
    tiny.write(home)
    (home / "link.json").symlink_to(tmp_path / "day.json")
    assert refused(home, instance="link.json") == [
        'study.toml: instance: "link.json": must not lead out of the study\'s folder by a link; '
        "put the file itself beside the study"
    ]


def test_a_tariff_keeps_all_but_name_and_weight(tmp_path: Path) -> None:
    study = tiny.read(tmp_path, tariffs=[{"id": "demand"}], demand_weight=1)
    tariff = study.tariffs[0].tariff
    assert isinstance(tariff, Tariff) and (tariff.id, tariff.demand_charges[0].weight) == ("demand", 1.0)


def test_some_stations_of_the_instance_give_what_they_give_among_all(tmp_path: Path) -> None:
    day = tiny.instance(tiny.station("S1"), tiny.station("S2", bays=4))
    whole, one = tiny.read(tmp_path, day), tiny.read(tmp_path, day, stations=["S2"])
    assert [station.id for station in one.stations] == ["S2"] and one.numbers == (1,)
    assert one.night(0, AS_IT_IS, 0) == whole.night(1, AS_IT_IS, 0)


def test_stations_that_a_study_cannot_name(tmp_path: Path) -> None:
    day = tiny.instance(tiny.station("Depot 1"), tiny.station("Depot 2", packs=[{"id": "P1", "type": "A", "soc": 0.9}]))
    assert refused(tmp_path, day, stations=["Depot 1", "Depto 2", "x", "Depot 1"]) == [
        "study.toml: stations[1]: \"Depto 2\": is no station of the instance; did you mean 'Depot 2'?",
        'study.toml: stations[2]: "x": is no station of the instance; its stations: Depot 1, Depot 2',
        'study.toml: stations[3]: "Depot 1": stands there twice; leave one of them out',
    ]
