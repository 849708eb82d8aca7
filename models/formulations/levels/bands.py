"""Energy bands: how the level formulation counts packs that are interchangeable.

The energies between a floor and the target E are cut into bands b₀ < b₁ < … < b_L. A pack of energy e
*fills* band l by f_l(e) = clip((e − b_{l−1}) / (b_l − b_{l−1}), 0, 1), so e = b₀ + Σ width_l · f_l(e).
Whatever a pack can do in a slot bounds its fills afterwards by *linear* functions of its fills before:
the majorants below. Sums of them over the packs of a type are the rows of the level formulation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.station.acceptance import Polyline, Reach, acceptance_lines
from models.tolerances import EDGE_MERGE, EQUAL, NARROWEST_BAND_KWH, SMALLEST_COEFFICIENT

Array = NDArray[np.float64]
MOST_STEPS = 200  # edges of one chain, by default
MOST_BANDS = 1000  # of one type, by default: rows hold a number for each pair of bands
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
        slack = EQUAL * max(1.0, abs(energy_kwh))
        return int(np.searchsorted(np.array(self.edges_kwh[1:]), energy_kwh + slack, side="right"))


def energy_bands(
    reach: Reach,
    needs_kwh: Iterable[float],
    arrivals_kwh: Iterable[float],
    floor_kwh: float,
    resolution: int,
    most_steps: int = MOST_STEPS,
    most_bands: int = MOST_BANDS,
) -> Bands:
    """Bands whose edges are closed under R⁻¹, so that the reach rows lose nothing (see `reach_majorants`).

    From E and from each energy needed at hand-over, edges go down by R⁻¹ to the floor. `resolution` − 1 more
    such chains run through the energies at which most packs arrive: a pack on an edge is counted exactly,
    one inside a band as part of a pack. No chain has more than `most_steps` edges: where a slot charges
    very little, steps are longer than R⁻¹ and the majorants lose something. No type has more than `most_bands`.
    """
    top = reach.kind.target_kwh
    smallest = max(reach.full_kwh / resolution / FEWEST_STEPS, (top - floor_kwh) / most_steps)
    exact = _apart([top, floor_kwh, *sorted((kwh for kwh in needs_kwh if floor_kwh < kwh < top), reverse=True)])
    anchor = min((kwh for kwh in exact if kwh > floor_kwh), default=top)
    edges: list[float] = []
    tops = _chain_tops(reach, anchor, arrivals_kwh, resolution - 1)
    for seed in (*sorted(exact, reverse=True), *tops):
        edges += _upwards(reach, seed) if seed in tops else []
        energy = seed
        while energy > floor_kwh:
            edges.append(energy)
            energy = min(reach.before_kwh(energy), energy - smallest)
    merged = _merged(edges, exact, EDGE_MERGE * reach.full_kwh)
    return Bands(_thinned(merged, exact, most_bands))


def _upwards(reach: Reach, energy_kwh: float) -> list[float]:
    """R, R², … of an energy, as far as they stay below E."""
    edges = []
    while energy_kwh < (energy_kwh := reach.after_kwh(energy_kwh)) < reach.kind.target_kwh:
        edges.append(energy_kwh)
    return edges


def _chain_tops(reach: Reach, anchor_kwh: float, arrivals_kwh: Iterable[float], count: int) -> list[float]:
    """Up to `count` energies in the last slot's charge below the anchor, through which arriving packs come.

    Chosen one by one so that the interpolation error left, Σ width · f · (1 − f), is least.
    """
    low = reach.before_kwh(anchor_kwh)
    tops = [_last_below(reach, kwh, anchor_kwh) for kwh in arrivals_kwh if kwh < anchor_kwh]
    tops = sorted(round(kwh, 9) for kwh in tops if low < kwh < anchor_kwh)
    if not tops:
        return [anchor_kwh - (anchor_kwh - low) * part / (count + 1) for part in range(1, count + 1)]
    chosen: list[float] = []
    while len(chosen) < count and (rest := set(tops) - set(chosen)):
        chosen.append(min(sorted(rest), key=lambda kwh: _interpolation_error(tops, [low, *chosen, kwh, anchor_kwh])))
    return chosen


def _last_below(reach: Reach, energy_kwh: float, anchor_kwh: float) -> float:
    """Where full-power charging takes a pack in its last slot before it reaches the anchor."""
    for _ in range(MOST_STEPS):
        after_kwh = reach.after_kwh(energy_kwh)
        if after_kwh >= anchor_kwh or after_kwh <= energy_kwh:
            break
        energy_kwh = after_kwh
    return energy_kwh


def _interpolation_error(energies_kwh: Sequence[float], edges_kwh: Sequence[float]) -> float:
    edges = np.sort(np.array(edges_kwh))
    band = np.clip(np.searchsorted(edges, energies_kwh, side="right") - 1, 0, len(edges) - 2)
    widths = np.maximum(np.diff(edges), SMALLEST_COEFFICIENT)[band]
    fills = (np.array(energies_kwh) - edges[band]) / widths
    return float(np.sum(widths * fills * (1 - fills)))


def _apart(energies_kwh: Iterable[float]) -> set[float]:
    """The energies, those left out that lie next to an earlier one: a band of no width helps nobody."""
    kept: set[float] = set()
    for kwh in energies_kwh:
        if all(abs(kwh - other) > NARROWEST_BAND_KWH for other in kept):
            kept.add(kwh)
    return kept


def _merged(edges: Sequence[float], exact: set[float], tolerance_kwh: float) -> tuple[float, ...]:
    """Edges in order, those nearer than the tolerance to a kept one dropped; exact ones are kept as they are."""
    fixed, kept, last = np.array(sorted(exact)), list(exact), -math.inf
    for edge in sorted(set(edges) - exact):
        place = int(np.searchsorted(fixed, edge))
        nearest = min(abs(edge - float(other)) for other in fixed[max(0, place - 1) : place + 1])
        if nearest > tolerance_kwh and edge - last > tolerance_kwh:
            kept.append(edge)
            last = edge
    return tuple(sorted(kept))


def _thinned(edges_kwh: Sequence[float], exact: set[float], most: int) -> tuple[float, ...]:
    """At most `most` bands, chosen evenly: half of the edges are exact ones if possible, the two ends always.

    Any edges give a valid bound, fewer a weaker one.
    """
    if len(edges_kwh) - 1 <= most:
        return tuple(edges_kwh)
    ends = {edges_kwh[0], edges_kwh[-1]}
    needs = _evenly(sorted(exact), most // 2)
    return tuple(sorted({*ends, *needs, *_evenly(edges_kwh, most - 1 - len(needs))}))


def _evenly(values: Sequence[float], count: int) -> list[float]:
    places = np.linspace(0, len(values) - 1, min(count, len(values)))
    return [values[round(place)] for place in places.tolist()]


def reach_majorants(reach: Reach, bands: Bands) -> list[list[Array]]:
    """For each band l: coefficient vectors c, shape (L + 1,), with f_l(R(e)) ≤ c₀ + Σ_k c_k f_k(e) for every e.

    R(e) is the most energy one slot later. One vector where the edges line up (then it is an equality for every e,
    unless the curve bends inside the band), otherwise two: the tightest from below and from above.
    """
    kinks = _power_kinks_kwh(reach)
    lines = []
    for low, high in pairwise(bands.edges_kwh):
        ends = [low, *sorted(k for k in kinks if low < k < high), high]
        lines.append(Polyline(tuple(map(reach.before_kwh, ends)), tuple((end - low) / (high - low) for end in ends)))
    return [majorants(bands, line) for line in lines]


def shift_majorants(gain_kwh: float, bands: Bands) -> list[list[Array]]:
    """As `reach_majorants` for a pack that gains `gain_kwh`: f_l(e + gain) ≤ c₀ + Σ_k c_k f_k(e)."""
    edges = bands.edges_kwh
    lines = [Polyline((low - gain_kwh, high - gain_kwh), (0.0, 1.0)) for low, high in pairwise(edges)]
    return [majorants(bands, line) for line in lines]


def _power_kinks_kwh(reach: Reach) -> list[float]:
    """End-of-slot energies at which R changes its slope: the curve's points, its crossings with max_kw and with 0."""
    kind, max_kw = reach.kind, reach.max_kw
    if not reach.falls_concavely:
        return list(reach.polyline.ys)
    kinks = [soc * kind.capacity_kwh for soc, _ in kind.acceptance]
    for line in acceptance_lines(kind):
        if line.slope < 0:
            kinks += [(max_kw - line.intercept) / line.slope, -line.intercept / line.slope]
    return kinks


