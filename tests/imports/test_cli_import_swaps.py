"""`swapcharge import swaps`, and other commands that take an OCPP log as it is."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import cli
import pytest
from ocpp_logs import START, days_of_swaps, lines, one_swap

from optimizer.imports.swap_history import COLUMNS
from optimizer.tables.sources.ocpp.entries import AROUND, NOT_IN_NAMES

TYPES = "serialNumber;type\nNMC-*;nmc-75\nNMC-5*;nmc-100\nNMC-0001;lfp-60\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "ocpp.jsonl"
    path.write_bytes(lines(days_of_swaps(21, ("bonn", "koeln-ost"))))
    return path


def test_a_log_becomes_a_table_that_is_read_as_the_log_is(log: Path, tmp_path: Path) -> None:
    table = tmp_path / "history.csv"
    done = cli.run("import", "swaps", log, "-o", table, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["swaps"] == 294 and facts["stations"] == ["bonn", "koeln-ost"] and facts["packs"] == 588
    assert facts["notes"][0] == "an OCPP log: 588 BatterySwap messages, 294 swaps"
    learnt = [
        json.loads(cli.run("forecast", path, "--json", "--time-zone", "Europe/Berlin").stdout)["stations"]
        for path in (log, table)
    ]
    assert learnt[0] == learnt[1] and len(learnt[0]) == 2


def test_types_and_the_clock(log: Path, tmp_path: Path) -> None:
    types = tmp_path / "packs.csv"
    types.write_text(TYPES, encoding="utf-8")
    done = cli.run("import", "swaps", log, "--types", types, "--zone", "Europe/Berlin")
    first, *_ = csv.DictReader(io.StringIO(done.stdout))
    assert first == {
        "time": "2024-11-04T07:00:00+01:00", "station": "bonn", "type": "nmc-100", "returned_soc": "0.22", "bay": "3",
        "pack_in": "NMC-0001", "pack_out": "NMC-5001", "handed_over_soc": "0.9", "packs": "1",
    }  # fmt: skip
    assert done.stderr.splitlines()[:4] == [
        "294 swaps from 2024-11-04T07:00:00+01:00 to 2024-11-24T21:20:00+01:00",
        "2 stations: bonn, koeln-ost",
        "1 type: nmc-100",
        "588 packs by serial number",
    ]
    assert done.stderr.splitlines()[-1] == "294 swaps of packs of several types: each has that of the pack that left"


@pytest.mark.parametrize(
    ("types", "said"),
    [
        (
            "pack,type\nNMC-5*,a\nNMC-0002,b\n",
            "line 1, serialNumber: \"NMC-0001\": has no type among those of --types; did you mean 'NMC-0002'?",
        ),
        ("pack,type\nA,a\nA,b\n", 'line 3, type: "b": has another type before: a; give each pack one type'),
        ("pack,type\nA1,\n", 'line 2, type: "": must not be empty; fill the cell, or leave the row out'),
        ("pack,kind\nA,b\n", 'column: "type": is not a column of packs.csv; its columns: pack, kind'),
    ],
)
def test_types_that_are_refused(tmp_path: Path, types: str, said: str) -> None:
    (tmp_path / "packs.csv").write_text(types, encoding="utf-8")
    (tmp_path / "log.jsonl").write_bytes(lines(one_swap(START, 1)))
    done = cli.run("import", "swaps", "log.jsonl", "--types", "packs.csv", "-o", "history.csv", cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and not (tmp_path / "history.csv").exists()


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("time,station\n2026-11-02,a\n", encoding="utf-8")
    done = cli.run("import", "swaps", "log.csv", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "log.csv: is no OCPP log: it is not JSON; give lines of JSON, or a JSON list, with messages of OCPP 2.1\n"
    )
    (tmp_path / "log.json").write_text('{"a": 1}', encoding="utf-8")
    done = cli.run("import", "swaps", "log.json", cwd=tmp_path)
    assert done.returncode == 2 and "has no BatterySwap message of OCPP 2.1; it has 1 " in done.stderr


def test_stamps_without_offset_need_a_clock(tmp_path: Path) -> None:
    log = lines(one_swap(START, 1)).replace(b'Z"', b'"')
    (tmp_path / "log.jsonl").write_bytes(log)
    done = cli.run("import", "swaps", "log.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        'log.jsonl: line 1: "2024-11-04T00:00:00": must say its offset from UTC; write 2024-11-04T00:00:00Z for UTC, '
        "or end it with an offset such as +01:00; or say --zone, where no stamp has an offset\n",
    )
    done = cli.run("import", "swaps", "log.jsonl", "--zone", "Europe/Berlin", cwd=tmp_path)
    assert done.stdout.splitlines()[1].startswith("2024-11-04T00:00:00+01:00,koeln-ost,")
    assert "stamps without an offset are on the clock of Europe/Berlin" in done.stderr


def test_only_one_input_can_be_standard_input() -> None:
    done = cli.run("import", "swaps", "-", "--types", "-")
    assert done.returncode == 2 and "only one of LOG and --types can be standard input" in done.stderr


def test_the_document_names_all_that_is_read() -> None:
    text = (cli.ROOT / "instances" / "README.md").read_text(encoding="utf-8")
    section = text.partition("### Logs of OCPP 2.1\n")[2].partition("\n### ")[0]
    told = {NOT_IN_NAMES.sub("", name.lower()) for name in re.findall(r"`(\w+)`", section)}
    assert {name for key in ("stamp", "station", "message") for name in AROUND[key]} <= told
    assert {f"`{name}`" for name in COLUMNS} <= set(re.findall(r"`\w+`", section))
