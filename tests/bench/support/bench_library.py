"""The library of instances as the generators make it: library.json, and the files that are stored.

`make library` writes what is new. An instance that is in library.json already keeps its
hash: where its content would change, nothing is written, for a change of an instance needs a new name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import bench_mini
import msgspec
from paths import INSTANCES

from models.station.instance import Instance
from optimizer.bench.library.families import FAMILIES, family_instance
from optimizer.bench.library.library import LIBRARY, read_library
from optimizer.bench.library.library_document import (
    FORMAT,
    EntryDocument,
    FamilyDocument,
    GeneratedDocument,
    LibraryDocument,
    SuiteDocument,
)
from optimizer.bench.library.library_rules import made_of
from optimizer.files.json_text import indented_document
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance, read_instance

FOLDER = INSTANCES / "bench"
SEED = 1
LICENCE = "CC BY 4.0 or MIT, as this project"
STORED_SIZES, MOST_STORED_BYTES = ("xs", "s", "m"), 25_000
DEPOTS = ((20, 10), (100, 50), (150, 60), (200, 80), (300, 110), (400, 140))
TINY = (
    "acceptance", "demand-charge-peak-so-far", "fewer-chargers-than-packs", "lost-swap-cheaper",
    "metering-over-two-slots", "min-power", "negative-price", "on-off-partial-last-slot", "plug-change-cost",
    "reserve-shortfall-cheaper", "two-types", "wear",
)  # fmt: skip
SMOKE_TINY = (
    "demand-charge-peak-so-far", "lost-swap-cheaper", "on-off-partial-last-slot", "plug-change-cost", "two-types",
)  # fmt: skip
SMOKE_FAMILIES = (
    "ordinary", "two-types", "on-off", "negative-prices",
)  # fmt: skip
OTHERS = (
    FamilyDocument(
        id="real",
        purpose="nights from published prices, arrivals, packs and chargers: what the families are drawn after",
        hard="what real nights have: several things at once",
        provenance="instances/real/README.md",
        licence="MIT; prices and arrivals as packaged by EV2Gym 2.0.0, MIT, © 2023 Stavros Orfanoudakis; charging"
        " curves MIT, © 2024 Hao",
    ),
    FamilyDocument(
        id="tiny",
        purpose="optima worked out by hand: whether a contender is right at all",
        hard="nothing: one rule binds in each",
        provenance="invented; instances/tiny/README.md",
        licence=LICENCE,
    ),
    FamilyDocument(
        id="depot",
        purpose="look-alikes of the central depots of arXiv 2505.07047, the only published instances near our problem",
        hard="hundreds of packs, whole hours, a cap on switches; ports that can be swapped for each other",
        provenance="drawn as the paper draws: prices, windows, need of packs; no published file is in here",
        licence=LICENCE,
    ),
)


def entries() -> Iterator[EntryDocument]:
    """Every instance, as it is made today."""
    for family, told in FAMILIES.items():
        for size in told.ladder:
            yield _drawn(family, size)
    for packs, ports in DEPOTS:
        given = GeneratedDocument(generator="depot", seed=SEED, packs=packs, ports=ports)
        yield _generated("depot", f"{packs}-{ports}", given)
    for path in sorted((FOLDER.parent / "real").glob("*.json")):
        yield _of_file("real", path.stem, f"../real/{path.name}", "day")
    for name in TINY:
        yield _of_file("tiny", name, f"../tiny/{name}.json", "tiny")


def _drawn(family: str, size: str) -> EntryDocument:
    text = stored_text(family, size)
    if text is None:
        return _generated(family, size, GeneratedDocument(generator="family", seed=SEED))
    name = f"{family}-{size}-{SEED}"
    return _entry(name, family, size, _built(msgspec.json.decode(text)), file=f"{name}.json")


def stored_text(family: str, size: str) -> bytes | None:
    """The file of an instance of a family; None where it is generated whenever it is needed."""
    text = indented_document(family_instance(family, size, SEED))
    return text if size in STORED_SIZES and len(text) <= MOST_STORED_BYTES else None


def _generated(family: str, size: str, given: GeneratedDocument) -> EntryDocument:
    shell = EntryDocument(name="", family=family, size=size, hash="", packs=0, slots=0, swaps=0, generated=given)
    instance = _built(made_of(shell))
    return _entry(instance.name, family, size, instance, generated=given)


def _of_file(family: str, name: str, file: str, size: str) -> EntryDocument:
    return _entry(name, family, size, read_instance(FOLDER / file), file=file)


def _built(document: dict[str, Any]) -> Instance:
    return build_instance(msgspec.convert(document, InstanceDocument), Path())


def _entry(name: str, family: str, size: str, instance: Instance, **source: Any) -> EntryDocument:
    (night,) = instance.nights
    return EntryDocument(
        name=name,
        family=family,
        size=size,
        hash=instance_hash(instance),
        packs=len(night.station.packs),
        slots=night.horizon.slots,
        swaps=len(night.station.swaps),
        **source,
    )


def suites(all_: list[EntryDocument]) -> tuple[SuiteDocument, ...]:
    """The suites, each in the order of the library."""

    def suite(name: str, purpose: str, chosen: Iterable[EntryDocument]) -> SuiteDocument:
        return SuiteDocument(id=name, purpose=purpose, instances=tuple(entry.name for entry in chosen))

    smoke = {*SMOKE_TINY, *(f"{family}-xs-{SEED}" for family in SMOKE_FAMILIES)}
    mini = bench_mini.choose(bench_mini.read_features())
    return (
        suite("smoke", "a minute's check that everything works", (one for one in all_ if one.name in smoke)),
        suite("mini", "twenty of all difficulties, each unlike the others", (one for one in all_ if one.name in mini)),
        suite("small", "xs and s of every family", (one for one in all_ if one.size in ("xs", "s"))),
        suite("medium", "m of every family", (one for one in all_ if one.size == "m")),
        suite("large", "l of every family", (one for one in all_ if one.size == "l")),
        suite("library", "all but the depots", (one for one in all_ if one.family != "depot")),
        suite("depot", "the depots", (one for one in all_ if one.family == "depot")),
        suite("full", "everything", all_),
    )


def library() -> LibraryDocument:
    """The whole library."""
    made = list(entries())
    drawn = tuple(
        FamilyDocument(id=one.id, purpose=one.purpose, hard=one.hard, provenance=one.provenance, licence=LICENCE)
        for one in FAMILIES.values()
    )
    return LibraryDocument(
        format=FORMAT, version=1, families=(*drawn, *OTHERS), instances=tuple(made), suites=suites(made)
    )


def library_text() -> bytes:
    """The whole library as its file has it: keys that are null are left out."""
    plain = msgspec.to_builtins(library())
    plain["instances"] = [{k: v for k, v in one.items() if v is not None} for one in plain["instances"]]
    for one in plain["instances"]:
        if "generated" in one:
            one["generated"] = {k: v for k, v in one["generated"].items() if v is not None}
    return indented_document(plain)


def changed(folder: Path = FOLDER) -> list[str]:
    """Names of instances whose content would become another."""
    if not (folder / LIBRARY).exists():
        return []
    known = read_library(folder).entries
    return [one.name for one in entries() if one.name in known and known[one.name].hash != one.hash]


def update() -> None:
    """Write the stored files and library.json, unless the content of a name would change."""
    if names := changed():
        sys.exit(f"a change of an instance needs a new name: {', '.join(names)}")
    for family, told in FAMILIES.items():
        for size in told.ladder:
            if text := stored_text(family, size):
                (FOLDER / f"{family}-{size}-{SEED}.json").write_bytes(text)
    (FOLDER / LIBRARY).write_bytes(library_text())


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: make library")
    update()
    print(f"{len(read_library(FOLDER).entries)} instances in {FOLDER / LIBRARY}")
