"""Libraries of tiny instances, results of made-up runs, and ledgers, each in a folder. Not a test file itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cli
import msgspec

from models.station.cost import cost_of, gap_between
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from optimizer.bench.ledger.update import update_ledger
from optimizer.bench.library import library_document as library
from optimizer.bench.records.results_folder import open_results
from optimizer.bench.records.run_record import FORMAT, RunRecord
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_file import plan_document
from optimizer.formats.read_instance import read_instance

NAMES = ("plug-change-cost", "demand-charge-peak-so-far", "end-value")  # one below zero among them
OPTIMA = {"plug-change-cost": 7.5, "demand-charge-peak-so-far": 32.0, "end-value": -11.0}
"""As derived by hand in test_tiny."""

BEGAN = "2026-11-25T08:00:00Z"
VERSIONS = {"swapcharge": "0.1.0", "highspy": "1.12.0"}


@cache
def instance(name: str) -> Instance:
    """A tiny instance."""
    return read_instance(cli.INSTANCES / "tiny" / f"{name}.json")


def night(name: str) -> Night:
    (only,) = instance(name).nights
    return only


@cache
def best_schedule(name: str) -> Schedule:
    """A plan of the optimum."""
    return plan_station(night(name), RunOptions(gap=0.0)).schedule


def dear_schedule(name: str) -> Schedule:
    """A plan that keeps every rule and costs more."""
    return uncontrolled_charging(night(name))


def objective(name: str, schedule: Schedule) -> float:
    return cost_of(night(name), schedule).objective


def write_library(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    """A library of tiny instances in `folder`, all of them in the suite "smoke"."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.json").write_bytes((cli.INSTANCES / "tiny" / f"{name}.json").read_bytes())
    family = library.FamilyDocument(id="tiny", purpose="tests", hard="nothing", provenance="by hand", licence="MIT")
    document = library.LibraryDocument(
        format=library.FORMAT,
        version=1,
        families=(family,),
        instances=tuple(map(_entry, names)),
        suites=(library.SuiteDocument(id="smoke", purpose="tests", instances=names),),
    )
    (folder / "library.json").write_bytes(msgspec.json.encode(document))
    return folder


def _entry(name: str) -> library.EntryDocument:
    at = night(name)
    return library.EntryDocument(
        name=name,
        family="tiny",
        size="xs",
        hash=instance_hash(instance(name)),
        packs=len(at.station.packs),
        slots=at.horizon.slots,
        swaps=len(at.station.swaps),
        file=f"{name}.json",
    )


def record(name: str, contender: str = "engine", bound: float | None = None, **changes: Any) -> RunRecord:
    """The record of a run without a plan."""
    at = night(name)
    made = RunRecord(
        format=FORMAT,
        version=1,
        key=f"sha256:{name} {contender} {changes.get('seed', 0)}",
        suite="smoke",
        instance=name,
        instance_hash=instance_hash(instance(name)),
        family="tiny",
        size="xs",
        packs=len(at.station.packs),
        slots=at.horizon.slots,
        swaps=len(at.station.swaps),
        contender=contender,
        formulation=contender.partition(":")[0] if ":" in contender else "",
        solver=contender.partition(":")[2],
        seed=0,
        gap_asked=1e-6,
        time_limit_seconds=10.0,
        memory_limit_mb=None,
        status="OK",
        bound=bound,
        versions=VERSIONS,
        machine={"cores": "2"},
        began=BEGAN,
    )
    return msgspec.structs.replace(made, **changes)


def with_plan(made: RunRecord, schedule: Schedule) -> tuple[RunRecord, bytes]:
    """The record with what a plan costs, and the plan's file."""
    at = night(made.instance)
    cost = cost_of(at, schedule)
    gap = None if made.bound is None else gap_between(cost.objective, made.bound, cost.gross_cost)
    how: Any = {"status": "gap_not_reached", "method": made.contender, "cost": cost, "bound": None, "baseline": cost}
    plan = StationPlan(at, schedule, StationResult.of(at, schedule, **how), cost)
    told = msgspec.structs.replace(
        made, objective=cost.objective, gross_cost=cost.gross_cost, gap=gap, is_solved=gap is not None and gap <= 1e-6
    )
    return told, plan_document(instance(made.instance), [plan], made.versions)


def best(name: str, contender: str = "engine", bound: float | None = None, **changes: Any) -> tuple[RunRecord, bytes]:
    """A run that found the optimum."""
    return with_plan(record(name, contender, bound, **changes), best_schedule(name))


def dear(name: str, contender: str = "engine", bound: float | None = None, **changes: Any) -> tuple[RunRecord, bytes]:
    """A run that found a dearer plan."""
    return with_plan(record(name, contender, bound, **changes), dear_schedule(name))


def write_results(folder: Path, *runs: tuple[RunRecord, bytes | None]) -> Path:
    """A folder of results with these runs, as `bench run` would leave it."""
    results = open_results(folder)
    try:
        for made, plan in runs:
            results.write_record(made, plan)
    finally:
        results.close()
    return folder


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Read a JSON file, change what it says, write it."""
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def ledger_of(folder: Path) -> Mapping[str, Any]:
    """The entries of a ledger by name."""
    entries = json.loads((folder / "ledger.json").read_bytes())["entries"]
    return {entry["name"]: entry for entry in entries}


def every_file(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def charged_more(schedule: Schedule, kw: float) -> Schedule:
    """The first pack charged with more in the first slot in which it is charged at all."""
    row = next(row for row in schedule.rows if any(row.power_kw))
    slot = next(slot for slot, power in enumerate(row.power_kw) if power)
    powers = tuple(power + kw * (at == slot) for at, power in enumerate(row.power_kw))
    rows = tuple(replace(one, power_kw=powers) if one is row else one for one in schedule.rows)
    return replace(schedule, rows=rows)


def small_ledger(folder: Path) -> Path:
    """A library with a ledger below `folder`: two instances proven optimal, one with a plan alone."""
    made = write_library(folder / "library")
    runs = [
        best("plug-change-cost", "reference:highs", bound=OPTIMA["plug-change-cost"]),
        best("end-value", "engine", bound=OPTIMA["end-value"]),
        dear("demand-charge-peak-so-far", "on-arrival"),
    ]
    assert update_ledger(made, [write_results(folder / "results", *runs)]).ok
    return made


def change_entry(folder: Path, name: str, /, **changes: Any) -> None:
    """Change an entry of the ledger; a__b is key b of its object a."""

    def change(content: dict[str, Any]) -> None:
        for entry in content["entries"]:
            if entry["name"] == name:
                for place, value in changes.items():
                    *path, last = place.split("__")
                    inner = entry
                    for key in path:
                        inner = inner[key]
                    inner[last] = value

    changed(folder / "ledger.json", change)
