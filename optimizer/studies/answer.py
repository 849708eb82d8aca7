"""What a study answers: which tariff is cheapest, in which variant, on which basis, and where the answer flips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from msgspec import structs

from models.tariff.tariff import Tariff
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.study import Study, energy_part
from optimizer.studies.tables import BASELINE, PLAN, Results, Row

KINDS = ("energy", "energy_tiers", "demand", "fixed", "minimum")
OTHERS = ("wear", "plug_changes", "reserve")
SUMMED = ("kwh", "swaps_served", "swaps_lost", "baseline_swaps_lost", "objective")
RANKING_COLUMNS = (
    "variant", "rank", "tariff", "total_cost", "bill", *KINDS, "lost_swaps", "other_costs", "stock_value",
    "baseline_total_cost", "saving", "peak_kw", "baseline_peak_kw", "kwh", "swaps_served", "swaps_lost",
    "baseline_swaps_lost", "objective", "bound", "gap",
)  # fmt: skip


@dataclass(frozen=True)
class Ranked:
    """One tariff in one variant, all stations together, in currency, kW and kWh.

    `total_cost` = `bill` + `lost_swaps` + `other_costs` − `stock_value`: the utility's bills of all months, what lost
    swaps, wear and the like cost, less the worth of what the last night leaves in the packs.
    """

    variant: str
    tariff: str
    bill: float
    by_kind: Mapping[str, float]
    lost_swaps: float
    other_costs: float
    stock_value: float
    baseline_total_cost: float
    facts: Mapping[str, float | None]

    @property
    def total_cost(self) -> float:
        """What the nights cost in all."""
        return self.bill + self.lost_swaps + self.other_costs - self.stock_value

    @property
    def saving(self) -> float:
        """Against charging on arrival."""
        return self.baseline_total_cost - self.total_cost

    def as_row(self, rank: int) -> Row:
        """A row of ranking.csv."""
        return {
            "variant": self.variant,
            "rank": rank,
            "tariff": self.tariff,
            "total_cost": self.total_cost,
            "bill": self.bill,
            **{kind: self.by_kind.get(kind, 0.0) for kind in KINDS},
            "lost_swaps": self.lost_swaps,
            "other_costs": self.other_costs,
            "stock_value": self.stock_value,
            "baseline_total_cost": self.baseline_total_cost,
            "saving": self.saving,
            **self.facts,
        }


@dataclass(frozen=True)
class Flip:
    """Between two variants that differ in their drivers only, another tariff becomes the cheapest.

    `growth`: where the two cost the same, by straight lines between the variants `first` and `second`.
    """

    growth: float
    before: str
    after: str
    first: str
    second: str


def ranking(study: Study, results: Results) -> dict[str, list[Ranked]]:
    """By variant the tariffs, cheapest first; none where a station's nights are not complete."""
    found: dict[str, list[Ranked]] = {}
    stations = [station.id for station in study.stations]
    for variant in study.variants:
        whole = all((variant.id, name, one.id, PLAN) in results.lines for name in stations for one in study.tariffs)
        of_variant = [_ranked(results, variant.id, one.id, stations) for one in study.tariffs] if whole else []
        found[variant.id] = sorted(of_variant, key=lambda one: one.total_cost)
    return found


def _ranked(results: Results, variant: str, tariff: str, stations: Sequence[str]) -> Ranked:
    rows = [row for row in results.nights if row["variant"] == variant and row["tariff"] == tariff]
    lines = [line for name in stations for line in results.lines[variant, name, tariff, PLAN]]
    bare = [line for name in stations for line in results.lines[variant, name, tariff, BASELINE]]
    by_kind = {kind: sum(line.amount for line in lines if line.kind == kind) for kind in KINDS}
    last = {str(row["station"]): row for row in rows}  # of every station the last night
    objective, bound = _sum(rows, "objective"), _sum(rows, "bound")
    gross = _sum(rows, "planned_gross_cost")
    is_proven = all(row["bound"] is not None for row in rows)
    facts: dict[str, float | None] = {
        "peak_kw": max(float(str(row["peak_kw"])) for row in rows),
        "baseline_peak_kw": max(float(str(row["baseline_peak_kw"])) for row in rows),
        **{name: _sum(rows, name) for name in SUMMED},
        "bound": bound if is_proven else None,
        "gap": (objective - bound) / abs(gross) if is_proven and gross else None,
    }
    lost = _sum(rows, "lost_swaps")
    other = sum(_sum(rows, name) for name in OTHERS)
    stock = _sum(list(last.values()), "end_value")
    return Ranked(
        variant,
        tariff,
        sum(by_kind.values()),
        by_kind,
        lost,
        other,
        stock,
        sum(line.amount for line in bare) + _baseline_rest(rows),
        facts,
    )


