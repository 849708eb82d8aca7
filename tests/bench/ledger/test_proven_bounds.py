"""Bounds that come with multipliers of rows: what these prove is proven here, the rest is kept apart."""

from __future__ import annotations

import gzip
import math
from functools import cache
from pathlib import Path
from typing import Any

import bench_ledgers as make
import cli
import highspy
import numpy as np
import pytest
from bench_submissions import DAY, NAME, entered, refused, told
from hypothesis import given
from hypothesis import strategies as st

from models.formulations.matrix import relaxed
from optimizer.bench.ledger.dual_proof import stored_proof, submitted_proof
from optimizer.bench.ledger.prove_bound import Prover
from optimizer.bench.ledger.update import update_ledger
from optimizer.bench.ledger.verify import verify
from optimizer.engine.highs import solve
from optimizer.files.errors import InputErrors
from optimizer.formats.read_instance import read_instance
from optimizer.programmes.formulations import FORMULATIONS
from optimizer.programmes.identity import programme_of
from optimizer.programmes.mps_lp_text import rows_of_file

PEAK = "demand-charge-peak-so-far"


@cache
def duals(name: str) -> dict[str, float]:
    """Optimal multipliers of the rows of the reference formulation's relaxation, by the names of the exported file."""
    programme = FORMULATIONS["reference"].programme(make.night(name))
    dual = solve(relaxed(programme.matrix)).row_dual
    assert dual is not None
    return {row: float(dual[number]) for row, number in rows_of_file(programme).items()}


@cache
def relaxation(name: str) -> float:
    """What those multipliers prove, by the solver's own word."""
    programme = FORMULATIONS["reference"].programme(make.night(name))
    return solve(relaxed(programme.matrix)).objective - programme.bound_slack


def proof(path: Path, lines: dict[str, Any]) -> str:
    path.write_text("# by hand\n" + "".join(f"{name} {value!r}\n" for name, value in lines.items()))
    return str(path)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return proof(tmp_path / "duals.txt", duals(NAME))


@pytest.fixture
def unproven(tmp_path: Path) -> Path:
    """A library whose ledger has a dear plan and no bound."""
    folder = make.write_library(tmp_path / "unproven")
    assert update_ledger(folder, [make.write_results(tmp_path / "dear", make.dear(NAME, "on-arrival"))]).ok
    return folder


def test_a_proof_is_worked_out_here_and_stored(unproven: Path, good: Path, file: str) -> None:
    found = entered(unproven, good, proof=file, by="A. Name", solver_version="1")
    entry = make.ledger_of(unproven)[NAME]
    bound = entry["bound"]
    assert told(found)[1] == f"{NAME}: bound none -> {bound['value']:,.6f} by theirs (A. Name)" + (
        "; optimal" if entry["proof"] == "optimal" else ""
    )
    assert bound["value"] == pytest.approx(relaxation(NAME), abs=1e-6)
    assert (bound["kind"], bound["formulation"], bound["by"]) == ("recomputed", "reference", "A. Name")
    assert (bound["date"], bound["versions"], "claimed" in entry) == (DAY, {"theirs": "1"}, False)
    assert (unproven / bound["proof"]).is_file()
    assert f",bound,,{bound['value']!r},theirs,A. Name" in (unproven / "improvements.csv").read_text()
    assert verify(unproven).ok


def test_the_stored_proof_is_what_proves_it_again(unproven: Path, good: Path, file: str) -> None:
    """No contender is run, and another file of multipliers, or none, proves nothing."""
    entered(unproven, good, proof=file)
    bound = make.ledger_of(unproven)[NAME]["bound"]
    nobody = Prover(find=lambda names: pytest.fail("a contender was looked for"))
    (again,) = verify(unproven, [NAME], nobody).proven
    assert (again.answer, again.bound) == ("reproduced", bound["value"])
    assert again.text == f"reproduced: {bound['value']!r} proven by {bound['proof']}"
    path = unproven / bound["proof"]
    path.write_bytes(gzip.compress(b"# swapcharge multipliers by row number: reference\n"))
    (low,) = verify(unproven, [NAME], nobody).proven
    assert low.answer == "not reproduced" and low.text.startswith(f"not reproduced: {bound['proof']} proves ")
    for damage in (
        b"",
        b"# swapcharge multipliers by row number: levels\n",
        gzip.decompress(path.read_bytes()) + b"x y\n",
    ):
        path.write_bytes(damage)
        (broken,) = verify(unproven, [NAME], nobody).proven
        rule = "holds no multipliers of the rows that reference has of this night; submit the proof again"
        assert broken.text == f"not reproduced: {path}: {rule}"
    path.unlink()
    assert not verify(unproven, [NAME], nobody).ok


