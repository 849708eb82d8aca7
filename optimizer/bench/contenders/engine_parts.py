"""Parts of the engine that compete alone: what each of them adds can be seen beside the whole."""

from __future__ import annotations

from importlib.metadata import version

from models.formulations.patterns.packs import patterns_are_plans
from models.station.instance import Night
from optimizer.bench.contenders.by_search import by_search, refusal
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender
from optimizer.engine.patterns.plan_by_patterns import plan_by_patterns
from optimizer.engine.plan_station import RESOLUTIONS, plan_at_resolution
from optimizer.engine.search import Search


def _plan_levels(search: Search) -> None:
    """Ever finer ones, whatever the night."""
    for resolution in RESOLUTIONS:
        if search.is_done:
            break
        plan_at_resolution(search, resolution)


def _refused_by_patterns(night: Night) -> str | None:
    return refusal(night) or (
        None if patterns_are_plans(night.by_pack) else "its patterns are no plans: see models/README.md, section 9"
    )


def _versions() -> dict[str, str]:
    return {"highspy": version("highspy")}


ENGINE_LEVELS = Contender(
    "engine-levels",
    "the engine's level model alone: LPs at four resolutions, each with a plan by rounding and dispatch",
    by_search(_plan_levels),
    missing=preload,
    refusal=refusal,
    versions=_versions,
)
ENGINE_PATTERNS = Contender(
    "engine-patterns",
    "the engine's whole charging patterns alone: column generation, dives, a MIP over the patterns found",
    by_search(plan_by_patterns),
    missing=preload,
    refusal=_refused_by_patterns,
    versions=_versions,
)
