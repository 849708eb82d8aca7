"""The suite `mini`: chosen from the committed table, by a rule that can be run again."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import bench_mini
import pytest
from cli import run

from optimizer.bench.library.library import read_library

FOLDER = bench_mini.FOLDER


def test_the_suite_is_what_the_table_gives() -> None:
    chosen, library = bench_mini.choose(bench_mini.read_features()), read_library(FOLDER)
    names = library.suite("mini").instances
    assert len(names) == len(set(names)) == 20
    assert set(names) == set(chosen)
    assert [one for one in library.entries if one in chosen] == list(names)


def test_every_difficulty_is_there_and_no_family_is_there_often() -> None:
    rows = {row["instance"]: row for row in bench_mini.read_features()}
    chosen = [rows[name] for name in bench_mini.choose(list(rows.values()))]
    counts = {name: sum(bench_mini.stratum(row) == name for row in chosen) for name, _ in bench_mini.STRATA}
    for name, places in bench_mini.STRATA:
        there = sum(bench_mini.stratum(row) == name and row["family"] != "tiny" for row in rows.values())
        assert counts[name] >= min(places, there), name
    families = [row["family"] for row in chosen]
    assert max(map(families.count, families)) <= 3


def test_what_the_table_says_of_instances_is_so() -> None:
    library, rows = read_library(FOLDER), bench_mini.read_features()
    left_out = {"depot"}
    assert [row["instance"] for row in rows] == [
        one.name for one in library.document.instances if one.family not in left_out
    ]
    for row in rows:
        entry = library.entry(row["instance"])
        found = bench_mini.features_of(library.load(entry).nights[0])
        assert {name: row[name] for name in found} == {name: f"{value:g}" for name, value in found.items()}
        assert (row["family"], row["size"]) == (entry.family, entry.size)


def made(name: str, engine_seconds: float, packs: int, *, easy: bool = False, opened: bool = False) -> dict[str, str]:
    row = dict.fromkeys((*bench_mini.OF_NIGHT, *bench_mini.MEASURED), "1")
    given = {"packs": packs, "engine_cpu_seconds": engine_seconds, "reference_solved": int(easy)}
    return row | {"instance": name, "family": "f", "engine_solved": str(int(not opened))} | {
        key: str(value) for key, value in given.items()
    }  # fmt: skip


def test_strata_take_turns_and_the_farthest_is_next() -> None:
    rows = [made(f"easy-{n}", 0.1, n, easy=True) for n in range(1, 9)]
    rows += [made("open-1", 60, 4, opened=True)]
    rows += [made(f"modest-{n}", 0.2, n) for n in range(1, 30)]
    chosen = bench_mini.choose(rows)
    kinds = [name.partition("-")[0] for name in chosen]
    assert kinds[:3] == ["easy", "modest", "open"]
    assert (kinds.count("easy"), kinds.count("open"), kinds.count("modest")) == (4, 1, 15)
    packs = [math.log(int(name.partition("-")[2])) for name in chosen if name.startswith("modest")]
    assert 0.0 in packs or max(packs) == math.log(29)
    assert bench_mini.choose(rows) == chosen


@pytest.mark.parametrize(("seconds", "stratum"), [(1.0, "modest"), (1.01, "hard")])
def test_a_second_divides_modest_from_hard(seconds: float, stratum: str) -> None:
    assert bench_mini.stratum(made("x", seconds, 1)) == stratum


def test_the_table_is_written_from_results(tmp_path: Path) -> None:
    """Of instances on which both contenders ran."""
    asked = ("--gap", 0.005, "--time-limit", 20, "-o", tmp_path / "results", "--library", FOLDER)
    for name, contenders in (("lost-swap-cheaper", "engine,reference:highs"), ("two-types", "engine")):
        done = run("bench", "run", name, "--contenders", contenders, *asked)
        assert done.returncode == 0, done.stderr
    (row,) = bench_mini.read_features(bench_mini.written([tmp_path / "results"]).decode())
    assert (row["instance"], row["packs"], row["reference_solved"], row["engine_solved"]) == (
        "lost-swap-cheaper", "2", "1", "1",
    )  # fmt: skip
    shutil.rmtree(tmp_path / "results")
