"""Which runs a benchmark makes: every contender on every instance with every seed, each with a key of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from models.errors import Problem
from models.station.instance import Instance
from optimizer.bench.contenders.entrants import WHERE, Entrant
from optimizer.bench.contest.child_process import grace_seconds
from optimizer.bench.library.library import cases, load_case
from optimizer.bench.records.contender import Limits
from optimizer.bench.records.machine import machine
from optimizer.bench.records.run_record import FORMAT, RunRecord
from optimizer.files.errors import InputErrors
from optimizer.files.versions import versions
from optimizer.formats.content_hash import instance_hash

KEY_FIELDS = (
    "instance_hash", "contender", "formulation", "solver", "options", "seed", "gap_asked", "time_limit_seconds",
    "memory_limit_mb", "versions",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """An instance that is run, of exactly one night, with its name in the library, family and step of the ladder."""

    name: str
    instance: Instance
    family: str = ""
    size: str = ""


def entries_of(asked: str, library_folder: Path) -> list[Entry]:
    """What a suite, an instance of the library, an instance file or a folder of them has. Raises InputErrors."""
    return [Entry(case.name, load_case(case), case.family, case.size) for case in cases(asked, library_folder)]


@dataclass(frozen=True)
class Protocol:
    """What every run is given. `seeds`: 0, 1, ... of the solver; `memory_mb` beyond what the imports hold, or None.

    `grace_seconds`: beyond the time limit, before a contender is killed; None for the rule of `process`.
    """

    suite: str
    time_limit_seconds: float = 60.0
    gap: float = 0.0001
    seeds: int = 1
    memory_mb: int | None = None
    grace_seconds: float | None = None

    @property
    def grace(self) -> float:
        """Seconds beyond the time limit, before a contender is killed."""
        return grace_seconds(self.time_limit_seconds) if self.grace_seconds is None else self.grace_seconds


@dataclass(frozen=True)
class Trial:
    """One run to be made. `blank`: its record as far as it is known beforehand."""

    entry: Entry
    entrant: Entrant
    limits: Limits
    blank: RunRecord


def all_trials(protocol: Protocol, entries: Sequence[Entry], entrants: Sequence[Entrant]) -> Iterator[Trial]:
    """Every run in order: by instance, contender, seed. Raises InputErrors where two instances have one name."""
    _check_names(entries)
    ours, here = versions(), machine()
    of_entrant = [_told_versions(entrant) for entrant in entrants]
    for entry in entries:
        digest = instance_hash(entry.instance)
        for entrant, theirs in zip(entrants, of_entrant, strict=True):
            made_with = ours | theirs | dict(entrant.versions)
            # without a solver, named by itself or by its versions, it does the same whatever the seed
            for seed in range(protocol.seeds if entrant.contender.solver or theirs else 1):
                limits = Limits(protocol.gap, protocol.time_limit_seconds, seed)
                yield Trial(
                    entry, entrant, limits, blank_record(entry, digest, entrant, protocol, seed, made_with, here)
                )


def _told_versions(entrant: Entrant) -> dict[str, str]:
    """What the contender says of its solver. Raises InputErrors where it fails at that."""
    try:
        return {str(name): str(version) for name, version in entrant.contender.versions().items()}
    except Exception as error:
        rule = f"cannot tell its versions ({type(error).__name__}: {error})"
        remedy = "versions() gives texts by name, {} for none"
        raise InputErrors(WHERE, [Problem("", entrant.spec, rule, remedy)]) from None


def _check_names(entries: Sequence[Entry]) -> None:
    """Records are distinguished by the instance's name."""
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        rule, remedy = "is the name of several instances of this run", "give each instance a name of its own"
        raise InputErrors("SUITE", [Problem("name", name, rule, remedy) for name in twice])


def blank_record(
    entry: Entry,
    digest: str,
    entrant: Entrant,
    protocol: Protocol,
    seed: int,
    versions: Mapping[str, str],
    machine: Mapping[str, str],
) -> RunRecord:
    """What is known of a run before it is made, its key included. `digest`: the instance's hash."""
    night, contender = entry.instance.nights[0], entrant.contender
    blank = RunRecord(
        format=FORMAT,
        version=1,
        key="",
        suite=protocol.suite,
        instance=entry.name,
        instance_hash=digest,
        family=entry.family,
        size=entry.size,
        packs=len(night.station.packs),
        slots=night.horizon.slots,
        swaps=len(night.station.swaps),
        contender=contender.name,
        formulation=contender.formulation,
        solver=contender.solver,
        options={str(name): str(value) for name, value in sorted(contender.options.items())},
        seed=seed,
        gap_asked=protocol.gap,
        time_limit_seconds=protocol.time_limit_seconds,
        memory_limit_mb=protocol.memory_mb,
        status="NA",
        versions=dict(sorted(versions.items())),
        machine=dict(machine),
        began="",
    )
    return structs.replace(blank, key=run_key(blank))


def run_key(record: RunRecord) -> str:
    """ "sha256:" and 64 hexadecimal digits over all that a run depends on, the machine aside."""
    asked = {name: getattr(record, name) for name in KEY_FIELDS}
    return "sha256:" + hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
