"""The operation file, version 1, as it is written: names, types and meaning of every key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from optimizer.formats.document_types import Document, Name
from optimizer.formats.json_schema import DIALECT

FORMAT: Literal["swapcharge-operation"] = "swapcharge-operation"
Value = bool | int | float | str | tuple[str, ...]
Options = dict[str, Value]


class OperationDocument(Document, frozen=True, kw_only=True, rename={"tables": "import"}):
    """What a network does every night."""

    format: Annotated[Literal["swapcharge-operation"], Meta(description='the text "swapcharge-operation"')]
    version: Annotated[Literal[1], Meta(description="version of the format; this program reads 1")]
    time_zone: Annotated[Name, Meta(description="IANA time zone by whose clock tomorrow begins")]
    nights: Annotated[Name, Meta(description="folder of the nights, with a folder for each date")] = "nights"
    tables: Annotated[Options, Meta(description="options of `import network`, the tables among them")]
    nightly: Annotated[Options, Meta(description="options of `nightly`")] = {}
    setpoints: Annotated[
        Options | None, Meta(description="options of `export setpoints`; absent: no set-points are written")
    ] = None
    pages: Annotated[bool, Meta(description="whether pages of the run are drawn")] = True


def operation_schema() -> dict[str, Any]:
    """The JSON Schema of operation files."""
    return {"$schema": DIALECT, "title": "swapcharge operation, version 1", **msgspec.json.schema(OperationDocument)}
