"""What is wrong with an operator's tables is told word for word, with file, line and column, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import small_tables
from paths import DATA

CASES = json.loads((DATA / "wrong-tables.json").read_text(encoding="utf-8"))
DRIVERS = {True: ("--reservations", "drivers.csv"), False: ("--expected", "expected.csv")}


def test_the_tables_are_right_as_they_are(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    for drivers in DRIVERS.values():
        done = small_tables.imported(tmp_path, drivers)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("case", CASES, ids=[" ".join(case["messages"][0].split()[:3]) for case in CASES])
def test_every_mistake_is_told_at_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    small_tables.write(tmp_path, case["changes"])
    done = small_tables.imported(tmp_path, DRIVERS[case["reservations"]])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == case["messages"]
    assert not (tmp_path / "network.json").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            (),
            "stations.csv: --zone: absent: is needed: no table and no tariff says the stations' clock; give --zone, "
            "such as Europe/Berlin, or zone in the mapping\n"
            "stations.csv: --date: absent: is needed: no table has a time that says it; give --date YYYY-MM-DD\n"
            "stations.csv: --currency: absent: is needed: no tariff says in which currency prices are; give "
            "--currency, such as EUR, or currency in the mapping\n",
        ),
        (
            ("--mapping", "mapping.toml", "--date", "24.11.2025"),
            "Error: Invalid value for '--date': 24.11.2025: must be a date YYYY-MM-DD; write it like 2025-01-15\n",
        ),
    ],
)
def test_what_nothing_says_is_asked_for(given: tuple[str, ...], message: str, tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    done = small_tables.imported(tmp_path, day=given)
    assert done.returncode == 2
    assert done.stderr.endswith(message)


@pytest.mark.parametrize(
    ("drivers", "more", "message"),
    [
        ((), (), "nothing says who comes: give --swaps, --expected or --reservations"),
        (
            ("--swaps", "drivers.csv", "--expected", "expected.csv"),
            (),
            "--swaps and --expected both say who is expected: give one of them",
        ),
        (
            ("--expected", "expected.csv"),
            ("--template", "x"),
            "--template writes empty tables and reads none: leave the other options out",
        ),
        (("--expected", "-", "--reservations", "-"), (), "only one table can be standard input"),
    ],
)
def test_wrong_usage(drivers: tuple[str, ...], more: tuple[str, ...], message: str, tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    done = small_tables.imported(tmp_path, drivers, *more)
    assert done.returncode == 2
    assert done.stderr.endswith(f"Error: {message}\n")
    assert not (tmp_path / "network.json").exists()


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    small_tables.write(tmp_path)
    done = small_tables.imported(tmp_path, ("--expected", "expected.csv"), "-o", "packs.csv")
    assert done.returncode == 2
    assert (tmp_path / "packs.csv").read_text() == small_tables.TABLES["packs.csv"]
