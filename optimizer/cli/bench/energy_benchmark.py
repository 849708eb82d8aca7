"""The command `bench open-energy-benchmark`: nights in the form that this benchmark of solvers takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.bench.library_option import library_option
from optimizer.cli.output import STANDARD_STREAM, print_result, say
from optimizer.cli.progress_log import progress_or_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.bench.energy_benchmark.problem import EnergyProblem

HEAD = ("file", "size", "constraints", "variables", "integer", "nonzeros")


@click.command("open-energy-benchmark", epilog="Example: swapcharge bench open-energy-benchmark -o to-send")
@click.option("-o", "--output", required=True, metavar="FOLDER", help="Write the set into this new folder.")
@click.option("--instances", metavar="A,B", help="Names of instances of the library.  [default: eight nights]")
@click.option("--formulation", default="reference", show_default=True, help="The formulation that is exported.")
@click.option("--contributor", default="swapcharge developers", show_default=True, help="Who contributes them.")
@click.option("--url", metavar="ADDRESS", help="Where the files will be: https://…  [default: paths in place of URLs]")
@library_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def energy_benchmark(
    output: str, instances: str | None, formulation: str, contributor: str, url: str | None, folder: Path, as_json: bool
) -> None:
    """Write nights as problems of the Open Energy Benchmark (openenergybenchmark.org), ready to send.

    FOLDER gets a compressed MPS file for each night, metadata.yaml (size, licence, why it is hard, what is known), and
    README.md (how they are made again, what is left to do).
    """
    if output == STANDARD_STREAM:
        raise click.UsageError("-o - is for one file: name a folder")
    if url is not None and not _is_address(url):
        raise click.UsageError("--url takes an address that begins with https:// or http:// and has no blanks")
    from optimizer.bench.energy_benchmark.problem import SentBy
    from optimizer.bench.energy_benchmark.write_set import EIGHT, check_folder, energy_problems, write_set

    names = EIGHT if instances is None else [name.strip() for name in instances.split(",") if name.strip()]
    if not names:
        raise click.UsageError("--instances takes one name or more: swapcharge bench library full lists them")
    check_folder(Path(output))
    progress = progress_or_log()
    problems = energy_problems(folder, names, formulation, SentBy(contributor, url), progress)
    progress("")
    write_set(Path(output), problems, formulation)
    if as_json:
        print_result({"folder": output, "problems": [_facts(problem) for problem in problems]})
    else:
        say("\n".join([*_table(problems), f"{len(problems)} problems in {output}: its README.md says what is left"]))


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url


def _facts(problem: EnergyProblem) -> dict[str, Any]:
    return {
        "problem": problem.name,
        "file": problem.file,
        "instance": problem.instance,
        "instance_hash": problem.hash,
        "relaxation": problem.relaxation,
        "best_known": None if problem.known is None else problem.known.plan.objective,
        "metadata": dict(problem.metadata),
    }


def _table(problems: Sequence[EnergyProblem]) -> list[str]:
    from optimizer.files.plain_text import table

    rows = [
        (
            one.file, str(one.metadata["Size"]), f"{one.size.constraints:,}", f"{one.size.variables:,}",
            f"{one.size.integer_variables:,}", f"{one.size.nonzeros:,}",
        )
        for one in problems
    ]  # fmt: skip
    return table([HEAD, *rows], frozenset({0, 1}))
