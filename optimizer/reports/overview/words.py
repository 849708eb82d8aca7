"""Money as pages of a run's overview write it."""

from __future__ import annotations

from optimizer.graphics.html_page import money
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

LARGE = 1000.0  # of any currency: beyond it cents are no key figure
MINUS = "\N{MINUS SIGN}"


def signed_words(amount: float | None) -> str:
    """Currency with a sign unless it rounds to nothing."""
    if amount is None or abs(amount) < ROUNDS_TO_NOTHING:
        return money(None if amount is None else 0.0)
    return f"{'+' if amount > 0 else ''}{money(amount)}"


def whole_money(amount: float | None, *, signed: bool = False) -> str:
    """A key figure: large amounts without cents."""
    if amount is None or abs(amount) < LARGE:
        return signed_words(amount) if signed else money(amount)
    return f"{amount:+,.0f}".removeprefix("" if signed else "+").replace("-", MINUS)
