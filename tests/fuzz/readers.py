"""The readers of the repository, each with the small files it is tried on. Not a test file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import builders as make
from paths import DATA, INSTANCES

from models.errors import InvalidData
from models.station.instance import Instance
from models.station.pack_type import PackType
from models.tariff.bill import History, Load
from optimizer.bench.ledger.ledger_file import read_ledger
from optimizer.bench.library.library import read_library
from optimizer.bench.records.results_folder import read_results
from optimizer.bench.smoke import read_smoke
from optimizer.bench.speed.baseline import read_baseline
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import decode, plain_json
from optimizer.files.read_write import read_bytes
from optimizer.forecast.history import parse_history
from optimizer.formats.network_file import read_network
from optimizer.formats.plan_file import read_plan
from optimizer.formats.read_instance import parse_instance, read_instance
from optimizer.formats.study_document import SwapDefaultsDocument
from optimizer.formats.tariff_file import read_tariff, tariff_file
from optimizer.generate.depot import read_depot
from optimizer.history.runs import compare_runs, read_runs
from optimizer.imports.events.document import parse_events
from optimizer.imports.events.into_instance import EventOptions, with_events
from optimizer.imports.mapping import read_mapping
from optimizer.imports.network import NetworkFiles, NetworkOptions, import_network
from optimizer.imports.swap_history import logged_swaps
from optimizer.programmes.solution_text import read_solution
from optimizer.runs.folder import read_station_rows, read_summary
from optimizer.studies.folder import read_study_folder
from optimizer.studies.night_record import NightRecord, is_as_sealed
from optimizer.studies.study_file import parse_study
from optimizer.studies.swap_log import parse_swaps
from optimizer.tables.reading import Reading
from optimizer.tariffs.bill_load import bill_load, parse_peaks
from optimizer.tariffs.import_tariff import ImportOptions, import_tariff
from optimizer.tariffs.load_file import parse_load
from optimizer.tariffs.show_tariff import show_text, unpriced

PEAK_TARIFF = make.tariff(demand_charges=(make.demand("peak"),))
SEEDS = DATA / "fuzz"  # the inputs of a campaign of 28 November 2026
WHOLE = SEEDS / "whole"  # such as a reader takes
SOLVERS = ("highs", "scip", "cbc", "glpk", "glpk-lp", "gurobi")
URDB = ImportOptions(time_zone="America/Los_Angeles", id="x", source="x")
ENTSOE = ImportOptions(currency="EUR", id="x", source="x")
NIO = PackType("nio-100", 100.0, 0.95, 0.9)
DEFAULTS = SwapDefaultsDocument(type=NIO.id, lost_cost=9.0)
DAY_DATA = (INSTANCES / "real" / "nl-winter-day.json").read_bytes()
DAY: Instance = parse_instance(DAY_DATA, "evening", INSTANCES / "real")
DAY_PLAIN: Any = plain_json(DAY_DATA)
MARKET = ImportOptions(time_zone="Europe/Amsterdam", currency="EUR", id="x", source="x", given={"unit": "per_MWh"})


class Reader(NamedTuple):
    """`read` is called with the path of `seed`, a file or folder, in which a file like `files` is damaged."""

    name: str
    seed: Path
    files: str
    read: Callable[[Path], object]


def _tariff(path: Path) -> object:
    options = ENTSOE if "entsoe" in path.name else MARKET if path.suffix == ".csv" else URDB
    return import_tariff(read_bytes(path), path.name, None, options)


def _billed(path: Path) -> object:
    """A rate with limits, dates and attributes, and a bill under it."""
    file = tariff_file(import_tariff(read_bytes(path), path.name, None, URDB).document, path.name)
    return bill_load(file, Load(datetime(2022, 1, 1, tzinfo=UTC), 60, (300.0,) * 48), ("t", "l"), None, History())


def _swaps(path: Path) -> object:
    return parse_swaps(
        read_bytes(path), path.name, ["S"], {NIO.id: NIO}, SwapDefaultsDocument(type=NIO.id, lost_cost=9.0)
    )


def _peaks(path: Path) -> object:
    return parse_peaks(read_bytes(path), path.name, PEAK_TARIFF)


def _load(path: Path) -> object:
    return parse_load(read_bytes(path), path.name, Reading(ZoneInfo("America/Los_Angeles")))


def _solution(path: Path) -> object:
    return read_solution(
        path.read_text(encoding="utf-8", errors="replace"), ["power_0", "power_1", "serves_0"], path.name
    )


def _study(path: Path) -> object:
    return parse_study(read_bytes(path), path.name, INSTANCES)


def _records(folder: Path) -> object:
    """As a study does it that goes on: what is none, or was changed since, is planned again."""
    for path in (folder / "nights").iterdir():
        is_as_sealed(decode(read_bytes(path), NightRecord))
    return folder


def _logged_swaps(path: Path) -> object:
    return parse_history(path.read_bytes(), path.name, None, datetime(2030, 1, 1, tzinfo=UTC))


def _events(path: Path) -> object:
    try:
        return with_events(DAY_PLAIN, DAY, parse_events(path.read_bytes(), path.name), EventOptions())
    except InvalidData as error:
        raise InputErrors(path.name, error.problems) from None


def _ocpp_log(path: Path) -> object:
    return logged_swaps(path.read_bytes(), path.name, ZoneInfo("Europe/Berlin"), {"*": "nmc-75"})


def _tables(folder: Path) -> object:
    """A network's tables, of which one is damaged."""
    files = {name: str(folder / f"{name}.csv") for name in ("stations", "packs", "types", "expected", "reservations")}
    options = NetworkOptions(datetime(2030, 1, 1, tzinfo=UTC), date(2025, 11, 24))
    tariffs = (str(folder / "tariffs.csv"),)
    return import_network(NetworkFiles(**files, tariffs=tariffs, mapping=str(folder / "mapping.toml")), options)


