"""The tables as Parquet: the same values as in the CSV, names as they are; nothing where the extra is missing."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny_study as tiny

from optimizer.files import parquet
from optimizer.files.csv_table import table_text
from optimizer.files.parquet import parquet_tables
from optimizer.studies.ranking import ranking
from optimizer.studies.results import study_tables
from optimizer.studies.tables import TEXTS, RankedTariff, columns_of, table_csv

COLUMNS = ("name", "day", "count", "share", "part", "empty")
ROWS: list[dict[str, object]] = [
    {"name": "=1+1", "day": "2026-01-01", "count": 3, "share": 1 / 3, "part": None, "empty": None},
    {"name": "'a", "day": "2026-01-02", "count": -1, "share": 1e-300, "part": 0.1, "empty": None},
    {"name": "nan", "day": "2026-01-03", "count": 0, "share": -0.0, "part": 7, "empty": None},
    {"name": "", "day": "2026-01-04", "count": 9, "share": 1e300, "part": 1e-9, "empty": None},
]


def frames(tables: dict[str, bytes], texts: frozenset[str]) -> dict[str, Any]:
    return {name: pd.read_parquet(io.BytesIO(data)) for name, data in parquet_tables(tables, texts).items()}


def test_values_come_back() -> None:
    text = table_text(COLUMNS, {"name"}, ROWS)
    frame = frames({"a.csv": text}, frozenset({"name"}))["a.parquet"]
    assert tuple(frame.columns) == COLUMNS
    assert frame["name"].tolist() == ["=1+1", "'a", "nan", ""] and frame["day"].tolist() == [r["day"] for r in ROWS]
    assert frame["count"].tolist() == [3, -1, 0, 9] and frame["count"].dtype == "int64"
    assert frame["share"].tolist() == [1 / 3, 1e-300, -0.0, 1e300]
    assert frame["part"].isna().tolist() == [True, False, False, False]
    assert frame["part"].tolist()[1:] == [0.1, 7.0, 1e-9] and frame["part"].dtype == "float64"
    assert frame["empty"].isna().all() and frame["empty"].dtype == "float64"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Those of a study whose second variant cannot be planned."""
    folder = tmp_path_factory.mktemp("parquet")
    day = tiny.instance(tiny.station("=S1", base_load_kw=50))
    variants = [{"id": "'as it is"}, {"id": "small", "grid_limit_kw": 40}]
    study = tiny.read(folder, day, variants=variants, nights=2)
    results = study_tables(study, tiny.run_of(study, folder / "out").chains)
    rows = [one for ranked in ranking(study, results).values() for one in ranked]
    return {"ranking.csv": table_csv(RankedTariff, rows), **results.as_csv()}


def cells(text: bytes) -> Iterator[tuple[int, str, str]]:
    for n, row in enumerate(csv.DictReader(io.StringIO(text.decode()))):
        yield from ((n, name, cell) for name, cell in row.items())


def is_same(cell: str, value: Any, name: str) -> bool:
    if name in TEXTS:
        return bool(value == cell.removeprefix("'"))
    if isinstance(value, str):
        return value == cell
    return math.isnan(value) if cell == "" else value == float(cell)


def test_all_tables_of_a_study_say_the_same(tables: dict[str, bytes]) -> None:
    found = frames(tables, TEXTS)
    assert sorted(found) == [f"{n}.parquet" for n in ("bills", "nights", "periods", "profiles", "ranking", "stations")]
    for name, text in tables.items():
        frame = found[name.replace("csv", "parquet")]
        told = list(cells(text))
        assert len(told) == frame.size > 0
        assert [cell for cell in told if not is_same(cell[2], frame[cell[1]].iloc[cell[0]], cell[1])] == []


def test_columns_of_numbers_are_numbers(tables: dict[str, bytes]) -> None:
    night, ranked = (frames(tables, TEXTS)[f"{name}.parquet"] for name in ("nights", "ranking"))
    words = {"variant", "station", "night", "tariff", "status", "method", "copied_from", "reason", "plans_of"}
    assert {name for name in night.columns if night[name].dtype.kind not in "if"} == words
    words = {"variant", "tariff", "savings_against", "cheaper_than_next", "plans_of"}
    assert {name for name in ranked.columns if ranked[name].dtype.kind not in "if"} == words


def test_a_table_without_rows(tables: dict[str, bytes]) -> None:
    empty = tables["ranking.csv"].splitlines()[0] + b"\n"
    frame = frames({"ranking.csv": empty}, TEXTS)["ranking.parquet"]
    assert len(frame) == 0 and tuple(frame.columns) == columns_of(RankedTariff)


def test_the_same_tables_give_the_same_bytes(tables: dict[str, bytes]) -> None:
    assert parquet_tables(tables, TEXTS) == parquet_tables(tables, TEXTS)


def test_without_the_extra_there_is_none(tables: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    assert parquet_tables(tables, TEXTS) == {}


def test_the_programme_starts_without_pandas() -> None:
    source = Path(parquet.__file__).read_text().splitlines()
    assert [
        line for line in source if line.startswith(("import", "from")) and ("pandas" in line or "pyarrow" in line)
    ] == []
