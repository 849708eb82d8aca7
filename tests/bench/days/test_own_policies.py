"""Policies of one's own: what they are told is true, what they decide keeps every rule, what fails is told by name."""

from __future__ import annotations

import ast
import inspect
import json
import random
import re
import subprocess
from pathlib import Path

import pytest
from cli import COMMAND, INSTANCES, ROOT, run
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertain.nights import uncertain_night

from models.station.cost import cost_of
from models.station.drawn_days import draw_days
from models.tolerances import is_same_money
from optimizer.bench.days import example_policy, policy_api
from optimizer.bench.days.day_policy import DayPolicy, Decide, StationNow
from optimizer.bench.days.decided_days import TrainingDays, decided_days
from optimizer.bench.days.track import TRAINING_SEED, read_track
from optimizer.check.rules import check
from optimizer.simulate.play import play
from optimizer.simulate.played_schedule import played_schedule

PAGE = ROOT / "optimizer" / "bench" / "write-a-policy.md"
NAME, DAYS = "days-nl-winter-day", 4
SIGNATURES = {
    "DayPolicy": "name, what, prepare",
    "DriverCame": "slot, type, packs, returned_soc, is_served",
    "Night": "horizon, pack_types, station",
    "PackNow": "type, energy_kwh, is_ready, most_kw",
    "StationNow": "day, slot, packs, drivers, drawn_kw",
}
"""Parameters may be added at an end, with defaults. Nothing else may change here: others' policies would break."""
HEAD = "from optimizer.bench.days.policy_api import DayPolicy\n"


def policy(decide: Decide) -> DayPolicy:
    return DayPolicy("own", "for a test", lambda night, training: decide)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_decided_keeps_every_rule_and_is_billed_as_played(seed: int) -> None:
    night, noise = uncertain_night(seed), random.Random(seed)
    days = draw_days(night, DAYS, seed)

    def decide(now: StationNow) -> list[float]:
        return [noise.choice([0.0, pack.most_kw, 2 * pack.most_kw, 50 * noise.random()]) for pack in now.packs]

    played = decided_days(policy(decide), night, [], days, keep_powers=True)
    for day in range(DAYS):
        own, schedule = played_schedule(played, days, day)
        assert check(own, schedule) == []
        assert is_same_money(float(played.objective[day]), cost_of(own, schedule).objective)


def test_what_a_policy_is_told_is_what_comes() -> None:
    night = read_track(INSTANCES / "bench", [NAME])[0].instance.nights[0]
    days, seen = draw_days(night, DAYS, 5), dict[tuple[int, int], StationNow]()

    def decide(now: StationNow) -> list[float]:
        seen[now.day, now.slot] = now
        return [pack.most_kw if pack.energy_kwh < 50 else 0.0 for pack in now.packs]

    played = decided_days(policy(decide), night, [], days)
    slots = night.horizon.slots
    assert set(seen) == {(day, slot) for day in range(DAYS) for slot in range(slots)}
    for day in range(DAYS):
        last = seen[day, slots - 1]
        assert last.drawn_kw == tuple(played.load_kw[day, : slots - 1])
        assert sorted(one.slot for one in last.drivers) == days.slot[days.of_day(day)].tolist()
        assert sum(one.is_served for one in last.drivers) == played.served[day]
        for slot in range(slots):
            now = seen[day, slot]
            assert sum(pack.is_ready for pack in now.packs) == played.ready[day, slot]
            assert now.drivers == last.drivers[: len(now.drivers)] and all(one.slot <= slot for one in now.drivers)
    start = seen[0, 0].packs
    assert [pack.type for pack in start] == [pack.type for pack in night.station.packs]


def test_full_power_everywhere_is_charging_on_arrival_but_for_who_gets_which_pack() -> None:
    night = read_track(INSTANCES / "bench", [NAME])[0].instance.nights[0]
    days = draw_days(night, 20, 5)
    own = decided_days(policy(lambda now: [pack.most_kw for pack in now.packs]), night, [], days)
    known = play(night, None, None, days, "on-arrival")
    assert abs(own.objective.mean() / known.objective.mean() - 1) < 0.02
    assert (own.load_kw[:, 0] == known.load_kw[:, 0]).all()


