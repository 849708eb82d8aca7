"""What a plan saves against another one, like with like: the same energy for drivers and in packs, or its worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Literal

from models.station.cost import Cost, packs_at_end, type_of_pack
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tariff.series import slot_prices
from models.tariff.tier_use import rate_so_far
from models.tolerances import is_same_money

Against = Literal["on_arrival", "load_cap"]
OF_THE_BILL = ("energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve")


@dataclass(frozen=True)
class Saving:
    """What a plan saves against one baseline, in currency: the amount is the sum of its parts.

    `energy` to `reserve`: what the baseline costs more, as in `Cost`. `drivers_energy`, `end_value`: what the energy is
    worth that the plan's drivers get more, or its packs hold more at the end; less than 0 where they get or hold less.
    No part of the amount: `gross_cost` of the baseline, `swaps` that the plan serves and the baseline does not.
    """

    energy: float = 0.0
    demand: float = 0.0
    wear: float = 0.0
    plug_changes: float = 0.0
    lost_swaps: float = 0.0
    reserve: float = 0.0
    drivers_energy: float = 0.0
    end_value: float = 0.0
    gross_cost: float = 0.0
    swaps: int = 0

    @property
    def parts(self) -> dict[str, float]:
        """What the amount is made of."""
        return {name: getattr(self, name) for name in (*OF_THE_BILL, "drivers_energy", "end_value")}

    @property
    def amount(self) -> float:
        """The sum of all parts."""
        return sum(self.parts.values())

    @property
    def share(self) -> float | None:
        """Of what charging costs in the baseline; None where that is nothing, or less than is saved: no part of it."""
        is_part = self.gross_cost > 0 and abs(self.amount) <= self.gross_cost
        return self.amount / self.gross_cost if is_part else None

    def without_reserve(self, plan_reserve: float) -> Saving:
        """The same where a missing reserve costs nobody money; `plan_reserve`: what the plan's is priced at."""
        return replace(self, reserve=0.0, gross_cost=self.gross_cost - self.reserve - plan_reserve)

    def __add__(self, other: Saving) -> Saving:
        return Saving(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Saving)))


@dataclass(frozen=True)
class Savings:
    """Against charging on arrival, and against the same under a load cap: one where no cap is needed.

    `caps_kw`: the caps of a station, most kW drawn while a demand charge is metered, by the charge's name.
    """

    on_arrival: Saving = Saving()
    load_cap: Saving = Saving()
    caps_kw: Mapping[str, float] = field(default_factory=dict)

    @property
    def against(self) -> Against:
        """The baseline of the headline: the one against which the plan saves less."""
        plain, capped = self.on_arrival.amount, self.load_cap.amount
        return "load_cap" if capped < plain and not is_same_money(capped, plain) else "on_arrival"

    @property
    def headline(self) -> Saving:
        """The smaller of the two savings."""
        return self.load_cap if self.against == "load_cap" else self.on_arrival

    @property
    def other(self) -> Saving | None:
        """The larger one, None where both are the same."""
        if is_same_money(self.on_arrival.amount, self.load_cap.amount):
            return None
        return self.on_arrival if self.against == "load_cap" else self.load_cap

    def without_reserve(self, plan_reserve: float) -> Savings:
        """Both without it, see `Saving.without_reserve`."""
        plain, capped = (one.without_reserve(plan_reserve) for one in (self.on_arrival, self.load_cap))
        return Savings(plain, capped, self.caps_kw)

    def __add__(self, other: Savings) -> Savings:
        """Of both stations together, whose caps are told nowhere."""
        return Savings(self.on_arrival + other.on_arrival, self.load_cap + other.load_cap)


def saving_against(night: Night, plan: Schedule, cost: Cost, baseline: Schedule, baseline_cost: Cost) -> Saving:
    """What `plan` saves against `baseline`; `cost` and `baseline_cost`: what they cost (`cost_of`).

    A kWh that the baseline gives to drivers or leaves in packs and the plan does not is no saving: it counts at what
    the plan pays for a kWh on average, in packs at the end value if that is more.
    """
    per_kwh = paid_per_kwh(night, plan)
    plan_energy, baseline_energy = _energy_of(night, plan, per_kwh), _energy_of(night, baseline, per_kwh)
    return Saving(
        **{name: getattr(baseline_cost, name) - getattr(cost, name) for name in OF_THE_BILL},
        drivers_energy=per_kwh * (plan_energy.drivers_kwh - baseline_energy.drivers_kwh),
        end_value=plan_energy.end_value - baseline_energy.end_value,
        gross_cost=baseline_cost.gross_cost,
        swaps=plan.swaps_served - baseline.swaps_served,
    )


def paid_per_kwh(night: Night, plan: Schedule) -> float:
    """What a plan pays for a kWh into packs on average, at the slots' prices and never below 0; the least of them where
    it charges nothing."""
    kwh = charged_kwh(night, plan)
    if kwh > night.charging_kw * night.horizon.slot_hours:
        return max(0.0, paid_for_charging(night, plan) / kwh)
    return max(0.0, min(_slot_prices(night))) / night.station.chargers.efficiency


def charged_kwh(night: Night, plan: Schedule) -> float:
    """Energy into packs in all slots."""
    return night.horizon.slot_hours * sum(sum(row.power_kw) for row in plan.rows)


def paid_for_charging(night: Night, plan: Schedule) -> float:
    """Currency for that energy, losses included, at the slots' prices: whatever the sun gives of it."""
    charged_kw = [sum(powers) for powers in zip(*(row.power_kw for row in plan.rows), strict=True)]
    paid: float = sum(price * kw for price, kw in zip(_slot_prices(night), charged_kw, strict=False))
    return paid * night.horizon.slot_hours / night.station.chargers.efficiency


def _slot_prices(night: Night) -> list[float]:
    return slot_prices(night.tariff_series, partial(rate_so_far, night))


@dataclass(frozen=True)
class _PlansEnergy:
    """What drivers get of a plan, less what they bring, and less what the packs held at the start; and what the energy
    is worth that packs hold at the end."""

    drivers_kwh: float
    end_value: float


def _energy_of(night: Night, schedule: Schedule, per_kwh: float) -> _PlansEnergy:
    """By balance: what is charged and does not stay was handed over. Each kWh at the end is worth `per_kwh`, and those
    up to the target what the end value is above that."""
    hours, kinds = night.horizon.slot_hours, type_of_pack(night)
    gained_kwh = {row.pack: sum(row.power_kw) * hours for row in schedule.rows}
    held_kwh = {pack: kwh + gained_kwh.get(pack, 0.0) for pack, kwh in packs_at_end(night, schedule).items()}
    worth = per_kwh * sum(held_kwh.values())
    for pack, kwh in held_kwh.items():
        kind = night.pack_types[kinds[pack]]
        worth += max(0.0, night.end_value_per_kwh(kind) - per_kwh) * min(kind.target_kwh, kwh)
    return _PlansEnergy(sum(gained_kwh.values()) - sum(held_kwh.values()), worth)
