"""What runs write: read without end, kept in part, and harmless to whoever reads it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bench.contest.captured_output import FIRST_CHARACTERS, LAST_CHARACTERS, CapturedStream, cleaned
from optimizer.files.errors import is_seen

MARK = 60  # characters of the line between beginning and end


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain\nlines\n", "plain\nlines"),
        ("\x1b[1;31mred\x1b[0m \x9b2Kgone", "red gone"),
        ("\x1b]0;a title\x07after \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "after link"),
        ("\x1b]never ended\nnext", "next"),
        ("\x1b(Bcharset \x1b7saved", "charset saved"),
        ("10 %\r20 %\r\nend", "10 %\n20 %\nend"),
        ("a\tb", "a       b"),
        ("bell\x07 \u202eturned", "bell\\x07 \\u202eturned"),
        ("\n\n  indented\n\n", "  indented"),
    ],
)
def test_sequences_go_and_the_rest_is_spelled_out(text: str, told: str) -> None:
    assert cleaned(text) == told


@given(st.text(st.sampled_from("\x1b\x9b[]()P\\0;1mK\x07\r\n\t\x08\u202eaß")) | st.text())
def test_nothing_that_is_kept_can_steer_a_terminal(text: str) -> None:
    assert all(is_seen(sign) for sign in cleaned(text).replace("\n", ""))


@given(st.integers(0, 30_000))
def test_no_more_is_kept_than_beginning_and_end(length: int) -> None:
    text = "ab" * (length // 2)
    found = cleaned(text)
    assert len(found) <= FIRST_CHARACTERS + LAST_CHARACTERS + MARK
    is_whole = len(text) <= FIRST_CHARACTERS + LAST_CHARACTERS
    assert (found == text) == is_whole
    assert is_whole or f"[... {len(text) - FIRST_CHARACTERS - LAST_CHARACTERS:,} characters left out ...]" in found


@pytest.mark.parametrize("lines", [0, 1, 200, 40_000])
def test_a_stream_is_read_to_its_end(lines: int) -> None:
    ours, theirs = os.pipe()
    captured = CapturedStream(os.fdopen(ours, "rb"))
    with os.fdopen(theirs, "wb") as stream:  # it would wait for ever, were nobody reading
        stream.writelines(b"line %d\n" % number for number in range(lines))
    told = captured.text()
    assert len(told) <= FIRST_CHARACTERS + LAST_CHARACTERS + MARK
    kept = [line for line in told.splitlines() if not line.startswith("[...")]
    assert kept[:1] == ["line 0"][:lines] and kept[-1:] == [f"line {lines - 1}"][:lines]
    assert ("left out" in told) == (lines > 1000)
    assert captured.text() == told


def test_who_holds_a_stream_open_is_waited_for_but_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    captured = CapturedStream(os.fdopen(ours, "rb"), _patience_seconds=0.01)
    waits = list[float]()
    join = captured._thread.join
    monkeypatch.setattr(captured._thread, "join", lambda seconds: (waits.append(seconds), join(seconds)))
    with os.fdopen(theirs, "wb"):
        assert captured.text() == captured.text() == ""
        captured.close()
        assert waits == [0.01, 0.0, 0.0]
    join()
    captured.close()
    assert captured.stream.closed
