"""The page of a plan: what is on it, that nothing from a file gets out of its place, that broken plans are told."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import broken_plans
import builders as make
import pages
import pytest
from msgspec.structs import replace

from models.station.cost import cost_of
from models.station.instance import Instance, Night
from models.station.must_serve import told_unserved
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.engine.baselines import baseline_cost, uncontrolled_charging
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.files.errors import InputErrors, printable
from optimizer.formats.plan_document import LostReasonDocument
from optimizer.reports.plan import plan_report

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></script><b>",
    "'-->]]>&amp;\u202e\x00\n",
)
GOOD = make.instance(broken_plans.good_night())


def page_of(instance: Instance, *plans: Schedule, alone: bool = False, station: str | None = None, **told: Any) -> Any:
    """The parsed page of a plan file for these schedules."""
    plan = pages.planned(instance, *plans, **told)
    return pages.parsed(plan_report(plan, "a.plan.json", None if alone else instance, station))


def good_page(**changes: Any) -> Any:
    return page_of(GOOD, broken_plans.good_plan(), **changes)


def test_headline() -> None:
    page, cost = good_page(bound=10.0), cost_of(GOOD.nights[0], broken_plans.good_plan())
    assert "Checked: the plan keeps every rule. Every cost is recomputed from its schedule." in page.words
    assert "2026-01-15 00:00 to 2026-01-15 06:00 Europe/Amsterdam, 6 slots of 60 minutes" in page.words
    savings = arrival_plans(GOOD.nights[0]).savings(GOOD.nights[0], broken_plans.good_plan(), cost)
    saving = savings.headline.amount
    for figure in (f"{cost.objective:,.2f}", f"{saving:,.2f}".replace("-", "−"), "3 served", "0 lost", "70.0 kW"):
        assert figure in page.words
    gap = (cost.objective - 10) / cost.gross_cost
    assert f"proven within {100 * gap:.2f} % of the best possible" in page.words


def test_load_is_stacked_by_pack_under_the_limit() -> None:
    load = good_page().drawing("Power drawn from the grid by pack over the night, up to 70 kW")
    assert "P2, bay 1: 37.5 kW, 00:00 to 01:00" in pages.hints(load)  # 30 kW at η = 0.8
    assert "return:W3, bay 2: 25.0 kW, 05:00 to 06:00" in pages.hints(load)
    assert "base load 20.0 kW, 02:00 to 03:00" in pages.hints(load, "base")
    assert pages.hints(load, "sun") == [
        "solar power used 10.0 kW, 00:00 to 01:00",
        "solar power used 5.0 kW, 05:00 to 06:00",
    ]
    assert pages.hints(load, "touch") == ["0.1 EUR/kWh, 00:00 to 06:00"]
    assert {"grid limit 70 kW", "kW", "price, EUR/kWh", "00:00", "15 Jan", "06:00"} <= set(pages.texts(load))


def test_a_limit_far_above_the_load_is_only_mentioned() -> None:
    page = page_of(make.instance(make.night()), make.schedule(make.night(), {"P2": (40, 0, 0, 0)}))
    assert "grid limit" not in page.text.split("Costs")[0].replace("The grid limit lies far above.", "")
    assert any("The grid limit lies far above." in words for words in page.words)


def test_demand_charges_are_told_with_what_is_billed_already() -> None:
    demand = make.demand("peak", metering_minutes=120)
    night = make.night(tariff=make.tariff(demand_charges=(demand,)), peak_so_far_kw={"peak": 10.0})
    page = page_of(make.instance(night), make.schedule(night, {"P2": (40, 0, 0, 0)}))
    assert page.table("Demand charges")[1] == ["peak", "10.0", "25.0", "25.0"]  # 40 / 0.8 kW in one of two slots
    assert {"peak: 25 kW billed", "peak: 10 kW billed already"} <= set(pages.texts(page.drawing("Power drawn")))
    assert "metered average" in page.words


def test_bays_show_stays_charging_and_hand_overs() -> None:
    bays = good_page().drawing("What stands in 3 bays and when it charges; 3 hand-overs, 0 swaps lost")
    assert pages.hints(bays, "handed") == [
        "W1, 01:00: takes P1 with 90.0 kWh", "W2, 04:00: takes P2 with 80.0 kWh", "W3, 04:00: takes P3 with 45.0 kWh",
    ]  # fmt: skip
    assert "P2, A: 00:00 to 04:00, 40.0 to 80.0 kWh" in pages.hints(bays, "stay")
    assert "return:W1: charges at 40.0 kW, 02:00 to 03:00" in pages.hints(bays)
    assert {"bay 0", "bay 1", "bay 2", "P1", "from W1"} <= set(pages.texts(bays))


def test_lost_swaps_have_a_row_and_a_table() -> None:
    night = make.night(swaps=[make.swap("W1", 1), make.swap("W2", 2)])
    page = page_of(make.instance(night), make.schedule(night, {}, {"W1": "P1"}))
    bays = page.drawing("What stands in 3 bays")
    assert "lost" in pages.texts(bays) and pages.hints(bays, "lost") == ["lost: W2, 02:00"]
    assert page.table("Lost swaps (1)")[1:] == [
        ["02:00", "W2", "P2 holds 50.0 of 80.0 kWh: power was left to charge it", "A", "100.00"]
    ]
    assert pages.hints(page.drawing("Ready packs"), "missed") == ["02:00 to 03:00: swaps served: 0, lost: 1"]


def test_lost_swaps_that_must_be_served_have_the_plans_reason() -> None:
    night = make.night(swaps=[make.swap("W1", 1), make.swap("W2", 1, must_serve=True), make.swap("W3", 2)])
    plan = told_unserved(night, make.schedule(night, {}, {"W1": "P1"}))
    assert [one.swap for one in plan.unserved] == ["W2"]
    reason = plan.unserved[0].reason
    rows = page_of(make.instance(night), plan).table("Lost swaps (2)")
    assert [rows[0][-1], *(row[-1] for row in rows[1:])] == ["must be served", reason, ""]
    alone = page_of(make.instance(night), plan, alone=True)
    assert alone.table("Lost swaps (2)") == [["swap", "must be served"], ["W2", reason], ["W3", ""]]


def test_reasons_of_a_plan_stand_beside_its_lost_swaps() -> None:
    night = make.night(swaps=[make.swap("W1", 1), make.swap("W2", 1), make.swap("W3", 2)])
    instance, schedule = make.instance(night), make.schedule(night, {}, {"W1": "P1"})
    plan = pages.planned(instance, schedule)
    why = LostReasonDocument(swap="W2", verdict="cheaper", is_proven=True, words="a <b>", price_words="9 EUR more")
    told = replace(plan, stations=(replace(plan.stations[0], lost_reasons=(why,)),))
    alone = pages.parsed(plan_report(told, "p.json", None, None)).table("Lost swaps (2)")
    assert alone == [["swap", "why it is lost"], ["W2", "cheaper to lose: a <b>; 9 EUR more"], ["W3", ""]]
    rows = pages.parsed(plan_report(told, "p.json", instance, None)).table("Lost swaps (2)")
    assert [row[2] for row in rows[:2]] == ["why it is lost", "cheaper to lose: a <b>; 9 EUR more"] and rows[2][2]


def test_ready_packs_are_counted_as_the_rules_do() -> None:
    ready = good_page().drawing("Ready packs, from 0 to 2, against swaps in each hour")  # P1, and P2 from 80 kWh on
    assert pages.hints(ready, "demand") == [
        "01:00 to 02:00: swaps served: 1, lost: 0", "04:00 to 05:00: swaps served: 2, lost: 0",
    ]  # fmt: skip


def test_costs_are_recomputed_and_not_taken_from_the_file() -> None:
    plan = pages.planned(GOOD, broken_plans.good_plan(), bound=10.0)
    station = plan.stations[0]
    lying = replace(plan, stations=(replace(station, cost=replace(station.cost, energy=0.01), baseline_objective=7.0),))
    page = pages.parsed(plan_report(lying, "a.plan.json", GOOD, None))
    cost, baseline = cost_of(GOOD.nights[0], broken_plans.good_plan()), baseline_cost(GOOD.nights[0])
    bill = {row[0]: row[1:] for row in page.table("The bill")}
    told = [f"{cost.energy:,.2f}", f"{baseline.energy:,.2f}"]
    assert bill["energy"] == told and bill["bound on every plan"] == ["10.00", ""]
    assert bill["objective"][1] == f"{baseline.objective:,.2f}".replace("-", "−")


def test_hand_overs_are_a_table() -> None:
    rows = good_page().table("Hand-overs (3)")
    energies = ["holds, kWh", "asked, kWh", "brings back, kWh"]
    assert rows[0] == ["time", "swap", "pack", "bay", "type", "ready", "slack, h", *energies]
    assert rows[1] == ["01:00", "W1", "P1", "0", "A", "at start", "1:00", "90.0", "80.0", "10.0"]
    assert rows[2] == ["04:00", "W2", "P2", "1", "A", "02:00", "2:00", "80.0", "80.0", "nothing"]


def test_a_dispatcher_sees_slack_and_starts() -> None:
    words = good_page().words
    slack, starts = words.index("Least slack, h"), words.index("Starts")
    assert words[slack + 1 : slack + 3] == ["1:00", "W1 gets P1 at 01:00"]
    assert words[starts + 1 : starts + 3] == ["4", "of 4 packs that charge"]
    assert "Least slack, h" not in good_page(alone=True).words


def test_a_pack_that_was_never_ready_is_told_so() -> None:
    night = make.night(swaps=[make.swap("W1", 2)])
    page = page_of(make.instance(night), make.schedule(night, {}, {"W1": "P2"}))
    assert page.table("Hand-overs (1)")[1][5:8] == ["never", "–", "50.0"]


def test_packs_that_become_ready_stand_beside_demand() -> None:
    ready = good_page().drawing("Ready packs")
    assert pages.hints(ready, "readied")[0] == "02:00 to 03:00: packs that become ready: 2"


def test_without_its_instance_the_plan_tells_what_it_can() -> None:
    page = good_page(alone=True)
    assert (
        "Drawn from the plan alone. Price, grid limit, base load, ready packs and the check are in the instance: name "
        "it with --instance to see them. Costs, bound and baseline are as the plan's file tells them."
    ) in page.words
    names = [drawing.attrib["aria-label"].split(";")[0] for drawing in page.drawings]
    assert names[0] == "Power into packs by pack over the night, up to 40 kW"
    assert names[1] == "What stands in 3 bays and when it charges" and names[2].startswith("Costs: This plan")
    assert "W3, slot 4: takes P3" in pages.hints(page.drawings[1])
    assert page.table("Hand-overs (3)")[1] == ["1", "W1", "P1", "0"]


FROM_FILES = [case for case in broken_plans.TABLE if pages.fits_a_file(case.plan)]


@pytest.mark.parametrize("case", FROM_FILES, ids=lambda case: case.name)
def test_any_broken_plan_makes_a_page_that_says_so(case: broken_plans.Broken) -> None:
    instance = make.instance(case.night)
    plan = pages.with_schedule(pages.planned(instance, uncontrolled_charging(case.night)), case.plan)
    page = pages.parsed(plan_report(plan, "a.plan.json", instance, None))
    assert "This plan breaks rules. Do not run it." in page.words
    assert page.table("What the check found")[1][0] == case.violations[0].rule
    assert "nothing is proven of a plan that breaks rules" in page.words
    pages.parsed(plan_report(plan, "a.plan.json", None, None))


def test_broken_plans_are_tried_in_number() -> None:
    assert len(FROM_FILES) >= 60


def test_powers_beyond_all_reason_are_drawn_at_the_edge() -> None:
    night = make.night()
    schedule = make.schedule(night, {"P1": (1e308,) * 4, "P2": (1e308,) * 4})
    plan = pages.with_schedule(pages.planned(make.instance(night), make.schedule(night)), schedule)
    for instance in (make.instance(night), None):
        page = pages.parsed(plan_report(plan, "a.plan.json", instance, None))
        numbers = [value for _, name, value in page.attributes if name in ("x", "y", "width", "height", "d")]
        assert numbers and not [value for value in numbers if "nan" in value or "inf" in value]


def test_a_plan_too_broken_to_be_billed_has_no_bill() -> None:
    night = make.night()
    plan = pages.planned(make.instance(night), make.schedule(night))
    short = pages.with_schedule(plan, make.schedule(night, {"P2": (40, 0)}))
    page = pages.parsed(plan_report(short, "a.plan.json", make.instance(night), None))
    assert "This plan is too broken to be billed: its series do not fit the horizon." in page.words
    assert "The bill" not in page.words


def test_a_bound_above_the_objective_proves_nothing() -> None:
    page = good_page(bound=1e6)
    assert "nothing proven of how much better a plan could be" in page.words
    assert "The file says what is not so" in page.words


def test_a_fallback_is_called_one() -> None:
    page = good_page(bound=None, status="fallback")
    words = "nothing proven of how much better a plan could be (a baseline, without optimisation)"
    assert words in page.words


def network(count: int) -> tuple[Instance, list[Schedule]]:
    """Stations S0, S1, …; the later, the more its plan costs."""
    nights = [make.night(id=f"S{n}", swaps=[make.swap("W1", 1, lost_cost=100 + n)]) for n in range(count)]
    return make.instance(*nights, name="network"), [make.schedule(night) for night in nights]


def test_several_stations_have_an_overview_and_the_worst_are_drawn() -> None:
    instance, plans = network(14)
    page = page_of(instance, *plans, bound=0.0)
    heads = [words for words in page.words if words.startswith("Station S")]
    assert heads == [f"Station S{n}" for n in range(13, 1, -1)]
    told = "The first 12 are drawn below, 2 are left out: --station ID draws one of them."
    assert any(told in words for words in page.words)
    assert [row[0] for row in page.table("Stations")[1:]] == [f"S{n}" for n in range(13, -1, -1)]
    links = [value for _, name, value in page.attributes if name == "href" and value.startswith("#")]
    assert links == [f"#station-{rank}" for rank in range(1, 13)]
    assert '<h2 id="station-12">Station S2</h2>' in page.source


def test_one_of_several_stations_can_be_picked() -> None:
    instance, plans = network(3)
    page = page_of(instance, *plans, station="S1")
    assert [words for words in page.words if words.startswith("Station ")] == ["Station S1"]
    assert "The file says what is not so" not in page.words  # the file's sums are of all three


def test_a_plan_for_a_part_names_what_is_left_out() -> None:
    instance, plans = network(3)
    part = replace_nights(instance, 2)
    page = pages.parsed(plan_report(pages.planned(part, *plans[:2]), "a.plan.json", instance, None))
    assert "The plan says nothing of 1 station of the instance: S2." in page.words


def replace_nights(instance: Instance, count: int) -> Instance:
    return make.instance(*instance.nights[:count], name=instance.name)


def test_an_unknown_station_is_refused() -> None:
    instance, plans = network(2)
    with pytest.raises(InputErrors) as refused:
        plan_report(pages.planned(instance, *plans), "a.plan.json", instance, "S9")
    assert str(refused.value) == 'a.plan.json: stations: "S9": is not a station of this plan; it has S0, S1'


def hostile_night(words: str) -> Night:
    kind = make.pack_type(id=words + "kind")
    return make.night(
        id=words + "station",
        types=[kind],
        packs=[make.pack(words + "pack", 0.9, kind.id), make.pack(words + "other", 0.1, kind.id)],
        swaps=[make.swap(words + "swap", 1, type=kind.id), make.swap(words + "lost", 2, type=kind.id)],
        tariff=make.tariff(demand_charges=(make.demand(words + "charge", metering_minutes=120),)),
        base_load_kw=5,
    )


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("alone", [False, True])
def test_text_from_files_stays_text(words: str, alone: bool) -> None:
    night = hostile_night(words)
    instance = make.instance(night, name=words + "name", currency=words + "EUR")
    schedule = make.schedule(night, {words + "other": (40, 40, 0, 0)}, {words + "swap": words + "pack"})
    page = page_of(instance, schedule, alone=alone)  # `parsed` has looked for elements and handlers
    for part in ("station", "pack", "swap", "name"):
        assert any(f"{printable(words)}{part}" in told for told in page.words), part
    assert words not in page.source or words not in HOSTILE[:3]


def test_text_of_a_broken_plan_stays_text() -> None:
    words = HOSTILE[0]
    night = make.night()
    schedule = replace_rows(make.schedule(night), words)
    plan = pages.with_schedule(pages.planned(make.instance(night), make.schedule(night)), schedule)
    page = pages.parsed(plan_report(replace(plan, versions={words: words}), words, make.instance(night), None))
    assert f"pack {words}" in page.words and words not in page.source


def replace_rows(schedule: Schedule, pack: str) -> Schedule:
    return Schedule(schedule.station, (PackRow(pack, 0, (0.0,) * 4),), (HandOver(pack, pack),))


def test_long_nights_are_drawn_in_columns() -> None:
    night = make.night(on=make.horizon(4000, 5), packs=[make.pack("P1", 0.1)], swaps=[make.swap("W1", 3999)])
    schedule = make.schedule(night, {"P1": (20.0,) * 48 + (0.0,) * 3952}, {"W1": "P1"})
    source = plan_report(pages.planned(make.instance(night), schedule), "a.plan.json", make.instance(night), None)
    page = pages.parsed(source)
    assert any("Each column is the mean of 14 slots." in words for words in page.words)
    assert len(source) < 200_000


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan = pages.planned(GOOD, broken_plans.good_plan())
    assert plan_report(plan, "a", GOOD, None) == plan_report(plan, "a", GOOD, None)


def test_the_page_may_ask_nobody_for_anything() -> None:
    source = plan_report(pages.planned(GOOD, broken_plans.good_plan()), "a", GOOD, None).decode()
    style, script = (source.split(f"<{name}>")[1].split(f"</{name}>")[0] for name in ("style", "script"))
    policy = next(value for _, name, value in pages.Page(source).attributes if "default-src" in value)
    for kind, text in (("style", style), ("script", script)):
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in source.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
