"""Families: what is drawn is well-formed, the same everywhere, of the size asked for, and hard as it says."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE

from models.errors import InvalidData, Problem
from models.station.acceptance import reach_of_kind
from models.station.cost import cost_of
from models.station.instance import Night
from optimizer.bench.library.draw_instance import LADDER
from optimizer.bench.library.families import FAMILIES, family_instance
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance

SMALL = ("xs", "s")


def night(document: dict[str, Any]) -> Night:
    (only,) = build_instance(msgspec.convert(document, InstanceDocument), Path()).nights
    return only


def drawn(family: str, size: str = "s", seed: int = 1) -> Night:
    return night(family_instance(family, size, seed))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", LADDER)
def test_every_family_has_every_size_as_its_ladder_says(family: str, size: str) -> None:
    document = family_instance(family, size, 1)
    made, scale = night(document), FAMILIES[family].ladder[size]
    assert document["name"] == f"{family}-{size}-1"
    assert made.base_load_fits()
    found = (len(made.station.packs), made.horizon.slots, made.horizon.slot_minutes, len(made.station.swaps))
    assert found == (scale.packs, scale.slots, scale.slot_minutes, scale.swaps)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(list(FAMILIES)), st.sampled_from(SMALL), st.integers(0, 2**31 - 1))
def test_any_seed_gives_a_night_that_can_be_planned(family: str, size: str, seed: int) -> None:
    document = family_instance(family, size, seed)
    made = night(document)
    assert made.base_load_fits()
    assert document == family_instance(family, size, seed)
    assert math.isfinite(cost_of(made, uncontrolled_charging(made)).objective)


def test_seeds_differ() -> None:
    drawn_twice = [family_instance("ordinary", "s", seed)["stations"] for seed in (1, 2)]
    assert drawn_twice[0] != drawn_twice[1]


def test_another_process_draws_the_same_bytes() -> None:
    """Whatever seeds its hashes."""
    code = (
        "import hashlib, msgspec; from optimizer.bench.library.families import FAMILIES, family_instance\n"
        "text = b''.join(msgspec.json.encode(family_instance(one, 'm', 3)) for one in FAMILIES)\n"
        "print(hashlib.sha256(text).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, env={"PYTHONHASHSEED": "7"}
    )
    here = b"".join(msgspec.json.encode(family_instance(one, "m", 3)) for one in FAMILIES)
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest(), done.stderr


@pytest.mark.parametrize("size", LADDER)
def test_overloaded_must_lose_drivers(size: str) -> None:
    """Some stretch needs more energy than full packs and the grid connection give: shown without any plan."""
    made = drawn("overloaded", size)
    assert lacking_kwh(made) > 1
    assert len(uncontrolled_charging(made).by_swap()) < len(made.station.swaps)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "overloaded"])
def test_others_lack_no_energy(family: str) -> None:
    for size in SMALL:
        assert lacking_kwh(drawn(family, size)) <= 0


def lacking_kwh(made: Night) -> float:
    """Of the stretch that lacks most: what its drivers take, less what packs hold, less what can be charged."""
    station = made.station
    kinds = [made.pack_types[pack.type] for pack in station.packs]
    start_kwh = sum(pack.soc * kind.capacity_kwh for pack, kind in zip(station.packs, kinds, strict=True))
    full_kwh = sum(kind.target_soc * kind.capacity_kwh for kind in kinds)
    power_kw = (station.grid_limit_kw[0] - station.base_load_kw[0]) * station.chargers.efficiency
    taken = [0.0] * made.horizon.slots
    for swap in station.swaps:
        assert swap.returned_soc is not None
        returned_kwh = swap.returned_soc * made.pack_types[swap.type].capacity_kwh
        taken[swap.slot] += swap.packs * (made.needed_kwh(swap) - returned_kwh)
    until = [0.0, *accumulate(taken)]
    return max(
        until[last + 1]
        - until[first]
        - (full_kwh if first else start_kwh)
        - power_kw * made.horizon.slot_hours * (last - first)
        for first in range(made.horizon.slots)
        for last in range(first + 1, made.horizon.slots)
    )


@pytest.mark.parametrize("size", LADDER)
def test_peaky_demand_makes_the_cheapest_slots_dear(size: str) -> None:
    made = drawn("peaky-demand", size)
    cost = cost_of(made, cheapest_slots_first(made))
    assert cost.demand > 0.1 * cost.energy


def test_families_have_the_feature_they_are_named_for() -> None:
    station = {name: drawn(name).station for name in FAMILIES}
    for name in ("on-off", "few-chargers-on-off"):
        assert station[name].chargers.mode == "on_off"
    for name in ("few-chargers", "few-chargers-on-off"):
        assert station[name].chargers.count == len(station[name].packs) // 2
        assert station[name].counts_plug_changes
    assert station["few-chargers"].chargers.min_kw > 0
    bent, kinds = station["few-chargers-curve"], drawn("few-chargers-curve").pack_types.values()
    assert bent.chargers.count == len(bent.packs) // 2
    assert not any(reach_of_kind(kind, bent.chargers.max_kw, 0.25).is_concave for kind in kinds)
    assert len({pack.type for pack in station["two-types"].packs}) == 2
    assert {kind.capacity_kwh for kind in drawn("truck").pack_types.values()} == {282, 350}
    assert {swap.packs for swap in station["three-blocks"].swaps} == {3}
    assert drawn("fine-slots").horizon.slot_minutes == 5
    week = drawn("week", "l").horizon
    assert week.slots * week.slot_minutes == 7 * 24 * 60
    worn = drawn("acceptance-wear").pack_types.values()
    assert all(kind.acceptance and kind.wear for kind in worn)


def test_prices_are_flat_or_negative_as_the_family_says() -> None:
    flat = drawn("flat-price").tariff_series.price_per_kwh
    assert min(flat) == max(flat)
    sunny = drawn("negative-prices", "m").tariff_series.price_per_kwh
    assert 0.2 < sum(price < 0 for price in sunny) / len(sunny) < 0.5


@pytest.mark.parametrize(
    ("family", "size", "problem"),
    [
        (
            "ordinari", "s",
            Problem("family", "ordinari", "is not a family that can be generated", "did you mean 'ordinary'?"),
        ),
        ("ordinary", "xl", Problem("size", "xl", "is not a size of family 'ordinary'", "its sizes: xs, s, m, l")),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_told(family: str, size: str, problem: Problem) -> None:
    with pytest.raises(InvalidData) as error:
        family_instance(family, size, 0)
    assert error.value.problems == (problem,)


def test_every_family_is_told_in_words() -> None:
    for family in FAMILIES.values():
        assert all(len(text) > 20 for text in (family.purpose, family.hard, family.provenance))
