"""`check` of a whole run: every plan of the folder that `nightly` wrote, one after the other, none kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import Problem
from models.station.cost import Cost
from models.station.instance import Instance, Night
from models.tolerances import money_tolerance
from optimizer.check.plan_check import (
    Verdict,
    check_plan,
    cost_json,
    recomputed_text,
    violation_json,
    violation_text,
    violations_text,
)
from optimizer.check.rules import Violation
from optimizer.files.errors import ABSENT, InputErrors, printable
from optimizer.files.folder_json import read_folder_json
from optimizer.files.plain_text import MOST_NAMES, some_of
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_file import read_plan
from optimizer.runs.folder import PLANS, RUN, SUMMARY, plan_name
from optimizer.runs.summary import RunSummary


@dataclass
class RunVerdict:
    """What the check of a run found, growing station by station.

    `cost`: the recomputed sum over the plans that were checked, None if one is too broken to bill. `missing`: stations
    without a plan; `unreadable`: station, file and reason; `failed`: stations without a plan as the summary says.
    """

    violations: list[tuple[str, Violation]] = field(default_factory=list)
    cost: Cost | None = field(default_factory=Cost)
    warnings: list[str] = field(default_factory=list)
    stations_checked: int = 0
    stations_kept: int = 0
    missing: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Has every station that did not fail a plan, and does every plan keep every rule?"""
        return not (self.violations or self.missing or self.unreadable)

    def add(self, file: str, found: Verdict) -> None:
        """Enter what the check of one station's plan found."""
        self.violations += found.violations
        self.warnings += [f"{file}: {warning}" for warning in found.warnings]
        self.stations_checked += found.stations_checked
        self.stations_kept += found.stations_checked if found.ok else 0
        self.cost = None if self.cost is None or found.cost is None else self.cost + found.cost

    def as_json(self) -> dict[str, Any]:
        """The object of `check --json`."""
        return {
            "ok": self.ok,
            "violations": [violation_json(station, violation) for station, violation in self.violations],
            "cost": cost_json(self.cost),
            "warnings": self.warnings,
            "stations_checked": self.stations_checked,
            "stations_not_in_plan": [*self.missing, *(station for station, _, _ in self.unreadable), *self.failed],
            "missing": self.missing,
            "unreadable": [{"station": s, "file": file, "reason": reason} for s, file, reason in self.unreadable],
            "failed": self.failed,
        }

    def as_text(self, currency: str) -> str:
        """The notes and the sums; the stations' own lines were printed as they were found."""
        lines = [f"note: {warning}" for warning in self.warnings[:MOST_NAMES]]
        if (more := len(self.warnings) - MOST_NAMES) > 0:
            lines.append(f"note: and {more:,} more; --json has them all")
        lines.append(self._sums())
        if self.cost is not None and self.stations_checked:
            lines.append(recomputed_text(self.cost, currency))
        return "\n".join(map(printable, lines))

    def _sums(self) -> str:
        stations = self.stations_checked + len(self.missing) + len(self.unreadable) + len(self.failed)
        counts = (
            (self.stations_checked - self.stations_kept, "with violations"),
            (len(self.missing), "missing"),
            (len(self.unreadable), "unreadable"),
            (len(self.failed), "failed in the run"),
        )
        others = "".join(f"; {count:,} {words}" for count, words in counts if count)
        return f"{self.stations_kept:,} of {stations:,} stations have a plan that keeps every rule{others}."


def check_run(
    network: NetworkFile, run: Path, say: Callable[[str], None], report: Callable[[str], None] = lambda text: None
) -> RunVerdict:
    """Check every plan of the folder `run` against `network`.

    `say` is given a line for each station whose plan breaks rules, is missing or cannot be read, as soon as it is
    found; `report` is given a line of progress. Raises InputErrors where the folder is not one of a run.
    """
    if not (run / PLANS).is_dir():
        rule, remedy = f"is a folder without {PLANS}/", "name a plan file, or the folder of a run of nightly"
        raise InputErrors(str(run), [Problem("", ABSENT, rule, remedy)])
    check = _RunCheck(network, run)
    for index in range(len(network.stations)):
        for line in check.station(index):
            say(printable(line))
        report(f"{index + 1:,} of {len(network.stations):,} stations")
    check.compare()
    return check.verdict


