"""A study as its TOML file writes it: names, units, types and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import Document, Name, Whole
from optimizer.formats.tariff_document import TwoPartDocument


class StudyTariffDocument(Document, frozen=True, kw_only=True):
    """A tariff that is compared."""

    id: Annotated[Name | None, Meta(description="its name in the results; that of the tariff if absent")] = None
    file: Annotated[
        str | None,
        Meta(description="tariff file in the study's folder; absent: the instance's own tariff of this id"),
    ] = None
    two_part: Annotated[
        TwoPartDocument | None, Meta(description="in place of the tariff's own: the basis that is asked about")
    ] = None


class VariantDocument(Document, frozen=True, kw_only=True):
    """A change of every station that is tried under all tariffs."""

    id: Annotated[Name, Meta(description="its name in the results", examples=["a fifth more drivers"])]
    demand_growth: Annotated[float, Meta(description="share of drivers more (or less, below 0)", examples=[0.2])] = 0.0
    packs: Annotated[Whole | None, Meta(description="number of packs and bays; the station's if absent")] = None
    chargers: Annotated[Whole | None, Meta(description="number of chargers; the station's if absent")] = None
    charger_kw: Annotated[float | None, Meta(description="kW of a charger; the station's if absent")] = None
    grid_limit_kw: Annotated[float | None, Meta(description="kW of the grid connection; the station's if absent")] = (
        None
    )
    ready_reserve: Annotated[Whole | None, Meta(description="packs to keep ready; the station's if absent")] = None


class SwapDefaultsDocument(Document, frozen=True, kw_only=True):
    """What the swaps of a CSV file are where it has no such column."""

    type: Annotated[Name | None, Meta(description="id of the pack type asked for")] = None
    returned_soc: Annotated[float | None, Meta(description="state of charge of the pack that comes back")] = None
    lost_cost: Annotated[float | None, Meta(description="currency that a swap not served costs")] = None


class StudyDocument(Document, frozen=True, kw_only=True):
    """A whole study."""

    format: Annotated[Literal["swapcharge-study"], Meta(description='the text "swapcharge-study"')]
    version: Annotated[Literal[1], Meta(description="version of the format; this program reads 1")]
    name: Annotated[Name, Meta(description="name of the study")]
    instance: Annotated[
        str,
        Meta(description="instance file in the study's folder: stations, slots, clock time at which nights begin"),
    ]
    stations: Annotated[
        tuple[Name, ...], Meta(description="ids of the instance's stations that are studied; all of them if absent")
    ] = ()
    first_night: Annotated[str, Meta(description="local date of the first night", examples=["2026-07-01"])]
    nights: Annotated[Whole, Meta(description="number of nights, one after the other", examples=[31])]
    nights_begin: Annotated[
        str | None, Meta(description="local time HH:MM at which nights begin; the instance's if absent")
    ] = None
    look_ahead_hours: Annotated[
        float, Meta(description="hours after each night that its plan looks at, drivers included; 0 to 24")
    ] = 12.0
    swaps: Annotated[
        str | None,
        Meta(description="CSV file of drivers in the study's folder; absent: the instance's drivers, every day"),
    ] = None
    swap_defaults: Annotated[SwapDefaultsDocument, Meta(description="for what the CSV file has no column of")] = (
        SwapDefaultsDocument()
    )
    days: Annotated[
        Literal["known", "drawn", "logged"],
        Meta(
            description="known: drivers come as planned; else nights are planned from the instance's forecast and "
            "played: through days drawn from it, or through the swaps"
        ),
    ] = "known"
    policy: Annotated[
        Literal["hedged", "mean"], Meta(description="what played nights are planned for: the spread, or the mean")
    ] = "hedged"
    seed: Annotated[Whole, Meta(description="of drawn days")] = 0
    demand_weight: Annotated[
        float | Literal["daily", "remaining_days", "month"] | None,
        Meta(
            description="weight of demand charges in each night's plan; bills always have all of the rate; absent: "
            "remaining_days where days are known, else month"
        ),
    ] = None
    tariffs: Annotated[tuple[StudyTariffDocument, ...], Meta(description="the tariffs, one at least")]
    variants: Annotated[
        tuple[VariantDocument, ...], Meta(description="the variants; the stations as they are if absent")
    ] = ()

    @property
    def weight(self) -> float | Literal["daily", "remaining_days", "month"]:
        """The weight of demand charges that holds."""
        if self.demand_weight is None:
            return "remaining_days" if self.days == "known" else "month"
        return self.demand_weight
