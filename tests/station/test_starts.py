"""Starts, stays and powers are counted as a dispatcher counts them."""

from __future__ import annotations

from models.station.schedule import PackRow, Schedule
from models.station.starts import ChargingFigures, charging_figures


def test_figures_of_a_plan() -> None:
    rows = (
        PackRow("P1", 0, (10.0, 10.0, 0.0, 4.0)),
        PackRow("P2", 1, (0.0, 0.0, 0.0, 0.0)),
        PackRow("P3", 2, (0.0, 7.0, 7.0, 0.0)),
    )
    figures = charging_figures(Schedule("S", rows, ()))
    assert figures == ChargingFigures(stays_charged=2, starts=3, powers=3, weak_set_points=1)
    assert (figures.starts_per_stay, figures.powers_per_stay) == (1.5, 1.5)


def test_where_nothing_charges_there_is_no_share() -> None:
    figures = charging_figures(Schedule("S", (), ()))
    assert (figures.starts, figures.starts_per_stay, figures.powers_per_stay) == (0, None, None)


def test_figures_of_stations_add_up() -> None:
    assert ChargingFigures(1, 2, 3, 4) + ChargingFigures(10, 20, 30, 40) == ChargingFigures(11, 22, 33, 44)
