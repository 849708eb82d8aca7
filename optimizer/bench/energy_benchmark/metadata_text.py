"""The metadata file of the Open Energy Benchmark: YAML, each text quoted as in JSON, which every YAML reader takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from optimizer.bench.energy_benchmark.problem import EnergyProblem, Value

MARK = "# swapcharge open-energy-benchmark"


def metadata_text(problems: Iterable[EnergyProblem]) -> bytes:
    """The whole file, problems in their order."""
    return ("\n".join([f"{MARK}: metadata of problems", "problems:", *_lines(problems)]) + "\n").encode()


def _lines(problems: Iterable[EnergyProblem]) -> Iterator[str]:
    for problem in problems:
        yield f"  {problem.name}:"
        yield from (f"    {key}: {_scalar(value)}" for key, value in problem.metadata.items())


def _scalar(value: Value) -> str:
    return json.dumps(value)  # of texts in ASCII: no sign of theirs is one of YAML's
