"""Plans from anywhere enter the ledger if they are better, and only then."""

from __future__ import annotations

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path

import bench_ledgers as make
import pytest
from bench_submissions import BEST, DAY, NAME, OTHER, entered, hedged, plan_of, refused, told
from msgspec import structs

from models.station.cost import cost_of
from models.tariff.tariff import weighted
from optimizer.bench.ledger.submission import Submission
from optimizer.bench.ledger.submitted_plan import judged_plan
from optimizer.bench.ledger.verify import verify
from optimizer.check.plan_check import check_plan
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import read_bytes
from optimizer.formats.plan_file import parse_plan, plan_text


def test_a_better_plan_is_entered_and_stored(folder: Path, good: Path) -> None:
    was = make.ledger_of(folder)[NAME]["plan"]
    found = entered(folder, good, by="A. Name", solver_version="9.15")
    assert told(found) == [
        f"{NAME}: plan {was['objective']:,.6f} -> 7.500000 by theirs (A. Name)",
        "Entered: 1 change.",
    ]
    entry = make.ledger_of(folder)[NAME]
    assert entry["plan"]["objective"] == pytest.approx(BEST, abs=1e-6) == found.objective
    assert (entry["plan"]["contender"], entry["plan"]["by"], entry["plan"]["date"]) == ("theirs", "A. Name", DAY)
    assert entry["plan"]["versions"] == make.VERSIONS | {"theirs": "9.15"}
    stored = parse_plan(read_bytes(folder / entry["plan"]["file"]), "stored")
    assert stored.stations[0].schedule == make.best_schedule(NAME)
    assert entry["bound"]["value"] == 6.0 and not (folder / was["file"]).exists()
    assert verify(folder).ok


def test_the_log_has_a_line_for_each_improvement(folder: Path, good: Path) -> None:
    before = (folder / "improvements.csv").read_text().splitlines()
    dear = make.ledger_of(folder)[NAME]["plan"]["objective"]
    new = entered(folder, good, by='=HYPERLINK("x")').objective
    after = (folder / "improvements.csv").read_text().splitlines()
    assert before[0] == "date,instance,what,from,to,solver,by"
    assert before[1:3] == [
        f"2026-11-25,{NAME},plan,,{dear!r},on-arrival,",
        f"2026-11-25,{NAME},bound,,6.0,on-arrival,",
    ]
    assert after == [*before, f"""{DAY},{NAME},plan,{dear!r},{new!r},theirs,"'=HYPERLINK(""x"")\""""]


def test_a_line_is_not_written_twice(whole: Path, folder: Path, good: Path) -> None:
    """As where the command was killed before the ledger took its place."""
    entered(folder, good)
    log = (folder / "improvements.csv").read_bytes()
    shutil.copy(whole / "ledger.json", folder / "ledger.json")
    shutil.copytree(whole / "plans", folder / "plans", dirs_exist_ok=True)
    assert entered(folder, good).ok and (folder / "improvements.csv").read_bytes() == log


def test_a_log_that_is_none_is_left_alone(folder: Path, good: Path) -> None:
    (folder / "improvements.csv").write_text("mine\n")
    before = make.every_file(folder)
    with pytest.raises(InputErrors) as caught:
        entered(folder, good)
    assert make.every_file(folder) == before
    assert str(caught.value) == (
        f'{folder}/improvements.csv: line 1: "mine": must be the columns of a log of improvements, '
        "date,instance,what,from,to,solver,by; write them there, or move the file away"
    )


def test_a_first_plan(tmp_path: Path, good: Path) -> None:
    folder = make.write_library(tmp_path / "new")
    assert told(entered(folder, good))[0] == f"{NAME}: plan none -> 7.500000 by theirs"
    assert verify(folder).ok and list(make.ledger_of(folder)) == [NAME]


def test_entries_stand_in_the_order_of_the_library(folder: Path, tmp_path: Path) -> None:
    middle = "demand-charge-peak-so-far"
    assert entered(folder, plan_of(middle, make.best_schedule(middle), tmp_path / "plan.json")).ok
    assert list(make.ledger_of(folder)) == list(make.NAMES)


