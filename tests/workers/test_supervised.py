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
    assert str(caught.value) == "the planning process ended with exit code -9"


def test_what_never_returns_is_ended() -> None:
    with closing(SupervisedProcess(hang)) as process:
        reports = process.reports(until())
        child = next(reports)
        assert isinstance(child, int) and list(process.reports(time.monotonic())) == []
    assert not psutil.pid_exists(child)
