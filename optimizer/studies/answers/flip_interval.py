"""Between which shares of growth a flip may lie, given how far each tariff's plans may be from their best."""

from __future__ import annotations

from optimizer.studies.tables import RankedTariff

Ends = tuple[RankedTariff, RankedTariff]


def flip_interval(before: Ends, after: Ends) -> tuple[float, float]:
    """The shares of the way, 0 to 1, between which the tariff `after` may become cheaper than `before`.

    Each is given at both ends of the way.

    Either may cost less by what the bounds of its nights leave open, each given the night before. Where a night has no
    bound, all of the way.
    """
    differences = [late.total_cost - early.total_cost for early, late in zip(before, after, strict=True)]
    open_before, open_after = ([_left_open(one) for one in ends] for ends in (before, after))
    if None in open_before or None in open_after:
        return 0.0, 1.0
    earliest = [difference - (less or 0.0) for difference, less in zip(differences, open_after, strict=True)]
    latest = [difference + (less or 0.0) for difference, less in zip(differences, open_before, strict=True)]
    return _crossing(earliest, 0.0), _crossing(latest, 1.0)


def _left_open(one: RankedTariff) -> float | None:
    return None if one.bound is None else max(0.0, one.objective - one.bound)


def _crossing(ends: list[float], otherwise: float) -> float:
    """Where the straight line from one end to the other comes down to nothing; `otherwise`: it does not."""
    begin, end = ends
    return begin / (begin - end) if begin > 0 > end else otherwise
