"""The stretches of a chain under a tariff: each at the least bill of its nights, joined by what energy is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from models.horizon import Horizon
from models.station.instance import Night
from models.tariff.billing_year import Month
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from optimizer.studies.month_bound.all_nights import cheapest_per_kwh, priced_at_once, worth_at_end
from optimizer.studies.month_bound.bound_task import NightsAtOnce
from optimizer.studies.month_bound.least_bill import MonthParts, least_bill
from optimizer.studies.study import Study


def chain_stretches(
    study: Study, tariff: Tariff, nights: Sequence[Night], parts: Sequence[range], whole: Sequence[Night]
) -> tuple[NightsAtOnce, ...]:
    """The stretches `parts` of a chain's nights, each of them one of `whole`, priced. Raises InvalidData.

    Energy at the end of a stretch is worth what the next one pays for it at its start: any price makes a bound, that at
    which the next night buys most cheaply is near the best.
    """
    found: list[NightsAtOnce] = []
    before = None
    known = month_parts(tariff, [night.horizon for night in whole], study.months_in_part)
    for part, night, months in zip(parts, whole, known, strict=True):
        bill = least_bill(tariff, night.horizon, months, max(night.station.grid_limit_kw))
        if part.stop == len(nights):
            worth = worth_at_end(night.pack_types, tariff, nights[-1])
        else:
            worth = dict.fromkeys(night.pack_types, cheapest_per_kwh(tariff, nights[part.stop]))
        found.append(NightsAtOnce(priced_at_once(night, bill.series, worth), len(part), bill, before))
        before = worth
    return tuple(found)


def month_parts(tariff: Tariff, horizons: Sequence[Horizon], shares: Mapping[Month, float]) -> list[MonthParts]:
    """What is to be known of the months of each of some horizons that follow one another. Raises InvalidData."""
    months = [tariff_on(tariff, horizon).months for horizon in horizons]
    slots = [_slots_by_month(horizon) for horizon in horizons]
    times = Counter(month for of_horizon in months for month in of_horizon)
    cut = frozenset(month for month, count in times.items() if count > 1)
    owners = {month: _owner(month, slots) for month in times}
    return [
        MonthParts(shares, cut, frozenset(month for month in of_horizon if owners[month] != index))
        for index, of_horizon in enumerate(months)
    ]


def _owner(month: Month, slots: Sequence[Mapping[Month, int]]) -> int:
    """The stretch that has most of the month: it is charged for the month's peaks."""
    return max(range(len(slots)), key=lambda index: (slots[index].get(month, 0), -index))


def _slots_by_month(horizon: Horizon) -> Counter[Month]:
    begins = (horizon.local_slot_start(slot) for slot in range(horizon.slots))
    return Counter((at.year, at.month) for at in begins)
