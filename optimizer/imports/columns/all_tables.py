"""All tables that `import network` reads, by the names that the mapping has for them."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.imports.columns.column import OwnTable
from optimizer.imports.columns.drivers import EXPECTED, RESERVATIONS, SWAPS
from optimizer.imports.columns.places import PACKS, STATIONS, TYPES
from optimizer.imports.columns.prices import TARIFFS

TABLES: Mapping[str, OwnTable] = {
    table.name: table for table in (STATIONS, PACKS, TYPES, SWAPS, EXPECTED, RESERVATIONS, TARIFFS)
}
