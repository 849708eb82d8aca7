"""What all commands share: exit codes, standard output or a file, the line that shows progress.

Whatever is said goes through `say`: names come from files, and no control sign of theirs reaches a terminal, and no
sign that the stream's encoding lacks ends a command.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from models.errors import Problem
from optimizer.files import written
from optimizer.files.errors import ABSENT, OutputErrors, printable

EXIT_NO, EXIT_USAGE, EXIT_LIMIT, EXIT_INTERNAL, EXIT_INTERRUPTED = 1, 2, 3, 70, 130
STANDARD_STREAM = "-"
PROGRESS_CHARACTERS = 110
FALLBACK = "swapcharge"
IN_ASCII = {
    "–": "-", "—": "-", "×": "x", "…": "...", "·": ".", "→": "->", "≤": "<=", "≥": ">=", "’": "'", "“": '"', "”": '"',
    "₂": "2", "€": "EUR", "Δ": "delta", "η": "eta",
}  # fmt: skip
BARS, BARS_IN_ASCII = "▁▂▃▄▅▆▇█", "._-=+oO#"


def fit_streams() -> None:
    """Have standard output and error show in other words what their encodings cannot say, whatever writes there."""
    _fill_closed_streams()
    codecs.register_error(FALLBACK, _in_other_words)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=FALLBACK)


def _fill_closed_streams() -> None:
    """Where a stream is closed, the next file would get its number, and whatever a library prints."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


@contextmanager
def stdout_kept() -> Iterator[None]:
    """Send to standard error whatever is written to standard output meanwhile, by a module of the user's own or by a
    program that it starts."""
    if sys.stdout is not None:
        sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _in_other_words(error: UnicodeError) -> tuple[str, int]:
    """Our own signs in ASCII; of names, the number of the sign, so that no two names look alike."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(sign) or sign.encode("unicode_escape").decode() for sign in signs), error.end


def say(text: str, *, to_stderr: bool = False) -> None:
    """Print lines. Control characters, direction marks and whatever else cannot be seen is spelled out."""
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is not None:  # as it is where a program without a terminal started this one
        lines = "\n".join(map(printable, text.split("\n")))
        stream.write(f"{_with_bars(lines, stream)}\n")
        stream.flush()


def _with_bars(text: str, stream: TextIO) -> str:
    """Bars of a chart stay as they are, or all go: some encodings have a few of them."""
    try:
        BARS.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(str.maketrans(BARS, BARS_IN_ASCII))
    return text


def print_result(result: object, *, to_stderr: bool = False) -> None:
    """Print a text, anything else as JSON: letters as they are where the stream has Unicode, else as ASCII."""
    if not isinstance(result, str):
        from optimizer.files.json_text import indented_json

        stream = sys.stderr if to_stderr else sys.stdout
        result = indented_json(result, in_ascii=not _has_unicode(stream))
    say(result, to_stderr=to_stderr)


def _has_unicode(stream: TextIO | None) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return codecs.lookup(encoding).name.startswith("utf-")


def check_output(output: str, inputs: Sequence[str | None], kind: str, mark: bytes) -> None:
    """Refuse a file that must not be written over, see `check_target`; "-" is fine. Raises OutputErrors."""
    if output != STANDARD_STREAM:
        from optimizer.files.read_write import check_target

        files = [name for name in inputs if name is not None and name != STANDARD_STREAM]
        check_target(output, files, kind, mark)


def write_output(output: str, data: bytes) -> None:
    """Write to the file (packed where its name ends in .gz), or to standard output for "-". Raises OutputErrors."""
    if output == STANDARD_STREAM:
        write_pieces([data])
    else:
        from optimizer.files.read_write import write_whole

        write_whole(output, data)


def write_pieces(pieces: Iterable[bytes]) -> None:
    """Write to standard output, as bytes: what a file holds is UTF-8 whatever a terminal shows. Raises OutputErrors."""
    if sys.stdout is None:
        raise OutputErrors("standard output", [Problem("", ABSENT, "is closed", "name a file with -o")])
    for piece in pieces:
        sys.stdout.buffer.write(piece)
        written.note("standard output")
    sys.stdout.buffer.flush()


def shows_progress() -> bool:
    """Is there a terminal on which a progress line shows?"""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_line() -> Callable[[str], None]:
    """What shows how far the work is: one line on stderr, rewritten in place; nothing unless stderr is a terminal."""
    stream = sys.stderr
    if not shows_progress():
        return lambda text: None

    def show(text: str) -> None:
        stream.write(f"\r\033[K{printable(text)[:PROGRESS_CHARACTERS]}")
        stream.flush()

    return show
