"""What a formulation is, and the programme it makes of a night: a matrix for any solver, and the way back to a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.formulations.matrix import Array, Matrix
from models.station.instance import Night
from models.station.parts import whole_schedule
from models.station.schedule import Schedule


@dataclass(frozen=True)
class Programme:
    """`matrix` to minimise; `schedule` makes a plan of a point (one value a column), None where it finds none.

    `is_relaxation`: is its optimum, less `bound_slack` in currency, a lower bound on the objective of every plan?
    `is_exact`: is a point's plan the point itself, so that both have one objective? Else the point only guides the
    way to a plan. `row_names`, `column_names`: one name each, such as c5_1(3), for MPS and LP files: letters, digits
    and _ . , ( ), rows by their equation. `earlier_names`: what columns were called before, for solutions that say so.
    `schedule_within`: `schedule` where it searches, and so must know the seconds it has and the solver's seed.
    """

    matrix: Matrix
    schedule: Callable[[Array], Schedule | None]
    row_names: Callable[[], list[str]]
    column_names: Callable[[], list[str]]
    earlier_names: Callable[[], list[str]]
    is_relaxation: bool = True
    is_exact: bool = True
    bound_slack: float = 0.0
    schedule_within: Callable[[Array, float, int], Schedule | None] | None = None


@dataclass(frozen=True)
class Formulation:
    """A way to write a night as a programme. `refusal`: why it cannot for a night, None where it can.

    `build` is given nights whose swaps have one pack each (`Night.by_pack`). `is_linear`: do its programmes have no
    integer columns?
    """

    name: str
    what: str
    build: Callable[[Night], Programme]
    refusal: Callable[[Night], str | None] = lambda night: None
    is_linear: bool = False

    def programme(self, night: Night) -> Programme:
        """The night as a programme; its plans are of whole swaps."""
        made = self.build(night.by_pack)
        if night.by_pack is night:
            return made

        def whole(schedule: Schedule | None) -> Schedule | None:
            return None if schedule is None else whole_schedule(night, schedule)

        within = made.schedule_within
        return replace(
            made,
            schedule=lambda point: whole(made.schedule(point)),
            schedule_within=None if within is None else lambda *how: whole(within(*how)),
        )
