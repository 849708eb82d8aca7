"""What plans save, in words: the smaller of two savings first, what it is made of, then the other one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from models.station.result import StationResult
from models.station.saving import Saving, Savings

COST_LINES = (
    ("energy", "energy"),
    ("demand", "demand charge"),
    ("wear", "wear"),
    ("plug_changes", "plug changes"),
    ("lost_swaps", "lost swaps"),
    ("reserve", "missing reserve"),
)
PART_WORDS = (*COST_LINES, ("drivers_energy", "energy that drivers get"), ("end_value", "energy left inside"))
BASELINES_IN_WORDS = {"on_arrival": "charging on arrival", "load_cap": "charging on arrival under a load cap"}
ROUNDS_TO_NOTHING = 0.005
WIDTH = 106  # of a line, its label left out
UNTOLD = "not worked out"


def savings_of(results: Iterable[StationResult]) -> Savings | None:
    """Of all plans together; None where it is not known of each."""
    found = [one.savings for one in results]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return known[0] if len(known) == 1 else sum(known, Savings())


def saving_lines(savings: Savings | None, currency: str) -> Iterator[str]:
    """For a screen: the smaller saving, its share, baseline and parts; the other one, and the demand charge in it."""
    if savings is None:
        yield UNTOLD
        return
    head = f"{_amount(savings.headline, currency)} against {baseline_in_words(savings)}"
    parts = parts_in_words(savings.headline)
    if parts and len(head) + len(parts) < WIDTH:
        yield f"{head}: {parts}"
    else:
        yield from filter(None, (head, parts))
    if savings.other is not None:
        yield f"{_amount(savings.other, currency)} against {_other_in_words(savings, savings.other)}"


def _other_in_words(savings: Savings, other: Saving) -> str:
    if savings.against == "on_arrival":
        words = baseline_in_words(savings, "load_cap")
    else:
        words = baseline_in_words(savings, "on_arrival") + " without a load cap"
    return words + (f", of it demand charge {signed_money(other.demand)}" if _matters(other.demand) else "")


def told_below(label: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines, the label before the first of them."""
    for number, line in enumerate(lines):
        yield (label if number == 0 else " " * len(label)) + line


def told_amount(result: StationResult) -> str:
    """The smaller saving of one station, for a table."""
    return "" if result.savings is None else signed_money(result.savings.headline.amount)


def _amount(saving: Saving, currency: str) -> str:
    return f"{signed_money(saving.amount)} {currency}{share_in_words(saving)}"


def share_in_words(saving: Saving) -> str:
    """Of what charging costs in the baseline, in brackets; empty where that is nothing."""
    if saving.share is None:
        return ""
    percent = 0.0 if abs(saving.amount) < ROUNDS_TO_NOTHING else 100 * saving.share
    return f" ({percent:.1f} %)".replace("-0.0", "0.0")


def baseline_in_words(savings: Savings, against: str | None = None) -> str:
    """What a saving is told against; by default the smaller one."""
    against = against or savings.against
    return BASELINES_IN_WORDS[against] + (_caps(savings.caps_kw) if against == "load_cap" else "")


def _caps(caps_kw: Mapping[str, float]) -> str:
    shown = sorted({f"{kw:.1f}" for kw in caps_kw.values()}, key=float)
    return f" of {' and '.join(shown)} kW" if shown else ""


def parts_in_words(saving: Saving) -> str:
    """The parts that are more than nothing, in the order of the bill."""
    told = [(words, name, saving.parts[name]) for name, words in PART_WORDS]
    shown = [f"{words} {signed_money(money)}{_swaps(saving, name)}" for words, name, money in told if _matters(money)]
    return ", ".join(shown)


def _swaps(saving: Saving, name: str) -> str:
    if name != "lost_swaps" or not saving.swaps:
        return ""
    return f" ({abs(saving.swaps):,} {'fewer' if saving.swaps > 0 else 'more'})"


def _matters(money: float) -> bool:
    return abs(money) >= ROUNDS_TO_NOTHING


def signed_money(money: float) -> str:
    """To the cent; what rounds to nothing has no sign."""
    return f"{money if _matters(money) else 0.0:,.2f}"


def savings_columns(savings: Savings | None) -> dict[str, Any]:
    """The columns of tables; none where it is not known."""
    if savings is None:
        return {}
    return {
        "savings_amount": savings.headline.amount,
        "savings_against": savings.against,
        **{f"savings_{name}": money for name, money in savings.headline.parts.items()},
        "savings_on_arrival": savings.on_arrival.amount,
    }
