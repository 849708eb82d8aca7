"""How the domain says what is wrong with its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Problem:
    """One defect of the data: where, what stands there, which rule it breaks, what to do."""

    place: str
    value: object
    rule: str
    remedy: str

    def inside(self, place: str) -> Problem:
        """The same defect seen from the object that holds this one at `place`."""
        joint = "" if not self.place or self.place.startswith("[") else "."
        return replace(self, place=f"{place}{joint}{self.place}")


class InvalidData(ValueError):
    """Raised by the domain types with every defect found, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)  # so that it survives the way back from a worker process

    def __str__(self) -> str:
        return "; ".join(f"{p.place}: {p.value!r}: {p.rule}" for p in self.problems)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidData if there is any problem."""
    if found := tuple(problems):
        raise InvalidData(found)
