"""The set for the Open Energy Benchmark: files as HiGHS reads them, metadata that say the same, whole or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import highspy
import pytest
from paths import ROOT

from optimizer.bench.energy_benchmark.metadata_text import metadata_text
from optimizer.bench.energy_benchmark.problem import EnergyProblem, SentBy
from optimizer.bench.energy_benchmark.readme_text import readme_text
from optimizer.bench.energy_benchmark.write_set import EIGHT, energy_problems
from optimizer.bench.ledger.ledger_file import known_values
from optimizer.bench.library.library import read_library
from optimizer.engine.highs import solve
from optimizer.programmes.reference import REFERENCE

LIBRARY = ROOT / "instances" / "bench"
BY = SentBy("A. Name, B & C")
SMALL = ("two-types", "on-off-xs-1")
NEWEST = {
    "Short description", "Contributor(s)/Source", "License", "URL", "Problem class", "Size", "Num. constraints",
    "Num. variables", "Num. nonzeros", "Num. continuous variables", "Num. integer variables", "MILP features",
    "Modelling framework", "Version", "Spatial resolution", "Temporal resolution", "Realistic", "Application",
    "Sectoral focus", "Sectors", "Time horizon", "Model name",
}  # fmt: skip
"""The keys of the entries in that benchmark's own metadata files."""


@cache
def the_eight() -> list[EnergyProblem]:
    return energy_problems(LIBRARY, EIGHT, "reference", BY)


@cache
def small(url: str | None = None) -> list[EnergyProblem]:
    return energy_problems(LIBRARY, SMALL, "reference", replace(BY, url=url))


def read_back(text: bytes) -> dict[str, dict[str, object]]:
    """A reader of the few forms of YAML that the file has."""
    problems: dict[str, dict[str, object]] = {}
    for line in text.decode("ascii").splitlines():
        if found := re.fullmatch(r"  ([\w-]+):", line):
            problems[found[1]] = {}
        elif found := re.fullmatch(r"    ([\w .()/]+): (.+)", line):
            problems[list(problems)[-1]][found[1]] = json.loads(found[2])
        else:
            assert line.startswith("#") or line == "problems:"
    return problems


def test_the_eight_are_proven_exact_free_to_share_and_hard_for_reasons_of_their_own() -> None:
    known = known_values(LIBRARY)
    library = read_library(LIBRARY)
    assert len(set(EIGHT)) == 8
    for problem in the_eight():
        assert known[library.entry(problem.instance).hash].proof == "optimal"
        assert problem.is_exact
        assert problem.metadata["License"] == "CC BY 4.0"
        assert problem.relaxation is not None
        assert problem.known is not None
        assert problem.relaxation < problem.known.plan.objective - 10
    assert len({problem.hard for problem in the_eight()}) == 8


def test_sizes_are_what_highs_reads_of_the_files(tmp_path: Path) -> None:
    for problem in (*the_eight(), *small()):
        path = tmp_path / "a.mps"
        path.write_bytes(problem.mps)
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
        integer = sum(1 for kind in highs.getLp().integrality_ if kind == highspy.HighsVarType.kInteger)
        told = [problem.metadata[f"Num. {what}"] for what in ("constraints", "variables", "nonzeros")]
        assert told == [highs.getNumRow(), highs.getNumCol(), highs.getNumNz()], problem.name
        assert problem.metadata["Num. integer variables"] == integer
        assert problem.metadata["Num. continuous variables"] == highs.getNumCol() - integer
        assert problem.metadata["Share integer variables"] == integer / highs.getNumCol()
        assert problem.metadata["Size"] == ("S" if highs.getNumCol() < 10_000 else "M")


def test_optimum_of_a_file_is_that_of_its_night(tmp_path: Path) -> None:
    for problem in small():
        (tmp_path / "a.mps").write_bytes(problem.mps)
        night = read_library(LIBRARY).load(read_library(LIBRARY).entry(problem.instance)).nights[0]
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)  # as the engine's: HiGHS takes no other number later in a process
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.readModel(str(tmp_path / "a.mps"))
        highs.run()
        assert problem.known is not None
        best = highs.getInfo().objective_function_value
        assert best == pytest.approx(problem.known.plan.objective, abs=1e-5)
        assert best == pytest.approx(solve(REFERENCE.programme(night).matrix).objective, abs=1e-5)


def test_metadata_have_the_keys_of_the_benchmark_and_come_back() -> None:
    problems = small("https://example.org/files/")
    found = read_back(metadata_text(problems))
    assert list(found) == ["swapcharge-two-types-op-3-60min", "swapcharge-on-off-xs-1-op-3-90min"]
    for problem, entry in zip(problems, found.values(), strict=True):
        assert entry == dict(problem.metadata)
        assert set(entry) - {"Share integer variables", "Realistic motivation"} == NEWEST
        assert entry["URL"] == f"https://example.org/files/{problem.name}.mps.gz"
        assert entry["Contributor(s)/Source"] == "A. Name, B & C"
    assert (
        found["swapcharge-on-off-xs-1-op-3-90min"]["MILP features"] == "Unit commitment; Assignment of packs to swaps"
    )
    assert "Path" in read_back(metadata_text(small()))["swapcharge-two-types-op-3-60min"]


def test_licences_are_those_of_the_data() -> None:
    tiny, drawn = small()
    assert tiny.metadata["License"] == drawn.metadata["License"] == "CC BY 4.0"
    real = replace(tiny, metadata=dict(tiny.metadata) | {"License": "MIT"})
    told = readme_text([real, drawn], "reference").decode()
    assert "Licence: MIT; CC BY 4.0." in told
    assert "The benchmark asks for CC BY 4.0: what is under another licence needs its word on that first." in told
    assert "Licence: CC BY 4.0.\n" in readme_text([drawn], "reference").decode()


def test_text_of_the_library_is_read_as_text() -> None:
    problem = replace(
        small()[0], hard="| <script> |\n# x", metadata=dict(small()[0].metadata) | {"License": 'a "b": #c\n- é'}
    )
    readme = readme_text([problem], "reference").decode()
    assert "<script>" not in readme
    assert "\n# x" not in readme
    assert read_back(metadata_text([problem]))[problem.name]["License"] == 'a "b": #c\n- é'


def test_what_is_no_exact_programme_is_told() -> None:
    (curve,) = energy_problems(LIBRARY, ["few-chargers-curve-xs-1"], "reference", BY)
    assert not curve.is_exact
    told = "The programme is no exact one of this night: its optimum may be another."
    assert str(curve.metadata["Short description"]).endswith(told)
    readme = readme_text([curve, small()[0]], "reference").decode()
    assert f"No exact programmes of their nights, so that optima may be others: `{curve.name}`." in readme
    (relaxed,) = energy_problems(LIBRARY, ["two-types"], "levels-lp", BY)
    assert (relaxed.metadata["Problem class"], relaxed.metadata["MILP features"]) == ("LP", "None")
    assert not relaxed.is_exact
