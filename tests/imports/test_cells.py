"""Parts of cells, names of bays, and names of columns, alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from optimizer.imports.bays import bay_names
from optimizer.imports.reading.cells import WrongCell, curve, flag, hour, months
from optimizer.imports.reading.find_columns import plain_name
from optimizer.imports.reading.units import guessed_unit


@pytest.mark.parametrize(
    ("stated", "bays", "names"),
    [
        (["B02", "B01"], 3, ["B01", "B02", "B03"]),
        (["3"], 3, ["1", "2", "3"]),
        (["0", "2"], 3, ["0", "1", "2"]),
        (["left", "right"], 3, ["left", "right", "free 1"]),
        (["101", "102"], 3, ["101", "102", "free 1"]),
        (["A1", "B2"], 3, ["A1", "B2", "free 1"]),
        (["free 1", "x"], 3, ["free 1", "x", "free 2"]),
    ],
)
def test_bays_are_called_as_their_packs_say(stated: list[str], bays: int, names: list[str]) -> None:
    assert bay_names(stated, bays) == names


@given(some.lists(some.text(some.sampled_from("AB01 2"), min_size=1, max_size=3), max_size=6), some.integers(0, 8))
def test_bay_names_hold_all_that_are_stated_and_differ(stated: list[str], more: int) -> None:
    bays = len(set(stated)) + more
    names = bay_names(stated, bays)
    assert len(names) == len(set(names)) == bays
    assert set(stated) <= set(names)


@pytest.mark.parametrize(
    ("text", "found"), [("8", 8), ("08:00", 8), ("8 Uhr", 8), ("08:00-09:00", 8), ("0", 0), ("23", 23)]
)
def test_hours(text: str, found: int) -> None:
    assert hour(text) == found


@pytest.mark.parametrize("text", ["24", "8:30", "morning", "-1"])
def test_no_hours(text: str) -> None:
    with pytest.raises(WrongCell):
        hour(text)


def test_months_and_curves_and_flags() -> None:
    assert months("11-2") == (11, 12, 1, 2)
    assert months("6, 7 8") == (6, 7, 8)
    assert months("3") == (3,)
    assert curve("0:50 10,5:90|100:15", 0.01) == ((0, 50), (0.105, 90), (1, 15))
    assert [flag(word) for word in ("Ja", "nein", "TRUE", "0", "x")] == [True, False, True, False, True]
    for parse, text in ((months, "0"), (months, "1-13"), (months, "May"), (flag, "perhaps")):
        with pytest.raises(WrongCell):
            parse(text)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Netzanschluss (kW)", "netzanschluss"),
        ("Ladeleistung [kW]", "ladeleistung"),
        ("charger power kW", "charger_power"),
        ("Rückgabe-SoC in %", "rueckgabe_soc"),
        ("电池编号", "电池编号"),
        ("kW", "kw"),
    ],
)
def test_names_without_marks_and_units(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [
        ([80, 35, 0], "percent"),
        ([0.8, 0.35, 1.2], None),
        ([0.8, 35], None),
        ([1, 1, 0], None),
        ([80, 135], None),
        ([], None),
    ],
)
def test_per_cent_is_guessed_only_where_it_can_be_nothing_else(numbers: list[float], unit: str | None) -> None:
    assert guessed_unit("share", numbers) == unit
