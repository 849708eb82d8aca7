"""The plans of a run of `nightly`, and the network that they are of."""

from __future__ import annotations

from pathlib import Path

from models.errors import Problem
from models.station.instance import Instance
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.formats.plan_file import parse_plan
from optimizer.formats.read_instance import read_document
from optimizer.replan.replanned import NAME_IT
from optimizer.runs.folder import NETWORK, PLANS, plan_name, read_summary


def network_of(run: Path, named: str | None) -> tuple[InstanceDocument, Instance]:
    """The network of a run: the file `named`, or else the one that the run keeps, or in runs of earlier versions the
    one that its summary names. Raises InputErrors."""
    path = named or str(run / NETWORK)
    if named is None and not (run / NETWORK).is_file():
        path = read_summary(run).network
        if not Path(path).is_file():
            raise InputErrors(str(run), [Problem("summary.json, network", path, "is no file that is there", NAME_IT)])
    document, instance, _ = read_document(path)
    return document, instance


def plans_of_run(run: Path, instance: Instance) -> tuple[PlannedStation, ...]:
    """The plans of the stations of `instance` that the run has. Raises InputErrors where there are none, or where one
    is of a station that has changed since."""
    return tuple(station for plan, _ in plan_files_of_run(run, instance) for station in plan.stations)


def plan_files_of_run(run: Path, instance: Instance) -> list[tuple[PlanFile, str]]:
    """The same as whole plan files, each with its name seen from the folder of the run. Raises InputErrors."""
    found: list[tuple[PlanFile, str]] = []
    for night in instance.nights:
        name = f"{PLANS}/{plan_name(night.station.id)}"
        path = run / name
        if not path.is_file():
            continue
        plan = parse_plan(path.read_bytes(), str(path))
        if plan.instance.hash != instance_hash(Instance(instance.name, instance.currency, (night,))):
            rule = f"is of another station than {night.station.id!r} of the network, with other packs or prices"
            raise InputErrors(str(path), [Problem("instance.hash", plan.instance.hash[:20] + "…", rule, NAME_IT)])
        found.append((plan, name))
    if not found:
        raise InputErrors(str(run), [Problem(PLANS, ABSENT, "has no plan of a station of the network", NAME_IT)])
    return found
