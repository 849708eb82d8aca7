"""What a report takes from the folder of a study: study.json and the tables beside it, as typed data.

Names are as tables tell them: control characters spelled out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, structs

from models.errors import Problem
from optimizer.files.csv_table import read_table
from optimizer.files.errors import ABSENT, Collector, InputErrors, printable
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.folder import NIGHTS, STUDY, SUMMARY
from optimizer.studies.table_rows import BillRow, NightRow, PeriodRow, ProfileRow
from optimizer.studies.tables import BASELINE, PLAN

MOST_NIGHTS, LAST_YEAR = 100_000, 9000  # beyond these nothing of a calendar can be drawn
FIRST_TABLE = "nights.csv"
TOGETHER = "keep the files of one study together, or run the same study command again"
SAME_MONEY = 1e-6  # relative: sums of one study's lines differ by less, whatever their order

R = TypeVar("R", NightRow, PeriodRow, BillRow, ProfileRow)
Key = tuple[str, str]  # variant, tariff


class Ranked(msgspec.Struct, frozen=True):
    """One tariff in one variant, all stations together: money in the study's currency, kW of one station, kWh."""

    variant: str
    rank: int
    tariff: str
    total_cost: float
    bill: float
    energy: float
    energy_tiers: float
    demand: float
    fixed: float
    minimum: float
    lost_swaps: float
    other_costs: float
    stock_value: float
    baseline_total_cost: float
    saving: float
    peak_kw: float
    baseline_peak_kw: float
    kwh: float
    swaps_served: float
    swaps_lost: float
    baseline_swaps_lost: float
    objective: float
    bound: float | None
    gap: float | None


class Flip(msgspec.Struct, frozen=True):
    """Between the variants `first` and `second`, at a growth of drivers, another tariff becomes the cheapest."""

    growth: float
    before: str
    after: str
    first: str
    second: str


class StationNights(msgspec.Struct, frozen=True):
    """How many nights of a station in a variant there are, and how many are planned."""

    all: int
    done: int


class WentWrong(msgspec.Struct, frozen=True):
    """A night with its baseline only, or (without night and tariff) a chain of nights that ended early."""

    variant: str
    station: str
    reason: str
    night: str = ""
    tariff: str = ""


