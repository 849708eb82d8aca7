"""What the terminal and `--json` say of an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from optimizer.files.plain_text import counted, some_of
from optimizer.setpoints.source_plans import SourcePlans
from optimizer.setpoints.station_set_points import StationSetPoints, worst_off


def export_facts(source: SourcePlans, made: Sequence[StationSetPoints]) -> dict[str, Any]:
    """The object of `--json`: costs in currency, energies as shares."""
    return {
        "instance": source.instance.name,
        "stations": len(made),
        "stations_without_plan": list(source.without),
        "bays": sum(len(one.periods) for one in made),
        "periods": sum(len(periods) for one in made for periods in one.periods.values()),
        "most_periods_of_a_bay": _most_periods(made),
        "hand_overs": sum(len(one.plan.schedule.hand_overs) for one in made),
        "energy_off": worst_off(made),
        "extra_cost": sum(one.extra_cost for one in made),
        "lowered": sum(one.fit.lowered for one in made),
        "raised": sum(one.fit.raised for one in made),
        "merged_periods": sum(one.fit.merged for one in made),
        "staggered_slots": sum(one.fit.staggered for one in made),
    }


def export_text(source: SourcePlans, made: Sequence[StationSetPoints], kept_in: str) -> str:
    """The same for people."""
    return "\n".join(_lines(source, made, kept_in))


def _lines(source: SourcePlans, made: Sequence[StationSetPoints], kept_in: str) -> Iterator[str]:
    facts = export_facts(source, made)
    yield (
        f"{counted(facts['stations'], 'station')}, {counted(facts['bays'], 'bay')} with a charger, "
        f"{counted(facts['hand_overs'], 'pack')} handed over"
    )
    yield (
        f"  limits: {counted(facts['periods'], 'period')}, at most {facts['most_periods_of_a_bay']} of a bay; "
        "all other times and bays are at 0 kW"
    )
    yield (
        f"  read back, they cost {abs(facts['extra_cost']):,.4f} {source.instance.currency} "
        f"{'less' if facts['extra_cost'] < 0 else 'more'} than the plan; a bay's energy differs by "
        f"{100 * facts['energy_off']:.4f} % at most"
    )
    if changed := facts["lowered"] + facts["raised"]:
        yield f"  {counted(changed, 'limit')} moved by some steps or seconds, to keep the grid limit and be in time"
    if merged := facts["merged_periods"]:
        yield f"  {counted(merged, 'period')} merged with a neighbour, as --max-periods asks for"
    if slots := facts["staggered_slots"]:
        yield (
            f"  note: in {counted(slots, 'slot')} the grid is full and nobody can do with less: bays take turns at the "
            "higher of two steps, so that the average keeps the limit; at a moment it is passed by less than one step"
        )
    if source.without:
        yield f"  note: no plan of {some_of(source.without)}: nothing is exported of them"
    yield f"  in {kept_in}"


def _most_periods(made: Sequence[StationSetPoints]) -> int:
    return max((len(periods) for one in made for periods in one.periods.values()), default=0)
