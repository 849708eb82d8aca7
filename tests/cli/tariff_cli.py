"""`swapcharge tariff` in this process, for tests: a child for each would take most of the time."""

from __future__ import annotations

import subprocess

import cli
from click.testing import CliRunner

from optimizer.cli.main import main

TARIFFS = cli.INSTANCES / "tariffs"
ZHEJIANG, SCE4, DAY_AHEAD = (TARIFFS / f"{n}.json" for n in ("zhejiang-2026", "sce-tou-ev-4", "nl-day-ahead-2023-01"))
LOAD = TARIFFS / "load-week.csv"


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """`swapcharge tariff` with these arguments, in this process: a child for each would take most of the time."""
    done = CliRunner().invoke(main, ["tariff", *map(str, arguments)], input=stdin)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def refused(*arguments: object, stdin: str = "") -> str:
    done = run(*arguments, stdin=stdin.encode())
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
    return done.stderr
