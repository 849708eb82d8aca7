"""The command `forecast`: what drivers may come, learnt from swaps that were logged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, say, write_output
from optimizer.cli.table_options import day_option

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from models.station.instance import Instance
    from optimizer.forecast.file_document import ForecastFileDocument
    from optimizer.forecast.history import SwapHistory
    from optimizer.forecast.learn import Wanted
    from optimizer.forecast.station_forecast import StationForecast

MOST_DAYS, MOST_HISTORY_DAYS = 31, 3660


def _zone(_: click.Context, __: click.Parameter, name: str | None) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"{name}: is not a known IANA time zone; write a name such as Asia/Shanghai") from None


def _stations(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [(name, to or name) for name, _, to in (one.partition("=") for one in given)]
    if len({to for _, to in pairs}) < len(pairs) or len({name for name, _ in pairs}) < len(pairs):
        raise click.BadParameter("names a station twice; name each once")
    return tuple(pairs)


@click.command(
    epilog="Example: swapcharge forecast instances/real/highway-swaps.csv --until 2022-06-10 -o forecast.json"
)
@click.argument("path", metavar="HISTORY")
@click.option("-o", "--output", metavar="FILE", help="Write the forecast, or with --instance the new instance, here.")
@click.option(
    "--until", callback=day_option, metavar="DATE", help="Last local day of the history.  [default: its last day]"
)
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=1, show_default=True, help="Days to forecast.")
@click.option(
    "--history-days", type=click.IntRange(1, MOST_HISTORY_DAYS), metavar="N", help="Learn from the last N days only."
)
@click.option("--holidays", metavar="FILE", help="Local dates of holidays, one on each line.")
@click.option("--time-zone", "zone", callback=_zone, metavar="ZONE", help="Local clock; that of stamps without offset.")
@click.option(
    "--station", "stations", multiple=True, callback=_stations, metavar="NAME[=ID]",
    help="Only this station of the history, by another id if one is given. May be repeated.",
)  # fmt: skip
@click.option("--instance", metavar="INSTANCE", help="Forecast this instance's horizon and write it into a new one.")
@click.option("--lost-cost", type=click.FloatRange(0), help="With --instance: what a lost driver costs.")
@click.option("--returned-soc", type=click.FloatRange(0, 1), help="With --instance: what comes back.")
@click.option("--keep-swaps", is_flag=True, help="With --instance: its swaps stay, as reservations.")
@click.option("--page", metavar="FILE", help="Draw the forecast and its quality as an HTML page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def forecast(path: str, output: str | None, page: str | None, *, as_json: bool, **given: Any) -> None:
    """Learn from HISTORY, a table of swaps, what drivers may come, how far days spread, and how good that is.

    HISTORY has a row for each swap with its time, and where known station, type and returned_soc. At least a week is
    needed. Days that say nothing (no swap at all, not whole, unlike all others) are left out and told.
    """
    _refuse_options(path, output, given)
    _check_outputs(path, output, page, given["instance"])
    from optimizer.files.json_text import indented_document
    from optimizer.forecast.forecast_file import forecast_document
    from optimizer.forecast.learn import chosen_rows, day_after, forecasts_of, notes_of
    from optimizer.forecast.words import forecast_text

    asked = _instance(given["instance"])
    history, wanted = _history(path, given, asked)
    with _errors_of(path):
        rows = chosen_rows(history, wanted)
        found = forecasts_of(rows, wanted)
        horizon = asked.instance.nights[0].horizon if asked else day_after(rows, wanted, given["days"])
    notes = (*history.notes, *notes_of(history, found, rows, wanted, horizon), *_apart(asked, found))
    document = forecast_document(found, horizon, wanted.holidays, notes)
    if output is not None:
        data = _new_instance(document, asked, given, output) if asked else indented_document(document)
        write_output(output, data)
    if page is not None:
        from optimizer.reports.forecast import forecast_page

        write_output(page, forecast_page(found, document))
    on_stderr = STANDARD_STREAM in (output, page)
    first = horizon.local_slot_start(0).date()
    days = (horizon.end.astimezone(horizon.zone) - horizon.local_slot_start(0)).days
    if as_json:
        print_result(_plain(document), to_stderr=on_stderr)
    else:
        say(forecast_text(found, notes, first, max(1, days)), to_stderr=on_stderr)


def _plain(document: object) -> object:
    import msgspec

    return msgspec.to_builtins(document)


def _refuse_options(path: str, output: str | None, given: dict[str, Any]) -> None:
    if path == given["instance"] == STANDARD_STREAM:
        raise click.UsageError("only one of HISTORY and --instance can be standard input")
    if given["instance"] is None:
        for name in ("lost_cost", "returned_soc", "keep_swaps"):
            if given[name] not in (None, False):
                raise click.UsageError(f"--{name.replace('_', '-')} belongs to --instance")
    elif output is None:
        raise click.UsageError("--instance needs -o, the file of the new instance")


def _check_outputs(path: str, output: str | None, page: str | None, instance: str | None) -> None:
    if output is not None:
        mark = b"swapcharge-instance" if instance else b"swapcharge-forecast"
        check_output(output, [path, instance], "instance file" if instance else "forecast file", mark)
    if page is not None:
        check_output(page, [path, instance, output], "page", b"<html")


@dataclass(frozen=True)
class _Asked:
    """An instance as it was read, and its bytes."""

    data: bytes
    instance: Instance


def _instance(path: str | None) -> _Asked | None:
    if path is None:
        return None
    from optimizer.files.limits import MOST_NETWORK_BYTES
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.formats.read_instance import parse_instance

    data = read_bytes(path, MOST_NETWORK_BYTES)
    return _Asked(data, parse_instance(data, shown_name(path), Path(path).parent))


def _apart(asked: _Asked | None, found: Sequence[StationForecast]) -> Iterator[str]:
    """Stations that only the history has, or only the instance."""
    from optimizer.forecast.into_instance import stations_apart

    if asked is not None:
        yield from stations_apart(asked.instance, [one.station for one in found])


def _history(path: str, given: dict[str, Any], asked: _Asked | None) -> tuple[SwapHistory, Wanted]:
    """The history, and what is wanted of it. Raises InputErrors."""
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.forecast.history import ONE_STATION, parse_history
    from optimizer.forecast.learn import Wanted, zone_of

    zone = given["zone"] or (asked.instance.nights[0].horizon.zone if asked else None)
    history = parse_history(read_bytes(path), shown_name(path), zone, datetime.now(UTC))
    with _errors_of(path):
        zone = zone or zone_of(history.offsets)
    stations = given["stations"]
    if asked and not stations and history.stations == [ONE_STATION] and len(asked.instance.nights) == 1:
        stations = ((ONE_STATION, asked.instance.nights[0].station.id),)  # a log without stations is of the only one
    return history, Wanted(zone, given["until"], given["history_days"], _holidays(given["holidays"]), stations)


def _holidays(path: str | None) -> frozenset[date]:
    if path is None:
        return frozenset()
    from optimizer.files.csv_text import text_of
    from optimizer.files.read_write import read_bytes
    from optimizer.forecast.learn import holidays_of

    with _errors_of(path):
        return holidays_of(text_of(read_bytes(path)))


@contextmanager
def _errors_of(path: str) -> Iterator[None]:
    """What is wrong with the file's data, in its name."""
    from models.errors import InvalidData
    from optimizer.files.errors import InputErrors
    from optimizer.files.read_write import shown_name

    try:
        yield
    except InvalidData as error:
        raise InputErrors(shown_name(path), error.problems) from None


def _new_instance(document: ForecastFileDocument, asked: _Asked, given: dict[str, Any], output: str) -> bytes:
    """The new instance file, which was read once more. Raises InputErrors."""
    from optimizer.files.json_text import indented_document, plain_json
    from optimizer.files.read_write import shown_name
    from optimizer.forecast.into_instance import Costs, with_forecasts, without_files
    from optimizer.formats.read_instance import parse_instance

    costs = Costs(given["lost_cost"], given["returned_soc"], given["keep_swaps"])
    plain: Any = plain_json(asked.data)
    with _errors_of(given["instance"]):
        made = with_forecasts(plain, asked.instance, document.stations, costs)
        if output == STANDARD_STREAM or Path(output).absolute().parent != Path(given["instance"]).absolute().parent:
            made = without_files(made, asked.instance)
    data = indented_document(made)
    parse_instance(data, shown_name(output), Path(output).parent)
    return data
