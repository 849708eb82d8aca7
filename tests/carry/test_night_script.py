"""The script of the manual for cron and systemd: nights in a row, as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cli
import pytest
import tiny_network as tiny
from paths import ROOT

MANUAL = (ROOT / "optimizer" / "README.md").read_text(encoding="utf-8")
DAYS = ("2026-01-05", "2026-01-06")


def script(folder: Path) -> Path:
    """night.sh of the manual as a file."""
    (text,) = re.findall(r"```sh\n(#!/bin/sh\n# night\.sh.*?)```", MANUAL, flags=re.DOTALL)
    path = folder / "night.sh"
    path.write_text(text)
    path.chmod(0o755)
    return path


def night(folder: Path, day: str) -> subprocess.CompletedProcess[str]:
    path = f"{cli.COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [folder / "night.sh", day], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the script asks GNU date for the day before")
def test_two_nights_in_a_row(tmp_path: Path) -> None:
    script(tmp_path)
    (tmp_path / "networks").mkdir()
    horizon = json.loads(cli.TINY.read_text())["horizon"] | {"slots": 24}
    for day in DAYS:
        tariff = {"id": "tariff", "energy_periods": [{"name": "all", "price_per_kwh": 0.2}]}
        whole = {"horizon": horizon | {"start": f"{day}T00:00:00Z"}, "tariffs": [tariff]}
        tiny.write(tmp_path / "networks" / f"{day}.json", {"id": "S1", "packs": [], "swaps": []}, **whole)
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / f"{DAYS[0]}.csv").write_text("bay,soc\n0,0.25\n")
    first = night(tmp_path, DAYS[0])
    assert (first.returncode, "with the packs of packs/2026-01-05.csv: 1 station\n" in first.stdout) == (0, True)
    second = night(tmp_path, DAYS[1])
    assert (second.returncode, "where runs/2026-01-05 ends: 1 station\n" in second.stdout) == (0, True)
    assert cli.run("check", tmp_path / "runs" / DAYS[1]).returncode == 0


def test_the_schedulers_of_the_manual_start_that_script() -> None:
    assert MANUAL.count("night.sh") >= 3
    assert re.search(
        r"^30 22 \* \* \*  cd /srv/swapcharge && flock -n night.lock ./night.sh > night.log$", MANUAL, re.M
    )
    assert "ExecStart=/srv/swapcharge/night.sh\n" in MANUAL and "OnCalendar=*-*-* 22:30:00 Europe/Amsterdam\n" in MANUAL
