"""The grid limit at every moment: partial slots of on/off and least-power charging draw their full power at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import builders as make
import cli
import pytest
from paths import INSTANCES

from models.station.at_once import keeps_limit_at_once, limits_partial_slots
from models.station.instance import Chargers, Night
from models.station.schedule import Schedule
from optimizer.check.rules import Violation, check
from optimizer.formats.content_hash import night_hash

ON_OFF = make.chargers(mode="on_off")  # 40 kW, 50 drawn
LEAST = make.chargers(min_kw=20)  # 25 drawn
CURVE = ((0.7, 40), (0.9, 30))


def night(chargers: Chargers, socs: tuple[float, ...], limit_kw: float, **changes: object) -> Night:
    packs = tuple(make.pack(f"P{n}", soc) for n, soc in enumerate(socs, start=1))
    return make.night(chargers=chargers, packs=packs, grid_limit_kw=limit_kw, **changes)


def plan(night: Night, *powers_kw: float) -> Schedule:
    """One power for each pack, all in slot 1."""
    return make.schedule(night, {f"P{n}": (0, kw, 0, 0) for n, kw in enumerate(powers_kw, start=1)})


TWO_HALVES = night(ON_OFF, (0.7, 0.7), 75)  # each takes 20 kWh: 50 kW drawn on average, 100 at once
CASES = {
    "two partial slots": (TWO_HALVES, (20, 20), 100.0),
    "one beside a whole one": (night(ON_OFF, (0.7, 0.1), 90), (20, 40), 100.0),
    "along a curve: what it takes at the end": (
        night(ON_OFF, (0.7,), 30, types=(make.pack_type(acceptance=CURVE),)),
        (20,),
        37.5,
    ),
    "below the least power": (night(LEAST, (0.85, 0.1), 50), (5, 25), 56.25),
    "with sun that is used": (night(ON_OFF, (0.7, 0.7), 75, solar_kw=20), (20, 20), 80.0),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_drawn_at_once_is_told(name: str) -> None:
    asked, powers_kw, drawn_kw = CASES[name]
    made = plan(asked, *powers_kw)
    if any(asked.station.solar_kw):
        made = replace(made, solar_used_kw=(0, 20, 0, 0))
    limit_kw = asked.station.grid_limit_kw[1]
    assert check(asked, made) == [Violation("grid", "slot 1", drawn_kw, limit_kw)]
    assert not keeps_limit_at_once(asked, made)


@pytest.mark.parametrize("name", CASES)
def test_a_limit_of_averages_is_kept(name: str) -> None:
    asked, powers_kw, _ = CASES[name]
    averaged = replace(asked, station=replace(asked.station, grid_limit_is="average"))
    made = replace(plan(averaged, *powers_kw), solar_used_kw=tuple(min(20.0, kw) for kw in asked.station.solar_kw))
    if any(asked.station.solar_kw):
        made = replace(made, solar_used_kw=(0, 20, 0, 0))
    assert check(averaged, made) == []
    assert keeps_limit_at_once(averaged, made)


@pytest.mark.parametrize("name", CASES)
def test_a_limit_as_high_is_kept(name: str) -> None:
    asked, powers_kw, drawn_kw = CASES[name]
    wide = replace(asked, station=replace(asked.station, grid_limit_kw=(drawn_kw,) * 4))
    made = plan(wide, *powers_kw)
    if any(asked.station.solar_kw):
        made = replace(made, solar_used_kw=(0, 20, 0, 0))
    assert check(wide, made) == []
    assert keeps_limit_at_once(wide, made)


def test_slots_one_after_the_other_are_kept() -> None:
    one_by_one = make.schedule(TWO_HALVES, {"P1": (0, 20, 0, 0), "P2": (0, 0, 20, 0)})
    assert check(TWO_HALVES, one_by_one) == []


def test_continuous_chargers_draw_their_average() -> None:
    free = night(make.chargers(), (0.7, 0.7), 50)
    assert check(free, plan(free, 20, 20)) == []
    assert not limits_partial_slots(free)


def test_a_limit_that_holds_all_chargers_leaves_nothing_to_ask() -> None:
    assert limits_partial_slots(TWO_HALVES)
    assert not limits_partial_slots(night(ON_OFF, (0.7, 0.7), 100))
    assert limits_partial_slots(night(ON_OFF, (0.7, 0.7), 100, base_load_kw=1))


def test_hashes_of_averages_are_those_of_before() -> None:
    """What a station meant before partial slots counted is what it means with `average`, or where that is no matter."""
    averaged = replace(TWO_HALVES, station=replace(TWO_HALVES.station, grid_limit_is="average"))
    assert night_hash(TWO_HALVES) != night_hash(averaged)
    free = night(make.chargers(), (0.7, 0.7), 50)
    assert night_hash(free) == night_hash(replace(free, station=replace(free.station, grid_limit_is="average")))


# End to end: two packs that take half a slot each, cheap in slot 0; both fit there on average, one at a time at once.

TINY = json.loads((INSTANCES / "tiny" / "on-off-partial-last-slot.json").read_text(encoding="utf-8"))


def written(folder: Path, **station: object) -> Path:
    """Slots of an hour at 0.20 and 0.40; 40 kW on or off, the grid carries 60; both packs lack 20 kWh by slot 2."""
    changes = {
        "bays": 2,
        "grid_limit_kw": 60,
        "packs": [{"id": "a", "type": "pack", "soc": 0.8}, {"id": "b", "type": "pack", "soc": 0.8}],
        "swaps": [{"slot": 2, "type": "pack", "returned_soc": None, "lost_cost": 100}] * 2,
    }
    document = TINY | {"stations": [TINY["stations"][0] | changes | station]}
    path = folder / f"{len(station)}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def solved(path: Path) -> tuple[float, Path]:
    """Objective of `solve`, and the plan's file."""
    out = path.with_suffix(".plan.json")
    done = cli.run("solve", path, "-o", out, "--json", "--gap", "0")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["objective"], out


def test_plans_keep_the_limit_at_every_moment(tmp_path: Path) -> None:
    """One in slot 0, the other in slot 1: 20 · 0.20 + 20 · 0.40."""
    objective, out = solved(path := written(tmp_path))
    assert objective == pytest.approx(12.0)
    assert cli.run("check", path, out).returncode == 0


def test_a_file_may_say_that_its_limit_is_one_of_averages(tmp_path: Path) -> None:
    """Both in slot 0: 40 · 0.20. Under the other rule that plan is refused, in so many words."""
    objective, out = solved(path := written(tmp_path, grid_limit_is="average"))
    assert objective == pytest.approx(8.0)
    assert cli.run("check", path, out).returncode == 0
    refused = cli.run("check", written(tmp_path), out)
    assert refused.returncode == 1
    assert "grid: slot 0: found 80.0, limit 60.0" in refused.stdout


def test_what_the_limit_is_has_two_values(tmp_path: Path) -> None:
    done = cli.run("info", written(tmp_path, grid_limit_is="averge"))
    assert done.returncode == 2
    assert "stations[0].grid_limit_is" in done.stderr
