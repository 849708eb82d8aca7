"""Tables as Parquet, where the extra `parquet` is installed."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from importlib.util import find_spec


def parquet_tables(tables: Mapping[str, bytes], texts: Collection[str]) -> dict[str, bytes]:
    """The CSV tables as Parquet files by name; none without pyarrow. `texts`: columns of names."""
    if not find_spec("pyarrow"):
        return {}
    return {f"{name.removesuffix('.csv')}.parquet": _parquet(text, texts) for name, text in tables.items()}


def _parquet(text: bytes, texts: Collection[str]) -> bytes:
    """Names as texts without the guard against formulas: nothing runs them here."""
    import pandas as pd

    frame = pd.read_csv(io.BytesIO(text), dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values={})
    for name in frame.columns:
        if name in texts:
            frame[name] = frame[name].str.removeprefix("'")
        elif frame[name].dtype == object or str(frame[name].dtype) == "str":
            numbers = pd.to_numeric(frame[name], errors="coerce")
            if numbers.notna().sum() == (frame[name] != "").sum():
                frame[name] = numbers
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()
