"""The command `replay`: days that do not follow the forecast, played through a plan and its rule."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.doubts import read_telling, strict_option
from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, progress_line, say, write_output

if TYPE_CHECKING:
    from models.station.drawn_days import DrawnDays
    from models.station.instance import Instance, Night
    from optimizer.replay.policies import Policy, PolicyName
    from optimizer.replay.replay_run import ReplayOptions
    from optimizer.replay.result import StationReplay

POLICY_NAMES = ("hedged", "mean", "on-arrival", "cheapest-first")


@click.command(epilog="Example: swapcharge replay instances/real/nl-winter-day.json --days 1000")
@click.argument("instance")
@click.argument("plan", required=False)
@click.option("--days", type=click.IntRange(1, 10_000), default=1000, show_default=True, help="Days drawn.")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help=f"A policy to play, or several: {', '.join(POLICY_NAMES)}.  [default: the plan's and on-arrival; all without]",
)
@click.option("--swaps", metavar="LOG", help="Play the days of this swap log, a column time, in place of drawn ones.")
@click.option("--station", metavar="ID", help="Only this station.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of days and solver."
)
@click.option(
    "--bound-days",
    type=click.IntRange(0, 10_000),
    default=20,
    show_default=True,
    metavar="N",
    help="Days, the first ones, of which a bound is proven, as far as the time limit allows.",
)
@click.option(
    "--replan",
    type=click.IntRange(1),
    metavar="MINUTES",
    help="On the days of --bound-days also plan anew every so many minutes, from what is in the bays.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds for plans and bounds.",
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N", help="Number of processes.  [default: one for each core]"
)
@click.option("-o", "--output", metavar="FILE", help="Also draw the cards as one HTML page (.html, .html.gz).")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def replay(instance: str, plan: str | None, strict: bool, as_json: bool, **asked: Any) -> None:
    """Play days drawn from the forecasts of INSTANCE (a file, or - for stdin) through PLAN and its rule.

    The card says what each policy serves and costs, what its worst days look like, and how far it is from bounds that
    are proven for the same days. Without PLAN the policies are planned first. The same days for all policies.
    """
    began = time.monotonic()
    if asked["time_limit"] != asked["time_limit"] or asked["time_limit"] == float("inf"):
        raise click.UsageError("--time-limit takes a finite number")
    if asked["output"] == STANDARD_STREAM:
        raise click.UsageError("-o takes the name of a file: the card is on standard output")
    if instance == plan == "-":
        raise click.UsageError("only one of INSTANCE and PLAN can be standard input")
    known = _only(read_telling(instance, strict)[0], asked["station"])
    _refuse_unplayable(known, instance, asked["replan"])
    given = {} if plan is None else _policies_of_plan(known, plan)
    options, logged = _options(known, given, asked), _logged(known, asked["swaps"], asked["seed"])
    if asked["output"] is not None:
        check_output(asked["output"], [instance, plan, asked["swaps"]], "page", b"<html")
    _tell_of_no_spread(known, options.policies, given)
    replays = _replayed(known, given, options, logged, asked["workers"], began)
    if asked["output"] is not None:
        _draw(asked["output"], replays, known)
    if as_json:
        from optimizer.replay.replay_json import replay_json

        print_result(replay_json(replays, known.name, known.currency))
    else:
        from optimizer.replay.replay_text import replay_screen

        say(replay_screen(replays, known.currency))


def _options(instance: Instance, given: Mapping[str, Policy], asked: Mapping[str, Any]) -> ReplayOptions:
    names = _names(asked["policies"], given, has_spread=any(map(_has_spread, instance.nights)))
    from optimizer.engine.options import RunOptions
    from optimizer.replay.replay_run import ReplayOptions

    engine = RunOptions(seed=asked["seed"])
    return ReplayOptions(
        names,
        days=asked["days"],
        seed=asked["seed"],
        bound_days=asked["bound_days"],
        replan_minutes=asked["replan"],
        time_limit_seconds=asked["time_limit"],
        engine=engine,
    )


def _logged(instance: Instance, log: str | None, seed: int) -> Mapping[str, DrawnDays]:
    """Days of the log by station, none without one; what is to be said of it is said on standard error."""
    if log is None:
        return {}
    from optimizer.files.limits import MOST_BYTES
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.replay.logged_days import logged_days

    found = logged_days(read_bytes(log, MOST_BYTES), shown_name(log), instance.nights, seed)
    for note in found.notes:
        say(f"note: {note}", to_stderr=True)
    return found.by_station


def _replayed(
    instance: Instance,
    given: Mapping[str, Policy],
    options: ReplayOptions,
    logged: Mapping[str, DrawnDays],
    workers: int | None,
    began: float,
) -> list[StationReplay]:
    from optimizer.replay.bounds import warm_up
    from optimizer.replay.replay_run import ReplayRun
    from optimizer.workers.local_pool import LocalPool
    from optimizer.workers.worker import cores

    progress = progress_line()
    known: dict[str, dict[str, Policy]] = {name: {one.name: one} for name, one in given.items()}
    with closing(LocalPool(workers or cores(), warm_up)) as pool:
        replays = ReplayRun(instance.nights, options, pool, known, logged, progress, began).run()
    progress("")
    return replays


def _draw(output: str, replays: list[StationReplay], instance: Instance) -> None:
    from optimizer.files.versions import versions
    from optimizer.reports.replay.page import replay_page

    write_output(output, replay_page(replays, instance.name, instance.currency, versions()))


def _only(instance: Instance, station: str | None) -> Instance:
    """The instance with this station alone. Raises UsageError where it has none of that name."""
    if station is None:
        return instance
    nights = tuple(night for night in instance.nights if night.station.id == station)
    if not nights:
        known = ", ".join(night.station.id for night in instance.nights)
        raise click.UsageError(f"--station {station}: its stations are {known}")
    return replace(instance, nights=nights)


def _refuse_unplayable(instance: Instance, file: str, replan: int | None) -> None:
    """Raises InputErrors where days of a station cannot be played, or not be planned anew so often."""
    from optimizer.files.errors import InputErrors
    from optimizer.files.read_write import shown_name
    from optimizer.replay.replan_times import replan_problems
    from optimizer.simulate.play import problems_of_playing

    problems = [
        problem.inside(f"station {night.station.id}")
        for night in instance.nights
        for problem in (*problems_of_playing(night, None), *([] if replan is None else replan_problems(night, replan)))
    ]
    if problems:
        raise InputErrors(shown_name(file), problems)


def _policies_of_plan(instance: Instance, plan: str) -> Mapping[str, Policy]:
    from optimizer.files.read_write import shown_name
    from optimizer.formats.plan_file import read_plan
    from optimizer.replay.planned_before import policies_of_plan

    return policies_of_plan(instance, read_plan(plan), shown_name(plan))


def _has_spread(night: Night) -> bool:
    return any(one.is_uncertain for one in night.station.expected)


def _tell_of_no_spread(instance: Instance, names: Sequence[str], given: Mapping[str, Policy]) -> None:
    """Where nothing is known of the days' spread, there is nothing to hedge against."""
    alike = [night.station.id for night in instance.nights if not _has_spread(night) and night.station.id not in given]
    if alike and "hedged" in names:
        text = f"note: {', '.join(alike)}: no forecast states a spread, so hedged is the plan of the mean"
        say(text, to_stderr=True)


def _names(asked: tuple[str, ...], given: Mapping[str, Policy], *, has_spread: bool) -> tuple[PolicyName, ...]:
    """Policies asked for, each once; hedged ones by default only where there is a spread. Raises UsageError."""
    from optimizer.replay.policies import POLICIES

    names = [name.strip() for text in asked for name in text.split(",") if name.strip()]
    if not names:
        own = {policy.name for policy in given.values()}
        names = [*own, "on-arrival"] if given else [name for name in POLICIES if name != "hedged" or has_spread]
    if wrong := [name for name in names if name not in POLICIES]:
        raise click.UsageError(f"--policy {wrong[0]}: policies are {', '.join(POLICIES)}")
    return tuple(name for name in POLICIES if name in names)
