"""Tiny nights by features: one table says how each is drawn and how it is seen on a night. Not a test file itself.

Small enough for the reference model to prove its optimum in a moment, or for all plans to be listed: at most 4 slots,
3 packs and 3 swaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

from covering import Levels, Pair, covering_array
from draw_night import drawn_night

from models.station.acceptance import reach_of_kind
from models.station.instance import Night
from models.station.pack_type import PackType
from models.tariff.rate_steps import Steps

MUST_SERVE_EVERY = 5
Seen = Callable[[Night], bool]


def _kinds(night: Night) -> list[PackType]:
    return [kind for name in night.pack_types for kind in night.types_by_pack.all_of(name)]


def is_bent(night: Night) -> bool:
    """Does any pack take power along a curve that is not concave for a slot of the night?"""
    max_kw, hours = night.station.chargers.max_kw, night.horizon.slot_hours
    return not all(reach_of_kind(kind, max_kw, hours).is_concave for kind in _kinds(night))


def _by_temperature(night: Night) -> bool:
    return any(kind.acceptance_at_c for kind in night.pack_types.values())


def _goes(steps: Steps, sign: int) -> bool:
    return any(sign * (later - earlier) > 0 for (_, earlier), (_, later) in pairwise(steps))


def _most_drawn_kw(night: Night) -> float:
    chargers = night.station.chargers
    return chargers.count * chargers.max_kw / chargers.efficiency + max(night.station.base_load_kw)


def _slopes(night: Night) -> int:
    return max(len(kind.wear) - 1 for kind in night.pack_types.values())


def _meters_two_slots(night: Night) -> bool:
    return any(len(slots) == 2 for demand in night.tariff_series.demands for slots in demand.intervals)


def _is_stepped(night: Night) -> bool:
    return any(charge.tiers for charge in night.station.tariff.demand_charges)


# By factor, its levels: the first one is that of a plain night. How each is drawn: draw_night.py.
FEATURES: dict[str, dict[str, Seen]] = {
    "chargers": {
        "continuous": lambda n: n.station.chargers.mode == "continuous" and not n.station.chargers.min_kw,
        "least power": lambda n: n.station.chargers.mode == "continuous" and n.station.chargers.min_kw > 0,
        "on/off": lambda n: n.station.chargers.mode == "on_off",
    },
    "charger count": {
        "all packs": lambda n: n.station.chargers.count >= len(n.station.packs),
        "fewer": lambda n: n.station.chargers.count < len(n.station.packs),
    },
    "plug changes": {
        "any": lambda n: n.station.plug_changes_max is None,
        "capped": lambda n: n.station.plug_changes_max is not None,
    },
    "plug change": {
        "free": lambda n: not n.station.plug_changes_cost,
        "costs": lambda n: n.station.plug_changes_cost,
    },
    "handed over": {
        "at target": lambda n: all(kind.swap_soc == kind.target_soc for kind in n.pack_types.values()),
        "below target": lambda n: any(kind.swap_soc < kind.target_soc for kind in n.pack_types.values()),
    },
    "needs": {
        "alike": lambda n: all(swap.swap_soc is None for swap in n.station.swaps),
        "own": lambda n: any(swap.swap_soc is not None for swap in n.station.swaps),
    },
    "pack asked for": {
        "any": lambda n: all(swap.pack is None for swap in n.station.swaps),
        "by name": lambda n: any(swap.pack is not None for swap in n.station.swaps),
    },
    "returned pack": {
        "charges at once": lambda n: n.station.turnaround_slots == 0,
        "waits": lambda n: n.station.turnaround_slots > 0,
    },
    "returned": {
        "always": lambda n: all(swap.returned_soc is not None for swap in n.station.swaps),
        "not always": lambda n: any(swap.returned_soc is None for swap in n.station.swaps),
    },
    "wear": {
        "none": lambda n: _slopes(n) < 1,
        "one slope": lambda n: _slopes(n) == 1,
        "slopes": lambda n: _slopes(n) > 1,
    },
    "acceptance": {
        "all": lambda n: not any(kind.has_curve for kind in n.pack_types.values()),
        "concave": lambda n: any(kind.acceptance for kind in n.pack_types.values()) and not is_bent(n),
        "bent": lambda n: is_bent(n) and not _by_temperature(n),
        "by temperature": _by_temperature,
    },
    "reserve": {
        "none": lambda n: not any(n.station.ready_reserve),
        "asked for": lambda n: any(n.station.ready_reserve),
    },
    "demand charge": {
        "none": lambda n: not n.station.tariff.demand_charges,
        "by slot": lambda n: bool(n.station.tariff.demand_charges) and not (_meters_two_slots(n) or _is_stepped(n)),
        "over two slots": _meters_two_slots,
        "stepped": _is_stepped,
    },
    "energy tiers": {
        "none": lambda n: not n.tariff_series.tiers,
        "rising": lambda n: any(_goes(group.steps, 1) for group in n.station.tariff.energy_tiers),
        "falling": lambda n: any(_goes(group.steps, -1) for group in n.station.tariff.energy_tiers),
    },
    "sun": {"none": lambda n: not any(n.station.solar_kw), "sun": lambda n: any(n.station.solar_kw)},
    "price": {
        "above 0": lambda n: min(n.tariff_series.price_per_kwh) > 0,
        "below 0": lambda n: min(n.tariff_series.price_per_kwh) < 0,
    },
    "grid limit": {
        "wide": lambda n: _most_drawn_kw(n) <= min(n.station.grid_limit_kw),
        "tight": lambda n: _most_drawn_kw(n) > min(n.station.grid_limit_kw),
    },
    "base load": {"none": lambda n: not any(n.station.base_load_kw), "some": lambda n: any(n.station.base_load_kw)},
    "types": {
        "one": lambda n: len({swap.type for swap in n.station.swaps}) == 1,
        "two": lambda n: len({swap.type for swap in n.station.swaps}) == 2,
    },
    "packs of a swap": {
        "one": lambda n: all(swap.packs == 1 for swap in n.station.swaps),
        "two": lambda n: any(swap.packs == 2 for swap in n.station.swaps),
    },
    "end value": {
        "by default": lambda n: any(kind.end_value_per_kwh is None for kind in n.pack_types.values()),
        "none": lambda n: any(kind.end_value_per_kwh == 0 for kind in n.pack_types.values()),
        "dear": lambda n: any((kind.end_value_per_kwh or 0) > 0 for kind in n.pack_types.values()),
    },
    "month": {
        "goes on": lambda n: len(n.tariff_series.months) == 1,
        "ends": lambda n: len(n.tariff_series.months) == 2,
    },
}  # fmt: skip
FACTORS: Mapping[str, tuple[str, ...]] = {factor: tuple(levels) for factor, levels in FEATURES.items()}
PLAIN: Levels = {factor: levels[0] for factor, levels in FACTORS.items()}


def is_listed(levels: Levels) -> bool:
    """Is the truth of such a night only in a list of all plans? The reference model has no on/off along bent curves."""
    return levels.get("chargers") == "on/off" and levels.get("acceptance") in ("bent", "by temperature")


def can_be(levels: Levels) -> bool:
    """Lists of plans know no sun, for how much of it is used is no yes or no, and have three slots at most."""
    is_long = levels.get("demand charge") == "over two slots" and levels.get("month") == "ends"
    return not (is_listed(levels) and (is_long or levels.get("sun") == "sun"))


def levels_seen(night: Night) -> dict[str, str]:
    """The levels that a night has, as its own data say."""
    return {factor: level for factor, levels in FEATURES.items() for level, seen in levels.items() if seen(night)}


def feature_sets(count: int, seed: int) -> list[Levels]:
    """`count` choices of features, half of them rows of covering arrays, half of them two features alone.

    They begin alike whatever the count. Both halves begin again, in another order, when they have run out.
    """
    company, alone, r = list[Levels](), list[Levels](), Random(f"features {seed}")
    while 2 * min(len(company), len(alone)) < count:
        if len(company) <= len(alone):
            company += covering_array(FACTORS, r, can_be)
        else:
            more = [PLAIN | dict(pair) for pair in sorted(map(sorted, _pairs_alone()))]
            r.shuffle(more)
            alone += more
    return [levels for both in zip(company, alone, strict=False) for levels in both][:count]


def _pairs_alone() -> list[Pair]:
    """Two features, all else as on a plain night."""
    features = [(factor, level) for factor, levels in FACTORS.items() for level in levels[1:]]
    return [frozenset(pair) for pair in combinations(features, 2) if len(dict(pair)) == 2 and can_be(dict(pair))]


def with_must_serve(night: Night, number: int, seed: int) -> Night:
    """The night with one swap that must be served, or more."""
    r, swaps = Random(f"must serve {number} of {seed}"), night.station.swaps
    must = set(r.sample(range(len(swaps)), r.randint(1, len(swaps))))
    marked = tuple(replace(swap, must_serve=n in must) for n, swap in enumerate(swaps))
    return replace(night, station=replace(night.station, swaps=marked))


def feature_night(levels: Levels, number: int, seed: int) -> Night:
    """The night `number` of a seed, with features `levels`; on every fifth one some swaps must be served."""
    r = Random(f"night {number} of {seed}")
    for _ in range(100):
        night = drawn_night(levels, r, is_small=is_listed(levels))
        if levels_seen(night).items() >= _can_be_seen(levels).items():
            return with_must_serve(night, number, seed) if number % MUST_SERVE_EVERY == 0 else night
    raise AssertionError(f"night {number} of {seed}: cannot be drawn with {dict(levels)}")


def _can_be_seen(levels: Levels) -> Levels:
    """Two packs that are all of one type are too few for two types and trucks."""
    small = is_listed(levels)
    return {factor: level for factor, level in levels.items() if not (small and factor in ("types", "needs"))}
