"""URDB rates of every structure that imports, drawn by hypothesis.

Tiers of all units, steps shared between periods, last tiers that end, demand by month and hour in kW, kVA, hp and by
the day, credits, ratchets, fixed and minimum charges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Raw = dict[str, Any]

MOST = {"kWh": 30_000, "kWh daily": 900, "kWh/kW": 500, "kWh/kW daily": 16}
"""Up to where thresholds are drawn: loads of 20 to 80 kW reach them in some months."""

DEMAND_UNITS = ("kW", "kVA", "hp", "kW daily")
POWER_FACTOR, KW_PER_HP = 0.9, 0.75


@dataclass(frozen=True)
class DrawnRate:
    """A rate, and what must be said beside it on import."""

    raw: Raw
    holidays: tuple[str, ...] = ()
    options: Raw = field(default_factory=lambda: {"power_factor": POWER_FACTOR, "kw_per_hp": KW_PER_HP})


class Pen:
    """Draws parts of rates. `sam`: only of what PySAM can be told."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], sam: bool) -> None:
        self.draw, self.sam = draw, sam

    def yes(self, one_in: int = 2) -> bool:
        return self.draw(st.integers(1, one_in)) == one_in

    def number(self, low: int, high: int, parts: int = 1) -> float:
        return self.draw(st.integers(low, high)) / parts

    def of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    # Schedules

    def schedule(self, periods: list[int]) -> list[int]:
        """24 period numbers: two changes a day."""
        first, then = sorted((int(self.number(0, 24)), int(self.number(0, 24))))
        return [self.of(*periods)] * first + [self.of(*periods)] * (then - first) + [self.of(*periods)] * (24 - then)

    def schedules(self, seasons: list[list[int]], summer: list[bool]) -> tuple[list[list[int]], list[list[int]]]:
        """Twelve months of weekdays, and of weekends; months of a season have its periods only."""
        days = [[self.schedule(periods) for periods in seasons] for _ in range(2)]
        last = len(seasons) - 1
        weekday, weekend = ([of[min(int(warm), last)] for warm in summer] for of in days)
        return weekday, weekend

    # Energy

    def energy(self, summer: list[bool]) -> Raw:
        structure: list[list[Raw]] = []
        seasons: list[list[int]] = []
        for _ in range(int(self.number(1, 2))):
            tiers = self.energy_tiers()
            seasons.append(list(range(len(structure), len(structure) + len(tiers))))
            structure += tiers
        weekday, weekend = self.schedules(seasons, summer)
        rate: Raw = {
            "energyratestructure": structure,
            "energyweekdayschedule": weekday,
            "energyweekendschedule": weekend,
        }
        if not self.sam and self.yes(3):  # PySAM takes 36 periods, and needs them for each month with fuel
            rate["fueladjustmentsmonthly"] = [self.number(-20, 20, 1000) for _ in range(12)]
        return rate

    def energy_tiers(self) -> list[list[Raw]]:
        """The periods of a season: other prices, the same thresholds; steps may be other ones, too."""
        unit = self.of(*MOST)
        ends = sorted({self.number(1, MOST[unit]) for _ in range(int(self.number(0, 3)))})
        steps = [self.number(-30, 30, 1000) for _ in ends]
        are_shared, has_end = self.yes(), not self.sam and self.yes(4)
        limit = round((ends[-1] if ends else 0) + self.number(1, 3 * MOST[unit]), 3)
        periods = []
        for _ in range(int(self.number(1, 3))):
            first = self.number(40, 250, 1000)
            own = [self.number(-30, 30, 1000) for _ in ends] if are_shared else steps
            tiers = [{"rate": round(first + step, 3), "unit": self.spelled(unit)} for step in (0.0, *own)]
            for tier, end in zip(tiers, ends, strict=False):
                tier["max"] = end
            if has_end:
                tiers[-1]["max"] = limit
            if self.yes(4):
                tiers[0]["adj"] = self.number(-9, 9, 1000)
            periods.append(tiers)
        return periods

    def spelled(self, unit: str) -> str:
        return unit if self.sam else self.of(unit, unit.upper())

    # Demand

    def demand(self, summer: list[bool]) -> Raw:
        rate: Raw = {}
        ratchet = {} if self.sam else self.ratchet()
        unit = "kW" if self.sam else self.of(*DEMAND_UNITS)
        if self.yes():
            structure = [
                self.demand_tiers(bool(ratchet), self.demand_ends(bool(ratchet))) for _ in range(int(self.number(1, 2)))
            ]
            months = [min(int(warm), len(structure) - 1) for warm in summer]
            rate |= {"flatdemandstructure": structure, "flatdemandmonths": months, "flatdemandunit": unit}
        if self.yes():
            structure = self.window_tiers(bool(ratchet))
            periods = list(range(len(structure)))
            weekday, weekend = self.schedules([periods, periods], summer)
            other = unit if self.sam or ratchet else self.of(*DEMAND_UNITS)
            rate |= {"demandratestructure": structure, "demandrateunit": other,
                     "demandweekdayschedule": weekday, "demandweekendschedule": weekend}  # fmt: skip
        if not rate:
            return {}
        if self.sam or self.yes():
            rate["demandwindow"] = 60.0 if self.sam else self.of(15.0, 30.0, 60.0)
        return rate | ratchet

    def window_tiers(self, is_plain: bool) -> list[list[Raw]]:
        """One to three periods; PySAM wants the same thresholds in all of a month."""
        ends = self.demand_ends(is_plain)
        return [
            self.demand_tiers(is_plain, ends if self.sam else self.demand_ends(is_plain))
            for _ in range(int(self.number(1, 3)))
        ]

    def demand_ends(self, is_plain: bool) -> list[float]:
        """Where tiers end. Under a ratchet there is one rate: stepped ones that differ by month or hour are refused."""
        return [] if is_plain else sorted({self.number(5, 70) for _ in range(int(self.number(0, 2)))})

    def demand_tiers(self, is_plain: bool, ends: list[float]) -> list[Raw]:
        rates = [self.number(1, 200, 10) * (-1 if self.yes(5) else 1) for _ in (0, *ends)]
        tiers: list[Raw] = [{"rate": rate} for rate in rates]
        for tier, end in zip(tiers, ends, strict=False):
            tier["max"] = end
        if not is_plain and not self.sam and self.yes(4):
            tiers[-1]["max"] = (ends[-1] if ends else 0) + self.number(1, 300)
        return tiers

    def ratchet(self) -> Raw:
        percent = self.of(0.5, 0.8, 80.0, 95.0)
        return self.of(
            {},
            {},
            {"lookbackpercent": percent, "lookbackrange": self.number(1, 12)},
            {"lookbackpercent": percent, "lookbackmonths": [True, *(self.yes() for _ in range(11))]},
            {"demandratchetpercentage": [percent * self.yes() for _ in range(11)] + [percent]},
        )

    # The rest

    def fixed(self) -> Raw:
        rate: Raw = {}
        if self.yes():
            unit = "$/month" if self.sam else self.of("$/day", "$/month", "$/year")
            rate |= {"fixedchargefirstmeter": self.number(1, 9000, 100), "fixedchargeunits": unit}
        if self.yes(3):
            least = self.number(1, 6000)
            rate |= {"minmonthlycharge": least} if self.sam else {"mincharge": least, "minchargeunits": "$/month"}
        return rate


