"""Is there any plan at all? Only a base load above the grid limit leaves none."""

from __future__ import annotations

from collections.abc import Sequence

from models.station.instance import Night


class NothingToPlanError(Exception):
    """No plan exists: the base load alone breaks the grid limit."""


def refuse_infeasible(nights: Sequence[Night]) -> None:
    """Raise NothingToPlanError, a line for each station whose base load does not fit its grid limit."""
    if lines := [infeasibility(night) for night in nights if not night.base_load_fits()]:
        raise NothingToPlanError("\n".join(lines))


def infeasibility(night: Night) -> str:
    """Why a night has no plan: where its base load exceeds the grid limit, and what helps."""
    station, slots = night.station, night.overloaded_slots()
    t, more = slots[0], f" and in {len(slots) - 1} more" if len(slots) > 1 else ""
    return (
        f"station {station.id}: base load {station.base_load_kw[t]:g} kW less solar {station.solar_kw[t]:g} kW "
        f"exceeds the grid limit of {station.grid_limit_kw[t]:g} kW in slot {t}{more}; "
        "raise grid_limit_kw or lower base_load_kw"
    )
