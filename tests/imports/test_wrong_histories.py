"""Dates of drivers that cannot be, or can be read in one order alone: told by the file's column and its own text."""

from __future__ import annotations

from pathlib import Path

import cli
import german_exports as german
import pytest

GIVEN = (
    "--stations", "stationen.csv", "--packs", "akkus.csv", "--swaps", "wechsel.csv", "--tariff", "tarife.csv",
    "--mapping", "mapping.toml", "-o", "network.json",
)  # fmt: skip


def year_day_month(text: str, last_day: int) -> str:
    """A history with dates such as 2025.13.11, up to a day of November."""
    head, *rows = text.splitlines()
    return "\n".join([head, *(f"{r[6:10]}.{r[:2]}.{r[3:5]}{r[10:]}" for r in rows if int(r[:2]) <= last_day), ""])


def months_first(text: str) -> str:
    """A history of which one row begins with the month."""
    return text.replace("13.11.2025", "11.13.2025", 1)


def refused(folder: Path, history: str, *more: str) -> list[str]:
    """What is told of a history that is refused."""
    (folder / "wechsel.csv").write_text(history, encoding="cp1252")
    done = cli.run("import", "network", *GIVEN, *more, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (folder / "network.json").exists()
    return done.stderr.splitlines()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The exports of two stations."""
    german.write(tmp_path, 2)
    return tmp_path


HISTORY = german.swaps_csv(2).decode("cp1252")
ORDERS = [
    (
        year_day_month(HISTORY, 30),
        'line 447, Zeitpunkt: "2025.13.11 09:03:44": looks like year, day, month: dates in this order are not read; '
        "write all dates like 2025-11-13",
    ),
    (
        year_day_month(HISTORY, 12),
        'line 2, Zeitpunkt: "2025.03.11 04:17:19": looks like year, day, month: dates in this order are not read; '
        'write all dates like 2025-11-03; if they are year, month, day, say dates = "month-first"',
    ),
    (
        months_first(HISTORY),
        "Zeitpunkt: \"13.11.2025 09:26:19\": begins with the day, where '11.13.2025 09:03:44' begins with the month; "
        "write all dates alike",
    ),
]


@pytest.mark.parametrize(("history", "message"), ORDERS, ids=["year-day-month", "days below 13", "both"])
def test_dates_of_another_order_are_refused_as_a_whole(history: str, message: str, tables: Path) -> None:
    assert refused(tables, history) == [f"wechsel.csv: {message}"]


def test_times_that_cannot_be_are_told_as_they_are_written_by_line(tables: Path) -> None:
    rows = HISTORY.splitlines()
    rows[2] = rows[2].replace("2025", "2199")
    rows[1] = rows[1].replace("03.11.2025", "heute")
    rows[3] = rows[3].replace("03.11.2025", "gestern")
    assert refused(tables, "\n".join(rows)) == [
        'wechsel.csv: line 2, Zeitpunkt: "heute 04:17:19": must be a date and a time of day; write it like 2026-11-30 '
        "08:00",
        'wechsel.csv: line 3, Zeitpunkt: "03.11.2199 05:06:25": lies in the future; correct the stamp, or leave the '
        "line out",
        'wechsel.csv: line 4, Zeitpunkt: "gestern 09:51:05": must be a date and a time of day; write it like '
        "2026-11-30 08:00",
    ]


def test_a_gap_is_told_at_its_cell_with_a_remedy_of_this_command(tables: Path) -> None:
    rows = HISTORY.splitlines()
    rows[1] = rows[1].replace("03.11.2025", "03.09.2025")
    assert refused(tables, "\n".join(rows)) == [
        'wechsel.csv: line 3, Zeitpunkt: "03.11.2025 05:06:25": lies 61 days after the swap before it (line 2); '
        "correct the stamp, or leave the rows before it out"
    ]


def test_a_day_before_the_history_is_refused_by_the_name_of_its_option(tables: Path) -> None:
    assert refused(tables, HISTORY, "--date", "2025-11-03") == [
        'wechsel.csv: --date: "2025-11-03": has no swap before it: the history begins on 2025-11-03; choose a later day'
    ]
