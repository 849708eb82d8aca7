"""An OCPP log in the place of a table of swaps, for every command that reads one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import builders as make
import cli
import pytest
from ocpp_logs import battery, days_of_swaps, frame, lines, logged, one_swap, payload

from models.station.swap import Swap
from optimizer.files.errors import InputErrors
from optimizer.files.timestamps import instant
from optimizer.formats.study_document import SwapDefaultsDocument
from optimizer.studies.swap_log import parse_swaps

STATION = "nl-13-packs"
DAYS = cli.INSTANCES / "bench" / "days" / "days-nl-winter-day.json"
KINDS = {"A": make.pack_type(), "B": make.pack_type(id="B")}
LEFT_OUT = "1 BatteryIn without BatteryOut, left out: line 7"


def test_replay_plays_its_days(tmp_path: Path) -> None:
    log = tmp_path / "ocpp.jsonl"
    log.write_bytes(lines(days_of_swaps(4, (STATION,))))
    given = ("--policy", "on-arrival", "--bound-days", 0, "--json")
    done = cli.run("replay", DAYS, *given, "--swaps", log)
    assert done.returncode == 0, done.stderr
    assert "note: an OCPP log: 54 BatterySwap messages, 27 swaps" in done.stderr + done.stdout
    (station,) = json.loads(done.stdout)["stations"]
    assert station["days"] == 4


def test_replan_goes_by_its_drivers(tmp_path: Path) -> None:
    begin = instant("2022-12-20T09:00:00+01:00")
    swaps = [one for n in range(3) for one in one_swap(begin + n * timedelta(minutes=20), n, 11, STATION)]
    lonely = logged(begin, frame("l", payload("BatteryIn", 9, battery(1, "X", 20))), STATION)
    (tmp_path / "ocpp.jsonl").write_bytes(lines([*swaps, lonely]))
    assert cli.run("solve", cli.NIGHT, "-o", tmp_path / "night.json").returncode == 0
    done = cli.run(
        "replan", tmp_path / "night.json", "--at", "2022-12-20T12:00:00+01:00", "--swaps", tmp_path / "ocpp.jsonl",
        "--json", "--write-instance", tmp_path / "rest.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replanned"]["drivers"][STATION]["came"] == 3
    assert f"note: {tmp_path / 'ocpp.jsonl'}: {LEFT_OUT}" in done.stderr.splitlines()


def test_a_study_reads_its_swaps() -> None:
    defaults = SwapDefaultsDocument(type="A", lost_cost=70.0)
    log = parse_swaps(lines(days_of_swaps(2, ("S1", "S2"))), "log", ["S1", "S2"], KINDS, defaults)
    assert [len(rows) for rows in log.by_station.values()] == [13, 13]
    assert log.by_station["S1"][0][1] == Swap("line-2", 0, "A", 0.22, 70)
    assert "an OCPP log: 52 BatterySwap messages, 26 swaps" in log.description


def test_what_a_log_does_not_say_is_asked_for() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_swaps(lines(days_of_swaps(2)), "log", ["S1"], KINDS, SwapDefaultsDocument(lost_cost=70.0))
    assert str(caught.value).startswith('log: column: "type": is not a column of log; its columns: time, station, ')
