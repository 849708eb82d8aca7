"""The instance file, version 1, as it is written: names, units, types and defaults of every key.

Only the *shape* stands here; what a value may be is said by the domain types of `models`. The
descriptions are what `instances/README.md`, the JSON schema and the error messages go by.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import Curve, Document, Name, Series, Sources, Whole, WholeSeries
from optimizer.formats.tariff_document import TariffDocument

FORMAT = "swapcharge-instance"


class HorizonDocument(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The time grid: slots of equal length from a start."""

    start: Annotated[
        str,
        Meta(description="instant at which slot 0 begins, with its offset", examples=["2025-01-15T18:00:00+01:00"]),
    ]
    time_zone: Annotated[
        str, Meta(description="IANA name of the clock that tariffs go by", examples=["Europe/Amsterdam"])
    ]
    slot_minutes: Annotated[Whole, Meta(description="length of a slot in minutes", examples=[15])]
    slots: Annotated[Whole, Meta(description="number of slots", examples=[96])]
    look_ahead_hours: Annotated[
        float,
        Meta(description="hours beyond the horizon that plans look at, in which the day repeats", examples=[12]),
    ] = 0


class PackTypeDocument(Document, frozen=True, kw_only=True):
    """Packs that serve the same drivers."""

    id: Annotated[Name, Meta(description="name of the type", examples=["truck-282"])]
    capacity_kwh: Annotated[float, Meta(description="energy in kWh of a full pack", examples=[282])]
    target_soc: Annotated[float, Meta(description="state of charge at which charging stops", examples=[0.95])]
    swap_soc: Annotated[float | None, Meta(description="least state of charge at hand-over; target_soc if absent")] = (
        None
    )
    acceptance: Annotated[
        Curve | dict[Name, Curve],
        Meta(
            description="points [state of charge, kW] of the most power a pack takes; or such points by temperature"
            " of the pack in °C",
            examples=[[[0, 90], [1, 15]], {"0": [[0, 50], [1, 12]], "25": [[0, 90], [1, 30]]}],
        ),
    ] = ()
    wear: Annotated[
        Curve,
        Meta(description="points [kW, currency per hour] of what charging wears off", examples=[[[0, 0], [60, 0.9]]]),
    ] = ()
    end_value_per_kwh: Annotated[
        float | None,
        Meta(description="worth of a kWh held at the end; if absent, the cheapest price over efficiency"),
    ] = None
    sources: Sources = {}


class ChargersDocument(Document, frozen=True, kw_only=True):
    """A station's equal chargers."""

    count: Annotated[Whole | None, Meta(description="number of chargers; one for each bay if absent")] = None
    max_kw: Annotated[float, Meta(description="most power in kW into a pack", examples=[60])]
    min_kw: Annotated[float, Meta(description="least power in kW of a charger that is on")] = 0.0
    efficiency: Annotated[float, Meta(description="share of the drawn energy that reaches the pack", examples=[0.93])]
    mode: Annotated[
        Literal["continuous", "on_off"],
        Meta(description="any power between the two limits, or only nothing and the most"),
    ] = "continuous"


class BayDocument(Document, frozen=True, kw_only=True):
    """A place for one pack."""

    name: Annotated[Name, Meta(description="name of the bay, by which plans call it", examples=["B07"])]
    out_of_order: Annotated[bool, Meta(description="true: the bay holds no pack and takes none")] = False
    charger: Annotated[bool, Meta(description="false: no pack is charged in this bay")] = True


class PackDocument(Document, frozen=True, kw_only=True):
    """A pack in the station when the horizon begins."""

    id: Annotated[Name, Meta(description="name of the pack", examples=["P01"])]
    type: Annotated[Name, Meta(description="id of its pack type")]
    soc: Annotated[float, Meta(description="state of charge at the start, from 0 to 1", examples=[0.35])]
    temperature_c: Annotated[
        float | None, Meta(description="temperature in °C; the station's if absent", examples=[18])
    ] = None
    bay: Annotated[
        Whole | Name | None,
        Meta(description="name of its bay, or number from 0; if absent, the first bay that no pack states"),
    ] = None
    usable: Annotated[
        bool,
        Meta(description="false: in quarantine, neither charged nor handed over"),
    ] = True


class SwapDocument(Document, frozen=True, kw_only=True):
    """A driver who is expected."""

    id: Annotated[Name | None, Meta(description="name of the swap; swap-1, swap-2, ... by position if absent")] = None
    slot: Annotated[Whole | None, Meta(description="slot at whose start the driver comes, counted from 0")] = None
    time: Annotated[
        str | None,
        Meta(description="instant with its offset, in place of slot", examples=["2025-01-15T21:30:00+01:00"]),
    ] = None
    type: Annotated[Name, Meta(description="id of the pack type asked for")]
    returned_soc: Annotated[
        float | None, Meta(description="state of charge of the pack that comes back; null: none comes back")
    ]
    lost_cost: Annotated[float, Meta(description="currency that a swap not served costs")]
    swap_soc: Annotated[
        float | None, Meta(description="least state of charge for this driver; the type's if absent")
    ] = None
    pack: Annotated[Name | None, Meta(description="id of the very pack this driver must get")] = None
    packs: Annotated[Whole, Meta(description="packs taken and packs returned at once, all or none", examples=[3])] = 1
    must_serve: Annotated[
        bool, Meta(description="must the swap be served; true: lost only where no plan can serve it, whatever it costs")
    ] = False


