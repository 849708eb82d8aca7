"""The library of instances and suites, each instance verified by its hash; the instances that a command names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Instance
from optimizer.bench.library.library_document import EntryDocument, LibraryDocument, SuiteDocument
from optimizer.bench.library.library_rules import library_problems, made_of, unknown
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.json_text import decode
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import HEAD_BYTES, read_bytes
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance, read_instance

LIBRARY = "library.json"
ENDINGS = (".json", ".json.gz")
MARK = b"swapcharge-instance"
ELSEWHERE = "run from the folder that has it (the repository's root), or name it: --library FOLDER"


@dataclass(frozen=True)
class Library:
    """A library in its folder."""

    folder: Path
    document: LibraryDocument

    @property
    def file(self) -> str:
        """The library's file, as messages name it."""
        return str(self.folder / LIBRARY)

    @cached_property
    def entries(self) -> dict[str, EntryDocument]:
        """The instances by name."""
        return {entry.name: entry for entry in self.document.instances}

    @cached_property
    def suites(self) -> dict[str, SuiteDocument]:
        """The suites by id."""
        return {suite.id: suite for suite in self.document.suites}

    @cached_property
    def families(self) -> dict[str, SuiteDocument]:
        """The families, each as the suite of its instances."""
        return {
            family.id: SuiteDocument(
                id=family.id,
                purpose=family.purpose,
                instances=tuple(one.name for one in self.document.instances if one.family == family.id),
            )
            for family in self.document.families
        }

    def suite(self, name: str) -> SuiteDocument:
        """The suite, or all instances of the family, of that id. Raises InputErrors."""
        known = {**self.families, **self.suites}
        if name not in known:
            rule = "is not a suite or family of this library"
            remedy = did_you_mean(name, known, f"its suites: {', '.join(self.suites) or 'none'}")
            raise InputErrors(self.file, [Problem("", name, rule, remedy)])
        return known[name]

    def entry(self, name: str) -> EntryDocument:
        """The instance of that name. Raises InputErrors."""
        if name not in self.entries:
            known = "its instances"
            raise InputErrors(self.file, [unknown(name, "is not an instance of this library", self.entries, known)])
        return self.entries[name]

    def path(self, entry: EntryDocument) -> Path | None:
        """The file of an instance; None where it is generated."""
        return None if entry.file is None else self.folder / entry.file

    def load(self, entry: EntryDocument) -> Instance:
        """The instance, of one station. Raises InputErrors, also where it is not the one that the library means."""
        path = self.path(entry)
        instance = read_instance(path) if path else _build(made_of(entry))
        if (found := instance_hash(instance)) != entry.hash:
            at = self.document.instances.index(entry)
            rule = f"is not the hash of {path or 'what is generated'}, {found}: the instance has changed"
            remedy = "bring the old content back; a change of an instance needs a new name"
            raise InputErrors(self.file, [Problem(f"instances[{at}].hash", entry.hash, rule, remedy)])
        return of_one_station(instance, str(path or entry.name))


def read_library(folder: Path) -> Library:
    """The library in a folder. Raises InputErrors with every problem."""
    path = folder / LIBRARY
    if not path.is_file():
        raise InputErrors(str(folder), [Problem("", ABSENT, f"is no library: it has no {LIBRARY}", ELSEWHERE)])
    try:
        document = decode(read_bytes(path), LibraryDocument)
        refuse(library_problems(document, folder))
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None
    return Library(folder, document)


def _build(document: dict[str, Any]) -> Instance:
    return build_instance(msgspec.convert(document, InstanceDocument), Path())


def of_one_station(instance: Instance, file: str) -> Instance:
    """The same instance. Raises InputErrors where it has several stations."""
    if len(instance.nights) != 1:
        rule, found = "must be one station in the benchmark", f"{len(instance.nights)} stations"
        raise InputErrors(file, [Problem("stations", found, rule, "give each station a file of its own")])
    return instance


@dataclass(frozen=True)
class Case:
    """An instance to run. `source`: the library's folder, or the instance's file where `family` is empty."""

    name: str
    family: str
    size: str
    source: str


def cases(asked: str, library_folder: Path) -> list[Case]:
    """The instances that `asked` means, in the order of the suite, or of the files' names. Raises InputErrors.

    A suite or instance of the library comes before a folder of the same name, a family after it.
    """
    path = Path(asked)
    if asked.endswith(ENDINGS) or "/" in asked:
        return _of_path(path)
    if path.exists() and not (library_folder / LIBRARY).is_file():
        return _of_path(path)
    library = read_library(library_folder)
    if asked in library.suites:
        return [_of_entry(library, library.entry(name)) for name in library.suite(asked).instances]
    if asked in library.entries:
        return [_of_entry(library, library.entry(asked))]
    if path.exists():
        return _of_path(path)
    if asked in library.families:
        return [_of_entry(library, library.entry(name)) for name in library.suite(asked).instances]
    rule = "is no suite, family or instance of this library, nor a file or folder"
    known = [*library.suites, *library.families, *library.entries]
    raise InputErrors(library.file, [unknown(asked, rule, known, "its suites and families")])


def load_case(case: Case) -> Instance:
    """The instance of a case, of one station. Raises InputErrors."""
    if case.family:
        library = read_library(Path(case.source))
        return library.load(library.entry(case.name))
    return of_one_station(read_instance(case.source), case.source)


def _of_entry(library: Library, entry: EntryDocument) -> Case:
    return Case(entry.name, entry.family, entry.size, str(library.folder))


def _of_path(path: Path) -> list[Case]:
    """The instance in a file, or all in a folder, sorted by file name."""
    files = sorted(one for one in path.iterdir() if _is_instance(one)) if path.is_dir() else [path]
    if not files:
        rule = "has no instance files (.json or .json.gz)"
        raise InputErrors(str(path), [Problem("", ABSENT, rule, "name another folder, or one file")])
    found = [_of_file(file) for file in files]
    if len({case.name for case in found}) < len(found):
        twice = next(case for n, case in enumerate(found) if case.name in [one.name for one in found[:n]])
        rule = "is the name of an instance in another file of this folder, too"
        raise InputErrors(twice.source, [Problem("name", twice.name, rule, "give every instance its own name")])
    return found


def _is_instance(path: Path) -> bool:
    return path.name.endswith(ENDINGS) and path.is_file() and MARK in read_bytes(path, MOST_NETWORK_BYTES)[:HEAD_BYTES]


def _of_file(path: Path) -> Case:
    return Case(of_one_station(read_instance(path), str(path)).name, "", "", str(path))
