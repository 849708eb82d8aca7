"""The campaign of `make mutants`: what it changes, that it sees what tests do, and that its allow-list is of today."""

from __future__ import annotations

import ast

import mutants
import pytest
from equivalent_mutants import EQUIVALENT

SOURCE = """
def most(kw: float, *, held: float = 1.5) -> float:
    if held and not kw:
        return -held
    return kw * 2 if 0 < kw <= held else kw - True
"""


def test_what_is_changed() -> None:
    changes = {f"{mutant.line}: {mutant.before} -> {mutant.after}" for mutant in mutants.mutants_of("x.py", SOURCE)}
    assert changes == {
        "2: 1.5 -> 2.5",
        "3: held and (not kw) -> held or not kw",
        "3: held and (not kw) -> not (held and (not kw))",
        "3: not kw -> kw",
        "4: -held -> held",
        "5: kw * 2 -> kw / 2",
        "5: 2 -> 3",
        "5: 0 < kw <= held -> 0 <= kw <= held",
        "5: 0 < kw <= held -> 0 >= kw <= held",
        "5: 0 < kw <= held -> 0 < kw < held",
        "5: 0 < kw <= held -> 0 < kw > held",
        "5: 0 -> 1",
        "5: kw - True -> kw + True",
        "5: True -> False",
    }


def test_each_mutant_is_one_change_that_compiles() -> None:
    number_of = len(mutants.mutants_of("x.py", SOURCE))
    texts = {ast.unparse(mutants.mutated(SOURCE, number)) for number in range(number_of)}
    assert len(texts - {ast.unparse(ast.parse(SOURCE))}) == number_of
    for text in texts:
        compile(text, "x.py", "exec")


def test_allow_list_is_of_todays_code() -> None:
    keys = [(mutant.path, mutant.code, f"{mutant.before} -> {mutant.after}") for mutant in mutants.all_mutants()]
    assert {key: keys.count(key) for key in EQUIVALENT} == dict.fromkeys(EQUIVALENT, 1)


def test_tests_pass_without_a_change() -> None:
    assert not mutants.is_killed("models/station/cost.py", -1)


@pytest.mark.parametrize(
    ("path", "code", "change"),
    [
        ("models/station/cost.py", "tiers.cost(*after)", "tiers.cost(*after) - tiers.cost(*before) -> "),
        ("models/station/pack_type.py", "if given[place] == temperature_c", "given[place] == temperature_c -> "),
        ("optimizer/check/acceptance.py", "if not kind.acceptance:", "not kind.acceptance -> "),
        ("optimizer/check/presence.py", "if not -IDLE_KW <= kw <= IDLE_KW:", "-IDLE_KW -> IDLE_KW"),
        ("optimizer/check/rules.py", "or [0.0] * night.horizon.slots", "0.0 -> 1.0"),
    ],
)
def test_one_mutant_of_each_file_is_killed(path: str, code: str, change: str) -> None:
    [mutant] = [
        mutant
        for mutant in mutants.all_mutants()
        if mutant.path == path and code in mutant.code and f"{mutant.before} -> {mutant.after}".startswith(change)
    ]
    assert mutants.is_killed(path, mutant.number)
