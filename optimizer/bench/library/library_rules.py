"""Checks of a library's file beyond its shape, and the making of instances that are not stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from models.errors import InvalidData, Problem, refuse
from models.rules import unique
from optimizer.bench.library.families import family_instance, family_of
from optimizer.bench.library.library_document import EntryDocument, GeneratedDocument, LibraryDocument, SuiteDocument
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.generate.draw_depot import drawn_depot, usual_gamma

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")  # names of instances become names of files
NAMES_LISTED = 20


def made_of(entry: EntryDocument) -> dict[str, Any]:
    """The instance document of a generated instance. Raises InvalidData where its generator cannot make it."""
    given = entry.generated
    assert given is not None  # else it has a file
    if given.generator == "depot":
        return drawn_depot(*_depot_numbers(given), given.seed)
    return family_instance(entry.family, entry.size, given.seed)


def _depot_numbers(given: GeneratedDocument) -> tuple[int, int, int]:
    """Packs, ports and gamma. Raises InvalidData."""
    wanted = {"packs": given.packs, "ports": given.ports}
    rule, remedy = "must be at least 1 where the generator is depot", "give packs and ports"
    refuse(Problem(k, ABSENT if v is None else v, rule, remedy) for k, v in wanted.items() if v is None or v < 1)
    assert given.packs is not None and given.ports is not None
    return given.packs, given.ports, usual_gamma(given.ports)


def unknown(name: str, rule: str, known: Iterable[str], which: str, place: str = "") -> Problem:
    """The problem of a name that is not among `known`, with the one that may be meant, or all of `which`."""
    names = list(known)
    listed = ", ".join(names) if len(names) <= NAMES_LISTED else "swapcharge bench library lists them"
    return Problem(place, name, rule, did_you_mean(name, names, f"{which}: {listed or 'none'}"))


def library_problems(document: LibraryDocument, folder: Path) -> Iterator[Problem]:
    """Everything about a library in `folder` that its shape does not show."""
    yield from unique("families", [family.id for family in document.families], "family")
    yield from name_problems("instances", "name", [entry.name for entry in document.instances])
    yield from name_problems("suites", "id", [suite.id for suite in document.suites])
    families, names = [family.id for family in document.families], {entry.name for entry in document.instances}
    for index, entry in enumerate(document.instances):
        place = f"instances[{index}]"
        if entry.family not in families:
            yield unknown(entry.family, "is not a family of this library", families, "its families", f"{place}.family")
        for problem in _source_problems(entry, folder):
            yield problem.inside(place)
    for index, suite in enumerate(document.suites):
        if suite.id in names:
            rule = "is also the name of an instance"
            yield Problem(f"suites[{index}].id", suite.id, rule, "choose another, so that commands can tell them apart")
        yield from _suite_problems(suite, f"suites[{index}].instances", names)


def name_problems(place: str, key: str, names: Sequence[str]) -> Iterator[Problem]:
    """Names that cannot be those of files, or are given twice."""
    for index, name in enumerate(names):
        if not NAME.fullmatch(name):
            rule = "must be small letters, digits and hyphens, at most 100"
            yield Problem(f"{place}[{index}].{key}", name, rule, "choose another name")
        if name in names[:index]:
            yield Problem(f"{place}[{index}].{key}", name, "is taken by an earlier one", "a name is given once")


def _suite_problems(suite: SuiteDocument, place: str, names: set[str]) -> Iterator[Problem]:
    for index, name in enumerate(suite.instances):
        if name not in names:
            rule = "is not an instance of this library"
            yield unknown(name, rule, sorted(names), "its instances", f"{place}[{index}]")
        if name in suite.instances[:index]:
            yield Problem(f"{place}[{index}]", name, "is in the suite already", "name it once")


def _source_problems(entry: EntryDocument, folder: Path) -> Iterator[Problem]:
    if (entry.file is None) == (entry.generated is None):
        rule, remedy = "needs either file or generated", "give the one that fits and leave the other out"
        yield Problem("file", entry.file or ABSENT, rule, remedy)
    elif entry.file is not None:
        if not _is_near(entry.file, folder):
            rule = "must be a relative path to a file in the library's folder or beside it"
            yield Problem("file", entry.file, rule, "put the file there and name it from the library's folder")
    elif entry.generated is not None:
        yield from _generated_problems(entry, entry.generated)


def _is_near(name: str, folder: Path) -> bool:
    """Does the name lead to a place below the folder that holds the library's folder?"""
    windows = PureWindowsPath(name)
    if windows.is_absolute() or windows.root or windows.drive or "\\" in name or "\0" in name:
        return False
    return (folder / name).resolve().is_relative_to(folder.resolve().parent)


def _generated_problems(entry: EntryDocument, given: GeneratedDocument) -> Iterator[Problem]:
    try:
        if given.generator == "depot":
            _depot_numbers(given)
        elif entry.size not in family_of(entry.family).ladder:
            made_of(entry)
    except InvalidData as error:
        for problem in error.problems:
            is_own = problem.place in ("family", "size")
            yield problem if is_own else problem.inside("generated")
