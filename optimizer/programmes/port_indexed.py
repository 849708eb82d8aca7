"""A charging depot port by port: the form in which such depots are published."""

from __future__ import annotations

from models.formulations.matrix import Array
from models.formulations.port_indexed import build_port_indexed, port_indexed_refusal
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import powers_of_stays, stays_of
from optimizer.engine.build_schedule import build_schedule
from optimizer.programmes.names import numbered
from optimizer.programmes.programme import Formulation, Programme


def _build(night: Night) -> Programme:
    ports = build_port_indexed(night)

    def schedule(point: Array) -> Schedule:
        stays = stays_of(night, ports.hand_overs(point))
        return build_schedule(night, stays, powers_of_stays(stays, night.horizon.slots, ports.power_kw(point)))

    return Programme(
        ports.matrix,
        schedule,
        ports.matrix.row_names,
        ports.matrix.column_names,
        lambda: numbered(ports.matrix),
        is_exact=False,  # a pack that moves from port to port counts as switches there, and as none in its plan
    )


PORT_INDEXED = Formulation(
    "port-indexed",
    "a depot as it is published: which port charges which pack when; exact",
    _build,
    port_indexed_refusal,
)
