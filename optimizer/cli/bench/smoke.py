"""The command `bench smoke`: the smallest suite, compared with committed values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.bench.names import contenders_asked
from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_NO, print_result, progress_line, say, stdout_kept
from optimizer.cli.progress_log import progress_or_log
from optimizer.cli.workers import stopping

if TYPE_CHECKING:
    from optimizer.bench.contest.runner import Bench
    from optimizer.bench.ledger.checked_plan import Finding
    from optimizer.bench.records.run_record import RunRecord


@click.command(epilog="Example: swapcharge bench smoke --contenders engine")
@click.option(
    "--contenders",
    metavar="A,B,...",
    help="Names listed by bench contenders.  [default: the engine and the reference model]",
)
@library_option
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Runs at the same time.  [default: the cores]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def smoke(contenders: str | None, folder: Path, jobs: int | None, as_json: bool) -> None:
    """Run the suite smoke and compare objectives and proofs, never times, with those in smoke.json.

    It takes less than a minute. Exit code 1, and a line for each difference, if a value is not the committed one.
    """
    from optimizer.bench.smoke import CONTENDERS, differences, read_smoke, run_smoke
    from optimizer.runs.network_run import Stop
    from optimizer.workers.worker import cores

    names = CONTENDERS if contenders is None else contenders_asked(contenders)
    values, stop = read_smoke(folder), Stop()
    with stdout_kept(), stopping(stop, lambda: False):
        records = run_smoke(folder, names, jobs or cores(), stop, _reporter())
    progress_line()("")
    if stop.is_asked:
        say("interrupted: nothing was compared", to_stderr=True)
        sys.exit(EXIT_INTERRUPTED)
    found = list(differences(values, records))
    _print_findings(found, records, as_json)
    sys.exit(EXIT_NO if found else 0)


def _reporter() -> Callable[[Bench], None]:
    show = progress_or_log()
    return lambda bench: show(f"{len(bench.records):,} of {len(bench.trials):,} runs; now {'; '.join(bench.now)}")


def _print_findings(found: Sequence[Finding], records: Sequence[RunRecord], as_json: bool) -> None:
    from optimizer.files.plain_text import counted

    ran = [record for record in records if record.status != "NA"]
    if as_json:
        result = {"ok": not found, "runs": len(ran), "differences": [finding.as_json() for finding in found]}
        print_result(result)
        return
    for finding in found:
        say(str(finding))
    runs, proven = counted(len(ran), "run"), sum(record.is_solved for record in ran)
    as_committed = "all as committed" if not found else counted(len(found), "difference")
    say(f"Smoke: {runs}, {proven:,} proven optimal; {as_committed}.")
