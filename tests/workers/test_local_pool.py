"""Worker processes: whatever happens to one, its task comes back with the reason, and no other task notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import night_faults as faults
import psutil
import pytest
from patience import PATIENCE
from pool_results import results

from optimizer.workers import local_pool
from optimizer.workers.local_pool import Fault, LocalPool, PoolBrokenError


@contextmanager
def pool(workers: int = 2, warm_up: Callable[[], object] = faults.nothing, **options: Any) -> Iterator[LocalPool]:
    made = LocalPool(workers, warm_up, **options)
    try:
        yield made
    finally:
        made.close()


def test_every_task_comes_back_once() -> None:
    with pool() as two:
        assert results(two, [(faults.twice, n) for n in range(20)]) == [2 * n for n in range(20)]


LEAVING_A_LOCK = """
import sys
from optimizer.workers.local_pool import LocalPool
from pool_results import keep_a_lock, results

if __name__ == "__main__":
    pool = LocalPool(1, int)
    assert results(pool, [(keep_a_lock,)]) == [None]
    pool.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="locks are no names of the system")
@pytest.mark.parametrize("warnings", [None, "default"])
def test_nothing_is_said_of_what_killed_workers_leave(tmp_path: Path, warnings: str | None) -> None:
    script = tmp_path / "leaves_a_lock.py"
    script.write_text(LEAVING_A_LOCK)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"PYTHONWARNINGS": warnings} if warnings else {}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FAULTS: list[tuple[tuple[Any, ...], Fault]] = [
    ((faults.die,), Fault("died", "its worker was killed by SIGKILL (out of memory?)")),
    ((faults.dies_on_the_way,), Fault("died", "its worker was killed by SIGKILL (out of memory?)")),
    ((os._exit, 3), Fault("died", "its worker ended with exit code 3")),
    ((os.abort,), Fault("died", "its worker was killed by SIGABRT")),
    ((faults.fail, "no"), Fault("raised", "ValueError: no")),
    ((sys.exit, 4), Fault("raised", "SystemExit: 4")),
]


def test_a_fault_is_told_and_costs_one_task() -> None:
    tasks = [one for n, (task, _) in enumerate(FAULTS) for one in ((faults.twice, n), task)]
    expected = [one for n, (_, fault) in enumerate(FAULTS) for one in (2 * n, fault)]
    with pool() as two:
        assert results(two, tasks) == expected


def test_a_task_beyond_its_limit_is_killed_and_its_worker_replaced() -> None:
    with pool(1) as one:
        assert results(one, [(faults.twice, 1)]) == [2]
        (found,) = results(one, [(faults.hang,)], seconds=0.3)
        assert found == Fault("hung", "no answer within 0.3 s: its worker was killed")
        assert results(one, [(faults.twice, 2)]) == [4]


def test_a_result_that_cannot_travel_is_a_fault() -> None:
    with pool(1) as one:
        (found,) = results(one, [(faults.unpicklable,)])
        assert found.kind == "raised" and "pickle" in found.reason


def test_a_task_out_of_memory_gets_a_new_worker_after_it() -> None:
    with pool(1, memory_mb=256) as one:
        first, found, second = results(one, [(faults.process_id,), (faults.eat,), (faults.process_id,)])
        assert found == Fault("raised", "MemoryError")
        assert first != second


def test_what_is_dropped_never_comes_back() -> None:
    with pool(1) as one:
        one.start(1, faults.hang, (), PATIENCE)
        one.drop()
        assert results(one, [(faults.twice, 2)]) == [4]


def test_workers_that_die_before_they_are_ready_break_the_pool() -> None:
    with pool(1, warm_up=faults.die) as broken:
        broken.start(1, faults.twice, (1,), PATIENCE)
        with pytest.raises(PoolBrokenError) as caught:
            for _ in range(round(PATIENCE)):
                broken.wait(1.0)
    assert str(caught.value) == "no worker can be started: its worker was killed by SIGKILL (out of memory?)"


def test_the_end_of_a_worker_is_noticed_though_its_pipe_stays_open(tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.touch()
    try:
        with pool(1, partial(faults.leaves_its_pipe_open, held)) as one, pytest.raises(PoolBrokenError) as caught:
            results(one, [(faults.twice, 1)])
    finally:
        held.unlink()
    assert str(caught.value) == "no worker can be started: its worker ended with exit code 3"


def test_a_system_without_processes_breaks_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with pool(1) as broken:
        monkeypatch.setattr(broken._context.Process, "start", refuse)
        broken.start(1, faults.twice, (1,), PATIENCE)
        broken.wait(0.01)
        with pytest.raises(PoolBrokenError) as caught:
            broken.wait(0.01)
    assert str(caught.value) == (
        "no worker can be started: the system starts no process (Resource temporarily unavailable)"
    )


def test_close_leaves_no_worker_behind() -> None:
    with pool() as two:
        workers = results(two, [(faults.process_id,)] * 2)
    assert not any(psutil.pid_exists(pid) for pid in workers)


@pytest.mark.parametrize("task", ["faults.spin", "faults.nothing"])
def test_workers_end_when_their_coordinator_is_killed(task: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(faults.__file__).parent)!r})\n"
        "import night_faults as faults\nfrom optimizer.workers.local_pool import LocalPool\n"
        "pool = LocalPool(1, faults.nothing)\n"
        "pool.start(1, faults.process_id, (), 60)\n"
        "while not (done := pool.wait(1)): pass\n"
        f"pool.start(2, {task}, (), 1000); print(done[0].result, flush=True)\n"
        "while True: pool.wait(1)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as coordinator:
        assert coordinator.stdout is not None
        worker = psutil.Process(int(coordinator.stdout.readline()))
        coordinator.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)


def test_workers_leave_ctrl_c_to_the_coordinator() -> None:
    with pool(1) as one:
        (worker,) = results(one, [(faults.process_id,)])
        os.kill(worker, signal.SIGINT)
        assert results(one, [(faults.process_id,)]) == [worker]


def test_a_worker_that_is_still_starting_ignores_ctrl_c() -> None:
    """It has no handler of its own yet, and Ctrl-C goes to all processes of a terminal."""
    before = signal.getsignal(signal.SIGINT)
    with pool(1) as one:
        one.start(1, faults.nothing, (), PATIENCE)
        child = max(psutil.Process().children(), key=lambda process: process.pid)  # the newest: others serve all pools
        status = Path(f"/proc/{child.pid}/status").read_text()
        ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn:")).split()[1], 16)
        assert ignored & (1 << (signal.SIGINT - 1))
        assert signal.getsignal(signal.SIGINT) is before


def spin() -> None:
    while True:
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not say what a process took")
def test_a_worker_that_works_and_works_and_never_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "START_CPU_SECONDS", 1.0)
    with pool(1, spin) as one, pytest.raises(PoolBrokenError) as caught:
        results(one, [(faults.twice, 1)])
    assert str(caught.value) == (
        "no worker can be started: one worked for 6 s and was not ready (is its memory limited, as by ulimit -v?)"
    )
