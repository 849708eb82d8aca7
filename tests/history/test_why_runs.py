"""`history --compare` of two real runs: why the stations that changed most changed, the others by cost term."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_network as tiny

from models.tolerances import MONEY_RELATIVE
from optimizer.cli import history as command
from optimizer.history.runs import compare_runs, index_of
from optimizer.history.why.explain_runs import explain_runs
from optimizer.history.why.explained import ExplainedPart, ExplainedStation, Explanation, remainder_of
from optimizer.history.why.text import explanation_lines

TUESDAY = "2026-01-06T00:00:00Z"
BROKEN_OFF = "run 1 holds another run by now"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four stations on two nights: S1 has dearer prices and a fuller pack, S2 a base load, S3 is as it was, S4 has an
    emptier pack."""
    folder = tmp_path_factory.mktemp("runs")
    old = tiny.content("S1", "S2", "S3", "S4")
    first, fourth = old["stations"][0], old["stations"][3]
    new = json.loads(json.dumps(old))
    new["horizon"]["start"] = TUESDAY
    new["tariffs"].append(new["tariffs"][0] | {"id": "dear", "energy_price_per_kwh": [0.9, 0.8, 0.7, 0.6]})
    new["stations"][0] |= {"tariff": "dear", "packs": [first["packs"][0] | {"soc": 0.4}]}
    new["stations"][1] |= {"base_load_kw": 5}
    new["stations"][3] |= {"packs": [fourth["packs"][0] | {"soc": 0.2}]}
    for name, network in (("mon", old), ("tue", new)):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(network))
        done = cli.run("nightly", path, "--out", folder / name, "--workers", 1)
        assert done.returncode == 0, done.stderr
    return folder


def why(runs: Path, *options: object) -> dict[str, Any]:
    done = cli.run("history", runs, "--compare", 1, 2, "--json", *options)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["why"]
    return found


def test_stations_are_told_by_what_changed(runs: Path) -> None:
    found = why(runs)
    groups = {one["station"]: [part["groups"] for part in one["parts"]] for one in found["stations"]}
    assert {name: sorted(map(tuple, parts)) for name, parts in groups.items()} == {
        "S1": [("packs",), ("prices",)],
        "S2": [("site",)],
        "S4": [("packs",)],
    }
    for one in found["stations"]:
        told = sum(part["amount"] for part in one["parts"]) + one["remainder"]
        assert told == pytest.approx(one["new_objective"] - one["old_objective"], abs=MONEY_RELATIVE)
        assert one["remainder"] == pytest.approx(0, abs=MONEY_RELATIVE)
    assert (found["cost"], found["missing"], found["unexplained"], found["not_in_time"]) == ("objective", [], [], [])
    assert (found["others"]["stations"], found["others"]["difference"]) == (1, 0)


def test_the_rest_is_told_by_its_cost_terms(runs: Path) -> None:
    found = why(runs, "--limit", 1)
    changes = {change.station: change.difference for change in compare_runs(index_of(runs), "1", "2").changes}
    told = [one["station"] for one in found["stations"]]
    rest = sum(difference for station, difference in changes.items() if station not in told)
    assert len(told) == 1 and found["others"]["stations"] == found["others_asked"] == 3
    assert found["others"]["difference"] == pytest.approx(rest)


def test_what_each_group_costs_all_of_them_is_added_up(runs: Path) -> None:
    found = why(runs)
    assert sorted(found["by_group"]) == [
        "base load and solar power",
        "packs at the start",
        "prices",
        "the plans themselves",
    ]
    assert sum(found["by_group"].values()) == pytest.approx(sum(one["difference"] for one in found["stations"]))
    told = cli.run("history", runs, "--compare", 1, 2).stdout.splitlines()
    (line,) = [line for line in told if line.startswith("these 3 together: ")]
    assert " EUR more: prices +" in line


