"""The page of a plan: what is on it, that nothing from a file gets out of its place, that broken plans are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import broken_plans
import builders as make
import msgspec
import pages
import pytest

from models.cost import cost_of
from models.instance import Instance, Night
from models.schedule import Schedule
from optimizer.baselines import baseline_cost, charge_on_arrival
from optimizer.errors import InputErrors
from optimizer.plan_document import PlanFile
from optimizer.report_plan import plan_report

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
    saving = baseline_cost(GOOD.nights[0]).objective - cost.objective
    for figure in (f"{cost.objective:,.2f}", f"{saving:,.2f}".replace("-", "−"), "3 served", "0 lost", "70.0 kW"):
        assert figure in page.words
    gap = (cost.objective - 10) / cost.gross_cost
    assert f"proven within {100 * gap:.2f} % of the best possible" in page.words


def test_load_is_stacked_by_pack_under_the_limit() -> None:
    load = good_page().drawing("Power drawn from the grid by pack over the night, up to 70 kW")
    assert "P2, bay 1: 37.5 kW, 00:00 to 01:00" in pages.hints(load)  # 30 kW at η = 0.8
    assert "return:W3, bay 2: 25.0 kW, 05:00 to 06:00" in pages.hints(load)
    assert "base load 20.0 kW, 02:00 to 03:00" in pages.hints(load, "base")
    assert pages.hints(load, "sun") == ["solar power used 10.0 kW, 00:00 to 01:00", "solar power used 5.0 kW, 05:00 to 06:00"]
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
    assert page.table("Lost swaps (1)")[1:] == [["02:00", "W2", "A", "100.00"]]
    assert pages.hints(page.drawing("Ready packs"), "missed") == ["02:00 to 03:00: 0 swaps served, 1 lost"]


def test_ready_packs_are_counted_as_the_rules_do() -> None:
    ready = good_page().drawing("Ready packs, from 0 to 2, against swaps in each hour")  # P1, and P2 from 80 kWh on
    assert pages.hints(ready, "demand") == [
        "01:00 to 02:00: 1 swaps served, 0 lost", "04:00 to 05:00: 2 swaps served, 0 lost",
    ]  # fmt: skip


def test_costs_are_recomputed_and_not_taken_from_the_file() -> None:
    plan = pages.planned(GOOD, broken_plans.good_plan(), bound=10.0)
    lying = replace_station(plan, cost=msgspec.structs.replace(plan.stations[0].cost, energy=0.01), baseline_objective=7.0)
    page = pages.parsed(plan_report(lying, "a.plan.json", GOOD, None))
    cost, baseline = cost_of(GOOD.nights[0], broken_plans.good_plan()), baseline_cost(GOOD.nights[0])
    bill = {row[0]: row[1:] for row in page.table("The bill")}
    told = [f"{cost.energy:,.2f}", f"{baseline.energy:,.2f}"]
    assert bill["energy"] == told and bill["bound on every plan"] == ["10.00", ""]
    assert bill["objective"][1] == f"{baseline.objective:,.2f}".replace("-", "−")


def replace_station(plan: PlanFile, **changes: Any) -> PlanFile:
    return msgspec.structs.replace(plan, stations=(msgspec.structs.replace(plan.stations[0], **changes),))


def test_hand_overs_are_a_table() -> None:
    rows = good_page().table("Hand-overs (3)")
    assert rows[0] == ["time", "swap", "pack", "bay", "type", "holds, kWh", "asked, kWh", "brings back, kWh"]
    assert rows[1] == ["01:00", "W1", "P1", "0", "A", "90.0", "80.0", "10.0"]
    assert rows[2] == ["04:00", "W2", "P2", "1", "A", "80.0", "80.0", "nothing"]


def test_without_its_instance_the_plan_tells_what_it_can() -> None:
    page = good_page(alone=True)
    assert (
        "Drawn from the plan alone. Price, grid limit, base load, ready packs and the check are in the instance: name "
        "it with --instance to see them. Costs, bound and baseline are as the plan's file tells them."
    ) in page.words
    names = [drawing.attrib["aria-label"].split(";")[0] for drawing in page.drawings]
    assert names[0] == "Power into packs by pack over the night, up to 50 kW"
    assert names[1] == "What stands in 3 bays and when it charges" and names[2].startswith("Costs: This plan")
    assert "W3, slot 4: takes P3" in pages.hints(page.drawings[1])
    assert page.table("Hand-overs (3)")[1] == ["1", "W1", "P1", "0"]


@pytest.mark.parametrize("case", broken_plans.TABLE, ids=lambda case: case.name)
def test_any_broken_plan_makes_a_page_that_says_so(case: broken_plans.Broken) -> None:
    instance = make.instance(case.night)
    plan = pages.planned(make.instance(case.night), charge_on_arrival(case.night))
    station = plan.stations[0]
    rows = [msgspec.structs.replace(station.packs[0], pack=r.pack, bay=r.bay, power_kw=r.power_kw) for r in case.plan.rows]
    given = [{"swap": one.swap, "slot": 0, "pack": one.pack} for one in case.plan.hand_overs]
    handed = msgspec.convert(given, type(station).__annotations__ and tuple[Any, ...])
    assert handed is not None
    broken = replace_station(
        plan,
        packs=tuple(rows),
        hand_overs=_handed(case.plan),
        solar_used_kw=case.plan.solar_used_kw,
        reserve_shortfall=case.plan.reserve_shortfall,
    )
    page = pages.parsed(plan_report(broken, "a.plan.json", instance, None))
    assert "This plan breaks rules. Do not run it." in page.words
    assert page.table("What the check found")[1][0] == case.violations[0].rule
    assert "nothing is proven of a plan that breaks rules" in page.words
    assert "NaN" not in page.source and "inf" not in {value for _, _, value in page.attributes}
