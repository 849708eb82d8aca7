"""Which rows the level formulation has: index sets that `levels` and `level_arrays` both build from."""

from __future__ import annotations

from collections.abc import Iterator

from models.formulations.levels.data import LevelData, TypeLevels
from models.tolerances import MISSING_KWH


def free_leaving(data: LevelData) -> list[tuple[str, int, int]]:
    """(type, level, slot) where a pack that is handed over may or may not fill the band."""
    free = []
    for k, d in data.types.items():
        for t, indices in d.leaving.items():
            least = min(d.bands.level_of(data.classes[j].needed_kwh) for j in indices)
            free += [(k, level, t) for level in range(least + 1, d.bands.count + 1)]
    return free


def leaving_bounds(data: LevelData, k: str) -> Iterator[tuple[tuple[int, int], list[int], list[int]]]:
    """((level, slot), classes of the slot, those of them that need the band) where leaving is free; for (2.6)."""
    d = data.types[k]
    for name, level, t in free_leaving(data):
        if name == k:
            indices = d.leaving[t]
            yield (level, t), indices, [j for j in indices if d.bands.level_of(data.classes[j].needed_kwh) >= level]


def types_with_changing_counts(data: LevelData) -> list[str]:
    """Types whose number of packs changes: a swap that returns nothing, or a pack in turnaround."""
    return sorted({c.type for c in data.classes if c.returned_kwh is None or c.enters > c.slot})


def readiness_rows(data: LevelData, kind: TypeLevels) -> Iterator[tuple[list[int], list[int], int]]:
    """(classes served so far, classes whose returned pack can be ready by then, initial packs that can); for (2.7)."""
    for needed_kwh in sorted({data.classes[j].needed_kwh for js in kind.leaving.values() for j in js}):
        starts = [data.ready_slot(kind.kind, kwh, 0, needed_kwh) for kwh in kind.starts_kwh]
        returns = _return_slots(data, kind, needed_kwh)
        asking = [(s, j) for s, js in kind.leaving.items() for j in js if data.classes[j].needed_kwh >= needed_kwh]
        for t in kind.leaving:
            asked = [j for s, j in asking if s <= t]
            ready = [j for j, slot in returns.items() if slot <= t]
            count = sum(slot <= t for slot in starts)
            if sum(data.classes[j].size for j in asked) > count:
                yield asked, ready, count


def _return_slots(data: LevelData, kind: TypeLevels, needed_kwh: float) -> dict[int, int]:
    """First slot in which the pack that each class returns can be handed over again."""
    slots = {}
    wait = data.night.station.turnaround_slots
    for indices in kind.leaving.values():
        for j in indices:
            c = data.classes[j]
            if c.returned_kwh is not None:
                is_ready = c.returned_kwh >= needed_kwh - MISSING_KWH
                charged = data.ready_slot(kind.kind, c.returned_kwh, c.slot + wait, needed_kwh)
                slots[j] = c.slot + 1 if is_ready else max(c.slot + 1, charged)
    return slots


def ready_returns(data: LevelData, kind: TypeLevels) -> list[tuple[int, int]]:
    """(slot, class) of swaps whose returned pack holds S at once and so counts for the reserve; for (2.11)."""
    return [
        (t, j)
        for t, indices in kind.leaving.items()
        for j in indices
        if (kwh := data.classes[j].returned_kwh) is not None and kwh >= kind.kind.swap_kwh - MISSING_KWH
    ]
