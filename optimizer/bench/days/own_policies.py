"""Policies in modules of the user's own, found by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import Problem
from optimizer.bench.contenders.entrants import OWN, WHERE, of_module
from optimizer.bench.days.day_policy import DayPolicy
from optimizer.files.errors import InputErrors

REMEDY = "write MODULE:NAME, where NAME = DayPolicy(...) stands in MODULE.py of the current folder"


@dataclass(frozen=True)
class OwnPolicy:
    """A policy, and the `spec` MODULE:NAME by which another process finds it again."""

    spec: str
    policy: DayPolicy


def policy_of(spec: str) -> DayPolicy:
    """The policy MODULE:NAME. Raises InputErrors."""
    return of_module(spec, DayPolicy, WHERE, REMEDY)[0]


def own_policies(specs: Sequence[str]) -> list[OwnPolicy]:
    """The policies MODULE:NAME, in their order. Raises InputErrors with all that are wrong."""
    found, problems = dict[str, OwnPolicy](), list[Problem]()
    for spec in dict.fromkeys(specs):
        if not OWN.fullmatch(spec):
            problems.append(Problem("", spec, "names no policy", REMEDY))
            continue
        try:
            policy = policy_of(spec)
        except InputErrors as error:
            problems += error.problems
            continue
        if not (isinstance(policy.name, str) and policy.name.strip()):
            problems.append(Problem("", spec, "has no name", "DayPolicy(name, what, prepare) takes a text"))
            continue
        if found.setdefault(policy.name, OwnPolicy(spec, policy)).policy is not policy:
            rule = f"is named {policy.name!r} as another one is"
            problems.append(Problem("", spec, rule, "give the policy a name of its own"))
    if problems:
        raise InputErrors(WHERE, problems)
    return list(found.values())
