"""The command `import events`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.doubts import strict_option
from optimizer.cli.output import STANDARD_STREAM, check_output, print_result, say, write_output

if TYPE_CHECKING:
    from models.station.instance import Instance
    from optimizer.imports.events.into_instance import TakenEvents

REPLACE, ADD = "replace", "add"


def _groups(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, mark, stations = text.partition("=")
        if not (name and mark and stations):
            raise click.BadParameter("must be NAME=STATION, or NAME=STATION,STATION")
        found.setdefault(name, []).extend(stations.split(","))
    return found


@click.command(
    epilog="Example: swapcharge import events instances/events/capacity-limit.json instances/real/nl-winter-day.json"
    " -o tonight.json"
)
@click.argument("events", metavar="EVENTS")
@click.argument("instance")
@click.option("-o", "--output", metavar="FILE", required=True, help="Write the new instance here.")
@click.option("--station", "stations", multiple=True, metavar="ID", help="Only this station. May be repeated.")
@click.option(
    "--group", "groups", multiple=True, callback=_groups, metavar="NAME=ID[,ID]",
    help="The stations of a target of events. May be repeated.",
)  # fmt: skip
@click.option(
    "--prices", type=click.Choice((REPLACE, ADD)), default=REPLACE, show_default=True,
    help="Take prices in place of the tariff's, or add them to it.",
)  # fmt: skip
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def events(events: str, instance: str, output: str, *, strict: bool, as_json: bool, **given: Any) -> None:
    """Put EVENTS of OpenADR 3, JSON as a VTN gives it, into INSTANCE: limits and prices for windows of time.

    IMPORT_CAPACITY_LIMIT and IMPORT_CAPACITY_SUBSCRIPTION limit what is drawn from the grid in every slot that they
    touch; PRICE changes the price of energy. What a plan cannot hold is refused.
    """
    if events == instance == STANDARD_STREAM:
        raise click.UsageError("only one of EVENTS and INSTANCE can be standard input")
    check_output(output, [events, instance], "instance file", b"swapcharge-instance")
    asked, taken, data = _taken(events, instance, output, given)
    _tell_doubts(data, output, strict)
    write_output(output, data)
    from optimizer.imports.events.summary import events_json, events_text

    to_stderr = output == STANDARD_STREAM
    if as_json:
        print_result(events_json(taken, asked), to_stderr=to_stderr)
    else:
        more = "" if to_stderr else f"\nInstance written to {output}"
        say(events_text(taken, asked) + more, to_stderr=to_stderr)


def _taken(events: str, path: str, output: str, given: dict[str, Any]) -> tuple[Instance, TakenEvents, bytes]:
    """The instance as it was, what was taken over, and the new instance file. Raises InputErrors."""
    from models.errors import InvalidData
    from optimizer.files.errors import InputErrors
    from optimizer.files.json_text import indented_document, plain_json
    from optimizer.files.limits import MOST_NETWORK_BYTES
    from optimizer.files.read_write import read_bytes, shown_name
    from optimizer.forecast.into_instance import without_files
    from optimizer.formats.read_instance import parse_instance
    from optimizer.imports.events.document import parse_events
    from optimizer.imports.events.into_instance import EventOptions, with_events

    file = parse_events(read_bytes(events), shown_name(events))
    data = read_bytes(path, MOST_NETWORK_BYTES)
    asked = parse_instance(data, shown_name(path), Path(path).parent)
    _refuse_unknown(asked, given)
    plain: Any = plain_json(data)
    if output == STANDARD_STREAM or Path(output).absolute().parent != Path(path).absolute().parent:
        plain = without_files(plain, asked)
    try:
        options = EventOptions(given["stations"], given["groups"], given["prices"] == ADD)
        taken = with_events(plain, asked, file, options)
    except InvalidData as error:
        raise InputErrors(shown_name(events), error.problems) from None
    return asked, taken, indented_document(taken.plain)


def _refuse_unknown(asked: Instance, given: dict[str, Any]) -> None:
    from optimizer.files.errors import did_you_mean

    known = [night.station.id for night in asked.nights]
    members = [name for names in given["groups"].values() for name in names]
    for option, name in (*(("--station", one) for one in given["stations"]), *(("--group", one) for one in members)):
        if name not in known:
            remedy = did_you_mean(name, known, f"its stations: {', '.join(known[:10])}")
            raise click.UsageError(f"{option}: {name} is no station of the instance; {remedy}")


def _tell_doubts(data: bytes, output: str, strict: bool) -> None:
    """What is doubtful about the new instance, such as a base load above its limits. Raises InputErrors."""
    from optimizer.cli.doubts import tell_doubts
    from optimizer.doubts.instance import document_doubts
    from optimizer.files.read_write import shown_name
    from optimizer.formats.read_instance import parse_document

    name = shown_name(output)
    tell_doubts(name, list(document_doubts(*parse_document(data, name, Path(output).parent))), strict)
