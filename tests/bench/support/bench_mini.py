"""The suite `mini`: about twenty instances, chosen from what was measured of all of them.

`instances/bench/features.csv` has a row for each instance: what it is like, and how hard it was for two contenders.
`make library` takes the suite from it. After new runs it is written anew from their results:

    make results SUITE=library
    PYTHONPATH=tests/support:tests/bench/support python tests/bench/support/bench_mini.py build/results/library-60s
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev

from paths import INSTANCES

from models.station.instance import Night
from optimizer.bench.library.library import read_library
from optimizer.bench.records.metrics import counted_seconds, gaps, is_solved, value_at
from optimizer.bench.records.results_folder import read_results
from optimizer.bench.records.run_record import RunRecord

FOLDER = INSTANCES / "bench"
FEATURES = FOLDER / "features.csv"
ENGINE, REFERENCE = "engine", "reference:highs"
AT_SECONDS, QUICK_SECONDS = 10.0, 1.0
LEFT_OUT = ("tiny", "depot")  # optima known by hand, and hundreds of packs in whole hours: suites of their own

OF_NIGHT = (
    "packs", "slots", "slot_minutes", "swaps", "packs_a_swap", "pack_types", "chargers_per_pack", "on_off",
    "least_power", "plug_changes", "limit_of_every_moment", "curve", "wear", "reserve", "demand_charge",
    "negative_prices",
)  # fmt: skip
MEASURED = ("reference_gap", "reference_solved", "engine_gap", "engine_cpu_seconds", "engine_solved")
COLUMNS = ("instance", "family", "size", *OF_NIGHT, *MEASURED)
LOGARITHMS = frozenset({"packs", "slots", "slot_minutes", "swaps", "engine_cpu_seconds"})

STRATA = (("easy", 4), ("modest", 7), ("hard", 5), ("open", 4))
"""Difficulty, and how many instances of it. easy: the reference proves the gap of the runs within 10 s; modest: the
engine does in a processor second; hard: the engine takes longer; open: it does not within its time."""

Row = Mapping[str, str]


def features_of(night: Night) -> dict[str, float]:
    """What the instance is like: numbers, and 0 or 1 for what it has."""
    station, kinds = night.station, night.pack_types.values()
    changes = station.plug_changes_max is not None or station.plug_change_cost != 0
    return {
        "packs": len(station.packs),
        "slots": night.horizon.slots,
        "slot_minutes": night.horizon.slot_minutes,
        "swaps": len(station.swaps),
        "packs_a_swap": round(fmean(swap.packs for swap in station.swaps), 2),
        "pack_types": len({pack.type for pack in station.packs}),
        "chargers_per_pack": round(min(1.0, station.chargers.count / len(station.packs)), 2),
        "on_off": station.chargers.mode == "on_off",
        "least_power": station.chargers.min_kw > 0,
        "plug_changes": changes,
        "limit_of_every_moment": station.grid_limit_is == "every_moment",
        "curve": any(kind.acceptance for kind in kinds),
        "wear": any(kind.wear for kind in kinds),
        "reserve": any(station.ready_reserve),
        "demand_charge": bool(station.tariff.demand_charges),
        "negative_prices": min(night.tariff_series.price_per_kwh) < 0,
    }


def measured(engine: RunRecord, reference: RunRecord) -> dict[str, object]:
    """How hard it was: gaps, and what the reference solved, after ten seconds; the engine in all that it was given."""
    return {
        "reference_gap": round(value_at(gaps(reference), AT_SECONDS), 4),
        "reference_solved": int(is_solved(reference) and counted_seconds(reference) <= AT_SECONDS),
        "engine_gap": round(value_at(gaps(engine), AT_SECONDS), 4),
        "engine_cpu_seconds": round(engine.cpu_seconds, 2),
        "engine_solved": int(is_solved(engine)),
    }


def written(folders: Sequence[Path]) -> bytes:
    """The table of all instances that both contenders ran on, in the order of the library."""
    runs = {(run.contender, run.instance): run for folder in folders for run in read_results(folder)}
    library, text = read_library(FOLDER), io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for entry in library.document.instances:
        engine, reference = runs.get((ENGINE, entry.name)), runs.get((REFERENCE, entry.name))
        if engine is None or reference is None:
            continue
        of_night = {name: f"{value:g}" for name, value in features_of(library.load(entry).nights[0]).items()}
        named = {"instance": entry.name, "family": entry.family, "size": entry.size}
        table.writerow(named | of_night | measured(engine, reference))
    return text.getvalue().encode()


def read_features(text: str | None = None) -> list[Row]:
    """The rows of the table."""
    return list(csv.DictReader(io.StringIO(FEATURES.read_text(encoding="utf-8") if text is None else text)))


def stratum(row: Row) -> str:
    """How difficult the instance is."""
    if row["reference_solved"] == "1":
        return "easy"
    if row["engine_solved"] == "0":
        return "open"
    return "modest" if float(row["engine_cpu_seconds"]) <= QUICK_SECONDS else "hard"


def choose(rows: Sequence[Row]) -> list[str]:
    """Names of the chosen, the first chosen first.

    Greedy k-centre: the first is the one of the first stratum that is nearest to the mean of all, each further one is
    the farthest from those chosen so far; strata take turns, as long as they have instances left and places in
    `STRATA`. What other strata cannot fill goes to "modest".
    """
    kept = [row for row in rows if row["family"] not in LEFT_OUT]
    points = dict(zip((row["instance"] for row in kept), _standardised(kept), strict=True))
    of = {name: [row["instance"] for row in kept if stratum(row) == name] for name, _ in STRATA}
    places = {name: min(places, len(of[name])) for name, places in STRATA}
    places["modest"] = min(
        len(of["modest"]), sum(count for _, count in STRATA) - sum(places.values()) + places["modest"]
    )
    chosen: list[str] = []
    for turn in range(max(places.values())):
        for name in (name for name, _ in STRATA if turn < places[name]):
            left = [one for one in of[name] if one not in chosen]
            chosen.append(_farthest(left, chosen, points) if chosen else min(left, key=lambda one: _norm(points[one])))
    return chosen


def _farthest(left: Sequence[str], chosen: Sequence[str], points: Mapping[str, Sequence[float]]) -> str:
    return max(left, key=lambda one: (min(math.dist(points[one], points[other]) for other in chosen), one))


def _norm(point: Sequence[float]) -> float:
    return math.hypot(*point)


def _standardised(rows: Sequence[Row]) -> list[list[float]]:
    """Each feature with mean 0 and standard deviation 1, sizes and times as logarithms; what never varies is 0."""
    columns = [_column(rows, name) for name in (*OF_NIGHT, "reference_gap", "engine_gap", "engine_cpu_seconds")]
    return [list(values) for values in zip(*map(_standard, columns), strict=True)]


def _column(rows: Sequence[Row], name: str) -> list[float]:
    values = [float(row[name]) for row in rows]
    return [math.log(max(value, 0.01)) for value in values] if name in LOGARITHMS else values


def _standard(values: Sequence[float]) -> list[float]:
    mean, deviation = fmean(values), pstdev(values)
    return [(value - mean) / deviation if deviation else 0.0 for value in values]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: python {sys.argv[0]} RESULTS...")
    FEATURES.write_bytes(written([Path(folder) for folder in sys.argv[1:]]))
    print(f"{len(read_features())} instances in {FEATURES}; chosen:", *choose(read_features()), sep="\n  ")
