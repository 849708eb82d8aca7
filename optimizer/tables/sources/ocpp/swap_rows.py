"""Swaps of an OCPP log as rows: BatteryIn and BatteryOut of one request are one driver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from optimizer.files.plain_text import counted, some_of
from optimizer.tables.reading import Place
from optimizer.tables.sources.ocpp.messages import (
    BATTERY_IN,
    BATTERY_OUT,
    TIMEOUT,
    MessageLog,
    SwapMessage,
    SwappedBattery,
    message_log,
    no_messages,
)

ONE_REQUEST = timedelta(hours=1)
"""Messages of one request id that lie further apart are of two requests: stations count anew after a restart."""
SOC_DIGITS = 6
MOST_ACTIONS = 3
JOINT = "; "
NAMES = ("time", "station", "returned_soc", "bay", "pack_in", "pack_out", "handed_over_soc", "packs")
"""Columns of the rows: the time of BatteryIn, or of BatteryOut where nothing came in; bays and packs of several that
are swapped at once are parted by "; ", their states of charge are averages."""

Rows = list[tuple[int, list[str]]]


@dataclass
class SwapRequest:
    """The messages of one request at one station."""

    messages: list[SwapMessage] = field(default_factory=list)

    def of(self, event: str) -> list[SwapMessage]:
        """Those of an event."""
        return [message for message in self.messages if message.event == event]

    def batteries(self, event: str) -> list[SwappedBattery]:
        """The batteries of an event, each once."""
        return list(dict.fromkeys(battery for message in self.of(event) for battery in message.batteries))

    @property
    def line(self) -> int:
        """Where the log has it first."""
        return self.messages[0].line

    @property
    def arrived(self) -> SwapMessage:
        """The message that tells when the driver came."""
        return min(self.of(BATTERY_IN) or self.messages, key=lambda message: message.instant)


@dataclass(frozen=True)
class OcppSwaps:
    """Rows with their lines, the names of the columns before them; what is to be told; how a line is called."""

    rows: Rows
    notes: tuple[str, ...]
    place: Place


def ocpp_swaps(data: bytes) -> OcppSwaps:
    """The swaps of an OCPP log. Raises InvalidData.

    A pack that leaves is a driver served, whether one came in for it or not; one that comes in for nothing is none.
    """
    log = message_log(data)
    if not log.messages:
        raise no_messages(log)
    requests, again = _requests(log.messages)
    served = [request for request in requests if request.of(BATTERY_OUT)]
    names = [name for name in NAMES if name != "station" or any(message.station for message in log.messages)]
    cells = ((request.line, _cells(request)) for request in served)
    rows: Rows = [(line, [found[name] for name in names]) for line, found in cells]
    return OcppSwaps([(0, names), *rows], tuple(_notes(log, requests, served, again)), log.place)


def _requests(messages: Iterable[SwapMessage]) -> tuple[list[SwapRequest], int]:
    """Messages by request, in the order of the log, and how many say the same as an earlier one of the request."""
    found: list[SwapRequest] = []
    again = 0
    open_: dict[tuple[str, int], SwapRequest] = {}
    for message in messages:
        key = message.station, message.request
        request = open_.get(key)
        if request is None or abs(message.instant - request.messages[0].instant) > ONE_REQUEST:
            request = open_[key] = SwapRequest()
            found.append(request)
        if any(one.event == message.event and one.batteries == message.batteries for one in request.messages):
            again += 1
        else:
            request.messages.append(message)
    return found, again


def _cells(request: SwapRequest) -> dict[str, str]:
    came, left = request.batteries(BATTERY_IN), request.batteries(BATTERY_OUT)
    return {
        "time": request.arrived.stamp,
        "station": request.messages[0].station,
        "returned_soc": _average(came),
        "bay": JOINT.join(str(battery.bay) for battery in came or left),
        "pack_in": JOINT.join(battery.serial for battery in came),
        "pack_out": JOINT.join(battery.serial for battery in left),
        "handed_over_soc": _average(left),
        "packs": str(len(left)),
    }


def _average(batteries: Sequence[SwappedBattery]) -> str:
    if not batteries:
        return ""
    return str(round(sum(battery.soc for battery in batteries) / len(batteries), SOC_DIGITS))


def _notes(
    log: MessageLog, requests: Sequence[SwapRequest], served: Sequence[SwapRequest], again: int
) -> Iterator[str]:
    messages, again = len(log.messages) - again, log.sent_again + again
    yield f"an OCPP log: {counted(messages, 'BatterySwap message')}, {counted(len(served), 'swap')}"
    if log.others:
        names = [name for name, _ in log.others.most_common(MOST_ACTIONS)]
        more = ", …" if len(log.others) > MOST_ACTIONS else ""
        yield f"{counted(log.others.total(), 'other message')} left out ({', '.join(names)}{more})"
    if again:
        yield f"{counted(again, 'message')} sent again, counted once"
    for words, some in _told(requests):
        if some:
            yield f"{words}: {some_of([log.place(request.line) for request in some])}"


def _told(requests: Sequence[SwapRequest]) -> Iterator[tuple[str, list[SwapRequest]]]:
    """What is not plain, and the requests that are so."""
    came_only = [request for request in requests if not request.of(BATTERY_OUT)]
    timed_out = [request for request in came_only if request.of(TIMEOUT)]
    open_ = [request for request in came_only if not request.of(TIMEOUT)]
    left_only = [request for request in requests if request.of(BATTERY_OUT) and not request.of(BATTERY_IN)]
    both = [request for request in requests if request.of(BATTERY_OUT) and request.of(BATTERY_IN)]
    yield f"{counted(len(timed_out), 'driver')} took no pack in time (BatteryOutTimeout), left out", timed_out
    yield f"{counted(len(open_), 'BatteryIn')} without BatteryOut, left out", open_
    yield (
        f"{counted(len(left_only), 'BatteryOut')} without BatteryIn, counted without what came back",
        left_only,
    )
    several = [request for request in both if len(request.batteries(BATTERY_OUT)) > 1]
    yield f"{counted(len(several), 'swap')} of several packs: one driver each, their number in packs", several
    unequal = [one for one in both if len(one.batteries(BATTERY_IN)) != len(one.batteries(BATTERY_OUT))]
    yield f"{counted(len(unequal), 'swap')} in which not as many packs left as came", unequal
