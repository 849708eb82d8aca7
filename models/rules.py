"""Small rules that several domain types share: ranges, series lengths, unique ids."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from models.errors import Problem

LARGEST = 1e9  # beyond it no price, power or energy of a station lies, and a solver's arithmetic suffers


def number_in(
    place: str,
    value: float,
    low: float = -math.inf,
    high: float = math.inf,
    remedy: str = "",
    *,
    above_low: bool = False,
) -> Iterator[Problem]:
    """`value` is finite and low ≤ value ≤ high (low < value where `above_low`)."""
    if not math.isfinite(value):
        yield Problem(place, value, "must be a finite number", "write a number; NaN and infinity cannot be planned")
    elif abs(value) > LARGEST:
        yield Problem(
            place, value, f"must be at most {LARGEST:g} in size", "look for a wrong unit or a slip of the pen"
        )
    elif value > high or value < low or (above_low and value <= low):
        yield Problem(place, value, _range_in_words(low, high, above_low), remedy or "correct the value")


def _range_in_words(low: float, high: float, above_low: bool) -> str:
    if math.isinf(high):
        return f"must be greater than {low:g}" if above_low else f"must be at least {low:g}"
    if math.isinf(low):
        return f"must be at most {high:g}"
    return (
        f"must be greater than {low:g} and at most {high:g}" if above_low else f"must be between {low:g} and {high:g}"
    )


def share_of_capacity(place: str, value: float) -> Iterator[Problem]:
    """`value` is a state of charge between 0 and 1; 80 for 0.8 gets a remedy of its own."""
    if 0 <= value <= 1:
        return
    if 2 <= value <= 100:
        remedy = f"a state of charge is a share of the capacity: write {value / 100:g} for {value:g} %"
    else:
        remedy = "a state of charge is a share of the capacity, from 0 (empty) to 1 (full)"
    yield from number_in(place, value, 0, 1, remedy)


def series(
    place: str, values: Sequence[float], slots: int, low: float = -math.inf, remedy: str = ""
) -> Iterator[Problem]:
    """`values` has one finite number a slot, none below `low`; only the first bad slot is reported."""
    if len(values) != slots:
        yield Problem(
            place, f"{len(values)} values", f"must have one value for each of the {slots} slots",
            "give one number for all slots, or as many values as slots",
        )  # fmt: skip
        return
    if all(map(math.isfinite, values)) and min(values) >= max(low, -LARGEST) and max(values) <= LARGEST:
        return  # at a glance, for a network has millions of values
    for slot, value in enumerate(values):
        if found := list(number_in(f"{place}[{slot}]", value, low, remedy=remedy)):
            yield found[0]
            return


def number_or_series(
    place: str, given: float | Sequence[float] | None, slots: int, low: float = -math.inf
) -> Iterator[Problem]:
    """One number for all slots, or one value a slot, none below `low`; None is nothing to look at."""
    if isinstance(given, Sequence):
        yield from series(place, given, slots, low)
    elif given is not None:
        yield from number_in(place, given, low)


def unique(place: str, ids: Sequence[str], what: str) -> Iterator[Problem]:
    """No id twice, none empty."""
    seen: Counter[str] = Counter()
    for index, name in enumerate(ids):
        if not name.strip():
            yield Problem(f"{place}[{index}].id", name, f"a {what} needs an id", "write a text that is not blank")
        elif seen[name]:
            yield Problem(
                f"{place}[{index}].id", name, f"this {what} id is taken by an earlier one", "give every one its own id"
            )
        seen[name] += 1
