"""study.json: the question, the answer and what went wrong, as written, as read again, and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from optimizer.files.errors import printable
from optimizer.files.plain_text import counted, table
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.tables import RankedTariff
from optimizer.summaries.saving_text import BASELINES_IN_WORDS

FORMAT: Literal["swapcharge-study-run"] = "swapcharge-study-run"
MOST_NIGHTS = 100_000  # more have no calendar
SHOWN = 10
YEARS_IN_PART = "Of billing years, the nights are a part: bills have a twelfth of a yearly charge for each month of it"
HEADINGS = ("variant", "tariff", "total", "bill", "demand", "fixed", "lost swaps", "on arrival")
MONEY = ("total_cost", "bill", "demand", "fixed", "lost_swaps", "baseline_total_cost")


class CheapestChange(msgspec.Struct, frozen=True):
    """Between two variants that differ in their drivers only, another tariff becomes the cheapest.

    `growth`: where the two cost the same, by straight lines between the variants `first` and `second`; from `low` to
    `high`: where they may, each costing less by as much as its nights' bounds leave open. None: of earlier versions.
    """

    growth: float
    before: str
    after: str
    first: str
    second: str
    low: float | None = None
    high: float | None = None


class StationNights(msgspec.Struct, frozen=True):
    """How many nights of a station in a variant there are, and how many are planned."""

    all: int
    done: int


class UnplannedNights(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A night with its baseline only, or (without night and tariff) a chain of nights that ended early."""

    variant: str
    station: str
    night: str = ""
    tariff: str = ""
    reason: str


class NotForTariff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a tariff is not for the load of a station, or (without variant and station) not for the study's days."""

    tariff: str
    variant: str = ""
    station: str = ""
    rule: str


class CostDifference(msgspec.Struct, frozen=True, kw_only=True):
    """How much more `tariff` costs than `than`, the next cheaper one of the variant: `total_cost` and what it is made
    of. `energy`: with tiers; `fixed`: with minimum charges; `stock_value`: what it leaves less in the packs;
    `other_days`: what less it is billed for days that the study does not have."""

    variant: str
    tariff: str
    than: str
    total_cost: float
    energy: float
    demand: float
    fixed: float
    lost_swaps: float
    other_costs: float
    stock_value: float
    other_days: float = 0.0


class PlansTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A station that has, under a tariff, the plans of the more restricted variant `plans_of`: what these cost over all
    nights, and what its own would."""

    variant: str
    station: str
    tariff: str
    plans_of: str
    total_cost: float
    own_total_cost: float


class MonthBound(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all nights of a station in a variant cost at least under a tariff, planned at once; None: no such bound, for
    `reason`. `left_out`: costs and rules that it does not have, which makes it lower than need be."""

    variant: str
    station: str
    tariff: str
    bound: float | None
    reason: str = ""
    left_out: tuple[str, ...] = ()


class CostCurve(msgspec.Struct, frozen=True, kw_only=True):
    """Total costs of `tariff` over one `parameter`, in `variants` that differ in nothing else, `values` ascending.

    `unproven`: how far each total may lie above the best possible, as the nights' bounds tell; None: not
    known.
    `knee`: the value from which on each further unit saves at most `saves_after`; from the first value to there each
    saves `saves_before` on average; without a knee that is of the whole curve. Currency per unit; of the growth of
    demand, a unit is one per cent. `shape`: "knee", or why there is none.
    """

    parameter: str
    tariff: str
    variants: tuple[str, ...]
    values: tuple[float, ...]
    total_costs: tuple[float, ...]
    unproven: tuple[float | None, ...]
    shape: Literal["knee", "few", "unproven", "flat", "against", "straight", "late"]
    knee: float | None
    saves_before: float
    saves_after: float | None


class StudyOptions(msgspec.Struct, frozen=True):
    """What every night was planned with: gap (a share of gross cost), seconds for a night under one tariff, seed."""

    gap: float
    seconds: float
    seed: int


class StudySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The object of study.json; keys that a later version adds are passed over."""

    format: Literal["swapcharge-study-run"]
    version: Literal[1]
    status: Literal["running", "done", "interrupted"]
    name: str
    currency: str
    time_zone: str
    slot_minutes: int
    first_night: date
    nights: Annotated[int, Meta(ge=1, le=MOST_NIGHTS)]
    stations: tuple[str, ...]
    tariffs: tuple[str, ...]
    variants: tuple[VariantDocument, ...]
    options: StudyOptions
    station_nights: StationNights
    ranking: tuple[RankedTariff, ...]
    answers: tuple[str, ...]
    flips: tuple[CheapestChange, ...]
    same_energy_prices: tuple[tuple[str, ...], ...]
    months_in_part: tuple[str, ...]
    fallbacks: tuple[UnplannedNights, ...]
    failed: tuple[UnplannedNights, ...]
    versions: dict[str, str]
    not_for: tuple[NotForTariff, ...] = ()
    years_in_part: tuple[str, ...] = ()
    differences: tuple[CostDifference, ...] = ()
    month_bounds: tuple[MonthBound, ...] = ()
    station_values: dict[str, float] = {}
    curves: tuple[CostCurve, ...] = ()
    plans_taken: tuple[PlansTaken, ...] = ()
    days: Literal["known", "drawn", "logged"] = "known"
    policy: Literal["hedged", "mean"] | None = None
    seed: int | None = None


def days_in_words(summary: StudySummary) -> str:
    """How nights went, where drivers do not come as planned; empty where they do."""
    if summary.days == "known":
        return ""
    came = "days drawn from it" if summary.days == "drawn" else "the logged drivers"
    planned = "hedged, from the forecast" if summary.policy == "hedged" else "for the forecast's mean"
    seed = f" with seed {summary.seed}" if summary.days == "drawn" else ""
    return f"Each night is planned {planned}, and played through {came}{seed}: told is what really came of it"


def groups_by_growth(variants: Sequence[VariantDocument]) -> Iterator[list[VariantDocument]]:
    """Groups of variants that differ in growth only, by growth."""
    groups: dict[object, list[VariantDocument]] = {}
    for variant in variants:
        groups.setdefault(structs.replace(variant, id="", demand_growth=0.0), []).append(variant)
    yield from (sorted(group, key=lambda variant: variant.demand_growth) for group in groups.values())


def study_screen(summary: StudySummary, folder: str) -> str:
    """The same for people."""
    lines = [
        *_head(summary),
        *_ranking(summary),
        *_month_bounds(summary),
        "",
        *map(printable, summary.answers),
        *study_warnings(summary),
        "",
    ]
    if summary.status == "interrupted":
        lines.append("Interrupted: what is finished stays, and the same command goes on from there")
    lines.append(printable(f"Tables in {folder}; a page to read: swapcharge report {folder} -o study.html"))
    return "\n".join(lines)


def _head(s: StudySummary) -> Iterator[str]:
    yield printable(
        f"Study {s.name}: {counted(len(s.stations), 'station')}, {counted(s.nights, 'night')} from "
        f"{s.first_night}, {counted(len(s.tariffs), 'tariff')}, {counted(len(s.variants), 'variant')}; "
        f"{s.station_nights.done:,} of {s.station_nights.all:,} station-nights planned"
    )
    if words := days_in_words(s):
        yield words
    yield ""


def _ranking(s: StudySummary) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [(*HEADINGS, "saving", "peak kW", "gap")]
    for row in s.ranking:
        variant = row.variant if row.rank == 1 else ""
        money = (f"{getattr(row, name):,.2f}" for name in MONEY)
        gap = "" if row.gap is None else f"{100 * row.gap:.2f} %"
        rows.append((variant, row.tariff, *money, saving_share(row), f"{row.peak_kw:,.0f}", gap))
    yield from table(rows, frozenset({0, 1}))
    if any(row.savings_against == "load_cap" for row in s.ranking):
        yield f"* against {BASELINES_IN_WORDS['load_cap']}; the others against {BASELINES_IN_WORDS['on_arrival']}"


def _month_bounds(s: StudySummary) -> Iterator[str]:
    """How far the plans may be from the best for all nights at once, where that was asked for."""
    if not s.month_bounds:
        return
    rows: list[tuple[str, ...]] = [("variant", "tariff", "total", "month bound", "month gap", "cheaper than the next")]
    for row in s.ranking:
        bound = "" if row.month_bound is None else f"{row.month_bound:,.2f}"
        gap = "" if row.month_gap is None else f"{100 * row.month_gap:.2f} %"
        variant = row.variant if row.rank == 1 else ""
        rows.append((variant, row.tariff, f"{row.total_cost:,.2f}", bound, gap, row.cheaper_than_next))
    yield ""
    yield "All nights planned at once, with every driver known beforehand, cost no less than the month bound:"
    yield from table(rows, frozenset({0, 1, 5}))
    missing = [one for one in s.month_bounds if one.bound is None]
    for one in missing[:SHOWN]:
        yield printable(f"  no bound of {one.variant}, {one.station}, {one.tariff}: {one.reason}")
    if len(missing) > SHOWN:
        yield f"  ... and {len(missing) - SHOWN:,} more without: see study.json (month_bounds)"


def saving_share(row: RankedTariff) -> str:
    """The smaller saving of a tariff; of a study that does not know it, that of its total against charging on arrival.

    A `*` marks those told against charging on arrival under a load cap.
    """
    if row.savings_amount is None or row.savings_share is None:
        return _share(row.saving, row.baseline_total_cost)
    mark = " *" if row.savings_against == "load_cap" else ""
    return f"{100 * row.savings_share:.1f} %{mark}".replace("-0.0", "0.0")


def _share(part: float, whole: float) -> str:
    return f"{100 * part / abs(whole):.1f} %" if whole else ""


def study_warnings(s: StudySummary) -> Iterator[str]:
    """Lines on what a reader of the answers has to know; empty ones between one matter and the next."""
    if s.months_in_part:
        yield ""
        months = ", ".join(s.months_in_part)
        yield (
            f"The nights are a part only of {months}: totals have that part of what is charged by the month, "
            "bills have all of it"
        )
    yield from _not_for(s.not_for)
    yield from _years(s.years_in_part)
    wrong = ((s.fallbacks, "nights have charging on arrival only"), (s.failed, "chains of nights ended early"))
    for cases, what in wrong:
        if cases:
            yield ""
            yield f"{len(cases)} {what}:"
            for one in cases[:SHOWN]:
                night = f", {one.night}" if one.night else ""
                yield printable(f"  {one.variant}, {one.station}{night}: {one.reason.splitlines()[0]}")
            if len(cases) > SHOWN:
                yield f"  ... and {len(cases) - SHOWN:,} more: see study.json"


def _years(found: Sequence[str]) -> Iterator[str]:
    if found:
        yield ""
        yield YEARS_IN_PART
        yield from (printable(f"  {one}") for one in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"  ... and {len(found) - SHOWN:,} more: see study.json (years_in_part)"


def not_for_cases(found: Sequence[NotForTariff]) -> list[tuple[NotForTariff, int]]:
    """The first month of each tariff, variant and station that is outside, and how many more months are."""
    cases: dict[tuple[str, str, str], list[NotForTariff]] = {}
    for one in found:
        cases.setdefault((one.tariff, one.variant, one.station), []).append(one)
    return [(of_case[0], len(of_case) - 1) for of_case in cases.values()]


def _not_for(found: Sequence[NotForTariff]) -> Iterator[str]:
    cases = not_for_cases(found)
    if cases:
        yield ""
        yield "Tariffs that are not for these loads or days, all of it in study.json (not_for):"
    for one, more in cases[:SHOWN]:
        names = ", ".join(filter(None, (one.tariff, one.variant, one.station)))
        yield printable(f"  {names}: {one.rule}{f' (and {more} more)' if more else ''}")
    if len(cases) > SHOWN:
        yield f"  ... and {len(cases) - SHOWN:,} more stations and tariffs"
