"""Rule `grid` where the base load exceeds the limit: base load less all the sun is drawn, and no more."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.station.instance import Night
from optimizer.check.rules import Violation, check
from optimizer.formats.content_hash import night_hash

ON_OFF = make.chargers(mode="on_off")  # 40 kW, 50 drawn
BASE_KW = (5, 30, 5, 5)
SUN_KW = (0, 10, 10, 0)


def night(**changes: object) -> Night:
    """Slot 1: 20 kW are left of the base load when all the sun is used; the limit is 15."""
    settings = {"grid_limit_kw": 15, "base_load_kw": BASE_KW, "solar_kw": SUN_KW, "packs": [make.pack("P2", 0.1)]}
    return make.night(**(settings | changes))  # type: ignore[arg-type]


ALL_SUN = (0, 10, 5, 0)


def test_a_plan_that_charges_elsewhere_is_kept() -> None:
    asked = night()
    assert check(asked, make.schedule(asked, {"P2": (8, 0, 12, 8)}, solar_used_kw=(0, 10, 10, 0))) == []
    assert check(asked, make.schedule(asked, solar_used_kw=ALL_SUN)) == []


@pytest.mark.parametrize(("kw", "drawn_kw"), [(0.08, 20.1), (8, 30.0), (40, 70.0)])
def test_a_plan_that_charges_then_is_refused(kw: float, drawn_kw: float) -> None:
    asked = night()
    (found,) = check(asked, make.schedule(asked, {"P2": (0, kw, 0, 0)}, solar_used_kw=ALL_SUN))
    assert (found.rule, found.where, found.limit) == ("grid", "slot 1", 20)
    assert found.found == pytest.approx(drawn_kw)


def test_sun_left_unused_then_is_refused() -> None:
    asked = night()
    found = check(asked, make.schedule(asked, solar_used_kw=(0, 4, 5, 0)))
    assert found == [Violation("grid", "slot 1", 26.0, 20)]


def test_other_slots_keep_the_limit_of_the_file() -> None:
    asked = night()
    found = check(asked, make.schedule(asked, {"P2": (12, 0, 0, 0)}, solar_used_kw=ALL_SUN))
    assert found == [Violation("grid", "slot 0", 20.0, 15)]


@pytest.mark.parametrize("meant", ["every_moment", "average"])
def test_a_partial_slot_of_on_off_charging_is_refused_too(meant: str) -> None:
    asked = night(chargers=ON_OFF, packs=[make.pack("P2", 0.8)], grid_limit_is=meant)
    (found,) = check(asked, make.schedule(asked, {"P2": (0, 10, 0, 0)}, solar_used_kw=ALL_SUN))
    assert (found.rule, found.where, found.limit) == ("grid", "slot 1", 20)
    assert found.found == pytest.approx(20 + (50 if meant == "every_moment" else 12.5))


def test_the_checker_needs_no_raised_limit() -> None:
    """It takes the limit of the file and what the base load needs, whatever limit stands in the night."""
    asked = night()
    assert asked.station.grid_limit_kw == (15, 20, 15, 15)
    wrong = night()
    wrong.__dict__["station"] = replace(asked.station, grid_limit_kw=(1000.0,) * 4)
    plan = make.schedule(asked, {"P2": (0, 8, 0, 0)}, solar_used_kw=ALL_SUN)
    assert check(wrong, plan) == check(asked, plan) == [Violation("grid", "slot 1", 30.0, 20)]


def test_hashes_are_those_of_the_files_own_numbers() -> None:
    """Nights that are not overloaded keep theirs: no field of theirs changes. Others differ by their stated limit."""
    fits = night(grid_limit_kw=(15, 20, 15, 15))
    assert fits.station.stated_limit_kw == ()
    assert fits.station.grid_limit_kw == (15, 20, 15, 15)
    known = make.night(grid_limit_kw=60, base_load_kw=20)
    assert night_hash(known) == HASH_BEFORE
    assert len({night_hash(night(grid_limit_kw=(15, kw, 15, 15))) for kw in (10, 15, 20)}) == 3
    assert night_hash(replace(night())) == night_hash(night())


HASH_BEFORE = "sha256:55a4caa73f8839d84370f4e595fa702feaad874ad92cfac71b2035acf8883583"
