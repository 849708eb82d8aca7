"""One run of the benchmark as it is kept: names, units and types of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import MAX_WHOLE, Document, Whole

FORMAT: Literal["swapcharge-bench-run"] = "swapcharge-bench-run"
STATUSES = ("OK", "TO", "OOM", "ER", "WRONG", "NA")
FAILURES = frozenset({"ER", "OOM", "WRONG"})
KILLED = ": killed"  # in the reason of a run that was ended for its time: its status is TO
Status = Annotated[
    Literal["OK", "TO", "OOM", "ER", "WRONG", "NA"],
    Meta(
        description="OK: ended by itself, its plan (if any) keeps every rule; TO: the time limit ended it; OOM: out of "
        "memory; ER: it failed; WRONG: plan or bound is refuted; NA: not for this night, or not installed"
    ),
]
Count = Annotated[int, Meta(ge=0, le=MAX_WHOLE)]
Amount = Annotated[float, Meta(ge=-MAX_WHOLE, le=MAX_WHOLE)]
Positive = Annotated[float, Meta(ge=0, le=MAX_WHOLE)]
Point = tuple[Positive, Amount | None, Amount | None]


class RunRecord(Document, frozen=True, kw_only=True):
    """One contender on one instance with one seed."""

    format: Annotated[Literal["swapcharge-bench-run"], Meta(description='the text "swapcharge-bench-run"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    key: Annotated[str, Meta(description="sha256 over instance, contender, options, seed, limits, versions")]
    suite: Annotated[str, Meta(description="suite of the run")]
    instance: Annotated[str, Meta(description="name of the instance")]
    instance_hash: Annotated[str, Meta(description="sha256 over all that the instance says")]
    family: Annotated[str, Meta(description="family of the instance; empty outside a library")] = ""
    size: Annotated[str, Meta(description="step of the family's ladder; empty outside a library")] = ""
    packs: Annotated[Count, Meta(description="packs in the station")]
    slots: Annotated[Count, Meta(description="slots of the horizon")]
    swaps: Annotated[Count, Meta(description="swaps asked for")]
    contender: Annotated[str, Meta(description="name of the contender")]
    formulation: Annotated[str, Meta(description="its formulation; empty if it has none")] = ""
    solver: Annotated[str, Meta(description="its solver; empty if it has none")] = ""
    options: Annotated[dict[str, str], Meta(description="options of the solver that differ from its defaults")] = {}
    seed: Annotated[Whole, Meta(description="seed of the solver")]
    gap_asked: Annotated[Positive, Meta(description="gap at which a run counts as solved")]
    time_limit_seconds: Annotated[Positive, Meta(description="wall seconds given to the contender")]
    memory_limit_mb: Annotated[Count | None, Meta(description="megabytes given to its process; null: no limit")]
    status: Status
    reason: Annotated[str, Meta(description="why, in words; empty if all went well")] = ""
    is_solved: Annotated[bool, Meta(description="is the gap asked for proven, with status OK or TO?")] = False
    claimed_objective: Annotated[Amount | None, Meta(description="currency: what the contender says")] = None
    objective: Annotated[Amount | None, Meta(description="currency: recomputed by the checker; null: no plan")] = None
    bound: Annotated[Amount | None, Meta(description="currency below which no plan can be; null: none proven")] = None
    is_bound_recomputed: Annotated[
        bool, Meta(description="was the bound worked out here from duals, by weak duality? Else it is a solver's word")
    ] = False
    gap: Annotated[
        Amount | None, Meta(description="(objective - bound) / gross cost; null where it has no meaning")
    ] = None
    gross_cost: Annotated[Amount | None, Meta(description="currency that charging costs")] = None
    swaps_served: Annotated[Count | None, Meta(description="number of swaps served")] = None
    swaps_lost: Annotated[Count | None, Meta(description="number of swaps not served")] = None
    starts: Annotated[
        Count | None, Meta(description="slots in which a pack begins to charge; null: no plan, or an older run")
    ] = None
    stays_charged: Annotated[Count | None, Meta(description="packs that charge; null as for starts")] = None
    wall_seconds: Annotated[Positive, Meta(description="of the contender, building its programme included")] = 0.0
    cpu_seconds: Annotated[Positive, Meta(description="processor seconds of the same")] = 0.0
    waited_seconds: Annotated[
        Positive | None,
        Meta(description="seconds for which its threads were ready and the system let others run; null: unknown"),
    ] = None
    load_at_start: Annotated[
        Positive | None,
        Meta(description="load average of the minute before it began: processes that ran or wanted to; null: unknown"),
    ] = None
    load_at_end: Annotated[Positive | None, Meta(description="the same as it ended")] = None
    is_machine_loaded: Annotated[
        bool, Meta(description="did others want the processors, too? Then its wall times are too long")
    ] = False
    build_seconds: Annotated[Positive, Meta(description="wall seconds of building the programme")] = 0.0
    solver_seconds: Annotated[Positive, Meta(description="wall seconds in the solver")] = 0.0
    solved_seconds: Annotated[
        Positive | None, Meta(description="wall seconds until the gap asked for was proven; null: it was not")
    ] = None
    peak_memory_mb: Annotated[Positive, Meta(description="most megabytes its process held")] = 0.0
    rows: Annotated[Count, Meta(description="constraints of the programme")] = 0
    columns: Annotated[Count, Meta(description="variables of the programme")] = 0
    integer_columns: Annotated[Count, Meta(description="integer variables among them")] = 0
    nonzeros: Annotated[Count, Meta(description="coefficients of the programme")] = 0
    trajectory: Annotated[
        tuple[Point, ...],
        Meta(description="[wall seconds, best objective, best bound] as they became known; null: none yet"),
    ] = ()
    versions: Annotated[dict[str, str], Meta(description="versions of all programs involved")]
    machine: Annotated[dict[str, str], Meta(description="processor, cores, memory, system")]
    began: Annotated[str, Meta(description="instant in UTC, to the second")]
    plan: Annotated[str, Meta(description="plan file, seen from the results' folder; empty: none")] = ""
    traceback: Annotated[str, Meta(description="where it failed, innermost call last; empty: it did not")] = ""
    stdout: Annotated[str, Meta(description="of a failed run: what it wrote to standard output, shortened")] = ""
    stderr: Annotated[str, Meta(description="of a failed run: what it wrote to standard error, shortened")] = ""
