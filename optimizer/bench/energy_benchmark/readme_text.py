"""README.md of the folder that is sent: what the problems are, how they are made again, what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.bench.energy_benchmark.problem import DRAWN, EnergyProblem
from optimizer.bench.report.markdown import escaped
from optimizer.files.versions import versions

MARK = "<!-- swapcharge open-energy-benchmark -->"
REPOSITORY = "https://github.com/open-energy-transition/solver-benchmark"


def readme_text(problems: Sequence[EnergyProblem], formulation: str) -> bytes:
    """The whole file."""
    return ("\n".join(_lines(problems, formulation)) + "\n").encode()


def _lines(problems: Sequence[EnergyProblem], formulation: str) -> Iterator[str]:
    yield MARK
    yield "# Nights of a battery-swap station"
    yield ""
    yield f"{len(problems)} problems of swapcharge's benchmark library for the [Open Energy Benchmark]({REPOSITORY}):"
    yield f"the formulation `{formulation}` of each night as a free-format MPS file, compressed, and `metadata.yaml`."
    yield "Rows are named after the equations of models/README.md, columns after what they are; each file begins with"
    yield "comments that say so, and with the instance and its hash."
    yield ""
    yield from _sizes(problems)
    yield ""
    yield from _values(problems)
    yield ""
    yield from _hard(problems)
    yield ""
    yield from _made_again(problems, formulation)
    yield ""
    yield from _to_send(problems)


def _sizes(problems: Sequence[EnergyProblem]) -> Iterator[str]:
    yield "| problem | size | constraints | variables | integer | nonzeros |"
    yield "|---|---|---:|---:|---:|---:|"
    for one in problems:
        size = one.size
        counts = (size.constraints, size.variables, size.integer_variables, size.nonzeros)
        yield f"| `{one.name}` | {one.metadata['Size']} | {' | '.join(f'{count:,}' for count in counts)} |"


def _values(problems: Sequence[EnergyProblem]) -> Iterator[str]:
    yield "What the library's ledger knows of the nights: plans are checked by a program that shares no code with the"
    yield "formulations, bounds are those of swapcharge's engine, not of a MIP solver on these files. The relaxation is"
    yield "the optimum of the file without whole numbers, by HiGHS."
    yield ""
    yield "| problem | instance | relaxation | best plan known | lower bound | |"
    yield "|---|---|---:|---:|---:|---|"
    for one in problems:
        relaxation = "–" if one.relaxation is None else f"{one.relaxation:,.4f}"
        yield f"| `{one.name}` | `{one.instance}`, `{one.hash}` | {relaxation} | {_known(one)} |"
    if loose := [f"`{one.name}`" for one in problems if not one.is_exact]:
        yield ""
        yield f"No exact programmes of their nights, so that optima may be others: {', '.join(loose)}."


def _known(problem: EnergyProblem) -> str:
    if problem.known is None:
        return "– | – | "
    bound = problem.known.bound
    shown = "–" if bound is None else f"{bound.value:,.4f}"
    plan = f"{problem.known.plan.objective:,.4f} {escaped(problem.currency)}"
    return f"{plan} | {shown} | {'optimal' if problem.known.proof == 'optimal' else ''}"


def _hard(problems: Sequence[EnergyProblem]) -> Iterator[str]:
    yield "| problem | why it is hard |"
    yield "|---|---|"
    yield from (f"| `{one.name}` | {escaped(one.hard)} |" for one in problems)


def _made_again(problems: Sequence[EnergyProblem], formulation: str) -> Iterator[str]:
    names = ",".join(one.instance for one in problems)
    yield f"Made with swapcharge {versions()['swapcharge']}; the same bytes come of"
    yield ""
    yield "```"
    yield f"swapcharge bench open-energy-benchmark -o FOLDER --formulation {formulation} --instances {names}"
    yield "```"
    yield ""
    yield "`swapcharge bench import-solution` makes a checked and billed plan of a solution of any of the files."


def _to_send(problems: Sequence[EnergyProblem]) -> Iterator[str]:
    yield "## To send them"
    yield ""
    if any("Path" in one.metadata for one in problems):
        yield "1. Put the files where the maintainers can fetch them, and run the command again with `--url ADDRESS`:"
        yield "   `metadata.yaml` then has their URLs in place of paths."
    else:
        yield "1. Put the files where `metadata.yaml` says: under its URLs."
    yield f"2. Open a pull request at {REPOSITORY} that adds `metadata.yaml` and this file as `benchmarks/swapcharge/`."
    yield "3. In it, say which solver solved which of them to optimality, in which time, with which options, on which"
    yield "   machine."
    yield ""
    licences = list(dict.fromkeys(str(one.metadata["License"]) for one in problems))
    yield f"Licence: {'; '.join(map(escaped, licences))}."
    if licences != [DRAWN]:
        yield f"The benchmark asks for {DRAWN}: what is under another licence needs its word on that first."
