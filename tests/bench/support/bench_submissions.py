"""What tests of submissions share: plan files, what is submitted, what is told. Use as `import bench_submissions`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bench_ledgers as make
from msgspec import structs

from models.station.schedule import Schedule
from optimizer.bench.ledger.submission import Submission, Submitted
from optimizer.bench.ledger.submit import submit
from optimizer.formats.hedge.hedge_document import HedgeDocument
from optimizer.formats.plan_file import parse_plan, plan_text

NAME, OTHER = "plug-change-cost", "end-value"
DAY = "2026-11-29"
BEST = 7.5


def plan_of(name: str, schedule: Schedule, path: Path) -> Path:
    _, content = make.with_plan(make.record(name, "theirs"), schedule)
    path.write_bytes(content)
    return path


def entered(folder: Path, plan: Path, **how: Any) -> Submitted:
    return submit(folder, Submission(str(plan), **({"solver": "theirs", "date": DAY} | how)))


def refused(folder: Path, plan: Path, **how: Any) -> Submitted:
    """The answer to what must be refused as a whole."""
    before = make.every_file(folder)
    found = entered(folder, plan, **how)
    assert not found.ok and make.every_file(folder) == before
    return found


def told(found: Submitted) -> list[str]:
    return list(found.lines())


def hedged(plan: Path) -> bytes:
    """The plan with ready targets and with demand rates that weigh nothing: both change a bill."""
    file = parse_plan(plan.read_bytes(), "plan")
    (station,) = file.stations
    hedge = HedgeDocument(
        ready_targets=(0,) * len(station.packs[0].power_kw),
        reserve_cost=0.0,
        method="by hand",
        demand_weights=dict.fromkeys(station.peak_kw, ((0.0, 0.0),)),
    )
    return plan_text(structs.replace(file, stations=(structs.replace(station, hedge=hedge),)))
