"""The committed ratios of `bench speed`, and what is slower than they allow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode, indented_document
from optimizer.files.read_write import read_bytes, write_whole
from optimizer.formats.document_types import Document, Name

BASELINE = "speed.json"
FORMAT: Literal["swapcharge-bench-speed"] = "swapcharge-bench-speed"
LOSS = 0.25  # share of the baseline by which a workload may have become slower
DIGITS = 3


class SpeedDocument(Document, frozen=True, kw_only=True):
    """A file of ratios."""

    format: Annotated[Literal["swapcharge-bench-speed"], Meta(description='the text "swapcharge-bench-speed"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    ratios: Annotated[
        dict[Name, Annotated[float, Meta(gt=0)]],
        Meta(description="by name of a workload: its processor seconds in units of the calibration"),
    ]


def read_baseline(folder: Path) -> dict[str, float]:
    """The committed ratios beside a library, by name. Raises InputErrors."""
    path = folder / BASELINE
    try:
        return decode(read_bytes(path), SpeedDocument).ratios
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None


def write_baseline(folder: Path, ratios: Mapping[str, float]) -> None:
    """Write the ratios beside a library. Raises OutputErrors."""
    made = {name: round(ratio, DIGITS) for name, ratio in ratios.items()}
    write_whole(str(folder / BASELINE), indented_document(SpeedDocument(format=FORMAT, version=1, ratios=made)))


def most_allowed(baseline: Mapping[str, float], noise: float) -> dict[str, float]:
    """The ratio of each workload beyond which it is slower than its baseline allows."""
    return {name: ratio * (1 + LOSS + noise) for name, ratio in baseline.items()}


def is_loss(name: str, ratio: float, most: Mapping[str, float]) -> bool:
    """Is a workload slower than allowed, or without a baseline?"""
    return name not in most or ratio > most[name]
