"""The command line. Every command imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from optimizer.cli.bench.group import bench
from optimizer.cli.doubts import read_telling, strict_option, tell_doubts
from optimizer.cli.exports.group import export
from optimizer.cli.forecast import forecast
from optimizer.cli.generate import generate
from optimizer.cli.history import history
from optimizer.cli.imports.group import imports
from optimizer.cli.info import info, schema
from optimizer.cli.lost.explain import explain
from optimizer.cli.nightly import nightly
from optimizer.cli.output import (
    EXIT_INTERNAL,
    EXIT_INTERRUPTED,
    EXIT_LIMIT,
    EXIT_NO,
    EXIT_USAGE,
    STANDARD_STREAM,
    check_output,
    fit_streams,
    print_result,
    progress_line,
    say,
    write_output,
)
from optimizer.cli.plan_options import hedge_option, look_ahead_option, month_days_option, refuse_look_ahead
from optimizer.cli.replan import replan
from optimizer.cli.replay import replay
from optimizer.cli.report import report
from optimizer.cli.study import study
from optimizer.cli.tariff import tariff
from optimizer.cli.tonight.command import tonight
from optimizer.files import written
from optimizer.files.errors import FileErrors, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.station.instance import Instance
    from models.station.result import StationPlan
    from optimizer.check.plan_check import Verdict
    from optimizer.doubts.warnings import InputWarning
    from optimizer.engine.near.previous_plan import PreviousPlan
    from optimizer.engine.options import Hedging, RunOptions
    from optimizer.engine.plan_instance import InstancePlanning
    from optimizer.runs.check_run import RunVerdict

CALM_SECONDS = 20.0  # for the fewest starts of a single station
TRACEBACK = "SWAPCHARGE_TRACEBACK"


class Commands(click.Group):
    """A group that turns what can go wrong into one line and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; whatever the streams' encodings are, and however names are written."""
        fit_streams()
        written.begin()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; never let a traceback out unless the environment asks for one."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except FileErrors as error:
            _leave(str(error), EXIT_USAGE)
        except KeyboardInterrupt:
            _leave(f"interrupted: {written.in_words()}", EXIT_INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the exit complains once more
            sys.exit(EXIT_NO)
        except OSError as error:
            _leave(printable(f"cannot read or write: {error}"), EXIT_USAGE)
        except Exception as error:
            _leave_for(error)


def _leave_for(error: Exception) -> NoReturn:
    from optimizer.engine.feasibility import NothingToPlanError
    from optimizer.workers.usage import is_out_of_memory

    if isinstance(error, NothingToPlanError):
        _leave(printable(f"nothing can be planned: {error}"), EXIT_NO)
    if os.environ.get(TRACEBACK):
        raise error
    if is_out_of_memory(error):
        _leave(f"out of memory: {written.in_words()}; give it more, or let it do less at once", EXIT_LIMIT)
    _leave(
        printable(f"internal error: {type(error).__name__}: {error}") + "\n"
        f"This is our fault; {written.in_words()}. Please report it with the instance ({TRACEBACK}=1 shows where).",
        EXIT_INTERNAL,
    )


def _leave(message: str, code: int) -> NoReturn:
    say(message, to_stderr=True)
    sys.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="swapcharge", prog_name="swapcharge")
def main() -> None:
    """Plan when battery-swap stations charge their packs: cheapest plans with a proven bound and a check.

    Exit codes: 0 done; 1 the answer is no; 2 wrong usage or bad input; 3 a limit was reached with nothing to show;
    70 an error in swapcharge; 130 interrupted.
    """


