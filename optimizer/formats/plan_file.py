"""Plan files: from plans to bytes and back.

A file holds nothing that differs from run to run, such as seconds: the same plans give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, structs

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import unique
from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import Cost, drawn_power_kw, gap_between
from models.station.instance import Instance
from models.station.result import PlanStatus, StationPlan
from models.station.schedule import Schedule
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode, escaped
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.content_hash import digest, instance_hash, plain
from optimizer.formats.hedge.hedge_document import HedgeDocument, hedge_problems
from optimizer.formats.hedge.rule_document import RuleDocument
from optimizer.formats.instance_document import HorizonDocument
from optimizer.formats.kept.end_document import end_of, end_problems
from optimizer.formats.plan_document import (
    FORMAT,
    ChangesDocument,
    CostDocument,
    HandOverDocument,
    LookAheadDocument,
    LostReasonDocument,
    PackPlan,
    PlanFile,
    PlannedInstance,
    PlannedStation,
    SavingsDocument,
    UnservedDocument,
)

STREAM = "-"
STATUSES: tuple[PlanStatus, ...] = ("gap_reached", "gap_not_reached", "time_limit", "fallback")  # from best to worst


def plan_document(
    instance: Instance, plans: Sequence[StationPlan], versions: Mapping[str, str], key: str | None = None
) -> bytes:
    """The plan file of an instance's station plans, in their order, as JSON text. `key`: see PlanFile."""
    return plan_text(plan_file(instance, plans, versions, key))


def plan_file(
    instance: Instance,
    plans: Sequence[StationPlan],
    versions: Mapping[str, str],
    key: str | None = None,
    instance_file: str | None = None,
) -> PlanFile:
    """The same as the object that `parse_plan` gives back. `instance_file`: as `file_beside` has it."""
    results = [plan.result for plan in plans]
    objective = sum(one.objective for one in results)
    bounds = [one.bound for one in results if one.bound is not None]
    bound = sum(bounds) if len(bounds) == len(results) else None
    cost = sum((one.cost for one in results), Cost())
    file = PlanFile(
        format=FORMAT,
        version=1,
        instance=PlannedInstance(name=instance.name, hash=instance_hash(instance), file=instance_file),
        horizon=_horizon(instance.nights[0].horizon),
        currency=instance.currency,
        status=max((one.status for one in results), key=STATUSES.index, default=STATUSES[0]),
        objective=objective,
        bound=bound,
        gap=None if bound is None else gap_between(objective, bound, cost.gross_cost),
        gross_cost=cost.gross_cost,
        cost=CostDocument(**asdict(cost)),
        swaps_served=sum(one.swaps_served for one in results),
        swaps_lost=sum(one.swaps_lost for one in results),
        versions=dict(sorted(versions.items())),
        key=key,
        stations=tuple(_station(plan) for plan in plans),
    )
    # 0 becomes 0.0 where the format has a float, so that a plan read and written again has the same bytes
    return msgspec.convert(msgspec.to_builtins(file), PlanFile)


def file_beside(path: str, output: str) -> str | None:
    """The file `path` as a plan in the file `output` names it, or None where one of the two is a stream."""
    if STREAM in (path, output):
        return None
    try:
        return Path(os.path.relpath(path, Path(output).parent)).as_posix()
    except ValueError:  # on another drive
        return None


def _horizon(horizon: Horizon) -> HorizonDocument:
    return HorizonDocument(
        start=horizon.local_slot_start(0).isoformat(),
        time_zone=horizon.time_zone,
        slot_minutes=horizon.slot_minutes,
        slots=horizon.slots,
    )


def _station(plan: StationPlan) -> PlannedStation:
    schedule, result = plan.schedule, plan.result
    month = month_to_date(plan.night, drawn_power_kw(plan.night, schedule))
    served, slots = schedule.packs_by_swap, {swap.id: swap.slot for swap in plan.night.station.swaps}
    return PlannedStation(
        station=schedule.station,
        status=result.status,
        method=result.method,
        objective=result.objective,
        bound=result.bound,
        gap=result.gap,
        gross_cost=result.gross_cost,
        baseline_objective=result.baseline_objective,
        savings=None if result.savings is None else SavingsDocument.of(result.savings),
        cost=CostDocument(**asdict(result.cost)),
        fixed_charge=plan.night.tariff_series.fixed_charge,
        billing_month=f"{month.month[0]}-{month.month[1]:02d}",
        peak_kw=month.peak_kw,
        energy_kwh=month.energy_kwh,
        swaps_served=result.swaps_served,
        swaps_lost=result.swaps_lost,
        packs=tuple(PackPlan(pack=row.pack, bay=row.bay, power_kw=row.power_kw) for row in schedule.rows),
        hand_overs=tuple(HandOverDocument(swap=h.swap, slot=slots[h.swap], pack=h.pack) for h in schedule.hand_overs),
        lost=tuple(swap for swap in slots if swap not in served),
        solar_used_kw=schedule.solar_used_kw,
        reserve_shortfall=schedule.reserve_shortfall,
        changes=UNSET if plan.changes is None else ChangesDocument(**asdict(plan.changes)),
        look_ahead=UNSET if result.far is None else LookAheadDocument(**asdict(result.far), gap=result.far.gap),
        unserved=_unserved(schedule),
        end=end_of(plan.night, schedule),
        lost_reasons=tuple(LostReasonDocument(**asdict(one)) for one in plan.lost_reasons) or UNSET,
        hedge=UNSET if plan.hedge is None else HedgeDocument.of(plan.hedge),
        rule=UNSET if plan.hedge is None or plan.hedge.rule is None else RuleDocument.of(plan.hedge.rule),
    )


