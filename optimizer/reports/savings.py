"""What a report says of savings: the smaller one as a key figure, both with their parts in a table."""

from __future__ import annotations

from models.station.result import StationResult
from models.station.saving import Saving, Savings
from optimizer.graphics.html_page import Cell, Head, money, money_cell, paragraph, table
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.summaries.saving_text import PART_WORDS, ROUNDS_TO_NOTHING, baseline_in_words, share_in_words

NOTE = (
    "The smaller one is the saving. Energy that drivers get less of the plan, or packs hold less at the end, is no "
    "saving: it counts at what the plan pays for a kWh on average."
)


def saved(result: StationResult) -> float:
    """The smaller saving; of a plan file that tells none, the difference of the objectives."""
    return result.saving if result.savings is None else result.savings.headline.amount


def saving_tile(savings: Savings | None, difference: float, currency: str) -> tuple[str, str, str]:
    """The key figure. `difference`: of the objectives, where no savings are known."""
    if savings is None:
        return f"Saving, {currency}", money(difference), "less objective than charging on arrival"
    share = share_in_words(savings.headline).strip(" ()").replace("-", "\N{MINUS SIGN}")
    words = f"{share} against {baseline_in_words(savings)}".strip()
    return f"Saving, {currency}", money(_shown(savings.headline.amount)), words


def savings_part(savings: Savings | None, currency: str) -> Markup:
    """A row a part, a column for each baseline."""
    if savings is None:
        return NOTHING
    both = [savings.on_arrival] if savings.other is None else [savings.load_cap, savings.on_arrival]
    heads = [Head(f"in {currency}")]
    if savings.other is not None:
        heads.append(Head(baseline_in_words(savings, "load_cap"), True))
    heads.append(Head(baseline_in_words(savings, "on_arrival"), True))
    rows = [[Cell(words), *(money_cell(_shown(one.parts[name])) for one in both)] for name, words in _told(both)]
    rows.append([Cell("saving"), *(money_cell(_shown(one.amount)) for one in both)])
    told = table("Saving against", heads, rows, strong=("saving",))
    return tag("div", told, paragraph(NOTE, "hint"), class_="sheet")


def _told(both: list[Saving]) -> list[tuple[str, str]]:
    return [(name, words) for name, words in PART_WORDS if any(_shown(one.parts[name]) for one in both)]


def _shown(amount: float) -> float:
    """What rounds to nothing is nothing: no −0.00."""
    return amount if abs(amount) >= ROUNDS_TO_NOTHING else 0.0
