"""`python -m optimizer.bench.contest.child_main TASK`: one run in a process of its own.

It ends when the process that waits for it does.

TASK is a file with a pickled `RunTask`. The results go to the task's files; output is the contender's own.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import pickle
import signal
import sys
import threading
import time
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from optimizer.bench.contenders.entrants import entrants
from optimizer.bench.contest.child_run import ChildAnswer, RunTask, compete
from optimizer.bench.contest.trajectory_file import TrajectoryFile
from optimizer.workers.worker import DIE_WITH_PARENT, KILL

LOOK_SECONDS = 1.0


def main(file: str) -> None:
    """Carry out the task of a file."""
    task = pickle.loads(Path(file).read_bytes())
    assert isinstance(task, RunTask)
    end_with(task.parent)
    _tell_of_crashes(task.stack)
    sys.path += [entry for entry in task.path if entry not in sys.path]
    _write(Path(task.answer), _answer(task))
    _flush()


def _tell_of_crashes(stack: str) -> None:
    """What was going on goes to the file where a signal ends the process; lines are on their way once they are whole.

    The file stays open to the end.
    """
    if stack:
        file = os.open(stack, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        faulthandler.enable(file)
        if hasattr(signal, "SIGXCPU"):  # it used all of its processor time: where?
            faulthandler.register(signal.SIGXCPU, file, chain=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")


def _flush() -> None:
    """Send off what Python and, on Linux, libraries have not written yet."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # whatever a contender has put in its place
            stream.flush()
    if sys.platform == "linux":
        ctypes.CDLL(None).fflush(None)


def _answer(task: RunTask) -> ChildAnswer:
    try:
        (entrant,) = entrants([task.contender])
    except Exception as error:
        return ChildAnswer("raised", f"the contender cannot be loaded: {error}")
    return compete(entrant.contender, task, TrajectoryFile(task.trajectory))


def _write(path: Path, answer: ChildAnswer) -> None:
    """Under its name only when complete: the waiting process may read it at any time."""
    beside = path.with_name(f"{path.name.removesuffix('.tmp')}.part.tmp")
    beside.write_bytes(pickle.dumps(answer))
    beside.replace(path)


def end_with(parent: int) -> None:
    """End when the process `parent` does, whatever ends it: by Linux itself, elsewhere by a thread that looks."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, KILL)
        if os.getppid() != parent:  # it ended before Linux was asked
            os._exit(1)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
    os._exit(0)  # the answer is on file: what a solver does while it is torn down is no part of the run
