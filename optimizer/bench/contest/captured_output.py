"""What a run wrote to a stream: read as it comes, its beginning and its end kept, made fit for records and pages."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import IO

from optimizer.files.errors import printable

CHUNK_BYTES = 65_536
FIRST_CHARACTERS, LAST_CHARACTERS = 2_000, 6_000  # of a text that are kept: how it began, and what it came to
BYTES_EACH = 4  # of a character, at most
PATIENCE_SECONDS = 2.0  # for a stream that something outside of the run's reach still holds open
SEQUENCE = re.compile(  # of terminals, ECMA-48: titles and links, colours and moves of the cursor, other escapes
    r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]"
)


@dataclass
class CapturedStream:
    """Reads a stream to its end in a thread of its own, so that whoever writes to it never waits, however much it is.

    No more than its first and last bytes are held.
    """

    stream: IO[bytes]
    _first: bytearray = field(default_factory=bytearray)
    _last: deque[bytes] = field(default_factory=deque)
    _last_bytes: int = 0
    _all_bytes: int = 0
    _patience_seconds: float = PATIENCE_SECONDS

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What came, once all who wrote are gone: cleaned, shortened."""
        self.close()
        last = b"".join(self._last)
        left_out = self._all_bytes - len(self._first) - len(last)
        if left_out <= 0:
            return cleaned(bytes(self._first + last).decode(errors="replace"))
        halves = (bytes(half).decode(errors="replace") for half in (self._first, last))
        first, end = map(_plain, halves)
        return f"{first[:FIRST_CHARACTERS]}\n{_mark(f'{left_out:,} bytes or more')}\n{end[-LAST_CHARACTERS:]}"

    def close(self) -> None:
        """Wait for the end of the stream, but once; one that somebody else still holds open is left alone."""
        self._thread.join(self._patience_seconds)
        self._patience_seconds = 0.0
        if not self._thread.is_alive():
            self.stream.close()

    def _read(self) -> None:
        while chunk := os.read(self.stream.fileno(), CHUNK_BYTES):
            self._all_bytes += len(chunk)
            room = BYTES_EACH * FIRST_CHARACTERS - len(self._first)
            self._first += chunk[:room]
            if rest := chunk[room:]:
                self._last.append(rest)
                self._last_bytes += len(rest)
            while self._last and self._last_bytes - len(self._last[0]) >= BYTES_EACH * LAST_CHARACTERS:
                self._last_bytes -= len(self._last.popleft())


def cleaned(text: str) -> str:
    """The text without sequences that steer a terminal, every line fit to be shown, its middle left out if it is long.

    A line that a program wrote over and over (ends in a carriage return) counts as several.
    """
    return shortened(_plain(text))


def shortened(plain: str) -> str:
    """The text with its middle left out if it is long, in signs that a file can hold."""
    plain = plain.encode(errors="backslashreplace").decode()
    left_out = len(plain) - FIRST_CHARACTERS - LAST_CHARACTERS
    if left_out <= 0:
        return plain
    return f"{plain[:FIRST_CHARACTERS]}\n{_mark(f'{left_out:,} characters')}\n{plain[-LAST_CHARACTERS:]}"


def _plain(text: str) -> str:
    lines = SEQUENCE.sub("", text).expandtabs().splitlines()
    return "\n".join(printable(line.rstrip()) for line in lines).strip("\n")


def _mark(what: str) -> str:
    return f"[... {what} left out ...]"
