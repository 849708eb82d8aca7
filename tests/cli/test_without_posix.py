"""Every command works where Python has none of the modules and functions of Linux and macOS.

The way on Windows, as far as it can be tried elsewhere: they are hidden from the process and from its children.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import tiny_network
import tiny_study
from cli import INSTANCES, ROOT, TINY

from optimizer.cli.main import main

HIDES = ROOT / "tests" / "cli" / "hide_posix.py"
RUN_ALL = """
import json, sys
from click.testing import CliRunner
from optimizer.cli.main import main
for line in sys.stdin:
    done = CliRunner().invoke(main, json.loads(line))
    print(json.dumps([done.exit_code, done.output[-500:], repr(done.exception)]), flush=True)
"""
MODULES_ARE_HIDDEN = """
import os, signal
for name in ("fcntl", "resource", "pwd", "termios"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(name)
assert not hasattr(os, "sync") and not hasattr(os, "sched_getaffinity") and not hasattr(signal, "SIGHUP")
"""
FIT = re.compile(r"[A-Za-z0-9_.-]*[A-Za-z0-9_-]", re.ASCII)
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
TARIFF = INSTANCES / "tariffs" / "zhejiang-2026.json"
LOAD = "time,kwh\n" + "".join(f"2026-01-01T{hour:02d}:00+08:00,10\n" for hour in range(24))
REFUSED = "bench import-solution tiny.json wrong.sol --formulation reference"
COMMANDS = (
    REFUSED,
    "info tiny.json",
    "info tiny.json --json",
    "schema",
    "solve tiny.json -o tiny.plan.json",
    "solve tiny.json -o tiny.plan.json",
    "check tiny.json tiny.plan.json",
    "explain tiny.json tiny.plan.json",
    "replan tiny.plan.json --at 2026-01-05T01:00:00+00:00 -o later.plan.json",
    "replay tiny.json tiny.plan.json --days 3",
    "forecast highway-swaps.csv --until 2022-06-10 -o forecast.json",
    "report tiny.plan.json --instance tiny.json -o plan.html",
    "nightly network.json --out runs/one --workers 1 --worker-memory 4000",
    "nightly network.json --out runs/two --workers 1",
    "check network.json runs/one",
    "report runs/one -o run.html",
    "history runs",
    "history runs --compare runs/one runs/two",
    "study study.toml -o which --workers 1",
    "report which -o which.html --figures figures --workbook which.xlsx --parquet tables",
    "tariff show tariff.json --svg tariff.svg",
    "tariff import prices.csv --from csv --time-zone Europe/Amsterdam --currency EUR --unit per_kWh -o made.json",
    "tariff bill tariff.json load.csv",
    "import network --template tables",
    "import swaps battery-swaps.jsonl -o swaps.csv",
    "import events capacity-limit.json real/nl-winter-day.json -o tonight.json",
    "tonight tables-of-two/operation.toml --date 2025-11-17",
    "export mps tiny.json --formulation reference -o tiny.mps",
    "export lp tiny.json --formulation levels -o tiny.lp",
    "export setpoints tiny.plan.json --to ocpp1.6 -o set-points",
    "generate network --stations 3 -o drawn.json",
    "generate depot --packs 4 --ports 2 --published -o input_data_file_4_2_1.json",
    "bench import-depot input_data_file_4_2_1.json -o depot.json",
    "bench library smoke --library library",
    "bench speed --workloads reserve,start --rounds 1 --update --library library",
    "bench growth --along packs --steps 2 --seeds 1 -o growth.html",
    "bench contenders",
    "bench days days-nl-winter-day --days 2 --bound-days 1 --library library",
    "bench scale network-10-1 --contenders cheapest-first --library library",
    "bench run two-types-xs-1 --contenders engine,reference:highs -o results --memory 4000 --library library",
    "bench open-energy-benchmark --instances two-types-xs-1 --library library -o to-send",
    "bench report results -o bench.html",
    "bench ledger update results --library library",
    "solve real/nl-winter-day.json -o winter.plan.json",
    "bench ledger submit winter.plan.json --solver other --bound 200.5 --library library",
    "bench ledger show --library library",
    "bench ledger verify two-types-xs-1 --library library",
)


def _leaves(command: click.Command, name: tuple[str, ...] = ()) -> set[str]:
    if isinstance(command, click.Group):
        return {leaf for key, one in command.commands.items() for leaf in _leaves(one, (*name, key))}
    return {" ".join(name)}


def _folder(folder: Path) -> None:
    shutil.copytree(INSTANCES / "bench", folder / "library")
    shutil.copy(TINY, folder / "tiny.json")
    shutil.copy(TARIFF, folder / "tariff.json")
    shutil.copy(INSTANCES / "real" / "highway-swaps.csv", folder)
    shutil.copy(INSTANCES / "logs" / "battery-swaps.jsonl", folder)
    shutil.copy(INSTANCES / "events" / "capacity-limit.json", folder)
    shutil.copytree(INSTANCES / "real", folder / "real")
    shutil.copytree(INSTANCES / "tables", folder / "tables-of-two")
    (folder / "load.csv").write_text(LOAD)
    (folder / "prices.csv").write_text(LOAD.replace("kwh", "price").replace(",10", ",0.1"))
    (folder / "wrong.sol").write_text("power_kw_0_0 1e4\n")
    tiny_study.write(folder)
    tiny_network.write(folder / "network.json", "con", "NUL.json", "a.", "A.", "aux ", "x" * 180)


def _assert_names_are_fit_for_windows(folder: Path) -> None:
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) < 200
    for name in names:
        for part in Path(name).parts:
            assert FIT.fullmatch(part), part
            assert part.partition(".")[0].casefold() not in RESERVED, part


def _env(home: Path) -> dict[str, str]:
    """Python runs a `sitecustomize` on its path before anything else, in every child, too."""
    folder = home / "first"
    folder.mkdir()
    shutil.copy(HIDES, folder / "sitecustomize.py")
    return os.environ | {"PYTHONPATH": str(folder), "SWAPCHARGE_TRACEBACK": "1"}


def test_the_modules_are_hidden(tmp_path: Path) -> None:
    env = _env(tmp_path)
    done = subprocess.run([sys.executable, "-c", MODULES_ARE_HIDDEN], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_runs_without_them(tmp_path: Path) -> None:
    _folder(tmp_path)
    env = _env(tmp_path)
    asked = "".join(json.dumps(command.split()) + "\n" for command in COMMANDS)
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL], env=env, cwd=tmp_path, input=asked, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = {command: end for command, end in zip(COMMANDS, ends, strict=True) if end[0] != (command == REFUSED)}
    assert not wrong, json.dumps(wrong, indent=1)
    for made in ("runs", "which", "results"):
        _assert_names_are_fit_for_windows(tmp_path / made)


def test_no_command_is_left_out() -> None:
    covered = {leaf for leaf in _leaves(main) for command in COMMANDS if command.startswith(leaf)}
    assert _leaves(main) - covered == {"bench smoke"}, "this one takes a minute, and is `bench run` inside"
