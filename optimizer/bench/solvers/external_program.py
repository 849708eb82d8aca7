"""Solvers that are programs of their own: they read an MPS file and write a solution file."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.formulations.matrix import Array, Matrix
from optimizer.programmes.mps_lp_text import matrix_text
from optimizer.programmes.solution_text import read_solution

GRACE_SECONDS = 5.0
"""What a program gets beyond its time to write its answer; then it is ended."""


@dataclass(frozen=True)
class ProgramOutput:
    """What a program left: its log, its solution file (None where it wrote none), and wall seconds."""

    log: tuple[str, ...]
    solution: str | None
    seconds: float


def column_names(matrix: Matrix) -> list[str]:
    """Short names: files are read back by machines only."""
    return [f"c{j}" for j in range(matrix.shape[1])]


def run(
    matrix: Matrix, command: Callable[[str, str], Sequence[str]], seconds: float, on_line: Callable[[str], None]
) -> ProgramOutput:
    """Run `command(model file, solution file)`; `on_line` is called with every line of its log as it comes."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="swapcharge-") as folder:
        model, solution = Path(folder, "model.mps"), Path(folder, "solution.txt")
        model.write_bytes(matrix_text(matrix, column_names(matrix), "mps", "night"))
        log = log_of(list(command(str(model), str(solution))), folder, seconds + GRACE_SECONDS, on_line)
        text = solution.read_text() if solution.is_file() else None
    return ProgramOutput(tuple(log), text, time.perf_counter() - began)


def log_of(command: Sequence[str], folder: str, seconds: float, on_line: Callable[[str], None]) -> list[str]:
    """The lines that a program prints, each told to `on_line` as it comes; it is ended after `seconds`."""
    log = []
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace",
    ) as process:  # fmt: skip
        watch = threading.Timer(seconds, process.kill)
        watch.start()
        try:
            for line in process.stdout or ():
                log.append(line.rstrip("\n"))
                on_line(log[-1])
        finally:  # also where a user interrupts: the program must not go on alone
            watch.cancel()
            process.kill()
    return log


def point_of(matrix: Matrix, text: str) -> Array:
    """The point in a solution file of the programme that `run` wrote."""
    return read_solution(text, column_names(matrix), "solution")


@cache
def printed_by(program: str, *arguments: str) -> str:
    """What a program prints with these arguments; empty where it is not installed."""
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return done.stdout
