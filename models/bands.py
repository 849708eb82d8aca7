"""Energy bands: how the level formulation counts packs that are interchangeable.

The energies between a floor and the target E are cut into bands b₀ < b₁ < … < b_L. A pack of energy e
*fills* band l by f_l(e) = clip((e − b_{l−1}) / (b_l − b_{l−1}), 0, 1), so e = b₀ + Σ width_l · f_l(e).
Whatever a pack can do in a slot bounds its fills afterwards by *linear* functions of its fills before:
the majorants below. Sums of them over the packs of a type are the rows of the level formulation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.pack_type import PackType, acceptance_lines, most_power_kw

Array = NDArray[np.float64]
EDGE_MERGE = 1e-3  # edges closer than this share of a slot's full charge become one: tiny bands ruin the scaling
FEWEST_STEPS = 8  # a reach that shrinks to nothing near E is cut off at 1/8 of the finest regular step


@dataclass(frozen=True)
class Bands:
    """Edges b₀ < … < b_L in kWh; `edges_kwh[0]` is the floor below which no pack of the type ever is."""

    edges_kwh: tuple[float, ...]

    @property
    def count(self) -> int:
        """L, the number of bands."""
        return len(self.edges_kwh) - 1

    @cached_property
    def widths_kwh(self) -> Array:
        """Width of each band, shape (L,)."""
        return np.diff(np.array(self.edges_kwh))

    def fills(self, energy_kwh: float) -> Array:
        """f_l of one pack, shape (L,); energy above E fills every band."""
        lower = np.array(self.edges_kwh[:-1])
        return np.asarray(np.clip((energy_kwh - lower) / self.widths_kwh, 0.0, 1.0))

    def level_of(self, energy_kwh: float) -> int:
        """How many bands lie wholly at or below this energy: the pack that holds it fills at least these."""
        slack = 1e-9 * max(1.0, abs(energy_kwh))
        return int(np.searchsorted(np.array(self.edges_kwh[1:]), energy_kwh + slack, side="right"))


@dataclass(frozen=True)
class Polyline:
    """A continuous non-decreasing function of energy: straight between its points, constant outside them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def at(self, x: float) -> float:
        """Value at `x`."""
        return float(np.interp(x, self.xs, self.ys))


def needed_before_kwh(kind: PackType, max_kw: float, slot_hours: float, energy_kwh: float) -> float:
    """R⁻¹: the least energy from which `energy_kwh` is in reach one slot later."""
    return energy_kwh - slot_hours * most_power_kw(kind, max_kw, energy_kwh)


def energy_bands(
    kind: PackType, max_kw: float, slot_hours: float, thresholds_kwh: Iterable[float], floor_kwh: float, parts: int
) -> Bands:
    """Bands whose edges are closed under R⁻¹, so that the reach rows lose nothing (see `reach_majorants`).

    Seeds: E, `parts` − 1 points that cut the last slot's charge below E evenly, and the hand-over
    energies. From each, edges go down by R⁻¹ to the floor.
    """
    top = kind.target_kwh
    regular = max_kw * slot_hours / parts
    smallest = regular / FEWEST_STEPS
    last_gain = max(top - needed_before_kwh(kind, max_kw, slot_hours, top), smallest)
    seeds = [top - last_gain * part / parts for part in range(parts)]
    exact = {top, floor_kwh, *(kwh for kwh in thresholds_kwh if floor_kwh < kwh < top)}
    edges: list[float] = []
    for seed in (*sorted(exact, reverse=True), *seeds):
        energy = seed
        while energy > floor_kwh:
            edges.append(energy)
            energy = min(needed_before_kwh(kind, max_kw, slot_hours, energy), energy - smallest)
    return Bands(_merged(edges, exact, EDGE_MERGE * max_kw * slot_hours))


def _merged(edges: Sequence[float], exact: set[float], tolerance_kwh: float) -> tuple[float, ...]:
    """Edges in order, those nearer than the tolerance to a kept one dropped; exact ones are kept as they are."""
    kept = set(exact)
    for edge in sorted(set(edges) - exact):
        if all(abs(edge - other) > tolerance_kwh for other in kept):
            kept.add(edge)
    return tuple(sorted(kept))


def reach_majorants(kind: PackType, max_kw: float, slot_hours: float, bands: Bands) -> list[list[Array]]:
    """For each band l: coefficient vectors c, shape (L + 1,), with f_l(R(e)) ≤ c₀ + Σ_k c_k f_k(e) for every e.

    R(e) is the most energy one slot later. One vector where the edges line up (then it is an equality
    for every e), otherwise two: the tightest from below and from above.
    """
    kinks = _power_kinks_kwh(kind, max_kw)
    lines = []
    for low, high in zip(bands.edges_kwh, bands.edges_kwh[1:], strict=False):
        ends = [low, *sorted(k for k in kinks if low < k < high), high]
        befores = [needed_before_kwh(kind, max_kw, slot_hours, end) for end in ends]
        lines.append(_polyline(befores, [(end - low) / (high - low) for end in ends]))
    return [majorants(bands, line) for line in lines]


def shift_majorants(gain_kwh: float, bands: Bands) -> list[list[Array]]:
    """As `reach_majorants` for a pack that gains `gain_kwh`: f_l(e + gain) ≤ c₀ + Σ_k c_k f_k(e)."""
    edges = bands.edges_kwh
    lines = [_polyline([low - gain_kwh, high - gain_kwh], [0.0, 1.0]) for low, high in zip(edges, edges[1:], strict=False)]
    return [majorants(bands, line) for line in lines]


def _polyline(xs: Sequence[float], ys: Sequence[float]) -> Polyline:
    """Points in order of x; of points that share an x the last (highest) holds."""
    return Polyline(tuple(xs), tuple(ys))


def _power_kinks_kwh(kind: PackType, max_kw: float) -> list[float]:
    """Energies at which the most power changes its slope: the curve's points and where it meets the charger."""
    kinks = [soc * kind.capacity_kwh for soc, _ in kind.acceptance]
    for line in acceptance_lines(kind):
        if line.slope < 0:
            kinks += [(max_kw - line.intercept) / line.slope, -line.intercept / line.slope]
    return kinks


def majorants(bands: Bands, line: Polyline) -> list[Array]:
    """Vectors c with line(e) ≤ c₀ + Σ_k c_k f_k(e) on [b₀, E], tight at b₀ or at E; one if both agree."""
    edges = np.array(bands.edges_kwh)
    points = [(x, line.at(x)) for x in sorted({*bands.edges_kwh, *(x for x in line.xs if edges[0] < x < edges[-1])})]
    rising = _nodes_upwards(edges, points)
    mirrored = [(-x, y) for x, y in reversed(points)]
    falling = _nodes_upwards(-edges[::-1], mirrored)[::-1]
    both = [np.diff(nodes, prepend=0.0) for nodes in (rising, falling)]
    return both[:1] if np.allclose(both[0], both[1], rtol=0, atol=1e-9) else both


def _nodes_upwards(edges: Array, points: Sequence[tuple[float, float]]) -> Array:
    """Values at the edges of the lowest function, straight between them, that starts on the line and stays above it."""
    nodes = [points[0][1]]
    for low, high in zip(edges, edges[1:], strict=False):
        start, span = nodes[-1], high - low
        nodes.append(max(start + (y - start) * span / (x - low) for x, y in points if low < x <= high))
    return np.array(nodes)
