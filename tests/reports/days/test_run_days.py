"""The list of a run's stations and their days, as the page's HTML has them."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pages
import pytest
import run_pages
from run_pages import row_of

from optimizer.files.errors import InputErrors
from optimizer.reports.days.concerns import concerns_of, counts_by_kind
from optimizer.reports.run import run_report
from optimizer.runs.folder import plan_name, read_station_rows


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_pages.made(tmp_path_factory.mktemp("days"))


@pytest.fixture
def run(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil; its network stands where the summary says."""
    return Path(shutil.copytree(kept, tmp_path / "run"))


def day(page: bytes, number: int) -> pages.Page:
    """What is folded under a station's name."""
    source = page.decode()
    begin, depth = source.index(f'<div id="day-{number}"'), 0
    for div in re.finditer(r"<(/?)div\b[^>]*>", source[begin:]):
        depth += -1 if div[1] else 1
        if not depth:
            return pages.Page(source[begin : begin + div.end()])
    raise AssertionError(number)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"swaps_lost": 1}, [("lost", "1 swap lost")]),
        ({"gap": 0.005}, []),
        ({"gap": 0.03}, [("gap", "gap 3.00 %")]),
        ({"bound": None, "gap": None}, [("gap", "nothing is proven")]),
        (
            {"status": "fallback", "swaps_lost": 2, "bound": None, "gap": None},
            [("fallback", "a baseline only"), ("lost", "2 swaps lost"), ("gap", "nothing is proven")],
        ),
        ({"status": "failed", "objective": None, "swaps_lost": None}, [("failed", "no plan")]),
        ({"status": "open", "objective": None, "swaps_lost": None}, [("failed", "not planned yet")]),
    ],
)
def test_what_is_to_be_looked_at(changes: dict[str, Any], told: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.words) for one in concerns_of(row_of(**changes), 0.005)] == told


def test_stations_are_counted_by_what_there_is_to_look_at() -> None:
    rows = [
        row_of(),
        row_of(swaps_lost=1),
        row_of(swaps_lost=2, gap=0.1),
        row_of(status="fallback"),
    ]
    assert counts_by_kind([concerns_of(row, 0.005) for row in rows]) == {"fallback": 1, "lost": 2, "gap": 1}


def test_every_station_is_listed_and_has_its_day(run: Path) -> None:
    source = run_report(run)
    page, rows = pages.parsed(source), read_station_rows(run)
    listed = page.table("Stations (12)")
    assert listed[1][:2] == ["S00005", "no plan"] and listed[2][:2] == ["S00007", "3 swaps lost"]
    assert {row[0] for row in listed[1:]} == {row.name for row in rows}
    assert {f"#day-{number}" for number in range(1, 13)} <= {
        value for _, name, value in page.attributes if name == "href"
    }
    buttons = re.findall(r"<button[^>]*data-only[^>]*>([^<]*)</button>", page.source)
    assert buttons == ["All (12)", "To look at (3)", "No plan (1)", "Swaps lost (2)"]
    assert page.source.count('<tr data-is="look lost">') == 2 and page.source.count('<tr data-is="look failed">') == 1


def test_a_day_shows_load_prices_packs_and_lost_swaps(run: Path) -> None:
    found = day(run_report(run), 7)
    rows = {row.station: row for row in read_station_rows(run)}
    assert {"73 served", "3 lost", "limit 180 kW", "Load and prices", "Ready packs and bays", "billed peak"} <= set(
        found.words
    )
    lost = found.table("Lost swaps (3)")
    assert lost[0] == ["time", "swap", "why it is lost", "type", "costs"] and all(row[2] for row in lost[1:])
    repairs = (
        "What would serve them, as the least repair of each kind: swapcharge explain RUN/network.json.gz RUN/plans/"
    )
    assert f"{repairs}{plan_name('S00007')}" in found.words
    load, bays = found.drawings
    assert load.attrib["aria-label"] == "Power drawn from the grid, up to 180 kW"
    assert bays.attrib["aria-label"] == "What stands in 13 bays and when it charges; 73 hand-overs, 3 swaps lost"
    assert len(pages.hints(bays, "lost")) == 3 and "price, CNY/kWh" in pages.texts(load)
    hours = found.table("Hour by hour")
    assert len(hours) == 25 and hours[1][0] == "00:00"
    assert sum(int(row[4]) for row in hours[1:]) == rows["S00007"].swaps_served == 73
    assert sum(int(row[5]) for row in hours[1:]) == rows["S00007"].swaps_lost
    assert len(found.table("Hand-overs (73)")) == 74


