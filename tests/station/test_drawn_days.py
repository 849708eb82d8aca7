"""Days drawn from forecasts: their numbers, their sameness, and the nights that they are."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
import pytest

from models.errors import InvalidData
from models.station.carry_over.carried_out import beginning, continued
from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.drawn_days import DrawnDays, days_of_counts, draw_days, night_on
from models.station.instance import Night

SLOTS, MEAN = 24, 0.5


def forecast(**changes: object) -> ExpectedSwaps:
    given: dict[str, object] = {
        "id": "cars", "type": "A", "mean_per_slot": (MEAN,) * SLOTS, "returned_soc": (0.2, 0.3), "lost_cost": 50.0,
    }  # fmt: skip
    return ExpectedSwaps(**(given | changes))  # type: ignore[arg-type]


def night(*expected: ExpectedSwaps) -> Night:
    known = make.swap("known", 3)
    given = make.night(SLOTS, swaps=[known, replace(make.swap("cars-1", 5), forecast="cars")])
    return replace(given, station=replace(given.station, expected=expected or (forecast(),)))


def totals(drawn: DrawnDays) -> np.ndarray:
    return np.bincount(drawn.day, minlength=drawn.days)


def test_without_a_spread_days_are_poisson() -> None:
    counts = draw_days(night(), 2000, seed=3).counts(SLOTS, 1)
    assert counts.mean() == pytest.approx(MEAN, abs=0.01)
    assert counts.var() == pytest.approx(MEAN, abs=0.02)
    assert totals(draw_days(night(), 2000, seed=3)).var() == pytest.approx(MEAN * SLOTS, rel=0.08)


def test_day_factor_widens_days_and_dispersion_widens_slots() -> None:
    busy = draw_days(night(forecast(spread=Spread(day_sd=0.5))), 3000, seed=1)
    mean = MEAN * SLOTS
    assert totals(busy).mean() == pytest.approx(mean, rel=0.03)
    assert totals(busy).var() == pytest.approx(mean + (0.5 * mean) ** 2, rel=0.1)
    bunched = draw_days(night(forecast(spread=Spread(dispersion=3.0))), 2000, seed=1).counts(SLOTS, 1)
    assert bunched.mean() == pytest.approx(MEAN, rel=0.05)
    assert bunched.var() == pytest.approx(3 * MEAN, rel=0.08)


def test_all_forecasts_of_a_station_share_the_day() -> None:
    spread = Spread(day_sd=1.0)
    both = forecast(mean_per_slot=(20.0,) * SLOTS, spread=spread), forecast(id="vans", spread=spread)
    by_day = draw_days(night(*both), 500).counts(SLOTS, 2).sum(axis=1)
    assert np.corrcoef(by_day.T)[0, 1] > 0.9


def test_scenarios_are_equally_likely() -> None:
    days = tuple(tuple(int(slot == day) for slot in range(SLOTS)) for day in range(4))
    drawn = draw_days(night(forecast(scenarios=days)), 1000, seed=2)
    assert set(totals(drawn)) == {1}
    assert np.bincount(drawn.slot) == pytest.approx(250, abs=60)


def test_a_day_is_the_same_however_many_are_drawn() -> None:
    few, many = draw_days(night(), 5, seed=7), draw_days(night(), 50, seed=7)
    for name in ("day", "slot", "forecast", "returned_soc"):
        assert (getattr(few, name) == getattr(many, name)[: len(few.day)]).all()
    assert (draw_days(night(), 5, seed=8).slot[:20] != few.slot[:20]).any()


def test_what_comes_back_spreads_around_its_values() -> None:
    assert set(draw_days(night(), 50).returned_soc) == {0.2, 0.3}
    wide = draw_days(night(forecast(returned_soc=(0.5,), spread=Spread(returned_soc_sd=0.1))), 300).returned_soc
    assert wide.std() == pytest.approx(0.1, abs=0.01)
    assert np.isnan(draw_days(night(forecast(returned_soc=())), 5).returned_soc).all()


def test_the_night_of_a_day_keeps_who_is_known() -> None:
    given = night()
    drawn = days_of_counts(given, [np.array([[2], *([0] * 1 for _ in range(SLOTS - 1))]), np.zeros((SLOTS, 1), int)])
    first, second = night_on(given, drawn, 0).station.swaps, night_on(given, drawn, 1).station.swaps
    assert [(swap.id, swap.slot, swap.forecast) for swap in first] == [
        ("known", 3, None), ("cars-1", 0, "cars"), ("cars-2", 0, "cars"),
    ]  # fmt: skip
    assert [swap.id for swap in second] == ["known"]


def test_a_driver_who_is_known_keeps_the_name() -> None:
    given = night(forecast(id="known"))
    given = replace(given, station=replace(given.station, swaps=(make.swap("known-1", 3),)))
    swaps = night_on(given, days_of_counts(given, [np.eye(SLOTS, 1, dtype=int)]), 0).station.swaps
    assert [swap.id for swap in swaps] == ["known-1", "known-1+"]


def test_forecasts_go_on_and_end_with_their_night() -> None:
    given = night(forecast(mean_per_slot=tuple(float(slot) for slot in range(SLOTS))))
    longer = continued(given, 2).station.expected[0]
    assert longer.mean_per_slot[SLOTS:] == (0.0, 1.0)
    assert beginning(given, 3).station.expected[0].mean_per_slot == (0.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"scenarios": ((1,) * SLOTS, (1, 2))},
            "scenarios[1]: '2 values': must have one value for each of the 24 slots",
        ),
        ({"scenarios": ((-1,) * SLOTS,)}, "scenarios[0][0]: -1: must be at least 0"),
    ],
)
def test_what_a_forecast_refuses(changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidData) as refused:
        forecast(**changes)
    assert said in str(refused.value)
