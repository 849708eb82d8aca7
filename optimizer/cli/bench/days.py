"""The command `bench days`: the uncertainty track."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.bench.names import names_asked
from optimizer.cli.output import check_output, print_result, progress_line, say, write_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.bench.days.score import DaysScore

TABLE_BEGINS = b"instance,contender,"


@click.command(epilog="Example: swapcharge bench days days-nl-winter-day --days 50")
@click.argument("names", nargs=-1)
@click.option("--policies", "asked", metavar="A,B,...", help="Policies of ours.  [default: all]")
@click.option(
    "--plans", multiple=True, metavar="NAME=FOLDER",
    help="A contender: its plans INSTANCE.plan.json, with their rules, are in FOLDER. May be given several times.",
)  # fmt: skip
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
def days(
    names: tuple[str, ...],
    asked: str | None,
    plans: tuple[str, ...],
    days: int,
    bound_days: int,
    time_limit: float,
    folder: Path,
    output: str | None,
    as_json: bool,
) -> None:
    """Score policies on days of the uncertainty track that they have never seen.

    NAMES are instances of the track; all without. A policy is a plan of the forecast and the rule that it is carried
    out by; a contender's is a plan file with a rule. The score: drivers served and cost on the test days, and how far
    the cost is from bounds that are proven for the same days.
    """
    from optimizer.replay.policies import POLICIES

    chosen = [name for name in POLICIES if name in names_asked(asked, POLICIES, "--policies", "policy")]
    if output is not None:
        check_output(output, [], "table of scores", TABLE_BEGINS)
    from optimizer.bench.days.score import DaysContest
    from optimizer.bench.days.text import days_json, days_screen
    from optimizer.bench.days.track import read_track
    from optimizer.replay.bounds import warm_up
    from optimizer.workers.local_pool import LocalPool
    from optimizer.workers.worker import cores

    track, folders, progress = read_track(folder, names), _folders(plans, chosen), progress_line()
    with closing(LocalPool(cores(), warm_up)) as pool:
        contest = DaysContest(chosen, pool, folders, days, bound_days, time_limit, on_message=progress)
        scores = contest.scores(track)
    progress("")
    if output is not None:
        write_output(output, _table(scores))
    if as_json:
        print_result(days_json(scores))
    else:
        say(days_screen(scores))


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


def _table(scores: Sequence[DaysScore]) -> bytes:
    from optimizer.bench.days.score import DaysScore
    from optimizer.files.csv_table import rows_text

    return rows_text(DaysScore, scores)
