"""A tariff as files write it, in an instance or in a file of its own: names, units, types and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import Curve, Document, Name, Ranges, Series, Sources, Whole

Months = Annotated[tuple[Whole, ...], Meta(description="months from 1 to 12; every month if absent")]


class WindowDocument(Document, frozen=True, kw_only=True):
    """A set of local minutes: all that is given must hold."""

    start: Annotated[str, Meta(description="local time HH:MM at which the window begins", examples=["22:00"])] = "00:00"
    end: Annotated[
        str, Meta(description="local time HH:MM at which it ends, up to 24:00; not after start: over midnight")
    ] = "24:00"
    days: Annotated[Literal["all", "weekday", "weekend"], Meta(description="day type; holidays count as weekend")] = (
        "all"
    )
    months: Months = ()
    dates: Annotated[
        Ranges,
        Meta(
            description="ranges [first day, last day] of local dates; every day if absent",
            examples=[[["2025-06-01", "2025-09-30"]]],
        ),
    ] = ()


class EnergyPeriodDocument(WindowDocument, frozen=True, kw_only=True):
    """A price that holds inside a window."""

    name: Annotated[Name, Meta(description="name of the price period", examples=["off-peak"])]
    price_per_kwh: Annotated[float | None, Meta(description="price of a kWh in currency", examples=[0.08])] = None
    price_ratio: Annotated[
        float | None,
        Meta(description="in place of price_per_kwh: the price in parts of base_price_per_kwh", examples=[1.85]),
    ] = None


class PriceSeriesDocument(Document, frozen=True, kw_only=True):
    """Market prices at equal steps of time."""

    start: Annotated[
        str, Meta(description="instant of the first price, with its offset", examples=["2025-01-01T00:00Z"])
    ]
    minutes: Annotated[Whole, Meta(description="minutes for which each price holds", examples=[60])]
    per_kwh: Annotated[tuple[float, ...], Meta(description="prices of a kWh in currency, one after the other")]


class EnergyTiersDocument(Document, frozen=True, kw_only=True):
    """What the month's kWh cost beyond thresholds, on top of the price."""

    name: Annotated[Name, Meta(description="name of the tiers, by which energy_so_far_kwh refers to them")]
    tiers: Annotated[
        Curve,
        Meta(
            description="[kWh of the month, surcharge per kWh beyond it (negative: a discount) up to the next]",
            examples=[[[10000, 0.02], [50000, 0.05]]],
        ),
    ]
    windows: Annotated[
        tuple[WindowDocument, ...], Meta(description="windows whose kWh count; all of the month's if absent")
    ] = ()
    per: Annotated[
        Literal["month", "day"], Meta(description="thresholds are of the month, or for each of its days")
    ] = "month"
    per_kw_of: Annotated[
        Name | None,
        Meta(description="demand charge: thresholds are kWh for each kW of its highest average of the month"),
    ] = None
    in_proportion_to: Annotated[
        Name | None,
        Meta(description="energy tiers whose kWh reach the thresholds; these kWh lie in each tier in proportion"),
    ] = None
    most_kwh: Annotated[
        float | None, Meta(description="in the unit of thresholds: a bill with more is refused, for it has no price")
    ] = None


class RatchetDocument(Document, frozen=True, kw_only=True):
    """A floor under the billed demand: a share of an earlier month's."""

    share: Annotated[float, Meta(description="share of the highest earlier month's demand", examples=[0.8])]
    months_back: Annotated[Whole, Meta(description="number of months looked back at")] = 11
    counted_months: Annotated[Months, Meta(description="months of the year looked back at; all if absent")] = ()
    billed_months: Annotated[Months, Meta(description="months of the year billed so; all if absent")] = ()


class UseClassDocument(Document, frozen=True, kw_only=True):
    """Prices of a yearly demand charge from so many hours of use on."""

    least_hours: Annotated[
        float, Meta(description="hours of use of the year, its kWh for each kW billed, from which on", examples=[2500])
    ]
    rate_per_kw: Annotated[
        float, Meta(description="currency per kW and year, in place of the charge's", examples=[132.68])
    ]
    surcharge_per_kwh: Annotated[
        float, Meta(description="on top of the price of every kWh (negative: less)", examples=[-0.0469])
    ] = 0.0


