"""The networks of the scaling track: drawn, verified, judged station by station."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cli import INSTANCES

from models.station.cost import cost_of
from models.station.instance import Night
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.bench.scale.contest import NetworkScore, ScaleContest
from optimizer.bench.scale.track import drawn_network, drawn_text, read_scale
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.files.errors import InputErrors
from optimizer.formats.network_file import NetworkFile
from optimizer.workers.inline_pool import InlinePool

LIBRARY = INSTANCES / "bench"


@cache
def network() -> NetworkFile:
    (entry,) = read_scale(LIBRARY, ["network-10-1"])
    return drawn_network(drawn_text(entry))


def scored(make: object) -> NetworkScore:
    def compete(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
        return make(night)  # type: ignore[operator, no-any-return]

    return score_of(Contender("own", "for a test", compete))


def score_of(contender: Contender) -> NetworkScore:
    return ScaleContest(Limits(0.5, 10), InlinePool()).score("net", network(), "own", lambda: contender)


def plan_with_bound(night: Night, share: float) -> Outcome:
    plan = uncontrolled_charging(night)
    return Outcome(plan, bound=share * cost_of(night, plan).objective)


def test_a_network_is_the_one_that_is_meant() -> None:
    (entry,) = read_scale(LIBRARY, ["network-10-1"])
    news: list[str] = []
    assert json.loads(drawn_text(entry, news.append))["format"] == "swapcharge-instance"
    assert news == ["network-10-1: 0 of 10 stations drawn", ]  # fmt: skip
    with pytest.raises(InputErrors) as error:
        drawn_text(replace_seed(entry.name, 2))
    assert str(error.value).startswith('scale.json: networks.network-10-1.hash: "sha256:8487d1ae')
    assert "is not the hash of what is drawn, sha256:" in str(error.value)


def replace_seed(name: str, seed: int) -> object:
    from msgspec import structs

    (entry,) = read_scale(LIBRARY, [name])
    return structs.replace(entry, seed=seed)


def test_names_and_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match="is not one of the networks of this track; did you mean 'network-10-1'"):
        read_scale(LIBRARY, ["network-10"])
    with pytest.raises(InputErrors, match=r"has no scale\.json; run from the folder that has it"):
        read_scale(tmp_path)
    (tmp_path / "scale.json").write_text('{"format": "swapcharge-scale", "version": 1, "nets": []}')
    with pytest.raises(InputErrors, match="nets"):
        read_scale(tmp_path)
    document = json.loads((LIBRARY / "scale.json").read_text())
    (tmp_path / "scale.json").write_text(json.dumps(document | {"networks": 2 * document["networks"][:1]}))
    with pytest.raises(InputErrors, match=r'networks\[1\].name: "network-10-1": is taken by an earlier one'):
        read_scale(tmp_path)


def test_sums_are_those_of_the_stations() -> None:
    nights = [network().night(index) for index in range(10)]
    costs = [cost_of(night, uncontrolled_charging(night)) for night in nights]
    score = scored(lambda night: plan_with_bound(night, 0.9))
    assert (score.stations, score.planned, score.failed, score.bounded) == (10, 10, 0, 10)
    assert score.objective == pytest.approx(sum(cost.objective for cost in costs))
    assert score.gap == pytest.approx(0.1 * score.objective / sum(cost.gross_cost for cost in costs))
    assert score.solved == 10
    assert score.swaps == sum(len(night.station.swaps) for night in nights)
    assert score.lost == score.swaps - sum(uncontrolled_charging(night).swaps_served for night in nights)
    assert score.cpu_seconds >= score.most_cpu_seconds > 0


def test_without_a_bound_there_is_no_gap() -> None:
    score = scored(lambda night: Outcome(uncontrolled_charging(night)))
    assert (score.planned, score.solved, score.gap) == (10, 0, None)


def too_much(night: Night) -> Outcome:
    plan = uncontrolled_charging(night)
    rows = tuple(replace(row, power_kw=tuple(1.0 + kw for kw in row.power_kw)) for row in plan.rows)
    return Outcome(replace(plan, rows=rows))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda night: 1 / 0, "S00001: ZeroDivisionError: division by zero"),
        (lambda night: Outcome(None, detail="out of luck"), "S00001: no plan: out of luck"),
        (lambda night: plan_with_bound(night, 1.1), "lies above its plan"),
        (too_much, "S00001: its plan breaks rules: "),
        (lambda night: sys.exit("enough"), "S00001: SystemExit: enough"),
        (lambda night: Outcome("plan"), "S00001: its plan is too broken to be billed (AttributeError: "),
    ],
)
def test_what_fails_is_counted_and_told(make: object, said: str) -> None:
    score = scored(make)
    assert (score.planned, score.failed, len(score.failures)) == (0, 10, 5)
    assert said in score.failures[0]


def test_a_contender_may_refuse() -> None:
    own = Contender("own", "for a test", lambda *_: Outcome(None), refusal=lambda night: "no")
    score = score_of(own)
    assert (score.refused, score.failed, score.stations_per_cpu_hour) == (10, 0, 0.0)


def burn(night: Night) -> Outcome:
    """A solver in a process of its own."""
    code = "import time\nwhile time.process_time() < 0.1: pass"
    subprocess.run([sys.executable, "-S", "-c", code], check=True)
    return Outcome(None)


def test_processor_seconds_are_those_of_solvers_as_well() -> None:
    assert scored(burn).cpu_seconds >= 10 * 0.1
