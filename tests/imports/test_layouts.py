"""However tables are written, they say the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import cli
import german_exports as german
import pytest
import small_tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from optimizer.formats.read_instance import read_instance

GIVEN = (
    "--stations", "stationen.csv", "--packs", "akkus.csv", "--expected", "expected.csv", "--tariff", "tarife.csv",
    "--mapping", "mapping.toml", "--date", "2025-11-24", "-o", "network.json",
)  # fmt: skip
EXPECTED = "hour;station;expected;returned_soc\n8;Köln 1;2,5;20 %\n9;Düsseldorf 1;1;30 %\n"


def rewritten(text: str, delimiter: str, comma: bool, percent: bool, order: list[int], encoding: str) -> bytes:
    """A table of small_tables as other systems write it."""
    rows = list(csv.reader(text.splitlines()))
    soc = [index for index, name in enumerate(rows[0]) if name in ("soc", "returned_soc", "efficiency")]
    for row in rows[1:]:
        for index, cell in enumerate(row):
            cell = f"{100 * float(cell):g} %" if percent and index in soc and cell else cell
            is_number = cell.replace(".", "").replace(" %", "").isdigit()
            row[index] = cell.replace(".", ",") if comma and is_number else cell
    places = sorted(range(len(rows[0])), key=lambda index: order[index % len(order)])
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows([[row[p] for p in places] for row in rows])
    return stream.getvalue().encode(encoding)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    delimiter=some.sampled_from((",", ";", "\t", "|")),
    comma=some.booleans(),
    percent=some.booleans(),
    order=some.permutations(range(9)),
    encoding=some.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
)
def test_delimiters_marks_orders_and_encodings_change_nothing(
    delimiter: str, comma: bool, percent: bool, order: list[int], encoding: str, tmp_path: Path
) -> None:
    small_tables.write(tmp_path)
    assert small_tables.imported(tmp_path).returncode == 0
    plain = read_instance(tmp_path / "network.json").nights
    for name in ("stations.csv", "packs.csv", "expected.csv"):
        (tmp_path / name).write_bytes(
            rewritten(small_tables.TABLES[name], delimiter, comma and delimiter != ",", percent, order, encoding)
        )
    done = small_tables.imported(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_instance(tmp_path / "network.json").nights == plain


def _preamble(folder: Path) -> None:
    path = folder / "stationen.csv"
    path.write_bytes(
        "Stammdaten vom 24.11.2025;;;;;;\r\nEnergie Süd GmbH;;;;;;\r\n\r\n".encode("cp1252") + path.read_bytes()
    )


def _sum_below(folder: Path) -> None:
    path = folder / "akkus.csv"
    path.write_bytes(path.read_bytes() + b"Summe;;26;;;;\r\n")


def _remarks(folder: Path) -> None:
    path = folder / "akkus.csv"
    names, rows = path.read_bytes().split(b"\r\n", 1)
    path.write_bytes(names + b"\r\n# Ort;# Fach, mit F;;;;;\r\n" + rows)


@pytest.mark.parametrize("change", [_preamble, _sum_below, _remarks])
def test_lines_around_the_table_are_none_of_it(change: Callable[[Path], None], tmp_path: Path) -> None:
    german.write(tmp_path, 2, 1)
    (tmp_path / "expected.csv").write_text(EXPECTED, encoding="utf-8")
    assert cli.run("import", "network", *GIVEN, cwd=tmp_path).returncode == 0
    plain = read_instance(tmp_path / "network.json").nights
    change(tmp_path)
    done = cli.run("import", "network", *GIVEN, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_instance(tmp_path / "network.json").nights == plain


def test_swaps_with_date_and_time_of_day_in_two_columns(tmp_path: Path) -> None:
    german.write(tmp_path, 1, 8)
    history = ("--swaps", "wechsel.csv", *(one for one in GIVEN if one not in ("--expected", "expected.csv")))
    assert cli.run("import", "network", *history, cwd=tmp_path).returncode == 0
    plain = read_instance(tmp_path / "network.json").nights
    _, *rows = (tmp_path / "wechsel.csv").read_bytes().decode("cp1252").splitlines()
    lines = ["Datum;Uhrzeit;Standort;Rückgabe-SoC (%)", *(row.replace(" ", ";", 1) for row in rows)]
    (tmp_path / "wechsel.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    assert cli.run("import", "network", *history, cwd=tmp_path).returncode == 0
    assert read_instance(tmp_path / "network.json").nights == plain


def test_swaps_of_the_day_itself_are_not_learnt_from(tmp_path: Path) -> None:
    german.write(tmp_path, 1, 16)
    history = ("--swaps", "wechsel.csv", *(one for one in GIVEN if one not in ("--expected", "expected.csv")))
    whole = cli.run("import", "network", *history, "--date", "2025-11-17", cwd=tmp_path)
    assert "of the day and after it not used" in whole.stdout
    with_all = read_instance(tmp_path / "network.json").nights
    german.write(tmp_path, 1, 14)
    until = cli.run("import", "network", *history, "--date", "2025-11-17", cwd=tmp_path)
    assert "not used" not in until.stdout
    assert read_instance(tmp_path / "network.json").nights == with_all


def test_a_swap_may_lack_what_came_back_but_not_all_of_a_station(tmp_path: Path) -> None:
    german.write(tmp_path, 1, 8)
    history = ("--swaps", "wechsel.csv", *(one for one in GIVEN if one not in ("--expected", "expected.csv")))
    names, first, *rows = (tmp_path / "wechsel.csv").read_bytes().decode("cp1252").splitlines()
    lines = [names, first.rpartition(";")[0] + ";", *rows]
    (tmp_path / "wechsel.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    assert cli.run("import", "network", *history, cwd=tmp_path).returncode == 0
    lines = [line.rpartition(";")[0] for line in lines]
    (tmp_path / "wechsel.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    done = cli.run("import", "network", *history, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "wechsel.csv: returned_soc: absent: is said by no swap of station 'Köln 1' (state of charge of the pack that "
        "came back); name its column in the mapping, under [swaps.columns], or give it under [swaps.defaults]\n",
    )
