"""A column of an operator's table: what it is called, in which unit, and what its cells are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.tables.unit_words import KW_OF, KWH_OF

TEXT, STAMP, FLAG, CURVE, HOUR, LIST = "text", "stamp", "flag", "curve", "hour", "list"
NUMBER, WHOLE, SHARE, POWER, ENERGY, PRICE, CELSIUS = "number", "whole", "share", "kW", "kWh", "price", "°C"
RATE = "rate"
NUMBERS = frozenset({NUMBER, WHOLE, SHARE, POWER, ENERGY, PRICE, CELSIUS, RATE})
"""Kinds of cells that are numbers."""

REQUIRED = "**required**"
"""The default of a column that must be there, or be given in the mapping."""

PERCENT = "percent"
UNITS: Mapping[str, Mapping[str, float]] = {
    SHARE: {"share": 1.0, PERCENT: 0.01},
    CURVE: {"share": 1.0, PERCENT: 0.01},
    POWER: KW_OF,
    ENERGY: KWH_OF,
    PRICE: {"per_kWh": 1.0, "per_MWh": 0.001, "ct_per_kWh": 0.01},
    RATE: {"per_kW": 1.0, "per_MW": 0.001, "ct_per_kW": 0.01},
}
"""By kind: the units that cells may be in, and what one of each is in the unit of the instance."""
OWN_UNIT: Mapping[str, str] = {
    SHARE: "share", CURVE: "share", POWER: "kW", ENERGY: "kWh", PRICE: "per_kWh", RATE: "per_kW",
}  # fmt: skip
"""By kind: the unit of an instance."""


@dataclass(frozen=True)
class OwnColumn:
    """A column that is looked for. `unit`: in words, for the documents; `default`: what holds where neither the table
    nor the mapping has it, REQUIRED for nothing. `also`: other names, as `plain_name` writes them."""

    name: str
    kind: str
    unit: str
    default: str
    meaning: str
    example: str
    also: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Must every row have it?"""
        return self.default == REQUIRED


@dataclass(frozen=True)
class OwnTable:
    """A table: its name in the mapping, what one row of it is, its columns in the order of the template."""

    name: str
    row: str
    columns: Sequence[OwnColumn]

    def column(self, name: str) -> OwnColumn:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]
