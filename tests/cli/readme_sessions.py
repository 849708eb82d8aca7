"""The console sessions of the documents: read them, run them, and write what they print today.

`make readme` brings the documents up to date.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (?P<command>.+)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
FOLDERS = ("optimizer", "models", "instances", "tests")
MOST_SECONDS = 600
PROGRESS = "planning: "


@dataclass(frozen=True)
class Session:
    """A command as a document shows it, and what the document says it prints."""

    document: Path
    command: str
    output: str

    def folder(self, home: Path) -> Path:
        """Where the sessions of this document run: a later one may use a file that an earlier one wrote."""
        return home / str(self.document.relative_to(ROOT).with_suffix("")).replace(os.sep, "-")


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    return sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])


def sessions() -> list[Session]:
    """Those of each document in its order. A block of a document may hold several commands."""
    return [
        Session(path, found["command"], found["output"].rstrip("\n"))
        for path in documents()
        for block in BLOCK.finditer(path.read_text(encoding="utf-8"))
        for found in COMMAND.finditer(block[1])
    ]


def run(command: str, folder: Path) -> str:
    """What the command prints, errors included, in a folder that has the instances; this environment's swapcharge."""
    if not (folder / "instances").exists():
        shutil.copytree(ROOT / "instances", folder / "instances")  # `bench ledger update` writes there
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path},
        timeout=MOST_SECONDS,
    )
    return (done.stdout + done.stderr).rstrip("\n")


def skeleton(text: str) -> str:
    """The text without what may differ between machines and solver versions: numbers, chart, padding, and the lines of
    a log that a study writes on a slow machine."""
    told = [line for line in text.splitlines() if not set(line) & set("▁▂▃▄▅▆▇█") and not line.startswith(PROGRESS)]
    lines = [re.sub(r"[\d.,]+(e-?\d+)?", "#", line) for line in told]
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in lines)


def update() -> None:
    """Write what every session prints now into its document."""
    with tempfile.TemporaryDirectory() as home:
        for path in documents():
            folder = Session(path, "", "").folder(Path(home))
            text = path.read_text(encoding="utf-8")
            path.write_text(BLOCK.sub(lambda block, folder=folder: _anew(block, folder), text), encoding="utf-8")


def _anew(block: re.Match[str], folder: Path) -> str:
    shown = [(found["command"], run(found["command"], folder)) for found in COMMAND.finditer(block[1])]
    lines = "".join(f"$ {command}\n{output}\n" if output else f"$ {command}\n" for command, output in shown)
    return f"```console\n{lines}```"


if __name__ == "__main__":
    update()
