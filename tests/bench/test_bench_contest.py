"""The part of a run inside its process, who competes, and the verdict on what comes out of it."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import bench_fakes
import bench_records
import bench_runs as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bench.contenders.entrants import entrants
from optimizer.bench.contenders.registry import contenders
from optimizer.bench.contest.child_process import RunEnd
from optimizer.bench.contest.child_run import ChildAnswer
from optimizer.bench.contest.judge_run import MOST_POINTS, judged_run, thinned
from optimizer.bench.contest.trajectory_file import TrajectoryFile, read_start, read_trajectory
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.records.contender import Outcome
from optimizer.bench.records.run_record import Point, RunRecord
from optimizer.files.errors import InputErrors
from optimizer.workers.usage import says_out_of_memory

BLANK = bench_records.ended("mine", "tiny", "NA", gap_asked=0.01, time_limit_seconds=10.0)
SCHEDULE, OBJECTIVE = bench_fakes.plan_and_cost(make.NIGHT)  # 35, which is its gross cost, too
VALUES = st.none() | st.floats()


def verdict(outcome: Outcome, *points: Point, wall_seconds: float = 5.0, known: LedgerEntry | None = None) -> RunRecord:
    answer = ChildAnswer("answered", outcome=outcome, wall_seconds=wall_seconds)
    return judged_run(BLANK, make.NIGHT, RunEnd("answered", "", answer, points, wall_seconds), known).record


def test_only_what_is_better_is_news(tmp_path: Path) -> None:
    trajectory = TrajectoryFile(tmp_path / "trajectory")
    assert read_start(tmp_path / "trajectory") is None and read_start(tmp_path / "none") is None
    trajectory.start()
    held_mb, cpu_seconds = read_start(tmp_path / "trajectory") or (0.0, 0.0)
    assert held_mb > 10 and cpu_seconds > 0 and read_trajectory(tmp_path / "trajectory") == []
    for objective, bound in (
        (9.0, None),
        (9.5, None),
        (None, 1.0),
        (8.0, 0.5),
        (math.nan, math.inf),
        (-math.inf, None),
    ):
        trajectory.add(objective, bound)
    assert [point[1:] for point in read_trajectory(tmp_path / "trajectory")] == [(9, None), (9, 1), (8, 1)]


def test_a_torn_line_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "trajectory").write_bytes(b"started 80.000 0.100000\n[0.1,5,null]\n[0.2,4,nu")
    assert read_trajectory(tmp_path / "trajectory") == [(0.1, 5, None)]
    assert read_trajectory(tmp_path / "none") == []


@given(st.lists(st.tuples(VALUES, VALUES), max_size=20))
def test_trajectories_only_get_better(tmp_path_factory: pytest.TempPathFactory, told: list[Point]) -> None:
    path = tmp_path_factory.mktemp("trajectory") / "trajectory"
    trajectory = TrajectoryFile(path)
    trajectory.start()
    for objective, bound in told:
        trajectory.add(objective, bound)
    points = read_trajectory(path)
    for (t, objective, bound), (later, lower, higher) in pairwise(points):
        assert t <= later and (objective, bound) != (lower, higher)
        assert objective is None or (lower is not None and lower <= objective)
        assert bound is None or (higher is not None and higher >= bound)
    finite = [value for value, _ in told if value is not None and math.isfinite(value)]
    assert (points[-1][1] if points else None) == min(finite, default=None)


@given(st.integers(0, 50), st.integers(2, 20))
def test_thinning_keeps_both_ends(count: int, most: int) -> None:
    points = [(float(index), None, None) for index in range(count)]
    kept = thinned(points, most)
    assert len(kept) == min(count, most) and list(kept) == sorted(set(kept))
    assert not points or (kept[0], kept[-1]) == (points[0], points[-1])


def test_long_trajectories_are_thinned() -> None:
    told = [(index / 1e4, 1000.0 - index / 100, None) for index in range(5000)]
    assert len(verdict(Outcome(SCHEDULE, OBJECTIVE), *told).trajectory) == MOST_POINTS


@pytest.mark.parametrize("words", ["std::bad_alloc", "SCIP: insufficient memory error", "Out of memory"])
def test_words_that_tell_of_memory(words: str) -> None:
    assert says_out_of_memory(words) and not says_out_of_memory("time limit")


def test_solved_as_soon_as_the_gap_is_proven() -> None:
    told = ((1.0, 40.0, 20.0), (2.0, 35.2, 34.9), (3.0, 35.0, 34.95))
    found = verdict(Outcome(SCHEDULE, OBJECTIVE, 34.95), *told)
    assert (found.status, found.is_solved, found.solved_seconds) == ("OK", True, 2.0)
    assert found.gap == pytest.approx(0.05 / 35) and found.trajectory == told


def test_what_was_told_counts_no_more_than_the_end() -> None:
    told = ((1.0, 30.0, 34.9), (2.0, 30.0, 36.0))  # a plan and a bound that were no such thing
    found = verdict(Outcome(SCHEDULE, OBJECTIVE, 34.9), *told)
    assert (found.status, found.solved_seconds) == ("OK", 1.0)
    withdrawn = verdict(Outcome(SCHEDULE, OBJECTIVE, 20.0), *told)
    assert (withdrawn.status, withdrawn.bound, withdrawn.is_solved) == ("OK", 20, False)


def test_solved_at_the_end_where_nothing_was_told() -> None:
    found = verdict(Outcome(SCHEDULE, None, 35.0))
    assert found.trajectory == ((5.0, 35.0, 35.0),) and found.solved_seconds == 5.0


def test_proven_after_the_time_limit_is_not_solved() -> None:
    late = verdict(Outcome(SCHEDULE, OBJECTIVE, 35.0), wall_seconds=10.5)
    assert (late.status, late.is_solved, late.solved_seconds, late.gap) == ("TO", False, None, 0)
    in_time = verdict(Outcome(SCHEDULE, OBJECTIVE, 35.0, "time_limit"), (9.0, 35.0, 35.0), wall_seconds=10.5)
    assert (in_time.status, in_time.reason, in_time.is_solved, in_time.solved_seconds) == ("TO", "", True, 9.0)


@pytest.mark.parametrize(("claimed", "status"), [(35.0 + 3e-4, "OK"), (35.0 + 4e-4, "WRONG"), (math.nan, "WRONG")])
def test_a_claim_may_miss_a_hundred_thousandth(claimed: float, status: str) -> None:
    assert verdict(Outcome(SCHEDULE, claimed)).status == status


@pytest.mark.parametrize(("bound", "status"), [(35.0 + 3e-5, "OK"), (35.0 + 4e-5, "WRONG"), (math.inf, "WRONG")])
def test_a_bound_may_miss_a_millionth(bound: float, status: str) -> None:
    found = verdict(Outcome(SCHEDULE, OBJECTIVE, bound))
    assert (found.status, found.bound) == (status, 35.0 if status == "OK" else None)


def test_a_bound_that_is_no_number() -> None:
    found = verdict(Outcome(SCHEDULE, OBJECTIVE, math.nan))
    assert (found.status, found.reason, found.bound) == ("WRONG", "its bound is no number", None)


def test_all_that_is_wrong_is_told() -> None:
    found = verdict(Outcome(SCHEDULE, 36.0, 37.0))
    assert found.reason == "its plan costs 35.0, and it says 36.0; its bound 37.0 lies above its own plan of 35.0"


def test_a_killed_run_answers_for_its_bounds() -> None:
    ended = RunEnd("killed", "killed", trajectory=((1.0, None, 34.0), (2.0, None, 36.0)))
    alone = judged_run(BLANK, make.NIGHT, ended).record
    assert (alone.status, alone.reason, alone.bound) == ("TO", "killed", 36)
    refuted = judged_run(BLANK, make.NIGHT, ended, make.known(35.0)).record
    assert (refuted.status, refuted.bound) == ("WRONG", None) and refuted.reason.endswith("; killed")


def test_agreeing_with_the_ledger() -> None:
    known = make.known(35.0, 35.0)
    assert verdict(Outcome(SCHEDULE, OBJECTIVE, 35.0), known=known).status == "OK"
    assert verdict(Outcome(None, bound=35.0), known=known).status == "OK"
    assert verdict(Outcome(None, bound=35.1), known=known).status == "WRONG"


def test_contenders_of_the_registry_and_of_ones_own() -> None:
    names = ["cheapest-first", "bench_fakes:OK", "reference:highs", "reference"]
    assert [one.contender.name for one in entrants(names)] == ["cheapest-first", "ok", "reference:highs"]
    assert entrants(["engine"])[0].contender == contenders(["engine"])[0]


def test_all_contenders_that_are_none_are_told() -> None:
    with pytest.raises(InputErrors) as caught:
        entrants(["no_such_module:MINE", "bench_fakes:NO_CONTENDER", "bench_fakes:OK", "bench_fakes:SAME_NAME"])
    own = "write MODULE:NAME, where NAME = Contender(...) stands in MODULE.py of the current folder"
    assert str(caught.value).splitlines() == [
        '--contenders: "no_such_module:MINE": cannot be imported (ModuleNotFoundError: No module named '
        f"'no_such_module'); {own}",
        '--contenders: "bench_fakes:NO_CONTENDER": is no contender: bench_fakes has no Contender of the name '
        f"NO_CONTENDER; {own}",
        "--contenders: \"bench_fakes:SAME_NAME\": is named 'ok' as bench_fakes:OK is; give the contender a name of "
        "its own",
    ]


def test_unknown_names_of_the_registry() -> None:
    with pytest.raises(InputErrors) as caught:
        entrants(["engin", "no_such_module:MINE"])
    assert len(caught.value.problems) == 2 and caught.value.problems[0].value == "engin"


def test_a_module_that_breaks_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_of_mine.py").write_text("import math\n\nNIGHTS = math.floor(nights)\n")
    (tmp_path / "nearly_mine.py").write_text(
        "from optimizer.bench.contender_api import Contender, Outcome\nSEARCH = Contender('s', 's', lambda *_: None)\n"
    )
    (tmp_path / "script_of_mine.py").write_text("import sys\n\nsys.exit(3)\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputErrors) as raised:
        entrants(["broken_of_mine:MINE", "script_of_mine:MINE", "nearly_mine:SERCH"])
    assert str(raised.value).splitlines() == [
        "--contenders: \"broken_of_mine:MINE\": cannot be imported (NameError: name 'nights' is not defined, line 3 of "
        "broken_of_mine.py); write MODULE:NAME, where NAME = Contender(...) stands in MODULE.py of the current folder",
        '--contenders: "script_of_mine:MINE": cannot be imported (SystemExit: 3, line 3 of script_of_mine.py); '
        "write MODULE:NAME, where NAME = Contender(...) stands in MODULE.py of the current folder",
        '--contenders: "nearly_mine:SERCH": is no contender: nearly_mine has no Contender of the name SERCH; did you '
        "mean 'SEARCH'?",
    ]


def test_versions_that_cannot_be_told_are_no_fault_of_ours(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as raised:
        make.ran(tmp_path / "r", make.fakes("NO_VERSIONS"))
    assert str(raised.value) == (
        '--contenders: "bench_fakes:NO_VERSIONS": cannot tell its versions (ZeroDivisionError: division by zero); '
        "versions() gives texts by name, {} for none"
    )
