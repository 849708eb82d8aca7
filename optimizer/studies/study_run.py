"""A study under way: chains of nights, one a station and variant, on a pool of workers.

A night's record is written as soon as it is there, and is the only memory: a study that is killed loses what was
being planned just then, and the next run goes on from the files. A record counts only for what it was asked: its key
is a digest over the night, the tariff, the options and the night before under it. What a fault left with
baselines only has a key of its own, so the next run tries that night again, and then the nights that came of it.
There is a key for each group of tariffs with the same energy prices: what is added to a finished study is all that is
planned.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from models.errors import InvalidData
from optimizer.engine.options import RunOptions
from optimizer.files.json_text import decode
from optimizer.formats.content_hash import digest, night_hash, plain
from optimizer.runs.network_run import FALLBACK_SECONDS, GRACE_SECONDS, LIMITS_OVER, LOOK_SECONDS, Stop
from optimizer.runs.station_task import Infeasible
from optimizer.studies.chain_savings import load_cap_nights
from optimizer.studies.folder import StudyFolder
from optimizer.studies.months.parts import NightOfPart, asks_for_the_month, nights_of_parts, tariffs_of_part
from optimizer.studies.months.years_in_part import tariffs_on
from optimizer.studies.night_record import ChainState, NightRecord, first_state, is_as_sealed
from optimizer.studies.night_task import NightRequest, PlannedNight, TaskSeconds, plan_study_night
from optimizer.studies.played_night import RealDay
from optimizer.studies.real_days import rows_of
from optimizer.studies.study import Study, StudyTariff
from optimizer.studies.under_way.chain import Chain, KeptRecords
from optimizer.studies.under_way.night_parts import alike, joined, parted, put_together, under
from optimizer.workers.local_pool import Fault, Finished, Pool, PoolBrokenError
from optimizer.workers.worker import Raised, attempt

Status = Literal["running", "done", "interrupted"]


@dataclass
class _NightUnderWay:
    """A night of a chain that workers have, in one part or several. `done`: the parts that are there; `is_over`: what
    is still to come of it counts no more."""

    chain: Chain
    request: NightRequest
    parts: int
    done: list[PlannedNight] = field(default_factory=list)
    is_over: bool = False


@dataclass
class StudyRun:
    """A run of a study. `begin` is called once, if there is anything to plan, `report` now and then.

    `cpu_seconds`: of this run's tasks; `seconds`: the same by tariff; `planned`: nights of a station in a variant that
    this run planned under it. `changed`: nights in whose
    records somebody wrote since, so that they are planned again.
    """

    study: Study
    options: RunOptions
    versions: dict[str, str]
    folder: StudyFolder
    pool: Pool
    stop: Stop = field(default_factory=Stop)
    begin: Callable[[StudyRun], None] = lambda run: None
    report: Callable[[StudyRun], None] = lambda run: None
    task: Callable[[NightRequest], object] = plan_study_night
    chains: list[Chain] = field(default_factory=list)
    status: Status = "running"
    cpu_seconds: float = 0.0
    seconds: dict[str, TaskSeconds] = field(default_factory=dict)
    planned: Counter[str] = field(default_factory=Counter)
    changed: list[str] = field(default_factory=list)
    stage: str = "reading"
    _ready: deque[tuple[Chain, NightRequest]] = field(default_factory=deque)
    _running: dict[int, _NightUnderWay] = field(default_factory=dict)
    _tickets: int = 0

    @property
    def nights_in_all(self) -> int:
        """Nights of all chains."""
        return len(self.study.variants) * len(self.study.stations) * self.study.nights

    @property
    def nights_done(self) -> int:
        """Those that have a record."""
        return sum(len(chain.records) for chain in self.chains)

    def work(self) -> None:
        """Every night of every chain. Raises OutputErrors where a record cannot be written."""
        groups = [[self.study.tariffs[index] for index in group] for group in alike(self.study.tariffs)]
        names, keys = [[one.id for one in group] for group in groups], self._first_keys(groups)
        for variant in self.study.variants:
            for index, station in enumerate(self.study.stations):
                records = KeptRecords(self.folder, station.id, variant.id)
                self.chains.append(Chain(index, variant, station.id, dict(keys), names, records))
        for chain in self.chains:
            self._queue_next(chain)
        self.stage = "planning"
        try:
            if self._ready:
                self.begin(self)
            while (self._ready or self._running) and not self.stop.is_asked:
                self._fill()
                for finished in self.pool.wait(LOOK_SECONDS):
                    self._settle(self._running.pop(finished.ticket), finished)
                self.report(self)
        except PoolBrokenError as error:
            self._do_without(str(error))
        finally:
            self.pool.close()
        whole = all(len(chain.records) == self.study.nights or chain.failure for chain in self.chains)
        self.status = "done" if whole else "interrupted"

    def _first_keys(self, groups: Sequence[Sequence[StudyTariff]]) -> dict[str, str]:
        """By tariff, of all but the nights that its plans depend on: those of its group go by each other."""
        options = [self.options.gap, self.options.time_limit_seconds, self.options.seed]
        found: dict[str, str] = {}
        for group in groups:
            tariffs = [[one.id, plain(one.tariff)] for one in group]
            key = digest([self.study.currency, tariffs, options, self.versions])
            found |= dict.fromkeys((one.id for one in group), key)
        return found

    def _queue_next(self, chain: Chain) -> None:
        """The chain's next night that has no record yet, after those that have."""
        while len(chain.records) < self.study.nights and not chain.failure:
            try:
                request = self._request(chain)
            except InvalidData as error:  # the nights were tried when the study was read, all but what a plan makes
                chain.failure = f"night {self.study.date_of(len(chain.records))}: {error}"
                return
            record = self.folder.read_record(chain.name, chain.variant.id, request.date)
            if record is not None and not is_as_sealed(record):
                self.changed.append(f"{chain.variant.id}, {chain.name}, {request.date}")
                record = None
            missing = _not_held(request, record)
            if missing or record is None:
                if len(missing) < len(request.tariffs):
                    chain.kept = self.folder.record_bytes(chain.name, chain.variant.id, request.date)
                    request = under(request, missing)
                self._ready.append((chain, request))
                return
            chain.add(self._of_these_tariffs(record))
            chain.resumed += 1

    def _of_these_tariffs(self, record: NightRecord) -> NightRecord:
        """A record that holds; written again where it tells of other tariffs, too, or in another order."""
        ids = [one.id for one in self.study.tariffs]
        if ids == [night.tariff for night in record.tariffs]:
            return record
        text = self.folder.record_bytes(record.station, record.variant, record.night)
        text = joined(ids, [PlannedNight(text, 0.0, {})]).text
        record = decode(text, NightRecord)
        self.folder.write_record(record, text)
        return record

    def _request(self, chain: Chain) -> NightRequest:
        number = len(chain.records)
        night, date = self.study.night(chain.station, chain.variant, number), self.study.date_of(number).isoformat()
        own = self.study.horizon(number).slots
        key = digest([chain.name, chain.variant.id, date, night_hash(night), own])
        plans, baselines, capped = _states(chain, first_state(night), len(self.study.tariffs))
        part, variant = self._parts[number], chain.variant.id
        tariffs = tariffs_of_part(tariffs_on(self.study, number), part)
        befores = self._befores(chain, tariffs, part)
        request = NightRequest(key, chain.name, variant, date, night, tariffs, plans, baselines, self.options, own)
        return replace(self._as_it_comes(request, chain), load_cap_states=capped, befores=befores, part=part)

    @cached_property
    def _parts(self) -> list[NightOfPart | None]:
        return nights_of_parts(self.study)

    def _befores(self, chain: Chain, tariffs: Sequence[StudyTariff], part: NightOfPart | None) -> tuple[str, ...]:
        """By tariff what its night goes on from; `tariffs`: as this night is planned under them."""
        keys = [chain.keys[one.id] for one in tariffs]
        for group in alike(self.study.tariffs):
            told: list[object] = []
            if any(tariffs[index] != self.study.tariffs[index] for index in group):
                told.append([plain(tariffs[index].tariff) for index in group])
            if part is not None and any(asks_for_the_month(tariffs[index].tariff) for index in group):
                told.append([part.share, part.nights_left])
            if told:
                key = digest([keys[group[0]], *told])
                keys = [key if index in group else own for index, own in enumerate(keys)]
        return tuple(keys)

    def _as_it_comes(self, request: NightRequest, chain: Chain) -> NightRequest:
        """With the drivers who really come, where they are not those of the plan."""
        drivers = self.study.real_day(chain.station, chain.variant, len(chain.records))
        if drivers is None or self.study.real is None:
            return request
        policy = self.study.real.policy
        return replace(request, key=digest([request.key, policy, rows_of(drivers)]), real=RealDay(drivers, policy))

    def _fill(self) -> None:
        """Give workers what they can take: whole nights, or a night's tariffs apart where some would stay idle."""
        while self._ready and (free := self.pool.size - len(self._running)) > 0:
            chain, request = self._ready.popleft()
            each = free // (1 + len(self._ready))
            parts = parted(request, each) if request.is_planned else [request]
            night = _NightUnderWay(chain, request, len(parts))
            for part in parts:
                self._start(night, part)

    def _start(self, night: _NightUnderWay, part: NightRequest) -> None:
        self._tickets += 1
        self._running[self._tickets] = night
        each = self.options.time_limit_seconds if part.is_planned else FALLBACK_SECONDS
        limit = LIMITS_OVER * each * len(part.tariffs) + GRACE_SECONDS
        self.pool.start(self._tickets, self.task, (part,), limit)

    def _settle(self, night: _NightUnderWay, finished: Finished) -> None:
        """The end of a night, or of a part of it: a record, once all parts are there; or all of it once more if the
        worker died, baselines if it fails again."""
        result, chain, request = finished.result, night.chain, night.request
        if night.is_over:
            return
        if isinstance(result, PlannedNight):
            night.done.append(result)
            if len(night.done) == night.parts:
                self._keep(chain, put_together(request, night.done))
            return
        night.is_over = True
        if isinstance(result, Infeasible):
            chain.failure = f"night {request.date}: {result.reason}"
        else:
            fault = result if isinstance(result, Fault) else Fault("raised", f"no night but {type(result).__name__}")
            self._handle_fault(chain, request, fault)

    def _keep(self, chain: Chain, result: PlannedNight) -> None:
        self.planned.update(list(result.seconds))
        if chain.kept:
            ids = [one.id for one in self.study.tariffs]
            result = joined(ids, [PlannedNight(chain.kept, 0.0, {}), result])
        record = decode(result.text, NightRecord)
        self.folder.write_record(record, result.text)
        self.cpu_seconds += result.cpu_seconds
        for tariff, took in result.seconds.items():
            so_far = self.seconds.get(tariff, TaskSeconds(0.0, 0.0))
            self.seconds[tariff] = TaskSeconds(so_far.cpu + took.cpu, so_far.solver + took.solver)
        chain.add(record)
        self._queue_next(chain)

    def _handle_fault(self, chain: Chain, request: NightRequest, fault: Fault) -> None:
        chain.tries += 1
        if fault.kind == "died" and chain.tries == 1:
            self._ready.appendleft((chain, request))
        elif request.is_planned:
            self._ready.appendleft((chain, _baseline_of(request, fault.reason)))
        else:
            chain.failure = f"night {request.date}: {request.reason}; and no baseline: {fault.reason}"

    def _do_without(self, why: str) -> None:
        """Baselines here for the nights in hand, for there are no workers any more; then every chain ends."""
        nights = {
            id(night.chain): (night.chain, night.request) for night in self._running.values() if not night.is_over
        }
        for chain, request in [*nights.values(), *self._ready]:
            result = attempt(self.task, (_baseline_of(request, why),))
            if isinstance(result, PlannedNight):
                self._keep(chain, result)
            if len(chain.records) < self.study.nights:
                reason = result.reason if isinstance(result, Infeasible | Raised) else why
                chain.failure = f"night {request.date}: {reason}"
        self._running.clear()
        self._ready.clear()


def _not_held(request: NightRequest, record: NightRecord | None) -> list[int]:
    """The tariffs, by index, of which the record does not tell what is asked."""
    held = {} if record is None else {night.tariff: night.key for night in record.tariffs}
    asked = zip(request.tariffs, request.keys, strict=True)
    return [index for index, (one, key) in enumerate(asked) if held.get(one.id) != key]


def _baseline_of(request: NightRequest, reason: str) -> NightRequest:
    return replace(request, key=digest([request.key, reason]), is_planned=False, reason=reason)


def _states(chain: Chain, first: ChainState, tariffs: int) -> tuple[tuple[ChainState, ...], ...]:
    """What the night before left, by tariff: of the plans, of the baselines, of those under load caps."""
    if not chain.records:
        return ((first,) * tariffs,) * 3
    last = chain.records[-1].tariffs
    sides = [one.plan for one in last], [one.baseline for one in last], load_cap_nights(last)
    return tuple(tuple(one.state for one in side) for side in sides)
