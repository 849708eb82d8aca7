"""The commands `tariff ...`: import tariffs from other formats, show them, bill loads."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.doubts import strict_option, tell_doubts
from optimizer.cli.output import EXIT_NO, STANDARD_STREAM, check_output, print_result, say, write_output
from optimizer.cli.table_options import reading_of, table_options, zone_option

if TYPE_CHECKING:
    from models.errors import Problem
    from optimizer.doubts.warnings import InputWarning
    from optimizer.formats.tariff_file import TariffFile
    from optimizer.tariffs.import_tariff import ImportedFile

FORMATS = ("urdb", "entsoe", "csv")
PRICE_UNITS = ("per_kWh", "per_MWh", "ct_per_kWh", "p_per_kWh")
UNITS = ("kW", "kWh", "MW", "MWh", "W", "Wh", "GW", "GWh")  # those of unit_words, which is not loaded for --help


@click.group(epilog="Example: swapcharge tariff show instances/tariffs/sce-tou-ev-8.json")
def tariff() -> None:
    """Import tariffs, show them, and bill loads."""


def _months(_: click.Context, __: click.Parameter, text: str | None) -> Any:
    from models.errors import InvalidData
    from optimizer.files.errors import line_of
    from optimizer.tariffs.bill_load import parse_months

    if text is None:
        return None
    try:
        return parse_months(text)
    except InvalidData as error:
        raise click.BadParameter(line_of("", error.problems[0])) from None


def _finite(_: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("must be a finite number")
    return value


def _holidays(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    from optimizer.tariffs.import_tariff import read_holidays

    return None if text is None else read_holidays(text)


@tariff.command(
    "import",
    epilog=(
        "Example: swapcharge tariff import --time-zone America/Los_Angeles -o t.json instances/urdb/pge-bev-2-s.json"
    ),
)
@click.argument("file")
@click.option("-o", "--output", metavar="FILE", required=True, help="Write the tariff to this file (- for stdout).")
@click.option("--from", "kind", type=click.Choice(FORMATS), help="Format of FILE.  [default: guessed]")
@click.option("--id", metavar="TEXT", help="Id of the tariff in the file.")
@click.option("--currency", metavar="CODE", help="Currency of the prices, if FILE does not say it.")
@click.option(
    "--time-zone", callback=zone_option, metavar="NAME", help="Local clock (IANA), such as America/Los_Angeles."
)
@click.option("--source", metavar="TEXT", help="Where FILE comes from; kept in the sources of the tariff.")
@click.option("--label", metavar="TEXT", help="urdb: which rate, by its label.")
@click.option("--name", metavar="TEXT", help="urdb: which rate, by its name.")
@click.option(
    "--holidays",
    callback=_holidays,
    metavar="FILE|DATE,...",
    help="urdb: days billed like weekends; a file has one date on each line.",
)
@click.option(
    "--metering-minutes",
    type=click.IntRange(1, 1440),
    help="urdb: interval of the demand meter, if the rate does not say it.  [default: 15]",
)
@click.option(
    "--power-factor", type=click.FloatRange(0, 1, min_open=True), help="urdb: kW per kVA, for demand billed in kVA."
)
@click.option(
    "--kw-per-hp",
    type=click.FloatRange(0, min_open=True),
    callback=_finite,
    metavar="KW",
    help="urdb: kW that a horsepower is billed as, for demand billed in hp.",
)
@click.option(
    "--tier-tolerance",
    type=click.FloatRange(0),
    callback=_finite,
    metavar="PER_KWH",
    help="urdb: treat steps between energy tiers as equal if they differ by less.",
)
@click.option("--area", metavar="TEXT", help="entsoe: which area.")
@click.option("--sequence", metavar="TEXT", help="entsoe: which sequence (auction).")
@table_options
@click.option("--unit", type=click.Choice(PRICE_UNITS), help="csv: unit of the prices.  [default: as the file says]")
@click.option("--months", callback=_months, metavar="FIRST..LAST", help="entsoe, csv: only these months.")
@click.option("--times", type=float, callback=_finite, help="entsoe, csv: multiply each price by this.")
@click.option("--add-per-kwh", type=float, callback=_finite, help="entsoe, csv: then add this to each price.")
@click.option(
    "--charges",
    metavar="TARIFF",
    help="entsoe, csv: a tariff file of network charges and levies; its prices are added, its other charges kept.",
)
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print what is told as one JSON object on standard output.")
def import_command(
    file: str,
    output: str,
    kind: str | None,
    id: str | None,  # noqa: A002
    currency: str | None,
    time_zone: str | None,
    source: str | None,
    strict: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make a tariff file from FILE: a URDB rate (JSON), ENTSO-E day-ahead prices (CSV), or prices in any other table.

    The format csv is any table of prices: CSV in any layout, JSON of aWATTar, energy-charts and Octopus, a workbook.

    What cannot be billed is refused by name. Standard error reports what was read, what is left out of bills, and for
    whom and until when a rate is.
    """
    _refuse_shared_streams((file, given["charges"]), output, as_json)
    from optimizer.doubts.warnings import warnings_json
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.formats.tariff_file import read_tariff, tariff_text
    from optimizer.tariffs.import_tariff import ImportOptions, import_facts, import_tariff

    name = shown_name(file)
    charges = read_tariff(given["charges"]) if given["charges"] else None
    options = ImportOptions(time_zone, currency, id, source, given, charges)
    found = import_tariff(read_bytes(file), name, kind, options)
    warnings = _told_of_import(found, name, strict)
    check_output(output, [file, given["charges"]], "tariff file", b"swapcharge-tariff")
    if output != STANDARD_STREAM:
        write_output(output, tariff_text(found.document))
    _note(f"{name}: {note}" for note in found.notes)
    if output == STANDARD_STREAM:
        write_output(output, tariff_text(found.document))
    if as_json:
        print_result(import_facts(found) | {"warnings": warnings_json(warnings)})