@main.command(epilog="Example: swapcharge solve instances/real/nl-winter-day.json -o night.plan.json")
@click.argument("instance")
@click.option("-o", "--output", metavar="FILE", help="Write the plan to this file (.json, .json.gz, or - for stdout).")
@click.option("--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Stop when this gap is proven.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    metavar="S",
    help="Seconds for the whole instance; the best plan found is kept.  [default: 60 for each station]",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the solver.")
@click.option(
    "--power-step",
    type=click.FloatRange(0),
    default=0.1,
    show_default=True,
    metavar="KW",
    help="Powers are multiples of it where that costs nothing; 0: any.",
)
@click.option(
    "--calm-limit",
    type=click.FloatRange(0),
    metavar="S",
    help="Seconds of the time limit, at most, for the fewest starts of a single station at the same cost; 0: heuristics"
    " only; not given: 20, where these leave more than 1.1 starts a pack.",
)
@click.option(
    "--near", metavar="PLAN", help="A previous plan: of plans that cost no more than the best found, the nearest to it."
)
@click.option(
    "--keep-on-interrupt",
    "keep",
    is_flag=True,
    help="On Ctrl-C write the best checked plan so far to the file of -o; the exit code stays 130.",
)
@strict_option
@look_ahead_option
@hedge_option
@month_days_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def solve(
    instance: str,
    output: str | None,
    gap: float,
    time_limit: float | None,
    seed: int,
    power_step: float,
    calm_limit: float | None,
    near: str | None,
    keep: bool,
    strict: bool,
    look_ahead: float | None,
    hedge: Hedging,
    month_days: int | None,
    as_json: bool,
) -> None:
    """Plan INSTANCE (a file, or - for stdin): find the cheapest plan, check it and prove a lower bound."""
    began = time.monotonic()
    _refuse_usage_of_solve(output, (gap, time_limit, power_step, calm_limit), keep, as_json)
    from optimizer.engine.options import RunOptions

    asked, warnings = read_telling(instance, strict)
    previous = {} if near is None else _previous_plans(near, asked)
    refuse_look_ahead(asked.nights[0].horizon, look_ahead)
    if output is not None:
        check_output(output, [instance], "plan file", b"swapcharge-plan")
    progress = progress_line()
    limit = RunOptions.time_limit_seconds * len(asked.nights) if time_limit is None else time_limit
    options = RunOptions(gap=gap, seed=seed, effort="deep", total_seconds=limit, look_ahead_hours=look_ahead)
    options = replace(options, power_step_kw=power_step, hedge=hedge, month_days=month_days)
    calm = _with_calm(options, calm_limit if len(asked.nights) == 1 else 0.0)
    planning = _planning(asked, calm, began, previous)
    try:
        plans = planning.run(progress)
    except KeyboardInterrupt:
        progress("")
        _leave(_kept(planning, output) if keep and output else "interrupted: nothing was written", EXIT_INTERRUPTED)
    progress("")
    _show_solved(planning, plans, instance, output, warnings if as_json else None)


def _planning(
    asked: Instance, options: RunOptions, began: float, previous: Mapping[str, PreviousPlan]
) -> InstancePlanning:
    from optimizer.engine.plan_instance import InstancePlanning
    from optimizer.explain.brief import brief_reasons

    return InstancePlanning(asked, options, began, previous=previous, explain=brief_reasons)


def _previous_plans(near: str, asked: Instance) -> Mapping[str, PreviousPlan]:
    """By station, from the plan file of --near."""
    from optimizer.engine.near.previous_plan import previous_plans
    from optimizer.files.read_write import shown_name
    from optimizer.formats.plan_file import read_plan

    nights = {night.station.id: night for night in asked.nights}
    return previous_plans(read_plan(near), shown_name(near), nights)


def _show_solved(
    planning: InstancePlanning,
    plans: Sequence[StationPlan],
    path: str,
    output: str | None,
    warnings: tuple[InputWarning, ...] | None,
) -> None:
    """Write the plan, then print the summary that was asked for: as JSON where there are `warnings`, be they none."""
    from optimizer.doubts.warnings import warnings_json
    from optimizer.files.versions import versions
    from optimizer.formats.plan_file import file_beside, plan_file, plan_text
    from optimizer.summaries.plan_json import solve_summary
    from optimizer.summaries.plan_text import solve_screen

    beside = None if output is None else file_beside(path, output)
    file = plan_file(planning.instance, plans, versions(), instance_file=beside)
    if output is not None:
        write_output(output, plan_text(file))
    if planning.broken_off:
        say(f"note: {planning.broken_off}: this is the best plan found until then, or a baseline", to_stderr=True)
    if warnings is not None:
        seconds = time.monotonic() - planning.began
        summary = solve_summary(planning.instance, file, plans, seconds, planning.broken_off)
        print_result(summary | {"warnings": warnings_json(warnings)})
    else:
        kept_in = "standard output" if output == STANDARD_STREAM else output
        say(solve_screen(plans, file, kept_in), to_stderr=output == STANDARD_STREAM)
    if any(plan.result.must_serve_lost for plan in plans):
        sys.exit(EXIT_NO)


def _with_calm(options: RunOptions, limit: float | None) -> RunOptions:
    """The fewest starts at any price of time where a limit is given; else only where heuristics leave many."""
    if limit is None:
        return replace(options, calm_seconds=CALM_SECONDS)
    return replace(options, calm_seconds=limit, enough_starts_per_stay=1.0)


def _refuse_usage_of_solve(output: str | None, numbers: tuple[float | None, ...], keep: bool, as_json: bool) -> None:
    """`numbers`: gap, time limit, power step and calm limit."""
    if output == "-" and as_json:
        raise click.UsageError("-o - and --json both want standard output: give -o a file name")
    if keep and output is None:
        raise click.UsageError("--keep-on-interrupt needs -o FILE: there is nowhere to write the plan")
    finite = [_is_number(number or 0.0) for number in numbers]
    if not all(finite[:2]):
        raise click.UsageError("--gap and --time-limit take finite numbers")
    if not all(finite):
        raise click.UsageError("--power-step and --calm-limit take finite numbers")


def _kept(planning: InstancePlanning, output: str) -> str:
    """Write what an interrupted `solve` holds; in words what that is."""
    from optimizer.files.versions import versions
    from optimizer.formats.plan_file import plan_file, plan_text

    plans = planning.best_so_far()
    if not plans:
        return "interrupted: no plan was found yet, nothing was written"
    part = replace(planning.instance, nights=tuple(plan.night for plan in plans))
    write_output(output, plan_text(plan_file(part, plans, versions())))
    stations = len(planning.instance.nights)
    return f"interrupted: the best plan so far is in {output}, for {len(plans)} of {stations} stations"


def _is_number(value: float) -> bool:
    return value == value and abs(value) != float("inf")


@main.command(epilog="Example: swapcharge check instances/real/nl-winter-day.json night.plan.json")
@click.argument("instance")
@click.argument("plan", required=False)
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(instance: str, plan: str | None, strict: bool, as_json: bool) -> None:
    """Check PLAN against INSTANCE, rule by rule, and recompute its costs. Exit code 1 if a rule is broken.

    PLAN is a plan file for all or some stations of the instance, or the folder of a run of nightly. In a run every
    station needs a plan, except those that failed according to the run's summary. A run alone, `check RUN`, is checked
    against the network that it keeps.
    """
    if plan is None:
        from optimizer.runs.folder import kept_network

        if not Path(instance).is_dir():
            raise click.UsageError("Missing argument 'PLAN': only the folder of a run can be checked alone")
        instance, plan = str(kept_network(Path(instance))), instance
    if instance == plan == "-":
        raise click.UsageError("only one of INSTANCE and PLAN can be standard input")
    is_run = Path(plan).is_dir()
    verdict, currency, warnings = (
        _check_run(instance, plan, strict, as_json) if is_run else _check_plan(instance, plan, strict)
    )
    if as_json:
        from optimizer.doubts.warnings import warnings_json

        print_result(verdict.as_json() | {"input_warnings": warnings_json(warnings)})
    else:
        say(verdict.as_text(currency))
    sys.exit(0 if verdict.ok else EXIT_NO)


def _check_plan(instance: str, plan: str, strict: bool) -> tuple[Verdict, str, tuple[InputWarning, ...]]:
    """The verdict, the currency of its costs, and what is doubtful about the instance."""
    from optimizer.check.plan_check import check_plan
    from optimizer.files.read_write import shown_name
    from optimizer.formats.plan_file import read_plan

    asked, warnings = read_telling(instance, strict)
    return check_plan(asked, read_plan(plan), shown_name(plan)), asked.currency, warnings


def _check_run(network: str, run: str, strict: bool, as_json: bool) -> tuple[RunVerdict, str, tuple[InputWarning, ...]]:
    """The same of a run, with a line for each bad station as soon as it is found, unless only JSON may be printed."""
    from optimizer.doubts.instance import doubts_of_whole
    from optimizer.formats.network_file import read_network
    from optimizer.runs.check_run import check_run

    asked, progress = read_network(network), progress_line()
    warnings = tell_doubts(asked.file, doubts_of_whole(asked), strict)

    def tell(line: str) -> None:
        progress("")
        if not as_json:
            say(line)

    verdict = check_run(asked, Path(run), tell, progress)
    progress("")
    return verdict, asked.currency, warnings


for command in (
    bench,
    explain,
    export,
    forecast,
    generate,
    history,
    imports,
    info,
    nightly,
    replan,
    replay,
    report,
    schema,
    study,
    tariff,
    tonight,
):
    main.add_command(command)
