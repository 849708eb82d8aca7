"""A night as the level formulation sees it: swaps in classes, packs as sums of fills."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from models.formulations.levels.bands import (
    MOST_BANDS,
    Array,
    Bands,
    energy_bands,
    reach_majorants,
    shift_majorants,
)
from models.station.acceptance import Reach, fastest_of, reach_of_kind
from models.station.instance import Night, Pack, Swap
from models.station.pack_type import PackType, lines_of
from models.tolerances import MISSING_KWH

MOST_CELLS = 12_000  # bands · slots of one chain of edges: beyond it the LP takes longer than it is worth
FEWEST_STEPS = 6
BANDS_PER_STEP = 10  # of one type, for each edge that a chain may have: chains of many needs are thinned beyond it
WEAR_RESOLUTION = 4  # at coarser resolutions the steps of a wear curve cost more time than they are worth


@dataclass(frozen=True)
class SwapClass:
    """Swaps of one slot that no cost or rule tells apart; how many of them are served is one variable.

    Energies in kWh, the returned one cut off at E; `returned_kwh` None: nothing comes back.
    `enters`: the slot from which the returned pack may charge, the horizon's length if never.
    """

    slot: int
    type: str
    needed_kwh: float
    returned_kwh: float | None
    lost_cost: float
    enters: int
    swaps: tuple[str, ...]

    @property
    def size(self) -> int:
        """Swaps in the class."""
        return len(self.swaps)


@dataclass(frozen=True)
class WearStep:
    """Wear grows by `cost_per_kwh` for the energy that a pack gains in a slot above `gain_kwh`."""

    cost_per_kwh: float
    gain_kwh: float
    majorants: list[list[Array]]


@dataclass(frozen=True)
class TypeLevels:
    """One pack type: its bands, what a slot can change, what stands in the station at the start.

    `reach[l]`: majorants of band l (0-based); `start_fills` shape (L,); `entering[t]`, `leaving[t]`:
    indices of the classes whose returned packs join, or whose packs leave, in slot t.
    """

    kind: PackType
    bands: Bands
    reach: list[list[Array]]
    wear: tuple[WearStep, ...]
    start_fills: Array
    starts_kwh: tuple[float, ...]
    entering: dict[int, list[int]] = field(default_factory=dict)
    leaving: dict[int, list[int]] = field(default_factory=dict)

    @property
    def start_count(self) -> int:
        """Packs in the station at the start; never more later, for no swap adds one."""
        return len(self.starts_kwh)

    @cached_property
    def wear_per_kwh(self) -> float:
        """Slope of the wear curve at power 0, in currency per kWh."""
        lines = lines_of(self.kind.wear)
        return lines[0].slope if lines else 0.0


@dataclass(frozen=True)
class LevelData:
    """What the level formulation needs of a night at one resolution (`resolution`: bands a slot of full charge).

    `start_cost_per_kwh`: by type, what a kWh costs that packs hold at the start, of which the plan then chooses how
    much: any energies from those that the night states up to E. None: they hold what the night states.
    """

    night: Night
    resolution: int
    types: dict[str, TypeLevels]
    classes: tuple[SwapClass, ...]
    start_cost_per_kwh: Mapping[str, float] | None = None

    def ready_slot(self, kind: PackType, energy_kwh: float, charge_from: int, needed_kwh: float) -> int:
        """First slot at whose start a pack can hold `needed_kwh` if it charges at full power from `charge_from` on."""
        reach = reach_of(self.night, kind)
        slot = charge_from
        while energy_kwh < needed_kwh - MISSING_KWH and slot <= self.night.horizon.slots:
            energy_kwh = reach.after_kwh(energy_kwh)
            slot += 1
        return slot

    @property
    def rounding_cost(self) -> float:
        """By how much the level LP may exceed a plan whose packs miss needs by MISSING_KWH, in currency.

        Such a pack fills the band below its need but for MISSING_KWH / width, and the LP loses that share of a swap.
        """
        total = 0.0
        for c in self.classes:
            bands = self.types[c.type].bands
            level = max(1, bands.level_of(c.needed_kwh))
            width_kwh = float(bands.widths_kwh[level - 1]) if bands.count else math.inf
            total += c.size * c.lost_cost * min(1.0, MISSING_KWH / width_kwh)
        return total

    def returned_fills(self, index: int) -> Array:
        """Fills of the pack that class `index` returns, shape (L,)."""
        swap_class = self.classes[index]
        assert swap_class.returned_kwh is not None
        return self.types[swap_class.type].bands.fills(swap_class.returned_kwh)


def reach_of(night: Night, kind: PackType) -> Reach:
    """What a slot of charging does to a pack of `kind` at the night's station."""
    return reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)


