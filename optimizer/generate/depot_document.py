"""Instances of a central charging depot as arXiv 2505.07047 publishes them: keys, units and types."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from optimizer.formats.document_types import Document, Whole


class DepotDocument(Document, frozen=True, kw_only=True):
    """A depot file. The numbers of ports and of switches allowed stand in its name, not in it."""

    windows: Annotated[
        tuple[Whole | tuple[Whole, ...], ...],
        Meta(description="for each delivery window the numbers of its packs, or how many of them it has"),
    ] = field(name="B_ell")
    alpha: Annotated[float, Meta(description="share of its need that a pack of the last window must have")]
    prices: Annotated[tuple[float, ...], Meta(description="price of a port-hour in each hour")] = field(
        name="elec_cost"
    )
    window_ends: Annotated[tuple[Whole, ...], Meta(description="last hour of each delivery window")] = field(name="n_l")
    window_count: Annotated[Whole | None, Meta(description="number of delivery windows")] = field(
        name="L", default=None
    )
    hours: Annotated[Whole | None, Meta(description="number of hours")] = field(name="T", default=None)
    needs: Annotated[
        dict[str, Whole] | tuple[Whole, ...], Meta(description="hours of charging that each pack needs, by its number")
    ] = field(name="p")
    switch_cost: Annotated[float, Meta(description="cost of a port that changes its pack")] = field(name="w")
