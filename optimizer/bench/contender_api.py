"""All that a contender of your own needs, from one place. These names and what they take stay: a test holds them.

`optimizer/bench/write-a-contender.md` explains them, with shapes and units; `optimizer/bench/contenders/example.py` is
a whole contender that uses nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.station.cost import Cost
from models.station.cost import cost_of as bill
from models.station.instance import Night
from models.station.parts import whole_schedule
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome

__all__ = [
    "Contender",
    "Cost",
    "Limits",
    "Night",
    "OnProgress",
    "Outcome",
    "Schedule",
    "Stay",
    "cost_of",
    "schedule_of",
    "stays_of",
    "violations_of",
]


def schedule_of(night: Night, by_swap: Mapping[str, str], power_kw: Mapping[str, Sequence[float]]) -> Schedule:
    """The plan in which each swap of `by_swap` (id: id of the pack handed over) is served, and no other.

    `power_kw`: by pack id, power into the pack in kW, one value a slot; packs that are left out do not charge. Ids are
    those of `night.by_pack`, a pack that a driver brings included. Solar power serves all it can, and what the reserve
    lacks is declared. Whether the plan keeps every rule is not looked at: see `violations_of`.
    Raises ValueError for an id that is none, a row of another length, and hand-overs that cannot be.
    """
    import numpy as np

    from optimizer.engine.build_schedule import build_schedule  # numpy and scipy: not for who lists contenders

    swaps = {swap.id for swap in night.by_pack.station.swaps}
    _refuse_unknown("swap", by_swap, swaps)
    stays, slots = stays_of(night, by_swap), night.horizon.slots
    _refuse_unknown("pack", power_kw, {stay.pack for stay in stays})
    for pack, row in power_kw.items():
        if len(row) != slots:
            raise ValueError(f"power_kw of pack {pack!r} has {len(row)} values, and the night has {slots} slots")
    rows = [[float(kw) for kw in power_kw.get(stay.pack, (0.0,) * slots)] for stay in stays]
    planned = build_schedule(night.by_pack, stays, np.array(rows).reshape(len(stays), slots))
    return whole_schedule(night, planned)


def cost_of(night: Night, schedule: Schedule) -> Cost:
    """The bill of a plan, recomputed from its powers and hand-overs. It need not be a valid plan."""
    return bill(night, schedule)


def violations_of(night: Night, schedule: Schedule) -> list[str]:
    """Every rule that the plan breaks, one on a line, by the checker that judges all contenders; empty: it is valid."""
    from optimizer.check.plan_check import violation_text
    from optimizer.check.rules import check

    return [violation_text(violation) for violation in check(night, schedule)]


def _refuse_unknown(what: str, given: Mapping[str, object], known: set[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no {what} of this plan ({len(unknown)} such)")
