"""summary.json: what a run of `nightly` comes to, as written, as read again, and as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from models.station.result import PlanChanges
from models.station.saving import Savings
from models.station.starts import ChargingFigures
from optimizer.doubts.warnings import InputWarning
from optimizer.files.csv_table import MOST_COUNT
from optimizer.files.errors import printable
from optimizer.files.plain_text import counted
from optimizer.formats.plan_document import CostDocument, SavingsDocument
from optimizer.summaries.plan_text import changes_in_words, gap_in_words, starts_in_words
from optimizer.summaries.saving_text import saving_lines, told_below

FORMAT: Literal["swapcharge-run"] = "swapcharge-run"
SHOWN = 10  # stations that the screen names of each kind
STATES_IN_WORDS = {"fallback": "WITH A BASELINE ONLY", "failed": "FAILED", "open": "still open"}

Count = Annotated[int, Meta(ge=0, le=MOST_COUNT)]
RunStatus = Literal["running", "done", "time_limit", "interrupted"]


class RunHorizon(Struct, frozen=True):
    """When the run's night is: local stamps with their offset from UTC."""

    start: str
    end: str
    time_zone: str
    slot_minutes: int
    slots: int


class RunOptionsUsed(Struct, frozen=True):
    """What the run was asked: seconds are wall time, None for no limit. `engine`: what runs the workers."""

    gap: float
    time_limit_seconds: float | None
    station_time_limit_seconds: float
    seed: int
    workers: int
    engine: Literal["processes", "dask"]
    worker_memory_mb: int | None
    look_ahead_hours: float = 0.0


class ProvenPart(Struct, frozen=True):
    """The part of the network of which something is proven: its stations' sums, and their gap."""

    stations: int
    objective: float
    bound: float
    gap: float | None


class NearPrevious(Struct, frozen=True):
    """What the plans change of those of a previous `run`, for the `stations` that have one there, added up."""

    run: str
    stations: Count
    hand_overs: Count
    slots: Count
    packs: Count
    moved_kwh: float
    extra_cost: float


class CarriedFrom(Struct, frozen=True, kw_only=True):
    """What the stations begin with, other than the network says: `stations` where the last `run` left them.

    `new`: not in that run; `without_plan`: in it without a plan; `gone`: in it, and not in the network. `stated`:
    stations with the packs of a state file, `packs_stated` in all, of whose bays `packs_differ` hold another pack,
    none, or another charge than was known without it, `more_kwh` (kWh) altogether.
    """

    run: str | None
    stations: Count
    new: tuple[str, ...]
    without_plan: tuple[str, ...]
    gone: tuple[str, ...]
    state_file: str | None
    stated: Count
    packs_stated: Count
    packs_differ: Count
    more_kwh: float


