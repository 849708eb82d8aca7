"""The notebook page: its commands and Python blocks, run one after the other, and what they print.

`make readme` writes what they print today.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cli
from paths import INSTANCES, ROOT

PAGE = ROOT / "optimizer" / "studies" / "study-in-pandas.md"
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
CELL = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<output>.*?)```", re.DOTALL)


def prepare(folder: Path) -> None:
    """Run the page's commands there."""
    shutil.copytree(INSTANCES, folder / "instances")
    for block in COMMANDS.findall(PAGE.read_text(encoding="utf-8")):
        for command in block.splitlines():
            name, *arguments = shlex.split(command)
            assert name == "swapcharge"
            assert cli.run(*arguments, cwd=folder).returncode == 0, command


def outputs(folder: Path) -> Iterator[tuple[str, str]]:
    """What each block prints, in one namespace and in that folder, beside what the page says that it prints."""
    names: dict[str, Any] = {}
    for number, cell in enumerate(CELL.finditer(PAGE.read_text(encoding="utf-8")), start=1):
        printed = io.StringIO()
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            exec(compile(cell["code"], f"{PAGE.name}, block {number}", "exec"), names)
        yield "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines()), cell["output"]


def update() -> None:
    """Write what every block prints into the page."""
    with tempfile.TemporaryDirectory() as home:
        prepare(Path(home))
        printed = iter([found for found, _ in outputs(Path(home))])
    text = PAGE.read_text(encoding="utf-8")
    new = CELL.sub(lambda cell: f"```python\n{cell['code']}```\n\n```text\n{next(printed)}```", text)
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    update()
