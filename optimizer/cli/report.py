"""The command `report`: a plan, a run or a study as one file that any browser shows, without a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, write_output


@click.command(epilog="Example: swapcharge report night.plan.json -o night.html")
@click.argument("path")
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="Write the page here (.html, .html.gz, or - for stdout)."
)
@click.option("--instance", metavar="INSTANCE", help="What was planned: then the plan is checked, and all of it drawn.")
@click.option("--station", metavar="ID", help="Draw this station of a plan for several, or of a run.")
def report(path: str, output: str, instance: str | None, station: str | None) -> None:
    """Draw PATH, a plan file (or - for stdin) or the folder of a run of nightly or of a study, as one HTML file.

    The file holds all it needs and asks nothing of any network. Of a plan for several stations the 12 worst are
    drawn. Of a run, totals are shown, or with --station one plan; its network is looked for where the run's summary
    says, unless --instance names it. Of a study, the tariffs are ranked, with bills, mean days and nights.
    """
    if path == instance == STANDARD_STREAM:
        raise click.UsageError("only one of PATH and --instance can be standard input")
    make_page = _page_maker(path, instance, station)
    check_output(output, [path, instance], "page", b"<html")
    write_output(output, make_page())


def _page_maker(path: str, instance: str | None, station: str | None) -> Callable[[], bytes]:
    """The function that draws PATH, by what PATH is."""
    folder = Path(path)
    if not folder.is_dir():
        return partial(_plan_page, path, instance, station)
    from optimizer.studies.folder import is_study

    if is_study(folder):
        if instance is not None or station is not None:
            raise click.UsageError("of a study, all is drawn: it takes neither --instance nor --station")
        return partial(_study_page, folder)
    if instance is not None and station is None:
        raise click.UsageError("of a run, --instance serves to draw one station: name it with --station")
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

    return run_report(run) if station is None else run_station_report(run, station, network)


def _study_page(folder: Path) -> bytes:
    from optimizer.reports.study import study_report

    return study_report(folder)
