"""The mapping file as TOML writes it: names, types and defaults of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, structs

from optimizer.formats.document_types import Document, Name
from optimizer.imports.columns.column import OwnTable

Constant = str | float | bool


class TableMappingDocument(Document, frozen=True, kw_only=True):
    """What is said of one table."""

    columns: Annotated[
        dict[str, str], Meta(description="our name of a column = the table's own; \"\": the table's is not read")
    ] = {}
    units: Annotated[dict[str, str], Meta(description="our name of a column = the unit of its cells")] = {}
    defaults: Annotated[
        dict[str, Constant],
        Meta(description="our name of a column = what holds where the table lacks it or a cell is empty, in our unit"),
    ] = {}
    values: Annotated[
        dict[str, dict[str, str]],
        Meta(description="our name of a column = its texts and what each is to be, above the values of all tables"),
    ] = {}
    dates: Annotated[
        Literal["day-first", "month-first"] | None, Meta(description="what dates such as 01/02/2025 begin with")
    ] = None
    where: Annotated[dict[str, str], Meta(description="only rows that have this text in this column of the table")] = {}


class PricesMappingDocument(Document, frozen=True, kw_only=True):
    """How the table of --prices is read, as `tariff import` would be told."""

    id: Annotated[Name, Meta(description="id of the tariff that they make")] = "market"
    unit: Annotated[
        Literal["per_kWh", "per_MWh", "ct_per_kWh", "p_per_kWh"] | None,
        Meta(description="unit of the prices; the file's if absent"),
    ] = None
    time_column: Annotated[str | None, Meta(description="column of the time stamps; found if absent")] = None
    value_column: Annotated[str | None, Meta(description="column of the prices; found if absent")] = None
    zone: Annotated[str | None, Meta(description="clock of stamps without offset; that of the stations if absent")] = (
        None
    )
    dates: Annotated[
        Literal["day-first", "month-first"] | None, Meta(description="what dates such as 01/02/2025 begin with")
    ] = None
    stamps: Annotated[
        Literal["start", "end"] | None, Meta(description="which end of its interval a stamp is; found if absent")
    ] = None
    area: Annotated[str | None, Meta(description="of an ENTSO-E file with several areas: the one to read")] = None
    sequence: Annotated[str | None, Meta(description="of an ENTSO-E file with several sequences: the one to read")] = (
        None
    )
    times: Annotated[float, Meta(description="retail price = price · times + add_per_kwh")] = 1.0
    add_per_kwh: Annotated[float, Meta(description="what is added to each price, in currency per kWh")] = 0.0


class MappingDocument(Document, frozen=True, kw_only=True):
    """A whole mapping file."""

    name: Annotated[Name | None, Meta(description="name of the instance")] = None
    zone: Annotated[str | None, Meta(description="IANA name of the stations' clock, that of times without offset")] = (
        None
    )
    currency: Annotated[Name | None, Meta(description="currency of prices and costs, where no tariff says it")] = None
    values: Annotated[
        dict[str, dict[str, str]],
        Meta(description='our name of a column = its texts in all tables and what each is to be; "": no such rows'),
    ] = {}
    stations: Annotated[TableMappingDocument, Meta(description="of the table of --stations")] = TableMappingDocument()
    packs: Annotated[TableMappingDocument, Meta(description="of the table of --packs")] = TableMappingDocument()
    types: Annotated[TableMappingDocument, Meta(description="of the table of --types")] = TableMappingDocument()
    swaps: Annotated[TableMappingDocument, Meta(description="of the table of --swaps")] = TableMappingDocument()
    expected: Annotated[TableMappingDocument, Meta(description="of the table of --expected")] = TableMappingDocument()
    reservations: Annotated[TableMappingDocument, Meta(description="of the table of --reservations")] = (
        TableMappingDocument()
    )
    tariffs: Annotated[TableMappingDocument, Meta(description="of tables of price levels, see --tariff")] = (
        TableMappingDocument()
    )
    prices: Annotated[PricesMappingDocument, Meta(description="of the table of --prices")] = PricesMappingDocument()

    def of(self, table: OwnTable) -> TableMappingDocument:
        """What is said of a table, the values of all tables included."""
        own: TableMappingDocument = getattr(self, table.name)
        names = [name for name in table.names if name in self.values or name in own.values]
        return structs.replace(
            own, values={name: {**self.values.get(name, {}), **own.values.get(name, {})} for name in names}
        )
