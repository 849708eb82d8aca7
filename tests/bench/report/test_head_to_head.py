"""Two contenders beside each other: who wins where, by how much, and what is noise, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bench_records as records
import cli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.beside_section import beside_section, sentences
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Table
from optimizer.bench.report.head_to_head import HeadToHead, head_to_head


def duel_of(runs: Sequence[RunRecord]) -> HeadToHead:
    return head_to_head(ComparedRuns(runs), "a", "b")


def told(runs: Sequence[RunRecord]) -> list[str]:
    of = ComparedRuns(runs)
    return list(sentences(of, head_to_head(of, "a", "b")))


def timed(pairs: Sequence[tuple[float, float]]) -> list[RunRecord]:
    """An instance for each pair of seconds; infinity: not solved, which counts as 200 s."""
    return [
        records.open_at(name, f"i{number:02}", 100.0, 90.0)
        if math.isinf(value)
        else records.solved(name, f"i{number:02}", value)
        for number, pair in enumerate(pairs)
        for name, value in zip("ab", pair, strict=True)
    ]


def test_the_factor_by_hand() -> None:
    """(8/2 · 16/4)^½ with the shift of 1 s; of processor time, which is half of it, (4.5/1.5 · 8.5/2.5)^½."""
    duel = duel_of(timed([(1.0, 7.0), (3.0, 15.0)]))
    wall, processor = duel.advantage("wall"), duel.advantage("processor")
    assert (wall.factor, wall.interval, wall.sign) == (pytest.approx(4), None, 1)
    assert processor.factor == pytest.approx(math.sqrt(4.5 / 1.5 * 8.5 / 2.5))
    turned = duel_of(timed([(7.0, 1.0), (15.0, 3.0)])).advantage("wall")
    assert (turned.factor, turned.sign) == (pytest.approx(1 / 4), -1)


def test_the_interval_by_hand() -> None:
    """Twice as long on five of ten, alike on five: 2^(k/10), k binomial, between 2 and 8 at 95 %."""
    times = duel_of(timed([(1.0, 3.0)] * 5 + [(1.0, 1.0)] * 5)).advantage("wall")
    assert times.factor == pytest.approx(2**0.5) and times.sign == 1
    assert times.interval == (pytest.approx(2**0.2), pytest.approx(2**0.8))


@pytest.mark.parametrize(
    ("pairs", "sign"),
    [
        ([(1.0, 7.0)] * 5 + [(3.0, 1.0)] * 5, 0),  # √2 on the mean: 4 on five, ½ on five, the interval holds 1
        ([(9.0, 9.5)] * 10, 0),  # 5 % on each of them, which chance does
        ([(9.0, 10.5)] * 10, 1),
        ([(1.0, 7.0), (15.0, 1.0)], 0),  # two that contradict each other
        ([(1.0, 7.0), (1.05, 1.0)], 1),  # the second is noise
        ([(1.0, 7.0)], 1),
    ],
)
def test_what_is_noise(pairs: list[tuple[float, float]], sign: int) -> None:
    assert duel_of(timed(pairs)).advantage("wall").sign == sign


@pytest.mark.parametrize(("more", "sign"), [(0, 0), (3, 0), (4, 1), (36, 1)])
def test_how_many_more_runs_are_more_than_noise(more: int, sign: int) -> None:
    """None of 36 drawn again with probability (33/36)^36 = 4 % where there are 3, and 1.4 % where there are 4."""
    pairs = [(5.0, math.inf)] * more + [(5.0, 5.0)] * (36 - more)
    assert duel_of(timed(pairs)).solves_more() == sign
    assert duel_of(timed([(b, a) for a, b in pairs])).solves_more() == -sign


def test_repeated_seeds_tell_what_noise_is() -> None:
    """The seeds of a lie a factor of 4 apart, so that 6/2 and 6/8 on one instance are noise, and 12/2 is not."""
    seeds = [records.solved("a", "one", seconds, seed=seed) for seed, seconds in enumerate((1.0, 7.0))]
    nearer = [records.solved("b", "one", 5.0, seed=seed) for seed in (0, 1)]
    near = [records.solved("b", "one", 11.0, seed=seed) for seed in (0, 1)]
    far = [records.solved("b", "one", 63.0, seed=seed) for seed in (0, 1)]
    assert duel_of([*seeds, *near]).noise["wall"] == pytest.approx(4)
    assert duel_of([*seeds, *near]).advantage("wall").sign == 1
    assert duel_of([*seeds, *nearer]).advantage("wall").sign == 0
    assert duel_of([*seeds, *far]).advantage("wall").sign == 1
    assert "by repeated seeds, 4.00" in told([*seeds, *far])[-1]


@given(st.lists(st.tuples(st.floats(0.001, 99), st.floats(0.001, 99)), min_size=1, max_size=12))
def test_who_is_first_changes_nothing(pairs: list[tuple[float, float]]) -> None:
    one = duel_of(timed(pairs)).advantage("wall")
    other = duel_of(timed([(b, a) for a, b in pairs])).advantage("wall")
    assert one.sign == -other.sign and one.factor == pytest.approx(1 / other.factor)


def test_the_words() -> None:
    runs = [
        records.solved("a", "one", 1.0),
        records.solved("b", "one", 7.0, objective=110.0),
        records.solved("a", "two", 3.0, family="peaky"),
        records.open_at("b", "two", None, 50.0, family="peaky"),
        records.solved("a", "three", 9.0, family="week"),
        records.solved("b", "three", 9.0, family="week"),
    ]
    noise = (
        "Factors are of times with the shift of 1 s added. Noise is a factor up to 1.1, an interval that holds 1, and "
        "with fewer than five instances, of which no interval can be told, runs that contradict each other."
    )
    how = "on the geometric mean, shifted by 1 s, what is not solved at twice its limit."
    assert told(runs) == [
        # (8/2 · 201/4 · 1)^⅓; (2 · 4 · 10)^⅓ − 1 and (8 · 201 · 10)^⅓ − 1
        "a wins: it solves 1 run more and it is 5.86 times as fast by wall time.",
        "Of 3 runs that both could try, a solves 3 and b 2: both 2, a alone 1, b alone 0, neither 0.",
        f"By wall time a is 5.86 times as fast: a 3.31 s, b 24.2 s {how}",
        # (4.5/1.5 · 201/2.5 · 1)^⅓; (1.5 · 2.5 · 5.5)^⅓ − 1 and (4.5 · 201 · 5.5)^⅓ − 1
        f"By processor time a is 6.22 times as fast: a 1.74 s, b 16.1 s {how}",
        "a is faster by wall time in ordinary (4.00 ×), peaky (50.2 ×).",
        "Within noise: week.",
        # of the one in two, 10 of 100; on average 5 %
        "Where both have a plan (2 runs), that of a is cheaper in 1, dearer in 0 and costs the same in 1, on average "
        "5.00 % of gross cost cheaper.",
        "Only a has a plan in 1 run.",
        noise,
    ]


def test_the_table_by_family() -> None:
    pairs = [records.solved(name, "x", seconds, family="week") for name, seconds in (("a", 9.0), ("b", 9.5))]
    (section,) = beside_section(ComparedRuns([*timed([(1.0, 3.0)] * 5 + [(1.0, 1.0)] * 5), *pairs]), ("a", "b"))
    (table,) = [part for part in section.parts if isinstance(part, Table)]
    assert [head.name for head in table.heads][:4] == ["family", "runs", "solved by a", "solved by b"]
    assert [[cell.words for cell in row] for row in table.rows] == [
        ["ordinary", "10", "10", "10", "a, 1.41 × (95 %: 1.15 to 1.74)", "a, 1.29 × (95 %: 1.11 to 1.50)"],
        ["week", "1", "1", "1", "within noise: a, 1.05 ×", "within noise: a, 1.05 ×"],
    ]


def test_on_a_loaded_machine_processor_time_decides() -> None:
    """Ten times as long by the clock, and half of the processor time."""
    runs = [
        records.solved("a", "one", 1.0, cpu_seconds=0.9),
        records.solved("b", "one", 10.0, cpu_seconds=0.2, is_machine_loaded=True),
    ]
    assert told(runs)[:2] == [
        "b wins: it is 1.58 times as fast by processor time; numbers of solved runs are within noise.",  # 1.9 / 1.2
        "Some of these runs were on a loaded machine: processor time decides here, not wall time.",
    ]


def test_who_wins_nothing_or_not_everything() -> None:
    assert told(timed([(5.0, 5.1)] * 6))[0] == "Undecided: what separates a from b is within noise."
    split = told(timed([(90.0, math.inf)] * 6 + [(90.0, 0.1)] * 30))
    assert split[0] == "Undecided: a solves more runs, b is faster by wall time."
    solved = told(timed([(150.0, math.inf)] * 6 + [(9.0, 5.0)] * 4))
    assert solved[0] == "a wins: it solves 6 runs more; times are within noise."
    assert "which is within noise" in solved[2]


def test_who_can_try_nothing_is_told_with_the_reason() -> None:
    runs = [records.solved("a", "one"), records.ended("b", "one", "NA", "not installed")]
    assert told(runs) == ["There is nothing that both could try.", "b could try nothing: not installed."]


def test_the_command_prints_the_words_and_the_report_begins_with_them(tmp_path: Path) -> None:
    results = records.written(tmp_path / "r", records.library())
    page = tmp_path / "b.md"
    done = cli.run("bench", "report", results, "--compare", "engine", "reference", "-o", page)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("engine wins: it solves 1 run more and it is 6.51 times as fast by wall time.\n")
    text = page.read_text()
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads[1] == "## engine beside reference" and "- engine wins: it solves 1 run more" in text
    same = cli.run("bench", "report", results, "--compare", "engine", "reference", "-o", "-")
    assert same.stdout == text
