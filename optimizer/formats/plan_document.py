"""The plan file, version 1, as it is written: names, units and types of every key."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, structs

from models.station.cost import Cost
from models.station.hedging.hedge import Hedge
from models.station.lost_reason import LostReason, LostVerdict
from models.station.result import FarResult, PlanChanges, PlanStatus, StationResult
from models.station.saving import Against, Saving, Savings
from models.station.schedule import HandOver, PackRow, Schedule, Unserved
from models.station.starts import charging_figures
from optimizer.formats.document_types import Document, Whole
from optimizer.formats.hedge.hedge_document import HedgeDocument
from optimizer.formats.hedge.rule_document import RuleDocument
from optimizer.formats.instance_document import HorizonDocument
from optimizer.formats.kept.end_document import EndDocument

FORMAT: Literal["swapcharge-plan"] = "swapcharge-plan"

Status = Annotated[
    PlanStatus,
    Meta(description="why the search stopped, or that there was none; for the whole file, the worst of its stations'"),
]
Objective = Annotated[float, Meta(description="currency that the plan minimises: all costs less end_value")]
Bound = Annotated[float | None, Meta(description="currency below which no plan can be; null: nothing is proven")]
Gap = Annotated[float | None, Meta(description="(objective - bound) / gross_cost; null where it has no meaning")]
GrossCost = Annotated[float, Meta(description="currency that charging costs: without end_value and base_bill")]
Served = Annotated[Whole, Meta(description="number of swaps served")]
Lost = Annotated[Whole, Meta(description="number of swaps not served")]


class PlannedInstance(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Which instance was planned."""

    name: Annotated[str, Meta(description="name of the instance")]
    hash: Annotated[str, Meta(description="sha256 over all that the instance says, however its file looks")]
    file: Annotated[
        str | None, Meta(description="its file, seen from the folder of the plan; absent: it was standard input")
    ] = None


class CostDocument(Document, frozen=True, kw_only=True):
    """The cost breakdown; end_value is a credit."""

    energy: Annotated[float, Meta(description="currency for the drawn energy, base load included")]
    demand: Annotated[float, Meta(description="currency of demand charges above the peak so far")]
    wear: Annotated[float, Meta(description="currency of wear")]
    plug_changes: Annotated[float, Meta(description="currency of plug changes")]
    lost_swaps: Annotated[float, Meta(description="currency of swaps not served")]
    reserve: Annotated[float, Meta(description="currency of ready packs that the reserve lacks")]
    end_value: Annotated[float, Meta(description="currency that the energy held at the end is worth")]
    base_bill: Annotated[float, Meta(description="currency that the base load alone would cost")]

    @property
    def as_cost(self) -> Cost:
        """The same as the domain's type."""
        return Cost(**structs.asdict(self))


class SavingDocument(Document, frozen=True, kw_only=True):
    """What the plan saves against one baseline, and its parts."""

    amount: Annotated[float, Meta(description="currency that the plan saves: the sum of energy to end_value")]
    share: Annotated[
        float | None, Meta(description="amount / gross_cost; null where that is no part: gross_cost is less")
    ]
    energy: Annotated[float, Meta(description="currency that the baseline pays more for drawn energy")]
    demand: Annotated[float, Meta(description="currency that it pays more for demand charges")]
    wear: Annotated[float, Meta(description="currency of wear that it has more")]
    plug_changes: Annotated[float, Meta(description="currency of plug changes that it has more")]
    lost_swaps: Annotated[float, Meta(description="currency of the swaps that it loses more")]
    reserve: Annotated[float, Meta(description="currency of the reserve that it lacks more")]
    drivers_energy: Annotated[
        float, Meta(description="currency that the energy is worth that drivers get more of the plan; less: negative")
    ]
    end_value: Annotated[
        float, Meta(description="currency that the energy is worth that packs hold more at the end; less: negative")
    ]
    gross_cost: Annotated[float, Meta(description="currency that charging costs in the baseline")]
    swaps: Annotated[Whole, Meta(description="swaps that the plan serves more; fewer: negative")]

    @property
    def as_saving(self) -> Saving:
        """The same as the domain's type."""
        return Saving(**{one.name: getattr(self, one.name) for one in fields(Saving)})

    @classmethod
    def of(cls, saving: Saving) -> SavingDocument:
        """From the domain's type."""
        return cls(amount=saving.amount, share=saving.share, **asdict(saving))


