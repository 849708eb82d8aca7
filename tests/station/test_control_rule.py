"""The rule between re-plans checks itself."""

import pytest

from models.errors import InvalidData
from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule


def test_rule_knows_its_levels() -> None:
    levels = PackLevels("p", (1, 2), (3, 2))
    rule = ControlRule((levels,), (50.0, 40.0), (0, 1))
    assert rule.levels_of("p") is levels
    assert rule.levels_of("q") is None
    assert list(rule.problems_on(2, ["p"])) == []


def test_empty_rule_fits_every_night() -> None:
    assert list(ControlRule().problems_on(96, ["p"])) == []


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        ((1, -1), (2, 2), "least[1]: -1: must be at least 0"),
        ((1, 1), (2, 0.5), "most[1]: 0.5: must be a whole number"),
        ((1, 3), (2, 2), "most[1]: 2: must not be below least (3)"),
        ((1, 1), (2,), "most: '1 values': must have as many values as least (2)"),
    ],
)
def test_levels_that_cannot_be(least: tuple[int, ...], most: tuple[int, ...], said: str) -> None:
    with pytest.raises(InvalidData) as error:
        PackLevels("p", least, most)
    assert said in str(error.value)


def test_rules_that_cannot_be() -> None:
    levels = PackLevels("p", (1,), (1,))
    with pytest.raises(InvalidData) as error:
        ControlRule((levels, levels), (-1.0,), (-2,))
    assert [problem.place for problem in error.value.problems] == ["levels[1].type", "limit_kw[0]", "urgent_ready[0]"]


def test_rule_for_another_night() -> None:
    rule = ControlRule((PackLevels("q", (1,), (1,)),), (1.0, 1.0), (1,))
    places = [problem.place for problem in rule.problems_on(2, ["p"])]
    assert places == ["levels[0].type", "levels[0].least", "urgent_ready"]