def _sum(rows: Sequence[Row], name: str) -> float:
    return sum(float(str(row[name] or 0.0)) for row in rows)


def _baseline_rest(rows: Sequence[Row]) -> float:
    """What the baselines cost beyond their bills, less what they leave in the packs."""
    last = {str(row["station"]): row for row in rows}
    return _sum(rows, "baseline_other") - _sum(list(last.values()), "baseline_end_value")


def flips(study: Study, ranked: Mapping[str, Sequence[Ranked]]) -> list[Flip]:
    """Where drivers' growth alone changes the cheapest tariff."""
    return [
        flip
        for group in grown_alone([variant for variant in study.variants if ranked[variant.id]])
        for one, other in pairwise(group)
        for flip in _flips_between(ranked, one, other)
    ]


def grown_alone(variants: Sequence[VariantDocument]) -> Iterator[list[VariantDocument]]:
    """Groups of variants that differ in growth only, by growth."""
    groups: dict[object, list[VariantDocument]] = {}
    for variant in variants:
        groups.setdefault(structs.replace(variant, id="", demand_growth=0.0), []).append(variant)
    yield from (sorted(group, key=lambda variant: variant.demand_growth) for group in groups.values())


def _flips_between(
    ranked: Mapping[str, Sequence[Ranked]], one: VariantDocument, other: VariantDocument
) -> Iterator[Flip]:
    """Along the lowest of the lines between two variants, on which a third tariff may lie."""
    begin, end = ({r.tariff: r.total_cost for r in ranked[variant.id]} for variant in (one, other))
    best, last = ranked[one.id][0].tariff, ranked[other.id][0].tariff
    while end[best] > end[last]:
        share, after = min(
            (max(0.0, begin[name] - begin[best]) / (begin[name] - begin[best] + end[best] - end[name]), name)
            for name in begin
            if end[name] < end[best]
        )
        growth = one.demand_growth + share * (other.demand_growth - one.demand_growth)
        yield Flip(growth, best, after, one.id, other.id)
        best = after


def same_energy(study: Study) -> list[list[str]]:
    """Groups of tariffs that differ in demand and fixed charges only: one tariff on several bases."""
    groups: dict[Tariff, list[str]] = {}
    for one in study.tariffs:
        groups.setdefault(energy_part(one.tariff), []).append(one.id)
    return [group for group in groups.values() if len(group) > 1]


def answers(study: Study, ranked: Mapping[str, Sequence[Ranked]]) -> list[str]:
    """The answer in sentences."""
    return [*_cheapest(study, ranked), *_bases(study, ranked), *_flips_in_words(study, ranked)]


def _cheapest(study: Study, ranked: Mapping[str, Sequence[Ranked]]) -> Iterator[str]:
    for variant, order in ranked.items():
        if not order:
            yield f"{variant}: no answer, for not every night is planned."
            continue
        best = order[0]
        text = f"{variant}: {best.tariff} is the cheapest, {best.total_cost:,.2f} {study.currency}"
        if len(order) > 1:
            more = order[1].total_cost - best.total_cost
            text += f"; the next, {order[1].tariff}, costs {more:,.2f} more ({_percent(more, best.total_cost)})"
        yield text + "."


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / abs(whole):.1f} %" if whole else "of nothing"


def _bases(study: Study, ranked: Mapping[str, Sequence[Ranked]]) -> Iterator[str]:
    for group in same_energy(study):
        for variant, order in ranked.items():
            among = [one for one in order if one.tariff in group]
            if among:
                told = ", ".join(f"{one.tariff} {one.total_cost:,.2f}" for one in among)
                yield f"{variant}: of the bases with the same energy prices, cheapest first: {told}."


def _flips_in_words(study: Study, ranked: Mapping[str, Sequence[Ranked]]) -> Iterator[str]:
    found = flips(study, ranked)
    for flip in found:
        yield (
            f"At about {_growth(flip.growth)} drivers the answer flips from {flip.before} to {flip.after} "
            f"(straight lines between {flip.first} and {flip.second})."
        )
    for group in grown_alone([variant for variant in study.variants if ranked[variant.id]]):
        least, most = group[0], group[-1]
        if least.demand_growth < most.demand_growth and not {flip.first for flip in found} & {v.id for v in group}:
            between = f"Between {_growth(least.demand_growth)} and {_growth(most.demand_growth)} drivers"
            yield f"{between} ({least.id} to {most.id}) the answer does not flip."


def _growth(share: float) -> str:
    return f"{100 * share:+.0f} %"
