"""The page of a study: what it says is what the tables say, and what went wrong is loud."""

from __future__ import annotations

import csv
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pages
import pytest
import study_pages as made
import tiny_study as tiny

from optimizer.reports.answers.curves import formatted_growth
from optimizer.reports.study import study_report
from optimizer.reports.study_totals import PeriodSum, bill_sums, coverage, energy_shifts, mean_day
from optimizer.runs.station_task import Infeasible
from optimizer.studies.results import write_results
from optimizer.studies.tables import BillRow, ProfileRow
from optimizer.workers.local_pool import Fault, PoolBrokenError

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
BOTH = ("baseline_kwh", "kwh")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tariffs that change places as drivers double."""
    return made.made(tmp_path_factory.mktemp("study"))


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(kept, tmp_path / "out"))


@pytest.fixture(scope="module")
def page(kept: Path) -> pages.Page:
    return made.parsed(kept)


def rows(folder: Path, table: str, **wanted: str) -> Iterator[dict[str, str]]:
    """The rows of a table, as a spreadsheet would find them."""
    with (folder / table).open(newline="") as file:
        yield from (row for row in csv.DictReader(file) if wanted.items() <= row.items())


def total(folder: Path, table: str, column: str, **wanted: str) -> float:
    return sum(float(row[column]) for row in rows(folder, table, **wanted))


def told(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−")


def first(page: pages.Page, name: str) -> ET.Element:
    """The first variant's drawing of that name."""
    return next(one for one in page.drawings if one.attrib["aria-label"].startswith(name))


def boxes(drawing: ET.Element, css: str) -> list[float]:
    """The widths of the rectangles of a class."""
    found = [one for one in drawing.iter(f"{pages.SVG}rect") if css in one.attrib.get("class", "").split()]
    return [float(one.attrib["width"]) for one in found]


def test_the_headline_tells_scope_and_answer(page: pages.Page, kept: Path) -> None:
    scope = "1 station, 2 nights, 2 tariffs, 2 variants; 2026-01-31 00:00 to 2026-02-02 00:00 Europe/Amsterdam"
    assert {"tiny study", scope, f"{kept}, costs in EUR"} <= set(page.words)
    assert set(made.summary(kept)["answers"]) <= set(page.words)
    assert page.source.count('class="winner">flat<') == page.source.count('class="winner">one price<') == 1
    assert 'role="alert"' not in page.source


def test_the_ranking_is_that_of_the_study(page: pages.Page, kept: Path) -> None:
    best, second = (one for one in made.summary(kept)["ranking"] if one["variant"] == "as it is")
    more = 100 * (second["total_cost"] / best["total_cost"] - 1)
    assert [row[:3] for row in page.table("Totals in EUR")] == [
        ["tariff", "total", "more"],
        ["flat", told(best["total_cost"]), "0.0 %"],
        ["one price", told(second["total_cost"]), f"{more:.1f} %"],
    ]
    head, flat, _ = page.table("What the totals are made of")
    cells = dict(zip(head, flat, strict=True))
    assert head == ["tariff", "energy", "fixed charges", "less other days", "less stock", "total", "on arrival"]
    billed = total(kept, "bills.csv", "amount", variant="as it is", tariff="flat", side="plan")
    last = next(rows(kept, "nights.csv", variant="as it is", tariff="flat", night="2026-02-01"))
    assert cells["energy"] == told(billed) and cells["less stock"] == told(-float(last["end_value"]))
    assert cells["total"] == told(billed - float(last["end_value"]))
    less = [
        row["less other days"]
        for row in (cells, dict(zip(head, page.table("What the totals are made of")[2], strict=True)))
    ]
    assert less == ["0.00", told(-second["other_days"])] and second["other_days"] > 100


def test_a_bar_ends_at_its_total_and_has_the_baseline_marked(page: pages.Page, kept: Path) -> None:
    drawing = first(page, "Total costs, cheapest first")
    best = made.summary(kept)["ranking"][0]
    (mark, _) = [one for one in drawing.iter(f"{pages.SVG}path") if "marked" in one.attrib["class"].split()]
    energy, credit = boxes(drawing, "cost-energy")[0], boxes(drawing, "credit")[0]
    per_pixel = best["energy"] / energy
    zero = next(float(one.attrib["d"][1:].split()[0]) for one in drawing if "axis" in one.attrib.get("class", ""))
    at = float(mark.attrib["d"][1:].split()[0])
    assert (at - zero) * per_pixel == pytest.approx(best["baseline_total_cost"], rel=1e-3)
    assert credit * per_pixel == pytest.approx(best["stock_value"], rel=2e-3)
    assert pages.hints(drawing, "marked")[0] == f"flat: charging on arrival {told(best['baseline_total_cost'])}"


