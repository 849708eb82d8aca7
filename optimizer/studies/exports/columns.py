"""What the columns of a study's tables mean, and their units: for those who get the tables without the manual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimizer.studies.tables import (
    BillRow,
    CurveRow,
    NightRow,
    PeriodRow,
    ProfileRow,
    RankedTariff,
    StationTariff,
    columns_of,
    table_name,
)

CURRENCY = "currency"  # stands in units for the study's own
MONEY, PRICE, KW, KWH, SWAPS, SHARE, NONE = CURRENCY, f"{CURRENCY}/kWh", "kW", "kWh", "swaps", "share", ""

Meaning = tuple[str, str]
"""Unit, and what the column tells."""

VARIANT: Meaning = (NONE, "variant of the stations: drivers, packs, chargers, grid connection")
STATION: Meaning = (NONE, "station")
TARIFF: Meaning = (NONE, "tariff")
NIGHT: Meaning = (NONE, "local date on which the night begins")
PLANS_OF = "more restricted variants whose plans are taken, for they cost less over all nights; empty: its own"
ON_ARRIVAL = "the same of charging on arrival: every pack charged to its target as soon as it comes"

RANKING: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "rank": (NONE, "1: the cheapest tariff of the variant"),
    "tariff": TARIFF,
    "total_cost": (
        MONEY,
        "bill − other_days + lost_swaps + other_costs − stock_value, all stations and nights together",
    ),
    "bill": (MONEY, "the utility's bills of all months, whose parts follow"),
    "energy": (MONEY, "of the bill: energy by price period or market price"),
    "energy_tiers": (MONEY, "of the bill: energy whose price depends on how much is drawn"),
    "demand": (MONEY, "of the bill: demand charges"),
    "fixed": (MONEY, "of the bill: fixed charges"),
    "minimum": (MONEY, "of the bill: what minimum charges add"),
    "lost_swaps": (MONEY, "drivers not served, each at its lost_cost"),
    "other_costs": (MONEY, "wear, plug changes and missing reserve"),
    "stock_value": (MONEY, "worth of the energy that the last night leaves in packs"),
    "baseline_total_cost": (MONEY, "total_cost of charging on arrival"),
    "saving": (MONEY, "baseline_total_cost − total_cost; energy that drivers do not get counts as saved"),
    "peak_kw": (KW, "highest slot of any one station"),
    "baseline_peak_kw": (KW, ON_ARRIVAL),
    "kwh": (KWH, "drawn from the grid"),
    "swaps_served": (SWAPS, "drivers served"),
    "swaps_lost": (SWAPS, "drivers not served"),
    "baseline_swaps_lost": (SWAPS, ON_ARRIVAL),
    "objective": (MONEY, "sum over the nights of what plans minimise, hours looked ahead at included"),
    "bound": (MONEY, "sum over the nights of what is proven of each, given the night before; empty: a night has none"),
    "gap": (SHARE, "(objective − bound) / sum of planned_gross_cost; it does not bound the whole month"),
    "savings_amount": (MONEY, "the smaller saving of two, like with like; its parts follow"),
    "savings_share": (SHARE, "savings_amount as a share of its baseline's total cost"),
    "savings_against": (NONE, "its baseline: on_arrival, or load_cap (charged on arrival under a load cap)"),
    "savings_energy": (MONEY, "of savings_amount: energy, fixed and minimum charges"),
    "savings_demand": (MONEY, "of savings_amount: demand charges"),
    "savings_wear": (MONEY, "of savings_amount: wear"),
    "savings_plug_changes": (MONEY, "of savings_amount: plug changes"),
    "savings_lost_swaps": (MONEY, "of savings_amount: lost swaps"),
    "savings_reserve": (MONEY, "of savings_amount: missing reserve"),
    "savings_drivers_energy": (MONEY, "of savings_amount: energy that drivers get more (below 0: less)"),
    "savings_end_value": (MONEY, "of savings_amount: energy left in packs at the end"),
    "savings_on_arrival": (MONEY, "the saving against plain charging on arrival, like with like"),
    "other_days": (
        MONEY,
        "of the bill: charged by the month, for days without a night; not in total_cost",
    ),
    "baseline_other_days": (MONEY, ON_ARRIVAL),
    "month_bound": (MONEY, "no plans of all nights have a smaller total_cost; empty: not asked for, or none is proven"),
    "month_gap": (SHARE, "(total_cost − month_bound) / total_cost"),
    "cheaper_than_next": (NONE, "proven: total_cost is at most the next tariff's month_bound; else undecided"),
    "plans_of": (NONE, PLANS_OF),
}
STATIONS: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "station": STATION,
    **RANKING,
    "rank": (NONE, "1: the cheapest tariff of the station in the variant"),
    "total_cost": (MONEY, "bill − other_days + lost_swaps + other_costs − stock_value of the station"),
    "peak_kw": (KW, "highest slot"),
}
NIGHTS: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "station": STATION,
    "night": NIGHT,
    "tariff": TARIFF,
    "status": (
        NONE,
        "why the search stopped: gap_reached, gap_not_reached, time_limit, or fallback (a simple plan)",
    ),
    "method": (NONE, "how the plan was found"),
    "objective": (MONEY, "what the plan minimises, of all that it looks at; demand charges with their weight"),
    "bound": (MONEY, "no plan of this night has a smaller objective; empty: none is proven"),
    "gap": (SHARE, "(objective − bound) / planned_gross_cost"),
    "planned_gross_cost": (MONEY, "gross cost of all that the plan looks at"),
    "gross_cost": (MONEY, "costs of the night itself, as all that follows; without what packs are worth at its end"),
    "energy": (MONEY, "drawn energy, base load included"),
    "demand": (MONEY, "demand charges, weighed as the study asks"),
    "wear": (MONEY, "wear of packs"),
    "plug_changes": (MONEY, "plug changes"),
    "lost_swaps": (MONEY, "drivers not served, each at its lost_cost"),
    "reserve": (MONEY, "missing reserve"),
    "end_value": (MONEY, "worth of the energy in packs at the end of the night"),
    "base_bill": (MONEY, "what base load alone would cost; contained in energy and demand, and not in gross_cost"),
    "baseline_objective": (MONEY, "objective of charging on arrival"),
    "baseline_gross_cost": (MONEY, "gross_cost of charging on arrival"),
    "baseline_other": (MONEY, "costs of charging on arrival beyond energy and demand"),
    "baseline_end_value": (MONEY, "end_value of charging on arrival"),
    "peak_kw": (KW, "highest slot"),
    "baseline_peak_kw": (KW, ON_ARRIVAL),
    "kwh": (KWH, "drawn from the grid"),
    "baseline_kwh": (KWH, ON_ARRIVAL),
    "end_kwh": (KWH, "in packs at the end"),
    "baseline_end_kwh": (KWH, ON_ARRIVAL),
    "swaps_served": (SWAPS, "drivers served"),
    "swaps_lost": (SWAPS, "drivers not served"),
    "baseline_swaps_lost": (SWAPS, ON_ARRIVAL),
    "copied_from": (NONE, "tariff whose plan is proven as good here: what differs costs nothing more"),
    "reason": (NONE, "why there is charging on arrival only; empty where the night is planned"),
    "plans_of": (NONE, PLANS_OF),
}
PERIODS: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "station": STATION,
    "night": NIGHT,
    "tariff": TARIFF,
    "period": (NONE, "price period of the tariff; market: market prices"),
    "mean_price_per_kwh": (PRICE, "mean over the slots that begin in the period"),
    "kwh": (KWH, "drawn in them"),
    "baseline_kwh": (KWH, ON_ARRIVAL),
}
BILLS: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "station": STATION,
    "tariff": TARIFF,
    "side": (NONE, "plan: as planned; baseline: charging on arrival"),
    "month": (NONE, "month that is billed, or year"),
    "kind": (NONE, "energy, energy_tiers, demand, fixed or minimum"),
    "name": (NONE, "name of the line in the tariff"),
    "quantity": ("as in the column unit", "what is billed"),
    "unit": (NONE, "unit of quantity"),
    "rate": (f"{CURRENCY} per unit", "empty where it is stepped or the market's"),
    "amount": (MONEY, "quantity × rate, to the cent"),
}
PROFILES: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "station": STATION,
    "tariff": TARIFF,
    "local_time": (NONE, "time of the local clock at which a slot begins"),
    "mean_price_per_kwh": (PRICE, "mean over the nights"),
    "mean_kw": (KW, "mean load over the nights"),
    "baseline_mean_kw": (KW, ON_ARRIVAL),
}
CURVES: Mapping[str, Meaning] = {
    "variant": VARIANT,
    "curve": (NONE, "number of the group of variants that differ in nothing but the parameter"),
    "parameter": (NONE, "packs, chargers, charger_kw, grid_limit_kw or demand_growth, as in the study file"),
    "value": ("as in the study file", "the parameter's value in the variant: at each station"),
    "tariff": TARIFF,
    "total_cost": (MONEY, "as in the ranking"),
    "saves_each": (f"{CURRENCY} per unit", "what each unit saves since the value before; of growth each 1 %"),
    "knee": (NONE, "yes: from here on a further unit saves little, as the farthest point below the curve's chord"),
}
MEANINGS: Mapping[type, Mapping[str, Meaning]] = {
    RankedTariff: RANKING,
    StationTariff: STATIONS,
    CurveRow: CURVES,
    NightRow: NIGHTS,
    PeriodRow: PERIODS,
    BillRow: BILLS,
    ProfileRow: PROFILES,
}


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """A column of one of a study's tables: `unit` is empty where it has none, and names the study's currency."""

    table: str
    column: str
    unit: str
    meaning: str


def column_meanings(kind: type, currency: str) -> Iterator[ColumnMeaning]:
    """The columns of one table in their order."""
    table = table_name(kind)
    for name in columns_of(kind):
        unit, meaning = MEANINGS[kind][name]
        yield ColumnMeaning(table, name, unit.replace(CURRENCY, currency), meaning)