def _network(path: Path) -> object:
    """Every station is decoded; a broken one costs itself only."""
    network = read_network(path)
    for index in range(len(network.stations)):
        with suppress(InputErrors):
            network.night(index)
    return network


READERS = [
    Reader("instance", DATA, "every-key.json", lambda folder: read_instance(folder / "every-key.json")),
    Reader("series", DATA, "prices.csv", lambda folder: read_instance(folder / "every-key.json")),
    Reader("network", SEEDS / "07-network.json", "", _network),
    Reader("plan", SEEDS / "07-run-summary-nested", "plans/S0*", lambda run: read_plan(next(run.glob("plans/S0*")))),
    Reader("tariff", DATA / "every-key-tariff.json", "", read_tariff),
    Reader(
        "tariff-shown",
        DATA / "every-key-tariff.json",
        "",
        lambda path: show_text(one := read_tariff(path), unpriced(one)),
    ),
    Reader("urdb-terms", DATA / "urdb-terms.json", "", _billed),
    Reader("urdb", INSTANCES / "urdb" / "pge-bev-2-s.json", "", _tariff),
    Reader("market", INSTANCES / "real" / "nl-day-ahead-2023-07-02.csv", "", _tariff),
    Reader("entsoe", WHOLE / "entsoe.csv", "", _tariff),
    Reader("swaps", WHOLE / "swaps.csv", "", _swaps),
    Reader("logged-swaps", INSTANCES / "real" / "highway-swaps.csv", "", _logged_swaps),
    Reader("ocpp-log", INSTANCES / "logs" / "battery-swaps.jsonl", "", _ocpp_log),
    Reader("events", INSTANCES / "events" / "capacity-limit.json", "", _events),
    Reader("events-3.1", INSTANCES / "events" / "critical-price.json", "", _events),
    Reader("tables", WHOLE / "tables", "*.csv", _tables),
    Reader("mapping", WHOLE / "tables" / "mapping.toml", "", lambda path: read_mapping(str(path))),
    Reader("peaks", WHOLE / "peaks.json", "", _peaks),
    Reader("load", INSTANCES / "tariffs" / "load-week.csv", "", _load),
    Reader("table-pge", DATA / "tables" / "load-pge.csv", "", _load),
    Reader("table-xml", DATA / "tables" / "load-greenbutton.xml", "", _load),
    Reader("table-wide", DATA / "tables" / "prices-epex-wide.csv", "", _tariff),
    Reader("table-digits", DATA / "tables" / "prices-awattar.csv", "", _tariff),
    Reader("study", SEEDS / "03-study-long-number.toml", "", _study),
    Reader("run", SEEDS / "08-run-rows-long-number", "summary.json", read_summary),
    Reader("run-rows", SEEDS / "08-run-rows-long-number", "stations.csv", read_station_rows),
    Reader("study-folder", SEEDS / "09-study-nights-long-number", "*.*", read_study_folder),
    Reader("night-record", WHOLE / "study", "nights/*", _records),
    Reader("history", SEEDS / "11-history-null-folder.sqlite", "", read_runs),
    Reader("results", SEEDS / "10-bench-record-negative-seconds", "runs/*", read_results),
    Reader("library", INSTANCES / "bench", "library.json", read_library),
    Reader("ledger", INSTANCES / "bench", "ledger.json", read_ledger),
    Reader("smoke", INSTANCES / "bench", "smoke.json", read_smoke),
    Reader("speed", INSTANCES / "bench", "speed.json", read_baseline),
    Reader("glpk-long", SEEDS / "04-glpk-long-index.sol", "", _solution),
    Reader("gzip", WHOLE / "instance.json.gz", "", read_instance),
    Reader("real-study", INSTANCES / "california.toml", "", _study),
    Reader("whole-run", WHOLE / "run", "summary.json", read_summary),
    Reader("whole-rows", WHOLE / "run", "stations.csv", read_station_rows),
    Reader("whole-study", WHOLE / "study", "*.*", read_study_folder),
    Reader("whole-history", WHOLE / "history.sqlite", "", read_runs),
    Reader("comparison", WHOLE / "history.sqlite", "", lambda path: compare_runs(path, "1", "1")),
    Reader("whole-results", WHOLE / "results", "runs/*", read_results),
    Reader("depot", WHOLE / "depot.json", "", read_depot),
    *(Reader(f"sol-{solver}", WHOLE / f"{solver}.sol", "", _solution) for solver in SOLVERS),
]
