"""A plan from anywhere: which instance of the library it is of, checked and billed, and as the ledger keeps it.

Of its file only the schedule counts, and the instance's hash. It is checked and billed by the instance alone: ready
targets of a hedged plan, which change the bill, are left out. The ledger keeps a file written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET, structs

from models.station.cost import Cost, cost_of
from models.station.instance import Instance
from models.station.result import StationPlan, StationResult
from optimizer.bench.ledger.checked_plan import Finding, findings_of
from optimizer.bench.ledger.ledger_document import KnownPlan
from optimizer.bench.ledger.ledger_file import plan_file_name
from optimizer.bench.ledger.run_evidence import PlanClaim
from optimizer.bench.ledger.submission import Submission
from optimizer.bench.library.library import Library
from optimizer.bench.library.library_document import EntryDocument
from optimizer.check.plan_check import Verdict, check_plan, violation_text
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.plain_text import counted
from optimizer.files.read_write import shown_name
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.formats.plan_file import plan_document

MOST_VIOLATIONS = 10  # that are told one by one
MOST_VERSIONS, LONGEST_VERSION = 20, 60  # of what a plan file says of the programs that made it
LISTED = "`swapcharge bench library full --json` lists names and hashes"


@dataclass(frozen=True)
class JudgedPlan:
    """A submitted plan: `claim` None where `findings` say what it breaks. `objective`: None where it has no bill."""

    claim: PlanClaim | None
    objective: float | None
    is_of_instance: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def listed_instance(library: Library, plan: PlanFile, asked: str | None) -> EntryDocument | Finding:
    """The library's instance that the plan is of, by its hash, or why it is of none, or of another than is `asked`.

    Raises InputErrors where `asked` is no instance of the library.
    """
    wanted = None if asked is None else library.entry(asked)
    found = next((one for one in library.document.instances if one.hash == plan.instance.hash), None)
    if found is None:
        return Finding(plan.instance.name, "instance", _unlisted(library, plan))
    if wanted is not None and wanted.name != found.name:
        text = f"wrong instance: the plan is of {found.name} by its hash, not of {wanted.name}"
        return Finding(wanted.name, "instance", text)
    return found


def _unlisted(library: Library, plan: PlanFile) -> str:
    listed = library.entries.get(plan.instance.name)
    if listed is None:
        remedy = did_you_mean(plan.instance.name, library.entries, LISTED)
        return f"wrong instance: no instance of the library has the hash {plan.instance.hash}; {remedy}"
    remedy = f"plan the library's own: swapcharge bench library full -o FOLDER writes {listed.name}.json"
    return f"wrong instance: the plan is of {plan.instance.hash}, the library's is {listed.hash}; {remedy}"


def judged_plan(name: str, instance: Instance, plan: PlanFile, asked: Submission) -> JudgedPlan:
    """The plan of the library's instance `name`, checked rule by rule and billed by the instance alone."""
    bare, left_out = _bare(plan)
    try:
        verdict = check_plan(instance, bare, shown_name(asked.plan))
    except InputErrors as error:
        return JudgedPlan(None, None, False, tuple(findings_of(name, "plan", error)), ())
    notes = (*left_out, *(f"{name}: {one}" for one in verdict.warnings))
    objective = None if verdict.cost is None else verdict.cost.objective
    if not verdict.ok or verdict.cost is None:
        return JudgedPlan(None, objective, True, tuple(_broken(name, verdict)), notes)
    return JudgedPlan(_claim(name, instance, bare, verdict.cost, asked), objective, True, (), notes)


def _bare(plan: PlanFile) -> tuple[PlanFile, list[str]]:
    """The plan without what the file says beside the schedule, and what of that would have changed the check."""
    hedged = [one.station for one in plan.stations if one.hedge is not UNSET]
    notes = [f"station {one}: ready targets left out: the benchmark bills by the instance alone" for one in hedged]
    stations = tuple(map(_without_extras, plan.stations))
    return structs.replace(plan, key=None, digest=None, bound=None, stations=stations), notes


def _without_extras(station: PlannedStation) -> PlannedStation:
    return structs.replace(
        station, end=UNSET, lost_reasons=UNSET, changes=UNSET, look_ahead=UNSET, hedge=UNSET, rule=UNSET
    )


def _broken(name: str, verdict: Verdict) -> Iterator[Finding]:
    found = [violation for _, violation in verdict.violations]
    for violation in found[:MOST_VIOLATIONS]:
        yield Finding(name, "plan", violation_text(violation))
    if found[MOST_VIOLATIONS:]:
        by_rule = Counter(violation.rule for violation in found)
        told = ", ".join(f"{rule} {counted(count, 'time')}" for rule, count in by_rule.items())
        yield Finding(name, "plan", f"and {len(found) - MOST_VIOLATIONS:,} more; in all: {told}")
    if not found:
        yield Finding(name, "plan", "cannot be billed: its series are not as long as the horizon")


def _claim(name: str, instance: Instance, plan: PlanFile, cost: Cost, asked: Submission) -> PlanClaim:
    (planned,), (night,) = plan.stations, instance.nights
    versions = dict(sorted((_told_versions(plan) | asked.versions).items()))
    baseline = _on_arrival(instance)
    result = StationResult.of(
        night,
        planned.schedule,
        status="gap_not_reached",
        method=f"submitted: {asked.solver}",
        cost=cost,
        bound=None,
        baseline=baseline,
    )
    content = plan_document(instance, [StationPlan(night, planned.schedule, result, baseline)], versions)
    known = KnownPlan(
        objective=cost.objective,
        file=plan_file_name(name, content),
        contender=asked.solver,
        seed=0,
        date=asked.date,
        versions=versions,
        by=asked.by,
    )
    return PlanClaim(known, cost.gross_cost, f"{asked.solver} (submitted)", content)


def _on_arrival(instance: Instance) -> Cost:
    (night,) = instance.nights
    return cost_of(night, uncontrolled_charging(night))


def _told_versions(plan: PlanFile) -> dict[str, str]:
    """What the file says of the programs that made it, as far as it is short."""
    short = {key: one for key, one in plan.versions.items() if max(len(key), len(one)) <= LONGEST_VERSION}
    return dict(sorted(short.items())[:MOST_VERSIONS])
