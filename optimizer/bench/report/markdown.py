"""A report of the benchmark as Markdown: the same words and tables, drawings left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from optimizer.bench.report import contents
from optimizer.files.errors import printable
from optimizer.graphics.html_page import MOST_ROWS, Cell

SIGNS = re.compile(r"[\\`*_\[\]|~]")
LINK = re.compile(r"(?i)(://|\bwww\.)")  # what turns into a link by itself
MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
TICKS = re.compile("`+")
FIRST = re.compile(r"^(\s*)([-+#=]|\d+(?=[.)](?:\s|$)))")  # what begins a list, a heading or a rule


def as_markdown(report: contents.Report) -> bytes:
    """The file's bytes; text from records is escaped, so that it is never read as Markdown or HTML."""
    blocks = [f"# {escaped(report.title)}", *(escaped(line) for line in report.below if line)]
    blocks += [block for alarm in report.alarms for block in _alarm(alarm)]
    blocks += [block for section in report.sections for block in _section(section)]
    return ("\n\n".join([*blocks, escaped(report.foot)]) + "\n").encode()


def escaped(words: str) -> str:
    """`words` on one line, each sign that Markdown or HTML would read made a plain one."""
    plain = "".join(MARKUP.get(sign, sign) for sign in printable(words))
    plain = LINK.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", SIGNS.sub(r"\\\g<0>", plain))
    return FIRST.sub(lambda found: f"{found[1]}{_harmless(found[2])}", plain)


def _harmless(begin: str) -> str:
    return f"&#{ord(begin[0])};{begin[1:]}"


def _alarm(alarm: contents.Alarm) -> Iterator[str]:
    yield "\n".join([f"> **{escaped(alarm.title)}**", ">", *(f"> - {escaped(line)}" for line in _shown(alarm.lines))])


def _section(section: contents.Section) -> Iterator[str]:
    blocks = [block for part in section.parts for block in _part(part)]
    if blocks:
        yield from (f"## {escaped(section.title)}", *blocks)


def _part(part: contents.Part) -> Iterator[str]:
    match part:
        case contents.Paragraph():
            yield escaped(part.text)
        case contents.BulletList():
            yield "\n".join(f"- {escaped(line)}" for line in _shown(part.lines))
        case contents.Table():
            yield f"### {escaped(part.name)}"
            yield _table(part)
        case contents.Transcript():
            yield f"### {escaped(part.title)}"
            yield _fenced(part.text)
        case contents.Figure():
            return


def _fenced(words: str) -> str:
    """Lines as they stand, between fences longer than any in them: nothing inside is read as Markdown or HTML."""
    lines = [printable(line) for line in words.split("\n")]
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in TICKS.findall(line)), default=0))
    return "\n".join([f"{fence}text", *lines, fence])


def _shown(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST_ROWS
    return [*lines[:MOST_ROWS], *([f"and {more:,} more"] if more > 0 else [])]


def _table(table: contents.Table) -> str:
    rule = ["--:" if head.is_number else ":--" for head in table.heads]
    rows = [_row(row) for row in table.rows[:MOST_ROWS]]
    more = len(table.rows) - MOST_ROWS
    after = [f"\n{more:,} more rows are not shown."] if more > 0 else []
    return "\n".join([_line([escaped(head.name) for head in table.heads]), _line(rule), *rows, *after])


def _row(row: Sequence[Cell]) -> str:
    return _line([escaped(cell.words) for cell in row])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
