"""Billing years: which months share a yearly demand charge, and its price classes by hours of use."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from models.errors import Problem, refuse
from models.rules import number_in

Period = Literal["month", "year"]
PERIODS = ("month", "year")
MONTHS_A_YEAR = 12

Month = tuple[int, int]
"""Year and month of the year: a billing month, on the local clock."""


@dataclass(frozen=True)
class Span:
    """The months, `first` to `last`, whose highest average is billed once: a single one, or a billing year."""

    first: Month
    last: Month

    @property
    def begin(self) -> date:
        """Its first day."""
        return date(*self.first, 1)

    @property
    def end(self) -> date:
        """The day after its last one."""
        return date(*self.last, calendar.monthrange(*self.last)[1]) + timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.begin).days

    def days_from(self, day: date) -> int:
        """How many days it has from `day` on, that one included."""
        return (self.end - day).days

    def holds(self, month: Month) -> bool:
        """Is the month one of it?"""
        return self.first <= month <= self.last


def span_of(period: Period, year_begins: int, month: Month) -> Span:
    """The billing period that a month lies in. `year_begins`: the month of the year in which billing years begin."""
    if period == "month":
        return Span(month, month)
    year = month[0] if month[1] >= year_begins else month[0] - 1
    end = (year, MONTHS_A_YEAR) if year_begins == 1 else (year + 1, year_begins - 1)
    return Span((year, year_begins), end)


@dataclass(frozen=True)
class UseClass:
    """A price class of a yearly demand charge, from `least_hours` of use a year on: the year's kWh for each kW of its
    highest average. `rate_per_kw` in place of the charge's, and `surcharge_per_kwh` on each of the year's kWh.
    """

    least_hours: float
    rate_per_kw: float
    surcharge_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("least_hours", self.least_hours, 0, above_low=True)
        yield from number_in("rate_per_kw", self.rate_per_kw)
        yield from number_in("surcharge_per_kwh", self.surcharge_per_kwh)


def class_at(classes: Sequence[UseClass], hours: float) -> UseClass | None:
    """The class of a year with so many hours of use; None: the charge's own rate holds."""
    return next((one for one in reversed(classes) if one.least_hours <= hours), None)


def class_problems(classes: Sequence[UseClass], expected_hours: float | None) -> Iterator[Problem]:
    """Classes rise, and say which of them nights are planned in."""
    for index in range(1, len(classes)):
        least, before = classes[index].least_hours, classes[index - 1].least_hours
        if least <= before:
            rule = f"must be above that of the class before it ({before:g})"
            yield Problem(f"use_classes[{index}].least_hours", least, rule, "sort them")
    if expected_hours is not None:
        yield from number_in("expected_hours", expected_hours, 0)
    if classes and expected_hours is None:
        rule = "needs the hours of use that the year is expected to have: nights are planned in their class"
        yield Problem("use_classes", len(classes), rule, "add expected_hours, of last year's bill for example")
    if expected_hours is not None and not classes:
        rule = "means nothing without use_classes"
        yield Problem("expected_hours", expected_hours, rule, "leave it out, or add the classes")
