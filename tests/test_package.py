"""The house: what is installed is this project, and imports run one way."""

from __future__ import annotations

import ast
from importlib.metadata import files
from pathlib import Path

from paths import ROOT

import models
import optimizer

PACKAGES = (models, optimizer)
MOST_LINES, MOST_FUNCTION_LINES = 400, 40


def sources() -> list[Path]:
    return [path for package in ("models", "optimizer", "tests") for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Top names of everything a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_both_packages_come_from_this_distribution() -> None:
    assert files("swapcharge"), "swapcharge is not installed"
    for package in PACKAGES:
        assert Path(str(package.__file__)).parent.parent == ROOT


def test_models_import_nothing_of_the_programme() -> None:
    for path in (ROOT / "models").rglob("*.py"):
        assert not {name for name in imported(path) if name.split(".")[0] in ("optimizer", "highspy")}, path


def test_one_module_talks_to_the_solver() -> None:
    users = {path.name for path in (ROOT / "optimizer").rglob("*.py") if "highspy" in imported(path)}
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


def test_files_and_functions_stay_small() -> None:
    for path in sources():
        text = path.read_text()
        assert len(text.splitlines()) <= MOST_LINES, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= MOST_FUNCTION_LINES, f"{path}: {node.name} has {lines} lines"