class SavingsDocument(Document, frozen=True, kw_only=True):
    """What the plan saves, like with like: the smaller one of two savings, and both."""

    amount: Annotated[float, Meta(description="currency that the plan saves against the baseline in against")]
    share: Annotated[float | None, Meta(description="the same as a share of what charging costs in that baseline")]
    against: Annotated[Against, Meta(description="the baseline against which the plan saves less")]
    on_arrival: Annotated[SavingDocument, Meta(description="against charging on arrival")]
    load_cap: Annotated[SavingDocument, Meta(description="against charging on arrival under a load cap")]
    caps_kw: Annotated[
        dict[str, float], Meta(description="that load cap in kW by demand charge; {} where none is needed")
    ]

    @property
    def as_savings(self) -> Savings:
        """The same as the domain's type."""
        return Savings(self.on_arrival.as_saving, self.load_cap.as_saving, self.caps_kw)

    @classmethod
    def of(cls, savings: Savings) -> SavingsDocument:
        """From the domain's type."""
        return cls(
            amount=savings.headline.amount,
            share=savings.headline.share,
            against=savings.against,
            on_arrival=SavingDocument.of(savings.on_arrival),
            load_cap=SavingDocument.of(savings.load_cap),
            caps_kw=dict(savings.caps_kw),
        )


class PackPlan(Document, frozen=True, kw_only=True):
    """One pack's stay in one bay."""

    pack: Annotated[
        str,
        Meta(
            description="id of the pack; return:<swap id> for one that a driver brings, of several return:<swap id>#<n>"
        ),
    ]
    bay: Annotated[
        Whole | str,
        Meta(description="name of the bay, or its number, from 0, where the instance names no bays"),
    ]
    power_kw: Annotated[tuple[float, ...], Meta(description="power in kW into the pack for each slot")]


class UnservedDocument(Document, frozen=True, kw_only=True):
    """A lost swap that must be served."""

    swap: Annotated[str, Meta(description="id of the swap")]
    reason: Annotated[str, Meta(description="why no plan serves it")]


class LostReasonDocument(Document, frozen=True, kw_only=True):
    """Why a swap is lost."""

    swap: Annotated[str, Meta(description="id of the swap")]
    verdict: Annotated[
        LostVerdict,
        Meta(
            description="impossible at any price; possible, but costs_another driver; cheaper to lose; the plan is"
            " not_best: one that serves it costs no more; undecided"
        ),
    ]
    is_proven: Annotated[bool, Meta(description="is the verdict proven")]
    words: Annotated[str, Meta(description="why, in words")]
    price_words: Annotated[str, Meta(description="what serving it would cost, in words; empty: not worked out")] = ""
    instead: Annotated[
        tuple[str, ...], Meta(description="ids of swaps that the cheapest plan found that serves it loses instead")
    ] = ()
    costs_at_least: Annotated[
        float | None, Meta(description="currency that serving it costs more, at least; null: not worked out")
    ] = None
    costs_at_most: Annotated[
        float | None, Meta(description="currency that serving it costs more, at most; null: not worked out")
    ] = None

    @property
    def as_reason(self) -> LostReason:
        """The same as the domain's type."""
        return LostReason(**structs.asdict(self))


class HandOverDocument(Document, frozen=True, kw_only=True):
    """A pack handed over to a swap that is served; a swap of several packs has as many of them."""

    swap: Annotated[str, Meta(description="id of the swap")]
    slot: Annotated[Whole, Meta(description="slot at whose start the driver comes, counted from 0")]
    pack: Annotated[str, Meta(description="id of the pack handed over")]


