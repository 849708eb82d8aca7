"""Bounds of the ledger proven anew: what is reproduced, what is not, and what is refuted."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import bench_ledgers as make
import pytest

from models.station.schedule import Schedule
from optimizer.bench.ledger.prove_bound import Prover
from optimizer.bench.ledger.update import update_ledger
from optimizer.bench.ledger.verify import verify
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.workers.inline_pool import InlinePool
from optimizer.workers.local_pool import Fault, Finished, PoolBrokenError

NAME = "plug-change-cost"
OTHER = "end-value"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.small_ledger(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "library"))


def prover(
    bound: float,
    schedule: Schedule | None = None,
    at_gap_0: float | None = None,
    any_limits: bool = False,
    **changes: Any,
) -> Prover:
    """One that always finds a contender that ends with this."""

    def compete(night: object, limits: Limits, on_progress: OnProgress) -> Outcome:
        assert any_limits or limits in (Limits(1e-6, 10.0, 0), Limits(0.0, 10.0, 0))
        on_progress(None, bound if limits.gap or at_gap_0 is None else at_gap_0)
        return Outcome(schedule)

    contender = Contender("reference:highs", "made up", compete, **changes)
    return Prover(find=lambda names: [contender])


def proven(folder: Path, by: Prover) -> tuple[str, str]:
    found = verify(folder, [NAME], by)
    (one,) = found.proven
    assert found.ok == (one.answer == "reproduced")
    return one.answer, one.text


def test_a_bound_reproduced(folder: Path) -> None:
    assert proven(folder, prover(7.5)) == ("reproduced", "reproduced: 7.5 proven")


def test_a_bound_lower_by_what_the_checker_forgives_is_reproduced(folder: Path) -> None:
    assert proven(folder, prover(7.49995))[0] == "reproduced"
    assert proven(folder, prover(7.4998))[0] == "not reproduced"


def test_a_run_that_stopped_at_a_lower_bound_is_asked_for_all(folder: Path) -> None:
    assert proven(folder, prover(7.0, at_gap_0=7.5)) == ("reproduced", "reproduced: 7.5 proven")


def test_a_bound_not_reproduced(folder: Path) -> None:
    assert proven(folder, prover(7.0)) == ("not reproduced", "not reproduced: 7.0 proven in 10 s")
    for nothing in (-math.inf, math.inf, math.nan):
        assert proven(folder, prover(nothing))[1] == "not reproduced: nothing proven in 10 s"
    plan = make.best_schedule(NAME)
    told = f"not reproduced: what it proved, 99.0, lies above its own plan of {make.objective(NAME, plan)!r}"
    assert proven(folder, prover(99.0, schedule=plan)) == ("not reproduced", told)


def test_a_bound_refuted_by_a_plan(folder: Path) -> None:
    """The ledger's plan is dear, its bound lies between that and what the run finds."""
    runs = [make.dear(NAME, "reference:highs", bound=7.6)]
    (folder / "ledger.json").unlink()
    assert update_ledger(folder, [make.write_results(folder.parent / "results", *runs)]).ok
    plan = make.best_schedule(NAME)
    text = f"refuted: the run found a checked plan of {make.objective(NAME, plan)!r}"
    assert proven(folder, prover(7.6, schedule=plan)) == ("refuted", text)
    spoilt = make.charged_more(plan, 50.0)  # no plan at all, so it refutes nothing
    assert proven(folder, prover(7.6, schedule=spoilt))[0] == "reproduced"


def test_a_contender_that_cannot_run_here(folder: Path) -> None:
    why = "not reproduced: it cannot run: pip install it"
    assert proven(folder, prover(7.5, missing=lambda: "pip install it"))[1] == why


def test_a_contender_that_fails(folder: Path) -> None:
    def compete(night: object, limits: Limits, on_progress: OnProgress) -> Outcome:
        raise RuntimeError("out of luck")

    broken = Contender("reference:highs", "made up", compete)
    answer = proven(folder, Prover(find=lambda names: [broken]))
    assert answer[1] == "not reproduced: it failed: RuntimeError: out of luck"


class AnyOrder(InlinePool):
    """A pool that answers the latest first, and of which a worker died on each of these numbers."""

    dying: tuple[int, ...] = ()

    def wait(self, seconds: float) -> list[Finished]:
        died = Fault("died", "it was killed by signal 11")
        return [
            replace(one, result=died) if one.ticket in self.dying else one for one in reversed(super().wait(seconds))
        ]


def test_bounds_are_told_in_the_order_of_the_ledger(folder: Path) -> None:
    """The third entry has none. A worker that dies costs its own bound only."""
    make.change_entry(folder, OTHER, bound__value=7.5)
    whole, pool = verify(folder, [], prover(7.5, any_limits=True), pool=AnyOrder(size=2)), AnyOrder(size=2)
    assert [one.instance for one in whole.proven] == [NAME, OTHER]
    pool.dying = (0,)
    first, second = verify(folder, [], prover(7.5, any_limits=True), pool=pool).proven
    assert (first.instance, first.text) == (NAME, "not reproduced: it was killed by signal 11")
    assert second == whole.proven[1]


def test_a_pool_that_breaks_proves_nothing_more(folder: Path) -> None:
    class Broken(InlinePool):
        def wait(self, seconds: float) -> list[Finished]:
            raise PoolBrokenError("no worker can be started")

    (one,) = verify(folder, [NAME], prover(7.5), pool=Broken()).proven
    assert (one.answer, one.text) == ("not reproduced", "not reproduced: no worker can be started")
