"""Lists cut short, and columns that stand straight."""

from __future__ import annotations

from optimizer.files.plain_text import some_of, table


def test_a_few_names_are_all_told() -> None:
    assert some_of(["a", "b", "c", "d", "e"]) == "a, b, c, d, e"


def test_of_many_names_the_first_are_told() -> None:
    assert some_of([str(n) for n in range(1005)]) == "0, 1, 2, 3, 4 and 1,000 more"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table([("name", "kW", "note"), ("S", "1,000", "")], frozenset({0, 2})) == [
        "name     kW  note",
        "S     1,000",
    ]


def test_cells_cannot_break_the_table() -> None:
    assert table([("a\nb\x1b[31m", "1"), ("c", "2")]) == ["a\\nb\\x1b[31m  1", "c             2"]