class DemandChargeDocument(Document, frozen=True, kw_only=True):
    """A charge on the highest metered average."""

    name: Annotated[Name, Meta(description="name of the charge, by which peak_so_far_kw refers to it")]
    rate_per_kw: Annotated[float, Meta(description="currency per kW of the highest average of month or year")]
    metering_minutes: Annotated[Whole, Meta(description="minutes over which the meter averages")] = 15
    weight: Annotated[
        float | Literal["daily", "remaining_days", "month"],
        Meta(description='share of the rate that is at stake in this horizon, or "daily", "remaining_days" or "month"'),
    ] = 1.0
    windows: Annotated[
        tuple[WindowDocument, ...], Meta(description="windows in which the charge counts; always if absent")
    ] = ()
    tiers: Annotated[
        Curve, Meta(description="[kW, rate per kW beyond it up to the next]", examples=[[[100, 13.09]]])
    ] = ()
    ratchet: Annotated[RatchetDocument | None, Meta(description="a floor from earlier months")] = None
    per: Annotated[Literal["month", "day"], Meta(description="rates are of the month, or for each of its days")] = (
        "month"
    )
    most_kw: Annotated[float | None, Meta(description="a bill with more is refused, for it has no price")] = None
    month_factors: Annotated[
        tuple[float, ...], Meta(description="times the rates in January to December; 1 in each if absent")
    ] = ()
    period: Annotated[
        Literal["month", "year"], Meta(description="whose highest average is billed; rates are of a year, too, then")
    ] = "month"
    year_begins: Annotated[Whole, Meta(description="month with which billing years begin, where it is a year")] = 1
    use_classes: Annotated[
        tuple[UseClassDocument, ...], Meta(description="prices by a year's hours of use, the lowest first")
    ] = ()
    expected_hours: Annotated[
        float | None, Meta(description="hours of use in whose class nights are planned", examples=[3100])
    ] = None


class TwoPartDocument(Document, frozen=True, kw_only=True):
    """The capacity part of a two-part tariff, on one of three bases."""

    basis: Annotated[
        Literal["max_demand", "declared_demand", "transformer_capacity"],
        Meta(description="what is billed: the month's highest average, the kW declared, or the transformer's kVA"),
    ]
    rate_per_kw: Annotated[float | None, Meta(description="currency per kW and month, for the first two")] = None
    rate_per_kva: Annotated[float | None, Meta(description="currency per kVA and month, for the third")] = None
    declared_kw: Annotated[float | None, Meta(description="the kW declared")] = None
    transformer_kva: Annotated[float | None, Meta(description="the transformer's kVA")] = None
    metering_minutes: Annotated[Whole, Meta(description="minutes over which the meter averages")] = 15
    weight: Annotated[
        float | Literal["daily", "remaining_days", "month"],
        Meta(description="as for demand charges, of what is not fixed"),
    ] = 1.0
    tolerance: Annotated[float, Meta(description="times the declared kW beyond which more is billed")] = 1.05
    excess_factor: Annotated[float, Meta(description="times the rate that each kW beyond costs")] = 2.0


class FixedChargeDocument(Document, frozen=True, kw_only=True):
    """What is billed whatever is drawn."""

    name: Annotated[Name, Meta(description="name of the charge")]
    amount: Annotated[float, Meta(description="currency", examples=[447.44])]
    per: Annotated[Literal["day", "month", "year"], Meta(description="how often it is billed")] = "month"
    months: Annotated[Months, Meta(description="months of the year in which it is billed; all if absent")] = ()


class MinimumChargeDocument(Document, frozen=True, kw_only=True):
    """The least that is billed in all."""

    name: Annotated[Name, Meta(description="name of the charge")]
    amount: Annotated[float, Meta(description="currency", examples=[25])]
    per: Annotated[Literal["month", "year"], Meta(description="of which bill it is the least")] = "month"


