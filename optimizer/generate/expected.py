"""A generated station whose drivers are expected, not known: the means that they were drawn from, with a spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

from optimizer.generate import published_facts as facts
from optimizer.generate.published_facts import PackKind, StationKind

SOC_VALUES = 9
DIGITS = 6  # of an expected number, a hundredth of a returned state of charge


def expected_drivers(
    per_hour: Sequence[float], packs: Sequence[PackKind], kind: StationKind, day_sd: float
) -> list[dict[str, Any]]:
    """The `forecast` of a station: a part for each pack type, as common as its packs.

    `per_hour`: drivers of all types expected in each local hour. A lost driver costs what drivers cost on average.
    """
    count, by_id = Counter(pack.id for pack in packs), {pack.id: pack for pack in packs}
    cost = kind.lost_cost * (1 + facts.PRIORITY_SHARE * (facts.PRIORITY_FACTOR - 1))
    return [
        {
            "id": f"drivers of {name}",
            "type": name,
            "expected_per_hour": [round(mean * share / len(packs), DIGITS) for mean in per_hour],
            "returned_soc": returned_soc(by_id[name]),
            "lost_cost": round(cost, 2),
            "spread": {"day_sd": day_sd},
        }
        for name, share in count.items()
    ]


def returned_soc(pack: PackKind) -> list[float]:
    """Equally likely states of charge that come back."""
    used = NormalDist(pack.used_kwh, pack.spread_kwh)
    kwh = [used.inv_cdf((n + 0.5) / SOC_VALUES) for n in range(SOC_VALUES)]
    return [max(facts.LEAST_SOC, round(pack.target_soc - one / pack.capacity_kwh, 2)) for one in kwh]
