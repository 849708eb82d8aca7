"""OCPP 2.1 logs made after the specification: frames, and what loggers put around them. Not a test file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2024, 11, 4, tzinfo=UTC)  # a Monday
TOKEN = {"idToken": "04A1B2C3D4", "type": "ISO14443"}


def battery(bay: int, serial: str, soc: float) -> dict[str, Any]:
    return {"evseId": bay, "serialNumber": serial, "soC": soc, "soH": 96.5}


def payload(event: str, request: int, *batteries: dict[str, Any]) -> dict[str, Any]:
    return {"eventType": event, "requestId": request, "idToken": TOKEN, "batteryData": list(batteries)}


def frame(number: int | str, body: object, action: str = "BatterySwap") -> list[Any]:
    return [2, str(number), action, body]


def logged(at: datetime | str, message: object, station: str | None = "koeln-ost") -> dict[str, Any]:
    stamp = at if isinstance(at, str) else at.isoformat().replace("+00:00", "Z")
    return {"timestamp": stamp, **({} if station is None else {"chargePoint": station}), "message": message}


def lines(entries: Iterable[object]) -> bytes:
    return "".join(f"{json.dumps(entry)}\n" for entry in entries).encode()


def one_swap(at: datetime, request: int, soc: float = 21.5, station: str = "koeln-ost") -> list[dict[str, Any]]:
    """A pack comes into bay 3, another leaves bay 5 half a minute later."""
    came = payload("BatteryIn", request, battery(3, f"NMC-{request:04d}", soc))
    left = payload("BatteryOut", request, battery(5, f"NMC-{request + 5000:04d}", 90))
    return [
        logged(at, frame(f"{request}-in", came), station),
        logged(at + timedelta(seconds=30), frame(f"{request}-out", left), station),
    ]


def days_of_swaps(days: int, stations: tuple[str, ...] = ("koeln-ost",)) -> Iterator[dict[str, Any]]:
    """Six to eight swaps a day at each station, heartbeats between them."""
    request = 0
    for day in range(days):
        for station in stations:
            yield logged(START + timedelta(days=day), frame(f"h{day}", {}, "Heartbeat"), station)
            for number in range(6 + day % 3):
                at = START + timedelta(days=day, hours=6 + 2 * number, minutes=(day * 7) % 60)
                request += 1
                yield from one_swap(at, request, 15 + (request * 7) % 30, station)
