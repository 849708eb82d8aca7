"""Commands on damaged files: done, no, refused or a limit; never our own fault."""

from __future__ import annotations

import random
from pathlib import Path

import cli
import pytest
from damage import damaged
from readers import SEEDS, WHOLE

COMMANDS = {
    "info": (cli.TINY, ["info"]),
    "tariff show": (cli.INSTANCES / "tariffs" / "sce-tou-ev-4.json", ["tariff", "show"]),
    "check": (cli.TINY, ["check", str(cli.TINY)]),
    "history": (WHOLE / "history.sqlite", ["history"]),
    "import-depot": (WHOLE / "depot.json", ["bench", "import-depot", "-o", "x.json"]),
    "schema-like text": (SEEDS / "03-study-deep.toml", ["info"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_damaged_files_end_in_no_fault(name: str, tmp_path: Path) -> None:
    seed, arguments = COMMANDS[name]
    rng, path, data = random.Random(name), tmp_path / f"d{seed.suffix}", seed.read_bytes()
    codes = set()
    for _ in range(25):
        path.write_bytes(damaged(rng, data))
        done = cli.run(*arguments, path, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        codes.add(done.returncode)
    assert codes <= {0, 1, 2, 3}
    assert 2 in codes
