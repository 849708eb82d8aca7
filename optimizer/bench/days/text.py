"""The scores of the uncertainty track as text and as plain JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from optimizer.bench.days.score import DaysScore, totals
from optimizer.bench.days.track import TEST_SEED, TRAINING_SEED


def days_screen(scores: Sequence[DaysScore]) -> str:
    """A table by instance, and the contenders over all of them."""
    wide = max((len(score.instance) for score in scores), default=8)
    names = max((len(score.contender) for score in scores), default=9)
    days = scores[0].days if scores else 0
    count = len({score.instance for score in scores})
    bounded = scores[0].bound_days if scores else 0
    lines = [
        f"Uncertainty track: {count} instance{'s' * (count != 1)}, {days:,} test days each",
        *([f"Bound, regret and attainable saving are of the first {bounded:,} of them"] if bounded < days else []),
        "",
        f"{'instance':{wide}}  {'contender':{names}}   served  cost a day      bound     regret  of attainable saving",
    ]
    last = ""
    for score in scores:
        shown = score.instance if score.instance != last else ""
        last = score.instance
        lines.append(
            f"{shown:{wide}}  {score.contender:{names}}  {100 * score.served:6.2f} %  {score.cost:10,.2f}"
            f" {_number(score.bound)} {_number(score.regret)}  {_percent(score.share_of_saving)}"
        )
    lines += ["", f"{'contender':{names}}   served   least  of attainable saving  cheapest"]
    lines += [
        f"{one.contender:{names}}  {100 * one.served:5.1f} %  {100 * one.least_served:5.1f} %"
        f"  {_percent(one.share_of_saving):>20}  {one.cheapest:8}"
        for one in totals(scores)
    ]
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{'-' if math.isnan(value) else f'{value:,.2f}':>10}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"


def days_json(scores: Sequence[DaysScore]) -> dict[str, Any]:
    """For scripts; what is not known is null."""
    return {
        "training_seed": TRAINING_SEED,
        "test_seed": TEST_SEED,
        "scores": [_plain(asdict(score)) for score in scores],
        "contenders": [_plain(asdict(one)) for one in totals(scores)],
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(one, float) and math.isnan(one) else one for key, one in values.items()}
