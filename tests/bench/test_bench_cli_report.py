"""The command `bench report` as people and scripts see it."""

from __future__ import annotations

import gzip
from pathlib import Path

import bench_records as records
import bench_runs
import cli
import pytest
from click.testing import CliRunner

from optimizer.bench.ledger import ledger_file as ledger
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.html import as_html
from optimizer.bench.report.markdown import as_markdown
from optimizer.bench.report.report import ReportOptions, bench_report
from optimizer.cli.main import main


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return records.written(tmp_path_factory.mktemp("bench") / "results", records.library())


def run(*arguments: object) -> str:
    """What `bench report` prints, in this process."""
    done = CliRunner().invoke(main, ["bench", "report", *map(str, arguments)])
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def test_the_command_writes_html_and_markdown(results: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "b.html", tmp_path / "b.md.gz"
    done = cli.run("bench", "report", results, "-o", page, "--at", "5,60,300")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run(results, "-o", text, "--at", "5,60,300") == ""
    expected = bench_report(ComparedRuns(records.library()), ReportOptions(times_seconds=(5.0, 60.0, 300.0)))
    assert page.read_bytes() == as_html(expected)
    assert gzip.decompress(text.read_bytes()) == as_markdown(expected)
    assert run(results, "-o", "-", "--at", "5,60,300").encode() == as_markdown(expected)
    for file in (page, text):  # its own files are written over
        before = file.read_bytes()
        assert run(results, "-o", file) == "" and file.read_bytes() != before


def test_options_choose_what_is_compared(results: Path, tmp_path: Path) -> None:
    both = run(results, "--contenders", "engine,arc-flow", "-o", "-", "--shift", "10")
    assert "on 4 common runs" in both and "shift 10 s" in both and "| reference |" not in both
    more = records.written(tmp_path / "more", [records.solved("engine", "one", 60.0, time_limit_seconds=1000.0)])
    assert "1 run, 1 contender, 1 instance" in run(results, more, "--time-limit", "1000", "-o", "-")
    exact = [records.solved(name, "one", gap_asked=0.001) for name in ("engine", "b")]
    exactly = records.written(tmp_path / "exactly", exact)
    assert "2 runs, 2 contenders, 1 instance" in run(results, exactly, "--gap", "0.001", "-o", "-")
    drift = run(more, "--reference", results, "-o", "-")
    assert "| engine | one | 0 | OK, 1.00 s | OK, 60.0 s | 30.50 | 100.00 | 100.00 | 0.00 |" in drift


def test_the_ledger_knows_better_plans(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"three": bench_runs.known(80.0)}
    monkeypatch.setattr(ledger, "known_values", lambda folder: known if folder == Path("instances") else {})
    assert "bound 95.00 of engine, plan 80.00 of the ledger" in run(results, "--library", "instances", "-o", "-")
    done = CliRunner().invoke(main, ["bench", "report", str(results), "--library", "elsewhere", "-o", "-"])
    words = "Error: --library elsewhere: there is no ledger in this folder, or nothing in it"
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-1]) == (2, "", words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "x.pdf"], "Error: -o x.pdf: the name must end in .html or .md, or these with .gz"),
        (
            ["-o", "-", "--at", "10;60"],
            "Error: Invalid value for '--at': '10;60' must be seconds above 0 with commas between, such as 10,60,300",
        ),
        (
            ["-o", "-", "--at", "nan"],
            "Error: Invalid value for '--at': 'nan' must be seconds above 0 with commas between, such as 10,60,300",
        ),
        (
            ["-o", "-", "--shift", "0"],
            "Error: Invalid value for '--shift': 0 must be a number of seconds above 0",
        ),
        (
            ["-o", "-", "--compare", "engine", "cbc"],
            'Error: --compare: no runs of "cbc" here; there are arc-flow, engine, reference',
        ),
        (
            ["-o", "-", "--contenders", "engine,"],
            'Error: --contenders: no runs of "" here; there are arc-flow, engine, reference',
        ),
        (["-o", "-", "--gap", "0.2"], "Error: --gap: no runs that were asked for 0.2 in results; there are 0.01"),
        (
            ["-o", "-", "--time-limit", "100", "--gap", "0.001"],
            "Error: --gap: no runs that were asked for 0.001 in results; there are 0.01",
        ),
        (["-o", "-", "--time-limit", "5"], "Error: --time-limit: no runs of 5 s in results; there are 100"),
    ],
)
def test_wrong_options_are_refused(
    results: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(results.parent)
    done = CliRunner().invoke(main, ["bench", "report", "results", *options])
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-1]) == (2, "", words)


def test_what_is_no_result_is_refused(results: Path, tmp_path: Path) -> None:
    done = cli.run("bench", "report", tmp_path, "-o", "-")
    words = "is no folder of benchmark results; name a folder that swapcharge bench run -o wrote"
    assert (done.returncode, done.stderr) == (2, f"{tmp_path}: {words}\n")
    other = tmp_path / "mine.md"
    other.write_text("# Notes\n")
    lost = cli.run("bench", "report", results, "-o", other)
    rule = "is there, and is no benchmark report: it would be lost; choose another name, or remove it first"
    assert (lost.returncode, lost.stderr, other.read_text()) == (2, f"{other}: {rule}\n", "# Notes\n")
