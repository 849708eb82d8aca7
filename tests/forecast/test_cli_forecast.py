"""`swapcharge forecast`, end to end: forecast files, new instances, pages, refusals."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cli
import jsonschema
import pytest
from swap_logs import log

from optimizer.forecast.file_document import forecast_schema
from optimizer.formats.read_instance import read_instance

HORIZON_AND_SPREAD = (
    "start", "time_zone", "slot_minutes", "slots", "look_ahead_hours", "day_sd", "dispersion", "returned_soc_sd",
)  # fmt: skip
SWAPS = cli.INSTANCES / "real" / "highway-swaps.csv"
SCE = cli.INSTANCES / "real" / "sce-tou-ev-8-21-packs.json"


def document(*args: object) -> Any:
    done = cli.run("forecast", *args, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_forecast_file_is_what_its_schema_says_and_the_same_each_time(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "b.json")]
    for file in files:
        done = cli.run("forecast", SWAPS, "-o", file)
        assert (done.returncode, done.stderr) == (0, "")
    assert files[0].read_bytes() == files[1].read_bytes()
    plain = json.loads(files[0].read_bytes())
    jsonschema.Draft202012Validator(forecast_schema()).validate(plain)
    a, b = plain["stations"]
    assert (a["station"], a["days"], b["station"], b["days"]) == ("highway-a", 13, "highway-b", 10)
    assert a["left_out"][0]["date"] == "2022-06-03"
    assert sum(a["forecast"][0]["expected_per_slot"]) == pytest.approx(313 / 13, rel=0.02)


def test_the_format_page_tells_every_key() -> None:
    page = (cli.INSTANCES / "README.md").read_text(encoding="utf-8").split("\n## Forecast file, version 1\n")[1]
    section = page.split("\n## ")[0]
    for one in forecast_schema()["$defs"].values():
        for key, about in one["properties"].items():
            if one.get("title") != "HorizonDocument":
                assert about.get("description"), key
                assert f"`{key}`" in section or key in ("date", "reason", *HORIZON_AND_SPREAD), key


def test_other_layouts_of_stamps_are_read(tmp_path: Path) -> None:
    rows = [line.split(",") for line in SWAPS.read_text().splitlines()[1:]]
    stamps = [(station, datetime.fromisoformat(at)) for station, at in rows]
    (tmp_path / "de.csv").write_text("Station;Time\n" + "".join(f"{s};{at:%d.%m.%Y %H:%M:%S}\n" for s, at in stamps))
    made = document(tmp_path / "de.csv", "--time-zone", "Asia/Shanghai")
    assert made["stations"] == document(SWAPS)["stations"]
    assert "dates begin with the day" in made["notes"]


def test_real_hours_are_as_good_as_chance_allows() -> None:
    for one in document(SWAPS)["stations"]:
        quality = one["quality"]
        assert quality["hourly_error"] < 1.1 * quality["hourly_floor"]
        assert quality["hours_below"] == pytest.approx([0.1, 0.5, 0.9], abs=0.03)


def test_until_and_history_days_choose_what_is_learnt_from() -> None:
    (one,) = document(SWAPS, "--station", "highway-a", "--until", "2022-06-10", "--history-days", "7")["stations"]
    assert (one["first_day"], one["last_day"], one["days"]) == ("2022-06-04", "2022-06-10", 7)
    made = document(SWAPS, "--until", "2022-06-10", "--days", "3")
    assert (made["horizon"]["start"], made["horizon"]["slots"]) == ("2022-06-11T00:00:00+08:00", 288)


def test_a_named_holiday_is_learnt_and_forecast(tmp_path: Path) -> None:
    (tmp_path / "holidays.txt").write_text("2022-06-03  # dragon boats\n2022-06-15\n")
    plain, named = (
        document(SWAPS, "--station", "highway-a", *more) for more in ((), ("--holidays", tmp_path / "holidays.txt"))
    )
    assert named["stations"][0]["left_out"] == [] and named["stations"][0]["days"] == 14
    before, after = (sum(one["stations"][0]["forecast"][0]["expected_per_slot"]) for one in (plain, named))
    assert after > 1.3 * before


def test_an_instance_gets_the_forecast_in_place_of_its_drivers(tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    done = cli.run(
        "forecast", SWAPS, "--time-zone", "Asia/Shanghai", "--station", "highway-b=sce-21-packs",
        "--instance", SCE, "-o", new,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = read_instance(SCE).nights[0], read_instance(new).nights[0]
    (expected,) = after.station.expected
    assert (expected.id, expected.type) == ("sce-21-packs", "nio-100")
    assert expected.spread is not None and 0 < expected.spread.day_sd < 0.2
    assert expected.lost_cost == before.station.swaps[0].lost_cost
    assert 40 <= len(after.station.swaps) <= 48 and {swap.forecast for swap in after.station.swaps} == {"sce-21-packs"}
    assert after.horizon == before.horizon and after.station.packs == before.station.packs
    assert "lies 1060 days before the last one of the history" in done.stdout
    assert cli.run("info", new).stdout.count("spread") == 1


def test_what_only_history_or_instance_has_is_told(tmp_path: Path) -> None:
    history = tmp_path / "log.csv"
    lines = SWAPS.read_text().replace("highway-b", "sce-21-packs")
    history.write_text(lines)
    (tmp_path / "holidays.txt").write_text("2019-07-17\n")
    done = cli.run(
        "forecast", history, "--time-zone", "Asia/Shanghai", "--instance", SCE, "-o", tmp_path / "new.json",
        "--holidays", tmp_path / "holidays.txt",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "note: no stations of the instance, left out: highway-a\n" in done.stdout
    assert (
        "note: 2019-07-17: a holiday, of which the history has none to learn from: taken as a weekend\n" in done.stdout
    )


def test_dates_that_are_none_are_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "holidays.txt").write_text("2022-06-03\n\n# a remark\n3 June\n")
    done = cli.run("forecast", SWAPS, "--holidays", tmp_path / "holidays.txt")
    assert done.returncode == 2
    assert 'holidays.txt: line 4: "3 June": must be a date YYYY-MM-DD; write it like 2025-01-15' in done.stderr


def test_a_log_without_stations_is_of_the_only_one(tmp_path: Path) -> None:
    lines = [line.partition(",")[2] for line in SWAPS.read_text().splitlines() if not line.startswith("highway-a")]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    done = cli.run(
        "forecast", tmp_path / "log.csv", "--time-zone", "Asia/Shanghai", "--instance", SCE, "-o", tmp_path / "n.json"
    )
    assert done.returncode == 0 and "Station sce-21-packs: 44" in done.stdout, done.stderr


def test_swaps_may_stay_as_reservations(tmp_path: Path) -> None:
    file, history = tmp_path / "night.json", tmp_path / "log.csv"
    one = json.loads(cli.TINY.read_bytes())
    file.write_text(json.dumps(one))
    history.write_text(log(8, 20).replace("time\n", "time\n"))
    station = one["stations"][0]["id"]
    args = ("forecast", history, "--station", f"station={station}", "--instance", file, "-o", tmp_path / "new.json")
    assert cli.run(*args, "--keep-swaps").returncode == 0
    kept = json.loads((tmp_path / "new.json").read_bytes())["stations"][0]
    assert kept["swaps"] == one["stations"][0]["swaps"] and len(kept["forecast"]) == 1
    assert cli.run(*args).returncode == 0
    assert "swaps" not in json.loads((tmp_path / "new.json").read_bytes())["stations"][0]


def test_a_page_shows_days_and_hours(tmp_path: Path) -> None:
    assert cli.run("forecast", SWAPS, "--page", tmp_path / "f.html").returncode == 0
    html = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert html.count("<svg") == 4 and "highway-b" in html and "2022-06-03: 55 swaps where 24 are usual" in html


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        (log(4), (), "station station: absent: has 4 days, 4 of them fit to learn from: 7 and 5 are needed"),
        (log(9), ("--until", "2020-01-01"), '--until: "2020-01-01": leaves no swap: the history has 2021-03-01 to'),
        (log(9), ("--station", "north"), '--station: "north": is no station of the history; its stations: station'),
        (log(9).replace("+01:00", ""), (), "or say --time-zone, where no stamp has an offset"),
        (
            log(9) + "2021-03-10T10:00:00+02:00\n",
            (),
            "has stamps of several offsets: whose clock makes its days?; say --time-zone",
        ),
        (log(9) + "2021-08-11T10:00:00+01:00\n", (), "days after the swap before it"),
        (log(9) + "2999-03-11T10:00:00+01:00\n", (), "must be a date and a time of day"),
        (log(9) + "2199-03-11T10:00:00+01:00\n", (), "lies in the future"),
        (log(9) + "no time\n", (), "no time"),
    ],
)
def test_refusals(text: str, args: tuple[str, ...], message: str, tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text(text)
    done = cli.run("forecast", tmp_path / "h.csv", *args, "-o", tmp_path / "f.json")
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert not (tmp_path / "f.json").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--station", "highway-b=S9"), '"S9": is no station of the instance'),
        (("--station", "highway-b=sce-21-packs", "--returned-soc", "2"), "Invalid value for '--returned-soc'"),
    ],
)
def test_instances_that_do_not_fit(args: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = cli.run("forecast", SWAPS, "--instance", SCE, *args, "-o", tmp_path / "n.json")
    assert done.returncode == 2 and message in done.stderr
    assert not (tmp_path / "n.json").exists()


def test_a_type_that_no_pack_has_is_refused(tmp_path: Path) -> None:
    text = log(9).replace("time\n", "time,type\n").replace("+01:00\n", "+01:00,nio-75\n")
    (tmp_path / "h.csv").write_text(text)
    done = cli.run(
        "forecast", tmp_path / "h.csv", "--station", "station=sce-21-packs", "--instance", SCE, "-o", "x.json"
    )
    assert done.returncode == 2
    assert 'station sce-21-packs.type: "nio-75": is a pack type that the station has not' in done.stderr


def test_costs_that_nobody_says_are_asked_for(tmp_path: Path) -> None:
    one = json.loads(SCE.read_bytes())
    one["stations"][0].pop("swaps", None)
    one["stations"][0]["forecast"] = []
    (tmp_path / "bare.json").write_text(json.dumps(one))
    args = ("forecast", SWAPS, "--station", "highway-b=sce-21-packs", "--instance", tmp_path / "bare.json")
    done = cli.run(*args, "-o", tmp_path / "n.json")
    assert done.returncode == 2 and "say --lost-cost" in done.stderr and "say --returned-soc" in done.stderr
    done = cli.run(*args, "-o", tmp_path / "n.json", "--lost-cost", "80", "--returned-soc", "0.3")
    assert done.returncode == 0, done.stderr
    assert {swap.lost_cost for swap in read_instance(tmp_path / "n.json").nights[0].station.swaps} == {80}


def test_options_that_belong_together() -> None:
    assert "--lost-cost belongs to --instance" in cli.run("forecast", SWAPS, "--lost-cost", "1").stderr
    assert "--instance needs -o" in cli.run("forecast", SWAPS, "--instance", SCE).stderr
    assert "names a station twice" in cli.run("forecast", SWAPS, "--station", "a", "--station", "a=b").stderr


def test_in_another_folder_an_instance_has_the_values_of_its_csv_series(tmp_path: Path) -> None:
    """The Dutch night has its prices in a CSV file."""
    new = tmp_path / "new.json"
    done = cli.run(
        "forecast", SWAPS, "--time-zone", "Asia/Shanghai", "--station", "highway-a=nl-13-packs",
        "--instance", cli.NIGHT, "-o", new,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = read_instance(cli.NIGHT).nights[0], read_instance(new).nights[0]
    assert after.tariff_series.price_per_kwh == before.tariff_series.price_per_kwh
    assert "csv" not in new.read_text()