def _unserved(schedule: Schedule) -> tuple[UnservedDocument, ...] | UnsetType:
    """Left out where there are none: plans made before that key was there keep their digests."""
    return tuple(UnservedDocument(swap=one.swap, reason=one.reason) for one in schedule.unserved) or UNSET


def sealed(plan: PlanFile) -> PlanFile:
    """The plan with the digest of what it says; one without a key, which nobody is to go by, stays as it is."""
    return plan if plan.key is None else structs.replace(plan, digest=_digest_of(plan))


def is_as_sealed(plan: PlanFile) -> bool:
    """Does the plan say what it said when it was sealed? True, too, where it has neither digest nor key."""
    return plan.digest == (_digest_of(plan) if plan.digest or plan.key else None)


def _digest_of(plan: PlanFile) -> str:
    return digest(plain(msgspec.to_builtins(structs.replace(plan, digest=None))))


def plan_text(plan: PlanFile) -> bytes:
    """JSON text, indented, with each list of numbers on one line. The same plan gives the same bytes."""
    return escaped(_indented(msgspec.to_builtins(plan), "") + "\n").encode()


def _indented(value: Any, margin: str) -> str:
    deeper = margin + "  "
    if isinstance(value, dict):
        if not any(isinstance(item, dict | tuple) for item in value.values()):
            return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
        lines = [f"{deeper}{_flat(key)}: {_indented(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, tuple) and value and isinstance(value[0], dict | tuple):  # its items are all of a kind
        return "[\n" + ",\n".join([deeper + _indented(item, deeper) for item in value]) + f"\n{margin}]"
    return _flat(value)


def _flat(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def read_plan(path: str | Path) -> PlanFile:
    """The plan in a .json or .json.gz file, or "-" for standard input. Raises InputErrors."""
    return parse_plan(read_bytes(path, MOST_NETWORK_BYTES), shown_name(path))


def parse_plan(data: bytes, file: str) -> PlanFile:
    """The plan in the JSON text `data`; each station's `schedule` is the domain's Schedule.

    Raises InputErrors with every problem of shape. Whether the plan is right is the checker's to say.
    """
    try:
        plan = decode(data, PlanFile)
        refuse(_plan_problems(plan))
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    return plan


def _plan_problems(plan: PlanFile) -> Iterator[Problem]:
    for problem in unique("stations", [station.station for station in plan.stations], "station"):
        yield Problem(problem.place.replace(".id", ".station"), problem.value, problem.rule, problem.remedy)
    for index, station in enumerate(plan.stations):
        ends = (problem.inside("end") for problem in end_problems(station.end)) if station.end else ()
        for problem in (*_length_problems(station), *_hedge_problems(station), *ends):
            yield problem.inside(f"stations[{index}]")


def _hedge_problems(station: PlannedStation) -> Iterator[Problem]:
    series = [row.power_kw for row in station.packs] or [station.solar_used_kw, station.reserve_shortfall]
    hedge, rule = station.hedge or None, station.rule or None
    slots = len(series[0]) or (len(hedge.ready_targets) if hedge else 0)
    yield from hedge_problems(hedge, rule, slots)


def _length_problems(station: PlannedStation) -> Iterator[Problem]:
    """All of a station's series are of one length, that of the first there is: a plan without packs may still use
    solar power or lack a reserve. Two may be empty. Whether they are as long as the horizon is the checker's to say.
    """
    lengths = {f"packs[{index}].power_kw": len(row.power_kw) for index, row in enumerate(station.packs)}
    for name in ("solar_used_kw", "reserve_shortfall"):
        lengths |= {name: len(getattr(station, name))} if getattr(station, name) else {}
    first = next(iter(lengths), "")
    of_what = "the first pack's power_kw" if station.packs else first
    for place, length in lengths.items():
        if length != lengths[first]:
            rule = f"must have as many values as {of_what} ({lengths[first]})"
            yield Problem(place, f"{length} values", rule, "write the plan anew")
