"""What `report` makes of a study beside its page: pictures of its charts, a workbook, Parquet tables, text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, say, write_output

EXCEL = ".xlsx"
SIGNS_SHOWN = 20
BEGINS = b"docProps/app.xml"  # our workbooks do; one that Excel has saved since does not, and is kept


def study_exports(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, given to `command` by their names."""
    for option in (
        click.option("--figures", metavar="DIR", help="Of a study, every chart as SVG and PNG in this folder."),
        click.option("--parquet", metavar="DIR", help="Of a study, the tables as Parquet files in this folder."),
        click.option("--workbook", metavar="FILE", help="Of a study, the tables as an Excel workbook (.xlsx)."),
        click.option("--text", is_flag=True, help="Of a study, print ranking and answers, as study does."),
    ):
        command = option(command)
    return command


def exporter(
    path: str, output: str | None, stations: Sequence[str], *, text: bool, **asked: str | None
) -> Callable[[], None] | None:
    """What writes the exports that were asked for, if any, of all stations or these; checked before anything is
    written. `asked`: where `figures`, `workbook` and `parquet` go.

    Raises UsageError, and InputErrors and OutputErrors where one cannot be written.
    """
    targets = {f"--{name}": target for name, target in asked.items() if target is not None}
    if not targets and not text:
        return None
    _check_usage(path, output, targets, text)
    if (workbook := asked["workbook"]) is not None:
        from optimizer.files.workbook import require_workbooks

        require_workbooks(workbook)
        check_output(workbook, [path], "workbook as report writes it", BEGINS)
    if (parquet := asked["parquet"]) is not None:
        from optimizer.studies.exports.parquet import require_parquet

        require_parquet(parquet)
    from optimizer.studies.folder import read_study_folder

    results = read_study_folder(Path(path))
    if stations:
        from optimizer.studies.some_stations import only_stations

        results = only_stations(results, stations, path)
    return lambda: _write(path, results, text, **asked)


def _check_usage(path: str, output: str | None, targets: Mapping[str, str], text: bool) -> None:
    from optimizer.studies.folder import is_study

    if not is_study(Path(path)):
        options = [*targets, *(["--text"] if text else [])]
        raise click.UsageError(f"{', '.join(options)}: for the folder of a study only")
    if text and STANDARD_STREAM in (output, *targets.values()):
        raise click.UsageError("--text prints on standard output, where only one thing can go")
    if nameless := [option for option, target in targets.items() if not target.strip()]:
        raise click.UsageError(f"{nameless[0]} needs the name of a file or folder, which is empty here")
    workbook = targets.get("--workbook")
    if workbook is not None and not workbook.lower().endswith(EXCEL):
        raise click.UsageError("--workbook takes a file name that ends in .xlsx")
    if folders := [option for option, target in targets.items() if target == STANDARD_STREAM]:
        raise click.UsageError(f"{folders[0]} names a folder, which standard output cannot be")
    places = [Path(place).resolve() for place in (path, *targets.values(), *filter(None, [output]))]
    if len(set(places)) < len(places):
        raise click.UsageError("give each output a file or folder of its own, other than the study's")


def _write(path: str, results: Any, text: bool, **asked: str | None) -> None:
    """Folders first, which may turn out to hold other things."""
    if (parquet := asked["parquet"]) is not None:
        from optimizer.studies.exports.parquet import write_study_parquet

        write_study_parquet(Path(parquet), results)
    if (figures := asked["figures"]) is not None:
        _write_figures(results, figures)
    if (workbook := asked["workbook"]) is not None:
        from optimizer.studies.exports.workbook import study_workbook

        write_output(workbook, study_workbook(results))
    if text:
        from optimizer.studies.summary import study_screen

        print_result(study_screen(results.summary, path))


def _write_figures(results: Any, folder: str) -> None:
    from optimizer.reports.study_figures import write_study_figures

    written = write_study_figures(Path(folder), results)
    if not written.has_png:
        say(f"note: {folder}: SVG only; for PNG, too: pip install 'swapcharge[png]'", to_stderr=True)
    if signs := written.blank_signs:
        shown = signs[:SIGNS_SHOWN] + ("…" if len(signs) > SIGNS_SHOWN else "")
        remedy = "install one, such as Noto Sans CJK, or use the SVG files"
        say(
            f"note: {folder}: PNG files lack signs that no font of this machine has ({shown}): {remedy}", to_stderr=True
        )
