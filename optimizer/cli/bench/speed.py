"""The command `bench speed`: processor seconds of small workloads, held against a committed baseline."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from optimizer.cli.bench.library_option import WHERE
from optimizer.cli.bench.names import names_asked
from optimizer.cli.output import EXIT_NO, print_result, say
from optimizer.cli.progress_log import progress_or_log


@click.command(epilog="Example: swapcharge bench speed --workloads plain,demand")
@click.option("--workloads", "asked", metavar="A,B,...", help="Names of workloads.  [default: all]")
@click.option(
    "--rounds", type=click.IntRange(1, 1000), default=3, show_default=True, metavar="N", help="Runs of each workload."
)
@click.option(
    "--noise",
    type=click.FloatRange(0, 10),
    default=0.1,  # what the least of a few runs varies by, and processors differ in
    show_default=True,
    help="Share of the baseline that is put down to the machine, beside the loss of 0.25.",
)
@click.option("--update", is_flag=True, help="Write what is measured as the new baseline.")
@click.option("--library", "asked_folder", metavar="FOLDER", help=f"Folder of the library.  [default: {WHERE}]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def speed(asked: str | None, rounds: int, noise: float, update: bool, asked_folder: str | None, as_json: bool) -> None:
    """Measure processor seconds of small workloads and compare them with those in speed.json.

    They are told as ratios to a calibration, fixed work that is run between the workloads, so that machines can be
    compared. Of several runs the least counts; what seems slower is run up to six times more. It takes about half a
    minute. Exit code 1 if a workload is more than 25 % slower than its baseline, noise apart.
    """
    from optimizer.bench.library.place import library_folder, writable_folder
    from optimizer.bench.speed.baseline import BASELINE, most_allowed, read_baseline, write_baseline
    from optimizer.bench.speed.calibration import calibration
    from optimizer.bench.speed.measure import SpeedMeter, measured
    from optimizer.bench.speed.workloads import NAMES, workloads

    names = names_asked(asked, NAMES, "--workloads", "workload")
    place = writable_folder(asked_folder) if update else library_folder(asked_folder)
    known = {} if update and not (place / BASELINE).exists() else read_baseline(place)
    show = progress_or_log()
    meter = SpeedMeter(calibration(), on_run=lambda name: show(f"measuring {name}"))
    most = {} if update else most_allowed(known, noise)
    ratios = measured(meter, workloads(place, names), rounds, most)
    show("")
    if update:
        write_baseline(place, {name: ratio for name in NAMES if (ratio := (known | ratios).get(name)) is not None})
    _print(ratios, known, most, meter.unit_seconds, as_json, is_update=update)


def _print(
    ratios: Mapping[str, float],
    known: Mapping[str, float],
    most: Mapping[str, float],
    unit_seconds: float,
    as_json: bool,
    *,
    is_update: bool,
) -> None:
    """What was measured; ends the process with exit code 1 where a workload is too slow."""
    from optimizer.bench.speed.baseline import is_loss
    from optimizer.files.plain_text import counted, table

    losses = [] if is_update else [name for name, ratio in ratios.items() if is_loss(name, ratio, most)]
    if as_json:
        print_result(_plain(ratios, known, most, losses, unit_seconds))
    else:
        rows = [("workload", "baseline", "now", "change")]
        rows += [
            (name, _ratio(known.get(name)), _ratio(now), _change(now, known.get(name))) for name, now in ratios.items()
        ]
        verdict = f"too slow: {_named(losses, most)}" if losses else "none is too slow"
        end = "written as the baseline" if is_update else verdict
        unit = f"in units of a calibration of {unit_seconds:.3f} s"
        say("\n".join([*table(rows), f"Speed: {counted(len(ratios), 'workload')} {unit}; {end}."]))
    sys.exit(EXIT_NO if losses else 0)


def _plain(
    ratios: Mapping[str, float],
    known: Mapping[str, float],
    most: Mapping[str, float],
    losses: list[str],
    unit_seconds: float,
) -> dict[str, Any]:
    rows = [
        {"name": name, "baseline": known.get(name), "ratio": ratio, "most": most.get(name), "is_loss": name in losses}
        for name, ratio in ratios.items()
    ]
    return {"ok": not losses, "calibration_seconds": unit_seconds, "workloads": rows}


def _named(losses: Sequence[str], most: Mapping[str, float]) -> str:
    return ", ".join(name if name in most else f"{name} (no baseline)" for name in losses)


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _change(now: float, was: float | None) -> str:
    return "new" if was is None else f"{round(100 * (now / was - 1)):+d} %"