def test_what_the_proof_does_not_prove_is_claimed(unproven: Path, good: Path, file: str) -> None:
    proven = relaxation(NAME)
    above = (proven + make.OPTIMA[NAME]) / 2
    found = entered(unproven, good, proof=file, bound=above)
    entry = make.ledger_of(unproven)[NAME]
    value = entry["bound"]["value"]
    assert found.notes[0] == f"{NAME}: the multipliers in {file} prove {value!r}, not {above!r}"
    assert value == pytest.approx(proven, abs=1e-6) and [one["value"] for one in entry["claimed"]] == [above]
    assert verify(unproven).ok


def test_a_bound_that_the_proof_proves_is_not_claimed(unproven: Path, good: Path, file: str) -> None:
    assert entered(unproven, good, proof=file, bound=relaxation(NAME) - 0.001).notes == ()
    assert "claimed" not in make.ledger_of(unproven)[NAME]


def test_a_proof_below_the_bound_of_the_ledger(folder: Path, good: Path, tmp_path: Path) -> None:
    nothing = proof(tmp_path / "zero.txt", dict.fromkeys(duals(NAME), 0.0))
    (note,) = entered(folder, good, proof=nothing).notes
    assert note.startswith(f"{NAME}: the proof proves ") and note.endswith(
        ", no more than what is proven: 6.0 by on-arrival"
    )
    assert make.ledger_of(folder)[NAME]["bound"]["value"] == 6.0 and not (folder / "proofs").exists()


def test_proofs_that_no_entry_names_go(unproven: Path, good: Path, file: str, tmp_path: Path) -> None:
    entered(unproven, good, proof=file)
    path = unproven / make.ledger_of(unproven)[NAME]["bound"]["proof"]
    run = make.record(NAME, "levels:highs", bound=make.OPTIMA[NAME]), None
    assert path.is_file() and update_ledger(unproven, [make.write_results(tmp_path / "run", run)]).ok
    assert not path.exists() and "proof" not in make.ledger_of(unproven)[NAME]["bound"]


@pytest.mark.parametrize("text", ["", "VER 1.0\nVAR 3\n", "\x00\x01", "Gap 0 %\n"])
def test_what_cannot_be_verified_here_proves_nothing(unproven: Path, good: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "log.txt").write_text(text)
    found = entered(unproven, good, proof=str(tmp_path / "log.txt"), bound=7.0)
    note = f"{tmp_path}/log.txt names no row of the formulation reference: nothing in it can be verified here"
    assert found.notes[0] == f"{NAME}: {note}"
    entry = make.ledger_of(unproven)[NAME]
    assert (entry["bound"], [one["value"] for one in entry["claimed"]]) == (None, [7.0])


def test_mistakes_in_a_proof_are_told_all_at_once(unproven: Path, good: Path, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("r0 1\nr1 one\nr2 inf\nr0 2\nr99999 1\nr3 1 2\n")
    before = make.every_file(unproven)
    with pytest.raises(InputErrors) as caught:
        entered(unproven, good, proof=str(tmp_path / "p.txt"))
    lines = str(caught.value).removeprefix(f"{tmp_path}/p.txt: ").split(f"\n{tmp_path}/p.txt: ")
    assert lines[0] == 'line 2: "one": is no multiplier of r1; write lines of name and finite number'
    assert lines[1] == 'line 3: "inf": is no multiplier of r2; write lines of name and finite number'
    assert lines[2] == 'line 4: "r0": is there twice; keep one of the two'
    assert lines[3].startswith('line 5: "r99999": is no row of the programme; ')
    assert lines[4] == 'line 6: "1 2": is no multiplier of r3; write lines of name and finite number'
    assert make.every_file(unproven) == before


def test_a_proof_of_another_instance_is_told_by_name_and_hash(unproven: Path, good: Path, tmp_path: Path) -> None:
    """Its rows are named alike, so that it would only prove less."""
    other = programme_of(read_instance(cli.INSTANCES / "tiny" / f"{PEAK}.json"), "reference")
    (tmp_path / "p.txt").write_text(f"# Columns 1\n{other.constant} 1\n# Dual solution values\n# Rows 1\nc1_1(0) 1\n")
    before = make.every_file(unproven)
    with pytest.raises(InputErrors) as caught:
        entered(unproven, good, proof=str(tmp_path / "p.txt"))
    start = f'{tmp_path}/p.txt: line 2: "{PEAK.replace("-", "_")}, station '
    assert str(caught.value).startswith(start)
    assert f": is a solution of another instance, not of {NAME}, hash " in str(caught.value)
    assert make.every_file(unproven) == before


def test_formulations_that_prove_nothing(folder: Path, good: Path, file: str) -> None:
    with pytest.raises(InputErrors, match='--formulation: "refrence": is no formulation; did you mean'):
        entered(folder, good, proof=file, formulation="refrence")


@given(st.data())
def test_whatever_the_multipliers_no_bound_lies_above_the_optimum(tmp_path_factory: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(make.NAMES))
    best = duals(name)
    values = st.one_of(st.floats(-100, 100), st.sampled_from(sorted(set(best.values()))))
    drawn = {row: data.draw(values) for row in data.draw(st.lists(st.sampled_from(sorted(best)), unique=True))}
    path = proof(tmp_path_factory.mktemp("p") / "p.txt", best | drawn)
    found = submitted_proof(make.night(name), path, "reference")
    assert found is not None and found.bound <= make.OPTIMA[name] + 1e-6
    stored = Path(path).with_name("stored")
    stored.write_bytes(found.content())
    again = stored_proof(make.night(name), stored, "reference")
    assert again.bound == found.bound or math.isinf(found.bound)
    assert np.array_equal(again.multipliers, found.multipliers)


def test_multipliers_by_the_names_that_rows_had_before_prove_the_same(tmp_path: Path) -> None:
    programme = FORMULATIONS["reference"].programme(make.night(PEAK))
    by_number = {number: value for value, number in zip(duals(PEAK).values(), range(len(duals(PEAK))), strict=True)}
    earlier = proof(tmp_path / "earlier.txt", {f"r{number}": value for number, value in by_number.items()})
    now = proof(tmp_path / "now.txt", duals(PEAK))
    found = [submitted_proof(make.night(PEAK), path, "reference") for path in (earlier, now)]
    assert list(rows_of_file(programme).values()) == sorted(by_number)
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].bound == found[1].bound == pytest.approx(relaxation(PEAK), abs=1e-6)


