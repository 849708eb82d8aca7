"""Every block of the notebook page runs, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import notebook_page as notebook
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the study of the page and its tables."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook.prepare(folder)
    return folder


def skeleton(text: str) -> list[str]:
    """Without what may differ between versions of solver and pandas: numbers and padding."""
    return [" ".join(re.sub(r"-?[\d.,]+", "#", line).split()) for line in text.splitlines()]


def sizes(text: str) -> list[str]:
    """Lines that tell how large the tables are, which no version changes."""
    return [line for line in text.splitlines() if " rows of " in line]


def test_all_blocks_are_cells_with_an_output() -> None:
    text = notebook.PAGE.read_text(encoding="utf-8")
    assert text.count("```python") == len(notebook.CELL.findall(text)) > 5
    assert all("print(" in code for code, _ in notebook.CELL.findall(text))


def test_the_blocks_print_what_the_page_shows(folder: Path) -> None:
    found = list(notebook.outputs(folder))
    assert all(printed and skeleton(printed) == skeleton(shown) for printed, shown in found)
    assert [sizes(printed) for printed, _ in found] == [sizes(shown) for _, shown in found]
    assert len(sizes(found[0][1])) == 7


def test_what_is_read_has_types_for_sums_and_dates(folder: Path) -> None:
    nights = pd.read_parquet(folder / "tables" / "nights.parquet")
    assert str(nights["night"].iloc[0]) == "2025-07-01" and nights["swaps_lost"].dtype == "int64"
    assert nights["bound"].dtype == "float64"
