"""A station's rule between re-plans, as a plan file has it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from optimizer.formats.document_types import Document, Whole


class PackLevelsDocument(Document, frozen=True, kw_only=True):
    """How many packs of a type are ready or charging in each slot."""

    type: Annotated[str, Meta(description="id of the pack type")]
    least: Annotated[
        tuple[Whole, ...], Meta(description="packs: with fewer, the nearest to ready start, at full power")
    ]
    most: Annotated[tuple[Whole, ...], Meta(description="packs: with more, the emptiest that charge stop")]


class RuleDocument(Document, frozen=True, kw_only=True):
    """What a controller goes by where drivers come otherwise than planned."""

    levels: Annotated[
        tuple[PackLevelsDocument, ...], Meta(description="packs ready or charging, by pack type; [] for none")
    ] = ()
    limit_kw: Annotated[
        tuple[float, ...],
        Meta(description="kW drawn, base load included, that each slot does not pass; [] for the grid limit alone"),
    ] = ()
    urgent_ready: Annotated[
        tuple[Whole, ...],
        Meta(description="with fewer ready packs after a slot's swaps the grid limit alone holds; [] for never"),
    ] = ()

    @property
    def as_rule(self) -> ControlRule:
        """The same as the domain's type. Raises InvalidData."""
        levels = tuple(PackLevels(one.type, one.least, one.most) for one in self.levels)
        return ControlRule(levels, self.limit_kw, self.urgent_ready)

    @classmethod
    def of(cls, rule: ControlRule) -> RuleDocument:
        """From the domain's type."""
        levels = tuple(PackLevelsDocument(type=one.type, least=one.least, most=one.most) for one in rule.levels)
        return cls(levels=levels, limit_kw=rule.limit_kw, urgent_ready=rule.urgent_ready)
