"""HiGHS of another version: `highs@1.12.0`, or any set of options as in `highs-ipm@1.13.1`.

Each version has a virtual environment of its own, named after it, in the folder that the environment variable
SWAPCHARGE_HIGHSPY names. Its Python runs `highs_worker.py`: nothing of ours is installed there.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from models.formulations.matrix import Matrix
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.external_program import GRACE_SECONDS, log_of
from optimizer.bench.solvers.highs import HIGHS_VARIANTS, later_version
from optimizer.bench.solvers.highs_worker import AskedOfHighs, read_answer, write_asked
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult

FOLDER = "SWAPCHARGE_HIGHSPY"
NAME = re.compile(r"(highs[a-z-]*)@(\d+\.\d+\.\d+)")
ROOT = str(Path(__file__).parents[3])
CALL = "import sys; sys.path.append(sys.argv[1]); from optimizer.bench.solvers import highs_worker as w; "
SOLVE = CALL + "import pathlib; w.main(pathlib.Path(sys.argv[2]))"
TELL = CALL + "import json; w.tell_version(json.loads(sys.argv[2]))"
VARIANTS = {one.name: one for one in HIGHS_VARIANTS}


def highs_at(name: str) -> Solver | None:
    """The solver of this name; None where it is no set of options of HiGHS with a version."""
    found = NAME.fullmatch(name)
    if found is None or found[1] not in VARIANTS:
        return None
    like, version = VARIANTS[found[1]], found[2]
    return Solver(
        name,
        f"{like.what}; highspy {version}, in a virtual environment of its own",
        partial(_solve, version=version, options=like.options),
        partial(_missing, version, like.options),
        lambda: {"highspy of the solver": version},
        like.options,
        like.takes_integers,
    )


def _python(version: str) -> Path | None:
    """The Python of the version; None where no folder is named."""
    folder = os.environ.get(FOLDER, "")
    place = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return Path(folder, version, *place).absolute() if folder else None


def _missing(version: str, options: Mapping[str, Any]) -> str | None:
    python = _python(version)
    if python is None:
        return f"a folder of virtual environments, named by {FOLDER}, with highspy {version} in {version}"
    venv = python.parent.parent
    if not python.is_file():
        return f"highspy {version}: python3 -m venv {venv} && {python} -m pip install highspy=={version}"
    told = _told(str(python), json.dumps(dict(options), sort_keys=True))
    if told is None:
        return f"highspy {version} in {venv}, where it cannot be loaded: {python} -m pip install highspy=={version}"
    if told["highspy"] != version:
        return f"highspy {version} in {venv}, where {told['highspy']} is: {python} -m pip install highspy=={version}"
    return later_version(version, options, told["refused"])


@cache
def _told(python: str, options: str) -> Mapping[str, Any] | None:
    done = subprocess.run(
        [python, "-I", "-c", TELL, ROOT, options], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
    )
    try:
        told: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return None
    return told


def _solve(
    matrix: Matrix,
    *,
    money_gap: float,
    seconds: float,
    seed: int,
    on_progress: OnProgress,
    version: str,
    options: Mapping[str, Any],
) -> SolverResult:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="swapcharge-") as folder:
        write_asked(Path(folder), matrix, AskedOfHighs(money_gap, seconds, seed, dict(options)))
        command = [str(_python(version)), "-I", "-c", SOLVE, ROOT, folder]
        log = log_of(command, folder, seconds + GRACE_SECONDS, _hears(on_progress))
        answer = read_answer(Path(folder))
    if answer is None:
        used = time.perf_counter() - began
        return SolverResult("other", "".join(log[-1:]) or "it left no answer", None, math.inf, -math.inf, used)
    return answer


def _hears(on_progress: OnProgress) -> Callable[[str], None]:
    def hear(line: str) -> None:
        if line.startswith("["):
            on_progress(*json.loads(line))

    return hear
