"""A bound proven by multipliers of a programme's rows, worked out here by weak duality.

Whatever the multipliers are, and wherever they come from, the bound that follows from them is true: none of it is
believed. Integer columns count as continuous ones, so it is at most what the relaxation gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import Problem
from models.formulations.matrix import Array
from models.station.instance import Night
from optimizer.engine.highs import dual_bound
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.programmes.formulations import formulation_of
from optimizer.programmes.identity import ProgrammeOf
from optimizer.programmes.mps_lp_text import columns_of_file, earlier_rows_of_file, rows_of_file
from optimizer.programmes.names import unknown
from optimizer.programmes.programme import Programme
from optimizer.programmes.solution_text import check_is_of

STORED = "# swapcharge multipliers by row number: "
DUALS, ROWS = "# Dual solution values", "# Rows"
MOST_PROBLEMS = 10
EXPORTED = "its rows are those of the exported file: swapcharge export mps INSTANCE --formulation F"


@dataclass(frozen=True)
class DualProof:
    """What multipliers of the rows of a formulation prove: `bound` in currency, -inf for nothing."""

    formulation: str
    multipliers: Array
    bound: float

    def content(self) -> bytes:
        """The file that the ledger keeps: the same multipliers give the same bytes."""
        values = enumerate(self.multipliers.tolist())
        lines = [f"{row} {value!r}" for row, value in values if value]
        return "\n".join([f"{STORED}{self.formulation}", *lines, ""]).encode()


def submitted_proof(night: Night, file: str, formulation: str, of: ProgrammeOf | None = None) -> DualProof | None:
    """What the multipliers in a solver's file prove of the night; None where the file names no row of the programme.

    Read are HiGHS's solution files (style 0) and lines NAME VALUE. `of`: what the programme is of; a file that says it
    is of another is refused. Raises InputErrors where the formulation is unknown,
    bounds nothing or cannot take the night, and with a line for each name that is none and value that is no number.
    """
    programme = _programme(night, formulation)
    text = read_bytes(file).decode(errors="replace")
    check_is_of(of, text, shown_name(file))
    found = _multipliers(list(_named(text.splitlines())), programme, shown_name(file))
    return None if found is None else _proof(formulation, programme, found)


def stored_proof(night: Night, path: Path, formulation: str) -> DualProof:
    """The same of a file that the ledger keeps. Raises InputErrors, also where the programme is another one today."""
    programme = _programme(night, formulation)
    head, *lines = read_bytes(path).decode(errors="replace").splitlines() or [""]
    dual = _stored_multipliers(lines, programme.matrix.shape[0]) if head == f"{STORED}{formulation}" else None
    if dual is None:
        rule = f"holds no multipliers of the rows that {formulation} has of this night"
        raise InputErrors(str(path), [Problem("", ABSENT, rule, "submit the proof again")])
    return _proof(formulation, programme, dual)


def _stored_multipliers(lines: Sequence[str], count: int) -> Array | None:
    """One for each of `count` rows; None where a line is not what `DualProof.content` writes."""
    dual = np.zeros(count)
    for line in lines:
        row, *values = line.split() or [""]
        value = _value(values)
        if not (row.isdecimal() and int(row) < count and math.isfinite(value)):
            return None
        dual[int(row)] = value
    return dual


def _programme(night: Night, name: str) -> Programme:
    formulation = formulation_of(name)
    why = formulation.refusal(night)
    if why is not None:
        rule = f"cannot take this night: {why}"
        raise InputErrors("--formulation", [Problem("", name, rule, "choose another formulation")])
    programme = formulation.programme(night)
    if not programme.is_relaxation:
        raise InputErrors("--formulation", [Problem("", name, "bounds no plan", "choose another formulation")])
    return programme


def _proof(formulation: str, programme: Programme, dual: Array) -> DualProof:
    """By the better sign: solvers differ in it, and weak duality holds for both."""
    found = [(dual_bound(programme.matrix, one) - programme.bound_slack, one) for one in (dual, -dual)]
    bound, used = max(((b if math.isfinite(b) else -math.inf, one) for b, one in found), key=lambda pair: pair[0])
    return DualProof(formulation, used, bound)


def _named(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Number and words of each line that may name a row: of a file by HiGHS those of the rows' duals only."""
    duals = next((number for number, line in enumerate(lines) if line.strip() == DUALS), None)
    if duals is None:
        first, last = 0, len(lines)
    else:
        first = next((n for n in range(duals, len(lines)) if lines[n].startswith(ROWS)), len(lines))
        last = next((n for n in range(first + 1, len(lines)) if lines[n].startswith("#")), len(lines))
    for number in range(first, last):
        words = lines[number].split()
        if words and not words[0].startswith("#"):
            yield number + 1, words


def _multipliers(named: Sequence[tuple[int, list[str]]], programme: Programme, file: str) -> Array | None:
    """One value a row; two rows of the file that are one of the programme add up."""
    rows = earlier_rows_of_file(programme) | rows_of_file(programme)
    columns = columns_of_file(programme, {words[0] for _, words in named})
    if not any(words[0] in rows for _, words in named):
        return None
    dual, problems, seen = np.zeros(programme.matrix.shape[0]), list[Problem](), set[str]()
    for number, (name, *values) in named:
        place, value = f"line {number}", _value(values)
        if name in columns:
            continue
        if name not in rows:
            problems.append(unknown(place, name, "row of the programme", list(rows), EXPORTED))
        elif not math.isfinite(value):
            rule = f"is no multiplier of {name}"
            problems.append(Problem(place, " ".join(values), rule, "write lines of name and finite number"))
        elif name in seen:
            problems.append(Problem(place, name, "is there twice", "keep one of the two"))
        else:
            seen.add(name)
            dual[rows[name]] += value
    if problems:
        raise InputErrors(file, problems[:MOST_PROBLEMS])
    return dual


def _value(words: Sequence[str]) -> float:
    try:
        (word,) = words
        return float(word)
    except ValueError:
        return math.nan
