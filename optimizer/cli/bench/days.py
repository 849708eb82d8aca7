"""The command `bench days`: the uncertainty track."""

from __future__ import annotations

from contextlib import closing
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.bench.names import contenders_asked, names_asked
from optimizer.cli.output import check_output, print_result, say, stdout_kept, write_output
from optimizer.cli.progress_log import progress_or_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.bench.days.own_policies import OwnPolicy
    from optimizer.bench.days.score import DaysScore

TABLE_BEGINS = b"instance,contender,"


@click.command(epilog="Example: swapcharge bench days days-nl-winter-day --days 50")
@click.argument("names", nargs=-1)
@click.option("--policies", metavar="A,B,...", help="Policies of ours.  [default: all]")
@click.option(
    "--plans", multiple=True, metavar="NAME=FOLDER",
    help="A contender: its plans INSTANCE.plan.json, with their rules, are in FOLDER. May be given several times.",
)  # fmt: skip
@click.option(
    "--contenders", "own", metavar="MODULE:NAME,...",
    help="Policies of your own: the DayPolicy NAME in MODULE.py of the current folder.",
)  # fmt: skip
@click.option("--example", is_flag=True, help="Print a whole policy of one's own, in Python, to begin with.")
@click.option("--days", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Test days.")
@click.option(
    "--bound-days", type=click.IntRange(0, 100_000), default=20, show_default=True,
    help="Of how many of them to prove a bound.",
)  # fmt: skip
@click.option(
    "--time-limit", type=click.FloatRange(0, min_open=True), default=120.0, show_default=True, metavar="S",
    help="Seconds for the bounds of an instance.",
)  # fmt: skip
@library_option
@click.option("-o", "--output", metavar="FILE", help="Write the scores as a table: .csv.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def days(names: tuple[str, ...], example: bool, output: str | None, as_json: bool, **asked: Any) -> None:
    """Score policies on days of the uncertainty track that they have never seen.

    NAMES are instances of the track; all without. A policy is a plan of the forecast and the rule that it is carried
    out by; a contender's is a plan file with a rule, or Python that is asked in every slot. The score: drivers served
    and cost on the test days, and how far the cost is from bounds that are proven for the same days.
    """
    if example:
        _print_example(as_json or output is not None)
        return
    if not isfinite(asked["time_limit"]):
        raise click.UsageError("--time-limit takes a finite number")
    if output is not None:
        check_output(output, [], "table of scores", TABLE_BEGINS)
    from optimizer.bench.days.text import days_json, days_screen

    with stdout_kept():
        scores = _scores(names, asked)
    if output is not None:
        write_output(output, _table(scores))
    if as_json:
        print_result(days_json(scores))
    else:
        say(days_screen(scores))


def _scores(names: tuple[str, ...], asked: dict[str, Any]) -> list[DaysScore]:
    from optimizer.bench.days.score import DaysContest
    from optimizer.bench.days.track import read_track
    from optimizer.replay.bounds import warm_up
    from optimizer.replay.policies import POLICIES
    from optimizer.workers.local_pool import LocalPool
    from optimizer.workers.worker import cores

    chosen = [name for name in POLICIES if name in names_asked(asked["policies"], POLICIES, "--policies", "policy")]
    track, folders, progress = read_track(asked["folder"], names), _folders(asked["plans"], chosen), progress_or_log()
    own = _own(asked["own"], [*chosen, *folders])
    with closing(LocalPool(cores(), warm_up)) as pool:
        limits = asked["days"], asked["bound_days"], asked["time_limit"]
        found = DaysContest(chosen, pool, folders, own, *limits, on_message=progress).scores(track)
    progress("")
    return found


def _folders(plans: Sequence[str], ours: Sequence[str]) -> dict[str, Path]:
    """Contenders by name. Raises UsageError."""
    found: dict[str, Path] = {}
    for one in plans:
        name, sign, folder = one.partition("=")
        if not (sign and name.strip() and folder):
            raise click.UsageError(f"--plans {one}: write NAME=FOLDER")
        if name in found or name in ours:
            raise click.UsageError(f"--plans {one}: {name} is the name of another contender")
        if not Path(folder).is_dir():
            raise click.UsageError(f"--plans {one}: {folder} is no folder")
        found[name] = Path(folder)
    return found


def _own(asked: str | None, taken: Sequence[str]) -> list[OwnPolicy]:
    """Policies of the user's own. Raises UsageError or InputErrors."""
    from optimizer.bench.days.own_policies import own_policies

    found = own_policies(contenders_asked(asked, "--contenders takes MODULE:NAME")) if asked is not None else []
    for one in found:
        if one.policy.name in taken:
            from optimizer.files.errors import value_text

            raise click.UsageError(f"--contenders: {value_text(one.policy.name)} is the name of another contender")
    return found


def _print_example(is_more_asked: bool) -> None:
    if is_more_asked:
        raise click.UsageError("--example prints Python: leave out --json and -o")
    from optimizer.bench.days import example_policy

    say(Path(example_policy.__file__).read_text(encoding="utf-8").rstrip("\n"))


def _table(scores: Sequence[DaysScore]) -> bytes:
    from optimizer.bench.days.score import DaysScore
    from optimizer.files.csv_table import rows_text

    return rows_text(DaysScore, scores)