def test_folders_need_no_history(runs: Path, tmp_path: Path) -> None:
    done = cli.run("history", "--compare", runs / "mon", runs / "tue", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["why"] == why(runs) and (told["old"]["number"], told["new"]["number"]) == (1, 2)
    done = cli.run("history", "--compare", runs / "mon", runs / "gone", cwd=tmp_path)
    assert done.returncode == 2 and "has no history.sqlite" in done.stderr


def test_without_time_all_are_told_by_their_cost_terms(runs: Path) -> None:
    found = why(runs, "--time-limit", 0)
    assert found["stations"] == found["unexplained"] == found["not_in_time"] == []
    assert found["others"]["stations"] == 4


def test_people_read_why(runs: Path) -> None:
    told = cli.run("history", runs, "--compare", "mon", "tue", "--limit", 1).stdout.splitlines()
    first = told.index(
        "why, by re-planning with inputs of one night exchanged for those of the other (objective, EUR):"
    )
    assert told[first + 1].startswith("S1: ") and " EUR more: higher prices (" in told[first + 1]
    assert "fuller packs at the start (10.0 to 40.0 % full) -" in told[first + 1]
    assert told[first + 1].endswith("; ±0.00 left open by the gaps")
    assert told[first + 2].startswith("the other 3 stations together, by cost term: ")


def test_the_same_question_has_the_same_answer(runs: Path) -> None:
    assert why(runs) == why(runs)


def test_a_folder_with_another_run_is_said(runs: Path, tmp_path: Path) -> None:
    comparison = compare_runs(index_of(runs), "1", "2")
    summary = runs / "mon" / "summary.json"
    before = summary.read_text()
    try:
        summary.write_text(before.replace(comparison.old.id, "sha256:other"))
        assert explain_runs(comparison, 10, 60.0, 1) == Explanation(missing=(BROKEN_OFF,))
    finally:
        summary.write_text(before)


def test_a_night_that_is_not_the_planned_one_is_said(runs: Path) -> None:
    """Of a run that keeps no network, the file that its summary names has changed since."""
    comparison = compare_runs(index_of(runs), "1", "2")
    kept, named = runs / "mon" / "network.json.gz", runs / "mon.json"
    data, text = kept.read_bytes(), named.read_text()
    try:
        kept.unlink()
        assert [one.station for one in explain_runs(comparison, 1, 60.0, 1).stations] == ["S1"]
        named.write_text(text.replace('"lost_cost": ', '"lost_cost": 1'))
        found = explain_runs(comparison, 1, 60.0, 1)
        assert [one.reason for one in found.unexplained] == ["is not of the night that its run's network has now"]
        assert (found.others.stations, found.others_asked) == (0, 4)
    finally:
        kept.write_bytes(data)
        named.write_text(text)


def test_a_limit_that_is_no_number_is_refused(runs: Path) -> None:
    done = cli.run("history", runs, "--compare", 1, 2, "--time-limit", "inf")
    assert done.returncode == 2 and done.stderr.endswith("Error: --time-limit takes a finite number\n")


def test_nothing_is_planned_where_nothing_changed(runs: Path) -> None:
    comparison = compare_runs(index_of(runs), "1", "1")
    assert command.explanation_of(comparison, 10, 60.0) is None


def explained(*parts: ExplainedPart, difference: float) -> ExplainedStation:
    return ExplainedStation("S17", 100.0, 100.0 + difference, parts, remainder_of(difference, parts), 4, 2)


def test_a_line_reads_as_people_speak() -> None:
    station = explained(
        ExplainedPart(("prices",), "higher prices (0.2100 to 0.2350 per kWh on average)", 55.1, 0.4),
        ExplainedPart(("drivers",), "4 drivers fewer (22 to 18)", -18.3, 0.3),
        difference=41.2,
    )
    (_, line) = explanation_lines(Explanation(stations=(station,)), "EUR")
    assert line == (
        "S17: 41.20 EUR more: higher prices (0.2100 to 0.2350 per kWh on average) +55.10, 4 drivers fewer (22 to 18)"
        " -18.30, the plans themselves +4.40; ±0.40 left open by the gaps"
    )


def test_what_is_not_proven_is_said() -> None:
    station = explained(ExplainedPart(("prices",), "lower prices", -1.0, None), difference=-1.0)
    (_, line) = explanation_lines(Explanation(stations=(station,)), "EUR")
    assert line.endswith(": lower prices -1.00; how far best plans differ from this is not proven")
    (_, line) = explanation_lines(Explanation(stations=(explained(difference=-1.0),)), "EUR")
    assert line == "S17: 1.00 EUR less: the plans themselves -1.00; no input differs"


def test_stations_that_were_not_in_time_are_named() -> None:
    (line,) = explanation_lines(Explanation(not_in_time=("S1", "S2")), "EUR")
    assert line == "not in time: S1, S2; a longer --time-limit has them, too"
