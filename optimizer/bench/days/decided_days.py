"""Days played by a policy of one's own, slot by slot: swaps, its decision, the limits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np

from models.errors import Problem, refuse
from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays, draw_days, night_on
from models.station.instance import Night
from optimizer.bench.contenders.entrants import place_in_module
from optimizer.bench.days.day_policy import DayPolicy, Decide, DriverCame, PackNow, StationNow
from optimizer.files.errors import InputErrors
from optimizer.simulate.charging import SlotPacks, allowed_kw, nearest_first
from optimizer.simulate.drivers import drivers_of
from optimizer.simulate.planned import PlannedPowers
from optimizer.simulate.play import NO_RULE, Game, PlayedDays, problems_of_playing
from optimizer.simulate.station_arrays import Floats, StationArrays

REMEDY = "mend the policy"


class TrainingDays(Sequence[Night]):
    """Days of a seed, each as the night with the drivers who come; made when they are asked for."""

    def __init__(self, night: Night, days: int, seed: int) -> None:
        self._night, self._days, self._drawn = night, days, draw_days(night, days, seed)

    def __len__(self) -> int:
        return self._days

    @overload
    def __getitem__(self, index: int) -> Night: ...
    @overload
    def __getitem__(self, index: slice) -> list[Night]: ...
    def __getitem__(self, index: int | slice) -> Night | list[Night]:
        if isinstance(index, slice):
            return [self[day] for day in range(self._days)[index]]
        return night_on(self._night, self._drawn, range(self._days)[index])


def decided_days(
    policy: DayPolicy, night: Night, training: Sequence[Night], days: DrawnDays, keep_powers: bool = False
) -> PlayedDays:
    """The days under the policy. Raises InputErrors where it fails, or decides what is no power of each bay."""
    refuse(problems_of_playing(night, None))
    try:
        decide = policy.prepare(night, training)
    except (Exception, SystemExit) as error:
        raise _failed(policy, "prepare", error) from None
    if not callable(decide):
        rule = "must be a function, decide(now)"
        raise InputErrors(policy.name, [Problem("prepare", f"returned {type(decide).__name__}", rule, REMEDY)])
    game = DecidedGame(policy, night, days, decide, keep_powers)
    game.run(range(night.horizon.slots), None, NO_RULE)
    return game.result()


class DecidedGame(Game):
    """Days in which a policy says what the packs take, asked day by day in every slot."""

    def __init__(self, policy: DayPolicy, night: Night, days: DrawnDays, decide: Decide, keep_powers: bool) -> None:
        super().__init__(StationArrays(night), drivers_of(night, days), "rule", keep_powers)
        self._policy, self._decide = policy, decide
        self._came: list[tuple[DriverCame, ...]] = [()] * days.days

    def wanted(
        self, packs: SlotPacks, slot: int, planned_slot: int, plan: PlannedPowers | None, rule: ControlRule
    ) -> tuple[Floats, Floats]:
        """As decided, as far as chargers can be set so; cut are those last that lack least to be ready."""
        self._note_drivers(slot)
        drawn_kw = self.drawn_kw[:, :slot].tolist()
        kw = [self._decided(self._now(packs, slot, day, drawn_kw[day])) for day in range(len(self._came))]
        asked_kw = np.array(kw, dtype=np.float64).reshape(packs.energy_kwh.shape)
        return allowed_kw(self.arrays, packs, asked_kw), nearest_first(packs)

    def _note_drivers(self, slot: int) -> None:
        drivers, capacity = self.drivers, [kind.capacity_kwh for kind in self.night.pack_types.values()]
        for rows in drivers.turns[slot]:
            for row in range(rows.start, rows.stop):
                kind, kwh = int(drivers.type[row]), float(drivers.returned_kwh[row])
                soc = None if math.isnan(kwh) else kwh / capacity[kind]
                is_served = bool(self.columns[row, 0] >= 0)
                came = DriverCame(slot, self.arrays.types[kind], int(drivers.packs[row]), soc, is_served)
                self._came[int(drivers.day[row])] += (came,)

    def _now(self, packs: SlotPacks, slot: int, day: int, drawn_kw: Sequence[float]) -> StationNow:
        here, kinds = self.state.present[day].tolist(), self.arrays.type_of.tolist()
        values = zip(
            here, kinds, packs.energy_kwh[day].tolist(), packs.ready[day].tolist(), packs.most_kw[day].tolist(),
            strict=True,
        )  # fmt: skip
        stand = (
            PackNow(self.arrays.types[kind], kwh, ready, most_kw) if is_here else PackNow("", 0.0, False, 0.0)
            for is_here, kind, kwh, ready, most_kw in values
        )
        return StationNow(day, slot, tuple(stand), self._came[day], tuple(drawn_kw))

    def _decided(self, now: StationNow) -> list[float]:
        """Raises InputErrors."""
        place = f"{self.night.station.id}, test day {now.day + 1}, slot {now.slot}"
        rule = f"must be one power a bay: {self.arrays.columns}"
        try:
            answer = self._decide(now)
            given = None if isinstance(answer, str) or not isinstance(answer, Iterable) else list(answer)
        except (Exception, SystemExit) as error:
            raise _failed(self._policy, place, error) from None
        try:
            kw = [float(one) for one in given or ()]
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            raise InputErrors(self._policy.name, [Problem(place, found, rule, REMEDY)]) from None
        if given is None:
            found = f"returned {type(answer).__name__}"
            raise InputErrors(self._policy.name, [Problem(place, found, rule, REMEDY)])
        if len(kw) != self.arrays.columns:
            raise InputErrors(self._policy.name, [Problem(place, f"{len(kw)} values", rule, REMEDY)])
        wrong = [(bay, one) for bay, one in enumerate(kw) if not (math.isfinite(one) and one >= 0)]
        if wrong:
            told = [Problem(f"{place}, bay {bay + 1}", one, "must be kW, 0 or more", REMEDY) for bay, one in wrong]
            raise InputErrors(self._policy.name, told)
        return kw


def _failed(policy: DayPolicy, place: str, error: BaseException) -> InputErrors:
    rule = f"raised in the policy{place_in_module(error)}"
    return InputErrors(policy.name, [Problem(place, f"{type(error).__name__}: {error}", rule, REMEDY)])
