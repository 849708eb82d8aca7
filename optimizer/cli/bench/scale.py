"""The command `bench scale`: the scaling track, whole networks."""

from __future__ import annotations

import math
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.bench.names import contenders_asked
from optimizer.cli.output import EXIT_NO, check_output, print_result, stdout_kept, write_output
from optimizer.cli.progress_log import progress_or_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.bench.scale.contest import NetworkScore
    from optimizer.bench.scale.track import NetworkEntryDocument


@click.command(epilog="Example: swapcharge bench scale network-10-1")
@click.argument("names", nargs=-1, metavar="[NETWORK]...")
@click.option("--contenders", metavar="A,B,...", default="engine", show_default=True, help="As of bench run.")
@click.option("--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Gap to prove, by station.")
@click.option(
    "--time-limit", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, metavar="S",
    help="Wall seconds for each station.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the NETWORK as an instance file instead of planning it.")
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def scale(names: tuple[str, ...], output: str | None, folder: Path, as_json: bool, **asked: Any) -> None:
    """Plan whole networks of up to 3,700 stations, station by station, and tell cost, proven gap, processor seconds.

    Without NETWORK, list them. A network is drawn by its seed and verified by its hash. Every plan is checked and
    billed. One station is planned at a time, so that processor seconds can be compared; a contender that does not end
    is killed, 10 s or a fifth of its limit after it. Exit code 1 if a plan breaks a rule, a bound is refuted, or a
    station has no plan. With -o, other programs can plan the same network.
    """
    if not (math.isfinite(asked["gap"]) and math.isfinite(asked["time_limit"])):
        raise click.UsageError("--gap and --time-limit take finite numbers")
    if output is not None and len(names) != 1:
        raise click.UsageError("-o takes one NETWORK, which is written")
    if output is not None and as_json:
        raise click.UsageError("-o writes the NETWORK and prints nothing: leave out --json")
    from optimizer.bench.scale.text import networks_screen, scores_json, scores_screen
    from optimizer.bench.scale.track import read_scale

    networks = read_scale(folder, names)
    if not names:
        print_result(_listed(networks) if as_json else networks_screen(networks))
        return
    if output is not None:
        _write(networks[0], output)
        return
    with stdout_kept():  # what contenders print is no product
        scores = _scores(networks, asked)
    print_result(scores_json(scores) if as_json else scores_screen(scores))
    sys.exit(EXIT_NO if any(score.failed for score in scores) else 0)


def _listed(networks: Sequence[NetworkEntryDocument]) -> dict[str, Any]:
    import msgspec

    return {"networks": msgspec.to_builtins(list(networks))}


def _write(network: NetworkEntryDocument, output: str) -> None:
    from optimizer.bench.scale.track import drawn_text

    check_output(output, [], "instance file", b"swapcharge-instance")
    show = progress_or_log()
    text = drawn_text(network, show)
    show("")
    write_output(output, text)


def _scores(networks: Sequence[NetworkEntryDocument], asked: dict[str, Any]) -> list[NetworkScore]:
    from optimizer.bench.contenders.entrants import entrants
    from optimizer.bench.records.contender import Limits
    from optimizer.bench.scale.contest import ScaleContest
    from optimizer.bench.scale.station_run import contender_of, warm_up
    from optimizer.bench.scale.track import drawn_network, drawn_text
    from optimizer.workers.local_pool import LocalPool

    asked_for = entrants(contenders_asked(asked["contenders"]))
    for one in asked_for:
        if (missing := one.contender.missing()) is not None:
            from optimizer.files.errors import value_text

            raise click.UsageError(f"--contenders: {value_text(one.contender.name)} cannot run here: {missing}")
    who = [(one.contender.name, partial(contender_of, one.spec)) for one in asked_for]
    show, found = progress_or_log(), list["NetworkScore"]()
    with closing(LocalPool(1, warm_up)) as pool:
        contest = ScaleContest(Limits(asked["gap"], asked["time_limit"]), pool, show)
        for network in networks:
            drawn = drawn_network(drawn_text(network, show))
            found += [contest.score(network.name, drawn, *one) for one in who]
    show("")
    return found
