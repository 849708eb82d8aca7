"""The columns that `import network` looks for."""

from __future__ import annotations

import pytest

from optimizer.imports.columns.all_tables import TABLES


@pytest.mark.parametrize("name", TABLES)
def test_no_name_means_two_columns_of_a_table(name: str) -> None:
    table = TABLES[name]
    names = [word for column in table.columns for word in {column.name, *column.also}]
    assert sorted(names) == sorted(set(names))
