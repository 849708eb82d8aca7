"""BatterySwap messages of OCPP 2.1 as rows: how logs wrap them, how they pair, what is told and what is refused."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import ocpp
import pytest
from hypothesis import given
from hypothesis import strategies as some
from jsonschema import Draft6Validator
from ocpp_logs import START, battery, days_of_swaps, frame, lines, logged, one_swap, payload

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.tables.read_table import NUMBER, STAMP, Column, read_table
from optimizer.tables.reading import AS_FOUND
from optimizer.tables.sources.ocpp.swap_rows import NAMES, ocpp_swaps

SCHEMA = Path(ocpp.__file__).parent / "v21" / "schemas" / "BatterySwapRequest.json"
IN, OUT = one_swap(START, 7)
ROW = ["2024-11-04T00:00:00Z", "koeln-ost", "0.215", "3", "NMC-0007", "NMC-5007", "0.9", "1"]
AN_HOUR = timedelta(hours=1)


def rows(data: bytes) -> list[list[str]]:
    return [cells for _, cells in ocpp_swaps(data).rows[1:]]


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidData) as caught:
        ocpp_swaps(data)
    return str(InputErrors("log", caught.value.problems))


def body(entry: dict[str, Any]) -> dict[str, Any]:
    found = entry["message"][3]
    assert isinstance(found, dict)
    return found


def test_messages_of_these_tests_are_as_the_schema_says() -> None:
    validator = Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8-sig")))
    several = payload("BatteryOutTimeout", 1, battery(0, "A", 0), battery(12, "B", 100))
    sent = [*(one["message"][3] for one in days_of_swaps(3) if one["message"][2] == "BatterySwap"), several]
    assert len(sent) > 40
    for one in sent:
        validator.validate(one)


def test_the_columns() -> None:
    assert ocpp_swaps(lines([IN, OUT])).rows == [(0, list(NAMES)), (1, ROW)]


def wrapped(entry: dict[str, Any]) -> dict[str, Any]:
    """Fields of a frame side by side, as many servers log them."""
    _, number, action, sent = entry["message"]
    return {"time": entry["timestamp"], "cpId": "koeln-ost", "action": action, "uniqueId": number, "payload": sent}


FORMS = {
    "lines": lines([IN, OUT]),
    "no line end": lines([IN, OUT]).rstrip(),
    "windows": b"\xef\xbb\xbf" + lines([IN, OUT]).replace(b"\n", b"\r\n"),
    "list": json.dumps([IN, OUT]).encode(),
    "indented list": json.dumps([IN, OUT], indent=2).encode(),
    "list in an object": json.dumps({"exported": "today", "messages": [IN, OUT]}).encode(),
    "message as text": lines([{**one, "message": json.dumps(one["message"])} for one in (IN, OUT)]),
    "bare payload": lines([{**one, "message": body(one)} for one in (IN, OUT)]),
    "stamp in the payload": lines(
        [{**body(one), "timestamp": one["timestamp"], "stationId": "koeln-ost"} for one in (IN, OUT)]
    ),
    "export of a database": lines([{**one, "timestamp": {"$date": one["timestamp"]}} for one in (IN, OUT)]),
    "fields side by side": lines([wrapped(one) for one in (IN, OUT)]),
    "one more object": lines(
        [
            {"@timestamp": one["timestamp"], "cs": {"chargingStationId": "koeln-ost", "msg": one["message"]}}
            for one in (IN, OUT)
        ]
    ),
    "milliseconds": lines([IN, OUT])
    .replace(b'"2024-11-04T00:00:00Z"', b"1730678400000")
    .replace(b'"2024-11-04T00:00:30Z"', b"1730678430000"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_logs(form: str) -> None:
    (found,) = rows(FORMS[form])
    assert found[1:] == ROW[1:] and found[0] in (ROW[0], "1730678400000")


def test_a_single_entry_is_a_log() -> None:
    assert rows(json.dumps(OUT).encode()) == [
        ["2024-11-04T00:00:30Z", "koeln-ost", "", "5", "", "NMC-5007", "0.9", "1"]
    ]


def test_a_log_without_stations_has_no_such_column() -> None:
    found = ocpp_swaps(lines([{**one, "chargePoint": ""} for one in (IN, OUT)])).rows
    assert "station" not in found[0][1] and len(found[1][1]) == len(NAMES) - 1


def test_what_is_left_out_is_counted() -> None:
    heartbeat = logged(START, frame(1, {}, "Heartbeat"))
    response = logged(START, [3, "1", {"currentTime": "2024-11-04T00:00:00Z"}])
    found = ocpp_swaps(lines([heartbeat, response, IN, OUT, OUT, {**OUT, "message": frame("again", body(OUT))}]))
    assert found.notes == (
        "an OCPP log: 2 BatterySwap messages, 1 swap",
        "2 other messages left out (Heartbeat, responses and others without an action)",
        "2 messages sent again, counted once",
    )


def test_a_pack_that_leaves_is_a_driver_and_one_that_comes_in_for_nothing_is_none() -> None:
    timed_out = logged(START + AN_HOUR, frame("t", payload("BatteryOutTimeout", 9, battery(5, "NMC-5009", 90))))
    came = logged(START + AN_HOUR, frame("c", payload("BatteryIn", 9, battery(3, "NMC-0009", 20))))
    lonely = logged(START + 2 * AN_HOUR, frame("l", payload("BatteryIn", 10, battery(3, "NMC-0010", 20))))
    found = ocpp_swaps(lines([came, timed_out, OUT, lonely]))
    assert [cells[5] for _, cells in found.rows[1:]] == ["NMC-5007"]
    assert found.notes[1:] == (
        "1 driver took no pack in time (BatteryOutTimeout), left out: line 1",
        "1 BatteryIn without BatteryOut, left out: line 4",
        "1 BatteryOut without BatteryIn, counted without what came back: line 3",
    )


def test_several_packs_at_once() -> None:
    came = payload("BatteryIn", 7, battery(3, "A", 20), battery(4, "B", 30))
    left = [payload("BatteryOut", 7, battery(bay, f"C{bay}", 90)) for bay in (5, 6)]
    more = logged(START, frame("x", payload("BatteryIn", 8, battery(3, "A", 20))))
    sent = [logged(START, frame(n, one)) for n, one in enumerate([came, *left])]
    one_of_two = payload("BatteryOut", 8, battery(5, "E", 90), battery(6, "F", 80))
    found = ocpp_swaps(lines([*sent, more, logged(START, frame("y", one_of_two))]))
    assert [cells[2:] for _, cells in found.rows[1:]] == [
        ["0.25", "3; 4", "A; B", "C5; C6", "0.9", "2"],
        ["0.2", "3", "A", "E; F", "0.85", "2"],
    ]
    assert found.notes[1:] == (
        "2 swaps of several packs: one driver each, their number in packs: line 1, line 4",
        "1 swap in which not as many packs left as came: line 4",
    )


def test_a_request_id_that_comes_again_is_another_request() -> None:
    later = [{**one, "timestamp": one["timestamp"].replace("-04T", "-11T")} for one in one_swap(START, 7, 33)]
    assert [cells[0][:10] for cells in rows(lines([IN, OUT, *later]))] == ["2024-11-04", "2024-11-11"]
    assert len(rows(lines([IN, {**OUT, "chargePoint": "bonn"}, {**IN, "chargePoint": "bonn"}, OUT]))) == 2


def test_newest_first_is_read_alike() -> None:
    assert rows(lines([OUT, IN])) == rows(lines([IN, OUT]))


@given(some.integers(1, 20), some.randoms(use_true_random=False), some.sampled_from([1, 2]))
def test_order_and_repetition_change_no_swap(swaps: int, random: Any, times: int) -> None:
    sent = [one for number in range(swaps) for one in one_swap(START + number * AN_HOUR / 4, number)] * times
    shuffled = random.sample(sent, len(sent))
    assert sorted(rows(lines(shuffled))) == sorted(rows(lines(sent)))
    assert len(rows(lines(shuffled))) == swaps


BAD = payload("BatteryOot", 7, {"evseId": -1, "serialNumber": " ", "soC": 101, "soH": 9}, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"message": IN["message"]},
            "line 2, timestamp: absent: must be given: BatterySwap itself has no time; export the log with the time of "
            'each message, such as {"timestamp": …, "message": […]}',
        ),
        (
            logged("soon", IN["message"]),
            'line 2, timestamp: "soon": must be a date and a time of day; write it like 2025-01-15T18:00+01:00',
        ),
        (
            logged(START, frame(1, {**body(IN), "requestId": "7", "batteryData": []})),
            'line 2, requestId: "7": must be a whole number; export the message as it was sent\n'
            "log: line 2, batteryData: []: must be a list of at least one battery; export the message as it was sent",
        ),
        (
            logged(START, frame(1, BAD)),
            'line 2, eventType: "BatteryOot": must be one of BatteryIn, BatteryOut, BatteryOutTimeout; did you mean '
            "'BatteryOut'?\n"
            "log: line 2, batteryData[0].evseId: -1: must be a whole number from 0; export the message as it was sent\n"
            'log: line 2, batteryData[0].serialNumber: " ": must be a text that is not empty; export the message as it '
            "was sent\n"
            "log: line 2, batteryData[0].soC: 101: must be a number of per cent from 0 to 100; export the message as "
            "it was sent\n"
            "log: line 2, batteryData[1]: 3: must be an object; export the message as it was sent",
        ),
    ],
)
def test_messages_that_are_refused(entry: object, said: str) -> None:
    assert refusal(lines([IN, entry])) == f"log: {said}"


def test_a_line_that_is_no_json_is_refused_with_the_others() -> None:
    data = lines([IN]) + b'{"timestamp": \n' + lines([{"message": OUT["message"]}])
    first, second = refusal(data).splitlines()
    assert first.startswith("log: line 2, column 15: ") and "is not JSON" in first
    assert second.startswith("log: line 3, timestamp: absent")


def test_a_key_that_is_there_twice_is_refused() -> None:
    data = lines([IN]).replace(b'"requestId": 7', b'"requestId": 6, "requestId": 7')
    assert refusal(data) == "log: entry 1, requestId: 7: is there twice; export the message as it was sent"


def test_a_log_of_other_messages_is_refused() -> None:
    other = logged(START, frame(1, {"certificate": "of BatterySwap"}, "SignCertificate"))
    assert refusal(lines([other, other])) == (
        "log: has no BatterySwap message of OCPP 2.1; it has 2 SignCertificate; export the messages that stations send"
    )


def test_every_table_reader_takes_a_log() -> None:
    wanted = [Column("time", STAMP), Column("station"), Column("returned_soc", NUMBER), Column("type", needed=False)]
    table = read_table(lines(days_of_swaps(2)), "log", wanted, AS_FOUND)
    assert len(table.rows) == 13 and table.columns == ("time", "station", "returned_soc")
    assert table.rows[0].cells["returned_soc"] == 0.22 and table.place(table.rows[0].line) == "line 2"
    assert table.notes[0] == "an OCPP log: 26 BatterySwap messages, 13 swaps"


def test_gzipped_logs_are_read(tmp_path: Path) -> None:
    from optimizer.files.read_write import read_bytes

    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(lines([IN, OUT])))
    assert rows(read_bytes(path)) == [ROW]
