"""The small form of `make explained`, and the judge itself."""

from __future__ import annotations

from dataclasses import replace

import explain_campaign
import judged
import pytest
from judged import ExplainedNight, explained_night
from lossy_nights import lossy_night, lossy_nights

SMALL = list(lossy_nights(8, 1))


@pytest.mark.parametrize(("number", "begin"), SMALL)
def test_the_truth_refutes_no_reason_and_no_repair(number: int, begin: int) -> None:
    found = explained_night(lossy_night(number, begin))
    assert found.faults == []
    assert found.swaps == sum(found.verdicts.values()) > 0


def test_a_false_verdict_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = lossy_night(*SMALL[1])
    right = judged.why_lost
    monkeypatch.setattr(judged, "why_lost", lambda *asked: replace(right(*asked), verdict="cheaper"))
    assert any("cheaper, but alone " in fault for fault in explained_night(lossy).faults)


def test_a_repair_that_does_not_do_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = lossy_night(*SMALL[2])
    assert explained_night(lossy).verified > 0
    monkeypatch.setattr(judged, "_unserved", lambda night, wanted: "the plan loses W1")
    assert any("the plan loses W1" in fault for fault in explained_night(lossy).faults)


def test_the_table_counts_verdicts_repairs_and_seconds() -> None:
    one, other = ExplainedNight(0, "tiny", True, swaps=2), ExplainedNight(8, "larger", False, swaps=1)
    one.verdicts.update(["impossible", "undecided"])
    other.verdicts.update(["cheaper, not proven"])
    one.repairs.update(["packs: found, least proven"])
    one.verified, other.cpu_seconds = 1, 2.5
    lines = {" ".join(line.split()) for line in explain_campaign.table([one, other]).splitlines()}
    assert {"nights 1 1 2", "swaps lost 2 1 3", "impossible 1 0 1", "cheaper, not proven 0 1 1"} <= lines
    assert {"packs: found, least proven 1 0 1", "repairs found and verified 1 0 1", "faults 0 0 0"} <= lines
    assert "processor seconds a night, most 0.00 2.50 2.50" in lines
