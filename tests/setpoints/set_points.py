"""Plans to export, made fast; exports validated against the schemas of the package `ocpp`. Not a test file itself."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
from paths import INSTANCES

from models.station.cost import Cost, cost_of
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_file import plan_file
from optimizer.setpoints.fit.limits import LimitUnit
from optimizer.setpoints.ocpp.profile_document import PROTOCOLS
from optimizer.setpoints.station_set_points import StationSetPoints, VersionedPlan, set_points_of

REAL = sorted(path for path in (INSTANCES / "real").glob("*.json"))
SCHEMAS = {"ocpp1.6": ("v16", ""), "ocpp2.0.1": ("v201", "Request"), "ocpp2.1": ("v21", "Request")}


def on_arrival(night: Night) -> Schedule:
    return arrival_plans(night).on_arrival.schedule


def versioned(night: Night, schedule: Schedule, version: int = 1, valid_from: str | None = None) -> VersionedPlan:
    whole = Instance("test", "EUR", (night,))
    cost = cost_of(night, schedule)
    result = StationResult.of(night, schedule, status="fallback", method="test", cost=cost, bound=None, baseline=cost)
    file = plan_file(whole, [StationPlan(night, schedule, result, Cost())], {})
    return VersionedPlan.of(night, file.stations[0], version, valid_from, "a.plan.json", instance_hash(whole))


def exported(night: Night, schedule: Schedule, unit: LimitUnit | None = None, **of: Any) -> StationSetPoints:
    return set_points_of(versioned(night, schedule, **of), unit or LimitUnit())


@cache
def schema(protocol: str, message: str) -> dict[str, Any]:
    """As the package has it: limits of 1.6 are multiples of 0.1, which only decimals can be."""
    of_version, ending = SCHEMAS[protocol]
    name = message if message.endswith("Response") else f"{message}{ending}"
    text = files(f"ocpp.{of_version}").joinpath("schemas", f"{name}.json").read_text("utf-8-sig")
    loaded: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return loaded


def validate(text: bytes) -> int:
    """Validate every message of a station's file; how many there are."""
    file = json.loads(text, parse_float=Decimal)
    assert file["protocol"] in PROTOCOLS
    found = 0
    for bay in file["bays"]:
        said = [("SetChargingProfile", message) for message in bay["send"]]
        said.append(("GetCompositeSchedule", bay["expected"]["request"]))
        said.append(("GetCompositeScheduleResponse", bay["expected"]["response"]))
        for message, payload in said:
            jsonschema.validate(payload, schema(file["protocol"], message))
            found += 1
    return found
