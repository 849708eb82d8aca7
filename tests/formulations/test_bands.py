"""Energy bands: the majorants hold for every energy, and edges lie where the level formulation needs them."""

from __future__ import annotations

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.formulations.levels.bands import (
    Array,
    Bands,
    Polyline,
    Reach,
    energy_bands,
    majorants,
    reach_majorants,
    shift_majorants,
)

SHARES = st.floats(0, 1)


@st.composite
def reaches(draw: st.DrawFn) -> Reach:
    """A type of any target and acceptance curve on any charger."""
    target = draw(st.floats(0.3, 1))
    max_kw = draw(st.floats(5, 80))
    kws = sorted(draw(st.lists(st.floats(0, 1.3), min_size=3, max_size=3)), reverse=True)
    concave = (kws[0], kws[0] - (kws[0] - kws[1]) / 2, max(0.0, kws[0] - (kws[0] - kws[1]) * 2))
    points = tuple((soc, max_kw * kw) for soc, kw in zip((0.4, 0.7, 1.0), concave, strict=True))
    acceptance = points if draw(st.booleans()) and kws[0] > 0.1 else ()
    kind = make.pack_type(target_soc=target, swap_soc=target, acceptance=acceptance)
    return Reach(kind, max_kw, draw(st.sampled_from([0.25, 0.5, 1.0])))


@st.composite
def banded(draw: st.DrawFn) -> tuple[Reach, Bands]:
    """A reach and its bands for some needs, arrivals, floor and resolution."""
    reach = draw(reaches())
    top = reach.kind.target_kwh
    floor = draw(SHARES) * max(0.0, top - reach.full_kwh)
    needs = [floor + share * (top - floor) for share in draw(st.lists(SHARES, max_size=2))]
    arrivals = [floor + share * (top - floor) for share in draw(st.lists(SHARES, max_size=4))]
    return reach, energy_bands(reach, needs, arrivals, floor, draw(st.integers(1, 4)))


def fills(bands: Bands, energies_kwh: Array) -> Array:
    """f_l(e), one row an energy."""
    return np.array([bands.fills(kwh) for kwh in energies_kwh])


def energies(bands: Bands) -> Array:
    """Energies all over the bands, the edges among them."""
    return np.union1d(np.linspace(bands.edges_kwh[0], bands.edges_kwh[-1], 31), bands.edges_kwh)


def assert_majorants(bands: Bands, rows: list[list[Array]], after_kwh: Array) -> None:
    """Each row is nowhere below the fills of `after_kwh`; one is tight at the floor, one at the target."""
    before, after = fills(bands, energies(bands)), fills(bands, after_kwh)
    for band, vectors in enumerate(rows):
        assert 1 <= len(vectors) <= 2
        for row in vectors:
            assert np.all(row[0] + before @ row[1:] >= after[:, band] - 1e-7)
        lowest, highest = vectors[0], vectors[-1]
        assert lowest[0] + before[0] @ lowest[1:] == pytest.approx(after[0, band], abs=1e-6)
        assert highest[0] + before[-1] @ highest[1:] == pytest.approx(after[-1, band], abs=1e-6)


@settings(deadline=None, max_examples=100)
@given(banded())
def test_reach_majorants_hold_for_every_energy(case: tuple[Reach, Bands]) -> None:
    reach, bands = case
    after = np.array([reach.after_kwh(kwh) for kwh in energies(bands)])
    assert_majorants(bands, reach_majorants(reach, bands), after)