def test_training_days_are_those_of_their_seed() -> None:
    night = read_track(INSTANCES / "bench", [NAME])[0].instance.nights[0]
    training, drawn = TrainingDays(night, 3, TRAINING_SEED), draw_days(night, 3, TRAINING_SEED)
    assert len(training) == 3
    assert [[swap.slot for swap in day.station.swaps] for day in training] == [
        drawn.slot[drawn.of_day(day)].tolist() for day in range(3)
    ]
    assert training[-1].station.swaps == training[1:][1].station.swaps
    with pytest.raises(IndexError):
        training[3]


def test_names_stay_and_the_page_explains_them() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert set(policy_api.__all__) == {*SIGNATURES, "Decide"}
    for name, parameters in SIGNATURES.items():
        assert ", ".join(inspect.signature(getattr(policy_api, name)).parameters) == parameters
        assert re.search(rf"^\| `{name}[`(]", page, re.MULTILINE)
        if name != "Night":
            assert all(f"`{one}`" in page for one in parameters.split(", ")), name
    tree = ast.parse(Path(example_policy.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {one for one in modules if one and one.startswith(("models", "optimizer"))} == {
        "optimizer.bench.days.policy_api"
    }


def test_the_example_competes(tmp_path: Path) -> None:
    made = run("bench", "days", "--example")
    assert made.returncode == 0 and made.stdout == Path(example_policy.__file__).read_text(encoding="utf-8")
    (tmp_path / "mine_day.py").write_text(made.stdout)
    asked = ("--days", 30, "--bound-days", 2, "--policies", "on-arrival", "--contenders", "mine_day:EXAMPLE", "--json")
    done = run("bench", "days", NAME, *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    by_name = {one["contender"]: one for one in json.loads(done.stdout)["scores"]}
    assert by_name["example"]["cost"] < by_name["on-arrival"]["cost"]
    assert by_name["example"]["served"] > 0.98
    assert run("bench", "days", NAME, *asked, cwd=tmp_path).stdout == done.stdout


def test_what_a_policy_prints_is_told_once_and_is_not_taken_for_the_scores(tmp_path: Path) -> None:
    """Where it is loaded, in `prepare`, and in a slot; by a process of its own, so not in this one."""
    text = _prepare("print('here') or (lambda now: [0.0] * 13 if now.slot else print('loud') or [0.0] * 13)")
    (tmp_path / "loud_day.py").write_text("print('hello')\n" + text)
    asked = ("--days", 1, "--bound-days", 0, "--policies", "on-arrival", "--contenders", "loud_day:MINE", "--json")
    command = [COMMAND, "bench", "days", NAME, *asked]
    done = subprocess.run(list(map(str, command)), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [one["contender"] for one in json.loads(done.stdout)["scores"]] == ["on-arrival", "mine"]
    assert done.stderr.splitlines() == ["hello", "here", "loud"]


def _prepare(decide: str) -> str:
    return f"{HEAD}def prepare(night, training):\n    return {decide}\nMINE = DayPolicy('mine', 'w', prepare)\n"


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        (
            _prepare("lambda now: [1 / now.slot] * len(now.packs)"), "MINE",
            'mine: s, test day 1, slot 0: "ZeroDivisionError: division by zero": raised in the policy, line 3 of '
            "MODULE.py; mend the policy",
        ),
        (
            _prepare("int('x')"), "MINE",
            "mine: prepare: \"ValueError: invalid literal for int() with base 10: 'x'\": raised in the policy, line 3 "
            "of MODULE.py; mend the policy",
        ),
        (
            _prepare("lambda now: [0.0]"), "MINE",
            'mine: s, test day 1, slot 0: "1 values": must be one power a bay: 13; mend the policy',
        ),
        (
            _prepare("lambda now: None"), "MINE",
            'mine: s, test day 1, slot 0: "returned NoneType": must be one power a bay: 13; mend the policy',
        ),
        (
            _prepare("lambda now: '0' * 13"), "MINE",
            'mine: s, test day 1, slot 0: "returned str": must be one power a bay: 13; mend the policy',
        ),
        (
            _prepare("lambda now: [[0.0] * 13]"), "MINE",
            'mine: s, test day 1, slot 0: "TypeError: float() argument must be a string or a real n...: must be one '
            "power a bay: 13; mend the policy",
        ),
        (
            _prepare("lambda now: (1 / 0 for _ in now.packs)"), "MINE",
            'mine: s, test day 1, slot 0: "ZeroDivisionError: division by zero": raised in the policy, line 3 of '
            "MODULE.py; mend the policy",
        ),
        (
            _prepare("None"), "MINE",
            'mine: prepare: "returned NoneType": must be a function, decide(now); mend the policy',
        ),
        (
            _prepare("lambda: []"), "MINE",
            'mine: s, test day 1, slot 0: "TypeError: prepare.<locals>.<lambda>() takes 0 positiona...: raised in the '
            "policy; mend the policy",
        ),
        (
            _prepare("lambda now: [0.0, -1.0, float('nan'), *[0.0] * 10]"), "MINE",
            "mine: s, test day 1, slot 0, bay 2: -1: must be kW, 0 or more; mend the policy\n"
            "mine: s, test day 1, slot 0, bay 3: NaN: must be kW, 0 or more; mend the policy",
        ),
        (
            _prepare("exit(3)"), "MINE",
            'mine: prepare: "SystemExit: 3": raised in the policy, line 3 of MODULE.py; mend the policy',
        ),
        (
            "import os\n" + _prepare("lambda now: os._exit(0)"), "MINE",
            'mine: s: "its worker ended with exit code 0": the policy must come to its end, and let its process live; '
            "mend the policy",
        ),
        (
            "import os\n" + _prepare("os.kill(os.getpid(), 11)"), "MINE",
            'mine: s: "its worker was killed by SIGSEGV": the policy must come to its end',
        ),
        (
            f"def no():\n    raise KeyboardInterrupt\n{_prepare('no()')}", "MINE",
            'mine: s: "KeyboardInterrupt": the policy must come to its end',
        ),
        (
            "import os\nassert 'OMP_NUM_THREADS' not in os.environ\n" + _prepare("lambda now: []"), "MINE",
            '"MODULE:MINE": cannot be imported (AssertionError: , line 2 of MODULE.py)',
        ),
        (
            _prepare("None").replace("'mine'", "' '"), "MINE",
            '--contenders: "MODULE:MINE": has no name; DayPolicy(name, what, prepare) takes a text',
        ),
        (
            _prepare("None"), "MINNE",
            '--contenders: "MODULE:MINNE": is no policy: MODULE has no DayPolicy of the name MINNE; did you mean '
            "'MINE'?",
        ),
        (
            _prepare("None").replace("'mine'", "'hedged'"), "MINE",
            'Error: --contenders: "hedged" is the name of another contender',
        ),
    ],
)  # fmt: skip
def test_what_fails_is_told_by_name(
    tmp_path: Path, text: str, asked: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)  # it tells the policy's process from this one
    module = tmp_path.name  # another one each time: a module is loaded once in a process
    (tmp_path / f"{module}.py").write_text(text)
    asked_for = ("--days", 2, "--bound-days", 0, "--policies", "hedged" if "hedged" in text else "on-arrival")
    done = run("bench", "days", NAME, *asked_for, "--contenders", f"{module}:{asked}", cwd=tmp_path)
    assert done.returncode == 2
    station = read_track(INSTANCES / "bench", [NAME])[0].instance.nights[0].station.id
    assert said.replace("MODULE", module).replace("mine: s", f"mine: {station}") in done.stderr.replace("\r", "\n")


def test_names_that_are_none(tmp_path: Path) -> None:
    done = run("bench", "days", NAME, "--contenders", "engine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        '--contenders: "engine": names no policy; write MODULE:NAME, where NAME = DayPolicy(...) stands in MODULE.py '
        "of the current folder\n",
    )
    done = run("bench", "days", NAME, "--contenders", ",")
    assert done.returncode == 2 and done.stderr.endswith("Error: --contenders takes MODULE:NAME\n")
    done = run("bench", "days", "--example", "--json")
    assert done.returncode == 2 and done.stderr.endswith("Error: --example prints Python: leave out --json and -o\n")
