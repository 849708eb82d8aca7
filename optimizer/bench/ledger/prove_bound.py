"""Proving a recorded bound again: its contender is run once more, with the same seed and gap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from models.station.cost import cost_of
from models.station.instance import Instance, Night
from models.station.schedule import Schedule
from models.tolerances import is_refuted, is_same_claim, is_same_money
from optimizer.bench.contenders.registry import contenders
from optimizer.bench.ledger.dual_proof import stored_proof
from optimizer.bench.ledger.ledger_document import KnownBound
from optimizer.bench.records.contender import Contender, Limits
from optimizer.check.rules import check
from optimizer.files.errors import InputErrors
from optimizer.workers.ended_tasks import Task, ended_tasks
from optimizer.workers.local_pool import Fault, Pool, PoolBrokenError

LIMITS_OVER = 2.0  # times its own time limit a run may take


@dataclass(frozen=True)
class BoundCheck:
    """The result of proving a bound again: `bound` in currency, None where nothing was proven."""

    instance: str
    answer: Literal["reproduced", "not reproduced", "refuted"]
    bound: float | None
    text: str

    @property
    def ok(self) -> bool:
        """Was the bound, or a better one, proven again?"""
        return self.answer == "reproduced"

    def as_json(self) -> dict[str, Any]:
        """One item of `bounds`."""
        return asdict(self)


@dataclass(frozen=True)
class Prover:
    """Runs contenders: those that `find` has, else those of the registry.

    `time_limit_seconds` None: as long as the recorded run was given.
    """

    time_limit_seconds: float | None = None
    find: Callable[[Sequence[str]], Sequence[Contender]] | None = None

    def prove_all(self, asked: Sequence[tuple[str, KnownBound, Instance]], pool: Pool) -> Iterator[BoundCheck]:
        """Each bound's result, as they come; what crashes or hangs in the pool costs one bound."""
        names, done = [name for name, _, _ in asked], set[str]()
        try:
            for ended in ended_tasks(pool, [Task(self.prove, one, self._most_seconds(one[1])) for one in asked]):
                name = names[ended.ticket]
                done.add(name)
                yield ended.result if isinstance(ended.result, BoundCheck) else _failed(name, ended.result)
        except PoolBrokenError as error:
            yield from (_failed(name, error) for name in names if name not in done)

    def _most_seconds(self, bound: KnownBound) -> float:
        """A contender is run twice at most; that it does not keep its limit is no reason to end it."""
        return 2 * LIMITS_OVER * (self.time_limit_seconds or bound.time_limit_seconds)

    def prove(self, name: str, bound: KnownBound, instance: Instance) -> BoundCheck:
        """Run the bound's contender on the instance `name`; whatever goes wrong is a result, too."""
        (night,) = instance.nights
        try:
            (contender,) = (self.find or contenders)([bound.contender])
        except InputErrors as error:
            return BoundCheck(name, "not reproduced", None, f"not reproduced: {error}")
        why_not = contender.missing() or contender.refusal(night)
        if why_not:
            return BoundCheck(name, "not reproduced", None, f"not reproduced: it cannot run: {why_not}")
        return self._run(name, bound, night, contender)

    def _run(self, name: str, bound: KnownBound, night: Night, contender: Contender) -> BoundCheck:
        """As it was run, then to gap 0: one that finds its plan sooner than the recorded run stops at a lower bound."""
        found = self._run_once(name, bound, night, contender, bound.gap_asked)
        is_low = found.answer == "not reproduced" and found.bound is not None
        return self._run_once(name, bound, night, contender, 0.0) if is_low and bound.gap_asked else found

    def _run_once(self, name: str, bound: KnownBound, night: Night, contender: Contender, gap: float) -> BoundCheck:
        seconds = self.time_limit_seconds or bound.time_limit_seconds
        best = [-math.inf]

        def on_progress(_: float | None, proven: float | None) -> None:
            if proven is not None and math.isfinite(proven):
                best.append(proven)

        try:
            outcome = contender.compete(night, Limits(gap, seconds, bound.seed), on_progress)
        except Exception as error:  # a solver may fail in any way; the other entries are still to be looked at
            text = f"not reproduced: it failed: {type(error).__name__}: {error}"
            return BoundCheck(name, "not reproduced", None, text)
        if math.isfinite(outcome.bound):
            best.append(outcome.bound)
        return _judged(name, bound, night, outcome.schedule, max(best), seconds)


def _failed(name: str, fault: object) -> BoundCheck:
    reason = fault.reason if isinstance(fault, Fault) else str(fault)
    return BoundCheck(name, "not reproduced", None, f"not reproduced: {reason}")


def proven_by_file(name: str, bound: KnownBound, instance: Instance, folder: Path) -> BoundCheck:
    """The same of a bound whose proof is a file of multipliers in the ledger's `folder`: nothing is run."""
    (night,) = instance.nights
    try:
        proven = stored_proof(night, folder / str(bound.proof), str(bound.formulation)).bound
    except InputErrors as error:
        return BoundCheck(name, "not reproduced", None, f"not reproduced: {error}")
    if proven >= bound.value or is_same_money(proven, bound.value):
        return BoundCheck(name, "reproduced", proven, f"reproduced: {proven!r} proven by {bound.proof}")
    shown = proven if math.isfinite(proven) else None
    found = "nothing" if shown is None else repr(shown)
    return BoundCheck(name, "not reproduced", shown, f"not reproduced: {bound.proof} proves {found}")


def _judged(
    name: str, bound: KnownBound, night: Night, schedule: Schedule | None, proven: float, seconds: float
) -> BoundCheck:
    shown = proven if math.isfinite(proven) else None
    objective = math.inf if schedule is None or check(night, schedule) else cost_of(night, schedule).objective
    if is_refuted(bound.value, objective):
        return BoundCheck(name, "refuted", shown, f"refuted: the run found a checked plan of {objective!r}")
    if is_refuted(proven, objective):
        text = f"not reproduced: what it proved, {proven!r}, lies above its own plan of {objective!r}"
        return BoundCheck(name, "not reproduced", None, text)
    if proven >= bound.value or is_same_claim(proven, bound.value):  # bounds allow for what the checker forgives
        return BoundCheck(name, "reproduced", shown, f"reproduced: {proven!r} proven")
    found = "nothing" if shown is None else repr(shown)
    return BoundCheck(name, "not reproduced", shown, f"not reproduced: {found} proven in {seconds:g} s")
