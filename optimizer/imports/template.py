"""Empty tables to be filled in, with explained columns: what `import network --template` writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from models.errors import Problem
from optimizer.files.errors import ABSENT, OutputErrors
from optimizer.files.read_write import write_whole
from optimizer.imports.columns.all_tables import TABLES
from optimizer.imports.columns.column import OwnColumn, OwnTable
from optimizer.tables.text_table import REMARK

FILES = {
    "stations": "stations.csv",
    "packs": "packs.csv",
    "types": "types.csv",
    "swaps": "swaps.csv",
    "expected": "expected.csv",
    "reservations": "reservations.csv",
    "tariffs": "tariffs.csv",
}
MAPPING = """\
# What the tables do not say, and what they say in other words. Remove the # of a line to use it.

# zone = "Europe/Berlin"           # local clock of stations, and of times without an offset
# currency = "EUR"                 # where no tariff says it

# [stations.columns]               # own name of a column, where ours is not used
# grid_limit_kw = "Netzanschluss"
# [stations.units]                 # where the name of the column does not say the unit
# grid_limit_kw = "MW"
# [stations.defaults]              # for columns that the table lacks, and empty cells
# efficiency = 0.94
# [packs.units]
# soc = "percent"
# [values.station]                 # a text of the tables, and what it is to be
# "Köln-Ost" = "koeln-ost"
"""


def write_template(folder: Path) -> list[Path]:
    """Write the tables, a README and a mapping file, and tell their paths. Raises OutputErrors where one is there
    already: it may have been filled in."""
    texts = {folder / name: text for name, text in _texts().items()}
    for path in texts:
        if path.exists():
            rule, remedy = (
                "is there already: what was filled in would be lost",
                "name another folder, or remove it first",
            )
            raise OutputErrors(str(path), [Problem("", ABSENT, rule, remedy)])
    for path, text in texts.items():
        write_whole(path, text.encode())
    return list(texts)


def _texts() -> Mapping[str, str]:
    tables = {FILES[name]: _table_text(table) for name, table in TABLES.items()}
    return tables | {"mapping.toml": MAPPING, "README.md": "\n".join([*_readme(), ""])}


def _table_text(table: OwnTable) -> str:
    """The names of the columns, and below them a remark that explains each."""
    told = [explained(column) for column in table.columns]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([table.names, [f"{REMARK} {told[0]}", *told[1:]]])
    return stream.getvalue()


def explained(column: OwnColumn) -> str:
    """A column in words: what it means, its unit, and whether it may be left out."""
    unit = f" [{column.unit}]" if column.unit else ""
    without = "required" if column.needed else f"empty: {column.default}"
    return f"{column.meaning}{unit}, {without}, such as {column.example}".replace(";", ",")  # which would part cells


def _readme() -> Iterator[str]:
    yield "# Tables of a network"
    yield ""
    yield "Fill in stations, packs, types, tariffs, and one of swaps, expected and reservations. Then:"
    yield ""
    yield "```"
    yield (
        "swapcharge import network --stations stations.csv --packs packs.csv --types types.csv --swaps swaps.csv "
        "--tariff tariffs.csv --mapping mapping.toml -o network.json"
    )
    yield "```"
    yield ""
    yield "Decimal points or commas, commas or semicolons between cells, any encoding, or .xlsx: all are read."
    yield f"Columns that are not needed may be removed. Lines that begin with {REMARK} are remarks."
    for table in TABLES.values():
        yield ""
        yield f"## {FILES[table.name]}"
        yield f"A row is {table.row}."
        yield ""
        yield "| column | unit | default | meaning | example |"
        yield "|---|---|---|---|---|"
        for one in table.columns:
            yield f"| `{one.name}` | {one.unit} | {one.default} | {one.meaning} | `{one.example}` |"
