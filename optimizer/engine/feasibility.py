"""Is there anything to plan? Only a base load above the grid limit in every slot leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence

from models.station.instance import Night
from models.station.overload import stated_kw


class NothingToPlanError(Exception):
    """Nothing can be charged at any time: the base load alone breaks the grid limit."""


def refuse_infeasible(nights: Sequence[Night]) -> None:
    """Raise NothingToPlanError, a line for each station whose base load fits its grid limit in no slot."""
    if lines := [infeasibility(night) for night in nights if not night.can_be_planned()]:
        raise NothingToPlanError("\n".join(lines))


def infeasibility(night: Night) -> str:
    """Why nothing can be planned in a night: its base load exceeds the grid limit in every slot; what helps."""
    station, (t, *others) = night.station, night.overloaded_slots()
    more = f" and in {len(others)} more" if others else ""
    return (
        f"station {station.id}: base load {station.base_load_kw[t]:g} kW less solar {station.solar_kw[t]:g} kW "
        f"exceeds the grid limit of {stated_kw(station)[t]:g} kW in slot {t}{more}; "
        "raise grid_limit_kw or lower base_load_kw"
    )
