"""The command `explain`: why each lost swap is lost, what mends it, and what more of anything is worth."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from optimizer.cli.doubts import read_telling, strict_option
from optimizer.cli.lost.losing_plans import only_station, only_swap, plans_made_now, plans_of_file
from optimizer.cli.output import STANDARD_STREAM, print_result, progress_line, say

if TYPE_CHECKING:
    from models.station.instance import Instance
    from optimizer.engine.options import RunOptions
    from optimizer.explain.why_lost import LosingPlan


@click.command(epilog="Example: swapcharge explain instances/real/busy-must-lose.json --swap drivers-18")
@click.argument("instance")
@click.argument("plan", required=False)
@click.option("--station", metavar="ID", help="Explain only this station.")
@click.option("--swap", metavar="ID", help="Explain only this lost swap.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    metavar="S",
    help="Seconds for the whole instance.  [default: 60 for each station]",
)
@click.option(
    "--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Gap to which nights are solved."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def explain(
    instance: str,
    plan: str | None,
    station: str | None,
    swap: str | None,
    time_limit: float | None,
    gap: float,
    seed: int,
    strict: bool,
    as_json: bool,
) -> None:
    """Say why swaps of INSTANCE are lost, and what the least is that would serve them.

    PLAN is a plan file of the instance; without it the night is planned first. For each lost swap: is it impossible to
    serve, possible only at another driver's cost, or cheaper to lose, and by how much; which resource holds it back;
    and the least repair of each kind, found by solving the night again: grid limit, packs, chargers, power, delay.
    At last, what one more pack, charger and kW would be worth a night.
    """
    began = time.monotonic()
    _refuse_usage(instance, plan, (gap, time_limit))
    from optimizer.engine.options import RunOptions

    whole, _ = read_telling(instance, strict)
    asked = only_station(whole, station)
    limit = RunOptions.time_limit_seconds * len(asked.nights) if time_limit is None else time_limit
    options = RunOptions(gap=gap, seed=seed, total_seconds=limit)
    plans = plans_made_now(asked, options, began) if plan is None else plans_of_file(whole, plan)
    named = {night.station.id for night in asked.nights}
    _show(
        whole, only_swap([one for one in plans if one.night.station.id in named], swap), options, began, swap, as_json
    )


def _refuse_usage(instance: str, plan: str | None, numbers: tuple[float | None, ...]) -> None:
    """`numbers`: gap and time limit."""
    if instance == plan == STANDARD_STREAM:
        raise click.UsageError("only one of INSTANCE and PLAN can be standard input")
    if any(number != number or abs(number) == float("inf") for number in map(float, filter(None, numbers))):
        raise click.UsageError("--gap and --time-limit take finite numbers")


def _show(
    whole: Instance, plans: list[LosingPlan], options: RunOptions, began: float, swap: str | None, as_json: bool
) -> None:
    from optimizer.explain.explain_json import explain_json
    from optimizer.explain.explain_text import explain_text
    from optimizer.explain.explanation import explain as explained

    progress = progress_line()
    found = explained(plans, options, began, swap, progress)
    progress("")
    if as_json:
        print_result(explain_json(found, whole.name, whole.currency))
    else:
        say(explain_text(found, whole.currency))