class ChangesDocument(Document, frozen=True, kw_only=True):
    """What the plan changes of the previous one that it was to be near."""

    hand_overs: Annotated[Whole, Meta(description="drivers known to both plans who get another pack, or none, or one")]
    slots: Annotated[Whole, Meta(description="slots in which the power of some pack differs")]
    packs: Annotated[Whole, Meta(description="packs with another power or another driver")]
    moved_kwh: Annotated[float, Meta(description="kWh charged in other slots, or more, or less")]
    extra_cost: Annotated[float, Meta(description="currency that it costs more than the cheapest plan found")]


class LookAheadDocument(Document, frozen=True, kw_only=True):
    """What the plan was made for: the horizon and the hours after it, in which the day repeats."""

    hours: Annotated[float, Meta(description="hours beyond the horizon that the plan looked at")]
    objective: Annotated[float, Meta(description="currency that the plan of horizon and look-ahead minimises")]
    bound: Annotated[float | None, Meta(description="currency below which no plan of both can be; null: not proven")]
    gap: Annotated[float | None, Meta(description="(objective - bound) / gross_cost, of both")]
    gross_cost: Annotated[float, Meta(description="currency that charging costs, of both")]
    swaps_served: Annotated[Whole, Meta(description="number of swaps served, of both")]
    swaps_lost: Annotated[Whole, Meta(description="number of swaps not served, of both")]

    @property
    def result(self) -> FarResult:
        """The same as the domain's type."""
        known = {name: value for name, value in structs.asdict(self).items() if name != "gap"}
        return FarResult(**known)


