"""The command `bench contenders`: which contenders there are, and whether they can run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from optimizer.cli.output import print_result


@click.command(epilog="Example: swapcharge bench contenders")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--example", is_flag=True, help="Print a whole contender of your own as a Python file to begin with.")
def contenders(as_json: bool, example: bool) -> None:
    """List formulations, solvers and other contenders: what each is, and whether it can run here.

    A contender is one of the last kind, or a formulation with a solver such as reference:scip. A formulation alone is
    solved by highs. One of your own: --example > mine.py, then bench run SUITE --contenders mine:EXAMPLE.
    """
    if example and as_json:
        raise click.UsageError("--example prints Python: leave out --json")
    if example:
        print_result(_example().rstrip("\n"))
        return
    found = _found()
    print_result(found if as_json else _screen(found))


def _example() -> str:
    """The file of the worked example, as it is installed."""
    from importlib.resources import files

    return files("optimizer.bench.contenders").joinpath("example.py").read_text(encoding="utf-8")


def _found() -> dict[str, Any]:
    from optimizer.bench.contenders.registry import DEFAULT_CONTENDERS, SOLVERS, STANDALONE
    from optimizer.programmes.formulations import FORMULATIONS

    return {
        "default": list(DEFAULT_CONTENDERS),
        "whole": [{"name": one.name, "what": one.what, "missing": one.missing()} for one in STANDALONE.values()],
        "formulations": [
            {"name": one.name, "what": one.what, "is_linear": one.is_linear} for one in FORMULATIONS.values()
        ],
        "solvers": [
            {
                "name": one.name,
                "what": one.what,
                "takes_whole": one.takes_integers,
                "options": dict(one.options),
                "versions": dict(one.versions()),
                "missing": one.missing(),
            }
            for one in SOLVERS.values()
        ],
    }


def _screen(found: Mapping[str, Any]) -> str:
    from optimizer.files.plain_text import table

    everything_left = frozenset({0, 1, 2})
    lines = ["Contenders without a formulation"]
    lines += [f"  {line}" for line in table([(one["name"], one["what"]) for one in found["whole"]], everything_left)]
    lines += ["", "Formulations"]
    rows = [(one["name"], one["what"]) for one in found["formulations"]]
    lines += [f"  {line}" for line in table(rows, everything_left)]
    lines += ["", "Solvers"]
    of_solvers = [(one["name"], one["what"], _state(one)) for one in found["solvers"]]
    lines += [f"  {line}" for line in table(of_solvers, everything_left)]
    lines += ["", "A contender is one of the first, or formulation:solver, as in reference:scip."]
    lines += ["HiGHS of another version: reference:highs@1.12.0, with any of its sets of options."]
    lines += [f"By default: {', '.join(found['default'])}"]
    return "\n".join(lines)


def _state(solver: Mapping[str, Any]) -> str:
    if solver["missing"]:
        return f"not here: needs {solver['missing']}"
    return ", ".join(f"{program} {version}" for program, version in solver["versions"].items())
