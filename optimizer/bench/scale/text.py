"""The scores of the scaling track as text and as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from optimizer.bench.scale.contest import NetworkScore
from optimizer.bench.scale.track import NetworkEntryDocument
from optimizer.files.plain_text import table

COLUMNS = ("network", "contender", "planned", "solved", "lost", "cost", "gap", "cpu s", "most", "stations a cpu hour")


def networks_screen(networks: Sequence[NetworkEntryDocument]) -> str:
    """The track's networks."""
    rows = [(one.name, f"{one.stations:,}", str(one.seed), one.day.isoformat(), one.hash) for one in networks]
    return "\n".join(table([("network", "stations", "seed", "day", "sha256 of its file"), *rows], frozenset({0, 4})))


def scores_screen(scores: Sequence[NetworkScore]) -> str:
    """A row for each network and contender, and a line for each station that failed."""
    lines = table([COLUMNS, *map(_row, scores)], frozenset({0, 1}))
    for score in scores:
        if score.failed:
            told = "; ".join(score.failures) + ("; ..." if score.failed > len(score.failures) else "")
            lines.append(f"{score.network}, {score.contender}: {score.failed:,} failed: {told}")
        if score.refused:
            lines.append(f"{score.network}, {score.contender}: {score.refused:,} stations that it cannot take")
    return "\n".join(lines)


def _row(score: NetworkScore) -> tuple[str, ...]:
    return (
        score.network,
        score.contender,
        f"{score.planned:,} of {score.stations:,}",
        f"{score.solved:,}",
        f"{score.lost:,} of {score.swaps:,}",
        f"{score.objective:,.2f}",
        "-" if score.gap is None else f"{100 * score.gap:.3f} %",
        f"{score.cpu_seconds:,.2f}",
        f"{score.most_cpu_seconds:.2f}",
        f"{score.stations_per_cpu_hour:,.0f}",
    )


def scores_json(scores: Sequence[NetworkScore]) -> dict[str, Any]:
    """For scripts; a gap that is not known is null."""
    more = [{"gap": one.gap, "stations_per_cpu_hour": one.stations_per_cpu_hour} for one in scores]
    return {"scores": [asdict(one) | extra for one, extra in zip(scores, more, strict=True)]}