def level_data(night: Night, resolution: int, start_cost_per_kwh: Mapping[str, float] | None = None) -> LevelData:
    """The night at resolution `resolution`, its swaps pack by pack (`Night.by_pack`); see `start_cost_per_kwh` above.

    Where that is given, the packs of a type begin with no less than the least of what the night states of them.
    """
    night = night.by_pack
    classes = _swap_classes(night)
    present = {pack.type for pack in night.station.packs} | {swap.type for swap in night.station.swaps}
    types = {name: _type_levels(night, _fastest(night, name), classes, resolution) for name in sorted(present)}
    if start_cost_per_kwh is not None:
        types = {name: _with_any_start(one) for name, one in types.items()}
    return LevelData(night, resolution, types, classes, start_cost_per_kwh)


def _with_any_start(one: TypeLevels) -> TypeLevels:
    """Packs that may be full at the start, and so ready: what they hold more than the floor is a variable."""
    return replace(one, start_fills=np.zeros(one.bands.count), starts_kwh=(one.kind.target_kwh,) * one.start_count)


def _fastest(night: Night, name: str) -> PackType:
    """A type whose packs have several temperatures counts as one that takes what the fastest of them takes."""
    return fastest_of(night.types_by_pack.all_of(name))


def _swap_classes(night: Night) -> tuple[SwapClass, ...]:
    ready_kwh = {name: _least_need_kwh(night, name) for name in night.pack_types}
    groups: dict[tuple[int, str, float, float | None, float], list[str]] = defaultdict(list)
    for swap in night.station.swaps:
        key = (swap.slot, swap.type, night.needed_kwh(swap), _returned_kwh(night, swap), swap.lost_cost)
        groups[key].append(swap.id)
    ordered = sorted(groups, key=lambda key: (key[0], key[1], -key[2], -1.0 if key[3] is None else key[3], key[4]))
    return tuple(
        SwapClass(*key, enters=_enters(night, key[0], key[3], ready_kwh[key[1]]), swaps=tuple(groups[key]))
        for key in ordered
    )


def _least_need_kwh(night: Night, name: str) -> float:
    needs = [night.needed_kwh(swap) for swap in night.station.swaps if swap.type == name]
    return min([night.pack_types[name].swap_kwh, *needs])


def _enters(night: Night, slot: int, returned_kwh: float | None, ready_kwh: float) -> int:
    """A pack that comes back ready could be handed over during its turnaround: the bound lets it charge at once."""
    wait = 0 if returned_kwh is not None and returned_kwh >= ready_kwh - MISSING_KWH else night.station.turnaround_slots
    return min(slot + wait, night.horizon.slots)


def _returned_kwh(night: Night, swap: Swap) -> float | None:
    if swap.returned_soc is None:
        return None
    kind = night.pack_types[swap.type]
    return min(swap.returned_soc * kind.capacity_kwh, kind.target_kwh)


def start_kwh(night: Night, pack: Pack) -> float:
    """Energy of an initial pack, cut off at E: above it a pack neither charges nor earns."""
    kind = night.pack_types[pack.type]
    return min(pack.soc * kind.capacity_kwh, kind.target_kwh)


def _type_levels(night: Night, kind: PackType, classes: Sequence[SwapClass], resolution: int) -> TypeLevels:
    own = [(index, c) for index, c in enumerate(classes) if c.type == kind.id]
    starts = [start_kwh(night, pack) for pack in night.station.packs if pack.type == kind.id]
    returns = [c.returned_kwh for _, c in own if c.returned_kwh is not None]
    reach = reach_of(night, kind)
    floor_kwh = min([*starts, *returns, max(0.0, kind.target_kwh - reach.full_kwh)])
    needs_kwh = {kind.swap_kwh, *(c.needed_kwh for _, c in own)}
    arrivals_kwh = [c.returned_kwh for _, c in own if c.returned_kwh is not None for _ in c.swaps] or starts
    most_steps = max(FEWEST_STEPS, MOST_CELLS // night.horizon.slots)
    most_bands = min(MOST_BANDS, BANDS_PER_STEP * most_steps)
    bands = energy_bands(reach, needs_kwh, arrivals_kwh, floor_kwh, resolution, most_steps, most_bands)
    return TypeLevels(
        kind=kind,
        bands=bands,
        reach=reach_majorants(reach, bands),
        wear=_wear_steps(reach, bands) if resolution >= WEAR_RESOLUTION else (),
        start_fills=np.sum([bands.fills(kwh) for kwh in starts], axis=0) if starts else np.zeros(bands.count),
        starts_kwh=tuple(starts),
        entering=_by_slot((c.enters, index) for index, c in own if c.returned_kwh is not None),
        leaving=_by_slot((c.slot, index) for index, c in own),
    )


def _by_slot(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    slots: dict[int, list[int]] = defaultdict(list)
    for slot, index in pairs:
        slots[slot].append(index)
    return dict(slots)


def _wear_steps(reach: Reach, bands: Bands) -> tuple[WearStep, ...]:
    kind, max_kw = reach.kind, reach.max_kw
    lines = lines_of(kind.wear)
    steps = []
    for (kw, _), before, after in zip(kind.wear[1:], lines, lines[1:], strict=False):
        if kw < max_kw and after.slope > before.slope:
            gain_kwh = kw * reach.slot_hours
            steps.append(WearStep(after.slope - before.slope, gain_kwh, shift_majorants(gain_kwh, bands)))
    return tuple(steps)
