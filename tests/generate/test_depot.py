"""Central depots: the published format is read, its plans cost here what they cost there, look-alikes are drawn."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import builders as make
import cli
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidData
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance
from optimizer.generate.depot import Depot, depot_instance, depot_of, facts_of_name, read_depot
from optimizer.generate.depot_document import DepotDocument
from optimizer.generate.draw_depot import depot_document, drawn_depot, usual_gamma

SMALL: dict[str, Any] = {
    "B_ell": [[1, 3], [2], [4]],
    "n_l": [2, 3, 4],
    "p": {"1": 2, "2": 1, "3": 1, "4": 4},
    "elec_cost": [10, 20, 5, 8],
    "alpha": 0.8,
    "T": 4,
    "L": 3,
    "w": 0.5,
}


def depot(**changes: Any) -> Depot:
    return depot_of(msgspec.convert(SMALL | changes, DepotDocument))


def night(document: dict[str, Any]) -> Night:
    (only,) = build_instance(msgspec.convert(document, InstanceDocument), Path()).nights
    return only


def problems(tmp_path: Path, **changes: Any) -> list[str]:
    """What is told of the small depot with these changes; None leaves a key out."""
    path = tmp_path / "d.json"
    path.write_text(json.dumps({key: value for key, value in (SMALL | changes).items() if value is not None}))
    with pytest.raises(InputErrors) as error:
        read_depot(path)
    return str(error.value).replace(str(path), "d.json").splitlines()


def schedule(made: Night, hours: dict[int, list[int]]) -> Schedule:
    """Pack n charges in those hours, counted from 0; every pack leaves when its window ends."""
    by_swap = {swap.id: str(swap.pack) for swap in made.station.swaps}
    power = {f"p{number:03d}": dict.fromkeys(charged, 1.0) for number, charged in hours.items()}
    return make.planned(made, by_swap, power)


def test_a_plan_costs_what_it_costs_in_the_published_model() -> None:
    """Port A: packs 1, 1, 2, idle; port B: 3, 4, 4, 4. Hours cost 10 + 10, 20 + 20, 5 + 5, 8.

    Switches: after hour 1 B (3 to 4), after hour 2 A (1 to 2), after hour 3 A (2 to none): 3 · 0.5; pack 4 leaves
    when the day ends, which does not count. Pack 4 has 3 hours, and needs ceil(0.8 · 4) = 4: one hour short.
    """
    made = night(depot_instance(depot(alpha=0.75), 2, 1, "small"))
    plan = schedule(made, {1: [0, 1], 2: [2], 3: [0], 4: [1, 2, 3]})
    assert not check(made, plan)
    cost = cost_of(made, plan)
    assert cost.energy == pytest.approx(10 + 10 + 20 + 20 + 5 + 5 + 8)
    assert cost.plug_changes == pytest.approx(3 * 0.5)
    assert cost.objective == pytest.approx(78 + 1.5)


def test_the_last_window_wants_its_share_rounded_up() -> None:
    made = night(depot_instance(depot(), 2, 1, "small"))
    broken = check(made, schedule(made, {1: [0, 1], 2: [2], 3: [0], 4: [1, 2, 3]}))
    assert {one.rule for one in broken} == {"hand_over"}


def test_more_switches_than_gamma_break_a_rule_but_the_departure_at_the_end_is_free() -> None:
    made = night(depot_instance(depot(alpha=0.25), 2, 1, "small"))
    free = schedule(made, {1: [0, 1], 2: [2], 3: [0], 4: [3]})
    broken = check(made, free)
    assert [one.rule for one in broken] == []
    both_end = schedule(made, {1: [0, 1], 2: [2], 3: [1], 4: [3]})
    assert {one.rule for one in check(made, both_end)} == {"plug_changes"}


@pytest.mark.parametrize(("alpha", "need", "least"), [(0.8, 5, 4), (0.8, 8, 7), (0.7, 10, 7), (0.1, 3, 1), (1.0, 7, 7)])
def test_share_is_rounded_up_without_float_noise(alpha: float, need: int, least: int) -> None:
    made = depot(alpha=alpha, p={"1": 1, "2": 1, "3": 1, "4": need}, elec_cost=[1] * 12, T=12, n_l=[2, 3, 12])
    assert made.least_hours(2, 4) == least
    assert made.least_hours(0, 1) == 1


def test_the_instance_has_one_slot_more_than_hours_and_a_series_of_switches() -> None:
    document = depot_instance(depot(), 2, 1, "small")
    made = night(document)
    station = made.station
    assert made.horizon.slots == 5
    assert made.tariff_series.price_per_kwh == pytest.approx([10, 20, 5, 8, 20])
    assert [station.most_plug_changes(slot) for slot in range(1, 5)] == [1, 1, 1, 2]
    assert [station.cost_of_plug_change(slot) for slot in range(1, 5)] == [0.5, 0.5, 0.5, 0]
    assert [(swap.pack, swap.slot) for swap in station.swaps] == [("p001", 2), ("p003", 2), ("p002", 3), ("p004", 4)]
    assert [swap.swap_soc for swap in station.swaps] == [None] * 4  # 0.8 · 4 hours are 4 whole ones
    assert station.swaps[0].lost_cost == 10 * (20 * 4 + 0.5 * 1 * 3)


@pytest.mark.parametrize("longest", range(1, 13))
def test_needs_are_whole_kwh_in_floats_too(longest: int) -> None:
    """Else a pack would need a sixth hour for a millionth of a millionth of a kWh."""
    needs = {str(n): n for n in range(1, longest + 1)}
    made = depot(B_ell=[longest], n_l=[24], L=1, T=24, p=needs, elec_cost=[1] * 24, alpha=0.5)
    station = night(depot_instance(made, 2, 1, "whole")).station
    assert [pack.soc * longest for pack in station.packs] == [longest - n for n in range(1, longest + 1)]
    wanted = [longest if swap.swap_soc is None else swap.swap_soc * longest for swap in station.swaps]
    assert wanted == [longest - n // 2 for n in range(1, longest + 1)]


def test_counts_and_lists_say_the_same_as_numbers() -> None:
    named = depot(B_ell=[[1, 2], [3], [4]])
    assert depot(B_ell=[2, 1, 1]) == named
    assert depot(B_ell=[2, 1, 1], p=[2, 1, 1, 4]) == named
    from_0 = depot(B_ell=[[0, 1], [2], [3]], p=[2, 1, 1, 4])
    assert from_0.needs == {0: 2, 1: 1, 2: 1, 3: 4}
    assert from_0 == depot(B_ell=[[0, 1], [2], [3]], p={"0": 2, "1": 1, "2": 1, "3": 4})
    assert depot(T=None, L=None) == depot()


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"T": 24}, ["d.json: T: 24: must be the number of prices in elec_cost, 4; correct one of them"]),
        ({"L": 2}, ["d.json: L: 2: must be the number of windows in B_ell, 3; correct one of them"]),
        ({"n_l": [2, 2, 4]}, ["d.json: n_l: [2,2,4]: must rise, within 1 to 4; each window ends after the one before"]),
        (
            {"n_l": [2, 3]},
            ["d.json: n_l: [2,3]: must have one hour for each of the 3 windows of B_ell; correct one of the two"],
        ),
        ({"n_l": [2, 3, 5]}, ["d.json: n_l: [2,3,5]: must rise, within 1 to 4; each window ends after the one before"]),
        ({"B_ell": [[1], [2], [4]]}, ["d.json: B_ell: 3: is a pack of p that is in no window; add it to one"]),
        ({"B_ell": [[1, 3], [2], [4, 3]]}, ["d.json: B_ell: 3: is in 2 windows; a pack leaves once"]),
        (
            {"B_ell": [[1, 3], [2], [4, 9]]},
            ["d.json: B_ell: 9: is no pack of p; correct the number, or add its hours to p"],
        ),
        (
            {"B_ell": [2, 1, 2]},
            [
                "d.json: B_ell: [2,1,2]: must be lists of pack numbers, or counts that add up to the 4 packs of p; "
                "write [[1, 2], [3]] or [2, 1]"
            ],
        ),
        (
            {"p": {"1": 3, "2": 1, "3": 1, "4": 4}},
            [
                "d.json: p.1: 3: cannot have its 3 hours when its window ends at hour 2; "
                "lower its need, or put it into a later window"
            ],
        ),
        ({"p": {"one": 2}}, ["d.json: p.one: 2: is not the number of a pack; write 7"]),
        (
            {"p": {"1": 2.5, "2": 1, "3": 1, "4": 4}},
            [
                "d.json: p.1: 2.5: must be a whole number; "
                "what belongs here: hours of charging that each pack needs, by its number"
            ],
        ),
        ({"alpha": 80}, ["d.json: alpha: 80: must be greater than 0 and at most 1; the published files have 0.8"]),
        (
            {"w": None, "v": 0.5},
            [
                "d.json: v: 0.5: is not a key of this object; its keys are B_ell, alpha, elec_cost, n_l, L, T, p, w",
                "d.json: w: absent: must be given; add it: cost of a port that changes its pack",
            ],
        ),
        (
            {"w": -1, "alpha": 0, "L": 4},
            [
                "d.json: alpha: 0: must be greater than 0 and at most 1; the published files have 0.8",
                "d.json: w: -1: must be at least 0; correct the value",
                "d.json: L: 4: must be the number of windows in B_ell, 3; correct one of them",
            ],
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path: Path, changes: dict[str, Any], lines: list[str]) -> None:
    assert problems(tmp_path, **changes) == lines


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_broken_depot_is_refused_in_words(data: st.DataObject) -> None:
    """Whatever stands at a key: a depot, or InvalidData; never another exception."""
    key = data.draw(st.sampled_from(sorted(SMALL)))
    leaf = st.none() | st.integers(-3, 30) | st.floats() | st.text(max_size=3)
    value = data.draw(st.recursive(leaf, lambda inner: st.lists(inner, max_size=4), max_leaves=6))
    try:
        made = depot_of(decode(json.dumps(SMALL | {key: value}).encode(), DepotDocument))
    except InvalidData as error:
        assert error.problems
    else:
        night(depot_instance(made, 2, 1, "any"))


def test_name_tells_packs_ports_and_gamma(tmp_path: Path) -> None:
    told = facts_of_name("x/input_data_file_100_50_13.json")
    assert told is not None and (told.packs, told.ports, told.gamma) == (100, 50, 13)
    assert facts_of_name("input_data_file_100_50.json") is None
    path = tmp_path / "input_data_file_5_2_1.json"
    path.write_text(json.dumps(SMALL))
    with pytest.raises(InputErrors, match='p: "4 packs": must name as many packs as the file\'s name tells, 5; '):
        read_depot(path)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 2**31 - 1))
def test_look_alikes_are_depots_with_time_enough(packs: int, ports: int, seed: int) -> None:
    gamma = usual_gamma(ports)
    try:
        document = depot_document(packs, ports, gamma, seed)
    except InvalidData:
        assert packs > 14 * ports  # half of them in 14 hours, at 0.8 of the ports' time
        return
    made = depot_of(document)
    for window, end in enumerate(made.window_ends):
        due = [made.needs[pack] for packs_ in made.windows[: window + 1] for pack in packs_]
        assert sum(due) <= 0.9 * ports * end
    assert night(depot_instance(made, ports, gamma, "d")).base_load_fits()


def test_look_alike_is_drawn_as_the_paper_draws() -> None:
    made = depot_of(depot_document(100, 50, 13, 1))
    assert [len(packs) for packs in made.windows] == [50, 20, 30]
    assert made.window_ends == (14, 19, 24)
    for hour, price in enumerate(made.prices):
        low, high = (20, 30) if hour in (7, 8, 18, 19) else (5, 15)
        assert low <= price <= high and price == round(price, 2)
    assert made.switch_cost == min(made.prices) / (13 * 23 + 1)
    assert set(made.needs.values()) == set(range(1, 9))
    assert depot_document(100, 50, 13, 1) == depot_document(100, 50, 13, 1) != depot_document(100, 50, 13, 2)


@pytest.mark.parametrize(("packs", "ports"), [(20, 10), (100, 50), (150, 60), (200, 80), (300, 110), (400, 140)])
def test_depots_of_the_library_can_serve_everybody(packs: int, ports: int) -> None:
    made = night(drawn_depot(packs, ports, usual_gamma(ports), 1))
    plan = cheapest_slots_first(made)
    assert len(plan.by_swap()) == packs and not check(made, plan)
    cost = cost_of(made, plan)
    assert cost.objective < min(swap.lost_cost for swap in made.station.swaps) * packs
    assert math.isclose(cost.objective, cost.energy + cost.plug_changes)


def test_losing_never_pays() -> None:
    made = night(drawn_depot(20, 10, 3, 1))
    dearest, station = max(made.tariff_series.price_per_kwh), made.station
    changes = sum((station.most_plug_changes(t) or 0) * station.cost_of_plug_change(t) for t in range(1, 25))
    assert all(swap.lost_cost > dearest * 8 + changes for swap in station.swaps)


def test_commands_draw_import_and_say_what_they_did(tmp_path: Path) -> None:
    published = tmp_path / "input_data_file_20_10_3.json"
    done = cli.run("generate", "depot", "--packs", 20, "--ports", 10, "--published", "-o", published)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (done.returncode, done.stderr) == (0, "")
    elsewhere = cli.run("generate", "depot", "--packs", 20, "--ports", 10, "--published", "-o", tmp_path / "d.json")
    assert elsewhere.stderr == (
        "ports and gamma stand only in the file's name: input_data_file_20_10_3.json, or import it with "
        "--ports 10 --gamma 3\n"
    )
    assert set(json.loads(published.read_text())) == {"B_ell", "n_l", "p", "elec_cost", "alpha", "T", "L", "w"}
    imported = cli.run("bench", "import-depot", published)
    drawn = cli.run("generate", "depot", "--packs", 20, "--ports", 10, "--gamma", 3)
    assert imported.returncode == drawn.returncode == 0
    one, other = json.loads(imported.stdout), json.loads(drawn.stdout)
    assert (one["name"], other["name"]) == ("depot-20-10-3", "depot-20-10-3-0")
    assert one["stations"] == other["stations"] and one["tariffs"] == other["tariffs"]
    told = other["sources"]["what"].partition("swapcharge ")[2]
    assert cli.run(*told.split()).stdout == drawn.stdout
    fewer = cli.run("bench", "import-depot", "-", "--ports", 9, "--gamma", 2, stdin=published.read_bytes())
    assert json.loads(fewer.stdout)["stations"][0]["chargers"]["count"] == 9


def test_import_refuses_kindly(tmp_path: Path) -> None:
    path, target = tmp_path / "depot.json", tmp_path / "out.json"
    path.write_text(json.dumps(SMALL))
    done = cli.run("bench", "import-depot", path)
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        "Error: the file's name does not tell ports and gamma, as input_data_file_100_50_13.json would: "
        "give --ports and --gamma"
    )
    target.write_text("mine")
    done = cli.run("bench", "import-depot", path, "--ports", 2, "--gamma", 1, "-o", target)
    assert done.returncode == 2 and target.read_text() == "mine"
    done = cli.run("generate", "depot", "--packs", 2000, "--ports", 10)
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        "Error: 2000 packs are more than 10 ports have time for; ask for about 224 packs at the most, or for more ports"
    )
