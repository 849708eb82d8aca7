"""OCPP's messages of charging profiles, as far as they are written here: SetChargingProfile, GetCompositeSchedule.

Keys are OCPP's own. The fields of 1.6 and of 2.x stand side by side where they differ in a name only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.files.limits import MOST_CHARACTERS
from optimizer.formats.document_types import Document, Whole

Protocol = Literal["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
PROTOCOLS: tuple[Protocol, ...] = ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")
MOST_PERIODS: dict[str, int] = {"ocpp2.0.1": 1024, "ocpp2.1": 1024}
"""Of a charging schedule, by the schemas of these versions."""
Stamp = Annotated[str, Meta(max_length=40)]
Text = Annotated[str, Meta(max_length=MOST_CHARACTERS)]


class ProfilePeriod(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """ChargingSchedulePeriod: seconds from the schedule's start; limit and set-point in W or A."""

    start_period: Whole
    limit: float
    setpoint: float | None = None
    operation_mode: str | None = None
    number_phases: Whole | None = None


class ProfileSchedule(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """ChargingSchedule. `id`: 2.x only."""

    id: Whole | None = None
    start_schedule: Stamp
    duration: Whole | None = None
    charging_rate_unit: Literal["W", "A"]
    charging_schedule_period: tuple[ProfilePeriod, ...]


class ProfileOf16(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """csChargingProfiles of 1.6."""

    charging_profile_id: Whole
    stack_level: Whole
    charging_profile_purpose: Literal["TxDefaultProfile"]
    charging_profile_kind: Literal["Absolute"]
    valid_from: Stamp | None = None
    valid_to: Stamp | None = None
    charging_schedule: ProfileSchedule


class ProfileOf2(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """ChargingProfile of 2.x."""

    id: Whole
    stack_level: Whole
    charging_profile_purpose: Literal["TxDefaultProfile"]
    charging_profile_kind: Literal["Absolute"]
    valid_from: Stamp | None = None
    valid_to: Stamp | None = None
    charging_schedule: tuple[ProfileSchedule, ...]


class SetProfile(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """SetChargingProfile: of 1.6 with the connector, of 2.x with the EVSE."""

    connector_id: Whole | None = None
    evse_id: Whole | None = None
    cs_charging_profiles: ProfileOf16 | None = None
    charging_profile: ProfileOf2 | None = None


class GetComposite(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """GetCompositeSchedule."""

    connector_id: Whole | None = None
    evse_id: Whole | None = None
    duration: Whole
    charging_rate_unit: Literal["W", "A"]


class CompositeOf2(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """CompositeSchedule of 2.x."""

    evse_id: Whole
    duration: Whole
    schedule_start: Stamp
    charging_rate_unit: Literal["W", "A"]
    charging_schedule_period: tuple[ProfilePeriod, ...]


class CompositeAnswer(Document, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The answer to GetCompositeSchedule: of 1.6 with connector and schedule side by side."""

    status: Literal["Accepted"]
    connector_id: Whole | None = None
    schedule_start: Stamp | None = None
    charging_schedule: ProfileSchedule | None = None
    schedule: CompositeOf2 | None = None


class ExpectedAnswer(Document, frozen=True, kw_only=True):
    """What to ask a charging station once the profiles are set, at the time `at`, and what it is to answer."""

    at: Stamp
    request: GetComposite
    response: CompositeAnswer


class BayProfiles(Document, frozen=True, kw_only=True):
    """A bay: messages to send, in this order, and the composite schedule that follows from them."""

    bay: Whole | Text
    send: tuple[SetProfile, ...]
    expected: ExpectedAnswer


class UnitDocument(Document, frozen=True, kw_only=True):
    """The unit of the limits; `side`: grid for power drawn by the charger, pack for power into the pack."""

    name: Literal["W", "A"]
    side: Literal["grid", "pack"]
    phases: Annotated[int, Meta(ge=1, le=3)]
    volts: Annotated[float, Meta(gt=0)]


class StationProfiles(Document, frozen=True, kw_only=True):
    """The file of one station."""

    format: Literal["swapcharge-setpoints"]
    version: Literal[1]
    protocol: Protocol
    station: Text
    instance_hash: Text
    plan_version: Whole
    valid_from: Stamp
    valid_until: Stamp
    when_plan_ends: Text
    unit: UnitDocument
    bays: tuple[BayProfiles, ...]
