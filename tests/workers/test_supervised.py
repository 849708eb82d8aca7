"""A function in its own process: what it reports, raises, and how it is ended."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing

import psutil
import pytest
from patience import PATIENCE

from optimizer.workers.supervised import ProcessDiedError, Report, SupervisedProcess


def count(report: Report, to: int) -> None:
    for number in range(to):
        report(number)


def refuse(report: Report) -> None:
    report("began")
    raise ValueError("no such night")


def die(report: Report) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang(report: Report) -> None:
    report(os.getpid())
    while True:
        pass


def until() -> float:
    return time.monotonic() + PATIENCE


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_reports_come_in_order_until_the_function_returns(method: str) -> None:
    with closing(SupervisedProcess(count, 3, start_method=method)) as process:
        assert list(process.reports(until())) == [0, 1, 2]


def test_what_the_function_raises_is_raised_here_with_its_traceback() -> None:
    with closing(SupervisedProcess(refuse)) as process:
        reports = process.reports(until())
        assert next(reports) == "began"
        with pytest.raises(ValueError, match="no such night") as caught:
            next(reports)
    assert "in refuse" in caught.value.__notes__[0]


def test_a_process_that_is_killed_is_described() -> None:
    with closing(SupervisedProcess(die)) as process, pytest.raises(ProcessDiedError) as caught:
        list(process.reports(until()))
    assert str(caught.value) == "was killed by SIGKILL (out of memory?)"


def eat(report: Report) -> None:
    raise MemoryError


def test_a_process_whose_memory_runs_out_has_died_too() -> None:
    with closing(SupervisedProcess(eat)) as process, pytest.raises(ProcessDiedError, match=r"^ran out of memory$"):
        list(process.reports(until()))


def test_a_process_that_cannot_be_started_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    with pytest.raises(ProcessDiedError) as caught:
        SupervisedProcess(count, 3)
    assert str(caught.value) == "could not be started (Resource temporarily unavailable)"


def test_what_never_returns_is_ended() -> None:
    with closing(SupervisedProcess(hang)) as process:
        reports = process.reports(until())
        child = next(reports)
        assert isinstance(child, int) and list(process.reports(time.monotonic())) == []
    assert not psutil.pid_exists(child)
