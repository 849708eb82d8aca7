"""The rule between re-plans: what a controller does in each slot when drivers come otherwise than planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.errors import Problem, refuse
from models.rules import series, unique
from models.station.demand.pack_levels import PackLevels, counts


@dataclass(frozen=True)
class ControlRule:
    """Levels of some or all pack types, and a limit on drawn power. All series have one value a slot.

    `limit_kw`: drawn power, base load included, that is not passed; empty: the grid limit alone. `urgent_ready`: in a
    slot with fewer ready packs, of all types, after its swaps only the grid limit holds; empty, or 0 in a slot: never
    there. It is for who writes the rule to ask for urgency only where a driver is worth more than the demand charge of
    one charger. An empty rule leaves the plan its say in everything.
    """

    levels: tuple[PackLevels, ...] = ()
    limit_kw: tuple[float, ...] = ()
    urgent_ready: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for problem in unique("levels", [one.type for one in self.levels], "type with levels"):
            yield Problem(problem.place.replace(".id", ".type"), problem.value, problem.rule, problem.remedy)
        yield from series("limit_kw", self.limit_kw, len(self.limit_kw), 0) if self.limit_kw else ()
        yield from counts("urgent_ready", self.urgent_ready)

    def levels_of(self, kind: str) -> PackLevels | None:
        """The levels of a pack type; None: it has none."""
        return next((one for one in self.levels if one.type == kind), None)

    def since(self, slot: int) -> ControlRule:
        """The rule of the slots from `slot` on."""
        levels = tuple(one.since(slot) for one in self.levels)
        return ControlRule(levels, self.limit_kw[slot:], self.urgent_ready[slot:])

    def problems_on(self, slots: int, types: Iterable[str]) -> Iterator[Problem]:
        """Where the rule does not fit a horizon of so many slots, or a station with these pack types."""
        known = list(types)
        for index, levels in enumerate(self.levels):
            place = f"levels[{index}]"
            if levels.type not in known:
                remedy = f"its pack types: {', '.join(known) or 'none'}"
                yield Problem(f"{place}.type", levels.type, "is not a pack type of this file", remedy)
            yield from _as_long(f"{place}.least", len(levels.least), slots)
        for name, length in (("limit_kw", len(self.limit_kw)), ("urgent_ready", len(self.urgent_ready))):
            if length:
                yield from _as_long(name, length, slots)


def _as_long(place: str, length: int, slots: int) -> Iterator[Problem]:
    if length != slots:
        rule = f"must have one value for each of the {slots} slots"
        yield Problem(place, f"{length} values", rule, "use the rule of a plan for this horizon")
