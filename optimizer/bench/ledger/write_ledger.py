"""The ledger's folder, written so that it is right at every moment, by one command at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.errors import Problem
from optimizer.bench.ledger.improvement_log import LOG, Improvement, log_with
from optimizer.bench.ledger.ledger_document import LedgerDocument, LedgerEntry
from optimizer.bench.ledger.ledger_file import LEDGER, PLANS, ledger_or_empty, ledger_text, left_over
from optimizer.files.errors import ABSENT, OutputErrors
from optimizer.files.folder_lock import FolderInUseError, lock_folder
from optimizer.files.read_write import write_whole

MARK = b"swapcharge ledger\n"
AGAIN = "nothing was written: run the same command again"


def write_ledger(
    folder: Path,
    before: LedgerDocument,
    entries: Sequence[LedgerEntry],
    contents: Mapping[str, bytes],
    improvements: Iterable[Improvement],
) -> None:
    """New plans and proofs (`contents` by file), the log, the ledger, and then what no entry names any more is removed.

    `before`: the ledger from which `entries` were made. Raises OutputErrors where a file cannot be written, or where
    another command writes to the ledger or has changed it since, and InputErrors where the log is none: nothing is
    written then.
    """
    logged = list(improvements)
    with _one_at_a_time(folder):
        refuse_changed(folder, before)
        log = log_with(folder, logged)
        (folder / PLANS).mkdir(exist_ok=True)
        for name, content in contents.items():
            write_whole(folder / name, content)
        if logged:
            write_whole(folder / LOG, log)
        write_whole(folder / LEDGER, ledger_text(entries))
        for name in left_over(folder, entries):
            (folder / name).unlink()


def refuse_changed(folder: Path, before: LedgerDocument) -> None:
    """Raises OutputErrors where the ledger in `folder` is no longer what it was `before`."""
    if ledger_or_empty(folder) != before:
        raise _refused(folder, "was changed by another command in the meantime", AGAIN)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other commands from writing to the ledger in the meantime. Raises OutputErrors where one does already."""
    try:
        lock = lock_folder(folder, MARK)
    except FolderInUseError:
        raise _refused(folder, "is being written by another command", AGAIN) from None
    except OSError as error:
        rule = f"cannot be written ({error.strerror or error})"
        raise _refused(folder, rule, "put that right, or name another folder with --ledger") from None
    try:
        yield
    finally:
        lock.close()


def _refused(folder: Path, rule: str, remedy: str) -> OutputErrors:
    return OutputErrors(str(folder / LEDGER), [Problem("", ABSENT, rule, remedy)])
