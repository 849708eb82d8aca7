"""What is known of why costs moved: the answer's own types, without anything that plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum

from optimizer.history.why.cost_terms import CostTerms
from optimizer.history.why.input_groups import Group
from optimizer.history.why.input_words import LABELS

REMAINDER = "the plans themselves"


@dataclass(frozen=True)
class ExplainedPart:
    """Inputs that changed, what changed in words, and what they cost more, in currency. `open_money`: by how much the
    gaps of the plans leave it open; None: something is not proven."""

    groups: tuple[Group, ...]
    words: str
    amount: float
    open_money: float | None


@dataclass(frozen=True)
class ExplainedStation:
    """Why one station's objective differs, in currency: its `parts` and `remainder` add up to `difference`.

    `remainder`: what the runs' own plans differ beyond the re-planned nights: another gap, look-ahead, a plan near
    another one. `plans` were made; parts are means over `orders` of exchanging inputs.
    """

    station: str
    old_objective: float
    new_objective: float
    parts: tuple[ExplainedPart, ...]
    remainder: float
    plans: int
    orders: int

    @property
    def difference(self) -> float:
        """What the newer plan costs more."""
        return self.new_objective - self.old_objective

    @property
    def open_money(self) -> float | None:
        """The most that gaps leave open of any part; None: of one, nothing is proven."""
        found = [part.open_money for part in self.parts]
        known = [money for money in found if money is not None]
        return max(known, default=0.0) if len(known) == len(found) else None


@dataclass(frozen=True)
class Unexplained:
    """A station whose difference is not told apart, and why not."""

    station: str
    difference: float
    reason: str


@dataclass(frozen=True)
class Explanation:
    """Why the stations that changed most changed, and the cost terms of all `others` planned in both runs, and of all
    `together`.

    `missing`: why the runs' nights are not known, which leaves the rest empty; "" where they are. `not_in_time`:
    stations that were to be told apart and were not, for the time was up.
    """

    stations: tuple[ExplainedStation, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    not_in_time: tuple[str, ...] = ()
    others: CostTerms = field(default_factory=CostTerms)
    together: CostTerms = field(default_factory=CostTerms)
    others_asked: int = 0
    missing: tuple[str, ...] = ()

    @property
    def by_group(self) -> dict[str, float]:
        """What each part costs all `stations` more, in words, the largest first: they add up to their difference."""
        found: dict[str, list[float]] = {}
        for station in self.stations:
            for part in station.parts:
                found.setdefault(" and ".join(LABELS[group] for group in part.groups), []).append(part.amount)
            found.setdefault(REMAINDER, []).append(station.remainder)
        return dict(sorted(((words, fsum(each)) for words, each in found.items()), key=lambda one: -abs(one[1])))


def remainder_of(difference: float, parts: tuple[ExplainedPart, ...]) -> float:
    """What the parts leave of a difference."""
    return fsum([difference, *(-part.amount for part in parts)])
