"""The command `bench library`: the library's instances, as tables or as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.output import print_result, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.bench.library.library import Library
    from optimizer.bench.library.library_document import EntryDocument

COLUMNS = ("instance", "family", "size", "packs", "slots", "swaps")


@click.command(epilog="Example: swapcharge bench library smoke")
@click.argument("suite", required=False)
@click.option("-o", "--output", metavar="FOLDER", help="Write the instances of SUITE into this folder.")
@click.option("--copy", metavar="FOLDER", help="Copy the whole library, its ledger included, into this new folder.")
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def library(suite: str | None, output: str | None, copy: str | None, folder: Path, as_json: bool) -> None:
    """List the benchmark's families and suites, or the instances of SUITE or a family; with -o, write them as files.

    Generated instances are verified by their recorded hash when they are written. --copy makes a library of your own,
    with a ledger that can be changed: name it with --library.
    """
    if copy is not None:
        _copy(folder, copy, suite, output, as_json)
        return
    if output is not None and suite is None:
        raise click.UsageError("-o needs a SUITE, the instances of which are written; full has all")
    from optimizer.bench.library.library import read_library

    read = read_library(folder)
    if suite is None:
        print_result(_facts(read, read.document.instances) if as_json else _overview(read))
        return
    names = read.suite(suite).instances
    if output is not None:
        from optimizer.bench.library.write_instances import write_instances

        files = write_instances(read, names, Path(output))
        say(f"{files} files in {output}", to_stderr=as_json)
    entries = [read.entry(name) for name in names]
    if as_json:
        print_result(_facts(read, entries, suite))
    elif output is None:
        say("\n".join(_table(entries)))


def _copy(folder: Path, copy: str, suite: str | None, output: str | None, as_json: bool) -> None:
    if suite is not None or output is not None or as_json:
        raise click.UsageError("--copy takes the whole library: no SUITE, no -o, no --json")
    from optimizer.bench.library.place import copy_library

    made = copy_library(folder, Path(copy))
    say(f"The library and its ledger in {made}: name it with --library {made}")


def _facts(read: Library, entries: Sequence[EntryDocument], suite: str | None = None) -> dict[str, Any]:
    """All the library says, or what it says of a suite."""
    import msgspec

    everything: dict[str, Any] = msgspec.to_builtins(read.document)
    families = {entry.family for entry in entries}
    return {
        "families": [one for one in everything["families"] if suite is None or one["id"] in families],
        "suites": [one for one in everything["suites"] if suite in (None, one["id"])],
        "instances": msgspec.to_builtins(list(entries)),
    }


def _overview(read: Library) -> str:
    from optimizer.files.plain_text import table

    sizes: dict[str, list[str]] = {family.id: [] for family in read.document.families}
    for entry in read.document.instances:
        sizes[entry.family] += [] if entry.size in sizes[entry.family] else [entry.size]
    families = [(family.id, " ".join(sizes[family.id]), family.purpose) for family in read.document.families]
    suites = [(suite.id, f"{len(suite.instances):,}", suite.purpose) for suite in read.document.suites]
    return "\n".join(
        [
            *table([("family", "sizes", "purpose"), *families], frozenset({0, 1, 2})),
            "",
            *table([("suite", "instances", "purpose"), *suites], frozenset({0, 2})),
        ]
    )


def _table(entries: Sequence[EntryDocument]) -> list[str]:
    from optimizer.files.plain_text import table

    rows = [(one.name, one.family, one.size, f"{one.packs:,}", f"{one.slots:,}", f"{one.swaps:,}") for one in entries]
    return table([COLUMNS, *rows], frozenset({0, 1, 2}))
