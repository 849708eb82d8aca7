"""What is doubtful about an imported instance, at its place in the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.errors import Problem
from optimizer.doubts.instance import document_doubts
from optimizer.files.errors import first_of_each_kind
from optimizer.formats.read_instance import parse_document
from optimizer.imports.network import ImportedNetwork


def doubts_of(made: ImportedNetwork) -> list[tuple[str, Problem]]:
    """Files and doubts, file by file: those about any instance, and stations without packs or drivers."""
    found = [*document_doubts(*parse_document(made.data, "the instance", Path())), *_empty(made)]
    by_file: dict[str, list[Problem]] = {}
    for file, problem in map(made.origins.told, found):
        by_file.setdefault(file, []).append(problem)
    return [(file, one) for file, problems in by_file.items() for one in first_of_each_kind(problems)]


def _empty(made: ImportedNetwork) -> Iterator[Problem]:
    for index, part in enumerate(made.origins.stations):
        if not part.packs:
            rule, remedy = "has no packs", "add its packs, or leave it out"
            yield Problem(f"stations[{index}].id", part.id, rule, remedy)
        if not part.swaps and not part.forecast:
            rule, remedy = "expects no drivers on the day", "add its drivers, or leave it out"
            yield Problem(f"stations[{index}].id", part.id, rule, remedy)
