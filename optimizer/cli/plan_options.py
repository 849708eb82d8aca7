"""Options that commands which plan share: --look-ahead, --hedge, --month-days, --carry-from, --packs, --fail-if."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import say

if TYPE_CHECKING:
    from models.horizon import Horizon
    from optimizer.formats.network_file import NetworkFile
    from optimizer.runs.conditions import Condition
    from optimizer.runs.summary import CarriedFrom


@dataclass(frozen=True)
class CarriedStart:
    """A network as it begins, and what the summary says of that."""

    network: NetworkFile
    summary: CarriedFrom


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


carry_option = click.option(
    "--carry-from",
    metavar="RUN",
    help="Start where the plans of this run end: packs with bay and charge, the month's peaks and kWh. Its horizon must"
    " end where this one begins.",
)

packs_option = click.option(
    "--packs",
    metavar="CSV",
    help="What really stands in the bays at the start: columns station, bay, soc. Stations that it leaves out start as"
    " they would without it.",
)


fail_option = click.option(
    "--fail-if",
    metavar="CONDITIONS",
    help="Exit code 1 if one of these is met, such as 'lost>0,fallback>0,gap>0.02'; in quotes, for a shell takes > for"
    " a file.",
)


def conditions_of(text: str | None) -> tuple[Condition, ...]:
    """Those of --fail-if. Raises UsageError with every one that is none."""
    if text is None:
        return ()
    from models.errors import InvalidData
    from optimizer.files.errors import line_of
    from optimizer.runs.conditions import parse_conditions

    try:
        return parse_conditions(text)
    except InvalidData as error:
        raise click.UsageError("\n".join(line_of("--fail-if", problem) for problem in error.problems)) from None


def carried(network: NetworkFile, out: Path, carry_from: str | None, packs: str | None) -> CarriedStart | None:
    """The network as it begins, and what the summary says of that; None where neither option is given. What is not to
    be expected is told on standard error. Raises InputErrors."""
    if carry_from is None and packs is None:
        return None
    from optimizer.carry.carried_network import carry
    from optimizer.carry.last_run import last_run
    from optimizer.carry.state_file import read_state
    from optimizer.carry.told import notes, summed_up

    last = None if carry_from is None else last_run(Path(carry_from), out, network)
    ids = [name for index in range(len(network.stations)) if (name := network.station_id(index)) is not None]
    found = carry(network, last, None if packs is None else read_state(packs, ids, "network"))
    for note in notes(found, packs):
        say(f"note: {note}", to_stderr=True)
    return CarriedStart(found.network, summed_up(found, packs))


def refuse_look_ahead(horizon: Horizon, hours: float | None) -> None:
    """Raises UsageError where nothing says what comes after the horizon."""
    if hours is not None and hours != hours:
        raise click.UsageError("--look-ahead takes a finite number")
    if hours and horizon.slots * horizon.slot_minutes < 24 * 60:
        given = f"{horizon.slots} slots of {horizon.slot_minutes} minutes"
        raise click.UsageError(
            f"--look-ahead needs a horizon of at least 24 hours, the last of which repeat; the file has {given}"
        )
