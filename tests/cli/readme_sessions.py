"""The console sessions of the README: read them, run them, and write what they print today.

`make readme` brings the README up to date.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Session:
    """A command as the README shows it, and what the README says it prints."""

    command: str
    output: str


def sessions() -> list[Session]:
    """In the order of the README: a later one may use a file that an earlier one wrote."""
    return [Session(match["command"], match["output"]) for match in BLOCK.finditer(README.read_text())]


def run(command: str, folder: Path) -> str:
    """What the command prints, errors included, in a folder that has the instances; this environment's swapcharge."""
    if not (folder / "instances").exists():
        shutil.copytree(ROOT / "instances", folder / "instances")  # `bench ledger update` writes there
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, env=os.environ | {"PATH": path}, timeout=120
    )
    return (done.stdout + done.stderr).rstrip("\n")


def skeleton(text: str) -> str:
    """The text without what may differ between machines and solver versions: numbers, chart, padding."""
    lines = [re.sub(r"[\d.,]+(e-?\d+)?", "#", line) for line in text.splitlines() if not set(line) & set("▁▂▃▄▅▆▇█")]
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in lines)


def update() -> None:
    """Write what every session prints now into the README."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = README.read_text()
        for session in sessions():
            shown = f"$ {session.command}\n"
            text = text.replace(shown + session.output, shown + run(session.command, Path(folder)))
        README.write_text(text)


if __name__ == "__main__":
    update()