def test_the_bounds_are_called_what_they_are(page: pages.Page, kept: Path) -> None:
    flat = page.table("Service, and proof night by night")[1]
    assert flat[5] == told(total(kept, "nights.csv", "bound", variant="as it is", tariff="flat"))
    assert any("is therefore no bound on the whole month" in words for words in page.words)


def test_the_flip_is_marked_where_the_study_says(page: pages.Page, kept: Path) -> None:
    (flip,) = made.summary(kept)["flips"]
    drawing = page.drawing("Total costs over the growth of demand")
    growth = f"{100 * flip['growth']:+.0f} %"
    assert pages.hints(drawing, "bound") == [f"At about {growth} drivers the answer flips from flat to one price"]
    (across,) = [one for one in drawing.iter(f"{pages.SVG}path") if "bound" in one.attrib["class"].split()]
    points = [float(one.attrib["cx"]) for one in drawing.iter(f"{pages.SVG}circle")]
    at = float(across.attrib["d"][1:].split()[0])
    assert (at - min(points)) / (max(points) - min(points)) == pytest.approx(flip["growth"], abs=1e-3)
    assert {"flat", "one price", "as it is", "+100 %", f"{growth}: flat → one price"} <= set(pages.texts(drawing))


def test_growth_is_drawn_only_between_variants_that_differ_in_nothing_else(tmp_path: Path) -> None:
    variants = [{"id": "small", "packs": 2}, {"id": "large", "demand_growth": 0.5}]
    page = made.parsed(made.made(tmp_path, variants=variants, nights=1))
    assert "Growth of demand" not in page.text and {"as many drivers, 2 packs", "50 % more drivers"} <= set(page.words)


def test_curves_have_their_knee_marked_and_said(tmp_path: Path) -> None:
    """With few chargers drivers are lost, from some number on nothing is gained."""
    variants = [{"id": f"{kw} kW", "charger_kw": kw} for kw in (2, 20, 40, 60)]
    folder = made.made(tmp_path, variants=variants, nights=1)
    page, (curve, other) = made.parsed(folder), made.summary(folder)["curves"]
    assert (curve["shape"], curve["tariff"], curve["values"]) == ("knee", "flat", [2, 20, 40, 60])
    assert curve["knee"] == other["knee"] == 20
    drawing = page.drawing("Total costs over the kW of a charger")
    assert pages.hints(drawing, "bound") == ["20 kW a charger: knee under flat, one price"]
    assert {"2", "20", "40", "60", "20: knee of all tariffs"} <= set(pages.texts(drawing))
    cells = page.table("Total costs over the kW of a charger, EUR")
    assert cells[0][:2] == ["kW of a charger", "variant"] and [row[1] for row in cells[1:]] == [
        "2 kW", "20 kW", "40 kW", "60 kW",
    ]  # fmt: skip
    rows_of = list(rows(folder, "curves.csv", tariff=cells[0][2]))
    assert [row[2] for row in cells[1:]] == [told(float(row["total_cost"])) for row in rows_of]
    assert [row["knee"] for row in rows_of] == ["", "yes", "", ""]
    each = told((curve["total_costs"][0] - curve["total_costs"][1]) / 18)
    sentence = f"from 20 kW a charger on, another kW of each charger saves nothing in 1 night; up to there {each} on"
    assert any(words.startswith(f"flat: {sentence}") for words in page.words)
    assert any(words.startswith("2 to 60 kW a charger, ") and "knee of the others: 20" in words for words in page.words)


