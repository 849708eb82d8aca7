"""The plans that are exported: of a plan file, or of the run of a network, each with its night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import Problem
from models.station.instance import Instance
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.plain_text import some_of
from optimizer.files.read_write import shown_name
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import read_plan
from optimizer.replan.replanned import instance_of
from optimizer.replan.run_plans import network_of, plan_files_of_run
from optimizer.setpoints.station_set_points import VersionedPlan


@dataclass(frozen=True)
class SourcePlans:
    """Plans with the instance that they are of. `without`: stations of the instance that have no plan."""

    instance: Instance
    plans: Sequence[VersionedPlan]
    without: Sequence[str] = ()

    def of(self, stations: Sequence[str]) -> SourcePlans:
        """Only the plans of these stations; of all where none is named. Raises InputErrors of others."""
        known = [plan.planned.station for plan in self.plans]
        problems = [
            Problem(
                "--station", name, "has no plan there", did_you_mean(name, known, f"it has plans of {some_of(known)}")
            )
            for name in stations
            if name not in known
        ]
        if problems:
            raise InputErrors(self.plans[0].source if self.plans else self.instance.name, problems)
        wanted = set(stations or known)
        return replace(self, plans=[plan for plan in self.plans if plan.planned.station in wanted])


def source_plans(path: str, instance_file: str | None, version: int | None = None) -> SourcePlans:
    """The plans in a plan file (or - for stdin) or in the folder of a run. Raises InputErrors.

    `instance_file`: the instance; None: the one that the plan names, or the run keeps. `version`: None: as the plans
    have it.
    """
    if Path(path).is_dir():
        _, instance = network_of(Path(path), instance_file)
        files = [(plan, str(Path(path) / name)) for plan, name in plan_files_of_run(Path(path), instance)]
    else:
        plan = read_plan(path)
        _, instance = instance_of(plan, path, instance_file)
        files = [(plan, shown_name(path))]
    plans = list(_versioned(instance, files, version))
    have = {plan.planned.station for plan in plans}
    return SourcePlans(instance, plans, [one.station.id for one in instance.nights if one.station.id not in have])


def _versioned(
    instance: Instance, files: Iterable[tuple[PlanFile, str]], version: int | None
) -> Iterable[VersionedPlan]:
    nights = {night.station.id: night for night in instance.nights}
    for plan, source in files:
        for planned in plan.stations:
            if planned.station in nights:
                number = plan.plan_version if version is None else version
                yield VersionedPlan.of(
                    nights[planned.station], planned, number, plan.valid_from, source, plan.instance.hash
                )
