"""What the objects of all files are made of: strictness, whole numbers, series, sources."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from optimizer.files.limits import MOST_CHARACTERS

MAX_WHOLE = 2**53  # beyond this, programs that read JSON no longer agree on whole numbers

Name = Annotated[str, Meta(max_length=MOST_CHARACTERS)]
Whole = Annotated[int, Meta(ge=-MAX_WHOLE, le=MAX_WHOLE)]
Sources = Annotated[dict[str, str], Meta(description="where numbers come from: free text by key; nothing reads it")]
Ranges = tuple[tuple[str, str], ...]
Curve = tuple[tuple[float, float], ...]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every object of a file is: complete, unchanging, without unknown keys."""


class CsvSeries(Document, frozen=True, kw_only=True):
    """A series that stands in a CSV file beside the instance file."""

    csv: Annotated[str, Meta(description="path of the CSV file, relative to the instance's folder", examples=["p.csv"])]
    time_column: Annotated[str, Meta(description="column of the time stamps, each with its offset from UTC")]
    value_column: Annotated[str, Meta(description="column of the values, each holding until the next stamp")]
    unit: Annotated[
        Literal["per_kWh", "per_MWh", "kW", "MW", "1"],
        Meta(description="unit of the values: per_kWh or per_MWh for prices, kW or MW for powers, 1 for counts"),
    ]


Series = float | tuple[float, ...] | CsvSeries
WholeSeries = Whole | tuple[Whole, ...] | CsvSeries
