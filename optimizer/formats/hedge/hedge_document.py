"""A station's ready targets, as a plan file has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

from msgspec import Meta

from models.errors import InvalidData, Problem
from models.rules import number_in
from models.station.demand.rule import ControlRule
from models.station.hedging.hedge import Hedge
from models.station.hedging.hedge_figures import HedgeFigures
from models.tariff.tariff import share_problems
from optimizer.formats.document_types import Document, Whole
from optimizer.formats.hedge.rule_document import RuleDocument

ANEW = "write the plan anew"


class HedgeDocument(Document, frozen=True, kw_only=True):
    """The ready packs that the plan keeps for days that do not follow the forecast, and what that is worth."""

    ready_targets: Annotated[
        tuple[Whole, ...], Meta(description="packs wanted ready after the swaps of each slot, as a ready reserve")
    ]
    reserve_cost: Annotated[
        float, Meta(description="currency for each that is missing in a slot, where the instance states no cost")
    ]
    method: Annotated[str, Meta(description="how targets and rule were chosen")]
    demand_weights: Annotated[
        dict[str, tuple[tuple[float, float], ...]],
        Meta(description="by demand charge that is weighed by the month: [kW, share of the rate at stake above them]"),
    ] = {}
    days: Annotated[Whole, Meta(description="days drawn from the forecast that were played; 0: none were")] = 0
    cost_a_day: Annotated[
        float | None, Meta(description="currency that the targets cost on the expected day; null: not worked out")
    ] = None
    saves_a_day: Annotated[
        float | None, Meta(description="currency that the plan of the mean costs more on the played days, in the mean")
    ] = None
    served: Annotated[float | None, Meta(description="share of the drivers served on the played days")] = None
    served_without: Annotated[float | None, Meta(description="the same of the plan of the mean")] = None

    def as_hedge(self, rule: ControlRule | None) -> Hedge:
        """The same as the domain's type."""
        figures = None
        if None not in (self.cost_a_day, self.saves_a_day, self.served, self.served_without):
            named = ("days", "cost_a_day", "saves_a_day", "served", "served_without")
            figures = HedgeFigures(**{name: getattr(self, name) for name in named})
        return Hedge(self.ready_targets, self.reserve_cost, rule, self.method, figures, self.demand_weights)

    @classmethod
    def of(cls, hedge: Hedge) -> HedgeDocument:
        """From the domain's type."""
        figures = {} if hedge.figures is None else asdict(hedge.figures)
        return cls(
            ready_targets=hedge.ready_targets,
            reserve_cost=hedge.reserve_cost,
            method=hedge.method,
            demand_weights=dict(hedge.demand_weights),
            **figures,
        )


def hedge_problems(hedge: HedgeDocument | None, rule: RuleDocument | None, slots: int) -> Iterator[Problem]:
    """What is wrong with either, places relative to the station; `slots`: of the plan's series."""
    if hedge is not None:
        if len(hedge.ready_targets) != slots:
            values = f"{len(hedge.ready_targets)} values"
            yield Problem("hedge.ready_targets", values, f"must have one value for each of {slots} slots", ANEW)
        yield from number_in("hedge.reserve_cost", hedge.reserve_cost, 0, above_low=any(hedge.ready_targets))
        for name, shares in hedge.demand_weights.items():
            yield from share_problems(f"hedge.demand_weights.{name}", shares)
    if rule is not None:
        try:
            found = rule.as_rule.problems_on(slots, [one.type for one in rule.levels])  # whose types the checker knows
            yield from (problem.inside("rule") for problem in found)
        except InvalidData as error:
            yield from (problem.inside("rule") for problem in error.problems)
