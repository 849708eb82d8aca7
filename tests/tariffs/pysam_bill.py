"""A year's bill by NREL-PySAM `Utilityrate5`, straight from the URDB object: it shares nothing with the importer.

PySAM's year has 8,760 hours, starts on a Monday and knows no daylight-saving time: 2018 in a zone without clock
changes. PySAM counts tiers over the month's kWh and shares them between periods in proportion (metering option 0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySAM import Utilityrate5

HOURS = 8760
NO_LIMIT = 1e38
SPLIT_IN_PROPORTION = 0
UNITS = ("kwh", "kwh/kw", "kwh daily", "kwh/kw daily")
LINES = {
    "energy": "year1_monthly_ec_charge_without_system",
    "flat": "year1_monthly_dc_fixed_without_system",
    "window": "year1_monthly_dc_tou_without_system",
    "fixed": "year1_monthly_fixed_without_system",
    "minimum": "year1_monthly_minimum_without_system",
}


def pysam_lines(rate: Mapping[str, Any], load_kw: Sequence[float], **more: Any) -> dict[str, list[float]]:
    """Twelve amounts for each kind of line, and "year": the whole bill. `more`: further settings of PySAM."""
    model = Utilityrate5.new()
    model.SystemOutput.gen = [0.0] * HOURS
    model.SystemOutput.degradation = [0]
    model.Load.load = list(load_kw)
    model.Lifetime.analysis_period = 1
    model.Lifetime.inflation_rate = 0
    model.Lifetime.system_use_lifetime_output = 0
    for name, value in (_settings(rate) | more).items():
        setattr(model.ElectricityRates, name, value)
    model.execute(0)
    lines = {kind: list(getattr(model.Outputs, name)) for kind, name in LINES.items()}
    return lines | {"year": [model.Outputs.utility_bill_wo_sys_year1]}


def _settings(rate: Mapping[str, Any]) -> dict[str, Any]:
    has_demand = "demandratestructure" in rate or "flatdemandstructure" in rate
    return {
        "en_electricity_rates": 1,
        "ur_metering_option": SPLIT_IN_PROPORTION,
        "ur_nm_yearend_sell_rate": 0,
        "ur_nm_credit_month": 11,
        "ur_monthly_fixed_charge": rate.get("fixedchargefirstmeter", rate.get("fixedmonthlycharge", 0)),
        "ur_monthly_min_charge": rate.get("minmonthlycharge", 0),
        "ur_annual_min_charge": rate.get("annualmincharge", 0),
        **_energy(rate),
        "ur_dc_enable": int(has_demand),
        **(_demand(rate) if has_demand else {}),
    }


def _energy(rate: Mapping[str, Any]) -> dict[str, Any]:
    """With monthly fuel adjustments every period is one of its month only, for PySAM has none."""
    structure, fuel = rate["energyratestructure"], rate.get("fueladjustmentsmonthly")
    months = range(12) if fuel else (0,)
    rows = [
        [
            month * len(structure) + period + 1,
            count,
            tier.get("max") or NO_LIMIT,
            UNITS.index(str(tier.get("unit") or "kWh").lower()),
            _price(tier) + _fuel(fuel, month),
            0,
        ]
        for month in months
        for period, tiers in enumerate(structure)
        for count, tier in enumerate(tiers, 1)
    ]

    def numbered(schedule: Sequence[Sequence[float]]) -> list[list[int]]:
        step = len(structure) if fuel else 0
        return [[month * step + int(p) + 1 for p in row] for month, row in enumerate(schedule)]

    return {
        "ur_ec_tou_mat": rows,
        "ur_ec_sched_weekday": numbered(rate["energyweekdayschedule"]),
        "ur_ec_sched_weekend": numbered(rate["energyweekendschedule"]),
    }


def _fuel(fuel: Sequence[float] | None, month: int) -> float:
    return fuel[month] if fuel else 0.0


def _price(tier: Mapping[str, float]) -> float:
    return tier.get("rate", 0.0) + tier.get("adj", 0.0)


def _demand(rate: Mapping[str, Any]) -> dict[str, Any]:
    always = [[0] * 24] * 12
    structure = rate.get("demandratestructure", [[{"rate": 0}]])
    flat = rate.get("flatdemandstructure", [[{"rate": 0}]])
    months = rate.get("flatdemandmonths", [0] * 12)
    return {
        "ur_dc_tou_mat": [
            [period + 1, count, tier.get("max") or NO_LIMIT, _price(tier)]
            for period, tiers in enumerate(structure)
            for count, tier in enumerate(tiers, 1)
        ],
        "ur_dc_flat_mat": [
            [month, count, tier.get("max") or NO_LIMIT, _price(tier)]
            for month in range(12)
            for count, tier in enumerate(flat[int(months[month])], 1)
        ],
        "ur_dc_sched_weekday": _from_one(rate.get("demandweekdayschedule", always)),
        "ur_dc_sched_weekend": _from_one(rate.get("demandweekendschedule", always)),
    }


def _from_one(schedule: Sequence[Sequence[float]]) -> list[list[int]]:
    return [[int(period) + 1 for period in row] for row in schedule]
