"""Links and paths in the documents lead somewhere, and CITATION.cff is what it claims to be."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import readme_sessions as readme
from paths import ROOT

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
PATH = re.compile(
    r"`((?:optimizer|models|instances|tests|\.ci)/[\w./*-]+|[A-Z]+\.(?:md|cff)|Makefile|pyproject\.toml)`"
)
NAMES = [str(path.relative_to(ROOT)) for path in readme.documents()]


def prose(path: Path) -> str:
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The names that GitHub gives the headings of a document."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", prose(path), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        same = sum(one == name or re.fullmatch(rf"{re.escape(name)}-\d+", one) is not None for one in found)
        found.add(f"{name}-{same}" if same else name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for link in LINK.findall(prose(document)):
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", NAMES)
def test_paths_in_backticks_exist(name: str) -> None:
    for path in PATH.findall(prose(ROOT / name)):
        assert any(ROOT.glob(path)), path


def test_the_citation_is_that_of_this_version() -> None:
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    told = dict(line.split(": ", 1) for line in lines if re.match(r"[a-z-]+: ", line))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert told["cff-version"] == "1.2.0"
    assert (told["version"], told["license"]) == (f'"{project["version"]}"', project["license"])
    assert {"message", "title", "type"} <= told.keys()
    assert lines[lines.index("authors:") + 1] == '  - name: "swapcharge developers"'
