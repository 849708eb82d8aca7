"""Networks whose drivers are expected: the same stations, means in place of drivers, a spread."""

from __future__ import annotations

from pathlib import Path

import cli
import numpy as np
import pytest

from models.station.drawn_days import draw_days
from optimizer.formats.read_instance import read_instance


def network(tmp_path: Path, *options: str) -> Path:
    file = tmp_path / f"network{len(options)}.json"
    assert cli.run("generate", "network", "--stations", 12, "--seed", 3, *options, "-o", file).returncode == 0
    return file


def test_only_the_drivers_of_the_stations_differ(tmp_path: Path) -> None:
    known, expected = (read_instance(network(tmp_path, *more)).nights for more in ((), ("--day-sd", "0.15")))
    for before, after in zip(known, expected, strict=True):
        assert after.station.packs == before.station.packs
        assert after.station.peak_so_far_kw == before.station.peak_so_far_kw
        assert before.station.expected == () != after.station.expected
        assert {one.type for one in after.station.expected} == {pack.type for pack in after.station.packs}
        assert all(one.spread is not None and one.spread.day_sd == 0.15 for one in after.station.expected)
    drivers = [sum(len(night.station.swaps) for night in nights) for nights in (known, expected)]
    assert drivers[1] == pytest.approx(drivers[0], rel=0.05)


def test_days_of_a_network_spread_as_said(tmp_path: Path) -> None:
    night = read_instance(network(tmp_path, "--day-sd", "0.3")).nights[0]
    days = draw_days(night, 400, 1)
    totals = np.bincount(days.day, minlength=400)
    mean = sum(sum(one.mean_per_slot) for one in night.station.expected)
    assert totals.mean() == pytest.approx(mean, rel=0.06)
    assert totals.std() == pytest.approx(np.hypot(np.sqrt(mean), 0.3 * mean), rel=0.1)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = network(tmp_path, "--day-sd", "0.15").read_bytes()
    assert network(tmp_path, "--day-sd", "0.15").read_bytes() == first and b"--day-sd 0.15" in first
