"""Plans apart from proofs: how far above the best known each contender's lie, be its bound weak or none."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, median

from models.station.cost import gap_between
from optimizer.bench.records.metrics import FAILED, NO_GAP
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.comparison_tables import NOTHING, tried_on
from optimizer.bench.report.contents import Paragraph, Section, Table, heads
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import Cell, percent_cell

WORDS = (
    "What a plan costs above the best one known, of any run here or of the ledger, as a share of its gross cost. Runs "
    "without a plan that keeps every rule count by their number only."
)


def plan_section(of: ComparedRuns) -> Iterator[Section]:
    """Who has which plans; nothing where no run has one."""
    if of.best and of.tried:
        yield Section("Who has the cheapest plans", [Paragraph(WORDS), _plans(of), _plans_by_instance(of)])


def excess(of: ComparedRuns, run: RunRecord) -> float | None:
    """What a run's plan costs above the best known, as a share of its gross cost (where that is 0, 100 %); None: it has
    no plan."""
    if run.objective is None or run.status in FAILED:
        return None
    share = gap_between(run.objective, of.best[run.instance_hash], run.gross_cost or 0.0)
    return NO_GAP if share is None else share


def _plans(of: ComparedRuns) -> Table:
    """A row a contender, over the common runs: most plans first, then the least mean."""
    names = ("contender", "runs with a plan", "as cheap as the best", "mean above the best", "median", "worst")
    shares = {
        name: [share for run in of.runs_on(name, of.common) if (share := excess(of, run)) is not None]
        for name in of.tried
    }
    ordered = sorted(of.tried, key=lambda name: (-len(shares[name]), fmean(shares[name] or [0.0]), name))
    rows = [_row(name, shares[name], len(of.common)) for name in ordered]
    return Table(f"Plans, on {counted(len(of.common), 'common run')}", heads(*names), rows)


def _row(name: str, shares: list[float], runs: int) -> list[Cell]:
    found = Cell(f"{len(shares):,} of {runs:,}", len(shares))
    if not shares:
        return [Cell(name), found, *[NOTHING] * 4]
    best = sum(share == 0 for share in shares)
    spread = (percent_cell(value) for value in (fmean(shares), median(shares), max(shares)))
    return [Cell(name), found, Cell(f"{best:,} of {runs:,}", best), *spread]


def _plans_by_instance(of: ComparedRuns) -> Table:
    """Of several seeds the median of those that have a plan."""
    rows = []
    for instance in of.instances:
        row = [Cell(instance.instance)]
        for name in of.tried:
            told = [excess(of, run) for run in tried_on(of, name, instance)]
            shares = [share for share in told if share is not None]
            row.append(percent_cell(median(shares)) if shares else Cell("no plan") if told else NOTHING)
        rows.append(row)
    return Table("Above the best plan, by instance", heads("instance", *of.tried), rows)
