"""The values that the suite `smoke` must give, as their file has them: names, units and types of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_parts import Document

FORMAT: Literal["swapcharge-bench-smoke"] = "swapcharge-bench-smoke"


class SmokeValue(Document, frozen=True, kw_only=True):
    """What one contender gives."""

    objective: Annotated[float, Meta(description="currency: recomputed by the checker")]
    is_optimal: Annotated[bool, Meta(description="does it prove that no plan costs less?")]


class SmokeInstance(Document, frozen=True, kw_only=True):
    """What the contenders give on one instance."""

    name: Annotated[str, Meta(description="name of the instance in the library")]
    hash: Annotated[str, Meta(description="sha256 over all that the instance says")]
    optimum: Annotated[float | None, Meta(description="currency: the least that any plan costs; null: not proven")]
    contenders: Annotated[dict[str, SmokeValue], Meta(description="values by name of the contender")]


class SmokeDocument(Document, frozen=True, kw_only=True):
    """A whole file of values."""

    format: Annotated[Literal["swapcharge-bench-smoke"], Meta(description='the text "swapcharge-bench-smoke"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    instances: Annotated[tuple[SmokeInstance, ...], Meta(description="the instances")]