class PlannedStation(Document, frozen=True, kw_only=True):
    """One station's plan."""

    station: Annotated[str, Meta(description="id of the station")]
    status: Status
    method: Annotated[str, Meta(description="what found the plan")]
    objective: Objective
    bound: Bound
    gap: Gap
    gross_cost: GrossCost
    baseline_objective: Annotated[float, Meta(description="currency: objective of charging on arrival")]
    savings: Annotated[
        SavingsDocument | None, Meta(description="what the plan saves, like with like; null: nobody worked it out")
    ] = None
    cost: Annotated[CostDocument, Meta(description="the cost breakdown")]
    fixed_charge: Annotated[float, Meta(description="currency that no plan changes, in none of the sums")]
    peak_kw: Annotated[
        dict[str, float], Meta(description="highest metered average in kW by demand charge: tomorrow's peak_so_far_kw")
    ]
    billing_month: Annotated[str, Meta(description="month of peak_kw and energy_kwh: that of the last slot")] = ""
    energy_kwh: Annotated[
        dict[str, float], Meta(description="the month's kWh by energy tiers: tomorrow's energy_so_far_kwh")
    ] = {}
    swaps_served: Served
    swaps_lost: Lost
    packs: Annotated[tuple[PackPlan, ...], Meta(description="what each pack is charged with")]
    hand_overs: Annotated[tuple[HandOverDocument, ...], Meta(description="who gets which pack")]
    lost: Annotated[tuple[str, ...], Meta(description="ids of the swaps not served")]
    solar_used_kw: Annotated[tuple[float, ...], Meta(description="solar power in kW used in each slot; [] for none")]
    reserve_shortfall: Annotated[
        tuple[Whole, ...], Meta(description="ready packs that the reserve lacks in each slot; [] for none")
    ]
    unserved: Annotated[
        tuple[UnservedDocument, ...] | UnsetType,
        Meta(description="the lost swaps that must be served, with reasons; absent: there are none"),
    ] = UNSET
    end: Annotated[
        EndDocument | UnsetType, Meta(description="what stands in the bays at the end; absent in old plans")
    ] = UNSET
    lost_reasons: Annotated[
        tuple[LostReasonDocument, ...] | UnsetType,
        Meta(description="why swaps are lost, of those for which it was worked out; absent: of none"),
    ] = UNSET
    changes: Annotated[
        ChangesDocument | UnsetType, Meta(description="what it changes of a previous plan; absent without --near")
    ] = UNSET
    look_ahead: Annotated[
        LookAheadDocument | UnsetType, Meta(description="what the plan looked at beyond the horizon; absent: nothing")
    ] = UNSET
    hedge: Annotated[
        HedgeDocument | UnsetType,
        Meta(description="ready packs kept for days that do not follow the forecast; absent: plan of the mean"),
    ] = UNSET
    rule: Annotated[
        RuleDocument | UnsetType, Meta(description="what a controller goes by between plans; absent: the plan alone")
    ] = UNSET

    @property
    def schedule(self) -> Schedule:
        """The plan as the domain's type: what the checker and the bill go by."""
        return Schedule(
            station=self.station,
            rows=tuple(PackRow(row.pack, row.bay, row.power_kw) for row in self.packs),
            hand_overs=tuple(HandOver(served.swap, served.pack) for served in self.hand_overs),
            solar_used_kw=self.solar_used_kw,
            reserve_shortfall=self.reserve_shortfall,
            unserved=tuple(Unserved(one.swap, one.reason) for one in self.unserved or ()),
        )

    @property
    def as_hedge(self) -> Hedge | None:
        """`hedge` and `rule` as the domain's type; None without targets. Raises InvalidData."""
        if not isinstance(self.hedge, HedgeDocument):
            return None
        return self.hedge.as_hedge(self.rule.as_rule if isinstance(self.rule, RuleDocument) else None)

    @property
    def as_changes(self) -> PlanChanges | None:
        """`changes` as the domain's type; None without."""
        return PlanChanges(**structs.asdict(self.changes)) if isinstance(self.changes, ChangesDocument) else None

    @property
    def result(self) -> StationResult:
        """What the file says of the plan; objective, gross cost and gap are worked out from `cost` and `bound`."""
        return StationResult(
            status=self.status,
            method=self.method,
            cost=self.cost.as_cost,
            bound=self.bound,
            baseline_objective=self.baseline_objective,
            swaps_served=self.swaps_served,
            swaps_lost=self.swaps_lost,
            far=None if self.look_ahead is UNSET else self.look_ahead.result,
            savings=None if self.savings is None else self.savings.as_savings,
            must_serve_lost=len(self.unserved or ()),
            charging=charging_figures(self.schedule),
        )


class PlanFile(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A whole plan file."""

    format: Annotated[Literal["swapcharge-plan"], Meta(description='the text "swapcharge-plan"')]
    version: Annotated[Literal[1], Meta(description="version of the format; this program reads 1")]
    instance: Annotated[PlannedInstance, Meta(description="which instance was planned")]
    horizon: Annotated[
        HorizonDocument | None, Meta(description="time grid of the slots, as the instance has it; absent in old plans")
    ] = None
    plan_version: Annotated[
        Whole, Meta(description="1, or for a night planned again one more than that of the plan before")
    ] = 1
    valid_from: Annotated[
        str | None, Meta(description="instant from which it takes the place of the plan before; absent: there is none")
    ] = None
    currency: Annotated[str, Meta(description="currency of every cost")]
    status: Status
    objective: Objective
    bound: Bound
    gap: Gap
    gross_cost: GrossCost
    cost: Annotated[CostDocument, Meta(description="the cost breakdown, all stations together")]
    swaps_served: Served
    swaps_lost: Lost
    versions: Annotated[dict[str, str], Meta(description="versions of the programs that made the plan")]
    key: Annotated[
        str | None,
        Meta(description="sha256 over what was asked: night, options, versions; absent: nobody is to go by it"),
    ] = None
    digest: Annotated[
        str | None,
        Meta(
            description="sha256 over all else that the file says, where it has a key: a run goes on from it unchanged"
        ),
    ] = None
    stations: Annotated[tuple[PlannedStation, ...], Meta(description="the stations' plans")]