class SpreadDocument(Document, frozen=True, kw_only=True):
    """How far days spread around a forecast."""

    day_sd: Annotated[
        float, Meta(description="standard deviation of the day's factor, whose mean is 1", examples=[0.15])
    ] = 0.0
    dispersion: Annotated[
        float, Meta(description="variance over mean of a slot's drivers on a day of known factor; 1: Poisson")
    ] = 1.0
    returned_soc_sd: Annotated[
        float, Meta(description="standard deviation of the state of charge that comes back", examples=[0.05])
    ] = 0.0


class ForecastDocument(Document, frozen=True, kw_only=True):
    """Expected swaps, which become whole swaps."""

    id: Annotated[Name, Meta(description="name of the forecast; its swaps are <id>-1, <id>-2, ...")]
    type: Annotated[Name, Meta(description="id of the pack type asked for")]
    expected_per_slot: Annotated[Series | None, Meta(description="expected swaps in each slot")] = None
    expected_per_hour: Annotated[
        Series | None, Meta(description="expected swaps in each hour from the horizon's start")
    ] = None
    returned_soc: Annotated[
        float | tuple[float, ...] | None,
        Meta(description="state of charge of the packs that come back, or several used in turn; null: none comes back"),
    ]
    lost_cost: Annotated[float, Meta(description="currency that a swap not served costs")]
    swap_soc: Annotated[
        float | None, Meta(description="least state of charge for these drivers; the type's if absent")
    ] = None
    packs: Annotated[Whole, Meta(description="packs that each driver takes and returns, all or none")] = 1
    must_serve: Annotated[bool, Meta(description="must these drivers be served; as for swaps")] = False
    expected_before: Annotated[
        float, Meta(description="swaps expected before the horizon: whole swaps go on being counted from there")
    ] = 0.0
    spread: Annotated[
        SpreadDocument | None, Meta(description="how far days spread around the forecast; absent: nothing is said")
    ] = None
    scenarios: Annotated[
        tuple[tuple[Whole, ...], ...],
        Meta(description="days that are equally likely, each a list of drivers by slot", examples=[[[0, 2], [1, 0]]]),
    ] = ()


class StationDocument(Document, frozen=True, kw_only=True):
    """A battery-swap station."""

    id: Annotated[Name, Meta(description="name of the station", examples=["S1"])]
    bays: Annotated[
        Whole | tuple[BayDocument, ...],
        Meta(description="number of places that hold a pack, or a list of them", examples=[8]),
    ]
    chargers: Annotated[ChargersDocument, Meta(description="the station's chargers")]
    grid_limit_kw: Annotated[Series, Meta(description="most power in kW drawn from the grid")]
    grid_limit_is: Annotated[
        Literal["every_moment", "average"],
        Meta(description="kept at every moment, partial slots at their full power; or by the average of each slot"),
    ] = "every_moment"
    base_load_kw: Annotated[Series, Meta(description="power in kW drawn by everything but the chargers")] = 0.0
    solar_kw: Annotated[Series, Meta(description="solar power in kW at hand")] = 0.0
    tariff: Annotated[Name, Meta(description="id of the tariff")]
    peak_so_far_kw: Annotated[
        dict[str, float], Meta(description="highest metered average of the month in kW, by name of demand charge")
    ] = {}
    energy_so_far_kwh: Annotated[
        dict[str, float], Meta(description="the month's kWh up to now, by name of energy tiers")
    ] = {}
    lookback_peak_kw: Annotated[
        dict[str, float],
        Meta(description="highest metered average in kW of the months that a ratchet looks back at, by demand charge"),
    ] = {}
    end_value_per_kwh: Annotated[
        dict[str, float],
        Meta(description="currency per kWh in packs at the end, by pack type; above what the pack type itself says"),
    ] = {}
    ready_reserve: Annotated[WholeSeries, Meta(description="packs to keep ready")] = 0
    reserve_cost: Annotated[float, Meta(description="currency per pack and slot that the reserve lacks")] = 0.0
    temperature_c: Annotated[
        float | None,
        Meta(description="temperature in °C of packs that state none, and of those that drivers bring", examples=[5]),
    ] = None
    turnaround_slots: Annotated[Whole, Meta(description="slots before a returned pack may charge")] = 0
    plug_changes_max: Annotated[
        Whole | tuple[Whole, ...] | None,
        Meta(description="most plug changes at a slot boundary; of a series, at the one before the slot"),
    ] = None
    plug_change_cost: Annotated[
        float | tuple[float, ...],
        Meta(description="currency per plug change; of a series, at the boundary before the slot"),
    ] = 0.0
    packs: Annotated[tuple[PackDocument, ...], Meta(description="packs in the station at the start")] = ()
    swaps: Annotated[tuple[SwapDocument, ...], Meta(description="drivers who are expected")] = ()
    forecast: Annotated[tuple[ForecastDocument, ...], Meta(description="expected swaps without a driver's name")] = ()
    sources: Sources = {}

    @property
    def bay_count(self) -> int:
        """How many bays there are, those out of order included."""
        return len(self.bays) if isinstance(self.bays, tuple) else self.bays


class InstanceDocument(Document, frozen=True, kw_only=True):
    """A whole instance file."""

    format: Annotated[Literal["swapcharge-instance"], Meta(description='the text "swapcharge-instance"')]
    version: Annotated[Literal[1], Meta(description="version of the format; this program reads 1")]
    name: Annotated[Name, Meta(description="name of the instance", examples=["two trucks"])]
    currency: Annotated[Name, Meta(description="currency of every price and cost", examples=["EUR"])]
    horizon: Annotated[HorizonDocument, Meta(description="the time grid")]
    pack_types: Annotated[tuple[PackTypeDocument, ...], Meta(description="the pack types")]
    tariffs: Annotated[tuple[TariffDocument, ...], Meta(description="the tariffs")]
    stations: Annotated[tuple[StationDocument, ...], Meta(description="the stations")]
    sources: Sources = {}