class EligibilityDocument(Document, frozen=True, kw_only=True):
    """Loads that may have the tariff; no limit where a key is absent."""

    least_kw: Annotated[
        float | None, Meta(description="the highest average of kw_months is at least this", examples=[20])
    ] = None
    most_kw: Annotated[
        float | None, Meta(description="the highest average of kw_months is at most this", examples=[500])
    ] = None
    kw_months: Annotated[Whole, Meta(description="months looked at for the kW: the one billed and those before it")] = 1
    least_kwh: Annotated[float | None, Meta(description="energy of the highest of kwh_months is at least this")] = None
    most_kwh: Annotated[
        float | None, Meta(description="energy of the highest of kwh_months is at most this", examples=[3000])
    ] = None
    kwh_months: Annotated[
        Whole, Meta(description="months looked at for the kWh: the one billed and those before it")
    ] = 1
    least_volts: Annotated[float | None, Meta(description="least voltage of the supply; told, not compared")] = None
    most_volts: Annotated[float | None, Meta(description="highest voltage of the supply; told, not compared")] = None
    voltage: Annotated[
        Name | None, Meta(description="class of voltage; told, not compared", examples=["Secondary"])
    ] = None
    phases: Annotated[Name | None, Meta(description="wiring; told, not compared", examples=["3-Phase"])] = None
    customers: Annotated[
        Name | None, Meta(description="kind of customers; told, not compared", examples=["Residential"])
    ] = None


class ValidityDocument(Document, frozen=True, kw_only=True):
    """When the tariff is in force."""

    first_day: Annotated[str | None, Meta(description="first local date", examples=["2024-10-01"])] = None
    last_day: Annotated[str | None, Meta(description="last local date, included", examples=["2026-12-31"])] = None
    superseded_by: Annotated[Name | None, Meta(description="the rate that took its place")] = None


class TariffDocument(Document, frozen=True, kw_only=True):
    """What electricity costs."""

    id: Annotated[Name, Meta(description="name of the tariff", examples=["night"])]
    energy_periods: Annotated[
        tuple[EnergyPeriodDocument, ...],
        Meta(description="prices by window, of which the first that holds a minute prices it"),
    ] = ()
    base_price_per_kwh: Annotated[
        float | None, Meta(description="price of a kWh to which price_ratio refers", examples=[0.7])
    ] = None
    energy_price_per_kwh: Annotated[
        Series | None, Meta(description="price of a kWh in currency for each slot, in place of energy_periods")
    ] = None
    price_series: Annotated[
        PriceSeriesDocument | None, Meta(description="market prices, in place of energy_periods")
    ] = None
    energy_tiers: Annotated[
        tuple[EnergyTiersDocument, ...], Meta(description="surcharges and discounts on the month's kWh")
    ] = ()
    demand_charges: Annotated[
        tuple[DemandChargeDocument, ...], Meta(description="charges on highest metered averages")
    ] = ()
    two_part: Annotated[TwoPartDocument | None, Meta(description="the capacity part of a two-part tariff")] = None
    fixed_charge_per_day: Annotated[float, Meta(description="currency a day that no plan changes")] = 0.0
    fixed_charges: Annotated[tuple[FixedChargeDocument, ...], Meta(description="charges that no plan changes")] = ()
    minimum_charges: Annotated[
        tuple[MinimumChargeDocument, ...], Meta(description="the least that a month or a year is billed in all")
    ] = ()
    holidays: Annotated[
        tuple[str, ...], Meta(description="local dates that count as weekend", examples=[["2025-12-25"]])
    ] = ()
    eligibility: Annotated[EligibilityDocument | None, Meta(description="which loads may have the tariff")] = None
    valid: Annotated[ValidityDocument | None, Meta(description="when the tariff is in force")] = None
    not_billed: Annotated[
        tuple[Name, ...], Meta(description="what the tariff says that no line of a bill has: free texts")
    ] = ()
    sources: Sources = {}


TARIFF_FORMAT: Literal["swapcharge-tariff"] = "swapcharge-tariff"


class TariffFileDocument(Document, frozen=True, kw_only=True):
    """A tariff in a file of its own."""

    format: Annotated[Literal["swapcharge-tariff"], Meta(description='the text "swapcharge-tariff"')]
    version: Annotated[Literal[1], Meta(description="version of the format; this program reads 1")]
    currency: Annotated[Name, Meta(description="currency of every price")]
    time_zone: Annotated[
        str, Meta(description="IANA name of the clock that windows go by", examples=["America/Los_Angeles"])
    ]
    tariff: Annotated[TariffDocument, Meta(description="the tariff")]
