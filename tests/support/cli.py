"""The real command line, as a child process, for end-to-end tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from paths import INSTANCES as INSTANCES
from paths import ROOT as ROOT

COMMAND = Path(sys.executable).with_name("swapcharge")
NIGHT = INSTANCES / "real" / "nl-winter-day.json"
TINY = INSTANCES / "tiny" / "one-pack-cheap-slot.json"


def run(*args: object, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`swapcharge` with these arguments; output as text."""
    done = subprocess.run([COMMAND, *map(str, args)], input=stdin, capture_output=True, cwd=cwd, timeout=120)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
