"""Bounds that come without a proof are kept apart and count for nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import bench_ledgers as make
import pytest
from bench_submissions import DAY, NAME, entered, plan_of, refused, told
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.bench.ledger.update import update_ledger
from optimizer.bench.ledger.verify import verify


def test_a_bound_without_a_proof_is_kept_apart(folder: Path, good: Path) -> None:
    found = entered(folder, good, bound=7.0)
    assert told(found)[1:] == [
        f"{NAME}: bound 7.000000 claimed by theirs: without a proof it is kept apart and counts for nothing",
        "Entered: 2 changes.",
    ]
    entry = make.ledger_of(folder)[NAME]
    assert (entry["bound"]["value"], entry["proof"]) == (6.0, "gap")
    assert entry["gap"] == pytest.approx(1.5 / 7.5)  # by what is proven
    assert entry["claimed"] == [{"value": 7.0, "solver": "theirs", "by": "", "date": DAY, "versions": {}}]
    assert "7.0" not in (folder / "improvements.csv").read_text() and verify(folder).ok


def test_claims_one_for_each_who_claims(folder: Path, good: Path) -> None:
    entered(folder, good, bound=7.0)
    assert entered(folder, good, bound=7.2, by="A").notes[0].endswith("the same, so the older one stays")
    assert entered(folder, good, bound=7.1).changes[0].old == 7.0
    low = refused(folder, good, bound=7.05)
    assert low.notes == (f"{NAME}: the bound 7.05 is no more than what theirs has claimed already",)
    claims = make.ledger_of(folder)[NAME]["claimed"]
    assert [(one["value"], one["by"]) for one in claims] == [(7.2, "A"), (7.1, "")]


def test_a_claim_above_a_plan_is_refused_with_the_plan(folder: Path, good: Path) -> None:
    found = refused(folder, good, bound=8.0)
    plan = f"the checked plan of {make.objective(NAME, make.best_schedule(NAME))!r} by theirs (submitted)"
    assert found.answer == "refuted"
    assert told(found) == [
        f"{NAME}: bound: 8.0 by theirs lies above {plan}: it is refuted",
        "Nothing was written: a bound lies above a checked plan.",
    ]


def test_a_claim_below_what_is_proven_says_nothing(folder: Path, good: Path) -> None:
    found = entered(folder, good, bound=5.0)
    assert found.notes == (f"{NAME}: the bound 5.0 is no more than what is proven: 6.0 by on-arrival",)
    assert "claimed" not in make.ledger_of(folder)[NAME]


def test_runs_settle_claims(folder: Path, tmp_path: Path) -> None:
    """A proof above a claim, and a plan below one, take it out of the ledger, and that is told."""
    dear = plan_of(NAME, make.dear_schedule(NAME), tmp_path / "dear.json")
    for bound, by in ((7.0, "low"), (7.6, "false"), (7.4, "open")):
        assert entered(folder, dear, bound=bound, by=by).ok
    found = update_ledger(folder, [make.write_results(tmp_path / "more", make.best(NAME, "engine", bound=7.2))])
    assert found.notes == [
        f"{NAME}: the claimed bound 7.6 by theirs is refuted by the plan: it is taken out",
        f"{NAME}: the claimed bound 7.0 by theirs is no more than what is proven now: it is taken out",
    ]
    assert [one["value"] for one in make.ledger_of(folder)[NAME]["claimed"]] == [7.4]
    assert verify(folder).ok


def test_false_claims_in_a_ledger_are_found(folder: Path, good: Path) -> None:
    entered(folder, good, bound=7.0)
    for value, why in ((9.0, "lies above the checked plan of "), (5.0, "is no more than what is proven")):

        def change(ledger: Any, value: float = value) -> None:
            ledger["entries"][0]["claimed"][0]["value"] = value

        make.changed(folder / "ledger.json", change)
        (line,) = map(str, verify(folder).failures)
        assert line.startswith(f"{NAME}: claimed: {value!r} by theirs {why}")


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(make.NAMES), st.booleans(), st.sampled_from([None, -0.5, 0.0, 0.5]), st.sampled_from("ab")
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_submitted_the_ledger_holds(tmp_path_factory: pytest.TempPathFactory, sent: Any) -> None:
    root = tmp_path_factory.mktemp("any")
    folder, best = make.write_library(root / "library"), dict[str, float]()
    for name, is_best, above, solver in sent:
        schedule = make.best_schedule(name) if is_best else make.dear_schedule(name)
        bound = None if above is None else make.OPTIMA[name] + above
        found = entered(folder, plan_of(name, schedule, root / "plan.json"), bound=bound, solver=solver)
        if found.answer != "refuted":
            best[name] = min(best.get(name, found.objective or 0.0), make.objective(name, schedule))
    if best:
        assert verify(folder).ok and verify(folder).optimal == 0  # claims prove nothing
        known = {name: entry["plan"]["objective"] for name, entry in make.ledger_of(folder).items()}
        assert known == pytest.approx(best, abs=1e-6)
    shutil.rmtree(root)