def test_the_bill_stands_line_by_line_beside_charging_on_arrival(page: pages.Page, kept: Path) -> None:
    table = page.table("Bill under one price")
    of_meter = {"variant": "as it is", "tariff": "one price", "month": "2026-01", "name": "all day"}
    plan, bare = rows(kept, "bills.csv", **of_meter)
    assert table[0][3:] == ["quantity", "unit", "rate", "amount, EUR", "quantity on arrival", "amount on arrival, EUR"]
    quantities = [f"{float(one['quantity']):,.1f}" for one in (plan, bare)]
    amounts = [told(float(one["amount"])) for one in (plan, bare)]
    row = ["2026-01", "energy", "all day", quantities[0], "kWh", "0.05", amounts[0], quantities[1], amounts[1]]
    assert table[1] == row and table[2][:7] == ["2026-01", "fixed", "meter", "1.0", "months", "210", "210.00"]
    sums = [row for row in table if row[0].endswith("in all")]
    january = total(kept, "bills.csv", "amount", variant="as it is", tariff="one price", month="2026-01", side="plan")
    assert [row[0] for row in sums] == ["2026-01 in all", "2026-02 in all"] and sums[0][6] == told(january)
    months = page.table("Bills by month")
    assert months[0] == ["month", "flat", "one price"] and months[1][2] == told(january)
    assert [row[0] for row in months[1:]] == ["2026-01", "2026-02", "in all", "on arrival"]


def test_months_in_part_are_called_so(page: pages.Page, tmp_path: Path) -> None:
    words = (
        "Covered in part only: 2026-01 (1 of 31 days), 2026-02 (1 of 28 days). Charges a day are billed for those "
        "days, demand charges on their highest peak, and all other fixed and minimum charges whole. "
        "Totals have these charges of a month for the covered days only."
    )
    assert words in page.words
    whole = made.parsed(made.made(tmp_path, first_night="2026-02-01", nights=28, variants=[{"id": "one"}]))
    assert "Covered in part only" not in whole.text and "Bills by month" not in whole.text


def test_what_moved_is_told_by_period(page: pages.Page, kept: Path) -> None:
    day, night = (
        [total(kept, "periods.csv", side, variant="as it is", tariff="flat", period=period) for side in BOTH]
        for period in ("day", "night")
    )
    moved = night[1] - night[0]
    assert {f"{moved:,.0f} kWh from day to night, 0.2 EUR/kWh cheaper"} <= set(page.words)
    assert f"{day[0] - day[1] - moved:,.0f} kWh from day are not drawn at all" in page.words
    assert "It has one price period: its mean day shows when it draws." in page.words
    flat = page.table("Energy, its mean price in EUR/kWh")[1]
    arrival = total(kept, "bills.csv", "amount", variant="as it is", tariff="flat", side="baseline")
    assert flat[:4] == ["flat", f"{day[1] + night[1]:,.0f}", f"{day[0] + night[0]:,.0f}", f"{moved:,.0f}"]
    assert flat[5] == f"{arrival / (day[0] + night[0]):,.4f}"
    drawing = next(
        one for one in page.drawings if one.attrib["aria-label"].startswith("kWh by price period under flat")
    )
    bars = boxes(drawing, "against")
    assert bars[0] / bars[1] == pytest.approx(day[0] / night[0], rel=1e-3)


def test_mean_days_are_drawn_for_each_tariff_and_variant(page: pages.Page, kept: Path) -> None:
    days = [one for one in page.drawings if one.attrib["aria-label"].startswith("The mean day under")]
    assert len(days) == 4 and len(pages.hints(days[0], "touch")) == 24
    row = next(rows(kept, "profiles.csv", variant="as it is", tariff="flat", local_time="01:00"))
    kw, bare_kw = float(row["mean_kw"]), float(row["baseline_mean_kw"])
    assert f"from 01:00: 0.1 EUR/kWh, {kw:,.0f} kW as planned, {bare_kw:,.0f} kW on arrival" in pages.hints(days[0])


def test_nights_are_shaded_by_what_they_cost(page: pages.Page, kept: Path) -> None:
    drawing = first(page, "What charging cost in each night")
    cost = total(kept, "nights.csv", "gross_cost", variant="as it is", tariff="flat", night="2026-02-01")
    assert f"flat, 2026-02-01: {cost:,.10g} EUR" in pages.hints(drawing)
    assert not [one for one in page.drawings if one.attrib["aria-label"] == "Swaps lost in each night"]
    assert len(page.table("Nights")) == 5


def test_lost_swaps_have_a_map_of_their_own(tmp_path: Path) -> None:
    grown = [{"id": "crowd", "demand_growth": 5.0}]
    folder = made.made(tmp_path, variants=grown)
    drawing = made.parsed(folder).drawing("Swaps lost in each night")
    lost = total(folder, "nights.csv", "swaps_lost", tariff="flat", night="2026-01-31")
    assert lost > 0 and f"flat, 2026-01-31: {lost:.0f} swaps lost" in pages.hints(drawing)


