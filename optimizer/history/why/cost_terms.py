"""Two nights' costs term by term, which needs no planning: energy as mean price times kWh, and when it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import fsum

from models.station.cost import drawn_power_kw
from models.station.instance import Night
from optimizer.check.plan_check import can_be_billed, planned_night
from optimizer.files.errors import InputErrors
from optimizer.formats.plan_document import PlannedStation
from optimizer.history.why.recorded_nights import RecordedNights

UNCHANGED_TERMS = ("demand", "wear", "plug_changes", "lost_swaps", "reserve")


@dataclass(frozen=True)
class CostTerms:
    """What several stations cost more in the new night, in currency: `energy_price` to `end_value` add up to
    `difference`, that of the objectives.

    `energy_price`: the mean price's change on the old kWh; `energy_kwh`: more kWh at the new mean price;
    `energy_hours`: dearer hours than the mean. `end_value`: less worth left in the packs counts as cost. The rest as
    in the cost breakdown. Swaps and kWh are of both nights, base load included.
    """

    stations: int = 0
    energy_price: float = 0.0
    energy_kwh: float = 0.0
    energy_hours: float = 0.0
    demand: float = 0.0
    wear: float = 0.0
    plug_changes: float = 0.0
    lost_swaps: float = 0.0
    reserve: float = 0.0
    end_value: float = 0.0
    old_drawn_kwh: float = 0.0
    new_drawn_kwh: float = 0.0
    old_swaps: int = 0
    new_swaps: int = 0
    old_swaps_lost: int = 0
    new_swaps_lost: int = 0

    @property
    def terms(self) -> dict[str, float]:
        """By name, in the order of the bill."""
        names = ("energy_price", "energy_kwh", "energy_hours", *UNCHANGED_TERMS, "end_value")
        return {name: getattr(self, name) for name in names}

    @property
    def difference(self) -> float:
        """What the new nights cost more."""
        return fsum(self.terms.values())

    def __add__(self, other: CostTerms) -> CostTerms:
        return CostTerms(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(CostTerms)))


@dataclass(frozen=True)
class _DrawnEnergy:
    mean_price: float
    drawn_kwh: float


def station_terms(old: tuple[Night, PlannedStation], new: tuple[Night, PlannedStation]) -> CostTerms:
    """One station's. Both plans can be billed."""
    before, after = _drawn(*old), _drawn(*new)
    was, now = old[1].cost.as_cost, new[1].cost.as_cost
    price = (after.mean_price - before.mean_price) * before.drawn_kwh
    more_kwh = after.mean_price * (after.drawn_kwh - before.drawn_kwh)
    return CostTerms(
        stations=1,
        energy_price=price,
        energy_kwh=more_kwh,
        energy_hours=now.energy - was.energy - price - more_kwh,
        end_value=was.end_value - now.end_value,
        old_drawn_kwh=before.drawn_kwh,
        new_drawn_kwh=after.drawn_kwh,
        old_swaps=old[1].swaps_served + old[1].swaps_lost,
        new_swaps=new[1].swaps_served + new[1].swaps_lost,
        old_swaps_lost=old[1].swaps_lost,
        new_swaps_lost=new[1].swaps_lost,
        **{name: getattr(now, name) - getattr(was, name) for name in UNCHANGED_TERMS},
    )


def _drawn(night: Night, plan: PlannedStation) -> _DrawnEnergy:
    prices = night.tariff_series.price_per_kwh
    drawn_kwh = sum(drawn_power_kw(planned_night(night, plan), plan.schedule)) * night.horizon.slot_hours
    return _DrawnEnergy(sum(prices) / len(prices), drawn_kwh)


def total_terms(old: RecordedNights, new: RecordedNights, stations: Iterable[str]) -> CostTerms:
    """Of all of these stations whose nights and plans can be read; `stations` of the sum says how many they are."""
    total = CostTerms()
    for station in stations:
        try:
            pair = old.planned(station), new.planned(station)
        except InputErrors:
            continue
        if all(can_be_billed(night, plan.schedule) for night, plan in pair):
            total += station_terms(*pair)
    return total
