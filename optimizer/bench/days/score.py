"""What contenders make of the test days: served, cost, and how far that is from proven bounds of the same days."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from models.errors import Problem
from models.station.drawn_days import draw_days
from optimizer.bench.days.own_policies import OwnPolicy
from optimizer.bench.days.policy_process import figures_of_own
from optimizer.bench.days.track import TEST_SEED, TRACK, TrackInstance
from optimizer.engine.options import RunOptions
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_file import read_plan
from optimizer.replay.card import PolicyCard, card_of
from optimizer.replay.planned_before import policies_of_plan
from optimizer.replay.policies import Policy, PolicyName, figures_of, planned_policy, played
from optimizer.replay.replay_run import ReplayOptions, ReplayRun
from optimizer.workers.local_pool import Pool

PLAN_ENDING = ".plan.json"


@dataclass(frozen=True)
class DaysScore:
    """A contender on the test days of an instance. Money in the instance's currency, a day; intervals hold the mean at
    95 %. `bound`, `regret`, `share_of_saving`: of the first `bound_days`, NaN where none is proven."""

    instance: str
    contender: str
    currency: str
    days: int
    served: float
    served_low: float
    served_high: float
    cost: float
    cost_low: float
    cost_high: float
    bound_days: int
    bound: float
    regret: float
    regret_low: float
    regret_high: float
    share_of_saving: float


@dataclass
class DaysContest:
    """`policies` of ours, plan files with rules, a folder a contender, and policies of others' own that are asked slot
    by slot, on `days` test days each."""

    policies: Sequence[PolicyName]
    pool: Pool
    plan_folders: Mapping[str, Path] = field(default_factory=dict)
    own: Sequence[OwnPolicy] = ()
    days: int = 200
    bound_days: int = 20
    seconds: float = 120.0
    options: RunOptions = field(default_factory=RunOptions)
    on_message: Callable[[str], None] = lambda news: None

    def scores(self, instances: Sequence[TrackInstance]) -> list[DaysScore]:
        """By instance, then contender. Raises InputErrors where a contender has no plan of an instance."""
        given = {one.name: self._given(one) for one in instances}
        return [score for one in instances for score in self._of_instance(one, given[one.name])]

    def _given(self, one: TrackInstance) -> dict[str, Policy]:
        """The contenders' own policies, read before anything takes time."""
        return {name: _read_policy(one, folder) for name, folder in self.plan_folders.items()}

    def _of_instance(self, one: TrackInstance, given: Mapping[str, Policy]) -> Iterator[DaysScore]:
        night = one.instance.nights[0]
        asked = ReplayOptions(
            ("on-arrival",), days=self.days, seed=TEST_SEED, bound_days=self.bound_days,
            time_limit_seconds=self.seconds, engine=self.options,
        )  # fmt: skip
        tell = self.on_message
        known = ReplayRun([night], asked, self.pool, on_message=lambda news: tell(f"{one.name}: {news}")).run()[0]
        days, on_arrival = draw_days(night, self.days, TEST_SEED), known.figures["on-arrival"]
        contenders: dict[str, Policy] = {name: planned_policy(name, night, self.options) for name in self.policies}
        shown = {name: figures_of(played(policy, night, days)) for name, policy in (contenders | dict(given)).items()}
        for own in self.own:
            tell(f"{one.name}: {own.policy.name}")
            shown[own.policy.name] = figures_of_own(own, night, days, self.pool)
        for name, figures in shown.items():
            card = card_of(name, figures, night.horizon.slot_hours, on_arrival, known.bounds, None)
            yield _score(one, name, card)


def _read_policy(one: TrackInstance, folder: Path) -> Policy:
    path = folder / f"{one.name}{PLAN_ENDING}"
    if not path.is_file():
        rule = "has no plan of this instance"
        raise InputErrors(str(folder), [Problem(path.name, ABSENT, rule, "write one, or name fewer instances")])
    plan = read_plan(path)
    if plan.instance.hash != (known := instance_hash(one.instance)):
        rule = f"wrong instance: the plan is of {plan.instance.name}, not of {one.name}, {known}"
        remedy = f"plan {TRACK}/{one.name}.json of the library"
        raise InputErrors(str(path), [Problem("instance.hash", plan.instance.hash, rule, remedy)])
    return next(iter(policies_of_plan(one.instance, plan, str(path)).values()))


def _score(one: TrackInstance, contender: str, card: PolicyCard) -> DaysScore:
    regret = card.regret
    return DaysScore(
        one.name, contender, one.instance.currency, card.days,
        card.served_share.mean, _known(card.served_share.low), _known(card.served_share.high),
        card.cost.mean, _known(card.cost.low), _known(card.cost.high),
        0 if regret is None else regret.days,
        math.nan if regret is None else regret.bound.mean,
        math.nan if regret is None else regret.regret.mean,
        math.nan if regret is None else _known(regret.regret.low),
        math.nan if regret is None else _known(regret.regret.high),
        math.nan if regret is None or regret.share_of_saving is None else regret.share_of_saving.mean,
    )  # fmt: skip


def _known(value: float | None) -> float:
    return math.nan if value is None else value


@dataclass(frozen=True)
class ContenderTotal:
    """A contender over all instances: plain means, and how often it is the cheapest."""

    contender: str
    served: float
    least_served: float
    share_of_saving: float
    cheapest: int


def totals(scores: Sequence[DaysScore]) -> list[ContenderTotal]:
    """By share of the attainable saving, the best first."""
    names = list(dict.fromkeys(score.contender for score in scores))
    best = {score.instance: min(s.cost for s in scores if s.instance == score.instance) for score in scores}
    found = []
    for name in names:
        own = [score for score in scores if score.contender == name]
        found.append(
            ContenderTotal(
                name,
                fmean(score.served for score in own),
                min(score.served for score in own),
                fmean(score.share_of_saving for score in own),
                sum(score.cost <= best[score.instance] for score in own),
            )
        )
    return sorted(found, key=lambda one: (math.isnan(one.share_of_saving), -one.share_of_saving, one.contender))
