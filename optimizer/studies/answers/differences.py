"""Why one tariff costs more than another: the difference of their totals, by what they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from optimizer.studies.summary import CostDifference
from optimizer.studies.tables import RankedTariff
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

PARTS = (
    ("energy", "energy"),
    ("demand", "demand charges"),
    ("fixed", "fixed charges"),
    ("lost_swaps", "lost swaps"),
    ("other_costs", "wear, plug changes and reserve"),
    ("stock_value", "less energy left in packs"),
    ("other_days", "less for days without a night"),
)


def differences(ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[CostDifference]:
    """By variant, each tariff against the next cheaper one."""
    for order in ranked.values():
        yield from (difference(more, less) for less, more in pairwise(order))


def difference(more: RankedTariff, less: RankedTariff) -> CostDifference:
    """How much more the first costs; the parts add up to the difference of the totals."""
    return CostDifference(
        variant=more.variant,
        tariff=more.tariff,
        than=less.tariff,
        total_cost=more.total_cost - less.total_cost,
        energy=more.energy + more.energy_tiers - less.energy - less.energy_tiers,
        demand=more.demand - less.demand,
        fixed=more.fixed + more.minimum - less.fixed - less.minimum,
        lost_swaps=more.lost_swaps - less.lost_swaps,
        other_costs=more.other_costs - less.other_costs,
        stock_value=less.stock_value - more.stock_value,
        other_days=less.other_days - more.other_days,
    )


def because(one: CostDifference) -> str:
    """Its parts in words after a colon, the largest first; "" where there is nothing to tell."""
    parts = [(getattr(one, name), words) for name, words in PARTS]
    told = sorted((part for part in parts if abs(part[0]) >= ROUNDS_TO_NOTHING), key=lambda part: -abs(part[0]))
    words = ", ".join(f"{name} {amount:+,.2f}".replace("-", "\N{MINUS SIGN}") for amount, name in told)
    return f": {words}" if words else ""