def test_the_same_submission_gives_the_same_bytes(whole: Path, tmp_path: Path, good: Path) -> None:
    folders = [Path(shutil.copytree(whole, tmp_path / name)) for name in ("one", "two")]
    for folder in folders:
        assert entered(folder, good, bound=7.0).ok
    assert make.every_file(folders[0]) == make.every_file(folders[1])


def test_only_the_schedule_of_the_file_counts(folder: Path, good: Path) -> None:
    """Sums, sizes and reasons are worked out anew, and what differs is told."""
    plan = parse_plan(good.read_bytes(), "good")
    good.write_bytes(plan_text(structs.replace(plan, objective=1.0, bound=99.0, versions={"x" * 99: "1", "a": "2"})))
    found = entered(folder, good)
    objective = make.objective(NAME, make.best_schedule(NAME))
    assert told(found)[1] == f"note: {NAME}: the file says objective 1.0, recomputed it is {objective!r}"
    assert found.objective == objective and verify(folder).ok
    assert make.ledger_of(folder)[NAME]["plan"]["versions"] == {"a": "2"}


def test_a_false_count_of_lost_swaps_is_told_as_that(folder: Path, good: Path) -> None:
    plan = parse_plan(good.read_bytes(), "good")
    (station,) = plan.stations
    good.write_bytes(plan_text(structs.replace(plan, stations=(structs.replace(station, swaps_lost=7),))))
    note = f"note: {NAME}: {station.station}: the file says 7 swaps lost, by its hand-overs they are 0"
    assert note in told(entered(folder, good))


def test_ready_targets_do_not_change_the_bill(tmp_path: Path) -> None:
    """Weights of a file may make a demand charge cheaper where the instance's own is the whole one."""
    name = "demand-charge-peak-so-far"
    (night,) = make.instance(name).nights
    tariff = weighted(night.station.tariff, {"peak": 1})
    whole_rate = replace(night, station=replace(night.station, tariff=tariff))
    instance = replace(make.instance(name), nights=(whole_rate,))
    path = plan_of(name, make.dear_schedule(name), tmp_path / "plan.json")
    plan = parse_plan(hedged(path), "plan")
    objective = cost_of(whole_rate, make.dear_schedule(name)).objective
    by_file = check_plan(instance, plan, "plan").cost
    assert by_file is not None and by_file.objective < objective
    judged = judged_plan(name, instance, plan, Submission("plan", "theirs", DAY))
    assert judged.objective == objective
    assert judged.notes[0].endswith("ready targets left out: the benchmark bills by the instance alone")


def test_a_plan_that_breaks_a_rule(folder: Path, tmp_path: Path) -> None:
    spoilt = make.charged_more(make.best_schedule(NAME), 50.0)
    found = refused(folder, plan_of(NAME, spoilt, tmp_path / "spoilt.json"))
    assert found.answer == "breaks rules" and told(found)[-1] == "Nothing was written: the plan breaks rules."
    assert any(re.match(rf"{NAME}: plan: power: pack .*: found .*, limit ", line) for line in told(found))


def test_many_broken_rules_are_counted(folder: Path, tmp_path: Path) -> None:
    best = make.best_schedule(NAME)
    spoilt = replace(best, rows=tuple(replace(row, power_kw=(999.0,) * len(row.power_kw)) for row in best.rows))
    found = refused(folder, plan_of(NAME, spoilt, tmp_path / "spoilt.json"))
    assert len(found.failures) == 11
    assert re.fullmatch(r"and \d+ more; in all: .*power \d+ times.*", found.failures[-1].text)


