"""A report of the benchmark as one HTML file: drawings inline, without a network."""

from __future__ import annotations

from optimizer.bench.report.contents import (
    Alarm,
    BulletList,
    Figure,
    Paragraph,
    Part,
    Report,
    Section,
    Table,
    Transcript,
)
from optimizer.graphics import html_page as report_page
from optimizer.graphics.markup import Markup, joined, tag, text


def as_html(report: Report) -> bytes:
    """The file's bytes; text from records is escaped."""
    return report_page.page(
        report.title,
        report_page.heading(report.kicker, report.title, *report.below),
        *(_alarm(alarm) for alarm in report.alarms),
        *(_section(section) for section in report.sections),
        tag("footer", text(report.foot)),
    )


def _alarm(alarm: Alarm) -> Markup:
    return report_page.banner(alarm.title, report_page.listed(alarm.lines))


def _section(section: Section) -> Markup:
    return report_page.section(section.title, *(_part(part) for part in section.parts))


def _part(part: Part) -> Markup:
    match part:
        case Paragraph():
            return report_page.paragraph(part.text, "lead")
        case BulletList():
            return tag("div", report_page.listed(part.lines), class_="sheet sentences")
        case Table():
            table = report_page.table(part.name, part.heads, part.rows, sortable=True)
            return tag("div", table, class_="sheet")
        case Transcript():
            lines = joined(map(text, part.text.split("\n")), "\n")
            return tag("div", tag("h3", text(part.title)), tag("pre", lines), class_="sheet")
        case Figure():
            css = "small" if part.is_small else ""
            return report_page.figure(part.title, part.drawing, note=part.note, css=css)
