"""Bounds of all chains of a study, on a pool of workers: those that its folder has are taken from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from models.errors import InvalidData
from models.station.instance import Night
from models.tariff.bill import Load, bill_and_years
from optimizer.formats.content_hash import digest, night_hash, plain
from optimizer.runs.network_run import GRACE_SECONDS, LIMITS_OVER, LOOK_SECONDS
from optimizer.studies.month_bound.all_nights import (
    all_nights,
    nights_as_carried_out,
    stretches,
    with_first_packs,
    with_least_packs,
)
from optimizer.studies.month_bound.bound_task import BoundFound, ChainAsked, NightsAtOnce, bound_chain
from optimizer.studies.month_bound.kept_bounds import (
    ChainBound,
    read_bound,
    remove_left_over,
    without_bound,
    write_bound,
)
from optimizer.studies.month_bound.priced_stretches import chain_stretches
from optimizer.studies.study import StudyTariff
from optimizer.studies.study_run import StudyRun
from optimizer.studies.tables import AtStation, StationTariff, StudyTables
from optimizer.studies.under_way.chain import Chain
from optimizer.workers.local_pool import Finished, Pool, PoolBrokenError

METHOD = 3  # of what a bound is made: another one makes other bounds
BY_THE_LOAD = ("energy", "energy_tiers", "demand")
PACKS_LEAVE = "packs leave for good, and the nights are more than 31 days: how many are left in each month is not known"


@dataclass
class BoundRun:
    """`run`: a study whose nights are planned; `tables`: what they came to. Without a `pool` only what is there counts.

    `found`: by variant, station and tariff. `report` is told how many there are of how many. `seconds`: of each.
    """

    run: StudyRun
    tables: StudyTables
    pool: Pool | None
    seconds: float
    report: Callable[[int, int], None] = lambda done, in_all: None
    found: dict[AtStation, ChainBound] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    resumed: int = 0
    _running: dict[int, ChainAsked] = field(default_factory=dict)
    _tickets: int = 0

    @property
    def in_all(self) -> int:
        """Chains under a tariff."""
        return len(self.tables.stations)

    def work(self) -> dict[AtStation, ChainBound]:
        """Every bound. Raises OutputErrors where one cannot be written."""
        remove_left_over(self.run.folder)
        asked = self._asked()
        try:
            self._bound_all(asked)
        except PoolBrokenError as error:
            for one in (*self._running.values(), *asked):
                self._take(one, str(error))
        finally:
            if self.pool is not None:
                self.pool.close()
        return self.found

    def _bound_all(self, asked: Iterator[ChainAsked]) -> None:
        is_over = False
        while not self.run.stop.is_asked and not (is_over and not self._running):
            while not is_over and self.pool is not None and len(self._running) < self.pool.size:
                one = next(asked, None)
                is_over = one is None
                if one is not None:
                    self._start(self.pool, one)
            if self.pool is None:
                is_over = next(asked, None) is None
            else:
                for finished in self.pool.wait(LOOK_SECONDS) if self._running else []:
                    self._settle(self._running.pop(finished.ticket), finished)
            self.report(len(self.found), self.in_all)

    def _start(self, pool: Pool, asked: ChainAsked) -> None:
        self._tickets += 1
        self._running[self._tickets] = asked
        pool.start(self._tickets, bound_chain, (asked,), LIMITS_OVER * self.seconds + GRACE_SECONDS)

    def _settle(self, asked: ChainAsked, finished: Finished) -> None:
        result = finished.result
        if isinstance(result, BoundFound):
            self.cpu_seconds += result.cpu_seconds
            write_bound(self.run.folder, result.bound)
            self.found[result.bound.place] = result.bound
        else:
            self._take(asked, result.reason if hasattr(result, "reason") else type(result).__name__)

    def _take(self, asked: ChainAsked, reason: str) -> None:
        """No bound, for a reason that is not kept: the next run tries again."""
        self.found[asked.variant, asked.station, asked.tariff] = asked.without_bound(reason)

    def _asked(self) -> Iterator[ChainAsked]:
        """Chains under a tariff that the folder has no bound of; the others are taken on the way."""
        rows = {(row.variant, row.station, row.tariff): row for row in self.tables.stations}
        for chain in self.run.chains:
            places = [(chain.variant.id, chain.name, one.id) for one in self.run.study.tariffs]
            if all(place in rows for place in places):
                yield from self._of_chain(chain, [rows[place] for place in places])

    def _of_chain(self, chain: Chain, rows: list[StationTariff]) -> Iterator[ChainAsked]:
        study = self.run.study
        nights = nights_as_carried_out(study, chain.station, chain.variant)
        found = stretches(nights)
        if len(found) > 1 and any(swap.returned_soc is None for night in nights for swap in night.station.swaps):
            for row in rows:
                self._say_why(row, PACKS_LEAVE)
            return
        whole = [_as_one(nights, stretch) for stretch in found]
        own = [night_hash(night) for night in whole]
        for index, (tariff, row) in enumerate(zip(study.tariffs, rows, strict=True)):
            key = digest([METHOD, own, plain(tariff.tariff), study.nights, self.run.options.seed, self.run.versions])
            kept = read_bound(self.run.folder, row.variant, row.station, row.tariff)
            if kept is not None and kept.key == key and (kept.bound is not None or kept.seconds == self.seconds):
                self.resumed += 1
                self.found[kept.place] = kept
            elif self.pool is not None:
                try:
                    priced = chain_stretches(study, tariff.tariff, nights, found, whole)
                    yield self._request(chain, index, tariff, row, priced, key)
                except InvalidData as error:
                    self._say_why(row, str(error))

    def _request(
        self,
        chain: Chain,
        index: int,
        tariff: StudyTariff,
        row: StationTariff,
        priced: tuple[NightsAtOnce, ...],
        key: str,
    ) -> ChainAsked:
        study, horizon = self.run.study, priced[0].night.horizon
        load_kw = tuple(kw for record in chain.records for kw in record.tariffs[index].plan.load_kw)
        load = Load(horizon.start, horizon.slot_minutes, load_kw)
        lines, _ = bill_and_years(tariff.tariff, load, study.zone, to_cents=True, shares=study.months_in_part)
        return ChainAsked(
            key=key,
            variant=row.variant,
            station=row.station,
            tariff=row.tariff,
            stretches=priced,
            fixed=sum(line.amount for line in lines if line.kind == "fixed"),
            load_kw=load_kw,
            billed=sum(line.amount for line in lines if line.kind in BY_THE_LOAD),
            seconds=self.seconds,
            seed=self.run.options.seed,
        )

    def _say_why(self, row: StationTariff, reason: str) -> None:
        place = row.variant, row.station, row.tariff
        self.found[place] = without_bound(place, self.seconds, reason)


def warm_up() -> None:
    """Load what every bound needs."""
    import optimizer.engine.highs  # noqa: F401


def _as_one(nights: Sequence[Night], stretch: range) -> Night:
    """The nights of a stretch as one: with the packs of the chain's first night, or as little as packs may have."""
    own = nights[stretch.start : stretch.stop]
    return all_nights([with_first_packs(own) if stretch.start == 0 else with_least_packs(own, nights), *own[1:]])
