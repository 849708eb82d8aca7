"""`bench smoke`: the suite gives the committed values, and every difference is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bench_ledgers as make
import bench_runs
import bench_smoke
import cli
import msgspec
import pytest
from bench_smoke import smoke_text
from patience import PATIENCE

from optimizer.bench import smoke
from optimizer.bench.contest import runner
from optimizer.bench.library.library import read_library
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.smoke import CONTENDERS, SUITE, SmokeDocument, differences, read_smoke
from optimizer.files.errors import InputErrors

NAME = "plug-change-cost"


def runs() -> list[RunRecord]:
    """Two contenders on one instance: one proves its plan, one has a dearer one."""
    return [
        make.best(NAME, "reference:highs", bound=7.5, is_solved=True)[0],
        make.dear(NAME, "on-arrival")[0],
    ]


def values(records: list[RunRecord]) -> SmokeDocument:
    return msgspec.json.decode(smoke_text(records), type=SmokeDocument)


def told(changed: RunRecord | None = None, contender: str = "reference:highs", **changes: Any) -> list[str]:
    """The differences once the run of one contender is another."""
    now = [msgspec.structs.replace(run, **changes) if run.contender == contender else run for run in runs()]
    return list(map(str, differences(values(runs()), now if changed is None else [*now, changed])))


def test_the_suite_gives_the_committed_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real thing, in the real library; but for processes of their own, which other tests of the benchmark have."""
    monkeypatch.setattr(runner, "Process", bench_runs.HereProcess)
    monkeypatch.setattr(smoke, "TIME_LIMIT_SECONDS", PATIENCE)
    done = cli.run("bench", "smoke", cwd=cli.ROOT)
    count = len(read_smoke(bench_smoke.FOLDER).instances) * len(CONTENDERS)
    assert done.stdout == f"Smoke: {count} runs, {count} proven optimal; all as committed.\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_the_committed_file_is_that_of_the_suite() -> None:
    """Each instance of the suite has values, and both contenders agree on the optimum."""
    document, library = read_smoke(bench_smoke.FOLDER), read_library(bench_smoke.FOLDER)
    have = {instance.name for instance in document.instances}
    assert have == set(library.suite(SUITE).instances)
    for instance in document.instances:
        assert instance.hash == library.entry(instance.name).hash
        assert set(instance.contenders) == set(CONTENDERS)
        assert all(value.is_optimal for value in instance.contenders.values())
        objectives = [value.objective for value in instance.contenders.values()]
        assert objectives == pytest.approx([instance.optimum] * len(objectives), rel=1e-5)


def test_values_of_runs() -> None:
    (instance,) = values(runs()).instances
    assert (instance.name, instance.hash) == (NAME, make.record(NAME).instance_hash)
    assert instance.optimum == pytest.approx(7.5, abs=1e-6)
    assert {name: value.is_optimal for name, value in instance.contenders.items()} == {
        "reference:highs": True,
        "on-arrival": False,
    }
    assert smoke_text(runs()) == smoke_text(runs()[::-1])


def test_the_same_runs_do_not_differ() -> None:
    assert told() == []


def test_another_objective() -> None:
    was = runs()[1].objective
    assert was is not None
    assert told(contender="on-arrival", objective=was + 0.01) == [
        f"{NAME}: on-arrival: objective {was + 0.01!r}, committed {was!r}"
    ]
    assert told(contender="on-arrival", objective=was + 1e-7) == []


def test_a_plan_below_the_optimum() -> None:
    optimum = runs()[0].objective
    lines = told(contender="on-arrival", objective=7.0)
    assert lines[1:] == [f"{NAME}: on-arrival: objective 7.0 lies below the committed optimum {optimum!r}"]


def test_a_bound_above_the_optimum() -> None:
    optimum = runs()[0].objective
    assert told(contender="on-arrival", bound=8.0) == [
        f"{NAME}: on-arrival: bound 8.0 lies above the committed optimum {optimum!r}"
    ]


def test_a_false_proof_by_a_contender_without_committed_values() -> None:
    optimum = runs()[0].objective
    run = msgspec.structs.replace(make.best(NAME, "levels:scip")[0], objective=8.0, is_solved=True)
    assert told(run) == [f"{NAME}: levels:scip: says optimal at 8.0, the committed optimum is {optimum!r}"]


def test_a_proof_that_is_gone() -> None:
    assert told(is_solved=False, gap=0.25) == [f"{NAME}: reference:highs: proves the optimum no more (gap 0.25)"]


@pytest.mark.parametrize("status", ["TO", "OOM", "ER", "WRONG", "NA"])
def test_a_run_that_failed(status: str) -> None:
    assert told(status=status, reason="bad luck") == [f"{NAME}: reference:highs: status {status}: bad luck"]


def test_a_contender_that_cannot_run_is_no_difference_without_committed_values() -> None:
    assert told(make.record(NAME, "reference:scip", status="NA")) == []


def test_another_instance() -> None:
    committed = make.record(NAME).instance_hash
    assert told(instance_hash="sha256:0") == [
        f"{NAME}: reference:highs: ran on sha256:0, the committed values are of {committed}"
    ]
    other = make.best("end-value")[0]
    assert told(other) == ["end-value: engine: has no committed value"]
    assert list(map(str, differences(values(runs()), []))) == [f"{NAME}: suite: has committed values and did not run"]


def test_a_broken_file_of_values(tmp_path: Path) -> None:
    (tmp_path / "smoke.json").write_text('{"format": "swapcharge-bench-smoke", "version": 1, "instance": []}')
    with pytest.raises(InputErrors) as caught:
        read_smoke(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/smoke.json: instance: []: is not a key of this object; did you mean 'instances'?"
    )


def test_differences_on_the_command_line(tmp_path: Path) -> None:
    folder = make.write_library(tmp_path, (NAME,))
    (folder / "smoke.json").write_bytes(smoke_text([make.dear(NAME, "cheapest-first")[0]]))
    make.changed(folder / "smoke.json", _spoil)
    done = cli.run("bench", "smoke", "--library", folder, "--contenders", "cheapest-first")
    assert (done.returncode, done.stderr) == (1, "")
    first, last = done.stdout.splitlines()
    assert first.startswith(f"{NAME}: cheapest-first: objective ") and first.endswith(", committed 1.0")
    assert last == "Smoke: 1 run, 0 proven optimal; 1 difference."
    plain = json.loads(
        cli.run("bench", "smoke", "--library", folder, "--contenders", "cheapest-first", "--json").stdout
    )
    assert (plain["ok"], plain["runs"], len(plain["differences"])) == (False, 1, 1)


def _spoil(content: dict[str, Any]) -> None:
    content["instances"][0]["contenders"]["cheapest-first"]["objective"] = 1


def test_nobody_competes(tmp_path: Path) -> None:
    done = cli.run("bench", "smoke", "--contenders", ",")
    assert done.returncode == 2 and "--contenders takes one name or more" in done.stderr


def test_no_library(tmp_path: Path) -> None:
    done = cli.run("bench", "smoke", "--library", "none", cwd=tmp_path)
    told = "none/smoke.json: there is no such file; check the name and the folder\n"
    assert (done.returncode, done.stderr) == (2, told)
