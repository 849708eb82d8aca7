"""Networks read station by station: the same words and places as for the whole file, and no more lost than need be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import DATA

from optimizer.files.errors import InputErrors
from optimizer.formats.network_file import NetworkFile, read_network
from optimizer.formats.read_instance import read_instance

INVALID = sorted((cli.INSTANCES / "invalid").glob("*.json*"))
VALID = [*sorted((cli.INSTANCES / "real").glob("*.json")), DATA / "every-key.json"]


def network_of(*stations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The tiny night with these stations, each told by what is different from its own."""
    content: dict[str, Any] = json.loads(cli.TINY.read_text())
    (first,) = content["stations"]
    return content | {"stations": [first | station for station in stations]} | changes


def read(tmp_path: Path, content: dict[str, Any]) -> NetworkFile:
    path = tmp_path / "n.json"
    path.write_text(json.dumps(content))
    return read_network(path)


def lines_of(make: Callable[[], object]) -> list[str]:
    try:
        make()
    except InputErrors as error:
        return str(error).splitlines()
    return []


def all_lines(path: Path) -> list[str]:
    """Everything that reading the network and each of its stations finds."""
    try:
        network = read_network(path)
    except InputErrors as error:
        return str(error).splitlines()
    lines = [*network.problems, *network.wrong_ids().values()]
    for index in range(len(network.stations)):
        lines += lines_of(lambda index=index: network.night(index))  # type: ignore[misc]
    return lines


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_every_error_is_told_as_for_the_whole_file(path: Path) -> None:
    found = [line for line in all_lines(path) if "is a broken tariff" not in line]
    whole = lines_of(lambda: read_instance(path))
    assert whole
    if path.stem == "broken-horizon-and-pack":  # without a horizon no station is looked at
        assert len(found) == 1 and set(found) < set(whole)
    elif path.stem == "many-defects":
        assert found and set(found) < set(whole)
    else:
        assert sorted(found) == sorted(whole)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_night_is_that_of_the_whole_file(path: Path) -> None:
    network, whole = read_network(path), read_instance(path)
    assert (network.name, network.currency, network.problems) == (whole.name, whole.currency, ())
    assert tuple(network.night(index) for index in range(len(network.stations))) == whole.nights
    assert network.horizon == whole.nights[0].horizon


def test_a_broken_station_leaves_the_others_alone(tmp_path: Path) -> None:
    network = read(tmp_path, network_of({"id": "S0"}, {"bays": "many", "base_load": 1}, {"id": "S2"}))
    assert (network.night(0).station.id, network.night(2).station.id) == ("S0", "S2")
    with pytest.raises(InputErrors) as caught:
        network.night(1)
    assert str(caught.value).splitlines() == [
        f'{tmp_path}/n.json: stations[1].bays: "many": must be a whole number or a list; '
        "what belongs here: number of places that hold a pack, or a list of them",
        f"{tmp_path}/n.json: stations[1].base_load: 1: is not a key of this object; did you mean 'base_load_kw'?",
    ]


def test_a_broken_tariff_takes_down_its_own_stations(tmp_path: Path) -> None:
    tariffs = [{"id": "dear", "energy_price_per_kwh": "0.2"}, {"id": "cheap", "energy_price_per_kwh": 0.1}]
    network = read(tmp_path, network_of({"tariff": "dear"}, {"tariff": "cheap"}, {"tariff": "deer"}, tariffs=tariffs))
    assert network.problems == (
        f'{tmp_path}/n.json: tariffs[0].energy_price_per_kwh: "0.2": must be a number, a list, an object or null; '
        "write 0.2 without quotes",
    )
    assert network.night(1).station.tariff.id == "cheap"
    assert lines_of(lambda: network.night(0)) == [
        f'{tmp_path}/n.json: stations[0].tariff: "dear": is a broken tariff; '
        "correct the tariff: its errors are told with the file's"
    ]
    assert lines_of(lambda: network.night(2)) == [
        f"{tmp_path}/n.json: stations[2].tariff: \"deer\": is not a tariff of this file; did you mean 'dear'?"
    ]


def test_of_two_tariffs_with_one_id_neither_is_trusted(tmp_path: Path) -> None:
    tariffs = [{"id": "tariff", "energy_price_per_kwh": price} for price in (0.1, 0.2)]
    network = read(tmp_path, network_of({}, tariffs=tariffs))
    assert len(network.problems) == 1 and "this tariff id is taken by an earlier one" in network.problems[0]
    assert "is a broken tariff" in lines_of(lambda: network.night(0))[0]


def test_of_equal_ids_the_first_may_stand(tmp_path: Path) -> None:
    network = read(tmp_path, network_of({"id": "A"}, {"id": 5}, {"id": "A"}, {"id": " "}))
    assert [network.station_id(index) for index in range(4)] == ["A", None, "A", " "]
    assert network.wrong_ids() == {
        2: f'{tmp_path}/n.json: stations[2].id: "A": this station id is taken by an earlier one; '
        "give every one its own id",
        3: f'{tmp_path}/n.json: stations[3].id: " ": a station needs an id; write a text that is not blank',
    }


