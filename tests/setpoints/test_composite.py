"""Composite schedules, and the numbers of profiles that they follow from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.errors import InvalidData, refuse
from optimizer.setpoints.ocpp import profile_numbers as numbers
from optimizer.setpoints.ocpp.composite import StackedProfile, composite

START = datetime(2026, 1, 15, 18, tzinfo=UTC)
HOUR = 3600


def later(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_the_highest_level_leads_while_it_is_valid_and_its_schedule_lasts() -> None:
    base = StackedProfile(0, later(-100), None, [(0, 0.0)])
    night = StackedProfile(1, START, 4 * HOUR, [(0, 5.0), (HOUR, 7.0)], START, later(4))
    replanned = StackedProfile(3, later(2), 2 * HOUR, [(0, 6.0)], later(2), later(3))
    found = composite([night, base, replanned], later(-1), 6 * HOUR)
    assert found == [(0, 0.0), (HOUR, 5.0), (2 * HOUR, 7.0), (3 * HOUR, 6.0), (4 * HOUR, 7.0), (5 * HOUR, 0.0)]


def test_without_a_profile_nothing_is_said() -> None:
    night = StackedProfile(1, START, HOUR, [(0, 5.0)])
    assert composite([night], START, 2 * HOUR) == [(0, 5.0), (HOUR, None)]
    assert composite([], START, HOUR) == [(0, None)]


def test_ids_rise_with_days_and_versions_and_differ_by_bay() -> None:
    days = [later(24 * day) for day in range(3)]
    ids = [numbers.profile_id(bay, version, day) for day in days for version in (1, 2, 63) for bay in range(3)]
    assert ids == sorted(set(ids))
    assert not {numbers.base_id(bay) for bay in range(1000)} & set(ids)
    last = datetime(2089, 9, 17, tzinfo=UTC)
    refuse(numbers.number_problems(1023, 63, last))
    assert numbers.profile_id(1022, 63, last) < 2**31


def test_levels_rise_with_versions_and_tomorrow_has_another() -> None:
    tonight, tomorrow = START, later(24)
    levels = [numbers.stack_level(version, tonight) for version in (1, 2, 3)]
    assert levels == sorted(levels) and levels[0] > numbers.BASE_LEVEL
    assert not set(levels) & {numbers.stack_level(version, tomorrow) for version in (1, 2, 3)}
    assert numbers.stack_level(2, tomorrow) > numbers.stack_level(1, tonight)  # a re-plan after midnight


def test_what_has_no_ids_is_refused() -> None:
    with pytest.raises(InvalidData) as refused:
        refuse(numbers.number_problems(1024, 64, datetime(1999, 12, 31, tzinfo=UTC)))
    assert [(one.place, one.rule, one.remedy) for one in refused.value.problems] == [
        (
            "plan_version",
            "must be between 1 and 63: profiles have no ids for others",
            "give another with --plan-version",
        ),
        ("bays", "must be below 1024: profiles have no ids for more", "export it to csv"),
        (
            "valid_from",
            "must be later than 2000-01-01, by less than 32768 days: profiles have no ids for others",
            "export it to csv",
        ),
    ]
