"""Set-points as OCPP charging profiles: the messages of one station's bays, and what each bay is to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from models.errors import refuse
from optimizer.setpoints.fit.limits import STEPS_PER_UNIT, LimitUnit, Period
from optimizer.setpoints.ocpp.composite import StackedProfile, composite
from optimizer.setpoints.ocpp.profile_document import (
    BayProfiles,
    CompositeAnswer,
    CompositeOf2,
    ExpectedAnswer,
    GetComposite,
    ProfileOf2,
    ProfileOf16,
    ProfilePeriod,
    ProfileSchedule,
    Protocol,
    SetProfile,
    StationProfiles,
    UnitDocument,
)
from optimizer.setpoints.ocpp.profile_numbers import (
    BASE_LEVEL,
    FIRST_DAY,
    base_id,
    connector_of,
    number_problems,
    profile_id,
    stack_level,
)
from optimizer.setpoints.station_set_points import StationSetPoints

FORMAT = "swapcharge-setpoints"
SET_POINT_MODE = "CentralSetpoint"
Limits = Sequence[tuple[int, float]]  # (second, limit)


def station_profiles(station: StationSetPoints, protocol: Protocol) -> StationProfiles:
    """The file of a station. Raises InvalidData where profiles have no ids for it."""
    plan, unit = station.plan, station.fit.unit
    refuse(number_problems(plan.night.station.bays, plan.version, plan.valid_from))
    return StationProfiles(
        format="swapcharge-setpoints",
        version=1,
        protocol=protocol,
        station=plan.planned.station,
        instance_hash=plan.instance_hash,
        plan_version=plan.version,
        valid_from=stamp(plan.valid_from),
        valid_until=stamp(plan.night.horizon.end),
        when_plan_ends=plan.when_it_ends,
        unit=UnitDocument(name=unit.name, side=unit.side, phases=unit.phases, volts=unit.volts),
        bays=tuple(_bay(station, bay, periods, protocol) for bay, periods in station.periods.items()),
    )


def stamp(at: datetime) -> str:
    """An instant in UTC, as OCPP has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _bay(station: StationSetPoints, bay: int, periods: Sequence[Period], protocol: Protocol) -> BayProfiles:
    """A base profile of 0 for ever, and the plan's above it."""
    plan, unit = station.plan, station.fit.unit
    horizon, dialect = plan.night.horizon, _Dialect(protocol, unit, connector_of(bay))
    forever = StackedProfile(BASE_LEVEL, datetime(FIRST_DAY.year, 1, 1, tzinfo=UTC), None, [(0, 0.0)])
    seconds = int((horizon.end - horizon.start).total_seconds())
    limits = [(begin, steps / STEPS_PER_UNIT) for begin, _, steps in periods]
    level = stack_level(plan.version, plan.valid_from)
    night = StackedProfile(level, horizon.start, seconds, limits, plan.valid_from, horizon.end)
    return BayProfiles(
        bay=plan.night.station.bay_label(bay),
        send=(
            dialect.set_profile(base_id(bay), forever),
            dialect.set_profile(profile_id(bay, plan.version, plan.valid_from), night),
        ),
        expected=dialect.expected([forever, night], plan.valid_from, horizon.end),
    )


class _Dialect:
    """How a version of OCPP says it, for one connector or EVSE."""

    def __init__(self, protocol: Protocol, unit: LimitUnit, connector: int) -> None:
        self.protocol, self.unit, self.connector = protocol, unit, connector
        self.is_16 = protocol == "ocpp1.6"

    def set_profile(self, number: int, profile: StackedProfile) -> SetProfile:
        said: Mapping[str, Any] = {
            "stack_level": profile.stack_level,
            "charging_profile_purpose": "TxDefaultProfile",
            "charging_profile_kind": "Absolute",
            "valid_from": None if profile.valid_from is None else stamp(profile.valid_from),
            "valid_to": None if profile.valid_to is None else stamp(profile.valid_to),
        }
        schedule = ProfileSchedule(
            id=None if self.is_16 else 1,
            start_schedule=stamp(profile.start),
            duration=profile.seconds,
            charging_rate_unit=self.unit.name,
            charging_schedule_period=self._periods(profile.periods),
        )
        if self.is_16:
            of_16 = ProfileOf16(charging_profile_id=number, charging_schedule=schedule, **said)
            return SetProfile(connector_id=self.connector, cs_charging_profiles=of_16)
        return SetProfile(
            evse_id=self.connector, charging_profile=ProfileOf2(id=number, charging_schedule=(schedule,), **said)
        )

    def expected(self, profiles: Sequence[StackedProfile], at: datetime, end: datetime) -> ExpectedAnswer:
        seconds = int((end - at).total_seconds())
        periods = self._periods([(begin, limit or 0.0) for begin, limit in composite(profiles, at, seconds)])
        said: Mapping[str, Any] = {
            "duration": seconds,
            "charging_rate_unit": self.unit.name,
            "charging_schedule_period": periods,
        }
        whom: Mapping[str, Any] = {"connector_id" if self.is_16 else "evse_id": self.connector}
        request = GetComposite(duration=seconds, charging_rate_unit=self.unit.name, **whom)
        if self.is_16:
            schedule = ProfileSchedule(start_schedule=stamp(at), **said)
            response = CompositeAnswer(status="Accepted", schedule_start=stamp(at), charging_schedule=schedule, **whom)
        else:
            answer = CompositeOf2(evse_id=self.connector, schedule_start=stamp(at), **said)
            response = CompositeAnswer(status="Accepted", schedule=answer)
        return ExpectedAnswer(at=stamp(at), request=request, response=response)

    def _periods(self, limits: Limits) -> tuple[ProfilePeriod, ...]:
        phases = self.unit.phases if self.unit.name == "A" else None
        has_set_points = self.protocol == "ocpp2.1"
        return tuple(
            ProfilePeriod(
                start_period=begin,
                limit=limit,
                setpoint=limit if has_set_points else None,
                operation_mode=SET_POINT_MODE if has_set_points else None,
                number_phases=phases,
            )
            for begin, limit in limits
        )
