"""Studies for `bench speed`: some nights of a generated station under four tariffs, one by one and together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from optimizer.engine.options import RunOptions
from optimizer.generate.draw_network import network_text
from optimizer.studies.folder import open_study
from optimizer.studies.results import write_results
from optimizer.studies.study import Study, StudyTariff
from optimizer.studies.study_file import read_study
from optimizer.studies.study_run import StudyRun
from optimizer.workers.inline_pool import InlinePool

STATION, SEED, DAY, NIGHTS = 3, 4, date(2026, 7, 1), 7
TARIFFS = ("zhejiang-demand", "chengdu-demand", "shandong", "zhejiang")


def station_study() -> Study:
    """The study of one station under all of TARIFFS."""
    network = json.loads(b"".join(network_text(STATION, SEED, DAY)))
    network["stations"] = network["stations"][-1:]
    rows = [f'[[tariffs]]\nid = "{name}"' for name in TARIFFS]
    head = f'format = "swapcharge-study"\nversion = 1\nname = "speed"\ninstance = "day.json"\nfirst_night = {DAY}\n'
    with TemporaryDirectory(prefix="swapcharge-speed-") as folder:
        (Path(folder) / "day.json").write_text(json.dumps(network))
        path = Path(folder) / "study.toml"
        path.write_text("\n".join([f"{head}nights = {NIGHTS}", *rows, ""]))
        return read_study(path).study


def study_one_by_one(study: Study, seconds: float) -> float:
    """A study for each tariff, `seconds` a night at most."""
    for one in study.tariffs:
        _study(study, [one], seconds)
    return 0.0


def study_together(study: Study, seconds: float) -> float:
    """One study of all tariffs."""
    _study(study, study.tariffs, seconds)
    return 0.0


def _study(study: Study, tariffs: Sequence[StudyTariff], seconds: float) -> None:
    """As `study` makes it, without its processes."""
    with TemporaryDirectory(prefix="swapcharge-speed-") as path:
        folder = open_study(Path(path))
        try:
            asked = replace(study, tariffs=tuple(tariffs))
            run = StudyRun(asked, RunOptions(time_limit_seconds=seconds), {}, folder, InlinePool())
            run.work()
            write_results(run)
        finally:
            folder.close()
