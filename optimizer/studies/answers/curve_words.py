"""Curves of costs in sentences: where the knee is, what a unit more saves, or why there is no knee."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.files.plain_text import counted, some_of
from optimizer.studies.answers.curves import GROWTH, OF_KEY, Parameter, curve_groups
from optimizer.studies.summary import CostCurve
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

NO_KNEE = {
    "few": "no knee, for that takes three variants",
    "unproven": "no knee is told, for what is not proven of the plans may be all of the bend",
    "flat": "all cost the same, as far as is proven",
    "straight": "no knee, the curve is nearly straight",
}
NO_KNEE_EITHER_WAY = {
    "against": ("no knee, the last costs more than the first", "no knee, more drivers cost less"),
    "late": ("no knee, the last steps save most", "no knee, the first steps cost most"),
}


@dataclass(frozen=True)
class CurveScope:
    """What curves are of."""

    currency: str
    nights: int
    stations: int

    @property
    def at_each(self) -> str:
        """Variants change every station."""
        return "" if self.stations == 1 else f" at each of the {self.stations:,} stations"

    @property
    def time(self) -> str:
        """How long the costs are of."""
        return f"in {counted(self.nights, 'night')}"


def curve_answers(curves: Sequence[CostCurve], scope: CurveScope) -> Iterator[str]:
    """A sentence for each group of variants: of the tariff that is the cheapest in one of them, and the others' knees.

    Of the growth of demand only where there is a knee: what growth changes is told beside it.
    """
    for group in curve_groups(curves):
        best = min(group, key=lambda curve: min(curve.total_costs))
        parameter = OF_KEY[best.parameter]
        if parameter.key == GROWTH and best.knee is None:
            continue
        others = [curve for curve in group if curve is not best]
        over = parameter.range_words(best.values[0], best.values[-1])
        yield f"{over}, {best.tariff}: {curve_words(best, scope)}{_others(others, parameter)}."


def _others(curves: Sequence[CostCurve], parameter: Parameter) -> str:
    """The knees of the other tariffs, from the least on."""
    of_knee: dict[float | None, list[str]] = {}
    for curve in curves:
        of_knee.setdefault(curve.knee, []).append(curve.tariff)
    told = [
        f"{'none' if knee is None else parameter.words(knee)} under {some_of(names)}"
        for knee, names in sorted(of_knee.items(), key=lambda one: math.inf if one[0] is None else one[0])
    ]
    return f"; knee of the others: {', '.join(told)}" if told else ""


def curve_words(curve: CostCurve, scope: CurveScope) -> str:
    """One curve in words, without its end."""
    parameter = OF_KEY[curve.parameter]
    rising = parameter.key == GROWTH
    if curve.knee is None:
        why = NO_KNEE.get(curve.shape) or NO_KNEE_EITHER_WAY[curve.shape][rising]
        return f"{why}; {parameter.more}{scope.at_each} {_changes(curve.saves_before, scope)} on average {scope.time}"
    before, after, knee = curve.saves_before, curve.saves_after or 0.0, parameter.words(curve.knee)
    if rising:
        least = f"at least {-after:,.2f} {scope.currency}"
        return (
            f"from {knee} on, {parameter.more}{scope.at_each} costs {least} more {scope.time}; "
            f"up to there {-before:,.2f} on average"
        )
    return (
        f"from {knee} on, {parameter.more}{scope.at_each} saves {_at_most(after, scope)} {scope.time}; "
        f"up to there {before:,.2f} on average"
    )


def _changes(saves: float, scope: CurveScope) -> str:
    return f"{'saves' if saves >= 0 else 'costs'} {abs(saves):,.2f} {scope.currency}{'' if saves >= 0 else ' more'}"


def _at_most(saves: float, scope: CurveScope) -> str:
    return f"at most {saves:,.2f} {scope.currency}" if saves >= ROUNDS_TO_NOTHING else "nothing"
