"""`swapcharge import events`: plans of the new instance go by the limits and the prices of events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from openadr_events import WINTER_DAY, limit, price

CHEAPEST = range(8, 24)  # slots from 02:00 to 06:00, the cheapest of the day
EVENTS = cli.INSTANCES / "events"


def planned(instance: Path, folder: Path) -> dict[str, Any]:
    """The station of a plan that the checker accepts."""
    plan = folder / "plan.json"
    assert cli.run("solve", instance, "-o", plan, "--seed", 0).returncode == 0
    assert cli.run("check", instance, plan).returncode == 0
    (station,) = json.loads(plan.read_text(encoding="utf-8"))["stations"]
    assert isinstance(station, dict)
    return station


def imported(events: object, tmp_path: Path, *options: str) -> Path:
    new = tmp_path / "new.json"
    if isinstance(events, list):
        (tmp_path / "events.json").write_text(json.dumps(events), encoding="utf-8")
        events = tmp_path / "events.json"
    done = cli.run("import", "events", events, WINTER_DAY, "-o", new, *options)
    assert done.returncode == 0, done.stderr
    return new


def charged_kw(station: dict[str, Any], slot: int) -> float:
    return sum(pack["power_kw"][slot] for pack in station["packs"])


def charged_kwh(station: dict[str, Any]) -> float:
    """In the cheapest hours."""
    return sum(charged_kw(station, slot) for slot in CHEAPEST) / 4


def test_a_limit_in_the_cheapest_hours_moves_the_load(tmp_path: Path) -> None:
    before = planned(WINTER_DAY, tmp_path)
    after = planned(imported(EVENTS / "capacity-limit.json", tmp_path), tmp_path)
    assert max(charged_kw(before, slot) for slot in CHEAPEST) > 300
    assert max(charged_kw(after, slot) for slot in range(8, 16)) <= 120
    assert max(charged_kw(after, slot) for slot in range(16, 24)) <= 60
    assert charged_kwh(after) < charged_kwh(before) - 50
    assert after["objective"] > before["objective"]


def test_the_old_plan_breaks_the_new_limit(tmp_path: Path) -> None:
    planned(WINTER_DAY, tmp_path)
    new = imported(EVENTS / "capacity-limit.json", tmp_path)
    done = cli.run("check", new, tmp_path / "plan.json")
    assert done.returncode == 1 and "grid" in done.stdout


@pytest.mark.parametrize("prices", ["replace", "add"])
def test_a_price_in_the_cheapest_hours_moves_the_load(tmp_path: Path, prices: str) -> None:
    before = planned(WINTER_DAY, tmp_path)
    new = imported([price(0.9, "2022-12-20T02:00:00+01:00", "PT4H")], tmp_path, "--prices", prices)
    assert charged_kwh(planned(new, tmp_path)) < charged_kwh(before) / 3


def test_what_is_said_and_written(tmp_path: Path) -> None:
    done = cli.run("import", "events", EVENTS / "critical-price.json", WINTER_DAY, "-o", tmp_path / "new.json")
    assert done.stdout.splitlines() == [
        "price 0.6 EUR/kWh from 2022-12-20 02:00 to 03:00, 4 slots, nl-13-packs: event.intervals[0]",
        "price 0.7 EUR/kWh from 2022-12-20 03:00 to 04:00, 4 slots, nl-13-packs: event.intervals[0]",
        "price 0.8 EUR/kWh from 2022-12-20 04:00 to 05:00, 4 slots, nl-13-packs: event.intervals[0]",
        "prices of events take the place of the tariff's",
        f"Instance written to {tmp_path / 'new.json'}",
    ]
    done = cli.run("import", "events", EVENTS / "capacity-limit.json", WINTER_DAY, "-o", "-", "--json")
    assert json.loads(done.stderr)["windows"][1] == {
        "event": "grid works", "place": "[0].intervals[1]", "type": "IMPORT_CAPACITY_LIMIT", "kind": "limit",
        "value": 60, "from": "2022-12-20T04:00:00+01:00", "to": "2022-12-20T06:00:00+01:00", "slots": 8,
        "stations": ["nl-13-packs"],
    }  # fmt: skip
    assert json.loads(done.stdout)["stations"][0]["grid_limit_kw"][16] == 60


def test_a_limit_below_the_base_load_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(json.dumps([limit(0.5)]), encoding="utf-8")
    given = ("import", "events", tmp_path / "events.json", WINTER_DAY, "-o", tmp_path / "new.json")
    done = cli.run(*given)
    assert done.returncode == 0 and "base_load_kw" in done.stderr
    (tmp_path / "new.json").unlink()
    done = cli.run(*given, "--strict")
    assert done.returncode == 2 and not (tmp_path / "new.json").exists()


def test_what_is_refused_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(json.dumps([limit(-1)]), encoding="utf-8")
    done = cli.run("import", "events", "events.json", WINTER_DAY, "-o", "new.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and not (tmp_path / "new.json").exists()
    assert done.stderr == (
        "events.json: [0].intervals[0].payloads[0].values: [-1]: must not be below 0; correct the limit\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--station", "nl-13-pack"),
            "--station: nl-13-pack is no station of the instance; did you mean 'nl-13-packs'?",
        ),
        (("--group", "west=x"), "--group: x is no station of the instance; its stations: nl-13-packs"),
        (("--group", "west"), "must be NAME=STATION, or NAME=STATION,STATION"),
    ],
)
def test_stations_that_are_not_there(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    given = ("import", "events", EVENTS / "capacity-limit.json", WINTER_DAY, "-o", tmp_path / "new.json")
    done = cli.run(*given, *options)
    assert done.returncode == 2 and said in done.stderr
    done = cli.run("import", "events", "-", "-", "-o", tmp_path / "new.json")
    assert done.returncode == 2 and "only one of EVENTS and INSTANCE can be standard input" in done.stderr