@settings(deadline=None, max_examples=50)
@given(st.floats(5, 80), SHARES, st.integers(1, 3))
def test_nothing_is_lost_without_a_curve(max_kw: float, floor_share: float, resolution: int) -> None:
    """Where a charge takes a band to a band, one vector says it, equal for every energy."""
    reach = Reach(make.pack_type(), max_kw, slot_hours=1.0)
    bands = energy_bands(reach, [], [], floor_share * max(0.0, 90 - reach.full_kwh), resolution)
    before, after = (fills(bands, kwh) for kwh in (energies(bands), [reach.after_kwh(e) for e in energies(bands)]))
    edges = np.array(bands.edges_kwh)
    for band, vectors in enumerate(reach_majorants(reach, bands)):
        sources = edges[band : band + 2] - reach.full_kwh
        if all(np.min(np.abs(edges - kwh)) < 1e-9 for kwh in sources):  # not at the bottom, cut off by the floor
            assert len(vectors) == 1
            assert np.allclose(vectors[0][0] + before @ vectors[0][1:], after[:, band], rtol=0, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(banded(), SHARES)
def test_shift_majorants_hold_for_every_energy(case: tuple[Reach, Bands], share: float) -> None:
    reach, bands = case
    gain_kwh = share * reach.full_kwh
    assert_majorants(bands, shift_majorants(gain_kwh, bands), energies(bands) + gain_kwh)


@settings(deadline=None, max_examples=100)
@given(banded())
def test_energy_is_the_floor_and_the_fills(case: tuple[Reach, Bands]) -> None:
    _, bands = case
    for kwh in energies(bands):
        assert bands.edges_kwh[0] + bands.widths_kwh @ bands.fills(kwh) == pytest.approx(kwh)


@settings(deadline=None, max_examples=100)
@given(reaches(), st.lists(SHARES, max_size=3), st.lists(SHARES, max_size=4), st.integers(1, 8))
def test_edges_rise_and_hold_floor_needs_and_target(
    reach: Reach, need_shares: list[float], arrival_shares: list[float], resolution: int
) -> None:
    top = reach.kind.target_kwh
    floor = max(0.0, top - reach.full_kwh) / 2
    needs = [share * top for share in need_shares]
    bands = energy_bands(reach, needs, [share * top for share in arrival_shares], floor, resolution)
    edges = bands.edges_kwh
    assert list(edges) == sorted(set(edges))
    assert (edges[0], edges[-1]) == (floor, top)
    for kwh in needs:
        assert kwh < floor or min(abs(kwh - edge) for edge in edges) < 1e-3


@settings(deadline=None, max_examples=100)
@given(reaches(), SHARES)
def test_before_is_the_inverse_of_after(reach: Reach, share: float) -> None:
    kwh = share * reach.kind.target_kwh
    after = reach.after_kwh(kwh)
    assert kwh <= after <= reach.kind.target_kwh + 1e-9
    assert reach.before_kwh(after) <= kwh + 1e-9  # below it only where the target cut the slot short
    if after < reach.kind.target_kwh - 1e-9:
        assert reach.before_kwh(after) == pytest.approx(kwh)


def test_level_counts_the_bands_wholly_below() -> None:
    bands = Bands((10.0, 50.0, 80.0, 90.0))
    assert [bands.level_of(kwh) for kwh in (0, 10, 49.9, 50, 79.9, 80, 90, 95)] == [0, 0, 0, 1, 1, 2, 3, 3]


def test_level_forgives_rounding() -> None:
    assert Bands((0.0, 0.1 + 0.2)).level_of(0.3) == 1


def test_fills_by_hand() -> None:
    bands = Bands((10.0, 50.0, 90.0))
    assert bands.fills(20).tolist() == [0.25, 0]
    assert bands.fills(60).tolist() == [1, 0.25]
    assert bands.fills(99).tolist() == [1, 1]


def test_regular_bands_are_one_slot_of_charge_each() -> None:
    reach = Reach(make.pack_type(), max_kw=20, slot_hours=1)
    assert energy_bands(reach, [], [], 10, resolution=1).edges_kwh == (10, 30, 50, 70, 90)
    assert energy_bands(reach, [], [], 10, resolution=2).edges_kwh == (10, 20, 30, 40, 50, 60, 70, 80, 90)


def test_bands_pass_through_the_energies_of_arriving_packs() -> None:
    reach = Reach(make.pack_type(), max_kw=20, slot_hours=1)
    assert energy_bands(reach, [], [13, 13, 13], 10, resolution=2).edges_kwh == (10, 13, 30, 33, 50, 53, 70, 73, 90)


def test_aligned_bands_need_one_vector_and_it_shifts_by_one_band() -> None:
    reach = Reach(make.pack_type(), max_kw=20, slot_hours=1)
    bands = energy_bands(reach, [], [], 10, resolution=1)
    rows = reach_majorants(reach, bands)
    assert [[row.tolist() for row in vectors] for vectors in rows[:3]] == [
        [[1, 0, 0, 0, 0]],
        [[0, 1, 0, 0, 0]],
        [[0, 0, 1, 0, 0]],
    ]


def test_majorants_of_a_step_inside_a_band_by_hand() -> None:
    """The line rises from 0 at 5 to 1 at 10: the lowest line above it in the band 0–10 runs straight from 0 to 1."""
    rows = majorants(Bands((0.0, 10.0, 20.0)), Polyline((5.0, 10.0), (0.0, 1.0)))
    assert [row.tolist() for row in rows] == [[0, 1, 0]]


def test_two_majorants_where_edges_do_not_line_up() -> None:
    """The line rises from 0 at 5 to 1 at 15. Tight at 0: through 0, 0.5, 1.5 at the edges; tight at 20: 0, 1, 1."""
    rows = majorants(Bands((0.0, 10.0, 20.0)), Polyline((5.0, 15.0), (0.0, 1.0)))
    assert [row.tolist() for row in rows] == [[0, 0.5, 1], [0, 1, 0]]


def test_chains_are_capped_where_a_slot_charges_little() -> None:
    """0.01 kW would need 90,000 steps to 90 kWh; the majorants still hold on the few that are left."""
    reach = Reach(make.pack_type(), max_kw=0.01, slot_hours=0.1)
    bands = energy_bands(reach, [80.0], [], 0.0, 1, most_steps=10)
    assert bands.count <= 25
    after = np.array([reach.after_kwh(kwh) for kwh in energies(bands)])
    assert_majorants(bands, reach_majorants(reach, bands), after)


def test_the_number_of_bands_is_capped_and_majorants_still_hold() -> None:
    """Three hundred needs, each with a chain of its own: no more bands than asked for, and every row still true."""
    reach = Reach(make.pack_type(target_soc=0.95), 20.0, 0.25)
    needs = [10 + 0.25 * number for number in range(300)]
    bands = energy_bands(reach, needs, [1.0, 2.0], 0.0, 4, most_bands=40)
    assert 30 <= bands.count <= 40 and (bands.edges_kwh[0], bands.edges_kwh[-1]) == (0.0, 95.0)
    for band, vectors in enumerate(reach_majorants(reach, bands)):
        for energy in np.linspace(0, 95, 200).tolist():
            fill = bands.fills(reach.after_kwh(energy))[band]
            assert all(fill <= c[0] + c[1:] @ bands.fills(energy) + 1e-9 for c in vectors)
