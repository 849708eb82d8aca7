"""One night planned, something happens, the night is planned again near its plan.

As a program, many times over: `python tests/engine/near/near_campaign.py roll|late COUNT INSTANCE...` tells what 100
re-plans change, from the planned state 1 to 10 slots later (`roll`), or with one driver a slot later (`late`).
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace

from rolled_nights import rolled_on, with_driver_moved

from models.errors import InvalidData
from models.station.instance import Instance, Night
from models.station.result import PlanChanges, StationPlan
from models.station.starts import charging_figures
from optimizer.check.rules import check
from optimizer.engine.near.changes import changes_of
from optimizer.engine.near.matching import committed
from optimizer.engine.near.previous_plan import PreviousPlan, previous_plans
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.plan_file import plan_file
from optimizer.formats.read_instance import read_instance

OPTIONS = RunOptions(time_limit_seconds=20)


def as_previous(plan: StationPlan) -> PreviousPlan:
    """The plan as `--near` reads it from its file."""
    file = plan_file(Instance("night", "EUR", (plan.night,)), [plan], {})
    return previous_plans(file, "file", {plan.night.station.id: plan.night})[plan.night.station.id]


def planned_again(plan: StationPlan, night: Night, options: RunOptions = OPTIONS) -> StationPlan:
    """`night` planned near `plan`."""
    return plan_station(night, options, previous=as_previous(plan))


def what_happens(kind: str, plan: StationPlan, r: random.Random) -> Night:
    """The night some slots later, as planned; or with one of its drivers a slot late."""
    night = plan.night
    if kind == "late":
        movable = [n for n, swap in enumerate(night.station.swaps) if swap.slot + 1 < night.horizon.slots]
        return with_driver_moved(night, r.choice(movable), 1)
    for slots in r.sample(range(1, 11), 10):
        try:
            rest = rolled_on(night, plan.schedule, slots)
            _ = rest.tariff_series
        except InvalidData:  # a metering interval that is cut in two
            continue
        return rest
    raise ValueError(f"station {night.station.id}: no slot to go on from")


def _campaign(kind: str, count: int, files: list[str]) -> None:
    r = random.Random(1)
    nights = [night for file in files for night in read_instance(file).nights]
    if len(nights) > count:
        nights = r.sample(nights, count)
    found: dict[str, list[PlanChanges]] = {"near": [], "plain": []}
    seconds, starts = dict.fromkeys(found, 0.0), dict.fromkeys(["before", *found], 0)
    for n in range(count):
        night = nights[n % len(nights)]
        worth = {
            name: replace(one, end_value_per_kwh=night.end_value_per_kwh(one)) for name, one in night.pack_types.items()
        }
        plan = plan_station(replace(night, pack_types=worth), OPTIONS)
        again = what_happens(kind, plan, r)
        for name in found:
            began = time.process_time()
            one = planned_again(plan, again) if name == "near" else plan_station(again, OPTIONS)
            seconds[name] += time.process_time() - began
            assert not check(again, one.schedule)
            kept = committed(as_previous(plan), again.by_pack)
            found[name].append(changes_of(again.by_pack, kept, one.schedule))
            starts[name] += charging_figures(one.schedule).starts
        starts["before"] += charging_figures(plan.schedule).starts
        print(night.station.id, *(f"{name} {changes[-1]}" for name, changes in found.items()), flush=True)
    for name, changes in found.items():
        for key in ("hand_overs", "slots", "packs", "moved_kwh"):
            values = [getattr(one, key) for one in changes]
            none, mean = sum(value == 0 for value in values), sum(values) / count
            print(f"{name} {key}: none in {none} of {count}, {mean:.2f} on average, {max(values):.1f} at most")
    print(f"processor seconds {seconds}, starts {starts}")


if __name__ == "__main__":
    _campaign(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
