"""Does a test fail whenever checker or bill are changed in a small way? `make mutants SEED=2 COUNT=300` samples.

Each mutant is one of the files below with one expression changed: a comparison, a sign, a sum or product, a number,
`and`/`or`, a condition. It must fail the tests of its file, run in a process of their own. Exit 1 if one outlives them
that EQUIVALENT does not name: changes that no test can tell from the code, each with the reason.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

from equivalent_mutants import EQUIVALENT

ROOT = Path(__file__).resolve().parents[2]
TESTS_OF = {
    "optimizer/check/rules.py": ("tests/check/test_checker.py",),
    "optimizer/check/presence.py": ("tests/check/test_checker.py",),
    "optimizer/check/acceptance.py": ("tests/check/test_check_acceptance.py",),
    "optimizer/check/end_state.py": ("tests/check/test_end_state.py",),
    "models/station/cost.py": ("tests/station/test_cost.py",),
    "models/station/pack_type.py": ("tests/station/test_pack_type.py",),
}
LONGEST_RUN_SECONDS = 120
PASSED, FAILED, NOT_COLLECTED = 0, 1, 2  # exit codes of pytest

OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OTHER_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
CONDITIONED = (ast.If, ast.IfExp, ast.While)


@dataclass(frozen=True)
class Mutant:
    """One change: number `number` of those of the file at `path` (from the project's root)."""

    path: str
    number: int
    line: int
    code: str
    before: str
    after: str

    @property
    def reason(self) -> str | None:
        """Why no test can tell it from the code, if that is known."""
        return EQUIVALENT.get((self.path, self.code, f"{self.before} -> {self.after}"))

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}   in: {self.code}"


@dataclass(frozen=True)
class _Edit:
    """`owner.field`, or its item `index`, becomes `new`."""

    owner: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    def carry_out(self) -> None:
        if self.index is None:
            setattr(self.owner, self.field, self.new)
        else:
            getattr(self.owner, self.field)[self.index] = self.new


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every mutant of a file, in the order of its syntax tree."""
    lines = source.splitlines()
    return [
        Mutant(path, number, line, lines[line - 1].strip(), ast.unparse(edit.old), ast.unparse(edit.new))
        for number, edit in enumerate(_edits(ast.parse(source)))
        for line in [getattr(edit.old, "lineno", 0)]
    ]


def mutated(source: str, number: int) -> ast.Module:
    """The syntax tree of a file with one change."""
    tree = ast.parse(source)
    list(_edits(tree))[number].carry_out()
    return ast.fix_missing_locations(tree)


def _edits(node: ast.AST) -> Iterator[_Edit]:
    for field, value in ast.iter_fields(node):
        if field in ("decorator_list", "annotation", "returns") or (
            isinstance(node, ast.keyword) and node.arg == "strict"
        ):
            continue  # types are read by mypy only; `strict` asks for what the lines before it make sure of
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                others = [*_others(child), *_negated(node, field, child)]
                yield from (_Edit(node, field, index, child, other) for other in others)
                yield from _edits(child)


def _others(node: ast.AST) -> Iterator[ast.expr]:
    """What an expression is changed into."""
    match node:
        case ast.Compare(left, ops, comparators):
            for place, op in enumerate(ops):
                for other in OTHER_COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:place], other(), *ops[place + 1 :]], comparators)
        case ast.BinOp(left, op, right) if type(op) in OTHER_OPERATORS:
            yield ast.BinOp(left, OTHER_OPERATORS[type(op)](), right)
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield operand
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)


def _negated(owner: ast.AST, field: str, node: ast.AST) -> Iterator[ast.expr]:
    """A condition the other way round, where no other comparison says so already."""
    is_condition = (field == "test" and isinstance(owner, CONDITIONED)) or field == "ifs"
    if is_condition and isinstance(node, ast.expr) and not isinstance(node, ast.Compare | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)


class _OneMutated(MetaPathFinder, SourceFileLoader):
    """Imports one module of the project with one change."""

    def __init__(self, path: str, number: int) -> None:
        super().__init__(path.removesuffix(".py").replace("/", "."), str(ROOT / path))
        self.number = number

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> Any:
        source = Path(self.path).read_text(encoding="utf-8")
        return compile(mutated(source, self.number) if self.number >= 0 else source, self.path, "exec")


def run_tests(path: str, number: int) -> int:
    """Pytest's exit code on a mutant, in this process; number −1 is the file as it is."""
    import pytest

    sys.meta_path.insert(0, _OneMutated(path, number))
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    return int(pytest.main([*options, *(str(ROOT / test) for test in TESTS_OF[path])]))


def is_killed(path: str, number: int) -> bool:
    """Do the tests of its file fail on a mutant, or never end? Raises RuntimeError if they could not be run."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": scratch}
        command = [sys.executable, __file__, "--one", path, str(number)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST_RUN_SECONDS
            )
        except subprocess.TimeoutExpired:
            return True
    if done.returncode not in (PASSED, FAILED, NOT_COLLECTED):
        raise RuntimeError(
            f"pytest ended with {done.returncode} on {path}, mutant {number}:\n{done.stdout}{done.stderr}"
        )
    return done.returncode != PASSED


def all_mutants() -> list[Mutant]:
    """Every mutant of every file."""
    return [mutant for path in TESTS_OF for mutant in mutants_of(path, (ROOT / path).read_text(encoding="utf-8"))]


def campaign(mutants: Sequence[Mutant]) -> int:
    """Run all, print each and the sum; the exit code."""
    for path in TESTS_OF:
        if is_killed(path, -1):
            sys.exit(f"{path}: its tests fail without any change: mend them first")
    killed, unexplained = 0, 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, dead in zip(mutants, pool.map(lambda m: is_killed(m.path, m.number), mutants), strict=True):
            killed += dead
            unexplained += not dead and mutant.reason is None
            print(
                "killed" if dead else "ALIVE ",
                mutant,
                "" if dead or not mutant.reason else f"   ({mutant.reason})",
                flush=True,
            )
    share, alive = killed / max(1, len(mutants)), len(mutants) - killed
    print(f"{killed} of {len(mutants)} killed ({share:.1%}); {alive} alive, {unexplained} of them unexplained")
    return 1 if unexplained else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--count", type=int, default=250, help="how many mutants; all if there are not so many")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "NUMBER"), help="tests of one mutant, in this process")
    asked = parser.parse_args()
    if asked.one:
        return run_tests(asked.one[0], int(asked.one[1]))
    every = all_mutants()
    print(f"{len(every)} mutants of {len(TESTS_OF)} files; sample of {min(asked.count, len(every))}, seed {asked.seed}")
    return campaign(random.Random(asked.seed).sample(every, min(asked.count, len(every))))


if __name__ == "__main__":
    sys.exit(main())