class StudySummary(msgspec.Struct, frozen=True):
    """What reports take from study.json; other keys are not their concern."""

    format: Literal["swapcharge-study-run"]
    version: Literal[1]
    status: Literal["running", "done", "interrupted"]
    name: str
    currency: str
    time_zone: str
    first_night: date
    nights: Annotated[int, Meta(ge=1, le=MOST_NIGHTS)]
    stations: tuple[str, ...]
    tariffs: tuple[str, ...]
    variants: tuple[VariantDocument, ...]
    station_nights: StationNights
    ranking: tuple[Ranked, ...]
    answers: tuple[str, ...]
    flips: tuple[Flip, ...]
    fallbacks: tuple[WentWrong, ...]
    failed: tuple[WentWrong, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class StudyFacts:
    """A study's folder. Rows are found by variant and tariff."""

    summary: StudySummary
    nights: Sequence[NightRow]
    periods: Sequence[PeriodRow]
    bills: Sequence[BillRow]
    profiles: Sequence[ProfileRow]

    def ranking(self, variant: str) -> list[Ranked]:
        """The variant's tariffs, cheapest first; none where not every night could be planned."""
        return sorted((one for one in self.summary.ranking if one.variant == variant), key=lambda one: one.rank)

    @cached_property
    def nights_of(self) -> Mapping[Key, list[NightRow]]:
        """Rows of nights.csv by variant and tariff."""
        return _grouped(self.nights)

    @cached_property
    def periods_of(self) -> Mapping[Key, list[PeriodRow]]:
        """Rows of periods.csv by variant and tariff."""
        return _grouped(self.periods)

    @cached_property
    def bills_of(self) -> Mapping[Key, list[BillRow]]:
        """Rows of bills.csv by variant and tariff."""
        return _grouped(self.bills)

    @cached_property
    def profiles_of(self) -> Mapping[Key, list[ProfileRow]]:
        """Rows of profiles.csv by variant and tariff."""
        return _grouped(self.profiles)

    @property
    def begin(self) -> datetime:
        """When the first night begins, by the local clock; midnight where no chain of nights is whole."""
        clock = self.profiles[0].local_time if self.profiles else time()
        return datetime.combine(self.summary.first_night, clock)

    @property
    def end(self) -> datetime:
        """When the last night ends, by the local clock."""
        return self.begin + timedelta(days=self.summary.nights)


def _grouped(rows: Iterable[R]) -> dict[Key, list[R]]:
    found: dict[Key, list[R]] = {}
    for row in rows:
        found.setdefault((row.variant, row.tariff), []).append(row)
    return found


def is_study(folder: Path) -> bool:
    """Is this the folder of a study, or of one that was cut off before it had anything to show?"""
    return (folder / SUMMARY).is_file() or (folder / NIGHTS).is_dir()


def read_study_folder(folder: Path) -> StudyFacts:
    """The study in a folder. Raises InputErrors with every problem of study.json, or else of all the tables."""
    summary = _named_as_in_tables(_read_summary(folder))
    if summary.status == "running" and not (folder / FIRST_TABLE).exists():
        rule = "is the folder of a study that has no tables yet: it still runs, or was killed"
        raise InputErrors(str(folder), [Problem("", ABSENT, rule, f"wait for it, or {STUDY.again}")])
    names = {
        "variant": [one.id for one in summary.variants],
        "station": summary.stations,
        "tariff": summary.tariffs,
        "side": (PLAN, BASELINE),
    }
    known = {column: frozenset(values) for column, values in names.items()}
    found = Collector()

    def table(name: str, kind: type[R]) -> list[R]:
        return found.attempt("", lambda: read_table(folder / name, kind, STUDY, known), [])

    facts = StudyFacts(
        summary,
        table(FIRST_TABLE, NightRow),
        table("periods.csv", PeriodRow),
        table("bills.csv", BillRow),
        table("profiles.csv", ProfileRow),
    )
    if problems := found.problems or list(_contradictions(facts)):
        raise InputErrors(str(folder), problems)
    return facts


def _read_summary(folder: Path) -> StudySummary:
    path = folder / SUMMARY
    try:
        return msgspec.json.decode(path.read_bytes(), type=StudySummary)
    except FileNotFoundError:
        rule = f"is the folder of a study without {SUMMARY}: it was cut off before its end"
        raise InputErrors(str(folder), [Problem("", ABSENT, rule, STUDY.again)]) from None
    except OSError as error:
        rule, remedy = f"cannot be read ({error.strerror or error})", "check its permissions"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        rule, remedy = f"is no summary of a study ({error})", STUDY.again
    raise InputErrors(str(path), [Problem("", ABSENT, rule, remedy)])


def _named_as_in_tables(summary: StudySummary) -> StudySummary:
    def shown(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(printable(name) for name in names)

    return structs.replace(
        summary,
        stations=shown(summary.stations),
        tariffs=shown(summary.tariffs),
        variants=tuple(structs.replace(one, id=printable(one.id)) for one in summary.variants),
        ranking=tuple(
            structs.replace(one, variant=printable(one.variant), tariff=printable(one.tariff))
            for one in summary.ranking
        ),
        flips=tuple(Flip(one.growth, *shown((one.before, one.after, one.first, one.second))) for one in summary.flips),
    )


def _contradictions(facts: StudyFacts) -> Iterator[Problem]:
    """Where study.json and the tables are not of one run: such a page would show what nobody computed."""
    summary = facts.summary
    if summary.first_night.year > LAST_YEAR:
        rule = f"must not be after the year {LAST_YEAR}"
        yield Problem(f"{SUMMARY}: first_night", summary.first_night.isoformat(), rule, STUDY.again)
    for variant in dict.fromkeys(one.variant for one in summary.ranking):
        ranked = sorted(one.tariff for one in summary.ranking if one.variant == variant)
        if ranked != sorted(summary.tariffs) or variant not in [one.id for one in summary.variants]:
            rule = "must rank every tariff once, in a variant of the study"
            yield Problem(f"{SUMMARY}: ranking", variant, rule, TOGETHER)
    for index, one in enumerate(summary.ranking):
        yield from _unlike_tables(facts, f"{SUMMARY}: ranking[{index}]", one)


def _unlike_tables(facts: StudyFacts, place: str, one: Ranked) -> Iterator[Problem]:
    """What the tables say otherwise than one row of the ranking."""
    key = (one.variant, one.tariff)
    for name, rows in (("nights", facts.nights_of), ("periods", facts.periods_of), ("profiles", facts.profiles_of)):
        if key not in rows:
            yield Problem(place, one.tariff, f"must have rows in {name}.csv", TOGETHER)
    billed = sum(row.amount for row in facts.bills_of.get(key, ()) if row.side == PLAN)
    if abs(billed - one.bill) > SAME_MONEY * max(1.0, abs(one.bill)):
        rule = f"must be what the lines of bills.csv add up to, {billed:,.2f}"
        yield Problem(f"{place}.bill", one.bill, rule, TOGETHER)
