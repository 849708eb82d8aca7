"""Which variant is more restricted than which: by its packs, chargers, their power and the grid connection alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from optimizer.formats.instance_document import BayDocument
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.study import Study
from optimizer.studies.variants.restricted import Means, means_of, restrictions


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return tiny.read(tmp_path_factory.mktemp("restricted"))


VARIANTS = st.builds(
    VariantDocument,
    id=st.just("drawn"),
    packs=st.none() | st.integers(1, 4),
    chargers=st.none() | st.integers(0, 5),
    charger_kw=st.none() | st.sampled_from([3.0, 7.0, 30.0]),
    grid_limit_kw=st.none() | st.sampled_from([5.0, 100.0, 900.0]),
    demand_growth=st.sampled_from([0.0, 0.0, 0.5]),
    ready_reserve=st.none() | st.integers(0, 1),
)


def quantities(study: Study, one: VariantDocument) -> tuple[float, ...]:
    """Packs and bays, chargers, kW of each, kW of the connection: of the variant, or the station's own."""
    own = study.stations[0]
    packs = len(own.packs) if one.packs is None else one.packs
    bays = own.bay_count if one.packs is None else one.packs
    asked = own.chargers.count if one.chargers is None else one.chargers
    chargers = bays if asked is None else min(asked, bays)
    limit_kw = own.grid_limit_kw if one.grid_limit_kw is None else one.grid_limit_kw
    assert isinstance(limit_kw, int | float)
    return packs, bays, chargers, one.charger_kw or own.chargers.max_kw, limit_kw


def others(study: Study, one: VariantDocument) -> tuple[object, ...]:
    reserve = study.stations[0].ready_reserve if one.ready_reserve is None else one.ready_reserve
    return one.demand_growth, reserve


@given(st.data())
def test_more_restricted_is_less_or_equal_of_each_and_less_of_one(study: Study, data: st.DataObject) -> None:
    one = data.draw(VARIANTS)
    changed = data.draw(VARIANTS)
    keep = data.draw(st.sets(st.sampled_from(["packs", "chargers", "charger_kw", "grid_limit_kw", "ready_reserve"])))
    other = structs.replace(changed, **{name: getattr(one, name) for name in keep})
    ours, theirs = quantities(study, one), quantities(study, other)
    expected = (
        others(study, one) == others(study, other)
        and all(a <= b for a, b in zip(ours, theirs, strict=True))
        and ours != theirs
    )
    first, second = means_of(study, 0, one), means_of(study, 0, other)
    assert first.is_more_restricted_than(second) == expected
    assert not (expected and second.is_more_restricted_than(first))


@given(st.lists(VARIANTS, min_size=3, max_size=3))
def test_it_is_transitive(study: Study, three: list[VariantDocument]) -> None:
    a, b, c = (means_of(study, 0, one) for one in three)
    if a.is_more_restricted_than(b) and b.is_more_restricted_than(c):
        assert a.is_more_restricted_than(c)


def changed(study: Study, **of_station: Any) -> Means:
    means = means_of(study, 0, VariantDocument(id="own"))
    return Means(structs.replace(means.station, **of_station), means.growth)


def test_a_connection_by_time_is_compared_at_every_time(study: Study) -> None:
    day, night = changed(study, grid_limit_kw=(5.0,) * 12 + (9.0,) * 12), changed(study, grid_limit_kw=7.0)
    assert not day.is_more_restricted_than(night) and not night.is_more_restricted_than(day)
    assert day.is_more_restricted_than(changed(study, grid_limit_kw=9.0))
    same = changed(study, grid_limit_kw=(7.0,) * 24)
    assert not same.is_more_restricted_than(night) and not night.is_more_restricted_than(same)


def test_what_would_be_another_station_is_no_restriction(study: Study) -> None:
    own = means_of(study, 0, VariantDocument(id="own"))
    chargers = own.station.chargers
    assert not changed(study, base_load_kw=0.5).is_more_restricted_than(own)
    on_off = structs.replace(chargers, mode="on_off")
    weak, strong = (changed(study, chargers=structs.replace(on_off, max_kw=kw)) for kw in (3.0, 7.0))
    assert not weak.is_more_restricted_than(strong)  # its power is one that the other does not have
    few = changed(study, chargers=structs.replace(on_off, count=1))
    assert few.is_more_restricted_than(changed(study, chargers=on_off))


def test_fewer_packs_only_where_energy_of_those_left_is_no_burden_and_bays_are_alike(study: Study) -> None:
    few, own = (means_of(study, 0, VariantDocument(id="few", packs=packs)) for packs in (1, 2))
    assert few.is_more_restricted_than(own) and not few.has_packs_of(own)
    for value in (-0.1, {"A": -0.1}):
        burden = [Means(structs.replace(one.station, end_value_per_kwh=value), 0.0) for one in (few, own)]
        assert not burden[0].is_more_restricted_than(burden[1])
    named = structs.replace(own.station, bays=(BayDocument(name="A"), BayDocument(name="B", charger=False)))
    assert not few.is_more_restricted_than(Means(named, 0.0))


def test_every_pair_of_a_study_is_told_by_station(tmp_path: Path) -> None:
    variants = [
        {"id": "own"},
        {"id": "one charger", "chargers": 1},
        {"id": "weak", "chargers": 1, "grid_limit_kw": 5},
        {"id": "one pack", "packs": 1},
        {"id": "busy", "chargers": 1, "demand_growth": 0.5},
    ]
    day = tiny.instance(tiny.station("A"), tiny.station("B"))
    found = list(restrictions(tiny.read(tmp_path, day, variants=variants)))
    assert {one.station for one in found} == {"A", "B"}
    told = {(one.more, one.than, one.is_carried_over) for one in found if one.station == "A"}
    assert told == {
        ("one charger", "own", True),
        ("weak", "own", True),
        ("weak", "one charger", True),
        ("one pack", "own", False),
        ("one pack", "one charger", False),
    }
