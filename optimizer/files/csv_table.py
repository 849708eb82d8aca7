"""Tables as CSV text in which no cell can run as a formula or break its line, whatever names and messages say."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence

from optimizer.files.errors import printable

FORMULA = ("=", "+", "-", "@", "'")  # what a spreadsheet would run begins like this


def table_text(columns: Sequence[str], texts: Collection[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows under their header. `texts`: columns whose cells come from files."""
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: guarded(row[name]) if name in texts else row[name] for name in columns})
    return text.getvalue().encode()


def guarded(value: object) -> object:
    """A text that a spreadsheet shows and does not run."""
    if not value:
        return value
    shown = printable(str(value))
    return f"'{shown}" if shown.startswith(FORMULA) else shown
