"""`study` as scripts see it: exit codes, files, and what becomes of it when things are killed."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
import kill_campaign
import psutil
import pytest
import tiny_network
import tiny_study as tiny
from frozen_run import frozen, go_on
from patience import PATIENCE

from optimizer.studies.folder import open_study
from optimizer.workers import local_pool

TABLES = {"ranking", "stations", "nights", "bills", "periods", "profiles", "curves"}
VARIANTS = [{"id": "as it is"}, {"id": "more", "demand_growth": 0.5}]
MANY_NIGHTS = 8


def study(asked: object, out: object, *options: object, **how: Any) -> subprocess.CompletedProcess[str]:
    """A study without worker processes: those are for the tests that do something to them."""
    with patch.object(local_pool, "LocalPool", lambda workers, *_: tiny.StudyPool(size=workers)):
        return cli.run("study", asked, "-o", out, "--workers", 1, *options, **how)


def summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "study.json").read_text())
    return found


def every_file(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    """A study of two stations and two variants over many nights that nothing happened to: its file, its folder."""
    folder = tmp_path_factory.mktemp("study")
    day = tiny.instance(tiny.station("S1"), tiny.station("S2", bays=4))
    asked = tiny.write(folder, day, variants=VARIANTS, nights=MANY_NIGHTS)
    return asked, folder / "out", study(asked, folder / "out")


def test_the_screen_tells_the_answer(done: Any) -> None:
    _, out, told = done
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[0] == (
        "Study tiny study: 2 stations, 8 nights from 2026-01-30, 2 tariffs, 2 variants; 32 of 32 station-nights planned"
    )
    assert lines[2].split("  ")[0] == "variant" and lines[3].startswith("as it is  flat ")
    assert any(line.startswith("as it is: flat is the cheapest, ") for line in lines)
    assert any(
        line.startswith("Between +0 % and +50 % drivers (as it is to more) the answer does not") for line in lines
    )
    part = "The nights are a part only of 2026-01, 2026-02: totals have that part of what is charged by the month, "
    assert f"{part}bills have all of it" in lines
    assert lines[-1] == f"Tables in {out}; a page to read: swapcharge report {out} -o study.html"


def test_a_record_that_was_changed_is_planned_again_and_that_is_said(done: Any, tmp_path: Path) -> None:
    asked, out, _ = done
    shutil.copytree(out, tmp_path / "out")
    (record,) = (tmp_path / "out" / "nights").glob("as-it-is-S1-2026-01-31-*.json")
    record.write_text(json.dumps(json.loads(record.read_text()) | {"digest": "sha256:0"}))
    again = study(asked, tmp_path / "out")
    assert again.returncode == 0
    assert again.stderr == (
        "note: as it is, S1, 2026-01-31: its record was changed since it was written and is planned again\n"
    )
    assert every_file(tmp_path / "out") == every_file(out)


def test_the_folder_holds_tables_answer_and_records(done: Any) -> None:
    out = done[1]
    names = {f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")}
    assert {path.name for path in out.iterdir()} == names | {".lock", "nights", "study.json"}
    assert len(list((out / "nights").iterdir())) == 32
    told = summary(out)
    assert (told["status"], told["station_nights"]) == ("done", {"all": 32, "done": 32})
    assert [row["rank"] for row in told["ranking"]] == [1, 2, 1, 2] and told["months_in_part"] == ["2026-01", "2026-02"]
    assert (told["fallbacks"], told["failed"], told["flips"]) == ([], [], [])
    assert told["same_energy_prices"] == [["flat", "demand"]]


def test_json_is_the_summary_and_what_it_took(done: Any) -> None:
    asked, out, _ = done
    before = every_file(out)
    again = study(asked, out, "--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told.pop("resumed"), told.pop("cpu_seconds")) == (0, 32, 0.0)
    assert [(one["nights"], one["cpu_seconds"]) for one in told.pop("timing").values()] == [(32, 0.0), (32, 0.0)]
    assert told.pop("warnings") == [] and told == summary(out) and every_file(out) == before


def test_its_report_loads_no_runner_and_no_solver(done: Any, tmp_path: Path) -> None:
    arguments = ["report", str(done[1]), "-o", str(tmp_path / "study.html")]
    names = ("highspy", "pandas", "pyomo", "scipy", "optimizer.workers", "multiprocessing")
    runner = ("optimizer.studies.study_run", "optimizer.studies.night_task", "optimizer.studies.results")
    code = (
        "import sys\nfrom optimizer.cli.main import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        f"print([name for name in {(*names, *runner)!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (found.stdout, found.stderr) == ("[]\n", "") and (tmp_path / "study.html").exists()


def test_drivers_of_a_csv_file_are_told_to_whoever_looks(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("time,type,returned_soc,lost_cost\n2026-01-30T10:00Z,A,0.1,100\n")
    tiny.write(tmp_path, swaps="s.csv", nights=1, tariffs=[{"id": "flat"}])
    told = study("-", "out", cwd=tmp_path, stdin=(tmp_path / "study.toml").read_bytes())
    assert (told.returncode, told.stderr.count("\n")) == (0, 1)
    assert told.stderr.startswith("s.csv: first 2026-01-30T10:00:00+00:00, ")


def test_nights_that_cannot_be_planned_give_1_and_the_rest(tmp_path: Path) -> None:
    variants = [{"id": "as it is"}, {"id": "small grid", "grid_limit_kw": 40}]
    asked = tiny.write(tmp_path, tiny.instance(tiny.station(base_load_kw=50)), variants=variants, nights=1)
    told = study(asked, tmp_path / "out")
    assert (told.returncode, told.stderr) == (1, "")
    assert "small grid: no answer, for not every night is planned.\n" in told.stdout
    assert (
        "\n1 chains of nights ended early:\n  small grid, S1: night 2026-01-30: station S1: base load " in told.stdout
    )
    (failed,) = summary(tmp_path / "out")["failed"]
    assert (failed["variant"], failed["station"]) == ("small grid", "S1")


@pytest.mark.parametrize("option", ["--gap", "--night-time-limit"])
def test_numbers_that_are_none_are_refused(tmp_path: Path, option: str) -> None:
    told = study(tiny.write(tmp_path), tmp_path / "out", option, "nan")
    assert told.returncode == 2 and "--gap and --night-time-limit take finite numbers" in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_bad_study_gives_2_and_makes_no_folder(tmp_path: Path) -> None:
    told = study(tiny.write(tmp_path, nights=0), tmp_path / "out")
    assert (told.returncode, told.stdout) == (2, "") and not (tmp_path / "out").exists()
    assert told.stderr == f"{tmp_path}/study.toml: nights: 0: must be between 1 and 1100; 31 nights make a month\n"


def test_two_on_one_folder(tmp_path: Path) -> None:
    first = open_study(tmp_path / "out")
    told = study(tiny.write(tmp_path), tmp_path / "out")
    first.close()
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"{tmp_path}/out: is in use: another study is writing to it; ")


def frozen_study(asked: Path, out: Path, records: int) -> AbstractContextManager[subprocess.Popen[str]]:
    """A study with workers that has written so many records and more to write."""
    command = [cli.COMMAND, "study", asked, "-o", out, "--workers", 2]
    return frozen(command, out, lambda: len(tiny.records(out)), records, 16)


def test_interrupted_in_good_order_and_gone_on_with(done: Any, tmp_path: Path) -> None:
    asked, whole, _ = done
    out = tmp_path / "out"
    with frozen_study(asked, out, 3) as process:
        workers = tiny_network.workers_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        told, err = go_on(process)
    assert (process.returncode, err, summary(out)["status"]) == (130, "", "interrupted")
    assert "Interrupted: what is finished stays, and the same command goes on from there\n" in told
    assert not any(worker.is_running() for worker in workers)
    left = tiny.records(out)
    assert 3 <= len(left) < 32 and left.items() <= tiny.records(whole).items()
    again = study(asked, out, "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["resumed"] == len(left)
    assert every_file(out) == every_file(whole)


def test_killed_and_gone_on_with(done: Any, tmp_path: Path) -> None:
    asked, whole, _ = done
    out = tmp_path / "out"
    with frozen_study(asked, out, 5) as process:
        workers = tiny_network.workers_of(process.pid)
        process.kill()
    psutil.wait_procs(workers, PATIENCE)
    assert not any(worker.is_running() for worker in workers)
    assert summary(out)["status"] == "running"
    assert tiny.records(out).items() <= tiny.records(whole).items()
    assert study(asked, out).returncode == 0 and every_file(out) == every_file(whole)


def test_killed_at_instants_all_over_the_study(done: Any, tmp_path: Path) -> None:
    found = kill_campaign.campaign(kill_campaign.study(done[0], ["--workers", "2"]), kills=2, seed=1, folder=tmp_path)
    assert (len(found.files_at_kill), found.of_files, found.differences) == (2, 32, [])
    assert every_file(tmp_path / "killed-0") == every_file(done[1])


def test_the_same_study_gives_the_same_bytes_in_every_file_even_where_a_worker_is_killed(
    done: Any, tmp_path: Path
) -> None:
    asked, whole, _ = done
    with frozen_study(asked, tmp_path / "out", 3) as process:
        tiny_network.workers_of(process.pid)[0].kill()
        _, err = go_on(process)
    assert (process.returncode, err) == (0, "") and every_file(tmp_path / "out") == every_file(whole)


def test_a_study_with_workers_says_nothing_on_stderr(tmp_path: Path) -> None:
    """Python's own complaints, of semaphores that nobody gave back for example, would be in every mail of cron."""
    command = [cli.COMMAND, "study", tiny.write(tmp_path, nights=1), "-o", tmp_path / "out", "--workers", "2"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (told.returncode, told.stderr) == (0, "")


def test_no_room_for_a_record(tmp_path: Path) -> None:
    """No file may be larger than 1,500 bytes: the record of a night is, the summary at the start is not."""

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    asked, out = tiny.write(tmp_path, nights=1), tmp_path / "out"
    command = [cli.COMMAND, "study", asked, "-o", out, "--workers", "1"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, preexec_fn=no_room)
    assert (told.returncode, told.stdout) == (2, "") and list((out / "nights").iterdir()) == []
    assert told.stderr.startswith(f"{out}/nights/as-it-is-S1-2026-01-30-") and told.stderr.endswith(
        ".json: cannot be read or written (File too large); "
        "what is finished stays; put that right and run the same command again\n"
    )
    assert summary(out)["status"] == "running"


def test_standard_output_is_no_folder(tmp_path: Path) -> None:
    done = cli.run("study", tiny.write(tmp_path), "-o", "-")
    assert done.returncode == 2
    assert "Error: -o names a folder: results are many files, which standard output cannot be\n" in done.stderr
