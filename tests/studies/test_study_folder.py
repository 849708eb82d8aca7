"""What a report reads of a study's folder, and what it refuses."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
import study_pages as made
import tiny_study as tiny

from optimizer.files.errors import InputErrors
from optimizer.studies.folder import is_study, read_study_folder

AGAIN = "run the same study command again"
TOGETHER = "keep the files of one study together, or run the same study command again"
FORMULA = "=1+1"
ODD = "'two\nlines"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose names a spreadsheet would run, or break its lines at."""
    variants = [{"id": FORMULA}, {"id": ODD, "demand_growth": 0.5}]
    day = {"stations": [tiny.station("-S")]}
    return made.made(tmp_path_factory.mktemp("facts"), {"id": "@tariff"}, variants=variants, day=day)


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(kept, tmp_path / "out"))


def refusal(folder: Path) -> list[str]:
    """The lines that a folder is refused with, without its name."""
    with pytest.raises(InputErrors) as refused:
        read_study_folder(folder)
    return [line.removeprefix(f"{folder}: ").removeprefix(str(folder)) for line in str(refused.value).splitlines()]


def change(folder: Path, table: str, line: int, old: str, new: str) -> None:
    """Change what a line of a table says."""
    lines = (folder / table).read_text().splitlines()
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    (folder / table).write_text("\n".join(lines) + "\n")


def test_names_are_found_again_without_their_guard(kept: Path) -> None:
    results = read_study_folder(kept)
    names = {(row.variant, row.station, row.tariff) for row in results.tables.nights}
    shown = "'two\\nlines"
    assert names == {(v, "-S", t) for v in (FORMULA, shown) for t in ("flat", "@tariff")}
    assert [one.tariff for one in results.ranking(FORMULA)] and [one.tariff for one in results.ranking(shown)]
    assert set(results.tables.bills_of) == {(v, t) for v in (FORMULA, shown) for t in ("flat", "@tariff")}


def test_rows_have_types_and_units(kept: Path) -> None:
    results = read_study_folder(kept)
    row = results.tables.nights[0]
    assert (row.night, row.swaps_served, row.swaps_lost) == (date(2026, 1, 31), 2, 0)
    assert row.gap_money == pytest.approx(0.0, abs=1e-4) and row.bound is not None
    meter = next(row for row in results.tables.bills if row.name == "meter")
    assert (meter.month, meter.kind, meter.name) == ("2026-01", "fixed", "meter")
    assert (meter.quantity, meter.unit, meter.rate) == (1.0, "months", 210.0)


def test_the_nights_begin_and_end_by_the_local_clock(kept: Path, tmp_path: Path) -> None:
    results = read_study_folder(kept)
    assert (results.begin, results.end) == (datetime(2026, 1, 31), datetime(2026, 2, 2))
    horizon = tiny.instance()["horizon"] | {"start": "2026-01-15T18:00+01:00"}
    evening = read_study_folder(made.made(tmp_path, variants=[{"id": "one"}], day={"horizon": horizon}))
    assert (evening.begin, evening.end) == (datetime(2026, 1, 31, 18), datetime(2026, 2, 2, 18))


def test_a_study_is_known_by_its_summary_or_its_nights(kept: Path, tmp_path: Path) -> None:
    assert is_study(kept) and not is_study(tmp_path)
    (tmp_path / "nights").mkdir()
    assert is_study(tmp_path)


def test_columns_that_a_later_version_adds_are_passed_over(folder: Path) -> None:
    before, path = read_study_folder(folder), folder / "periods.csv"
    path.write_text("".join(f"more,{line}\n" for line in path.read_text().splitlines()))
    change(folder, "periods.csv", 1, "more,", "added,")
    made.told(folder, added=1)
    assert read_study_folder(folder) == before and len(before.tables.periods) == 12


def test_all_that_is_missing_is_told_at_once(folder: Path) -> None:
    for name in ("nights.csv", "bills.csv"):
        (folder / name).unlink()
    words = f"absent: must be in the folder of a study; {AGAIN}"
    assert refusal(folder) == [f"nights.csv: {words}", f"bills.csv: {words}"]


