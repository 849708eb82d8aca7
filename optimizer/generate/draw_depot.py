"""Look-alikes of the depots of arXiv 2505.07047, in the published format."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import Any

from models.errors import Problem, refuse
from optimizer.generate.depot import PAPER, depot_instance, depot_of
from optimizer.generate.depot_document import DepotDocument

HOURS, WINDOW_ENDS, ALPHA = 24, (14, 19, 24), 0.8
SHARES = (0.5, 0.2)  # of the packs that leave in the first windows; the rest in the last
DEAR_HOURS = (7, 8, 18, 19)  # counted from 0
DEAR, USUAL = (20.0, 30.0), (5.0, 15.0)
MOST_NEED = 8  # hours
USED, MOST_USED = 0.8, 0.9  # share of the ports' hours before each window's end: expected, and at the most


def usual_gamma(ports: int) -> int:
    """A quarter of the ports, half a port rounded up, and at least 1."""
    return max(1, (ports + 2) // 4)


def depot_document(packs: int, ports: int, gamma: int, seed: int) -> DepotDocument:
    """A depot whose packs need what the ports have time for. Raises InvalidData where there are too many packs.

    A `gamma` far below a quarter of the ports may leave too few switches to serve all packs.
    """
    draw = Random(f"swapcharge depot {packs} {ports} {gamma} {seed}")
    prices = tuple(_price(draw, DEAR if hour in DEAR_HOURS else USUAL) for hour in range(HOURS))
    counts = _counts(packs)
    most = _most_need(packs, ports, counts)
    needs = _needs(draw, packs, most)
    while not _fits(needs, ports, counts):
        needs = _needs(draw, packs, most)
    numbers = iter(range(1, packs + 1))
    return DepotDocument(
        windows=tuple(tuple(next(numbers) for _ in range(count)) for count in counts),
        alpha=ALPHA,
        prices=prices,
        window_ends=WINDOW_ENDS,
        window_count=len(counts),
        hours=HOURS,
        needs={str(number): need for number, need in enumerate(needs, start=1)},
        switch_cost=min(prices) / (gamma * (HOURS - 1) + 1),
    )


def drawn_depot(packs: int, ports: int, gamma: int, seed: int) -> dict[str, Any]:
    """The same as an instance document, "depot-{packs}-{ports}-{gamma}-{seed}"."""
    name = f"depot-{packs}-{ports}-{gamma}-{seed}"
    command = f"swapcharge generate depot --packs {packs} --ports {ports} --gamma {gamma} --seed {seed}"
    depot = depot_of(depot_document(packs, ports, gamma, seed))
    return depot_instance(depot, ports, gamma, name, f"a look-alike of the depots of {PAPER}: {command}")


def _price(draw: Random, ends: tuple[float, float]) -> float:
    return round(ends[0] + (ends[1] - ends[0]) * draw.random(), 2)


def _counts(packs: int) -> list[int]:
    """Packs of each window."""
    first = [int(share * packs + 0.5) for share in SHARES]
    first[1] = min(first[1], packs - first[0])
    return [*first, packs - sum(first)]


def _most_need(packs: int, ports: int, counts: list[int]) -> int:
    """Hours that a pack may need at the most, so that all are expected to be charged in time."""
    rooms = zip(WINDOW_ENDS, accumulate(counts), strict=True)
    mean = min(USED * ports * end / before for end, before in rooms if before)
    if mean < 1:
        most = int(USED * ports * WINDOW_ENDS[0] / SHARES[0])
        rule = f"are more than {ports} ports have time for"
        refuse([Problem("packs", packs, rule, f"ask for about {most} packs at the most, or for more ports")])
    return min(MOST_NEED, int(2 * mean) - 1)


def _needs(draw: Random, packs: int, most: int) -> list[int]:
    return [1 + int(most * draw.random()) for _ in range(packs)]


def _fits(needs: list[int], ports: int, counts: list[int]) -> bool:
    """Is there time enough before each window's end?"""
    until = list(accumulate(needs, initial=0))
    ends = zip(WINDOW_ENDS, accumulate(counts), strict=True)
    return all(until[before] <= MOST_USED * ports * end for end, before in ends)