def test_long_tables_and_many_tariffs_are_cut_and_say_so(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.reports.study_variant.MOST_NIGHTS", 3)
    for module in ("study_energy", "study_variant", "answers.curves"):
        monkeypatch.setattr(f"optimizer.reports.{module}.MOST_TARIFFS", 1)
    monkeypatch.setattr("optimizer.reports.study.MOST_VARIANTS", 1)
    page = made.parsed(kept)
    assert len(page.table("Nights")) == 4 and "the table has the first 3, nights.csv has all" in page.text
    assert "Drawn are the 1 cheapest, 1 are left out." in page.text and "Bill under one price" not in page.text
    assert "1 more variants are in the answer above, and not drawn." in page.words


def test_a_single_variant_needs_no_choice(page: pages.Page, tmp_path: Path) -> None:
    assert page.source.count("data-shows=") == 2 and 'id="variant-1"' in page.source
    alone = made.parsed(made.made(tmp_path, variants=[{"id": "one"}], nights=1))
    assert "data-shows=" not in alone.source and "cheapest" in alone.words


def test_names_stay_text(tmp_path: Path) -> None:
    names: dict[str, Any] = {"id": IMAGE, "energy_periods": [{"name": f"{SCRIPT}period", "price_per_kwh": 0.2}]}
    names["fixed_charges"] = [{"name": f"{SCRIPT}charge", "amount": 1}]
    variants = [{"id": f"{SCRIPT}variant"}, {"id": f"{IMAGE}variant", "demand_growth": 1.0}]
    day = {"stations": [tiny.station(f"{SCRIPT}station")]}
    folder = made.made(tmp_path, names, name=f"{SCRIPT}name", variants=variants, day=day)
    reasons = [{"variant": IMAGE, "station": SCRIPT, "night": SCRIPT, "tariff": IMAGE, "reason": f"{SCRIPT}why"}]
    made.told(folder, fallbacks=reasons, failed=reasons, versions={SCRIPT: IMAGE}, time_zone=SCRIPT, currency=IMAGE)
    page = made.parsed(folder)
    shown = {f"{SCRIPT}{what}" for what in ("name", "variant", "period", "charge", "station", "why")} | {IMAGE}
    assert shown <= set(page.words)
    assert "<img" not in page.source and page.source.count("<script") == 1 and "alert(1)</script" not in page.source


def test_a_chain_that_ended_early_is_loud_and_its_variant_has_no_answer(tmp_path: Path) -> None:
    day = tiny.instance(tariffs=[tiny.FLAT, made.FLAT_RATE])
    study = tiny.read(tmp_path, day, tariffs=[{"id": "flat"}, {"id": "one price"}], variants=made.GROWTH, nights=2)
    end = Infeasible("the base load does not fit")
    fault = tiny.task_of(lambda ask: end if (ask.variant, ask.date) == ("as it is", "2026-01-31") else None)
    run = tiny.run_of(study, tmp_path / "out", task=fault)
    write_results(run)
    page = made.parsed(tmp_path / "out")
    title = "Not every night could be planned: 1 chain of nights ended early"
    assert title in page.words and 'role="alert"' in page.source and "no answer" in page.words
    assert page.table("What happened")[1] == ["as it is", "S1", "night 2026-01-31: the base load does not fit"]
    hint = "Not every night of this variant could be planned: it has no ranking and no bills. Its nights so far:"
    assert hint in page.words and "Growth of demand" not in page.text
    assert [row[0] for row in page.table("Nights")] == ["night", "2026-01-30", "2026-01-30"]


def test_nights_with_a_baseline_only_are_loud(tmp_path: Path) -> None:
    day = tiny.instance(tariffs=[tiny.FLAT, made.FLAT_RATE])
    study = tiny.read(tmp_path, day, tariffs=[{"id": "flat"}, {"id": "one price"}], nights=1)
    faults: dict[str, list[Fault | PoolBrokenError]] = {"S1": [Fault("raised", "cannot plan")]}
    write_results(tiny.run_of(study, tmp_path / "out", tiny.StudyPool(faults=faults)))
    page = made.parsed(tmp_path / "out")
    assert "2 nights with charging on arrival only, in all sums below" in page.words
    assert page.table("What happened")[1] == ["as it is", "S1", "2026-01-30", "flat", "cannot plan"]
    assert page.table("Service")[1][6] == "–"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("interrupted", "This study was interrupted"),
        ("running", "This study still runs, or was killed"),
    ],
)
def test_an_unfinished_study_is_called_one(folder: Path, status: str, words: str) -> None:
    assert words not in made.parsed(folder).words
    made.told(folder, status=status, station_nights={"all": 4, "done": 3})
    page = made.parsed(folder)
    assert words in page.words
    assert "3 of 4 nights of a station were planned; the same command goes on." in page.words


