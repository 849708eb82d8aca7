"""Commands that write to one ledger at the same time, and files that are not the ledger's."""

from __future__ import annotations

from pathlib import Path

import bench_ledgers as make
import pytest
from bench_submissions import NAME, entered

from optimizer.bench.ledger import submit
from optimizer.bench.ledger.update import update_ledger
from optimizer.bench.ledger.verify import verify
from optimizer.bench.ledger.write_ledger import MARK
from optimizer.files.errors import OutputErrors
from optimizer.files.folder_lock import lock_folder
from optimizer.formats.plan_document import PlanFile

AGAIN = "nothing was written: run the same command again"


def test_while_another_writes_nothing_is_written(folder: Path, good: Path) -> None:
    held = lock_folder(folder, MARK)
    before = make.every_file(folder)
    with pytest.raises(OutputErrors) as caught:
        entered(folder, good)
    assert str(caught.value) == f"{folder}/ledger.json: is being written by another command; {AGAIN}"
    assert make.every_file(folder) == before
    held.close()
    assert entered(folder, good).ok


@pytest.mark.parametrize("at", [0, -1])
def test_what_another_has_entered_in_the_meantime_is_not_lost(
    folder: Path, good: Path, tmp_path: Path, at: int
) -> None:
    """Another submission enters while an update looks at its first, or its last instance."""
    results = make.write_results(tmp_path / "run", make.best(NAME, "levels:highs", bound=make.OPTIMA[NAME]))

    def enter_once(name: str) -> None:
        if name == make.NAMES[at]:
            assert entered(folder, good).ok

    with pytest.raises(OutputErrors) as caught:
        update_ledger(folder, [results], enter_once)
    assert str(caught.value) == f"{folder}/ledger.json: was changed by another command in the meantime; {AGAIN}"
    assert make.ledger_of(folder)[NAME]["plan"]["contender"] == "theirs" and verify(folder).ok
    assert update_ledger(folder, [results]).ok
    assert make.ledger_of(folder)[NAME]["bound"]["contender"] == "levels:highs"


def test_two_submissions_at_once(folder: Path, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one reads its plan, another replaces the entry's, which the first would then look for in vain."""
    read, waiting = submit.read_plan, [good]

    def read_after_another(name: str) -> PlanFile:
        if waiting:
            assert entered(folder, waiting.pop(), solver="another").ok
        return read(name)

    monkeypatch.setattr(submit, "read_plan", read_after_another)
    with pytest.raises(OutputErrors) as caught:
        entered(folder, good)
    assert str(caught.value) == f"{folder}/ledger.json: was changed by another command in the meantime; {AGAIN}"
    assert make.ledger_of(folder)[NAME]["plan"]["contender"] == "another" and verify(folder).ok


def test_files_of_others_stay(folder: Path, good: Path) -> None:
    replaced = folder / make.ledger_of(folder)[NAME]["plan"]["file"]
    killed = folder / "plans" / f"left-{16 * 'a'}.plan.json.gz"
    others = [folder / "plans" / "mine.plan.json.gz", folder / "plans" / "copy-of-it.plan.json.gz"]
    for path in (killed, *others):
        path.write_bytes(b"")
    note = verify(folder).notes[-1]
    assert note.startswith("1 plan file that no entry names; the next update removes them: plans/left-aaaa")
    assert entered(folder, good).ok
    assert not replaced.exists() and not killed.exists() and all(path.exists() for path in others)


def test_a_folder_that_cannot_be_locked(folder: Path, good: Path) -> None:
    (folder / ".lock").unlink()
    (folder / ".lock").mkdir()
    with pytest.raises(OutputErrors) as caught:
        entered(folder, good)
    remedy = "put that right, or name another folder with --ledger"
    assert str(caught.value) == f"{folder}/ledger.json: cannot be written (Is a directory); {remedy}"
