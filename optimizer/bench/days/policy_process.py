"""A policy of one's own, played in a process of its own: one that ends the process, or crashes, is told by name."""

from __future__ import annotations

import math
import sys
from contextlib import redirect_stdout

from models.errors import Problem
from models.station.drawn_days import DrawnDays
from models.station.instance import Night
from optimizer.bench.days.decided_days import REMEDY, TrainingDays, decided_days
from optimizer.bench.days.own_policies import OwnPolicy, policy_of
from optimizer.bench.days.track import TRAINING_DAYS, TRAINING_SEED
from optimizer.files.errors import InputErrors
from optimizer.replay.card import DayFigures
from optimizer.replay.policies import figures_of
from optimizer.workers.local_pool import Fault, Pool, result_alone


def figures_of_own(own: OwnPolicy, night: Night, days: DrawnDays, pool: Pool) -> DayFigures:
    """What comes of the days under the policy, in a worker of an idle pool. Raises InputErrors where it fails."""
    result = result_alone(pool, _figures, (own.spec, night, days), math.inf)
    if isinstance(result, InputErrors):
        raise result
    if isinstance(result, Fault):
        rule = "the policy must come to its end, and let its process live"
        raise InputErrors(own.policy.name, [Problem(night.station.id, result.reason, rule, REMEDY)])
    assert isinstance(result, DayFigures)
    return result


def _figures(spec: str, night: Night, days: DrawnDays) -> DayFigures | InputErrors:
    """In the worker. What the module prints as it is loaded was shown when the command loaded it."""
    try:
        policy = policy_of(spec)
        with redirect_stdout(sys.stderr):
            return figures_of(decided_days(policy, night, TrainingDays(night, TRAINING_DAYS, TRAINING_SEED), days))
    except InputErrors as error:
        return error
