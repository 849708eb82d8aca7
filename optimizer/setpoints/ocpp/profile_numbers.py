"""Ids and stack levels of charging profiles: the same plan has the same ones, a later version higher ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from models.errors import Problem

FIRST_DAY = date(2000, 1, 1)
VERSIONS, CONNECTORS = 64, 1024  # with 15 bits of days an id has 31: OCPP's integers are signed ones of 32 bits
DAYS = 2**15
BASE_LEVEL = 0


def connector_of(bay: int) -> int:
    """Connector in 1.6, EVSE in 2.x: bays count from 0, those from 1; 0 is the whole charging station."""
    return bay + 1


def base_id(bay: int) -> int:
    """Of the profile beneath all plans."""
    return connector_of(bay)


def profile_id(bay: int, version: int, valid_from: datetime) -> int:
    """Of a plan's profile: higher on a later day, on the same day in a later version."""
    return (_day(valid_from) * VERSIONS + version) * CONNECTORS + connector_of(bay)


def stack_level(version: int, valid_from: datetime) -> int:
    """Odd on every other day: tomorrow's plan does not replace tonight's, which still runs when it is sent."""
    return 2 * version - 1 + _day(valid_from) % 2


def _day(at: datetime) -> int:
    return (at.astimezone(UTC).date() - FIRST_DAY).days


def number_problems(bays: int, version: int, valid_from: datetime) -> Iterator[Problem]:
    """Where a plan has no ids."""
    if not 1 <= version < VERSIONS:
        rule = f"must be between 1 and {VERSIONS - 1}: profiles have no ids for others"
        yield Problem("plan_version", version, rule, "give another with --plan-version")
    if bays >= CONNECTORS:
        rule = f"must be below {CONNECTORS}: profiles have no ids for more"
        yield Problem("bays", bays, rule, "export it to csv")
    if not 0 < _day(valid_from) < DAYS:
        rule = f"must be later than {FIRST_DAY}, by less than {DAYS} days: profiles have no ids for others"
        yield Problem("valid_from", valid_from.isoformat(), rule, "export it to csv")
