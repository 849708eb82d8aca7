"""What this command has written so far: when it fails, it must not say that nothing was."""

from __future__ import annotations

_names: list[str] = []


def begin() -> None:
    """A command begins: nothing is written yet."""
    _names.clear()


def note(name: str) -> None:
    """A file, or a part of standard output, is written."""
    _names.append(name)


def in_words() -> str:
    """For the end of a sentence: that nothing was written, or what was."""
    if not _names:
        return "nothing was written"
    more = f" and {len(_names) - 1:,} more" if len(_names) > 1 else ""
    return f"written before it, and whole: {_names[-1]}{more}"