class _RunCheck:
    """The check under way."""

    def __init__(self, network: NetworkFile, run: Path) -> None:
        self.network, self.run, self.verdict = network, run, RunVerdict()
        self.summary = _read_summary(run / SUMMARY, self.verdict)
        failures = self.summary.failed_stations if self.summary else ()  # of it, this alone is believed
        self.failed = {(failure.place, failure.station) for failure in failures}
        self.wrong_ids = network.wrong_ids()
        self.left_over = {path.name for path in (run / PLANS).glob("[!.]*.json")}

    def station(self, index: int) -> Iterator[str]:
        """Enter what the plan of station `index` is like; a line if there is something wrong with it."""
        name, place = self.network.station_id(index), self.network.place(index)
        if (place, name) in self.failed:
            self.verdict.failed.append(name or place)
            return
        if index in self.wrong_ids:
            yield self._missing(name or place, self.wrong_ids[index])
            return
        try:
            night = self.network.night(index)
        except InputErrors as error:
            yield self._missing(name or place, _first(error))
            return
        yield from self._plan(night)

    def _missing(self, station: str, why: str) -> str:
        self.verdict.missing.append(station)
        return f"{station}: missing: {why}"

    def _plan(self, night: Night) -> Iterator[str]:
        station, file = night.station.id, f"{PLANS}/{plan_name(night.station.id)}"
        self.left_over.discard(plan_name(station))
        if not (self.run / file).exists():
            yield self._missing(station, f"there is no {file}")
            return
        try:
            part = Instance(self.network.name, self.network.currency, (night,))
            found = check_plan(part, read_plan(self.run / file), file)
        except InputErrors as error:
            self.verdict.unreadable.append((station, file, str(error)))
            yield f"{station}: unreadable: {_first(error)}"
            return
        self.verdict.add(file, found)
        if violations := [violation for _, violation in found.violations]:
            count = violations_text(violations).removesuffix(".")
            yield f"{station}: {count}, first {violation_text(violations[0])} ({file})"

    def compare(self) -> None:
        """Where the summary says what is not so, and files that no station asked for."""
        if self.summary is not None:
            self.verdict.warnings += _false_summary(self.summary, self.verdict)
        if self.left_over:
            names = some_of(sorted(self.left_over))
            self.verdict.warnings.append(f"{PLANS}/ has plans of no planned station of the network: {names}")


def _first(error: InputErrors) -> str:
    """The first line of an error, and how many more it has."""
    more = len(error.problems) - 1
    return str(error).partition("\n")[0] + (f" (and {more:,} more)" if more else "")


def _read_summary(path: Path, verdict: RunVerdict) -> RunSummary | None:
    """None where there is none: then nothing is known of failed stations."""
    try:
        return read_folder_json(path, RunSummary, RUN)
    except InputErrors as error:
        why = error.problems[0].rule.removeprefix("is no summary of a run (").removesuffix(")")
    verdict.warnings.append(f"{SUMMARY} cannot be read ({why}): which stations failed is not known")
    return None


def _false_summary(summary: RunSummary, verdict: RunVerdict) -> Iterator[str]:
    if summary.status == "running":
        yield f"{SUMMARY} says the run is still under way, or it was killed"
    if verdict.cost is None or verdict.missing or verdict.unreadable:
        return
    recomputed = verdict.cost.objective
    if abs(recomputed - summary.objective) > money_tolerance(recomputed):
        yield f"{SUMMARY} says objective {summary.objective!r}, recomputed it is {recomputed!r}"
