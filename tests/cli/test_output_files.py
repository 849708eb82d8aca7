"""Files that commands write: what cannot be written is told before the work, and what is there keeps its mode."""

import shutil
from pathlib import Path

import pytest
from cli import INSTANCES, TINY, run

from optimizer.engine.plan_instance import InstancePlanning

TARIFF = INSTANCES / "tariffs" / "zhejiang-2026.json"
WRITING = (
    "solve night.json -o OUT",
    "report plan.json --instance night.json -o OUT",
    "tariff show tariff.json --svg OUT",
    "tariff import prices.csv --from csv --unit per_kWh --time-zone UTC --currency EUR -o OUT",
    "export mps night.json --formulation reference -o OUT",
    "export lp night.json --formulation reference -o OUT",
    "generate network --stations 2 -o OUT",
    "generate depot --packs 4 --ports 2 -o OUT",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copy(TINY, tmp_path / "night.json")
    shutil.copy(TARIFF, tmp_path / "tariff.json")
    hours = (f"2026-01-01T{hour:02d}:00Z,0.1\n" for hour in range(24))
    (tmp_path / "prices.csv").write_text("time,price\n" + "".join(hours))
    assert run("solve", "night.json", "-o", "plan.json", cwd=tmp_path).returncode == 0
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


@pytest.mark.parametrize("command", WRITING)
def test_a_link_to_itself_is_no_output(home: Path, command: str) -> None:
    done = run(*command.replace("OUT", "loop").split(), cwd=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "loop: is a link that leads to itself; choose another file\n"
    assert (home / "loop").is_symlink()


def test_no_planning_begins_for_what_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InstancePlanning, "run", lambda *_: pytest.fail("it plans"))
    for output in ("loop", ".", "x" * 300, "loop/plan.json"):
        assert run("solve", "night.json", "-o", output, cwd=home).returncode == 2, output


@pytest.mark.parametrize("command", WRITING)
def test_a_file_written_anew_keeps_its_mode(home: Path, command: str) -> None:
    for mode in (None, 0o600, 0o640):
        if mode is not None:
            (home / "out").chmod(mode)
        done = run(*command.replace("OUT", "out").split(), cwd=home)
        assert done.returncode == 0, done.stderr
        assert mode is None or (home / "out").stat().st_mode & 0o777 == mode


def test_files_of_a_run_that_goes_on_keep_their_mode(home: Path) -> None:
    for _ in range(2):
        assert run("nightly", "night.json", "--out", "run", "--workers", 1, cwd=home).returncode == 0
        found = (home / "run" / "summary.json").stat().st_mode & 0o777
        (home / "run" / "summary.json").chmod(0o600)
    assert found == 0o600
