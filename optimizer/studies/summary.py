"""What a study comes to: study.json, and the screen for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from msgspec import structs

from optimizer.files.errors import printable
from optimizer.files.formatting import counted, table
from optimizer.studies.answer import Ranked, answers, flips, same_energy
from optimizer.studies.folder import FORMAT
from optimizer.studies.run import Chain, StudyRun
from optimizer.studies.task import Seconds
from optimizer.tariffs.bill_table import told_month

SHOWN = 10
HEADINGS = ("variant", "tariff", "total", "bill", "demand", "fixed", "lost swaps", "on arrival")
MONEY = ("total_cost", "bill", "demand", "fixed", "lost_swaps", "baseline_total_cost")
WENT_WRONG = {"fallbacks": "nights have charging on arrival only", "failed": "chains of nights ended early"}


def study_summary(run: StudyRun, ranked: Mapping[str, Sequence[Ranked]]) -> dict[str, Any]:
    """The object of study.json: the question, the answer, and what went wrong. No clock in it."""
    study = run.study
    return {
        "format": FORMAT,
        "version": 1,
        "status": run.status,
        "name": study.name,
        "currency": study.currency,
        "time_zone": study.day.time_zone,
        "slot_minutes": study.day.slot_minutes,
        "first_night": study.first_night.isoformat(),
        "nights": study.nights,
        "stations": [station.id for station in study.stations],
        "tariffs": [one.id for one in study.tariffs],
        "variants": [structs.asdict(variant) for variant in study.variants],
        "options": {"gap": run.options.gap, "seconds": run.options.time_limit_seconds, "seed": run.options.seed},
        "station_nights": {"all": run.nights_in_all, "done": run.nights_done},
        "ranking": [one.as_row(rank) for order in ranked.values() for rank, one in enumerate(order, start=1)],
        "answers": answers(study, ranked),
        "flips": [asdict(flip) for flip in flips(study, ranked)],
        "same_energy_prices": same_energy(study),
        "months_in_part": [told_month(month) for month in study.months_in_part()],
        "fallbacks": list(_fallbacks(run.chains)),
        "failed": [
            {"variant": chain.variant.id, "station": chain.name, "reason": chain.failure}
            for chain in run.chains
            if chain.failure
        ],
        "versions": run.versions,
    }


def _fallbacks(chains: Sequence[Chain]) -> Iterator[dict[str, str]]:
    for chain in chains:
        for record in chain.records:
            for night in record.tariffs:
                if night.reason:
                    place = {"variant": chain.variant.id, "station": chain.name, "night": record.night}
                    yield place | {"tariff": night.tariff, "reason": night.reason}


def timing(run: StudyRun) -> dict[str, Any]:
    """By tariff: seconds of this run, all nights, and those that another tariff's plan was proven good for."""
    found = {}
    for index, one in enumerate(run.study.tariffs):
        nights = [record.tariffs[index] for chain in run.chains for record in chain.records]
        took = run.seconds.get(one.id, Seconds(0.0, 0.0))
        found[one.id] = {
            "cpu_seconds": round(took.cpu, 3),
            "solver_seconds": round(took.solver, 3),
            "nights": len(nights),
            "copied": sum(bool(night.copied_from) for night in nights),
        }
    return found


def study_screen(summary: Mapping[str, Any], folder: str) -> str:
    """The same for people."""
    lines = [*_head(summary), *_ranking(summary), "", *map(printable, summary["answers"]), *_warnings(summary), ""]
    if summary["status"] == "interrupted":
        lines.append("Interrupted: what is finished stays, and the same command goes on from there")
    lines.append(printable(f"Tables in {folder}; a page to read: swapcharge report {folder} -o study.html"))
    return "\n".join(lines)


def _head(s: Mapping[str, Any]) -> Iterator[str]:
    nights = s["station_nights"]
    yield printable(
        f"Study {s['name']}: {counted(len(s['stations']), 'station')}, {counted(s['nights'], 'night')} from "
        f"{s['first_night']}, {counted(len(s['tariffs']), 'tariff')}, {counted(len(s['variants']), 'variant')}; "
        f"{nights['done']:,} of {nights['all']:,} station-nights planned"
    )
    yield ""


def _ranking(s: Mapping[str, Any]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [(*HEADINGS, "saving", "peak kW", "gap")]
    for row in s["ranking"]:
        variant = row["variant"] if row["rank"] == 1 else ""
        money = (f"{row[name]:,.2f}" for name in MONEY)
        gap = "" if row["gap"] is None else f"{100 * row['gap']:.2f} %"
        saving = _share(row["saving"], row["baseline_total_cost"])
        rows.append((variant, row["tariff"], *money, saving, f"{row['peak_kw']:,.0f}", gap))
    yield from table(rows, frozenset({0, 1}))


def _share(part: float, whole: float) -> str:
    return f"{100 * part / abs(whole):.1f} %" if whole else ""


def _warnings(s: Mapping[str, Any]) -> Iterator[str]:
    if s["months_in_part"]:
        yield ""
        told = ", ".join(s["months_in_part"])
        yield f"The nights are a part only of {told}: what is charged by the month is billed whole there"
    for kind, what in WENT_WRONG.items():
        if s[kind]:
            yield ""
            yield f"{len(s[kind])} {what}:"
            for one in s[kind][:SHOWN]:
                night = f", {one['night']}" if "night" in one else ""
                yield printable(f"  {one['variant']}, {one['station']}{night}: {one['reason'].splitlines()[0]}")
            if len(s[kind]) > SHOWN:
                yield f"  ... and {len(s[kind]) - SHOWN:,} more: see study.json"
