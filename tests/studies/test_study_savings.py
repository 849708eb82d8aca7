"""What a study says is saved: the smaller of two, like with like, over all nights and by their bills."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from models.station.saving import Saving
from optimizer.studies.chain_savings import BilledChain, chain_savings, load_cap_nights
from optimizer.studies.ranking import ranking
from optimizer.studies.results import study_summary, study_tables
from optimizer.studies.study_run import StudyRun
from optimizer.studies.summary import study_screen
from optimizer.studies.tables import RankedTariff

ONE_PRICE = {"id": "flat", "energy_periods": [{"name": "always", "price_per_kwh": 0.2}]}
PARTS = tuple(Saving().parts)


def run_of(folder: Path, *tariffs: dict[str, Any]) -> StudyRun:
    (folder / "study").mkdir()
    day = tiny.instance(tariffs=list(tariffs))
    study = tiny.read(folder / "study", day, tariffs=[{"id": one["id"]} for one in tariffs], variants=[{"id": "now"}])
    return tiny.run_of(study, folder / "out")


def ranked(run: StudyRun) -> dict[str, RankedTariff]:
    found = ranking(run.study, study_tables(run.study, run.chains))
    return {one.tariff: one for one in found["now"]}


def test_one_price_saves_nothing_but_drivers(tmp_path: Path) -> None:
    one = ranked(run_of(tmp_path, ONE_PRICE))["flat"]
    assert one.savings_amount is not None and one.savings_lost_swaps is not None
    assert one.savings_amount - one.savings_lost_swaps == pytest.approx(0, abs=0.001)
    assert one.savings_against == "on_arrival"


def test_parts_add_up_and_the_smaller_one_is_told(tmp_path: Path) -> None:
    run = run_of(tmp_path, tiny.FLAT, tiny.DEMAND)
    of = ranked(run)
    for one in of.values():
        parts = [getattr(one, f"savings_{name}") for name in PARTS]
        assert one.savings_amount == pytest.approx(sum(parts))
        assert one.savings_on_arrival is not None and one.savings_amount is not None
        assert one.savings_amount <= one.savings_on_arrival + 0.001
    metered = of["demand"]
    assert metered.savings_against == "load_cap" and metered.savings_on_arrival > metered.savings_amount
    screen = study_screen(study_summary(run, ranking(run.study, study_tables(run.study, run.chains))), "which")
    assert f"{100 * (metered.savings_share or 0):.1f} % *" in screen
    assert "* against charging on arrival under a load cap; the others against charging on arrival" in screen


def test_each_night_under_a_load_cap_begins_with_what_the_one_before_left(tmp_path: Path) -> None:
    run = run_of(tmp_path, tiny.FLAT, tiny.DEMAND)
    plain, metered = ([record.tariffs[index] for record in run.chains[0].records] for index in (0, 1))
    assert all(night.load_cap is None for night in plain)
    capped = load_cap_nights(metered)
    assert max(max(one.load_kw) for one in capped) < max(max(night.baseline.load_kw) for night in metered)
    assert sum(one.swaps_lost for one in capped) <= sum(night.baseline.swaps_lost for night in metered)
    peaks = [one.state.peaks_kw["peak"] for one in capped]
    assert all(later[month] >= kw for one, later in pairwise(peaks) for month, kw in one.items())


def test_records_of_an_earlier_version_tell_no_savings(tmp_path: Path) -> None:
    run = run_of(tmp_path, tiny.FLAT)
    nights = [record.tariffs[0].plan for record in run.chains[0].records]
    side = BilledChain(nights, ())
    assert chain_savings(side, side, side) is not None
    old = BilledChain([type(one)(**{n: getattr(one, n) for n in one.__struct_fields__[:7]}) for one in nights], ())
    assert chain_savings(side, old, side) is None
