"""Central depots of arXiv 2505.07047: reading their files, and making instances of them.

A depot has packs that need an integer number of hours of charging, and fewer ports than packs. An hour at a port
costs the hour's price. A port that changes its pack, or begins or ends to charge one, is a switch: it has a cost, and
there are at most gamma of them at each boundary between hours. Packs leave in windows, those of the last with a share
of their need. As an instance: on/off chargers of 1 kW, slots of an hour, swaps that return nothing and name a pack.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import InvalidData, Problem, refuse
from models.rules import number_in
from models.tolerances import EQUAL
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.instance_document import FORMAT
from optimizer.generate.depot_document import DepotDocument

NAME = re.compile(r"input_data_file_(\d{1,9})_(\d{1,9})_(\d{1,9})\.json")
START = "2026-01-01T00:00:00Z"
LOST_FACTOR = 10  # a swap lost costs so many times its dearest charge and all switches
PAPER = "arXiv 2505.07047"


@dataclass(frozen=True)
class Depot:
    """A depot file that keeps all its rules. `windows`: numbers of the packs; `needs`: hours by number of pack."""

    windows: tuple[tuple[int, ...], ...]
    window_ends: tuple[int, ...]
    needs: Mapping[int, int]
    prices: tuple[float, ...]
    alpha: float
    switch_cost: float

    def least_hours(self, window: int, pack: int) -> int:
        """Hours that a pack must have been charged when it leaves."""
        need, is_last = self.needs[pack], window == len(self.windows) - 1
        return math.ceil(self.alpha * need - EQUAL) if is_last else need


@dataclass(frozen=True)
class DepotFileName:
    """What the name of a published file says."""

    packs: int
    ports: int
    gamma: int


def facts_of_name(path: str | Path) -> DepotFileName | None:
    """From "input_data_file_{packs}_{ports}_{gamma}.json"; None where the name is another."""
    match = NAME.fullmatch(Path(path).name)
    return DepotFileName(*map(int, match.groups())) if match else None


def read_depot(path: str | Path) -> Depot:
    """The depot in a file, or "-" for standard input. Raises InputErrors with every problem."""
    try:
        depot = depot_of(decode(read_bytes(path), DepotDocument))
        named = facts_of_name(path)
        if named and named.packs != len(depot.needs):
            rule = f"must name as many packs as the file's name tells, {named.packs}"
            refuse([Problem("p", f"{len(depot.needs)} packs", rule, "correct the name, or take the right file")])
    except InvalidData as error:
        raise InputErrors(shown_name(path), error.problems) from None
    return depot


def depot_of(document: DepotDocument) -> Depot:
    """The depot that a file says. Raises InvalidData with every problem."""
    needs = _needs(document)
    windows = _windows(document, needs)
    found = [*_number_problems(document), *_window_problems(document, windows, needs)]
    depot = Depot(windows, document.window_ends, needs, document.prices, document.alpha, document.switch_cost)
    refuse(found or _need_problems(depot))
    return depot


def _needs(document: DepotDocument) -> dict[int, int]:
    """Hours by number of pack; a list counts from 1, or from 0 where a window names pack 0."""
    if isinstance(document.needs, dict):
        wrong = [key for key in document.needs if not key.isdecimal() or len(key) > 9]
        refuse(Problem(f"p.{key}", document.needs[key], "is not the number of a pack", "write 7") for key in wrong)
        needs = {int(key): need for key, need in document.needs.items()}
        if len(needs) < len(document.needs):
            refuse([Problem("p", list(document.needs)[:9], "names a pack twice, as in 7 and 07", "keep one of them")])
        return dict(sorted(needs.items()))
    named = [number for window in document.windows if isinstance(window, tuple) for number in window]
    return dict(enumerate(document.needs, start=0 if 0 in named else 1))


def _windows(document: DepotDocument, needs: Mapping[int, int]) -> tuple[tuple[int, ...], ...]:
    """Numbers of the packs of every window; counts take the packs in order of their numbers."""
    given = document.windows
    if all(isinstance(window, tuple) for window in given):
        return tuple(window for window in given if isinstance(window, tuple))
    counts = [window for window in given if isinstance(window, int)]
    if len(counts) < len(given) or any(count < 0 for count in counts) or sum(counts) != len(needs):
        rule = f"must be lists of pack numbers, or counts that add up to the {len(needs)} packs of p"
        refuse([Problem("B_ell", given, rule, "write [[1, 2], [3]] or [2, 1]")])
    numbers = iter(needs)
    return tuple(tuple(next(numbers) for _ in range(count)) for count in counts)


def _number_problems(document: DepotDocument) -> Iterator[Problem]:
    hours = len(document.prices)
    for index, price in enumerate(document.prices):
        yield from number_in(f"elec_cost[{index}]", price)
    yield from number_in("alpha", document.alpha, 0, 1, "the published files have 0.8", above_low=True)
    yield from number_in("w", document.switch_cost, 0)
    if not hours:
        yield Problem("elec_cost", [], "must have a price for every hour", "add 24 prices")
    if document.hours not in (None, hours):
        yield Problem("T", document.hours, f"must be the number of prices in elec_cost, {hours}", "correct one of them")
    if document.window_count not in (None, len(document.windows)):
        rule = f"must be the number of windows in B_ell, {len(document.windows)}"
        yield Problem("L", document.window_count, rule, "correct one of them")
    needs = document.needs
    places = [f"p.{key}" for key in needs] if isinstance(needs, dict) else [f"p[{n}]" for n in range(len(needs))]
    for place, need in zip(places, needs.values() if isinstance(needs, dict) else needs, strict=True):
        yield from number_in(place, need, 0, hours, "whole hours of charging within the horizon")


def _window_problems(
    document: DepotDocument, windows: tuple[tuple[int, ...], ...], needs: Mapping[int, int]
) -> Iterator[Problem]:
    ends, hours = document.window_ends, len(document.prices)
    if len(ends) != len(windows):
        rule = f"must have one hour for each of the {len(windows)} windows of B_ell"
        yield Problem("n_l", ends, rule, "correct one of the two")
    if any(later <= earlier for earlier, later in zip((0, *ends), ends, strict=False)) or max(ends, default=0) > hours:
        yield Problem("n_l", ends, f"must rise, within 1 to {hours}", "each window ends after the one before")
    times = Counter(number for window in windows for number in window)
    for number in sorted(needs.keys() - times.keys()):
        yield Problem("B_ell", number, "is a pack of p that is in no window", "add it to one")
    for number in sorted(times.keys() - needs.keys()):
        yield Problem("B_ell", number, "is no pack of p", "correct the number, or add its hours to p")
    for number, count in times.items():
        if count > 1:
            yield Problem("B_ell", number, f"is in {count} windows", "a pack leaves once")
    if not any(needs.values()):
        yield Problem("p", [], "must name a pack that needs charging", "give hours of charging by pack")


def _need_problems(depot: Depot) -> Iterator[Problem]:
    for window, (packs, end) in enumerate(zip(depot.windows, depot.window_ends, strict=True)):
        for pack in packs:
            if (least := depot.least_hours(window, pack)) > end:
                rule = f"cannot have its {least} hours when its window ends at hour {end}"
                yield Problem(f"p.{pack}", depot.needs[pack], rule, "lower its need, or put it into a later window")


def depot_instance(depot: Depot, ports: int, gamma: int, name: str, what: str = "") -> dict[str, Any]:
    """An instance document whose plans cost what they cost in the published model; `what` says where it is from.

    It has one slot more than hours, at whose start the packs of the last window leave; the switches of that boundary
    are free, for the published model does not count them.
    """
    hours, longest = len(depot.prices), max(depot.needs.values())
    dearest = max(map(abs, depot.prices))
    lost_cost = math.ceil(LOST_FACTOR * (dearest * longest + depot.switch_cost * gamma * (hours - 1))) or 1
    return {
        "format": FORMAT,
        "version": 1,
        "name": name,
        "currency": "unit",
        "sources": {
            "what": what or f"a central depot after {PAPER}",
            "lost_cost": "ten times the dearest charge of a pack and all switches",
        },
        "horizon": {"start": START, "time_zone": "UTC", "slot_minutes": 60, "slots": hours + 1},
        "pack_types": [{"id": "pack", "capacity_kwh": longest, "target_soc": 1, "end_value_per_kwh": 0}],
        "tariffs": [{"id": "hours", "energy_price_per_kwh": [*depot.prices, max(depot.prices)]}],
        "stations": [_station(depot, ports, gamma, lost_cost)],
    }


def _station(depot: Depot, ports: int, gamma: int, lost_cost: float) -> dict[str, Any]:
    hours, longest = len(depot.prices), max(depot.needs.values())
    ids = {pack: f"p{pack:03d}" for pack in depot.needs}
    # (P - p) / P, and not 1 - p / P: times P it gives integer kWh again, but for a few of the larger numbers
    return {
        "id": "depot",
        "bays": max(len(ids), ports),
        "chargers": {"count": ports, "max_kw": 1, "efficiency": 1, "mode": "on_off"},
        "grid_limit_kw": ports,
        "tariff": "hours",
        "plug_changes_max": [0, *[gamma] * (hours - 1), ports],
        "plug_change_cost": [0, *[depot.switch_cost] * (hours - 1), 0],
        "packs": [{"id": ids[n], "type": "pack", "soc": (longest - need) / longest} for n, need in depot.needs.items()],
        "swaps": [
            {"slot": end, "type": "pack", "returned_soc": None, "lost_cost": lost_cost, "pack": ids[pack]}
            | _swap_soc(depot, window, pack, longest)
            for window, (packs, end) in enumerate(zip(depot.windows, depot.window_ends, strict=True))
            for pack in packs
        ],
    }


def _swap_soc(depot: Depot, window: int, pack: int, longest: int) -> dict[str, float]:
    """What a driver of the last window wants; nothing where it is a full pack."""
    missing = depot.needs[pack] - depot.least_hours(window, pack)
    return {"swap_soc": (longest - missing) / longest} if missing else {}