@st.composite
def urdb_rates(draw: Callable[[st.SearchStrategy[Any]], Any], *, sam: bool = False) -> DrawnRate:
    """A rate with a summer of its own in energy, demand, or both."""
    pen = Pen(draw, sam)
    first, last = sorted((int(pen.number(1, 12)), int(pen.number(1, 12))))
    summer = [first <= month <= last for month in range(1, 13)]
    holidays = (
        () if sam else tuple(draw(st.lists(st.sampled_from(("2025-03-03", "2025-07-04", "2025-11-27")), unique=True)))
    )
    return DrawnRate({"label": "drawn", **pen.energy(summer), **pen.demand(summer), **pen.fixed()}, holidays)


def features(rate: Raw) -> Iterator[str]:
    """What a rate has of what must be drawn."""
    for tiers in rate["energyratestructure"]:
        if len(tiers) > 1:
            yield tiers[0]["unit"].lower()
        if "max" in tiers[-1]:
            yield "limited energy"
    steps = {
        tuple(round(tier["rate"] - tiers[0]["rate"], 3) for tier in tiers) for tiers in rate["energyratestructure"]
    }
    if len({len(one) for one in steps}) == 1 and len(steps) > 1:
        yield "shared tiers"
    yield from (key for key in rate if key not in ("label", "demandweekdayschedule", "demandweekendschedule"))
    for kind, unit in (("flatdemandstructure", "flatdemandunit"), ("demandratestructure", "demandrateunit")):
        for tiers in rate.get(kind, ()):
            yield f"{kind} in {rate[unit]}"
            yield f"{kind} {'stepped' if len(tiers) > 1 else 'of one rate'}"
            if "max" in tiers[-1]:
                yield f"limited {kind}"
            if tiers[0]["rate"] < 0:
                yield f"credit of {kind}"
    if len(rate.get("flatdemandstructure", ())) > 1 and len(set(rate["flatdemandmonths"])) > 1:
        yield "seasonal flat demand"