def test_the_sign_of_a_solver_does_not_matter(tmp_path: Path) -> None:
    turned = proof(tmp_path / "turned.txt", {row: -value for row, value in duals(PEAK).items()})
    found = submitted_proof(make.night(PEAK), turned, "reference")
    assert found is not None and found.bound == pytest.approx(relaxation(PEAK), abs=1e-6)


def test_duals_of_highs_on_the_command_line(unproven: Path, good: Path, tmp_path: Path) -> None:
    """An exported linear programme, solved elsewhere, its solution file as it is: first with a plan, then again."""
    source, mps, solution = cli.INSTANCES / "tiny" / f"{NAME}.json", tmp_path / "n.mps", tmp_path / "n.sol"
    assert cli.run("export", "mps", source, "--formulation", "levels-lp", "-o", mps).returncode == 0
    highs = highspy.Highs()
    highs.silent()
    highs.readModel(str(mps))
    highs.run()
    highs.writeSolution(str(solution), 0)
    command = ("bench", "ledger", "submit", good, "--library", unproven, "--solver", "highs", "--date", DAY)
    how = ("--proof", solution, "--formulation", "levels-lp")
    done = cli.run(*command, *how)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith("Entered: 2 changes.\n")
    bound = make.ledger_of(unproven)[NAME]["bound"]
    assert bound["value"] == pytest.approx(highs.getObjectiveValue(), abs=1e-3)
    shown = cli.run("bench", "ledger", "show", NAME, "--library", unproven).stdout.splitlines()
    assert f"           proven here from multipliers of the rows of levels-lp: {bound['proof']}" in shown
    assert cli.run("bench", "ledger", "verify", "--bounds", "--library", unproven).returncode == 0
    assert cli.run(*command, *how).returncode == 1  # nothing in it is new
    wrong = cli.run(*command, "--formulation", "levels-lp")
    assert wrong.returncode == 2 and "--formulation is for --proof" in wrong.stderr
    streams = cli.run("bench", "ledger", "submit", "-", "--solver", "a", "--proof", "-")
    assert streams.returncode == 2 and "only one of PLAN and --proof can be standard input" in streams.stderr


def test_a_proof_outside_the_folder_is_none(unproven: Path, good: Path, file: str) -> None:
    entered(unproven, good, proof=file)
    make.changed(
        unproven / "ledger.json", lambda ledger: ledger["entries"][0]["bound"].update(proof="../secret.dual.gz")
    )
    with pytest.raises(InputErrors) as caught:
        verify(unproven)
    assert str(caught.value) == (
        f'{unproven}/ledger.json: entries[0].bound.proof: "../secret.dual.gz": must be the name of a file in proofs/; '
        "write it like proofs/name.dual.gz"
    )


def test_a_proof_with_a_plan_that_breaks_a_rule(unproven: Path, good: Path, file: str) -> None:
    good.write_bytes(make.with_plan(make.record(NAME), make.charged_more(make.best_schedule(NAME), 50.0))[1])
    assert refused(unproven, good, proof=file).answer == "breaks rules"
