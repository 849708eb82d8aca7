"""Texts from files in our tables: no spreadsheet runs them, and they are read back as they were."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from optimizer.files.csv_table import guarded, read_table, rows_text
from optimizer.runs.folder import RUN

RUN_BY_SPREADSHEETS = (
    "=1+1", "+1", "-1", "@SUM(1)", "|cmd", "%0", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹢1", "﹣1", "﹦1", "﹫a", "⁼1",
    "₌1", "⁺1", "⁻1", "−1", "⩵1", " =1+1", "  ＝1+1", "'=1", "＇=1", "'",
)  # fmt: skip
SHOWN = ("S1", "a=b", "充电站", "1-2", "x@y", "", "5 %", "(1)")


@dataclass(frozen=True)
class Row:
    """A station and its count."""

    station: str
    count: int


@pytest.mark.parametrize("name", RUN_BY_SPREADSHEETS)
def test_what_a_spreadsheet_would_run_has_an_apostrophe(name: str) -> None:
    assert guarded(name) == f"'{name}"


@pytest.mark.parametrize("name", SHOWN)
def test_other_texts_have_none(name: str) -> None:
    assert guarded(name) == name


@pytest.mark.parametrize("name", ["\t=1+1", "\r=1+1", "\n=1+1", "\u200b=1+1", "\ufeff=1+1", "\x00=1"])
def test_what_cannot_be_seen_is_spelled_out_before_it(name: str) -> None:
    assert guarded(name) == name[0].encode("unicode_escape").decode() + name[1:]


def test_read_back_without_it(tmp_path: Path) -> None:
    rows = [Row(name, -number) for number, name in enumerate((*RUN_BY_SPREADSHEETS, *SHOWN))]
    text = rows_text(Row, rows)
    assert text.decode().splitlines()[1:3] == ["'=1+1,0", "'+1,-1"], "numbers have none"
    (tmp_path / "table.csv").write_bytes(text)
    assert read_table(tmp_path / "table.csv", Row, RUN) == rows
    assert b"\r" not in text
