"""Why a plan loses a swap: that no plan serves it, that another driver would be lost for it, or that it is cheaper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LostVerdict = Literal["impossible", "costs_another", "cheaper", "not_best", "undecided"]
VERDICTS: tuple[LostVerdict, ...] = ("impossible", "costs_another", "cheaper", "not_best", "undecided")


@dataclass(frozen=True)
class LostReason:
    """Why `swap` is lost.

    `verdict`: "impossible": no plan serves it at any price. "costs_another": no plan serves it and everybody whom this
    plan serves. "cheaper": such plans cost more than this one. "not_best": one was found that costs no more.
    "undecided": none of these is proven, and no such plan was found. `is_proven`: the verdict is, of "cheaper" that
    every such plan costs more.

    `costs_at_least`, `costs_at_most`: currency by which the cheapest plan that serves the swap, whoever is lost for
    it, costs more than the cheapest plan of all; None: not worked out. `instead`: whom that plan loses and this one
    serves. `words`: why, in words without a stop; `price_words`: what serving it would cost; empty: not worked out.
    """

    swap: str
    verdict: LostVerdict
    words: str
    price_words: str = ""
    is_proven: bool = False
    instead: tuple[str, ...] = ()
    costs_at_least: float | None = None
    costs_at_most: float | None = None
