"""The structure of the project; `make lint` holds the directions of the imports, see .importlinter."""

from __future__ import annotations

import ast
import re
import tokenize
from collections import Counter
from functools import cache
from importlib.metadata import files
from pathlib import Path

from paths import ROOT

import models
import optimizer

PACKAGES = (models, optimizer)
MOST_LINES, MOST_FUNCTION_LINES, MOST_MODULES = 400, 40, 18


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> set[str]:
    """Top names of everything a file imports."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_both_packages_come_from_this_distribution() -> None:
    assert files("swapcharge"), "swapcharge is not installed"
    for package in PACKAGES:
        assert Path(str(package.__file__)).parent.parent == ROOT


def test_one_module_talks_to_the_solver() -> None:
    users = {path.name for path in sources("models", "optimizer") if "highspy" in imported(path)}
    assert users == {"highs.py"}


def test_domain_knows_no_solver() -> None:
    for path in (ROOT / "models").rglob("*.py"):
        if "formulations" not in path.parts:
            assert not any(name.startswith("pyomo") for name in imported(path)), path


def test_checker_shares_no_code_with_the_formulations() -> None:
    allowed = {"models.station.instance", "models.station.pack_type", "models.station.schedule", "models.tolerances"}
    for name in ("rules.py", "presence.py"):
        used = {module for module in imported(ROOT / "optimizer" / "check" / name) if module.split(".")[0] == "models"}
        assert used <= allowed, used - allowed


def test_a_class_name_means_one_thing() -> None:
    nodes = [node for path in sources("models", "optimizer") for node in tree(path).body]
    names = [node.name.lstrip("_") for node in nodes if isinstance(node, ast.ClassDef)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


NOT_TOLERANCES = {
    ("published_facts.py", "1e-9"): "a quantile of a distribution that instances are drawn from",
    ("smoke.py", "1e-6"): "the gap that is asked for",
    ("charts.py", "1e-6"): "where an axis begins",
}


def test_tolerances_stand_in_one_file() -> None:
    small = re.compile(r"[\d.]+e-\d+")
    for path in sources("models", "optimizer"):
        with tokenize.open(path) as file:
            numbers = {
                token.string for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.NUMBER
            }
        found = {number for number in numbers if small.fullmatch(number) and (path.name, number) not in NOT_TOLERANCES}
        assert path.name == "tolerances.py" or not found, f"{path}: {found}"


def test_folders_stay_small() -> None:
    """At most so many modules beside each other, and no folder for one thing alone."""
    for folder in {path.parent for path in sources("models", "optimizer", "tests")}:
        modules = [path for path in folder.glob("*.py") if path.name not in ("__init__.py", "__main__.py")]
        folders = [path for path in folder.iterdir() if any(path.glob("*.py"))]
        assert len(modules) <= MOST_MODULES, folder
        assert len(modules) + len(folders) >= 2, folder
    assert not {path.name for path in (ROOT / "tests").rglob("*")} & {"models", "optimizer"}


def test_files_and_functions_stay_small() -> None:
    for path in sources("models", "optimizer", "tests"):
        assert len(path.read_text().splitlines()) <= MOST_LINES, path
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= MOST_FUNCTION_LINES, f"{path}: {node.name} has {lines} lines"
