"""`swapcharge tariff` and the tariffs of the library, for tests."""

from __future__ import annotations

import subprocess

import cli

TARIFFS = cli.INSTANCES / "tariffs"
ZHEJIANG, SCE4, DAY_AHEAD = (TARIFFS / f"{n}.json" for n in ("zhejiang-2026", "sce-tou-ev-4", "nl-day-ahead-2023-01"))
LOAD = TARIFFS / "load-week.csv"


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    return cli.run("tariff", *arguments, stdin=stdin)


def refused(*arguments: object, stdin: str = "") -> str:
    done = run(*arguments, stdin=stdin.encode())
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
    return done.stderr
