"""`bench smoke`: a suite small enough to run after every change, compared with committed values.

Objectives and proofs are compared, times never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from msgspec import Meta

from models.errors import InvalidData
from models.tolerances import money_tolerance
from optimizer.bench.contenders.entrants import entrants
from optimizer.bench.contest.runner import Bench
from optimizer.bench.contest.trial import Protocol, entries_of
from optimizer.bench.ledger.checked_plan import Finding
from optimizer.bench.ledger.ledger_file import known_values
from optimizer.bench.records.results_folder import open_results
from optimizer.bench.records.run_record import RunRecord
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode
from optimizer.files.read_write import read_bytes
from optimizer.formats.document_types import Document
from optimizer.runs.network_run import Stop

VALUES, SUITE = "smoke.json", "smoke"
GAP, TIME_LIMIT_SECONDS = 1e-6, 30.0
CONTENDERS = ("engine", "reference:highs")
FORMAT: Literal["swapcharge-bench-smoke"] = "swapcharge-bench-smoke"


class SmokeValue(Document, frozen=True, kw_only=True):
    """What one contender gives."""

    objective: Annotated[float, Meta(description="currency: recomputed by the checker")]
    is_optimal: Annotated[bool, Meta(description="does it prove that no plan costs less?")]


class SmokeInstance(Document, frozen=True, kw_only=True):
    """What the contenders give on one instance."""

    name: Annotated[str, Meta(description="name of the instance in the library")]
    hash: Annotated[str, Meta(description="sha256 over all that the instance says")]
    optimum: Annotated[float | None, Meta(description="currency: the least that any plan costs; null: not proven")]
    contenders: Annotated[dict[str, SmokeValue], Meta(description="values by name of the contender")]


class SmokeDocument(Document, frozen=True, kw_only=True):
    """A file of values."""

    format: Annotated[Literal["swapcharge-bench-smoke"], Meta(description='the text "swapcharge-bench-smoke"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    instances: Annotated[tuple[SmokeInstance, ...], Meta(description="the instances")]


def read_smoke(folder: Path) -> SmokeDocument:
    """The committed values beside a library. Raises InputErrors."""
    path = folder / VALUES
    try:
        return decode(read_bytes(path), SmokeDocument)
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None


def run_smoke(
    folder: Path,
    names: Sequence[str],
    jobs: int,
    stop: Stop | None = None,
    report: Callable[[Bench], None] = lambda bench: None,
) -> list[RunRecord]:
    """The suite `smoke` of the library in `folder`, run by these contenders, `jobs` at the same time; nothing is kept.

    Fewer records than runs where `stop` was asked. Raises InputErrors for what is wrong with the library, the ledger
    or the names.
    """
    entries, who, known = entries_of(SUITE, folder), entrants(names), known_values(folder)
    with TemporaryDirectory(prefix="swapcharge-smoke-") as place:
        results = open_results(Path(place) / "results")
        try:
            protocol = Protocol(SUITE, TIME_LIMIT_SECONDS, GAP)
            bench = Bench(protocol, entries, who, results, known, jobs, stop or Stop(), report)
            return bench.run()
        finally:
            results.close()


def differences(values: SmokeDocument, records: Sequence[RunRecord]) -> Iterator[Finding]:
    """A line for each value that is not the committed one.

    A contender without committed values is held against the optimum alone. A run that is NA, not for this night or
    not installed, is no difference unless it has a committed value.
    """
    known = {instance.name: instance for instance in values.instances}
    for record in records:
        if record.instance not in known:
            yield _finding(record, "has no committed value")
        elif record.instance_hash != (hash_ := known[record.instance].hash):
            yield _finding(record, f"ran on {record.instance_hash}, the committed values are of {hash_}")
        elif record.status != "NA" or record.contender in known[record.instance].contenders:
            yield from _run_differences(known[record.instance], record)
    ran = {record.instance for record in records}
    yield from (Finding(name, "suite", "has committed values and did not run") for name in known if name not in ran)


def _run_differences(known: SmokeInstance, record: RunRecord) -> Iterator[Finding]:
    value = known.contenders.get(record.contender)
    if record.status != "OK" or record.objective is None:
        yield _finding(record, f"status {record.status}: {record.reason or 'no plan'}")
        return
    tolerance = max(GAP * abs(record.gross_cost or 0.0), money_tolerance(record.objective))
    if value is not None and abs(record.objective - value.objective) > tolerance:
        yield _finding(record, f"objective {record.objective!r}, committed {value.objective!r}")
    if value is not None and value.is_optimal and not record.is_solved:
        yield _finding(record, f"proves the optimum no more (gap {record.gap!r})")
    if known.optimum is not None:
        yield from _optimum_differences(known.optimum, record, tolerance)


def _optimum_differences(optimum: float, record: RunRecord, tolerance: float) -> Iterator[Finding]:
    assert record.objective is not None
    if record.objective < optimum - tolerance:
        yield _finding(record, f"objective {record.objective!r} lies below the committed optimum {optimum!r}")
    elif record.is_solved and record.objective > optimum + tolerance:
        yield _finding(record, f"says optimal at {record.objective!r}, the committed optimum is {optimum!r}")
    if record.bound is not None and record.bound > optimum + tolerance:
        yield _finding(record, f"bound {record.bound!r} lies above the committed optimum {optimum!r}")


def _finding(record: RunRecord, text: str) -> Finding:
    return Finding(record.instance, record.contender, text)
