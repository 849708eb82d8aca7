"""What the nights and bills of one tariff come to, at one station or at all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from models.station.saving import Savings
from optimizer.studies.tables import BASELINE, BILL_KINDS, PLAN, BillRow, NightRow, RankedTariff
from optimizer.summaries.saving_text import savings_columns

BEYOND_BILL = ("wear", "plug_changes", "reserve")  # costs other than the utility's and lost swaps
SUMMED = ("kwh", "swaps_served", "swaps_lost", "baseline_swaps_lost")


def ranked_alone(
    nights: Sequence[NightRow],
    bills: Sequence[BillRow],
    found: Sequence[Savings | None],
    other_days: Sequence[tuple[float, float]] = (),
) -> RankedTariff:
    """The sums of one tariff's nights and bills, with what its plans save; its rank is not known yet.

    `other_days`: what bills of either side have for days that the study does not have.
    """
    one = _summed(nights, bills, sum(plan for plan, _ in other_days), sum(baseline for _, baseline in other_days))
    known = [savings for savings in found if savings is not None]
    if not known or len(known) < len(found):
        return one
    savings = sum(known, Savings())
    return replace(one, savings_share=savings.headline.share, **savings_columns(savings))


def _summed(
    nights: Sequence[NightRow], bills: Sequence[BillRow], other_days: float, baseline_other_days: float
) -> RankedTariff:
    """The sums of one tariff in one variant; its rank is not known yet."""
    by_kind: dict[str, Any] = {
        kind: sum(row.amount for row in bills if row.side == PLAN and row.kind == kind) for kind in BILL_KINDS
    }
    last_nights = {row.station: row for row in nights}.values()
    objective, gross = _sum(nights, "objective"), _sum(nights, "planned_gross_cost")
    bound = None if any(row.bound is None for row in nights) else _sum(nights, "bound")
    bill, lost_swaps = sum(by_kind.values()), _sum(nights, "lost_swaps")
    other_costs, stock_value = sum(_sum(nights, name) for name in BEYOND_BILL), _sum(last_nights, "end_value")
    baseline_rest = _sum(nights, "baseline_other") - _sum(last_nights, "baseline_end_value")
    baseline_total_cost = sum(row.amount for row in bills if row.side == BASELINE)
    baseline_total_cost += baseline_rest - baseline_other_days
    total_cost = bill - other_days + lost_swaps + other_costs - stock_value
    summed: dict[str, Any] = {name: _sum(nights, name) for name in SUMMED}
    return RankedTariff(
        variant=nights[0].variant,
        rank=0,
        tariff=nights[0].tariff,
        total_cost=total_cost,
        bill=bill,
        **by_kind,
        lost_swaps=lost_swaps,
        other_costs=other_costs,
        stock_value=stock_value,
        baseline_total_cost=baseline_total_cost,
        saving=baseline_total_cost - total_cost,
        peak_kw=max(row.peak_kw for row in nights),
        baseline_peak_kw=max(row.baseline_peak_kw for row in nights),
        **summed,
        objective=objective,
        bound=bound,
        gap=None if bound is None or not gross else (objective - bound) / abs(gross),
        other_days=other_days,
        baseline_other_days=baseline_other_days,
        plans_of="; ".join(dict.fromkeys(row.plans_of for row in nights if row.plans_of)),
    )


def _sum(rows: Iterable[NightRow], name: str) -> float:
    return sum(float(getattr(row, name)) for row in rows)
