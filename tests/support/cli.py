"""The command line for end-to-end tests: in this process, as most of a child's time would go into its imports.

A child process is for what only a process can show: signals, real streams, exit codes of the interpreter. Then start
COMMAND. Besides, test_readme.py runs the example of every command in a shell.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner
from paths import INSTANCES as INSTANCES
from paths import ROOT as ROOT

from optimizer.cli.main import main

COMMAND = Path(sys.executable).with_name("swapcharge")
NIGHT = INSTANCES / "real" / "nl-winter-day.json"
TINY = INSTANCES / "tiny" / "one-pack-cheap-slot.json"


def run(*args: object, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`swapcharge` with these arguments; output as text."""
    with chdir(cwd or Path.cwd()):
        done = CliRunner().invoke(main, list(map(str, args)), input=stdin, prog_name=COMMAND.name)
    return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)
