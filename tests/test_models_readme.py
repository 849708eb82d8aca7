"""The numbers of equations: those in the code of `models` and those in models/README.md are the same."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT

MODELS = ROOT / "models"
README = (MODELS / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\(((?:\d|1[0-4])\.\d+)\)")
DEFINED = re.findall(r"^- \*\*\((\d+\.\d+)\)\*\* ", README, flags=re.MULTILINE)
HEADINGS = re.findall(r"^## (\d+) ", README, flags=re.MULTILINE)
SOURCES = sorted(MODELS.rglob("*.py"))
ROWS_ARE_ADDED_BY = ("Constraint", "ConstraintList", "rows")  # pyo.Constraint(...), MatrixBuilder.rows(...)


def comments_and_texts(path: Path) -> Iterator[str]:
    """Comments and docstrings of a source file."""
    with tokenize.open(path) as file:
        tokens = list(tokenize.generate_tokens(io.StringIO(file.read()).readline))
    yield from (token.string for token in tokens if token.type in (tokenize.COMMENT, tokenize.STRING))


def numbers_in(path: Path) -> set[str]:
    return {number for text in comments_and_texts(path) for number in NUMBER.findall(text)}


def functions_that_add_rows() -> Iterator[tuple[str, str]]:
    """(file and name, its comments and docstrings) of every `_add_…` that adds rows of its own."""
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and re.match("_?add_", node.name):
                calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
                if any(isinstance(called, ast.Attribute) and called.attr in ROWS_ARE_ADDED_BY for called in calls):
                    yield (
                        f"{path.relative_to(MODELS / 'formulations')}: {node.name}",
                        ast.get_source_segment(source, node) or "",
                    )


def test_every_number_in_the_code_is_an_equation_of_the_readme() -> None:
    played = (ROOT / "optimizer" / "simulate").glob("*.py")
    unknown = {str(path): sorted(numbers_in(path) - set(DEFINED)) for path in (*SOURCES, *played)}
    assert {name: numbers for name, numbers in unknown.items() if numbers} == {}


def test_every_equation_of_the_readme_is_in_the_code() -> None:
    levels = (ROOT / "optimizer" / "engine" / "hedge").glob("*.py")
    assert sorted(set(DEFINED) - set().union(*map(numbers_in, (*SOURCES, *levels)))) == []


def test_readme_mentions_no_number_that_it_does_not_define() -> None:
    assert sorted(set(NUMBER.findall(README)) - set(DEFINED)) == []


def test_equations_count_up_without_a_gap_in_their_section() -> None:
    by_section: dict[str, list[int]] = {}
    for number in DEFINED:
        section, place = number.split(".")
        by_section.setdefault(section, []).append(int(place))
    assert by_section == {section: list(range(1, len(places) + 1)) for section, places in by_section.items()}
    assert list(by_section) == sorted(by_section, key=int)


def test_sections_count_up_and_those_the_code_names_are_there() -> None:
    assert list(map(int, HEADINGS)) == list(range(1, len(HEADINGS) + 1))
    named = {n for path in SOURCES for text in comments_and_texts(path) for n in re.findall(r"[Ss]ection (\d+)", text)}
    assert named <= set(HEADINGS)


@pytest.mark.parametrize(("name", "text"), [pytest.param(*found, id=found[0]) for found in functions_that_add_rows()])
def test_function_that_adds_rows_says_which_equation(name: str, text: str) -> None:
    assert NUMBER.search(text), f"{name} adds rows but names no equation"


def test_rows_are_found_in_every_formulation() -> None:
    found = {name.split(":")[0] for name, _ in functions_that_add_rows()}
    assert {"levels/pyomo_model.py", "dispatch/pyomo_model.py", "arc_flow/flow.py"} <= found
    assert {"reference.py", "charger_rules.py", "grid_bill.py", "port_indexed.py"} <= found


def rows_of_table(heading: str) -> list[list[str]]:
    """Cells of the first table after a heading, its head left out."""
    _, _, text = README.partition(heading)
    table = text[text.index("\n|") :].split("\n\n")[0].splitlines()
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in table[3:]]


def test_files_of_the_readme_are_there() -> None:
    named = re.findall(r"`([^`]+\.py)`", str(rows_of_table("# The mathematics")))
    assert len(named) > 15
    assert [name for name in named if not (MODELS / "formulations" / name).is_file()] == []


def test_names_of_the_glossary_stand_in_the_code() -> None:
    paths = [path for folder in ("models", "optimizer") for path in (ROOT / folder).rglob("*.py")]
    words = {word for path in paths for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    quoted = re.findall(r"`([^`]+)`", str([row[2] for row in rows_of_table("## Glossary")]))
    named = {name for one in quoted for name in one.split(".")}
    assert len(named) > 40
    assert named - words == set()
