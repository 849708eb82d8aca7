"""How many packs of a type are to be ready or charging, slot by slot: the counts that a rule holds between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem, refuse
from models.rules import number_in


@dataclass(frozen=True)
class PackLevels:
    """Packs of a type that are ready or charging in each slot: at least `least`, at most `most`, one value a slot.

    Equal ones order up to that level whatever the plan says; a most of all packs there are leaves the plan its say.
    """

    type: str
    least: tuple[int, ...]
    most: tuple[int, ...]

    def __post_init__(self) -> None:
        refuse(self._problems())

    def since(self, slot: int) -> PackLevels:
        """The levels of the slots from `slot` on."""
        return PackLevels(self.type, self.least[slot:], self.most[slot:])

    def _problems(self) -> Iterator[Problem]:
        yield from counts("least", self.least)
        yield from counts("most", self.most)
        if len(self.least) != len(self.most):
            rule = f"must have as many values as least ({len(self.least)})"
            yield Problem("most", f"{len(self.most)} values", rule, "give both one value a slot")
            return
        for slot, (least, most) in enumerate(zip(self.least, self.most, strict=True)):
            if most < least:
                yield Problem(f"most[{slot}]", most, f"must not be below least ({least})", "raise it, or lower least")
                break


def counts(place: str, values: Sequence[int]) -> Iterator[Problem]:
    """Whole numbers from 0 up; only the first that is not is told."""
    for slot, value in enumerate(values):
        found = list(number_in(f"{place}[{slot}]", value, 0))
        if not found and value != int(value):
            found = [Problem(f"{place}[{slot}]", value, "must be a whole number", "packs are counted")]
        if found:
            yield found[0]
            return
