"""A pool without processes, for tests of what is done with results: tasks run at once, faults come as ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patience import PATIENCE

from optimizer.engine.options import RunOptions
from optimizer.formats.network_file import read_network
from optimizer.runs.folder import open_run
from optimizer.runs.network_run import NetworkRun, Settings
from optimizer.runs.station_task import RunContext, StationTask
from optimizer.workers.inline_pool import InlinePool
from optimizer.workers.local_pool import Fault, Finished, PoolBrokenError
from optimizer.workers.worker import Raised, attempt

VERSIONS = {"swapcharge": "0"}


@dataclass
class HerePool(InlinePool):
    """`faults` by station: what befalls its next tasks, in turn. `asked` and `tasks` say what was started."""

    faults: Mapping[str, list[Fault | PoolBrokenError]] = field(default_factory=dict)
    size: int = field(default=2, kw_only=True)
    asked: list[StationTask] = field(default_factory=list)
    tasks: list[tuple[str, str]] = field(default_factory=list)
    most_at_once: list[int] = field(default_factory=list)
    on_wait: Callable[[], None] = lambda: None
    is_closed: bool = False

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        (ask,) = arguments
        self.asked.append(ask)
        self.tasks.append((ask.night.station.id, "baseline" if seconds == 60.0 else ask.options.effort))
        super().start(ticket, function, arguments, seconds)

    def wait(self, seconds: float) -> list[Finished]:
        self.on_wait()
        self.most_at_once.append(len(self._waiting))
        return super().wait(seconds)

    def close(self) -> None:
        self.is_closed = True

    def result(self, function: Callable[..., object], arguments: tuple[Any, ...]) -> object:
        (ask,) = arguments
        faults = self.faults.get(ask.night.station.id)
        if faults:
            fault = faults.pop(0)
            if isinstance(fault, PoolBrokenError):
                raise fault
            return fault
        result = attempt(function, arguments)
        return Fault("raised", result.reason) if isinstance(result, Raised) else result


def run_of(
    network: Path, folder: Path, pool: Any, options: Mapping[str, Any] | None = None, **settings: Any
) -> NetworkRun:
    """A run of a network file; `options` that are not the usual ones, and versions among them."""
    file = read_network(network)
    given = {"time_limit_seconds": PATIENCE, **(options or {})}
    versions = given.pop("versions", VERSIONS)
    context = RunContext(file.name, file.currency, RunOptions(**given), versions)
    return NetworkRun(file, context, open_run(folder), pool, Settings(**settings))


def planned(
    network: Path, folder: Path, pool: Any = None, options: Mapping[str, Any] | None = None, **settings: Any
) -> NetworkRun:
    """The same, carried out, its folder free again."""
    run = run_of(network, folder, pool or HerePool(), options, **settings)
    try:
        run.read()
        run.plan()
    finally:
        run.folder.close()
    return run
