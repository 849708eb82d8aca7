"""The report of a plan file: one station after the other, an overview first where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.errors import Problem
from models.station.instance import Instance
from optimizer.files.errors import InputErrors
from optimizer.files.plain_text import counted, some_of
from optimizer.formats.plan_document import PlanFile
from optimizer.graphics.html_page import (
    Cell,
    Head,
    banner,
    count_cell,
    heading,
    listed,
    money_cell,
    page,
    paragraph,
    percent_cell,
    section,
    table,
)
from optimizer.graphics.markup import NOTHING, Markup, joined, tag, text
from optimizer.reports.reported_plan import ReportedPlan, ReportedStation, plan_as_checked, plan_as_filed
from optimizer.reports.savings import saved
from optimizer.reports.station import ALONE, station_section
from optimizer.reports.station_tables import sheet

MOST_WARNINGS = 20
MOST_STATIONS = 12  # drawn: more would make a file that no browser likes to open


def plan_report(plan: PlanFile, name: str, instance: Instance | None, station: str | None, about: str = "") -> bytes:
    """The page. `name` is that of the plan's file, `about` a line more on top; `station` picks one of several.

    Raises InputErrors where the plan has no such station, or is for another instance.
    """
    shown = _reported(plan, name, instance, station)
    drawn = shown.worst_first()[:MOST_STATIONS]
    top = heading("Charging plan", plan.instance.name, f"{name}, costs in {plan.currency}", about)
    overview = _overview(shown, len(drawn)) if len(shown.stations) > 1 else NOTHING
    sections = [station_section(one, plan.currency, _place(rank)) for rank, one in enumerate(drawn)]
    return page(
        f"Charging plan {plan.instance.name}", top, _verdict(shown), overview, *sections, made_by(plan.versions)
    )


def _reported(plan: PlanFile, name: str, instance: Instance | None, station: str | None) -> ReportedPlan:
    """Of all stations, for the file's own sums are of all; then of the one that was asked for."""
    if station is not None and all(one.station != station for one in plan.stations):
        remedy = f"it has {some_of([one.station for one in plan.stations]) or 'none'}"
        raise InputErrors(name, [Problem("stations", station, "is not a station of this plan", remedy)])
    reported = plan_as_filed(plan) if instance is None else plan_as_checked(plan, name, instance)
    if station is None:
        return reported
    return replace(reported, stations=tuple(one for one in reported.stations if one.planned.station == station))


def _verdict(reported: ReportedPlan) -> Markup:
    """What the check says of the whole file."""
    if not reported.is_checked:
        return paragraph(ALONE, "hint")
    parts = []
    if reported.violations:
        broken = [one.planned.station for one in reported.stations if one.violations]
        of = counted(len(reported.stations), "station")
        words = f"{counted(reported.violations, 'violation')} in {len(broken):,} of {of}: {some_of(broken)}"
        parts.append(banner("This plan breaks rules. Do not run it.", paragraph(words)))
    else:
        parts.append(
            paragraph("Checked: the plan keeps every rule. Every cost is recomputed from its schedule.", "good")
        )
    if reported.warnings:
        parts.append(banner("The file says what is not so", listed(reported.warnings, MOST_WARNINGS)))
    if reported.left_out:
        names = f"{counted(len(reported.left_out), 'station')} of the instance: {some_of(reported.left_out)}"
        left = f"The plan says nothing of {names}."
        parts.append(paragraph(left, "hint"))
    return joined(parts)


def _overview(reported: ReportedPlan, drawn: int) -> Markup:
    names = ("violations", "lost", "served", "gap in money", "gap", "objective", "saving")
    heads = [Head("station"), *(Head(name, True) for name in names)]
    rows = [_row(one, _place(rank) if rank < drawn else "") for rank, one in enumerate(reported.worst_first())]
    left = len(rows) - drawn
    note = "Stations that break rules come first, then those that lose most swaps, then the largest gap in money."
    if left:
        note += f" The first {drawn} are drawn below, {left:,} are left out: --station ID draws one of them."
    return section(
        f"{len(rows):,} stations",
        paragraph(note, "lead"),
        sheet(table("Stations", heads, rows, sortable=True, counted=True)),
    )


def _place(rank: int) -> str:
    """Where in the page a station is drawn, by its rank from 0."""
    return f"station-{rank + 1}"


def _row(station: ReportedStation, place: str) -> Sequence[Cell]:
    result, (served, lost) = station.result, station.swaps
    return [
        Cell(station.planned.station, link=place),
        count_cell(len(station.violations) if station.night is not None else None),
        count_cell(lost),
        count_cell(served),
        money_cell(station.gap_money),
        percent_cell(station.gap),
        money_cell(None if result is None else result.objective),
        money_cell(None if result is None else saved(result)),
    ]


def made_by(versions: dict[str, str]) -> Markup:
    """The foot of the page: what made the plan."""
    names = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return tag("footer", text(f"Planned by {names}" if names else "It is not known what made this plan"))