def test_an_id_that_is_half_a_character_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_text(json.dumps(network_of({"id": "\ud800"})))
    network = read_network(path)
    assert network.station_id(0) == "\\ud800"
    assert "not Unicode" in lines_of(lambda: network.night(0))[0]


BROKEN = [
    "", "{", '{"a"', '{"a" 1}', '{"a":', '{"stations": [1 2]}', '{"stations": [1,]}', '{"stations": [1}', '{"a": 1,}',
    '{"a": 1 "b": 2}', "{1: 2}", "{a: 1}", '{"stations": [}', "{} {}", '{"stations": [1]} x', '{"a": "\n"}',
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_json_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.json"
    path.write_text(text)
    (line,) = lines_of(lambda: read_network(path))
    assert ": line " in line and "is not JSON" in line


def test_text_that_is_not_utf_8_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_bytes(b'{"stations": [{"id":\n"\xff"}]}')
    assert lines_of(lambda: read_network(path)) == [
        f'{path}: line 2, column 2: "\\\\xff\\"}}]}}": is not UTF-8 text; save the file as UTF-8'
    ]


@pytest.mark.parametrize("twice", ['"stations": [], "stations"', '"tariffs": [], "tariffs": [], "stations"'])
def test_a_list_may_not_be_there_twice(tmp_path: Path, twice: str) -> None:
    path = tmp_path / "n.json"
    path.write_text(json.dumps(network_of({})).replace('"stations"', twice))
    assert any("appears more than once in its object" in line for line in lines_of(lambda: read_network(path)))


def test_one_station_may_have_values_that_are_no_strict_json(tmp_path: Path) -> None:
    path, stations = tmp_path / "n.json", network_of({}, {"swap_soc": 1}, {"id": "C"}, {"id": "twice"})
    path.write_text(
        json.dumps(stations).replace('"swap_soc": 1', '"grid_limit_kw": NaN').replace('"twice"', '"D", "id": "E"')
    )
    network = read_network(path)
    assert network.night(2).station.id == "C"
    assert "must be a finite number" in lines_of(lambda: network.night(1))[-1]
    assert "stations[3].id" in lines_of(lambda: network.night(3))[0] and network.station_id(3) == "E"


def test_numbers_of_thousands_of_digits_break_their_station_only(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_text(json.dumps(network_of({"id": "A"}, {"id": "B", "bays": 7.25})).replace("7.25", "9" * 5000))
    network = read_network(path)
    assert network.night(0).station.id == "A" and "stations[1].bays" in lines_of(lambda: network.night(1))[0]


def test_a_mark_before_the_text_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path.write_bytes(b"\xef\xbb\xbf" + cli.TINY.read_bytes())
    assert len(read_network(path).stations) == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '{"stations": [1,',
            'line 1, column 17: "": is not JSON: Expecting value; correct the text there or just before',
        ),
        (
            "[" * 100_000,
            "line 1, column 69: \"\": is not JSON: Expecting ',' delimiter; correct the text there or just before",
        ),
        (
            '{"format": "x"}',
            'format: "x": must be "swapcharge-instance"; what belongs here: the text "swapcharge-instance"',
        ),
    ],
)
def test_what_is_no_network_is_refused(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "n.json"
    path.write_text(text)
    assert f"{path}: {line}" in lines_of(lambda: read_network(path))


def test_a_network_has_stations(tmp_path: Path) -> None:
    assert lines_of(lambda: read(tmp_path, network_of())) == [
        f"{tmp_path}/n.json: stations: []: must name at least one station; add a station"
    ]


@pytest.mark.parametrize("depth", [60, 64, 66, 500, 950, 970, 980, 985, 990, 1000, 1500, 100_000])
def test_nesting_costs_its_station_alone(tmp_path: Path, depth: int) -> None:
    path, deep = tmp_path / "n.json", "[" * depth + "]" * depth
    content = json.dumps(network_of({"id": "S0"}, {"id": "S1", "grid_limit_kw": "deep"}, {"id": "S2"}))
    path.write_text(content.replace('"deep"', deep))
    network = read_network(path)
    assert [network.station_id(index) for index in range(3)] == ["S0", "S1", "S2"]
    assert (network.night(0).station.id, network.night(2).station.id) == ("S0", "S2")
    assert network.wrong_ids() == {}
    assert any("stations[1].grid_limit_kw" in line or " deep" in line for line in lines_of(lambda: network.night(1)))
    assert lines_of(lambda: read_instance(path))


def test_nesting_beside_what_msgspec_refuses(tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    content = json.dumps(network_of({"id": "S0"}, {"id": "S1", "bays": float("nan")}, {"id": "S2", "bays": "deep"}))
    path.write_text(content.replace('"deep"', "[" * 980 + "]" * 980))
    network = read_network(path)
    assert network.night(0).station.id == "S0"
    assert lines_of(lambda: network.night(1)) and lines_of(lambda: network.night(2))