def test_the_same_study_gives_the_same_bytes(kept: Path) -> None:
    assert study_report(kept) == study_report(kept)


def bill_row(month: str, side: str, amount: float, rate: float | None, **changes: Any) -> BillRow:
    row = BillRow("v", "S", "t", side, month, "energy", "day", 10.0, "kWh", rate, amount)
    return replace(row, **changes)


def test_lines_of_stations_are_added_up_and_a_rate_is_told_if_there_is_one() -> None:
    lines = bill_sums(
        [
            bill_row("2026", "plan", 9.0, None, kind="minimum", name="least"),
            bill_row("2026-12", "plan", 1.0, 0.1),
            bill_row("2026-12", "plan", 2.0, 0.1, station="S2"),
            bill_row("2026-12", "baseline", 4.0, 0.1),
            bill_row("2026-12", "plan", 2.0, 0.1, name="night"),
            bill_row("2026-12", "plan", 2.0, 0.2, name="night", station="S2"),
            bill_row("2027-01", "plan", 5.0, 0.1),
        ]
    )
    told = [(line.month, line.name, line.quantity, line.amount, line.baseline_amount, line.rate) for line in lines]
    assert told == [
        ("2026-12", "day", 20.0, 3.0, 4.0, 0.1),
        ("2026-12", "night", 20.0, 4.0, 0.0, None),
        ("2026", "least", 10.0, 9.0, 0.0, None),
        ("2027-01", "day", 10.0, 5.0, 0.0, 0.1),
    ]


def test_months_are_covered_by_the_clock() -> None:
    found = list(coverage(datetime(2025, 12, 31, 12), datetime(2026, 2, 28, 12)))
    assert [(one.month, one.covered_days, one.days, one.is_whole) for one in found] == [
        ("2025-12", 0.5, 31, False),
        ("2026-01", 31.0, 31, True),
        ("2026-02", 27.5, 28, False),
    ]


def test_what_left_the_dearest_went_to_the_cheapest() -> None:
    sharp, peak = PeriodSum("sharp", 3.0, 0.0, 100.0), PeriodSum("peak", 2.0, 50.0, 100.0)
    flat, deep = PeriodSum("flat", 1.0, 90.0, 60.0), PeriodSum("deep", 0.5, 80.0, 10.0)
    found = [(move.source, move.target, move.kwh) for move in energy_shifts([sharp, peak, flat, deep])]
    assert found == [(sharp, deep, 70.0), (sharp, flat, 30.0), (peak, None, 50.0)]
    more = PeriodSum("peak", 2.0, 200.0, 100.0)
    assert [(move.source, move.target, move.kwh) for move in energy_shifts([more])] == [(None, more, 100.0)]
    assert energy_shifts([PeriodSum("peak", 2.0, 100.0, 100.01), PeriodSum("flat", 1.0, 100.01, 100.0)]) == []


def test_a_mean_day_begins_when_nights_begin_and_adds_up_stations() -> None:
    rows = [
        ProfileRow("v", station, "t", time(hour), price, kw, 1.0)
        for station, kw in (("S1", 5.0), ("S2", 7.0))
        for hour, price in ((18, 0.2), (23, 0.4), (0, 0.6), (17, 0.8))
    ]
    day = mean_day(rows, datetime(2026, 1, 1, 18))
    assert day.times == ["18:00", "23:00", "00:00", "17:00"] and day.kw == [12.0] * 4
    assert day.price_per_kwh == [0.2, 0.4, 0.6, 0.8] and day.baseline_kw == [2.0] * 4


def test_growth_in_words() -> None:
    assert [formatted_growth(growth) for growth in (0.0, 0.25, -0.1)] == ["as it is", "+25 %", "−10 %"]
