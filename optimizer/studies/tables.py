"""The tables of a study: a dataclass for each, whose fields are its columns in order. Writer and reader share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from typing import TypeVar, get_type_hints

from models.station.saving import Savings
from optimizer.files.csv_table import table_text

PLAN, BASELINE = "plan", "baseline"
SIDES = frozenset({PLAN, BASELINE})
BILL_KINDS = ("energy", "energy_tiers", "demand", "fixed", "minimum")


@dataclass(frozen=True, slots=True)
class NightRow:
    """A row of nights.csv: a night of a station under one tariff; money in the study's currency.

    `objective`, `bound`, `gap` and `planned_gross_cost` are of all that the plan looks at, what follows is of the
    night itself.
    """

    variant: str
    station: str
    night: date
    tariff: str
    status: str
    method: str
    objective: float
    bound: float | None
    gap: float | None
    planned_gross_cost: float
    gross_cost: float
    energy: float
    demand: float
    wear: float
    plug_changes: float
    lost_swaps: float
    reserve: float
    end_value: float
    base_bill: float
    baseline_objective: float
    baseline_gross_cost: float
    baseline_other: float
    baseline_end_value: float
    peak_kw: float
    baseline_peak_kw: float
    kwh: float
    baseline_kwh: float
    end_kwh: float
    baseline_end_kwh: float
    swaps_served: int
    swaps_lost: int
    baseline_swaps_lost: int
    copied_from: str
    reason: str
    plans_of: str = ""

    @property
    def gap_money(self) -> float | None:
        """How far the night's plan may be from its best possible."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A row of periods.csv: what a night drew in one price period, as planned and charging on arrival."""

    variant: str
    station: str
    night: date
    tariff: str
    period: str
    mean_price_per_kwh: float
    kwh: float
    baseline_kwh: float


@dataclass(frozen=True, slots=True)
class BillRow:
    """A row of bills.csv. `rate` is None where it is stepped or a market's; `month` is "2026-07", of a year "2026"."""

    variant: str
    station: str
    tariff: str
    side: str
    month: str
    kind: str
    name: str
    quantity: float
    unit: str
    rate: float | None
    amount: float


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A row of profiles.csv: the mean day of a station at one time of the local clock."""

    variant: str
    station: str
    tariff: str
    local_time: time
    mean_price_per_kwh: float
    mean_kw: float
    baseline_mean_kw: float


@dataclass(frozen=True, slots=True)
class RankedTariff:
    """A row of ranking.csv: one tariff in one variant, all stations together; money in the study's currency.

    `total_cost` = `bill` − `other_days` + `lost_swaps` + `other_costs` − `stock_value`: the utility's bills of all
    months, less what they charge by the month for days that the study does not have, what lost swaps, wear and the like
    cost, less the worth of what the last night leaves in the packs. The peaks are of one
    station in one slot. `savings_...`: like with like; the share is of the baseline's total cost. `month_bound`: no
    plans of all nights together have a smaller total cost; `cheaper_than_next`: "proven" where these plans cost no more
    than that of the next tariff, else "undecided"; "" where nobody asked. `plans_of`: more
    restricted variants whose plans are taken, for they cost less over all nights.
    """

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
    savings_amount: float | None = None
    savings_share: float | None = None
    savings_against: str = ""
    savings_energy: float | None = None
    savings_demand: float | None = None
    savings_wear: float | None = None
    savings_plug_changes: float | None = None
    savings_lost_swaps: float | None = None
    savings_reserve: float | None = None
    savings_drivers_energy: float | None = None
    savings_end_value: float | None = None
    savings_on_arrival: float | None = None
    other_days: float = 0.0
    baseline_other_days: float = 0.0
    month_bound: float | None = None
    month_gap: float | None = None
    cheaper_than_next: str = ""
    plans_of: str = ""


@dataclass(frozen=True, slots=True)
class StationTariff(RankedTariff):
    """A row of stations.csv: one tariff at one station in one variant, its `rank` among the tariffs there."""

    station: str = ""


@dataclass(frozen=True, slots=True)
class TakenPlans:
    """A station that has, under a tariff, the plans of a more restricted variant: what these come to, and its own."""

    plans_of: str
    taken: StationTariff
    own: StationTariff


@dataclass(frozen=True, slots=True)
class CurveRow:
    """A row of curves.csv: the total cost in one of the variants that differ in one `parameter` only, all stations
    together. `curve`: a number for each group of such variants; `saves_each`: what each unit saves since the value
    before, of the growth of demand each per cent; `knee`: "yes" where the tariff's curve has its knee."""

    variant: str
    curve: int
    parameter: str
    value: float
    tariff: str
    total_cost: float
    saves_each: float | None
    knee: str