class StationFailure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A station with a baseline only, or without any plan (then with its `place` in the network's file), and why."""

    station: str | None
    place: str = ""
    reason: str


class RunSummary(Struct, frozen=True, kw_only=True):
    """The object of summary.json and of `nightly --json`; keys that a later version adds are passed over.

    Money is in `currency`, stamps are UTC. `network` is the file as the command was given it; `bound` and `gap` are
    None unless every plan has a bound. `savings`: like with like; None unless it is known of every plan. Seconds and
    memory are of the last invocation, its workers included.
    """

    format: Literal["swapcharge-run"]
    version: Literal[1]
    id: str
    status: RunStatus
    name: str
    currency: str
    network: str
    horizon: RunHorizon
    started: str
    finished: str | None
    options: RunOptionsUsed
    stations: Count
    planned: Count
    fallback: Count
    failed: Count
    open: Count
    resumed: Count
    swaps_served: Count
    swaps_lost: Count
    objective: float
    gross_cost: float
    baseline_objective: float
    saving: float
    savings: SavingsDocument | None = None
    bound: float | None
    gap: float | None
    gap_median: float | None
    gap_p99: float | None
    gap_max: float | None
    proven: ProvenPart
    cost: CostDocument
    wall_seconds: float
    cpu_seconds: float
    solver_seconds: float
    peak_memory_mb: float
    cpu_split: dict[str, float]
    versions: dict[str, str]
    fallback_stations: tuple[StationFailure, ...]
    failed_stations: tuple[StationFailure, ...]
    problems: tuple[str, ...]
    warnings: tuple[InputWarning, ...] = ()
    near: NearPrevious | UnsetType = UNSET
    carried: CarriedFrom | UnsetType = UNSET
    must_serve_lost: Count = 0
    stays_charged: Count = 0
    starts: Count = 0

    @property
    def told_savings(self) -> Savings | None:
        """`savings` as the domain's type."""
        return None if self.savings is None else self.savings.as_savings

    def proof_in_words(self) -> str:
        """How good the plans are, and of how many of them nothing is proven."""
        if not self.proven.stations:
            return gap_in_words(None, "gap_reached")
        rest = self.planned + self.fallback - self.proven.stations
        others = f"; nothing proven for {rest:,} others" if rest else ""
        return gap_in_words(self.proven.gap, "gap_reached") + others


def run_screen(summary: RunSummary, run_folder: str) -> str:
    """The summary for people, on one screen."""
    return "\n".join(
        [*_head(summary), *_start(summary), *_money(summary), *_warnings(summary), "", *_where(summary, run_folder)]
    )


def _head(s: RunSummary) -> Iterator[str]:
    start, end = (datetime.fromisoformat(stamp) for stamp in (s.horizon.start, s.horizon.end))
    yield printable(f"Network {s.name}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {s.horizon.time_zone}")
    yield ""
    finished = f" ({s.resumed:,} of them found finished)" if s.resumed else ""
    others = "".join(f", {count:,} {words}" for name, words in STATES_IN_WORDS.items() if (count := getattr(s, name)))
    yield f"  stations    {s.stations:,}: {s.planned:,} planned{finished}{others}"


def _start(s: RunSummary) -> Iterator[str]:
    """Where the stations begin, if not as the network says."""
    if isinstance(s.carried, CarriedFrom):
        from_run = [f"where {s.carried.run} ends: {counted(s.carried.stations, 'station')}"] if s.carried.run else []
        stated = f"with the packs of {s.carried.state_file}: {counted(s.carried.stated, 'station')}"
        yield printable(f"  start       {'; '.join([*from_run, *([stated] if s.carried.stated else [])])}")


def _money(s: RunSummary) -> Iterator[str]:
    currency = printable(s.currency)
    yield f"  charging    {s.gross_cost:,.2f} {currency}"
    yield f"  objective   {s.objective:,.2f} {currency}"
    yield from told_below("  saving      ", saving_lines(s.told_savings, currency))
    must = f", {s.must_serve_lost:,} of them must be served" if s.must_serve_lost else ""
    yield f"  swaps       {s.swaps_served:,} served, {s.swaps_lost:,} lost{must}"
    if s.stays_charged:
        yield f"  calm        {starts_in_words(ChargingFigures(s.stays_charged, s.starts))}"
    if isinstance(s.near, NearPrevious):
        yield f"  changes     {changes_in_words(_changes(s.near), currency)}, of {s.near.stations:,} stations"
    alone = "each horizon by itself, without its look-ahead: " if s.options.look_ahead_hours else ""
    yield f"  proof       {alone}{s.proof_in_words()}"
    if s.gap_median is not None and s.gap_p99 is not None and s.gap_max is not None:
        half, most, worst = (f"{100 * gap:.2f} %" for gap in (s.gap_median, s.gap_p99, s.gap_max))
        yield f"  stations'   gaps: half of them up to {half}, 99 of 100 up to {most}, the largest {worst}"
    yield f"  time        {s.wall_seconds:,.1f} s; CPU {s.cpu_seconds:,.1f} s, of which HiGHS {s.solver_seconds:,.1f} s"
    yield f"  memory      {s.peak_memory_mb:,.0f} MB at most, all workers together"


def _changes(near: NearPrevious) -> PlanChanges:
    return PlanChanges(near.hand_overs, near.slots, near.packs, near.moved_kwh, near.extra_cost)


def _warnings(s: RunSummary) -> Iterator[str]:
    only = "a baseline only, nothing proven"
    yield from _listed(f"has {only}", f"have {only}", s.fallback_stations)
    yield from _listed("failed and has no plan", "failed and have no plan", s.failed_stations)
    if s.problems:
        yield ""
        yield from s.problems[:SHOWN]
        yield from _more(len(s.problems))


def _listed(one: str, several: str, stations: Sequence[StationFailure]) -> Iterator[str]:
    if stations:
        yield ""
        yield f"1 station {one}:" if len(stations) == 1 else f"{len(stations):,} stations {several}:"
    for station in stations[:SHOWN]:
        first, *more = station.reason.splitlines() or [""]
        name = station.place if station.station is None else station.station
        yield printable(f"  {name}: {first}") + (f" (and {len(more)} more)" if more else "")
    yield from _more(len(stations))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"  ... and {count - SHOWN:,} more: see summary.json"


def _where(s: RunSummary, run_folder: str) -> Iterator[str]:
    if s.status == "interrupted":
        yield "Interrupted: what is finished stays, and the same command goes on from there"
    if s.status == "time_limit":
        yield "The time was up: the same command goes on from there"
    yield f"Plans in {printable(run_folder)}/plans, beside them stations.csv and summary.json"