def test_broken_cells_of_all_tables_are_told_at_once(folder: Path) -> None:
    change(folder, "nights.csv", 2, "2026-01-31", "31 January")
    change(folder, "nights.csv", 3, ",2,0,0,", ",2.5,0,0,")
    change(folder, "periods.csv", 2, "125.0", "nan")
    change(folder, "bills.csv", 2, "flat", "steep")
    change(folder, "bills.csv", 3, "plan", "plot")
    change(folder, "bills.csv", 4, "0.3", "dear")
    change(folder, "profiles.csv", 2, "00:00", "midnight")
    (folder / "profiles.csv").write_text((folder / "profiles.csv").read_text() + "short\n")
    last = len((folder / "profiles.csv").read_text().splitlines())
    one = "must be one that study.json names; keep the files of one study together"
    assert refusal(folder) == [
        f'nights.csv, line 2, night: "31 January": must be a date such as 2026-07-01; {AGAIN}',
        f'nights.csv, line 3, swaps_served: "2.5": must be a whole number; {AGAIN}',
        f'periods.csv, line 2, kwh: "nan": must be a number; {AGAIN}',
        f'bills.csv, line 2, tariff: "steep": {one}',
        f'bills.csv, line 3, side: "plot": {one}',
        f'bills.csv, line 4, rate: "dear": must be a number, or empty; {AGAIN}',
        f'profiles.csv, line 2, local_time: "midnight": must be a time such as 18:15; {AGAIN}',
        f'profiles.csv, line {last}: "short": must have a cell for every column; {AGAIN}',
    ]


def test_of_many_broken_cells_the_first_are_told(folder: Path) -> None:
    path = folder / "profiles.csv"
    path.write_text(path.read_text().replace(":00,", ":0x,"))
    lines = refusal(folder)
    rows = len(path.read_text().splitlines()) - 1
    assert len(lines) == 11
    assert lines[-1] == (f"and {rows - 10} more of the same kind: must be a time such as …; correct them likewise")


def test_tables_of_another_kind_are_refused(folder: Path) -> None:
    (folder / "nights.csv").write_text("variant,tariff\n")
    (folder / "periods.csv").write_bytes(b"\xff\n")
    (folder / "bills.csv").write_text('a,"b\n')
    (folder / "profiles.csv").write_text("")
    lines = refusal(folder)
    assert lines[0] == f'nights.csv, line 1: "station": must be a column of the table; {AGAIN}'
    assert lines[-4].startswith("periods.csv: absent: is no CSV table ('utf-8' codec can't decode byte 0xff")
    assert lines[-3] == f"bills.csv: absent: is no CSV table (unexpected end of data); {AGAIN}"
    assert lines[-2] == f"profiles.csv: absent: must have a line of column names; {AGAIN}"
    assert lines[-1] == "and 22 more of the same kind: must be a column of the table; correct them likewise"


def test_tables_of_another_run_are_refused(folder: Path) -> None:
    ranking = made.summary(folder)["ranking"]
    made.told(folder, ranking=[ranking[0] | {"bill": 1.0}, *ranking[1:]])
    billed = f"{ranking[0]['bill']:,.2f}"
    words = f"must be what the lines of bills.csv add up to, {billed}; {TOGETHER}"
    assert refusal(folder) == [f"study.json: ranking[0].bill: 1: {words}"]
    made.told(folder, ranking=ranking)
    path = folder / "profiles.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if ",flat," not in line))
    place = next(n for n, one in enumerate(ranking) if one["tariff"] == "flat")
    assert f'study.json: ranking[{place}]: "flat": must have rows in profiles.csv; {TOGETHER}' in refusal(folder)


def test_a_ranking_that_leaves_out_a_tariff_is_refused(folder: Path) -> None:
    ranking = made.summary(folder)["ranking"]
    made.told(folder, ranking=ranking[1:])
    words = f"must rank every tariff once, in a variant of the study; {TOGETHER}"
    assert refusal(folder) == [f'study.json: ranking: "{FORMULA}": {words}']


def test_what_no_calendar_holds_is_refused(folder: Path) -> None:
    made.told(folder, first_night="9999-12-31")
    words = f"must not be after the year 9000; {AGAIN}"
    assert refusal(folder) == [f'study.json: first_night: "9999-12-31": {words}']
    made.told(folder, nights=10**9)
    assert refusal(folder)[0].startswith("/study.json: is no summary of a study (Expected `int` <= 100000")


def test_a_study_that_was_cut_off_is_refused(folder: Path) -> None:
    (folder / "study.json").unlink()
    words = "is the folder of a study without study.json: it was cut off before its end"
    assert refusal(folder) == [f"{words}; {AGAIN}"]


def test_a_study_that_has_no_tables_yet_is_refused(folder: Path) -> None:
    made.told(folder, status="running", ranking=[])
    (folder / "nights.csv").unlink()
    words = "is the folder of a study that has no tables yet: it still runs, or was killed"
    assert refusal(folder) == [f"{words}; wait for it, or {AGAIN}"]


def test_a_broken_summary_is_refused(folder: Path) -> None:
    made.told(folder, nights="ten")
    words = "is no summary of a study (Expected `int`, got `str` - at `$.nights`)"
    assert refusal(folder) == [f"/study.json: {words}; {AGAIN}"]
    (folder / "study.json").write_text("[")
    assert refusal(folder)[0].startswith("/study.json: is no summary of a study (")
    (folder / "study.json").write_text(json.dumps(["x"]))
    assert refusal(folder)[0].startswith("/study.json: is no summary of a study (Expected `object`")
