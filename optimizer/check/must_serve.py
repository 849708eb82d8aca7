"""Swaps that must be served: lost only where no plan can serve them, and then the plan says so, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.station.instance import Night, Swap
from models.station.schedule import Schedule
from optimizer.check.presence import Course, Violation, visit_place


def must_serve(night: Night, schedule: Schedule, courses: Sequence[Course]) -> Iterator[Violation]:
    """A lost swap that must be served is told as such, with a reason, and no other one is.

    Whether any plan could serve it is for a planner to prove; but where enough packs that stay to the end of this very
    plan could be handed over, it could.
    """
    told = {one.swap: one.reason for one in schedule.unserved}
    for swap in night.station.swaps:
        is_lost = swap.id not in schedule.packs_by_swap
        reason = told.pop(swap.id, None)
        if not (swap.must_serve and is_lost):
            if reason is not None:
                yield Violation("must_serve", visit_place(swap), "told as unserved", _why_not(swap))
        elif reason is None or not reason.strip():
            yield Violation("must_serve", visit_place(swap), "lost", "served, or told as unserved with the reason")
        elif packs := _fit_to_leave(night, swap, courses):
            yield Violation("must_serve", visit_place(swap), "lost", f"served: {packs[0].stay.pack} is ready and stays")
    for name in told:
        yield Violation("must_serve", f"swap {name}", "told as unserved", "a swap of this station")


def _why_not(swap: Swap) -> str:
    return "a swap that is lost" if swap.must_serve else "a swap that must be served"


def _fit_to_leave(night: Night, swap: Swap, courses: Sequence[Course]) -> list[Course]:
    """Packs that the swap could have, each staying to the end; none where they are too few.

    A pack that leaves takes its later charging with it, which breaks no rule but the one on plug changes.
    """
    if night.station.plug_changes_max is not None:
        return []
    needed_kwh = night.needed_kwh(swap)
    fit = [
        course
        for course in courses
        if course.stay.given_to is None
        and course.stay.usable
        and course.stay.came < swap.slot
        and course.stay.kind.id == swap.type
        and swap.pack in (None, course.stay.pack)
        and course.held_kwh[swap.slot] >= needed_kwh
    ]
    return fit if len(fit) >= swap.packs else []
