"""Days as URDB rates write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from optimizer.files.timestamps import FIRST_YEAR, LAST_YEAR

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def urdb_day(value: object) -> date | None:
    """What URDB writes for a day: seconds since 1970, an ISO text, or one inside {"$date": ...}."""
    if isinstance(value, dict):
        value = value.get("$date")
    try:
        if isinstance(value, str):
            read = date.fromisoformat(value[:10] if DATE.match(value) else value)
        elif isinstance(value, bool):
            return None
        else:
            read = datetime.fromtimestamp(float(value), UTC).date()  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return read if FIRST_YEAR <= read.year < LAST_YEAR else None
