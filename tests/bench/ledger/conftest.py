"""A ledger to submit to, and a plan that is better."""

from __future__ import annotations

import shutil
from pathlib import Path

import bench_ledgers as make
import pytest
from bench_submissions import NAME, OTHER, plan_of

from optimizer.bench.ledger.update import update_ledger


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a ledger: a dear plan with a bound of 6, and one proven optimal."""
    folder = make.write_library(tmp_path_factory.mktemp("submit") / "library")
    runs = [make.dear(NAME, "on-arrival", bound=6.0), make.best(OTHER, "engine", bound=make.OPTIMA[OTHER])]
    assert update_ledger(folder, [make.write_results(folder.parent / "results", *runs)]).ok
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "library"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return plan_of(NAME, make.best_schedule(NAME), tmp_path / "good.plan.json")
