"""What `bench speed` measures: small instances of the library by what makes them hard, a network, the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from models.station.instance import Night
from optimizer.bench.library.library import Library, read_library
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.network_file import NetworkFile, read_network
from optimizer.generate.draw_network import network_text
from optimizer.runs.station_task import Planned, RunContext, StationTask, plan_task

SECONDS = 600.0  # no limit that a run could meet: how far the search comes must not depend on the clock
NETWORK_STATIONS, NETWORK_SEED, NETWORK_DAY = 30, 4, date(2026, 11, 25)
START = "import time, optimizer.cli.main, optimizer.engine.plan_station; print(time.process_time())"

INSTANCES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "plain": (
            "ordinary-m-1",
            "ordinary-l-1",
            "two-types-l-1",
            "negative-prices-l-1",
            "flat-price-l-1",
            "truck-l-1",
        ),
        "demand": ("peaky-demand-m-1", "peaky-demand-l-1", "fine-slots-m-1"),
        "overloaded": ("overloaded-m-1", "busy-must-lose"),
        "week": ("week-m-1", "week-l-1"),
        "acceptance": ("acceptance-wear-s-1", "acceptance-wear-m-1"),
        "on-off": ("on-off-s-1", "few-chargers-on-off-s-1"),
        "few-chargers": ("few-chargers-xs-1", "few-chargers-s-1"),
        "reserve": ("ordinary-xs-1",),
    }
)
HEDGED_STATIONS, HEDGED_DAY_SD = 12, 0.15
NAMES = (*INSTANCES, "network", "hedged", "study", "study-tariffs", "start")
RESERVE_PACKS = 1  # that the station of this family keeps ready: the library has none that asks for it


@dataclass(frozen=True)
class Workload:
    """Work of one kind. `run` does it once; it returns the processor seconds of other processes that it started."""

    name: str
    run: Callable[[], float]


def workloads(folder: Path, names: Sequence[str] | None = None) -> list[Workload]:
    """The workloads of these names, all by default, their instances read from the library in `folder`.

    Raises InputErrors for what is wrong with the library.
    """
    library = read_library(folder)
    return [_workload(library, name) for name in NAMES if names is None or name in names]


def _workload(library: Library, name: str) -> Workload:
    if name == "start":
        return Workload(name, _start)
    if name == "network":
        return Workload(name, partial(_plan_network, _network(NETWORK_STATIONS)))
    if name in ("study", "study-tariffs"):
        from optimizer.bench.speed.study_work import station_study, study_one_by_one, study_together

        run = study_one_by_one if name == "study" else study_together
        return Workload(name, partial(run, station_study(), SECONDS))
    if name == "hedged":
        return Workload(name, partial(_plan_network, _network(HEDGED_STATIONS, HEDGED_DAY_SD)))
    nights = [library.load(library.entry(one)).nights[0] for one in INSTANCES[name]]
    return Workload(name, partial(_plan, [_with_reserve(one) for one in nights] if name == "reserve" else nights))


def _with_reserve(night: Night) -> Night:
    reserve = (RESERVE_PACKS,) * night.horizon.slots
    return replace(night, station=replace(night.station, ready_reserve=reserve, reserve_cost=1.0))


def _plan(nights: Sequence[Night]) -> float:
    for night in nights:
        plan_station(night, RunOptions(time_limit_seconds=SECONDS))
    return 0.0


def _network(stations: int, day_sd: float | None = None) -> NetworkFile:
    """`day_sd`: its drivers are a forecast whose days spread, and its plans are hedged."""
    text = b"".join(network_text(stations, NETWORK_SEED, NETWORK_DAY, day_sd=day_sd))
    with TemporaryDirectory(prefix="swapcharge-speed-") as folder:
        path = Path(folder) / "network.json"
        path.write_bytes(text)
        return read_network(path)


def _plan_network(network: NetworkFile) -> float:
    """Both passes as `nightly` makes them, without its processes and files."""
    options = RunOptions(time_limit_seconds=SECONDS)
    context = RunContext(network.name, network.currency, options, {})
    for index in range(len(network.stations)):
        night = network.night(index)
        keys = context.keys(night)
        quick = StationTask(night, context, replace(options, effort="quick"), keys["quick"])
        planned = plan_task(quick)
        if isinstance(planned, Planned) and not planned.result.proves(options.gap):
            plan_task(replace(quick, options=options, key=keys["full"], before=planned.text))
    return 0.0


def _start() -> float:
    """A new process that loads the commands and the engine."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    return float(done.stdout)
