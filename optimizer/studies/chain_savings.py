"""What the nights of a chain save in all, like with like: by the utility's bills, and by the balance of energy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.station.saving import Saving, Savings
from models.tariff.bill import BillLine
from optimizer.studies.night_record import NightOutcome, TariffNight
from optimizer.studies.tables import BillRow

OF_NIGHTS = ("wear", "plug_changes", "lost_swaps", "reserve")


@dataclass(frozen=True)
class BilledChain:
    """The nights of a chain as planned, or as a baseline, and the bills of all of them.

    `pro_rata`: what counts of the bills, where nights are a part of a month; None: all.
    """

    nights: Sequence[NightOutcome]
    bills: Sequence[BillRow]
    pro_rata: Sequence[BillLine] | None = None

    @property
    def counted(self) -> Sequence[BillLine | BillRow]:
        """The lines that count."""
        return self.bills if self.pro_rata is None else self.pro_rata

    @property
    def other_days(self) -> float:
        """What the bills have beyond that."""
        return sum(row.amount for row in self.bills) - sum(line.amount for line in self.counted)

    def cost(self, name: str) -> float:
        """One term of the cost of all nights."""
        return sum(float(getattr(night.cost, name)) for night in self.nights)

    def billed(self, *, demand: bool) -> float:
        """The demand charges of the bills, or all the rest."""
        return sum(row.amount for row in self.counted if (row.kind == "demand") == demand)

    @property
    def total_cost(self) -> float:
        """Bills and other costs, less the worth of what the last night leaves in the packs."""
        return sum(row.amount for row in self.counted) + sum(map(self.cost, OF_NIGHTS)) - self.end_value

    @property
    def end_value(self) -> float:
        """Worth of what the last night leaves, as the plan counts it."""
        return self.nights[-1].cost.end_value

    @property
    def end_kwh(self) -> float:
        """What the last night leaves in the packs."""
        return sum(bay.energy_kwh for bay in self.nights[-1].state.packs)

    @property
    def charged_kwh(self) -> float:
        """Into packs, in all nights."""
        return sum(night.charged_kwh or 0.0 for night in self.nights)

    @property
    def paid_per_kwh(self) -> float:
        """For a kWh into packs on average, at slot prices; 0 where nothing is charged."""
        paid = sum(night.paid_for_charging or 0.0 for night in self.nights)
        return max(0.0, paid / self.charged_kwh) if self.charged_kwh > 0 else 0.0


def load_cap_nights(nights: Iterable[TariffNight]) -> list[NightOutcome]:
    """The nights of charging on arrival under a load cap: those of plain charging where a tariff asks for no cap."""
    return [night.baseline if night.load_cap is None else night.load_cap for night in nights]


def chain_savings(plan: BilledChain, on_arrival: BilledChain, load_cap: BilledChain) -> Savings | None:
    """What a chain's plans save; None where its records are of a version that did not tell what packs were charged."""
    if any(night.charged_kwh is None for side in (plan, on_arrival, load_cap) for night in side.nights):
        return None
    return Savings(_saving(plan, on_arrival), _saving(plan, load_cap))


def _saving(plan: BilledChain, baseline: BilledChain) -> Saving:
    """A kWh that drivers get less counts at what the plan pays for one, in packs at the end value if that takes more
    off. What is charged and does not stay was handed over: both begin with the same packs."""
    per_kwh = plan.paid_per_kwh or baseline.paid_per_kwh
    more_held_kwh = plan.end_kwh - baseline.end_kwh
    return Saving(
        energy=baseline.billed(demand=False) - plan.billed(demand=False),
        demand=baseline.billed(demand=True) - plan.billed(demand=True),
        **{name: baseline.cost(name) - plan.cost(name) for name in OF_NIGHTS},
        drivers_energy=per_kwh * (plan.charged_kwh - baseline.charged_kwh - more_held_kwh),
        end_value=min(per_kwh * more_held_kwh, plan.end_value - baseline.end_value),
        gross_cost=baseline.total_cost,
        swaps=sum(night.swaps_lost for night in baseline.nights) - sum(night.swaps_lost for night in plan.nights),
    )
