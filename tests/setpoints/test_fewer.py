"""At most so many periods for a bay."""

from __future__ import annotations

import builders as make
import pytest

from models.errors import InvalidData
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import ENERGY_KWH
from optimizer.check.rules import check
from optimizer.setpoints.fit.fewer import make_fewer
from optimizer.setpoints.fit.fitted import fitted_limits
from optimizer.setpoints.fit.limits import LimitUnit, Period, periods_of
from optimizer.setpoints.fit.station_limits import StationLimits

HOUR = 3600


def night_of(mode: str) -> tuple[Night, Schedule]:
    """One pack charges at 0 and at 2 o'clock; its driver comes at 3."""
    chargers = make.chargers(count=1, mode=mode)
    night = make.night(4, packs=[make.pack("P1", 0.1)], bays=1, chargers=chargers, swaps=[make.swap("W1", 3)])
    return night, make.schedule(night, {"P1": (40.0, 0.0, 40.0, 0.0)}, {"W1": "P1"})


def fewer(mode: str, most: int) -> StationLimits:
    fit = fitted_limits(*night_of(mode), LimitUnit())
    assert len(periods_of(fit.by_bay[0])) == 4
    make_fewer(fit, most)
    return fit


def test_neighbours_get_their_average() -> None:
    fit = fewer("continuous", 2)
    first, last = periods_of(fit.by_bay[0])
    assert last == Period(3 * HOUR, 4 * HOUR, 0) and first.end == 3 * HOUR
    carried = fit.carried_out()
    assert not check(fit.night, carried.schedule)
    assert carried.held_kwh["P1"][3] >= 90 - ENERGY_KWH
    assert fit.merged > 0


def test_chargers_that_are_on_or_off_charge_earlier() -> None:
    fit = fewer("on_off", 2)
    assert periods_of(fit.by_bay[0]) == (Period(0, 2 * HOUR, 500000), Period(2 * HOUR, 4 * HOUR, 0))
    assert not check(fit.night, fit.carried_out().schedule)


def test_what_cannot_be_merged_is_refused() -> None:
    with pytest.raises(InvalidData) as refused:
        fewer("continuous", 1)
    (problem,) = refused.value.problems
    assert (problem.place, problem.value, problem.remedy) == ("bay 0", 2, "allow more with --max-periods")
    assert problem.rule == (
        "periods are not made 1: no two neighbours were found to merge that keep every rule of the plan"
    )
