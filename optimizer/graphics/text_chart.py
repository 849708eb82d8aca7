"""Small charts of text: a night's load over its prices."""

from __future__ import annotations

from collections.abc import Sequence

BARS = " ▁▂▃▄▅▆▇█"
ROWS = 5
MOST_COLUMNS = 96


def bars(values: Sequence[float], rows: int, low: float, high: float) -> list[str]:
    """Columns of blocks from `low` to `high`, `rows` lines high, top line first."""
    span = high - low or 1.0
    eighths = [round((value - low) / span * rows * 8) for value in values]
    return ["".join(BARS[min(8, max(0, e - 8 * row))] for e in eighths) for row in reversed(range(rows))]


def fitted(values: Sequence[float], columns: int = MOST_COLUMNS) -> list[float]:
    """Means over equal runs of slots, so that no more than `columns` are left."""
    run = -(-len(values) // columns)
    return [sum(values[i : i + run]) / len(values[i : i + run]) for i in range(0, len(values), run)]


def load_and_price(
    load_kw: Sequence[float],
    price_per_kwh: Sequence[float],
    hours: Sequence[str],
    currency: str,
    below: Sequence[str] = (),
) -> list[str]:
    """Load in kW as blocks, the price under it, lines `below` it, the local hour where it is a multiple of 3.

    `hours[t]`: local time "HH:MM" at the start of slot t.
    """
    load, price = fitted(load_kw), fitted(price_per_kwh)
    run = -(-len(load_kw) // MOST_COLUMNS)
    top_kw = max(load) or 1.0
    lines = [f"{'load' if row == 0 else '':8}{line}".rstrip() for row, line in enumerate(bars(load, ROWS, 0, top_kw))]
    lines[0] += f"  up to {max(load_kw):.0f} kW"
    prices = bars(price, 1, min(0.0, *price), max(price))[0]
    lines.append(f"{'price':8}{prices}  {min(price_per_kwh):.4g} to {max(price_per_kwh):.4g} {currency}/kWh")
    return [*lines, *below, f"{'':8}{_clock_line(hours[::run])}"]


def level_line(name: str, values: Sequence[int], told: str) -> str:
    """One line of blocks from 0 on, each as high as the lowest value of its columns' slots; `told` stands after it."""
    run = -(-len(values) // MOST_COLUMNS)
    lowest = [min(values[i : i + run]) for i in range(0, len(values), run)]
    return f"{name:8}{bars(lowest, 1, 0, max(values))[0]}  {told}"


def count_line(name: str, counts: Sequence[int], told: str) -> str:
    """One line of digits, the sum of each column's slots, "+" from 10 on; `told` stands after it."""
    run = -(-len(counts) // MOST_COLUMNS)
    sums = [sum(counts[i : i + run]) for i in range(0, len(counts), run)]
    digits = "".join(" " if count == 0 else str(count) if count < 10 else "+" for count in sums)
    return f"{name:8}{digits}  {told}".rstrip()


def _clock_line(hours: Sequence[str]) -> str:
    """ "00", "03", … under the columns where those hours begin, as far as they do not run into each other."""
    line = ""
    for column, hour in enumerate(hours):
        if hour.endswith(":00") and int(hour[:2]) % 3 == 0 and len(line) <= column:
            line = line.ljust(column) + hour[:2] + " "
    return line.rstrip()