def test_hours_tell_what_the_plan_draws(run: Path) -> None:
    """Mean power by the hour times its price, and nothing else, is what the day's energy costs."""
    plan = json.loads((run / "plans" / plan_name("S00002")).read_text())
    hours = day(run_report(run), 2).table("Hour by hour")[1:]
    cost = sum(float(row[1].replace(",", "")) * float(row[2]) for row in hours)
    assert cost == pytest.approx(plan["stations"][0]["cost"]["energy"], rel=0.001)


def test_what_went_wrong_leads_to_the_day(run: Path) -> None:
    wrong = pages.parsed(run_report(run)).source.split("What went wrong")[1].split("</section>")[0]
    assert '<a href="#day-5">S00005</a>' in wrong


def test_a_station_without_a_plan_says_why(run: Path) -> None:
    reason = next(row.reason for row in read_station_rows(run) if row.station == "S00005")
    assert reason and day(run_report(run), 5).words == [reason]


def test_a_baseline_says_why(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [replace(row, status="fallback", reason="too slow\nand more") for row in read_station_rows(run)]
    monkeypatch.setattr("optimizer.reports.run.read_station_rows", lambda run: rows)
    assert "A baseline only: too slow" in day(run_report(run), 1).words


def test_names_stay_text_in_list_and_day(run: Path) -> None:
    page = run_report(run)
    assert pages.parsed(page).words.count(run_pages.HOSTILE) >= 2 and b"<img" not in page


def test_without_its_network_days_are_drawn_from_plans_alone(run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text())
    whole = day(run_report(run), 2).source
    (run / "network.json.gz").unlink()  # as in runs of earlier versions
    (run / "summary.json").write_text(json.dumps(summary | {"network": "gone.json"}))
    page = run_report(run)
    words = (
        "The network gone.json is not there any more: days are drawn from the plans alone, without prices, limits and "
        "ready packs. Name it with --instance."
    )
    assert words in pages.parsed(page).words
    assert "Power into packs" in day(page, 2).drawings[0].attrib["aria-label"]
    assert day(run_report(run, summary["network"]), 2).source == whole
    with pytest.raises(InputErrors):
        run_report(run, "gone.json")


def test_a_network_that_cannot_be_read_any_more_is_told(run: Path) -> None:
    (run / "network.json.gz").write_bytes(b"{")
    assert any(
        words.startswith("The network cannot be read any more: ") for words in pages.parsed(run_report(run)).words
    )


def test_a_station_that_has_changed_since_is_drawn_alone(run: Path, tmp_path: Path) -> None:
    summary = json.loads((run / "summary.json").read_text())
    network = json.loads(Path(summary["network"]).read_text())
    network["stations"][1]["grid_limit_kw"] = 999
    (tmp_path / "changed.json").write_text(json.dumps(network))
    page = run_report(run, str(tmp_path / "changed.json"))
    words = "This station has changed in the network since it was planned: it is drawn from its plan alone."
    assert words in day(page, 2).words and words not in day(page, 3).words


def test_a_plan_that_cannot_be_read_is_told(run: Path) -> None:
    (run / "plans" / plan_name("S00002")).write_text("{")
    assert "The plan file of this station cannot be read." in day(run_report(run), 2).words


def test_days_beyond_the_first_are_packed_as_they_are(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run_report(run)
    monkeypatch.setattr("optimizer.reports.days.station_days.PLAIN_BYTES", 40_000)
    monkeypatch.setattr("optimizer.reports.days.station_days.CHUNK_BYTES", 60_000)
    packed = run_report(run)
    pages.parsed(packed)
    assert len(packed) < len(plain) / 2 and packed.count(b"data-days") > 2
    told = re.search(
        r"Below are the days of the (\d+) first stations; those of the others need scripts, or: ", packed.decode()
    )
    assert told and int(told[1]) == packed.count(b'<details class="sheet day">')
    assert all(day(pages.unpacked(packed), number).source == day(plain, number).source for number in range(1, 13))
    assert packed == run_report(run)


def test_a_page_has_an_end(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.reports.days.station_days.PLAIN_BYTES", 0)
    monkeypatch.setattr("optimizer.reports.days.station_days.CHUNK_BYTES", 1)
    monkeypatch.setattr("optimizer.reports.days.station_days.PACKED_BYTES", 15_000)
    page = pages.parsed(run_report(run))
    told = next(words for words in page.words if "have no room in this file" in words)
    left = int(told.split()[5])
    assert 0 < left < 12 and told == (
        f"The days of the last {left} stations have no room in this file: report RUN --station ID draws one."
    )
    assert len({value for _, name, value in page.attributes if name == "href" and value[0] == "#"}) == 12 - left


def test_a_list_has_an_end(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.reports.days.station_list.MOST_LISTED", 5)
    page = pages.parsed(run_report(run))
    assert any(words.endswith("The list has the first 5; stations.csv has all 12.") for words in page.words)
    assert len(page.table("Stations (5)")) == 6


def alarms_are(run: Path, *conditions: dict[str, Any]) -> pages.Page:
    """The page of a run that was asked for these conditions."""
    told = json.loads((run / "alarms.json").read_text())
    (run / "alarms.json").write_text(json.dumps(told | {"met": True, "conditions": conditions}))
    return pages.parsed(run_report(run))


def condition(name: str, value: float | None, *stations: tuple[str, float], **changes: Any) -> dict[str, Any]:
    parts = [{"station": station, "value": part, "limit": 0.0} for station, part in stations]
    whole = {"condition": f"{name}>0", "name": name, "comparison": ">", "limit": 0.0, "value": value, "met": True}
    return whole | {"stations": parts} | changes


def test_alarms_are_told_first_and_lead_to_their_stations(run: Path) -> None:
    lost = condition("lost", 4.0, ("S00007", 3.0), (run_pages.HOSTILE, 1.0), ("gone", 1.0))
    failed, gap = condition("failed", 1.0, ("S00005", 1.0)), condition("gap", None)
    page = alarms_are(run, lost, failed, gap, condition("late", 0.0, met=False))
    banner = page.source.split('<div class="banner" role="alert">')[1].split("</div>")[0]
    assert pages.Page(f"<div>{banner}</div>").text.replace("\n", "") == (
        f"Alarmlost>0: it is 4 (drivers lost): S00007 3, {run_pages.HOSTILE} 1, gone 1"
        "failed>0: it is 1 (stations that failed and have no plan): S00005"
        "gap>0: it is not proven (proven gap of all plans together)"
    )
    assert '<a href="#day-7">S00007</a>' in banner and '<a href="#day-5">S00005</a>' in banner
    rows = {row[0]: row[1] for row in page.table("Stations (12)")[1:]}
    assert rows["S00007"] == "alarm lost>0, 3 swaps lost" and rows[run_pages.HOSTILE] == "alarm lost>0"
    assert rows["S00005"] == "alarm failed>0, no plan" and "Alarm (3)" in page.words


def test_of_many_stations_an_alarm_names_the_first(run: Path) -> None:
    many = [(f"gone{number}", 0.25) for number in range(8)]
    page = alarms_are(run, condition("lost_share", 0.25, *many))
    assert " 25.00 % and 3 more" in page.text.replace("\n", "").split("gone4")[1]


def test_conditions_that_are_not_met_are_told(run: Path) -> None:
    page = alarms_are(run, condition("lost", 0.0, met=False), condition("gap", 0.0, met=False))
    assert "No alarm. Asked for: lost>0, gap>0." in page.words


def test_without_conditions_nothing_is_told_of_alarms(run: Path) -> None:
    whole = run_report(run)
    assert b"larm" not in whole.split(b"</style>")[1].split(b"<script>")[0]
    (run / "alarms.json").unlink()
    assert run_report(run) == whole


def test_alarms_that_cannot_be_read_are_told(run: Path) -> None:
    (run / "alarms.json").write_text("{")
    words = "alarms.json cannot be read: whether there is an alarm is not known."
    assert words in pages.parsed(run_report(run)).words