def test_a_plan_that_is_worse(folder: Path, good: Path, tmp_path: Path) -> None:
    entered(folder, good)
    dear = make.dear_schedule(NAME)
    found = refused(folder, plan_of(NAME, dear, tmp_path / "dear.json"))
    more = make.objective(NAME, dear) - BEST
    assert found.answer == "worse"
    assert told(found) == [
        f"{NAME}: plan: costs {BEST + more:,.6f}, the entry 7.500000 (theirs, {DAY}): {more:,.6f} more, "
        f"{100 * more / BEST:.3f} % of what charging costs",
        "Nothing was written: the plan is worse than the entry.",
    ]


def test_a_plan_that_costs_the_same(folder: Path, good: Path) -> None:
    entered(folder, good)
    found = refused(folder, good, solver="others")
    assert found.answer == "same"
    assert told(found) == [
        f"{NAME}: plan: costs 7.500000, the entry 7.500000 (theirs, {DAY}): the same, so the older one stays",
        "Nothing was written: the plan costs what the entry costs.",
    ]


def test_a_plan_of_another_instance(folder: Path, good: Path) -> None:
    found = refused(folder, good, instance=OTHER)
    assert told(found) == [
        f"{OTHER}: instance: wrong instance: the plan is of {NAME} by its hash, not of {OTHER}",
        "Nothing was written: the plan is of another instance.",
    ]
    with pytest.raises(InputErrors, match="did you mean 'end-value'"):
        entered(folder, good, instance="end-valeu")


def test_a_plan_of_no_instance_of_the_library(folder: Path, good: Path) -> None:
    strange = parse_plan(good.read_bytes(), "good")
    good.write_bytes(plan_text(structs.replace(strange, instance=structs.replace(strange.instance, hash="sha256:0"))))
    listed = make.record(NAME).instance_hash
    assert refused(folder, good).failures[0].text == (
        f"wrong instance: the plan is of sha256:0, the library's is {listed}; plan the library's own: swapcharge bench "
        f"library full -o FOLDER writes {NAME}.json"
    )
    instance = structs.replace(strange.instance, hash="sha256:0", name="elsewhere")
    good.write_bytes(plan_text(structs.replace(strange, instance=instance)))
    assert refused(folder, good).failures[0].text == (
        "wrong instance: no instance of the library has the hash sha256:0; `swapcharge bench library full --json` "
        "lists names and hashes"
    )


def test_a_plan_whose_hash_was_exchanged(folder: Path, good: Path) -> None:
    """It says that it is of another instance, whose station it does not have."""
    file = parse_plan(good.read_bytes(), "good")
    instance = structs.replace(file.instance, hash=make.record(OTHER).instance_hash)
    station = structs.replace(file.stations[0], station="nowhere")
    good.write_bytes(plan_text(structs.replace(file, instance=instance, stations=(station,))))
    found = refused(folder, good)
    assert found.answer == "wrong instance" and "is not a station of the instance" in told(found)[0]


def test_a_ledger_that_does_not_hold_is_not_built_upon(folder: Path, good: Path) -> None:
    (folder / make.ledger_of(folder)[NAME]["plan"]["file"]).unlink()
    found = refused(folder, good)
    assert found.answer == "ledger does not hold" and "there is no such file" in told(found)[0]


def test_a_plan_below_a_proven_bound_is_a_contradiction(folder: Path, good: Path) -> None:
    make.changed(folder / "ledger.json", lambda ledger: ledger["entries"][0]["bound"].update(value=7.6))
    found = refused(folder, good)
    assert found.answer == "refuted"
    assert told(found)[0].startswith(f"{NAME}: bound: 7.6 by on-arrival (ledger) lies above the checked plan of 7.5")


def test_a_stored_plan_with_ready_targets_does_not_hold(folder: Path, good: Path) -> None:
    entered(folder, good)
    file = make.ledger_of(folder)[NAME]["plan"]["file"]
    good.write_bytes(gzip.decompress((folder / file).read_bytes()))
    (folder / file).write_bytes(gzip.compress(hedged(good)))
    texts = [finding.text for finding in verify(folder).failures]
    assert (
        f"{file}: has ready targets, which change the bill; the benchmark checks and bills by the instance alone"
        in texts
    )
