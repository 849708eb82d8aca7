"""The benchmark problem 1.0 is frozen: its page, its equations, its names of files' keys; and what is cited of it."""

from __future__ import annotations

import hashlib
import re

from paths import ROOT

PAGE = ROOT / "models" / "benchmark-problem-1.0.md"
FROZEN = "862cbe0cdd11417082e00f438e07f4352a2437f52510bd0003b63fb9240e612f"
ROW = re.compile(r"^\| \((\d+\.\d+)\) \|", flags=re.MULTILINE)


def test_the_page_never_changes() -> None:
    """A change of the problem is a new page, with a new version and a line of its own here."""
    assert hashlib.sha256(PAGE.read_bytes()).hexdigest() == FROZEN


def test_its_rows_are_those_of_the_mathematics() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    defined = re.findall(
        r"^- \*\*\((\d+\.\d+)\)\*\* ", (ROOT / "models/README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    reference = [number for number in defined if number.startswith("5.")]
    assert rows == [*["1.1", "1.2"], *[f"4.{n}" for n in range(1, 8)], *reference]


def test_its_keys_are_those_of_instance_files() -> None:
    formats = (ROOT / "instances/README.md").read_text(encoding="utf-8")
    table = PAGE.read_text(encoding="utf-8").split("## 1 Data")[1].split("**Order of events")[0]
    keys = set(re.findall(r"`(\w+)`", table))
    assert len(keys) > 25
    assert not {key for key in keys if f"`{key}`" not in formats}


def test_what_is_cited_is_there() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    files = re.findall(r'version: "([\d.]+)"\n    filename: (\S+)', cited)
    assert files == [("1.0", "models/benchmark-problem-1.0.md"), ("1", "instances/bench/library.json")]
    assert all((ROOT / name).is_file() for _, name in files)
    assert '"version": 1,' in (ROOT / files[1][1]).read_text(encoding="utf-8")