def majorants(bands: Bands, line: Polyline) -> list[Array]:
    """Vectors c with line(e) ≤ c₀ + Σ_k c_k f_k(e) on [b₀, E], tight at b₀ or at E; one if both agree."""
    edges = np.array(bands.edges_kwh)
    inside = [x for x in line.xs if edges[0] < x < edges[-1]]
    xs = np.unique(np.concatenate([edges, inside]))
    ys = np.interp(xs, line.xs, line.ys)
    rising = _nodes_upwards(edges, xs, ys)
    falling = _nodes_upwards(-edges[::-1], -xs[::-1], ys[::-1])[::-1]
    both = [np.diff(nodes, prepend=0.0) for nodes in (rising, falling)]
    return both[:1] if np.allclose(both[0], both[1], rtol=0, atol=EQUAL) else both


def _nodes_upwards(edges: Array, xs: Array, ys: Array) -> Array:
    """Values at the edges of the lowest function, straight between them, that starts on the line and stays above it.

    `xs`: the edges and the line's points between them, in order; `ys`: the line there. Where a band has no point
    inside, the function meets the line at the band's end; so only the few bands with points are looked at one by one.
    """
    ends = np.searchsorted(xs, edges)
    nodes = ys[ends].copy()
    for band in np.flatnonzero(np.diff(ends) > 1).tolist():
        low, span = edges[band], edges[band + 1] - edges[band]
        inside = slice(ends[band] + 1, ends[band + 1] + 1)
        nodes[band + 1] = np.max(nodes[band] + (ys[inside] - nodes[band]) * span / (xs[inside] - low))
    return nodes
