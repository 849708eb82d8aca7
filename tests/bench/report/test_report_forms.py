"""The forms of the benchmark's report: HTML and Markdown hold the same, and nothing in a record is read as either."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Sequence
from typing import Any

import bench_records as records
import pages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Report, seconds
from optimizer.bench.report.html import as_html
from optimizer.bench.report.markdown import as_markdown, escaped
from optimizer.bench.report.report import ReportOptions, bench_report

HOSTILE = "<script>alert(1)</script>|`*_[x](http://evil)\n# www.evil"


def report(runs: Sequence[RunRecord], **asked: Any) -> Report:
    return bench_report(ComparedRuns(runs), ReportOptions(**asked))


def page(runs: Sequence[RunRecord], **asked: Any) -> pages.Page:
    return pages.parsed(as_html(report(runs, **asked)))


@pytest.fixture(scope="module")
def whole() -> pages.Page:
    return page(records.library(), times_seconds=(5.0, 60.0, 300.0))


def test_markdown_holds_the_same_tables(whole: pages.Page) -> None:
    text = as_markdown(report(records.library(), times_seconds=(5.0, 60.0, 300.0))).decode()
    captions = re.findall(r"<caption>(.*?)</caption>", whole.source)
    assert [html.unescape(name) for name in re.findall(r"^### (.*)$", text, re.MULTILINE)] == captions
    assert "| engine | 2 of 3 | 10.7 | 1.00 | 68.0 | 8.10 | 1.67 % | 5.00 % | – | 4.67 | 6.17 |" in text.splitlines()
    assert "> **1 run WRONG: plan or bound refuted**\n>\n> - arc-flow on one, seed 0: its plan breaks a rule\n" in text
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == [f"## {title}" for title in re.findall(r"<h2>(.*?)</h2>", whole.source)]


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_same_runs_in_any_order_give_the_same_bytes(rng: random.Random) -> None:
    runs = records.library()
    expected, found = report(runs), report(rng.sample(runs, len(runs)))
    assert as_html(found) == as_html(expected) and as_markdown(found) == as_markdown(expected)


def hostile() -> list[RunRecord]:
    """Everything that is free text in a record, hostile."""
    texts: dict[str, Any] = dict.fromkeys(("suite", "family", "formulation", "solver", "began"), HOSTILE)
    texts |= {"options": {HOSTILE: HOSTILE}, "versions": {HOSTILE: HOSTILE}, "machine": {HOSTILE: HOSTILE}}
    return [
        records.solved(HOSTILE, HOSTILE, **texts),
        records.ended("b", HOSTILE, "WRONG", HOSTILE, **texts),
        records.solved("c", HOSTILE, objective=150.0, bound=149.0, **texts),
        records.ended("d", HOSTILE, "NA", HOSTILE, **texts),
    ]


def test_nothing_in_a_record_is_html() -> None:
    found = page(hostile(), reference=[records.solved(HOSTILE, HOSTILE, 50.0)])
    assert found.tags.count("script") == 1 and "a" not in found.tags
    assert any("<script>alert(1)</script>" in words for words in found.words)


def test_nothing_in_a_record_is_markdown() -> None:
    text = as_markdown(report(hostile(), reference=[records.solved(HOSTILE, HOSTILE, 50.0)])).decode()
    assert "<" not in text and "alert" in text and "\n# www" not in text
    assert "://" not in text and not re.search(r"www\.|(?<!\\)\]\(", text)
    for block in text.split("\n\n"):
        if block.startswith("| "):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block


KILLED_LATE = "it did not end: killed 10 s after its time limit"


def failed() -> list[RunRecord]:
    """Two failures for one reason, hostile words, two runs that were killed, one in silence, and one that was not."""
    wrote = {"traceback": "Traceback:\n  File x\n```\n# head\n<script>alert(1)</script>", "stdout": "````\nx"}
    return [
        records.solved("engine", "one"),
        records.ended("mine", "one", "ER", "ValueError: no", **wrote),
        records.ended("mine", "two", "ER", "ValueError: no", stderr="other words"),
        records.ended("mine", "three", "ER", "its process ended"),
        records.ended("mine", "four", "TO", KILLED_LATE, stderr="\x1b[2Jhangs"),
        records.ended("mine", "five", "TO", KILLED_LATE),
        records.ended("mine", "six", "TO", "no plan: there was no time"),
    ]


def test_failed_runs_tell_where_and_what_they_wrote() -> None:
    found = page(failed())
    rows = found.table("Runs that failed or were killed")
    assert [row[1] for row in rows[1:]] == ["five", "four", "one", "three", "two"]
    assert ["mine", "three", "0", "ER", "its process ended"] in rows
    titles = re.findall(r"<h3>(mine on [^<]*)</h3>", found.source)
    same = "mine on one, seed 0, and 1 run more for the same reason"
    assert titles == ["mine on four, seed 0: standard error", f"{same}: traceback", f"{same}: standard output"]
    assert "<pre>Traceback:\n  File x\n```\n# head\n&lt;script&gt;alert(1)&lt;/script&gt;</pre>" in found.source
    assert "<pre>\\x1b[2Jhangs</pre>" in found.source and "\x1b" not in found.source
    assert "Failed runs" not in page([records.solved("engine", "one")]).source


def test_what_failed_runs_wrote_does_not_leave_its_fence() -> None:
    text = as_markdown(report(failed())).decode()
    assert "````text\nTraceback:\n  File x\n```\n# head\n<script>alert(1)</script>\n````\n" in text
    assert "`````text\n````\nx\n`````\n" in text and "```text\n\\x1b[2Jhangs\n```\n" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("reference:highs-ipm", "reference:highs-ipm"),
        ("a_b*c", "a\\_b\\*c"),
        ("a|b\\", "a\\|b\\\\"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("1. one", "&#49;. one"),
        ("10.7", "10.7"),
        ("# head", "&#35; head"),
        ("- item", "&#45; item"),
        ("http://x www.y", "http:/\\/x www\\.y"),
        ("a\nb", "a\\\\nb"),
        ("−1.00", "−1.00"),
    ],
)
def test_signs_of_markdown_are_escaped(words: str, told: str) -> None:
    assert escaped(words) == told


def test_seconds_are_told_to_three_digits() -> None:
    assert [seconds(value) for value in (0.0123, 1.234, 12.34, 1234.5, None)] == ["0.012", "1.23", "12.3", "1,234", "–"]
