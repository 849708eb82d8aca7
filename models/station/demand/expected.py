"""Drivers who are expected, and how far days spread around what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.errors import Problem, refuse
from models.rules import number_in, series, share_of_capacity
from models.station.demand.pack_levels import counts
from models.station.swap import MOST_PACKS

MOST_DAY_SD = 2.0
MOST_DISPERSION = 100.0


@dataclass(frozen=True)
class Spread:
    """How days spread around a forecast.

    `day_sd`: standard deviation of the day's factor, a gamma variable of mean 1, the same one for all forecasts of a
    station. `dispersion`: variance over mean of a slot's drivers on a day of known factor; 1: a Poisson variable, more:
    a negative binomial one. `returned_soc_sd`: standard deviation, as a share of the capacity, of what comes back.
    """

    day_sd: float = 0.0
    dispersion: float = 1.0
    returned_soc_sd: float = 0.0

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("day_sd", self.day_sd, 0, MOST_DAY_SD, _percent(self.day_sd))
        remedy = "1: drivers know nothing of each other; more: they come in bunches"
        yield from number_in("dispersion", self.dispersion, 1, MOST_DISPERSION, remedy)
        yield from share_of_capacity("returned_soc_sd", self.returned_soc_sd)

    def slot_dispersion(self, mean: float) -> float:
        """Variance over mean of the drivers of a slot that expects `mean` of them, the day's factor unknown."""
        return self.dispersion + mean * self.day_sd**2


def _percent(value: float) -> str:
    is_percentage = MOST_DAY_SD < value <= 100
    return f"a share of the mean: write {value / 100:g} for {value:g} %" if is_percentage else ""


POISSON = Spread()


@dataclass(frozen=True)
class ExpectedSwaps:
    """A forecast: drivers of one kind who may come. Raises InvalidData.

    `mean_per_slot`: expected ones, one value a slot. `returned_soc`: equally likely states of charge of what comes
    back; empty: nothing does. `scenarios`: days that are equally likely, each with its drivers by slot; where there are
    any, `spread` says of the days' drivers only how their packs' states of charge spread. `mean_before`: drivers
    expected before the horizon, from which on whole swaps are counted. The rest is as of Swap.
    """

    id: str
    type: str
    mean_per_slot: tuple[float, ...]
    returned_soc: tuple[float, ...]
    lost_cost: float
    swap_soc: float | None = None
    packs: int = 1
    must_serve: bool = False
    spread: Spread | None = None
    scenarios: tuple[tuple[int, ...], ...] = ()
    mean_before: float = 0.0

    def __post_init__(self) -> None:
        refuse(self._problems())

    @property
    def is_uncertain(self) -> bool:
        """Does the forecast say how days spread?"""
        return self.spread is not None or bool(self.scenarios)

    @property
    def spread_or_poisson(self) -> Spread:
        """The spread; where there is none, drivers who know nothing of each other."""
        return POISSON if self.spread is None else self.spread

    def _problems(self) -> Iterator[Problem]:
        slots = len(self.mean_per_slot)
        yield from series("mean_per_slot", self.mean_per_slot, slots, 0) if slots else ()
        for index, soc in enumerate(self.returned_soc):
            yield from share_of_capacity(f"returned_soc[{index}]", soc)
        if self.swap_soc is not None:
            yield from share_of_capacity("swap_soc", self.swap_soc)
        yield from number_in("lost_cost", self.lost_cost, 0)
        yield from number_in("packs", self.packs, 1, MOST_PACKS)
        yield from number_in("expected_before", self.mean_before, 0)
        for index, day in enumerate(self.scenarios):
            yield from counts(f"scenarios[{index}]", day)
            if len(day) != slots:
                rule = f"must have one value for each of the {slots} slots"
                yield Problem(f"scenarios[{index}]", f"{len(day)} values", rule, "give every slot its drivers")
