"""Chained days against all of them at once: the script that says what a look-ahead is worth."""

from __future__ import annotations

import pytest
from fortnight import at_once, chained, many_days, part
from paths import DATA

from optimizer.engine.options import RunOptions
from optimizer.formats.read_instance import read_instance

QUICK = RunOptions(effort="quick", time_limit_seconds=20)


def test_with_look_ahead_three_days_cost_what_they_cost_at_once() -> None:
    """Without it, the second and third lose three drivers each."""
    whole = many_days(read_instance(DATA / "nights" / "almost-flat.json").nights[0], 3, is_flat=False)
    blind, ahead, best = chained(whole, 3, 0, QUICK), chained(whole, 3, 12, QUICK), at_once(whole, QUICK)
    assert (blind.lost, ahead.lost, best.lost) == (6, 0, 0)
    assert best.cost * (1 - 0.005) <= ahead.cost < blind.cost
    assert ahead.cost == pytest.approx(best.cost, rel=0.01)


def test_parts_make_up_the_whole() -> None:
    whole = many_days(read_instance(DATA / "nights" / "almost-flat.json").nights[0], 2, is_flat=True)
    first, second = part(whole, 0, 96), part(whole, 96, 96)
    assert len(first.station.swaps) + len(second.station.swaps) == len(whole.station.swaps)
    assert second.horizon.start == first.horizon.end
    assert len(set(whole.tariff_series.price_per_kwh)) == 1
