"""Solution files of other solvers, by column name or number: HiGHS, SCIP, CBC, GLPK, Gurobi and their like."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np

from models.errors import Problem
from models.formulations.matrix import Array
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.programmes.identity import CONSTANT, ProgrammeOf, not_of
from optimizer.programmes.names import unknown

INDEX_DIGITS = 18  # no programme has so many columns
MOST_PROBLEMS = 10  # a file for another formulation has thousands
REMEDY = "import a solution of the exported file, made with the same formulation and version"
_ROW = re.compile(r"(r\d+|c\d+_\d+)(_[a-z_]+)?(\([^\s()]*\))?")
_CONSTANT = re.compile(rf"{CONSTANT}(\([^\s()]*\))?")
_NAMED_CONSTANT = re.compile(rf"(?<!\S)({CONSTANT}\([^\s()]+\))(?!\S)")
_TITLES = re.compile(r"^(?:c Problem:|# Solution for model)[ \t]+(\S+)", re.MULTILINE)
_GLPK_PRINT = re.compile(r"^[ \t]*No\.[ \t]+(Row|Column) name\b", re.MULTILINE)
_CBC_LINE = re.compile(r"^(?:\*\*)?\s*\d+\s+(\S+)\s+(\S+)(?:\s+\S+)?\s*$")
_CBC_HEAD = re.compile(r"^.* - objective value\s+\S+", re.IGNORECASE)

Named = tuple[int, str, str]  # line number, name, value as text


def read_solution(
    text: str, names: Sequence[str], file: str, of: ProgrammeOf | None = None, earlier: Sequence[str] = ()
) -> Array:
    """The point in `text`, one value a column of `names`; columns it leaves out are 0.

    `of`: what the programme is of; a solution that says it is of another is refused. `earlier`: what the same columns
    were called before. Raises InputErrors, for the file `file`, with a line for every name that is none and value that
    is no number.
    """
    if _GLPK_PRINT.search(text):
        rule = "is GLPK's printed table, whose numbers are cut off"
        raise InputErrors(file, [Problem("", ABSENT, rule, "have it written with glpsol -w instead of -o")])
    lines = text.splitlines()
    if lines and lines[0].strip() == "Columns":
        rule = "is HiGHS's table for people (style 1)"
        raise InputErrors(file, [Problem("", ABSENT, rule, "have it written in style 0, as HiGHS does unless told")])
    if is_glpk := any(re.match(r"s (mip|bas|ipt) ", line) for line in lines):
        named = _glpk(lines, names)
    elif (first := next((line for line in lines if line.strip()), "")) and _CBC_HEAD.match(first):
        named = _cbc(lines)
    elif first.strip() == "Model status":
        named = _highs(lines)
    else:
        named = _pairs(lines)
    found = list(named)
    check_is_of(of, text, file)
    if is_glpk and (problem := _glpk_problem(lines, len(names) + 1)):
        raise InputErrors(file, [problem])
    return _point(found, names, file, earlier)


def says_of_what(text: str) -> bool:
    """Does a solution say what programme it is of? Those of files of earlier versions do not."""
    return _NAMED_CONSTANT.search(text) is not None or any("." in title[1] for title in _TITLES.finditer(text))


def check_is_of(of: ProgrammeOf | None, text: str, file: str) -> None:
    """Raises InputErrors where a solver's file says that it is of another programme: by its title, or by a column."""
    if of is None:
        return
    for found in (*_TITLES.finditer(text), *_NAMED_CONSTANT.finditer(text)):
        place = f"line {text.count(chr(10), 0, found.start(1)) + 1}"
        if (problem := not_of(of, found[1], place)) is not None:
            raise InputErrors(file, [problem])


def _glpk_problem(lines: Sequence[str], columns: int) -> Problem | None:
    """What GLPK reads from LP files has no title: then only the number of columns says that it is of another."""
    for number, line in enumerate(lines, start=1):
        match line.split():
            case ["s", _, _, count, *_] if count.isdecimal() and int(count[:INDEX_DIGITS]) != columns:
                rule = f"is not how many this programme has, {columns:,}: another instance or formulation"
                return Problem(f"line {number}", f"{count[:INDEX_DIGITS]} columns", rule, REMEDY)
    return None


def _glpk(lines: Sequence[str], names: Sequence[str]) -> Iterator[Named]:
    """Lines `j NUMBER [STATUS] VALUE [DUAL]`: columns by their number, from 1; the constant is the last one."""
    all_names = [*names, CONSTANT]
    for number, line in enumerate(lines, start=1):
        match line.split():
            case ["j", index, value] | ["j", index, _, value, _]:
                column = int(index) if index.isdecimal() and len(index) <= INDEX_DIGITS else 0
                known = 1 <= column <= len(all_names)
                yield number, all_names[column - 1] if known else f"column {index}", value


def _cbc(lines: Sequence[str]) -> Iterator[Named]:
    """Lines `[**] NUMBER NAME VALUE DUAL`; two asterisks mark what breaks a bound."""
    for number, line in enumerate(lines, start=1):
        if found := _CBC_LINE.match(line):
            yield number, found[1], found[2]


def _highs(lines: Sequence[str]) -> Iterator[Named]:
    """The first list of columns only: a second one has their duals."""
    titles = [number for number, line in enumerate(lines) if line.startswith("#")]
    first = next((number for number in titles if lines[number].startswith("# Columns")), len(lines))
    end = next((number for number in titles if number > first), len(lines))
    for number, name, value in _pairs(lines[first:end]):
        yield first + number, name, value


def _pairs(lines: Sequence[str]) -> Iterator[Named]:
    """Lines `NAME VALUE [(obj:COST)]`, as SCIP and Gurobi write them; of other lines only what has a # or a colon."""
    for number, line in enumerate(lines, start=1):
        words = [word for word in line.split() if not word.startswith("(obj:")]
        if words and not words[0].startswith("#") and ":" not in line.replace("(obj:", ""):
            yield number, words[0], " ".join(words[1:])


def _point(named: Sequence[Named], names: Sequence[str], file: str, earlier: Sequence[str]) -> Array:
    index = {name: j for j, name in enumerate(earlier)} | {name: j for j, name in enumerate(names)}
    point, problems, seen = np.zeros(len(names)), list[Problem](), set[int]()
    for number, name, text in named:
        if name not in index and (_CONSTANT.fullmatch(name) or _ROW.fullmatch(name)):
            continue
        problem, value = _value(f"line {number}", name, text, index.get(name) in seen)
        if name not in index:
            problem = unknown(f"line {number}", name, "column of the programme", names, REMEDY)
        if problem is not None:
            problems.append(problem)
        else:
            seen.add(index[name])
            point[index[name]] = value
        if len(problems) == MOST_PROBLEMS:
            break
    if not problems and not seen:
        problems = [Problem("", ABSENT, "names no column of the programme with a value", REMEDY)]
    if problems:
        raise InputErrors(file, problems)
    return point


def _value(place: str, name: str, text: str, is_seen: bool) -> tuple[Problem | None, float]:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return Problem(place, text, f"is no value for {name}", "write a finite number"), 0.0
    if is_seen:
        return Problem(place, name, "is there twice", "keep one of the two"), 0.0
    return None, value
