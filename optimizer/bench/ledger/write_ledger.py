"""The ledger's folder, written so that it is right at every moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from optimizer.bench.ledger.improvement_log import LOG, Improvement, log_with
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.ledger.ledger_file import LEDGER, PLANS, ledger_text, left_over
from optimizer.files.read_write import write_whole


def write_ledger(
    folder: Path,
    entries: Sequence[LedgerEntry],
    contents: Mapping[str, bytes],
    improvements: Iterable[Improvement],
) -> None:
    """New plans and proofs (`contents` by file), the log, the ledger, and then what no entry names any more is removed.

    Raises OutputErrors where a file cannot be written, InputErrors where the log is none, before anything is written.
    """
    logged = list(improvements)
    log = log_with(folder, logged)
    (folder / PLANS).mkdir(exist_ok=True)
    for name, content in contents.items():
        write_whole(folder / name, content)
    if logged:
        write_whole(folder / LOG, log)
    write_whole(folder / LEDGER, ledger_text(entries))
    for name in left_over(folder, entries):
        (folder / name).unlink()
