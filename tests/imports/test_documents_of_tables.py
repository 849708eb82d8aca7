"""The format page has every column and every key of the mapping file, as the code has them."""

from __future__ import annotations

import re

import msgspec
import pytest
from paths import INSTANCES

from optimizer.imports.columns.all_tables import TABLES
from optimizer.imports.mapping_document import MappingDocument, PricesMappingDocument, TableMappingDocument

PAGE = (INSTANCES / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next one."""
    return re.split(r"^#+ ", PAGE.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_of_the_page_are_those_of_the_code(name: str) -> None:
    table = TABLES[name]
    rows = [f"| `{one.name}` | {one.unit} | {one.default} | {one.meaning} | `{one.example}` |" for one in table.columns]
    text = section(f"### Table `{name}`")
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
    assert text.startswith(f"A row is {table.row}.")


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("### Mapping file", MappingDocument),
        ("#### Keys of a table's mapping", TableMappingDocument),
        ("#### Keys of `[prices]`", PricesMappingDocument),
    ],
)
def test_the_keys_of_the_mapping_are_those_of_the_code(heading: str, kind: type[msgspec.Struct]) -> None:
    cells = [line.split(" | ")[0] for line in section(heading).splitlines() if line.startswith("| `")]
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == list(kind.__struct_fields__)
