"""A bill for people, spreadsheets and programs. Amounts are rounded where the bill is made, sums add rounded lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from models.tariff.bill import BillLine, cents
from models.tariff.billing_year import Month
from optimizer.files.csv_table import table_text
from optimizer.files.plain_text import table

COLUMNS = ("month", "kind", "name", "quantity", "unit", "rate", "amount")
HEADINGS = ("month", "kind", "name", "quantity", "", "rate", "amount")
LEFT = frozenset({0, 1, 2, 4})
STEPPED = "stepped"
MARKET = "market"


def month_text(month: Month) -> str:
    """A month, or a year where the month is 0."""
    return f"{month[0]}-{month[1]:02d}" if month[1] else str(month[0])


def totals(lines: Sequence[BillLine]) -> dict[str, float]:
    """What the lines of each month, and of each year as such, add up to."""
    found: dict[str, float] = {}
    for line in lines:
        found[month_text(line.month)] = cents(found.get(month_text(line.month), 0.0) + line.amount)
    return found


def total(lines: Sequence[BillLine]) -> float:
    """What all lines add up to."""
    return cents(sum(line.amount for line in lines))


def bill_text(lines: Sequence[BillLine], currency: str) -> str:
    """The bill as a table, a total under each month."""
    rows = [HEADINGS, *_rows(lines), ("", "", "", "", "", "", ""), _sum("all", total(lines), currency)]
    return "\n".join(table(rows, LEFT))


def _rows(lines: Sequence[BillLine]) -> Iterator[tuple[str, ...]]:
    for month, of_month in totals(lines).items():
        yield ("",) * len(HEADINGS)
        for line in lines:
            if month_text(line.month) == month:
                yield _row(line)
        yield _sum(month, of_month, "")


def _sum(what: str, amount: float, currency: str) -> tuple[str, ...]:
    return (what, "total", "", "", "", currency, f"{amount:,.2f}")


def _row(line: BillLine) -> tuple[str, ...]:
    rate = _rateless(line) if line.rate is None else f"{line.rate:.6g}"
    return (
        month_text(line.month), line.kind, line.name, f"{line.quantity:,.2f}", line.unit, rate, f"{line.amount:,.2f}",
    )  # fmt: skip


def _rateless(line: BillLine) -> str:
    return MARKET if line.kind == "energy" else STEPPED


def bill_csv(lines: Sequence[BillLine]) -> str:
    """A row a line, and no totals: those are a spreadsheet's."""
    return table_text(
        COLUMNS, {"name"}, ({**_line_facts(line), "amount": f"{line.amount:.2f}"} for line in lines)
    ).decode()


def _line_facts(line: BillLine) -> dict[str, Any]:
    values = (month_text(line.month), line.kind, line.name, line.quantity, line.unit, line.rate, line.amount)
    return dict(zip(COLUMNS, values, strict=True))


def bill_facts(lines: Sequence[BillLine], currency: str, tariff: str, notes: Sequence[str]) -> dict[str, Any]:
    """The bill as one JSON object."""
    return {
        "tariff": tariff,
        "currency": currency,
        "lines": [_line_facts(line) for line in lines],
        "totals": totals(lines),
        "total": total(lines),
        "notes": list(notes),
    }
