"""The table of tariffs by price levels."""

from __future__ import annotations

from optimizer.imports.columns import column as kinds
from optimizer.imports.columns.column import REQUIRED, OwnColumn, OwnTable

TARIFFS = OwnTable(
    "tariffs",
    "a price level of a tariff, or a demand charge",
    (
        OwnColumn(
            "tariff",
            kinds.TEXT,
            "",
            REQUIRED,
            "id of the tariff",
            "night",
            ("tarif", "tariff_id", "stromtarif", "电价"),
        ),
        OwnColumn(
            "name",
            kinds.TEXT,
            "",
            REQUIRED,
            "name of the price level or the charge, once in a tariff",
            "off-peak",
            ("period", "level", "preisstufe", "zone", "stufe", "bezeichnung", "时段"),
        ),
        OwnColumn(
            "price_per_kwh",
            kinds.PRICE,
            "currency per kWh",
            "none",
            "energy price of the level; the first that holds a minute prices it",
            "0.184",
            ("price", "energy_price", "preis", "arbeitspreis", "strompreis", "价格"),
        ),
        OwnColumn(
            "rate_per_kw",
            kinds.RATE,
            "currency per kW and month",
            "none",
            "in place of a price: the rate of a demand charge; of a year where the column's name says so",
            "9.8",
            ("demand_rate", "leistungspreis", "jahresleistungspreis", "demand_charge", "需量电价"),
        ),
        OwnColumn(
            "start",
            kinds.TEXT,
            "",
            "00:00",
            "local time at which it begins",
            "22:00",
            ("from", "von", "ab", "beginn", "开始"),
        ),
        OwnColumn(
            "end",
            kinds.TEXT,
            "",
            "24:00",
            "local time at which it ends; not after start: over midnight",
            "06:00",
            ("to", "until", "bis", "ende", "结束"),
        ),
        OwnColumn(
            "days",
            kinds.TEXT,
            "",
            "all",
            "all, weekday or weekend",
            "weekday",
            ("day_type", "tage", "wochentage", "日类型"),
        ),
        OwnColumn(
            "months",
            kinds.LIST,
            "",
            "all",
            "months, January is 1, parted by blanks; 11-2 is November to February",
            "11-2",
            ("monate", "month", "monat", "月份"),
        ),
        OwnColumn(
            "metering_minutes",
            kinds.WHOLE,
            "minutes",
            "15",
            "of a demand charge: over which the meter averages",
            "15",
            ("messperiode", "metering_interval"),
        ),
    ),
)
