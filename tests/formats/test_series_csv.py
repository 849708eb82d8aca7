"""Series from CSV files: onto the slots, into the domain's unit. The refusals are in instances/invalid."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from models.errors import InvalidData
from models.horizon import Horizon
from optimizer.files.errors import FileErrors
from optimizer.formats.document_types import CsvSeries
from optimizer.formats.series_csv import read_csv_series
from optimizer.formats.series_reader import COUNT_UNITS, POWER_UNITS, PRICE_UNITS, SeriesReader

UNITS = (*PRICE_UNITS, *POWER_UNITS, *COUNT_UNITS)


def horizon(start: str = "2025-01-15T18:00+00:00", slot_minutes: int = 15, slots: int = 4) -> Horizon:
    return Horizon(datetime.fromisoformat(start), "Europe/Amsterdam", slot_minutes, slots)


def series(name: str = "s.csv", unit: str = "kW") -> CsvSeries:
    return CsvSeries(csv=name, time_column="t", value_column="v", unit=unit)  # type: ignore[arg-type]


def read(folder: Path, rows: str, grid: Horizon, unit: str = "kW") -> tuple[float, ...]:
    """Values of `rows`, written one to a line as `HH:MM value`, in UTC on 15 January."""
    lines = [f"2025-01-15T{row.split('=')[0]}Z,{row.split('=')[1]}" for row in rows.split()]
    (folder / "s.csv").write_text("\n".join(["t,v", *lines]))
    return read_csv_series(series(unit=unit), folder, grid, UNITS).values


def refusal(folder: Path, rows: str, grid: Horizon) -> str:
    with pytest.raises(InvalidData) as caught:
        read(folder, rows, grid)
    return str(FileErrors("f", caught.value.problems))


def test_a_value_holds_until_the_next_stamp(tmp_path: Path) -> None:
    assert read(tmp_path, "17:30=9 18:00=1 18:30=2 19:00=7", horizon()) == (1, 1, 2, 2)


def test_the_last_value_holds_as_long_as_the_step_before_it(tmp_path: Path) -> None:
    assert read(tmp_path, "18:00=1 18:30=2", horizon()) == (1, 1, 2, 2)
    assert refusal(tmp_path, "18:00=1 18:15=2", horizon()) == (
        'f: [s.csv, line 3]: "2025-01-15T18:15Z": '
        "holds until 2025-01-15T19:30+01:00, must hold until 2025-01-15T20:00+01:00; add rows after it"
    )


def test_the_last_value_does_not_outlast_the_usual_step(tmp_path: Path) -> None:
    rows = "15:00=1 15:30=1 16:00=1 18:00=3"  # two hours are no step of this file
    assert refusal(tmp_path, rows, horizon()) == (
        'f: [s.csv, line 5]: "2025-01-15T18:00Z": '
        "holds until 2025-01-15T19:30+01:00, must hold until 2025-01-15T20:00+01:00; add rows after it"
    )


def test_the_last_value_holds_no_longer_than_the_step_before_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, "17:30=1 18:00=1 18:30=2 18:45=3", horizon(slots=5)) == (
        'f: [s.csv, line 5]: "2025-01-15T18:45Z": '
        "holds until 2025-01-15T20:00+01:00, must hold until 2025-01-15T20:15+01:00; add rows after it"
    )


def test_rows_shorter_than_a_slot_are_averaged_over_time(tmp_path: Path) -> None:
    rows = "17:40=9 18:00=1 18:20=4 18:40=4 19:00=0"
    assert read(tmp_path, rows, horizon(slot_minutes=30, slots=2)) == (2, 4)  # (20·1 + 10·4) / 30, all 4


def test_a_row_that_holds_all_slot_long_gives_its_very_value(tmp_path: Path) -> None:
    assert read(tmp_path, "18:00=0.1 19:00=0.7", horizon(slots=8)) == (0.1,) * 4 + (0.7,) * 4


def test_units(tmp_path: Path) -> None:
    rows, grid = "18:00=85.3 18:30=1", horizon()
    assert read(tmp_path, rows, grid, "per_MWh")[0] == 0.0853
    assert read(tmp_path, rows, grid, "per_kWh")[0] == 85.3
    assert read(tmp_path, rows, grid, "MW")[0] == 85300
    assert read(tmp_path, rows, grid, "kW")[0] == 85.3
    assert read(tmp_path, rows, grid, "1")[0] == 85.3


def test_offsets_are_honoured_over_a_clock_change(tmp_path: Path) -> None:
    rows = [
        "2025-10-26T01:00+02:00,1",
        "2025-10-26T02:00+02:00,2",
        "2025-10-26T02:00+01:00,3",
        "2025-10-26T03:00+01:00,4",
    ]
    (tmp_path / "s.csv").write_text("\r\n".join(["t,v", *rows, ""]))
    grid = horizon("2025-10-26T01:00+02:00", 60, 4)
    assert read_csv_series(series(), tmp_path, grid, UNITS).values == (1, 2, 3, 4)


def test_a_gap_that_does_not_touch_the_horizon_does_no_harm(tmp_path: Path) -> None:
    rows = "12:00=0 12:30=0 17:00=0 17:30=0 18:00=1 18:30=2 19:00=0 19:30=0 23:00=0"
    assert read(tmp_path, rows, horizon()) == (1, 1, 2, 2)


def test_a_gap_that_touches_the_horizon_is_refused_with_its_stamp(tmp_path: Path) -> None:
    assert refusal(tmp_path, "17:00=1 17:30=1 18:30=2 19:00=3", horizon()) == (
        'f: [s.csv, line 4]: "2025-01-15T18:30Z": '
        "must follow 30 minutes after the row before it: 2025-01-15T19:00+01:00 is missing; add the missing rows"
    )


def test_quotes_blank_lines_byte_order_mark_and_space(tmp_path: Path) -> None:
    text = '\ufefft,"note, long",v\n2025-01-15 18:00:00.000+00:00,"a\nb", 1e0 \n\n2025-01-15T18:30:00Z,,-.5\n'
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    assert read_csv_series(series(), tmp_path, horizon(), UNITS).values == (1, 1, -0.5, -0.5)


@pytest.mark.parametrize("number", ["", "nan", "inf", "1_000", "0x1", "٣", "1e999"])
def test_what_is_no_number(tmp_path: Path, number: str) -> None:
    (tmp_path / "s.csv").write_text(f't,v\n2025-01-15T18:00Z,"{number}"\n', encoding="utf-8")
    with pytest.raises(InvalidData) as caught:
        read_csv_series(series(), tmp_path, horizon(), UNITS)
    assert str(FileErrors("f", caught.value.problems)) == (
        f'f: [s.csv, line 2, v]: "{number}": must be a finite number; write digits with a decimal point'
    )


def problem_of_name(folder: Path, name: str) -> str:
    with pytest.raises(InvalidData) as caught:
        read_csv_series(series(name), folder, horizon(), UNITS)
    return str(FileErrors("f", caught.value.problems))


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../s.csv", "a/../../s.csv", "C:\\s.csv", "C:s.csv", "\\\\host\\s", "..\\s.csv"]
)
def test_only_plain_names_in_the_folder(tmp_path: Path, name: str) -> None:
    assert problem_of_name(tmp_path, name).endswith(
        ": must be a plain relative path in the instance's folder; "
        "put the file beside the instance and give its name only"
    )


def test_links_out_of_the_folder_are_refused_and_links_inside_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "deep").mkdir(parents=True)
    (tmp_path / "s.csv").write_text("secret")
    (home / "out.csv").symlink_to(tmp_path / "s.csv")
    assert problem_of_name(home, "out.csv") == (
        'f: csv: "out.csv": must not lead out of the instance\'s folder by a link; '
        "put the file itself beside the instance"
    )
    (home / "deep" / "s.csv").write_text("t,v\n2025-01-15T18:00Z,1\n2025-01-15T18:30Z,2\n")
    (home / "in.csv").symlink_to(home / "deep" / "s.csv")
    assert read_csv_series(series("in.csv"), home, horizon(), UNITS).values == (1, 1, 2, 2)
    assert read_csv_series(series("deep/s.csv"), home, horizon(), UNITS).values == (1, 1, 2, 2)
    (home / "loop.csv").symlink_to(home / "loop.csv")
    assert problem_of_name(home, "loop.csv").startswith('f: csv: "loop.csv": ')


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.csv").write_bytes(b"t,v\n\0")
    assert problem_of_name(tmp_path, "s.csv") == (
        'f: csv: "s.csv": is not text: it has zero bytes; save the file as UTF-8'
    )
    assert problem_of_name(tmp_path, "") == (
        'f: csv: "": there is no such file in the instance\'s folder; check the name'
    )
    assert problem_of_name(tmp_path, "a\0") == (
        'f: csv: "a\\u0000": is not the name of a file (embedded null byte); check the name'
    )
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    assert problem_of_name(tmp_path, "s.csv") == (
        'f: csv: "s.csv": may not be opened by this user; change its permissions or choose another file'
    )


def test_equal_series_share_one_tuple(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("t,v\n2025-01-15T18:00Z,1\n2025-01-15T18:30Z,2\n")
    reader = SeriesReader(tmp_path, horizon())
    assert reader.values(2.5, POWER_UNITS) is reader.values(2.5, POWER_UNITS)
    assert reader.values(series(), POWER_UNITS) is reader.values(series(), POWER_UNITS)
    whole, broken = reader.values(2, COUNT_UNITS), reader.values(2.0, POWER_UNITS)
    assert {type(value) for value in whole} == {int} and {type(value) for value in broken} == {float}


def test_a_shared_file_is_read_in_the_unit_of_each_quantity(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("t,v\n2025-01-15T18:00Z,1\n2025-01-15T18:30Z,2\n")
    reader = SeriesReader(tmp_path, horizon())
    assert reader.values(series(), POWER_UNITS) == (1, 1, 2, 2)
    with pytest.raises(InvalidData) as caught:
        reader.values(series(), PRICE_UNITS)
    assert str(FileErrors("f", caught.value.problems)) == (
        'f: unit: "kW": must be per_kWh or per_MWh here; '
        "name a file of such values, or correct the unit if that is what they are"
    )


def test_hours_before_quarter_hours_are_no_gaps(tmp_path: Path) -> None:
    hours, quarters = "14:00=1 15:00=2 16:00=3 17:00=4", " ".join(f"18:{m:02d}=5" for m in (0, 15, 30, 45))
    grid = horizon("2025-01-15T17:30+00:00")
    assert read(tmp_path, f"{hours} {quarters}", grid) == (4, 4, 5, 5)
    with pytest.raises(InvalidData, match=r"must follow 15 minutes after the row before it: .* is missing"):
        read(tmp_path, f"16:00=3 17:00=4 {quarters}", grid)
    with pytest.raises(InvalidData, match=r"must follow 60 minutes after the row before it: .* is missing"):
        read(tmp_path, f"13:00=1 14:00=1 15:00=1 16:00=3 18:00=4 {quarters[8:]}", grid)


def test_a_cell_of_many_digits_takes_no_time(tmp_path: Path) -> None:
    """Hours, if digits could be shared out between two parts of the pattern in every way."""
    with pytest.raises(InvalidData, match="must be a finite number"):
        read(tmp_path, f"18:00={'9' * 130_000}x 19:00=1", horizon())
