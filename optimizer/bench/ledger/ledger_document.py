"""The ledger of best-known values as its file has it: names, units and types of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from optimizer.formats.document_types import Document, Whole

FORMAT: Literal["swapcharge-bench-ledger"] = "swapcharge-bench-ledger"

Proof = Literal["optimal", "gap"]
Contender = Annotated[str, Meta(description="name of the contender that found it", examples=["reference:highs"])]
Seed = Annotated[Whole, Meta(description="seed of its solver")]
Date = Annotated[str, Meta(description="day of its run in UTC", examples=["2026-11-25"])]
Versions = Annotated[dict[str, str], Meta(description="versions of all programs involved")]
Machine = Annotated[dict[str, str], Meta(description="processor, cores, memory, system of its run")]
By = Annotated[
    str | UnsetType, Meta(description="who submitted it, empty for nobody named; absent: it is from runs of bench run")
]


class KnownPlan(Document, frozen=True, kw_only=True):
    """The cheapest plan known."""

    objective: Annotated[float, Meta(description="currency: recomputed from the plan")]
    file: Annotated[str, Meta(description="plan file, seen from the ledger's folder")]
    contender: Contender
    seed: Seed
    date: Date
    versions: Versions
    machine: Machine = {}
    by: By = UNSET


class KnownBound(Document, frozen=True, kw_only=True):
    """The highest bound known: no plan can cost less."""

    value: Annotated[float, Meta(description="currency below which no plan can be")]
    kind: Annotated[
        Literal["recomputed", "solver"],
        Meta(description="recomputed: proven here from a solver's duals by weak duality; solver: its word alone"),
    ]
    contender: Contender
    solver: Annotated[str, Meta(description="its solver; empty if it has none of its own")] = ""
    seed: Seed
    gap_asked: Annotated[float, Meta(description="gap that the run was asked for, a share of gross cost")]
    time_limit_seconds: Annotated[float, Meta(description="wall seconds that the run was given")]
    confirmed_by: Annotated[
        tuple[str, ...], Meta(description="contenders with other solvers that proved the same or more")
    ] = ()
    date: Date
    versions: Versions
    machine: Machine = {}
    by: By = UNSET
    formulation: Annotated[
        str | UnsetType, Meta(description="formulation whose rows the proof is of; absent without a proof file")
    ] = UNSET
    proof: Annotated[
        str | UnsetType,
        Meta(description="file of multipliers that prove it, seen from the ledger's folder; absent: runs prove it"),
    ] = UNSET


class ClaimedBound(Document, frozen=True, kw_only=True):
    """A bound that somebody claims and nobody has proven here: it counts for nothing."""

    value: Annotated[float, Meta(description="currency below which no plan is said to be")]
    solver: Annotated[str, Meta(description="what is said to have proven it")]
    by: Annotated[str, Meta(description="who submitted it; empty: nobody named")] = ""
    date: Annotated[str, Meta(description="day of the submission", examples=["2026-11-25"])]
    versions: Versions = {}


class LedgerEntry(Document, frozen=True, kw_only=True):
    """What is known of one instance."""

    name: Annotated[str, Meta(description="name of the instance in the library")]
    hash: Annotated[str, Meta(description="sha256 over all that the instance says")]
    proof: Annotated[Proof, Meta(description="optimal: plan and bound agree; gap: they do not, or there is no bound")]
    gap: Annotated[
        float | None, Meta(description="(objective - bound) / gross cost; null without a bound or a meaning")
    ]
    plan: Annotated[KnownPlan, Meta(description="the cheapest plan known")]
    bound: Annotated[KnownBound | None, Meta(description="the highest bound known; null: none proven")]
    claimed: Annotated[
        tuple[ClaimedBound, ...] | UnsetType,
        Meta(description="bounds above it that are claimed without a proof, highest first; absent: there are none"),
    ] = UNSET


class LedgerDocument(Document, frozen=True, kw_only=True):
    """A ledger file."""

    format: Annotated[Literal["swapcharge-bench-ledger"], Meta(description='the text "swapcharge-bench-ledger"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    entries: Annotated[tuple[LedgerEntry, ...], Meta(description="one for each instance of which a plan is known")]
