"""Finding contenders by name: in the registry, or in a module of the user's own."""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from models.errors import Problem
from optimizer.bench.records.contender import Contender
from optimizer.files.errors import InputErrors, did_you_mean

OWN = re.compile(r"([A-Za-z_][\w.]*):([A-Z][A-Z0-9_]*)")  # names of the registry have no capitals
WHERE = "--contenders"
DIGEST_DIGITS = 16
PROGRAM = Path(__file__).parents[2]  # the package `optimizer`
T = TypeVar("T")
EXAMPLE = "write MODULE:NAME, where NAME = Contender(...) stands in MODULE.py of the current folder"


@dataclass(frozen=True)
class Entrant:
    """A contender, and the `spec` by which another process finds it again. `versions`: of a user's own module."""

    spec: str
    contender: Contender
    versions: Mapping[str, str] = field(default_factory=dict)


def entrants(specs: Sequence[str]) -> list[Entrant]:
    """The contenders of these names, in their order: "reference:scip" of the registry, or "my_module:MINE", which is
    the Contender MINE in my_module.py of the current folder. Raises InputErrors with all that are wrong."""
    found, problems = dict[str, Entrant](), list[Problem]()
    for spec in dict.fromkeys(specs):
        try:
            entrant = _own(spec) if OWN.fullmatch(spec) else _registered(spec)
        except InputErrors as error:
            problems += error.problems
            continue
        first = found.setdefault(entrant.contender.name, entrant)  # "levels" and "levels:highs" are one
        if first.versions != entrant.versions or first.contender.what != entrant.contender.what:
            rule = f"is named {first.contender.name!r} as {first.spec} is"
            problems.append(Problem("", spec, rule, "give the contender a name of its own"))
    if problems:
        raise InputErrors(WHERE, problems)
    return list(found.values())


def _registered(spec: str) -> Entrant:
    from optimizer.bench.contenders.registry import (
        contenders,  # it loads all solvers: nothing for a contender that needs none
    )

    return Entrant(spec, contenders([spec], WHERE)[0])


def _own(spec: str) -> Entrant:
    contender, versions = of_module(spec, Contender, WHERE, EXAMPLE)
    return Entrant(spec, contender, versions)


def of_module(spec: str, kind: type[T], where: str, remedy: str) -> tuple[T, Mapping[str, str]]:
    """The object of that kind that MODULE:NAME names, in MODULE.py of the current folder, and the module's version.

    `where`: the option that names it; `remedy`: how it is named. Raises InputErrors.
    """
    module_name, _, name = spec.partition(":")
    here = os.getcwd()  # noqa: PTH109  (sys.path holds texts)
    if here not in sys.path:
        sys.path.append(here)  # last: a file of the folder must not stand in for a module of the project
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # a script that is no module may end the program
        rule = f"cannot be imported ({type(error).__name__}: {error}{place_in_module(error)})"
        raise InputErrors(where, [Problem("", spec, rule, remedy)]) from None
    found = getattr(module, name, None)
    if not isinstance(found, kind):
        called = "contender" if kind is Contender else "policy"
        rule = f"is no {called}: {module_name} has no {kind.__name__} of the name {name}"
        there = sorted(key for key, value in vars(module).items() if isinstance(value, kind))
        raise InputErrors(where, [Problem("", spec, rule, did_you_mean(name, there, remedy))])
    return found, {module_name: _digest(module.__file__)}


def place_in_module(error: BaseException) -> str:
    """Where in a module of the user's own it was raised; nothing where no line of such a module was running."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_of_others(Path(frame.filename))]
    own = [frame for frame in frames if Path(frame.filename).parent == Path.cwd()]  # not the library that it called
    return next((f", line {one.lineno} of {Path(one.filename).name}" for one in reversed(own or frames)), "")


def _is_of_others(file: Path) -> bool:
    return file.is_file() and file != Path(importlib.__file__) and not file.is_relative_to(PROGRAM)


def _digest(file: str | None) -> str:
    """The version of a user's own module is its content."""
    return "sha256:" + hashlib.sha256(Path(file).read_bytes() if file else b"").hexdigest()[:DIGEST_DIGITS]