def _told_of_import(found: ImportedFile, name: str, strict: bool) -> tuple[InputWarning, ...]:
    """Warn of what is doubtful in what was imported, at its places in the file. Raises InputErrors."""
    from optimizer.doubts.instance import tariff_doubts
    from optimizer.formats.tariff_file import tariff_file
    from optimizer.tariffs.outside import priced_days_problems

    made = tariff_file(found.document, name)
    outside = (problem.inside("tariff") for problem in priced_days_problems(made))
    return tell_doubts(name, found.in_file([*tariff_doubts(made), *outside]), strict)


def _refuse_shared_streams(inputs: Sequence[str | None], output: str, as_json: bool) -> None:
    if as_json and output == STANDARD_STREAM:
        raise click.UsageError("standard output is the tariff: name a file with -o, or leave --json out")
    if inputs.count(STANDARD_STREAM) > 1:
        raise click.UsageError("only one of FILE and --charges can be standard input")


@tariff.command("show", epilog="Example: swapcharge tariff show instances/tariffs/zhejiang-2026.json --svg tariff.svg")
@click.argument("tariff_file", metavar="TARIFF")
@click.option("--svg", "drawing", metavar="FILE", help="Also draw the prices by month and hour into this SVG file.")
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_command(tariff_file: str, drawing: str | None, strict: bool, as_json: bool) -> None:
    """Describe TARIFF: periods and charges in words, prices by month and hour for weekdays and weekends.

    Exit code 1 where an hour has no price: no bill or plan with that hour is made.
    """
    from optimizer.files.read_write import shown_name
    from optimizer.formats.tariff_file import read_tariff
    from optimizer.tariffs.show_tariff import show_facts, show_text, unpriced

    file = read_tariff(tariff_file)
    warnings = _told(file, shown_name(tariff_file), (), strict)
    if drawing is not None:
        from optimizer.tariffs.price_map_svg import tariff_svg

        check_output(drawing, [tariff_file], "drawing", b"<svg")
        write_output(drawing, tariff_svg(file))
    found = unpriced(file)
    print_result(show_facts(file, found) | {"warnings": warnings} if as_json else show_text(file, found))
    sys.exit(EXIT_NO if found else 0)


@tariff.command(
    "bill",
    epilog="Example: swapcharge tariff bill instances/tariffs/sce-tou-ev-4.json instances/tariffs/load-week.csv",
)
@click.argument("tariff_file", metavar="TARIFF")
@click.argument("load_file", metavar="LOAD.csv")
@table_options
@click.option("--unit", type=click.Choice(UNITS), help="Unit of the values.  [default: as the file says, else kW]")
@click.option("--months", callback=_months, metavar="FIRST..LAST", help="Bill only these months, such as 2026-01.")
@click.option("--peaks", metavar="FILE", help='Earlier peaks, for ratchets and years: {"charge": {"2025-07": kW}}.')
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a row for each line of the bill.")
def bill_command(
    tariff_file: str,
    load_file: str,
    unit: str | None,
    months: Any,
    peaks: str | None,
    strict: bool,
    as_json: bool,
    as_csv: bool,
    **given: Any,
) -> None:
    """Bill the load in LOAD.csv under TARIFF, line by line and month by month.

    LOAD.csv is an export of a meter: CSV in any layout, Green Button XML, JSON or a workbook, with the mean power or
    the energy of each interval. Standard error says what was understood. Each line of the bill is rounded to the cent
    once, half a cent away from zero. A load or days that the tariff is not for are a warning, and billed.
    """
    if [tariff_file, load_file, peaks].count("-") > 1:
        raise click.UsageError("only one of TARIFF, LOAD.csv and --peaks can be standard input")
    if as_json and as_csv:
        raise click.UsageError("choose one of --json and --csv")
    from models.tariff.bill import History
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.formats.tariff_file import read_tariff
    from optimizer.tariffs.bill_load import bill_load, parse_peaks
    from optimizer.tariffs.bill_table import bill_csv, bill_facts, bill_text
    from optimizer.tariffs.load_file import parse_load

    names = (shown_name(tariff_file), shown_name(load_file))
    file = read_tariff(tariff_file)
    read = parse_load(read_bytes(load_file), names[1], reading_of(given, file.zone), unit)
    earlier = History() if peaks is None else parse_peaks(read_bytes(peaks), shown_name(peaks), file.tariff)
    billed = bill_load(file, read.load, names, months, earlier)
    warnings = _told(file, names[0], billed.outside, strict)
    _note([*(f"{names[1]}: {note}" for note in (read.description, *read.notes)), *billed.notes])
    if as_json:
        facts = bill_facts(billed.lines, file.currency, file.tariff.id, billed.notes)
        print_result(facts | {"warnings": warnings})
    else:
        print_result(bill_csv(billed.lines).rstrip("\n") if as_csv else bill_text(billed.lines, file.currency))


def _told(file: TariffFile, name: str, more: Iterable[Problem], strict: bool) -> list[dict[str, Any]]:
    """Warn of the doubts about a tariff file and of what else is doubtful; as --json has them. Raises InputErrors."""
    from optimizer.doubts.instance import tariff_doubts
    from optimizer.doubts.warnings import warnings_json

    return warnings_json(tell_doubts(name, [*tariff_doubts(file), *more], strict))


def _note(lines: Iterable[str]) -> None:
    from optimizer.files.errors import printable

    for line in lines:
        say(printable(line), to_stderr=True)
