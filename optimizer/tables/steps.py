"""Stamped values at equal steps: what is missing between them, what is there twice, where steps become shorter.

Functions raise InvalidData. The place of a line is what the caller's `place` makes of its number.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.errors import InvalidData
from models.horizon import MINUTES_PER_DAY
from optimizer.files.errors import ABSENT
from optimizer.tables.reading import MINUTE, Place, StampedRow, wrong_cell

LEAST_STEPS = 3  # one after the other of a length: then it is the length of steps, and no gap
ADD_ROWS = "add the missing rows"


@dataclass(frozen=True)
class EqualSteps:
    """Values that each hold for `minutes` minutes, one after the other from `start` (UTC).

    `turn` says in words where the file turns from longer steps to these, "" if nowhere.
    """

    start: datetime
    minutes: int
    values: tuple[float, ...]
    turn: str = ""


def must_rise(earlier: StampedRow, later: StampedRow, place: Place) -> None:
    """Refuses rows out of order and stamps that are there twice."""
    if later.at <= earlier.at:
        rule = f"must be later than the stamp before it, {earlier.stamp}"
        raise wrong_cell(place(later.line), later.stamp, rule, "keep one row of each stamp")


def equal_steps(
    rows: Sequence[StampedRow], place: Place, *, may_turn: bool = False, gap_remedy: str = ADD_ROWS
) -> EqualSteps:
    """The rows as values of one step, which is a whole number of minutes; nothing may be missing or there twice.

    `may_turn`: the file may turn once to shorter steps, from hours to quarter-hours. Its values hold for the whole of
    a step, as prices do, so one of a longer step is repeated.
    """
    if len(rows) < 2:
        rule = "must have at least two rows, for the step between them says how long each holds"
        raise wrong_cell("", ABSENT, rule, "add rows")
    for earlier, later in itertools.pairwise(rows):
        must_rise(earlier, later, place)
    steps = [later.at - earlier.at for earlier, later in itertools.pairwise(rows)]
    turn = turn_to_shorter(steps) if may_turn else 0
    usual = statistics.median_low(steps[turn:])
    if usual % MINUTE or not MINUTE <= usual <= MINUTES_PER_DAY * MINUTE:
        rule = f"must follow a whole number of minutes after the row before it, at most {MINUTES_PER_DAY}"
        raise wrong_cell(place(rows[1].line), rows[1].stamp, rule, "resample the file")
    for earlier, later in itertools.pairwise(rows[turn:]):
        if later.at - earlier.at != usual:
            gaps = sum(step > usual for step in steps[turn:])
            raise _turned(rows, steps, place) or _uneven(earlier, later, usual, place, gaps, gap_remedy)
    times = steps[0] // usual if turn else 1
    values = [row.value for row in rows[:turn] for _ in range(times)] + [row.value for row in rows[turn:]]
    minutes = usual // MINUTE
    words = (
        f"the step changes from {steps[0] // MINUTE} to {minutes} minutes at {rows[turn].stamp}: "
        f"each of the {turn:,} values before it is read as {times} of {minutes} minutes"
    )
    return EqualSteps(rows[0].at.astimezone(UTC), minutes, tuple(values), words if turn else "")


def turn_to_shorter(steps: Sequence[timedelta]) -> int:
    """How many longer steps come before shorter ones of which each is a whole multiple; 0 where it is not so.

    Three equal ones at least: fewer may be gaps.
    """
    turn = next((index for index, step in enumerate(steps) if step < steps[0]), 0)
    is_clear = turn >= LEAST_STEPS and set(steps[:turn]) == {steps[0]} and not steps[0] % steps[turn]
    return turn if is_clear else 0


def _turned(rows: Sequence[StampedRow], steps: Sequence[timedelta], place: Place) -> InvalidData | None:
    """Where the file has one step up to a stamp and another from there: no row is missing there, as it may seem."""
    turn = next((index for index, step in enumerate(steps) if step != steps[0]), 0)
    others = steps[turn:]
    if min(turn, len(others)) < LEAST_STEPS or len(set(others)) > 1:
        return None
    rule = f"begins steps of {others[0] / MINUTE:g} minutes, where the rows before it have {steps[0] / MINUTE:g}"
    remedy = "read the months of one step (--months), or resample the file"
    return wrong_cell(place(rows[turn].line), rows[turn].stamp, rule, remedy)


def _uneven(
    earlier: StampedRow, later: StampedRow, usual: timedelta, place: Place, gaps: int, remedy: str
) -> InvalidData:
    rule = f"must follow {usual / MINUTE:g} minutes after the row before it"
    if later.at - earlier.at < usual:
        return wrong_cell(place(later.line), later.stamp, f"{rule}, as most rows do", "resample the file")
    missing = (earlier.at + usual).astimezone(later.at.tzinfo).isoformat(timespec="minutes")
    more = f"; the file has {gaps:,} such gaps" if gaps > 1 else ""
    return wrong_cell(place(later.line), later.stamp, f"{rule}: {missing} is missing{more}", remedy)
