"""Instances of the library written into a folder, with the series that their files name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from models.errors import Problem
from optimizer.bench.library.library import MARK, Library
from optimizer.bench.library.library_document import EntryDocument
from optimizer.bench.library.library_rules import made_of
from optimizer.files.errors import ABSENT, OutputErrors
from optimizer.files.json_text import indented_document
from optimizer.files.read_write import check_target, read_bytes, write_whole
from optimizer.formats.series_csv import inside


def write_instances(library: Library, names: tuple[str, ...], folder: Path) -> int:
    """Write each instance as "{name}.json", and CSV series beside them; returns how many files there are.

    Missing folders are made. Every instance is verified first. Raises InputErrors, or OutputErrors where
    a file of another kind or with another series is there.
    """
    for name in names:
        library.load(library.entry(name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        rule = f"cannot be made ({error.strerror or error})"
        raise OutputErrors(str(folder), [Problem("", ABSENT, rule, "choose another folder")]) from None
    texts = {f"{name}.json": _text(library, library.entry(name)) for name in names}
    inputs = [path for name in names if (path := library.path(library.entry(name)))]
    series: dict[str, bytes] = {}
    for file, data in (one for path in inputs for one in _series(path)):
        if series.setdefault(file, data) != data:
            rule = "is the name of two different series that these instances use"
            raise OutputErrors(str(folder / file), [Problem("", ABSENT, rule, "write smaller suites, one a folder")])
    for file in texts:
        check_target(folder / file, inputs, "instance file", MARK)
    for file, data in series.items():
        _check_series(folder / file, data)
    for file, data in (texts | series).items():
        write_whole(folder / file, data)
    return len(texts) + len(series)


def _text(library: Library, entry: EntryDocument) -> bytes:
    path = library.path(entry)
    return indented_document(made_of(entry)) if path is None else read_bytes(path)


def _series(path: Path) -> Iterator[tuple[str, bytes]]:
    """The CSV files that an instance file names, by the names it has for them."""
    for name in sorted(set(_csv_names(json.loads(read_bytes(path))))):
        yield name, inside(path.parent, name).read_bytes()


def _csv_names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(name := value.get("csv"), str):
            yield name
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _csv_names(item)


def _check_series(path: Path, data: bytes) -> None:
    """Raises OutputErrors where another series would be lost."""
    if path.exists() and not (path.is_file() and path.read_bytes() == data):
        rule = "is there, with another content: it would be lost"
        raise OutputErrors(str(path), [Problem("", ABSENT, rule, "choose another folder, or remove it first")])
