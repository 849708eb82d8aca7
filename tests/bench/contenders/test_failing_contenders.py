"""Contenders that fail, from `bench run` to the pages of `bench report`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import bench_fakes
import bench_runs as make
import cli
import pytest
from patience import PATIENCE

FAKES = os.environ | {"PYTHONPATH": str(Path(bench_fakes.__file__).parent)}
KEPT = "Tracebacks and output of failed runs: in the report, and in their records in runs/"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failing") / "results"
    names = ",".join(make.fakes("RAISE", "TALK", "CRASH", "UNWRITABLE"))
    command = [cli.COMMAND, "bench", "run", str(cli.TINY), "--contenders", f"{names},cheapest-first", "-o", str(folder)]
    done = subprocess.run(command, env=FAKES, cwd=cli.ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, "") and KEPT in done.stdout.splitlines()
    assert "ER: talk on one-pack-cheap-slot, seed 0: ValueError: \\x1b[2Jno such basis" in done.stdout
    return folder


def test_records_keep_where_and_what(results: Path) -> None:
    runs = {run["contender"]: run for run in (json.loads(file.read_bytes()) for file in (results / "runs").iterdir())}
    assert {name: run["status"] for name, run in runs.items()} == {
        "raise": "ER",
        "talk": "ER",
        "crash": "ER",
        "unwritable": "ER",
        "cheapest-first": "OK",
    }
    assert runs["raise"]["traceback"].endswith("ValueError: no such basis\nsecond line")
    assert runs["talk"]["stdout"].startswith("from 0 %\nto 100 %")
    assert runs["unwritable"]["reason"].startswith("ValueError: no file \\udcffxxx")
    assert "characters left out" in runs["unwritable"]["reason"] and len(runs["unwritable"]["reason"]) < 8100
    assert "bench_fakes.py" in runs["crash"]["traceback"]
    assert not {"traceback", "stdout", "stderr"} & {key for key, value in runs["cheapest-first"].items() if value}


@pytest.mark.parametrize("ending", ["html", "md"])
def test_the_report_shows_them_harmless(results: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"report.{ending}"
    done = cli.run("bench", "report", results, "-o", file)
    assert (done.returncode, done.stderr) == (0, "")
    page = file.read_text(encoding="utf-8")
    assert "Failed runs" in page and "\x1b" not in page
    for name, words in (
        ("raise", "traceback"),
        ("talk", "traceback"),
        ("talk", "standard output"),
        ("talk", "standard error"),
        ("crash", "traceback"),
        ("crash", "standard error"),
        ("unwritable", "traceback"),
    ):
        assert f"{name} on one-pack-cheap-slot, seed 0: {words}" in page
    assert "cheapest-first on" not in page
    assert ("of <b>" in page) == (ending == "md")  # within its fence