TABLE_FILES: Mapping[type, str] = {
    NightRow: "nights.csv",
    PeriodRow: "periods.csv",
    BillRow: "bills.csv",
    ProfileRow: "profiles.csv",
    RankedTariff: "ranking.csv",
    StationTariff: "stations.csv",
    CurveRow: "curves.csv",
}
KEYS = ("variant", "station")  # stand first, wherever a table has them
TEXTS = frozenset(name for kind in TABLE_FILES for name, type_ in get_type_hints(kind).items() if type_ is str)
R = TypeVar("R", NightRow, PeriodRow, BillRow, ProfileRow, StationTariff)
VariantTariff = tuple[str, str]
AtStation = tuple[str, str, str]  # variant, station, tariff


def table_name(kind: type) -> str:
    """The name of a table, whatever file it is in."""
    return TABLE_FILES[kind].removesuffix(".csv")


def columns_of(kind: type) -> tuple[str, ...]:
    """The columns of a table."""
    names = tuple(get_type_hints(kind))
    return (*(key for key in KEYS if key in names), *(name for name in names if name not in KEYS))


def table_csv(kind: type, rows: Iterable[object]) -> bytes:
    """Rows of a `kind` of table under their header."""
    columns = columns_of(kind)
    return table_text(columns, TEXTS, ({name: _cell(getattr(row, name)) for name in columns} for row in rows))


def _cell(value: object) -> object:
    return f"{value:%H:%M}" if isinstance(value, time) else value


@dataclass(frozen=True)
class StudyTables:
    """The rows of all tables but the ranking; those of a mean day and of bills are of complete chains of nights.

    `savings`: of each station that is complete, as long as its records are at hand; `other_days`: what its bills, as
    planned and charging on arrival, have of the months' charges for days that the study does not have; `stations`: what
    each tariff comes to there; `taken`: where that is by plans of another variant.
    """

    nights: list[NightRow]
    periods: list[PeriodRow]
    bills: list[BillRow]
    profiles: list[ProfileRow]
    savings: dict[AtStation, Savings | None] = field(default_factory=dict)
    stations: list[StationTariff] = field(default_factory=list)
    other_days: dict[AtStation, tuple[float, float]] = field(default_factory=dict)
    taken: Sequence[TakenPlans] = ()

    @property
    def by_kind(self) -> Mapping[type, Sequence[object]]:
        """The tables by the kind of their rows."""
        return {
            NightRow: self.nights,
            PeriodRow: self.periods,
            BillRow: self.bills,
            ProfileRow: self.profiles,
            StationTariff: self.stations,
        }

    def as_csv(self) -> dict[str, bytes]:
        """The tables by file name."""
        return {TABLE_FILES[kind]: table_csv(kind, rows) for kind, rows in self.by_kind.items()}

    @cached_property
    def nights_of(self) -> Mapping[VariantTariff, list[NightRow]]:
        """Rows of nights.csv by variant and tariff."""
        return _grouped(self.nights)

    @cached_property
    def periods_of(self) -> Mapping[VariantTariff, list[PeriodRow]]:
        """Rows of periods.csv by variant and tariff."""
        return _grouped(self.periods)

    @cached_property
    def bills_of(self) -> Mapping[VariantTariff, list[BillRow]]:
        """Rows of bills.csv by variant and tariff."""
        return _grouped(self.bills)

    @cached_property
    def profiles_of(self) -> Mapping[VariantTariff, list[ProfileRow]]:
        """Rows of profiles.csv by variant and tariff."""
        return _grouped(self.profiles)


def _grouped(rows: Iterable[R]) -> dict[VariantTariff, list[R]]:
    found: dict[VariantTariff, list[R]] = {}
    for row in rows:
        found.setdefault((row.variant, row.tariff), []).append(row)
    return found
