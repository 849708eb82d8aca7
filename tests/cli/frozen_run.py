"""A command that takes a while, frozen on its way: what befalls it then does not depend on how fast the machine is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from patience import PATIENCE


@contextmanager
def frozen(
    command: Sequence[object], out: Path, done: Callable[[], int], least: int, most: int
) -> Iterator[subprocess.Popen[str]]:
    """The command in a process group of its own, stopped once `done` is between `least` and `most`.

    `out`: the folder it writes to. A command that could not be stopped in time begins anew.
    """
    while True:
        with subprocess.Popen(
            list(map(str, command)),
            text=True,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            until = time.monotonic() + PATIENCE
            while done() < least and process.poll() is None and time.monotonic() < until:
                time.sleep(0.001)
            assert done() >= least
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGSTOP)
                if done() <= most:
                    try:
                        yield process
                    finally:
                        with suppress(ProcessLookupError):  # all have ended
                            os.killpg(process.pid, signal.SIGCONT)
                    return
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(out)


def go_on(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Let it run to its end; what it wrote to standard output and standard error."""
    os.killpg(process.pid, signal.SIGCONT)
    return process.communicate(timeout=PATIENCE)
