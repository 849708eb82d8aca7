"""`study --month-bound` as its user sees it, and what later runs make of the bounds that are kept."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
import pages
import pytest
import tiny_study as tiny

from optimizer.workers import local_pool

STATIONS = (tiny.station("S1"), tiny.station("S2", bays=4))
DEAR = {"id": "dear", "energy_periods": [{"name": "all day", "price_per_kwh": 0.9}]}


def study(asked: Path, out: Path, *options: object) -> subprocess.CompletedProcess[str]:
    with patch.object(local_pool, "LocalPool", lambda workers, *_: tiny.StudyPool(size=workers)):
        return cli.run("study", asked, "-o", out, "--workers", 1, *options)


def summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "study.json").read_text())
    return found


def ranking(out: Path) -> list[dict[str, str]]:
    with (out / "ranking.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stations under tariffs of which two are near each other, and one is far dearer."""
    day = tiny.instance(*STATIONS, tariffs=[tiny.FLAT, tiny.DEMAND, DEAR])
    folder = tmp_path_factory.mktemp("month")
    return tiny.write(folder, day, tariffs=[{"id": "flat"}, {"id": "demand"}, {"id": "dear"}])


@pytest.fixture(scope="module")
def plain(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plain") / "out"
    assert study(asked, out).returncode == 0
    return out


@pytest.fixture(scope="module")
def bounded(
    asked: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str], dict[str, bytes]]:
    """A study that is finished, and then asked for its bounds; its records before that."""
    out = tmp_path_factory.mktemp("bounded") / "out"
    assert study(asked, out).returncode == 0
    records = tiny.records(out)
    return out, study(asked, out, "--month-bound"), records


def test_a_finished_study_gets_its_bounds_and_nothing_is_planned_again(bounded: Any) -> None:
    out, told, records = bounded
    assert (told.returncode, told.stderr) == (0, "")
    assert tiny.records(out) == records
    assert len(list((out / "bounds").iterdir())) == 6
    assert [(one["station"], one["tariff"]) for one in summary(out)["month_bounds"]] == [
        (station, tariff) for station in ("S1", "S2") for tariff in ("flat", "demand", "dear")
    ]


def test_ranking_and_screen_tell_bound_gap_and_what_is_proven(bounded: Any) -> None:
    out, told, _ = bounded
    rows = ranking(out)
    assert [row["tariff"] for row in rows] == ["flat", "demand", "dear"]
    for row in rows:
        total, bound = float(row["total_cost"]), float(row["month_bound"])
        assert 0 < bound <= total
        assert float(row["month_gap"]) == pytest.approx((total - bound) / total)
    assert [row["cheaper_than_next"] for row in rows][1:] == ["proven", ""]
    at_stations = sum(one["bound"] for one in summary(out)["month_bounds"] if one["tariff"] == "dear")
    assert float(rows[2]["month_bound"]) == pytest.approx(at_stations)
    lines = told.stdout.splitlines()
    head = lines.index(
        "All nights planned at once, with every driver known beforehand, cost no less than the month bound:"
    )
    assert " ".join(lines[head + 1].split()) == "variant tariff total month bound month gap cheaper than the next"
    assert [line.split()[-1] for line in lines[head + 2 : head + 4]][1] == "proven"
    assert any(line.startswith("as it is: planned all at once, the nights cost at most ") for line in lines)


def test_the_page_tells_it_too(bounded: Any, tmp_path: Path) -> None:
    out, _, _ = bounded
    assert cli.run("report", out, "-o", tmp_path / "page.html").returncode == 0
    page = pages.parsed((tmp_path / "page.html").read_bytes())
    rows = page.table("All nights planned at once, EUR")
    assert [row[0] for row in rows[1:]] == ["flat", "demand", "dear"]
    assert rows[2][4] == "than the next: proven"


def test_without_the_option_there_is_nothing_of_it(plain: Path) -> None:
    assert summary(plain)["month_bounds"] == []
    assert {row["month_bound"] + row["month_gap"] + row["cheaper_than_next"] for row in ranking(plain)} == {""}
    assert not (plain / "bounds").exists()


def test_later_runs_keep_the_bounds_that_hold(bounded: Any, asked: Path) -> None:
    out, _, _ = bounded
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix in (".csv", ".json")}
    again = study(asked, out, "--json")
    assert json.loads(again.stdout)["month_bound_timing"] == {"resumed": 6, "cpu_seconds": 0.0}
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.suffix in (".csv", ".json")} == before


def test_a_bound_that_is_lost_or_damaged_is_made_again(bounded: Any, asked: Path) -> None:
    out, _, _ = bounded
    whole = {path: path.read_bytes() for path in sorted((out / "bounds").iterdir())}
    one, other, *_ = whole
    one.unlink()
    other.write_bytes(b'{"key":')
    (out / "bounds" / ".half.tmp").write_bytes(b"x")
    again = json.loads(study(asked, out, "--json", "--month-bound").stdout)
    assert again["month_bound_timing"]["resumed"] == 4
    assert {path: path.read_bytes() for path in sorted((out / "bounds").iterdir())} == whole


def test_a_programme_that_is_not_solved_in_time_gives_no_bound_and_says_so(asked: Path, tmp_path: Path) -> None:
    told = study(asked, tmp_path / "out", "--month-bound", "--bound-time-limit", 0)
    assert told.returncode == 0
    assert "  no bound of as it is, S1, flat: none within 0 s" in told.stdout.splitlines()
    assert {row["month_bound"] for row in ranking(tmp_path / "out")} == {""}


def test_a_limit_must_be_finite(asked: Path, tmp_path: Path) -> None:
    told = study(asked, tmp_path / "out", "--bound-time-limit", "inf")
    assert told.returncode == 2
    assert "--bound-time-limit takes a finite number" in told.stderr
