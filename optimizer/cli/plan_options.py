"""Options that commands which plan share: --look-ahead, --hedge, --month-days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from models.horizon import Horizon

look_ahead_option = click.option(
    "--look-ahead",
    type=click.FloatRange(0, 24),
    metavar="HOURS",
    help="Plan for so many hours beyond the horizon, in which the day repeats; only the horizon is carried out."
    "  [default: what the file says, or 0]",
)

hedge_option = click.option(
    "--hedge",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="auto: where a forecast says how days spread, keep packs ready for days that do not follow it; none: plan for"
    " its mean.",
)

month_days_option = click.option(
    "--month-days",
    type=click.IntRange(1, 31),
    metavar="N",
    help="Days that the billing month has left, tonight included, for demand charges that are weighed by the month; 1"
    " puts all of their rate at stake.  [default: by the calendar]",
)


def refuse_look_ahead(horizon: Horizon, hours: float | None) -> None:
    """Raises UsageError where nothing says what comes after the horizon."""
    if hours is not None and hours != hours:
        raise click.UsageError("--look-ahead takes a finite number")
    if hours and horizon.slots * horizon.slot_minutes < 24 * 60:
        given = f"{horizon.slots} slots of {horizon.slot_minutes} minutes"
        raise click.UsageError(
            f"--look-ahead needs a horizon of at least 24 hours, the last of which repeat; the file has {given}"
        )
