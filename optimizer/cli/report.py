"""The command `report`: a plan, a run or a study as one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from optimizer.cli.exports.study import exporter, study_exports
from optimizer.cli.history import STATIONS_SHOWN, WHY_SECONDS, explanation_of
from optimizer.cli.output import STANDARD_STREAM, check_output, write_output


@click.command(epilog="Example: swapcharge report night.plan.json -o night.html")
@click.argument("path")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the page to this file (.html, .html.gz, or - for stdout).",
)
@click.option(
    "--instance",
    metavar="INSTANCE",
    help="The instance of a plan, which is checked against it and drawn completely; the network of a run.",
)
@click.option(
    "--station",
    "stations",
    multiple=True,
    metavar="ID",
    help="Draw only this station of a plan or of a run; of a study, several, each with its --station.",
)
@click.option("--overview", is_flag=True, help="Of a run, one screen: money, drivers, proof, load, what to look at.")
@click.option("--compare", metavar="OLD_RUN", help="With --overview: also what changed since this run, and why.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0),
    default=WHY_SECONDS,
    show_default=True,
    metavar="S",
    help="With --compare: seconds for re-planning, which tells why costs moved; 0: without.",
)
@study_exports
def report(path: str, output: str | None, instance: str | None, stations: tuple[str, ...], **asked: Any) -> None:
    """Draw PATH as one HTML file: a plan file (or - for stdin), or the folder of a run of nightly or of a study.

    The file needs no network. For a plan of several stations, the 12 worst stations are drawn. For a run, it shows
    the totals and a list of stations to search, each with its day, or with --station one plan; its network is the
    one that it keeps, unless --instance names another. For a study, it ranks the tariffs and
    shows bills, mean days and nights; --figures writes its charts as pictures, --workbook and --parquet its tables,
    with the units of their columns; --text prints what study printed. With --station, all of this is of these
    stations only, ranked anew.
    --overview is the page of a run for whoever pays for it.
    """
    exports = {name: asked.pop(name) for name in ("figures", "workbook", "parquet", "text")}
    make_page = _page_maker(path, instance, stations, **asked)
    export = exporter(path, output, stations, **exports)
    if output is None and export is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if output is not None:
        check_output(output, [path, instance], "page", b"<html")
    if export is not None:
        export()
    if output is not None:
        write_output(output, make_page())


def _page_maker(path: str, instance: str | None, stations: tuple[str, ...], **asked: Any) -> Callable[[], bytes]:
    """The function that draws PATH, by what PATH is and what is asked. Raises UsageError."""
    _check_overview(path, stations, **asked)
    if path == instance == STANDARD_STREAM:
        raise click.UsageError("only one of PATH and --instance can be standard input")
    folder = Path(path)
    if asked["overview"]:
        return partial(_overview_page, folder, instance, **asked)
    from optimizer.studies.folder import is_study

    if folder.is_dir() and is_study(folder):
        if instance is not None:
            raise click.UsageError("of a study, its own tables are drawn: it does not take --instance")
        return partial(_study_page, folder, stations)
    if len(stations) > 1:
        raise click.UsageError("several --station are for the folder of a study: a plan or a run is drawn with one")
    station = stations[0] if stations else None
    if not folder.is_dir():
        return partial(_plan_page, path, instance, station)
    return partial(_run_page, folder, instance, station)


def _plan_page(path: str, instance: str | None, station: str | None) -> bytes:
    from optimizer.files.read_write import shown_name
    from optimizer.formats.plan_file import read_plan
    from optimizer.formats.read_instance import read_instance
    from optimizer.reports.plan import plan_report

    plan = read_plan(path)
    asked = None if instance is None else read_instance(instance)
    return plan_report(plan, shown_name(path), asked, station)


def _run_page(run: Path, network: str | None, station: str | None) -> bytes:
    from optimizer.reports.run import run_report, run_station_report

    return run_report(run, network) if station is None else run_station_report(run, station, network)


def _study_page(folder: Path, stations: tuple[str, ...]) -> bytes:
    from optimizer.reports.study import study_report

    return study_report(folder, stations)


def _check_overview(
    path: str, stations: tuple[str, ...], *, overview: bool, compare: str | None, time_limit: float
) -> None:
    """Raises UsageError where options do not go together."""
    if compare is not None and not overview:
        raise click.UsageError("--compare goes with --overview")
    if overview and stations:
        raise click.UsageError("--overview shows all stations: it does not take --station")
    if overview and not Path(path).is_dir():
        raise click.UsageError("--overview takes the folder of a run of nightly")
    if time_limit == float("inf") or time_limit != time_limit:
        raise click.UsageError("--time-limit takes a finite number")


def _overview_page(run: Path, network: str | None, *, overview: bool, compare: str | None, time_limit: float) -> bytes:
    from optimizer.reports.overview.page import overview_report

    if compare is None:
        return overview_report(run, network)
    from optimizer.history.runs import compare_folders
    from optimizer.reports.overview.changes import Changes

    comparison = compare_folders(Path(compare), run)
    explanation = explanation_of(comparison, STATIONS_SHOWN, time_limit)
    return overview_report(run, network, Changes(comparison, explanation))
