"""What all plans of a run come to, added up station by station: load, prices, energy, why drivers are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.horizon import Horizon
from models.station.cost import drawn_power_kw
from models.station.instance import Night
from models.station.lost_reason import LostVerdict
from models.station.overload import stated_kw
from models.station.saving import charged_kwh, paid_for_charging
from models.tolerances import CHARGING_KW
from optimizer.check.plan_check import can_be_billed, planned_night
from optimizer.formats.plan_document import PlanFile
from optimizer.reports.days.run_nights import RunNights
from optimizer.runs.station_table import StationRow


@dataclass(frozen=True)
class StationFacts:
    """What the plan of one station says beyond its row. `limit_share`: the most of its grid limit that is drawn while
    it charges, in slot `limit_slot`; None where its night is not known. `lost_cost`: currency of drivers lost."""

    must_serve_lost: int = 0
    lost_verdicts: tuple[LostVerdict, ...] = ()
    lost_words: tuple[str, ...] = ()
    lost_cost: float = 0.0
    limit_share: float | None = None
    limit_slot: int = 0


@dataclass
class NetworkFacts:
    """Sums over the stations whose plans can be read; load, prices and energy over those whose nights are known, too.

    Powers by slot in kW, prices by slot in currency per kWh, each station's counted alike. `nights`: how many stations
    are in the load; `planned`: how many have a plan.
    """

    horizon: Horizon | None = None
    nights: int = 0
    planned: int = 0
    drawn_kw: list[float] = field(default_factory=list)
    base_kw: list[float] = field(default_factory=list)
    price_sum: list[float] = field(default_factory=list)
    least_price: list[float] = field(default_factory=list)
    most_price: list[float] = field(default_factory=list)
    charged_kwh: float = 0.0
    paid: float = 0.0
    by_station: dict[str, StationFacts] = field(default_factory=dict)

    @property
    def mean_price(self) -> list[float]:
        """Of all stations, by slot."""
        return [total / max(1, self.nights) for total in self.price_sum]

    @property
    def peak(self) -> tuple[float, int]:
        """The most that is drawn together, in kW, and the first slot in which it is; (0, 0) where nothing is known."""
        most = max(self.drawn_kw, default=0.0)
        return most, self.drawn_kw.index(most) if self.drawn_kw else 0

    @property
    def paid_per_kwh(self) -> float | None:
        """Currency that a kWh into packs costs on average; None where nothing is charged."""
        return self.paid / self.charged_kwh if self.charged_kwh > 0 else None

    def verdicts(self) -> Counter[LostVerdict]:
        """How many lost drivers have which verdict."""
        return Counter(verdict for facts in self.by_station.values() for verdict in facts.lost_verdicts)

    def add(self, station: str, plan: PlanFile, night: Night | None) -> None:
        """Enter the plan of one station."""
        self.planned += 1
        planned = plan.stations[0]
        facts = StationFacts(
            must_serve_lost=len(planned.unserved or ()),
            lost_verdicts=tuple(one.verdict for one in planned.lost_reasons or ()),
            lost_words=tuple(one.words for one in planned.lost_reasons or ()),
            lost_cost=planned.cost.lost_swaps,
        )
        if night is not None and can_be_billed(night, planned.schedule):
            drawn_kw = drawn_power_kw(planned_night(night, planned), planned.schedule)
            self._add_load(night, drawn_kw)
            self.charged_kwh += charged_kwh(night, planned.schedule)
            self.paid += paid_for_charging(night, planned.schedule)
            share, slot = _most_of_limit(night, drawn_kw)
            facts = StationFacts(
                facts.must_serve_lost, facts.lost_verdicts, facts.lost_words, facts.lost_cost, share, slot
            )
        self.by_station[station] = facts

    def _add_load(self, night: Night, drawn_kw: Sequence[float]) -> None:
        prices = night.tariff_series.price_per_kwh
        if self.horizon is None:
            slots = night.horizon.slots
            self.horizon = night.horizon
            self.drawn_kw, self.base_kw, self.price_sum = [0.0] * slots, [0.0] * slots, [0.0] * slots
            self.least_price, self.most_price = list(prices), list(prices)
        station = night.station
        for slot, (kw, base, sun) in enumerate(zip(drawn_kw, station.base_load_kw, station.solar_kw, strict=True)):
            self.drawn_kw[slot] += kw
            self.base_kw[slot] += min(kw, max(0.0, base - sun))
            self.price_sum[slot] += prices[slot]
            self.least_price[slot] = min(self.least_price[slot], prices[slot])
            self.most_price[slot] = max(self.most_price[slot], prices[slot])
        self.nights += 1


def _most_of_limit(night: Night, drawn_kw: Sequence[float]) -> tuple[float, int]:
    """The largest share of the stated limit that is drawn while packs charge, and its slot."""
    station = night.station
    shares = [
        (kw / limit, -slot)
        for slot, (kw, limit, base) in enumerate(zip(drawn_kw, stated_kw(station), station.base_load_kw, strict=True))
        if limit > 0 and kw > base + CHARGING_KW
    ]
    share, slot = max(shares, default=(0.0, 0))
    return share, -slot


def network_facts(rows: Iterable[StationRow], nights: RunNights) -> NetworkFacts:
    """Of all stations with a plan that can be read. Plans are read one by one, none is kept."""
    facts = NetworkFacts()
    for row in rows:
        plan = nights.plan(row.station) if row.file else None
        if plan is not None:
            facts.add(row.station, plan, nights.night(row.station, plan))
    return facts
