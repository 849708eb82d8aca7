"""Every family of constraints reads as it did: golden LP files, one a family (see golden.py)."""

from __future__ import annotations

import golden
import pytest
from pyomo.repn.tests.lp_diff import lp_diff

NAMES = list(golden.names())


@pytest.mark.parametrize(("formulation", "family"), NAMES)
def test_lp_is_the_golden_one(formulation: str, family: str) -> None:
    path = golden.path_of(formulation, family)
    expected = path.read_text(encoding="utf-8")
    left, right = lp_diff(expected, golden.text_of(formulation, family), path.name, "now")
    assert left == right, f"{path.name} differs; if it should: make golden"


def test_golden_files_are_those_of_the_families() -> None:
    """That every family of a built model is among them: test_families.py."""
    assert {path.name for path in golden.FOLDER.iterdir()} == {golden.path_of(*name).name for name in NAMES}


@pytest.mark.parametrize(("formulation", "family"), NAMES)
def test_golden_file_says_something(formulation: str, family: str) -> None:
    text = golden.path_of(formulation, family).read_text(encoding="utf-8")
    rows = text.split("s.t.")[-1].split("bounds")[0]
    reported = text.split("s.t.")[0] if family == golden.COST else rows
    assert sum(line[:1] in "+-" for line in reported.splitlines() if line) >= 1


def test_a_changed_coefficient_is_seen() -> None:
    text = golden.path_of("levels", "charge").read_text(encoding="utf-8")
    changed = text.replace("\n+1 ", "\n+1.01 ", 1)
    assert changed != text
    left, right = lp_diff(text, changed)
    assert left != right
