"""Where the forecasts of the uncertainty track come from: each is made again as its file and the README say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli import INSTANCES, run

from optimizer.bench.library.families import family_of

TRACK = INSTANCES / "bench" / "days"
LOG = INSTANCES / "real" / "highway-swaps.csv"


def content(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """A file and its only station."""
    document = json.loads(path.read_text(encoding="utf-8"))
    (station,) = document["stations"]
    return document, station


@pytest.mark.parametrize(
    ("name", "logged", "until"),
    [("days-highway", "highway-a", "2022-06-14"), ("days-ten-chargers-0c", "highway-b", "2022-06-10")],
)
def test_what_is_learnt_of_a_log_is_learnt_again(tmp_path: Path, name: str, logged: str, until: str) -> None:
    """All but the spread of what comes back, which is assumed."""
    file, made = TRACK / f"{name}.json", tmp_path / "made.json"
    (kept,) = content(file)[1]["forecast"]
    assumed = ("--returned-soc", *kept["returned_soc"], "--lost-cost", kept["lost_cost"])
    asked = ("--station", f"{logged}=S1", "--until", until, "--instance", file, *assumed, "-o", made)
    assert run("forecast", LOG, *asked).returncode == 0
    (learnt,) = content(made)[1]["forecast"]
    learnt["spread"]["returned_soc_sd"] = kept["spread"]["returned_soc_sd"]
    assert learnt | {"id": kept["id"]} == kept


STATIONS = {"days-ten-chargers-0c": "bench/ten-chargers-0c-m-1", "days-taxi": "bench/taxi-m-1"} | {
    f"days-{name}{bunched}": f"real/{name}"
    for name, bunched in (
        ("nl-winter-day", ""), ("nl-winter-day", "-bunched"), ("nl-winter-day-0c", ""), ("nl-negative-prices", ""),
        ("sce-tou-ev-8-21-packs", ""), ("zhejiang-21-packs", ""), ("busy-must-lose", ""),
        ("two-types-acceptance", ""),
    )
}  # fmt: skip
STATIONS["days-sce-tou-ev-8-bunched"] = "real/sce-tou-ev-8-21-packs"


@pytest.mark.parametrize("name", STATIONS)
def test_stations_are_those_of_the_library_with_a_forecast(name: str) -> None:
    """But for prices, which are written into the file, and the day of a log."""
    document, station = content(TRACK / f"{name}.json")
    known, of_known = content(INSTANCES / f"{STATIONS[name]}.json")
    changed = {key for key in known.keys() | document.keys() if document.get(key) != known.get(key)}
    assert changed <= {"name", "sources", "stations", "tariffs", "horizon"}
    changed = {key for key in of_known.keys() | station.keys() if station.get(key) != of_known.get(key)}
    assert changed - {"swaps"} == {"forecast", "sources"}


def test_the_others_are_learnt_or_told_of() -> None:
    assert {path.stem for path in TRACK.glob("days-*.json")} - STATIONS.keys() == {"days-highway"}


def test_taxis_come_at_the_hours_of_their_family() -> None:
    family, (document, station) = family_of("taxi"), content(TRACK / "days-taxi.json")
    kinds, size = [pack["type"] for pack in station["packs"]], family.ladder["m"]
    assert (document["horizon"]["slots"], document["horizon"]["start"][11:16]) == (size.slots, "00:00")
    assert family.recipe.per_hour is not None
    hours = [family.recipe.per_hour[slot * size.slot_minutes // 60] for slot in range(size.slots)]
    for one in station["forecast"]:
        drivers = size.swaps * kinds.count(one["type"]) / len(kinds)
        assert one["expected_per_slot"] == [round(drivers * hour / sum(hours), 6) for hour in hours]
        assert one["spread"] == {"day_sd": 0.15, "dispersion": 1.0, "returned_soc_sd": 0.06}
