"""A report of the benchmark as one HTML file: drawings inline, without a network."""

from __future__ import annotations

from optimizer.bench.report import contents
from optimizer.graphics import html_page as report_page
from optimizer.graphics.markup import Markup, joined, tag, text


def as_html(report: contents.Report) -> bytes:
    """The file's bytes; text from records is escaped."""
    return report_page.page(
        report.title,
        report_page.heading(report.kicker, report.title, *report.below),
        *(_alarm(alarm) for alarm in report.alarms),
        *(_section(section) for section in report.sections),
        tag("footer", text(report.foot)),
    )


def _alarm(alarm: contents.Alarm) -> Markup:
    return report_page.banner(alarm.title, report_page.listed(alarm.lines))


def _section(section: contents.Section) -> Markup:
    return report_page.section(section.title, *(_part(part) for part in section.parts))


def _part(part: contents.Part) -> Markup:
    match part:
        case contents.Paragraph():
            return report_page.paragraph(part.text, "lead")
        case contents.BulletList():
            return tag("div", report_page.listed(part.lines), class_="sheet sentences")
        case contents.Table():
            table = report_page.table(part.name, part.heads, part.rows, sortable=True)
            return tag("div", table, class_="sheet")
        case contents.Transcript():
            lines = joined(map(text, part.text.split("\n")), "\n")
            return tag("div", tag("h3", text(part.title)), tag("pre", lines), class_="sheet")
        case contents.Figure():
            css = "small" if part.is_small else ""
            return report_page.figure(part.title, part.drawing, note=part.note, css=css)
