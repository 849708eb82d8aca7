"""How the checker reads acceptance curves: all through a slot, whatever their shape, at the temperature of the pack."""

from __future__ import annotations

from typing import Any

import builders as make
import pytest

from models.station.instance import Night, Pack
from optimizer.check.acceptance import accepted_kw, most_kw
from optimizer.check.rules import Violation, check

HILL = ((0.1, 10.0), (0.4, 40.0), (0.9, 15.0))  # 10 up to 10 kWh, then e, then 40 − (e − 40) / 2
VALLEY = ((0.0, 40.0), (0.5, 10.0), (1.0, 40.0))  # 40 − 0.6·e, then 10 + 0.6·(e − 50)


@pytest.mark.parametrize(
    ("start_kwh", "end_kwh", "kw"),
    [
        (0, 5, 10),  # before the first point
        (5, 20, 10),
        (20, 30, 20),  # rising: the start
        (30, 40, 30),
        (40, 60, 30),  # falling: the end
        (30, 80, 20),  # over the top: the lower of both ends
        (25, 42, 25),
        (80, 90, 15),
        (90, 95, 15),  # beyond the last point
    ],
)
def test_the_least_over_a_hill(start_kwh: float, end_kwh: float, kw: float) -> None:
    assert accepted_kw(make.pack_type(acceptance=HILL), start_kwh, end_kwh) == pytest.approx(kw)


@pytest.mark.parametrize(("start_kwh", "end_kwh", "kw"), [(40, 60, 10), (50, 60, 10), (40, 50, 10), (60, 70, 16)])
def test_a_low_point_counts_where_a_slot_passes_it(start_kwh: float, end_kwh: float, kw: float) -> None:
    assert accepted_kw(make.pack_type(acceptance=VALLEY), start_kwh, end_kwh) == pytest.approx(kw)


def test_no_curve_no_limit() -> None:
    assert accepted_kw(make.pack_type(), 0, 90) == float("inf")


@pytest.mark.parametrize(
    ("curve", "start_kwh", "kw"),
    [
        (HILL, 5, 10),  # all through the constant and the rising part
        (HILL, 20, 20),  # 20 → 40, the rising part to its end
        (HILL, 30, 30),  # 30 → 60, both ends alike
        (HILL, 60, 20),  # (60 + 60) / 1.5 = 80
        (VALLEY, 45, 10),  # through the lowest point
        (VALLEY, 60, 16),
        (VALLEY, 86, 4),  # full before anything else
        ((), 10, 50),
    ],
)
def test_the_packs_most(curve: Any, start_kwh: float, kw: float) -> None:
    kind = make.pack_type(acceptance=curve)
    assert most_kw(kind, 50, 1, start_kwh) == pytest.approx(kw)


def night_of(curve: Any, packs: list[Pack] | None = None, **changes: Any) -> Night:
    kinds = [make.pack_type(**curve) if isinstance(curve, dict) else make.pack_type(acceptance=curve)]
    return make.night(4, types=kinds, packs=packs or [make.pack("P1", 0.2)], **changes)


def told(night: Night, *power_kw: float, pack: str = "P1") -> list[Violation]:
    return check(night, make.schedule(night, {pack: power_kw}))


def test_a_rising_curve_counts_at_the_slots_start() -> None:
    assert told(night_of(HILL), 20, 20, 0, 0) == []
    assert told(night_of(HILL), 21, 20, 0, 0) == [Violation("power", "pack P1, slot 0", 21, 20.0)]


def test_a_low_point_between_both_ends_counts() -> None:
    packs = [make.pack("P1", 0.4)]
    assert told(night_of(VALLEY, packs), 10, 10, 10, 10) == []
    assert told(night_of(VALLEY, packs), 16, 0, 0, 0) == [Violation("power", "pack P1, slot 0", 16, 10.0)]


def test_an_on_off_charger_gives_what_the_curve_has_on_the_way() -> None:
    night = night_of(HILL, chargers=make.chargers(mode="on_off"))
    assert told(night, 20, 80 / 3, 0, 0) == []  # 20 → 40 → 200 / 3, where the curve has 40 − 40 / 3
    assert told(night, 19, 0, 0, 0) == [Violation("min_power", "pack P1, slot 0", 19, 20.0)]


BY_TEMPERATURE = {"acceptance_at_c": ((-10, ((0.0, 10.0), (0.9, 10.0))), (30, ((0.0, 30.0), (0.9, 30.0))))}


@pytest.mark.parametrize(("temperature_c", "kw"), [(-10, 10), (0, 15), (30, 30)])
def test_the_curve_is_that_of_the_stations_temperature(temperature_c: float, kw: float) -> None:
    night = night_of(BY_TEMPERATURE, temperature_c=temperature_c)
    assert told(night, kw, 0, 0, 0) == []
    assert told(night, kw + 1, 0, 0, 0) == [Violation("power", "pack P1, slot 0", kw + 1, kw)]


def test_a_pack_has_its_own_temperature_and_a_returned_one_the_stations() -> None:
    packs = [Pack("P1", "A", 0.85, temperature_c=30), Pack("P2", "A", 0.2)]
    night = night_of(BY_TEMPERATURE, packs, temperature_c=-10, swaps=[make.swap("W1", 1, 0.2)])
    plan = make.schedule(night, {"P1": (5, 0, 0, 0), "P2": (11, 0, 0, 0), "return:W1": (0, 10, 11, 0)}, {"W1": "P1"})
    assert check(night, plan) == [
        Violation("power", "pack P2, slot 0", 11, 10.0),
        Violation("power", "pack return:W1, slot 2", 11, 10.0),
    ]
    warm = make.schedule(night, {"P1": (5, 0, 0, 0)}, {"W1": "P1"})
    assert check(night, warm) == []
