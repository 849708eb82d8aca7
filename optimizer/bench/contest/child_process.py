"""A run's process seen from outside: start it, watch it, kill it when its time is up, and say how it ended."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from optimizer.bench.contest.captured_output import CapturedStream, cleaned
from optimizer.bench.contest.child_run import ChildAnswer, RunTask
from optimizer.bench.contest.trajectory_file import read_start, read_trajectory
from optimizer.bench.records.machine import memory_mb
from optimizer.bench.records.run_record import KILLED, Point
from optimizer.workers.usage import MB, allowed_cpu_seconds, says_out_of_memory
from optimizer.workers.worker import ONE_THREAD

START_SECONDS = 300.0  # a process that has not begun to compete by then never will
GRACE_SHARE, LEAST_GRACE_SECONDS = 0.2, 10.0  # of its time limit, before a contender that does not end is killed
NEAR_SHARE = 0.8  # of its memory limit that a process killed by the system must have held to be out of memory
HALF = 0.5  # the same of the machine's memory, where there is no limit
USUAL_TICKS = 100  # of Linux, each second
# -P: no file of the current folder stands in for a module
COMMAND = (sys.executable, "-P", "-m", "optimizer.bench.contest.child_main")


def grace_seconds(time_limit_seconds: float) -> float:
    """Seconds beyond its time limit, of the clock and of the processor, after which a contender is killed."""
    return max(LEAST_GRACE_SECONDS, GRACE_SHARE * time_limit_seconds)


@dataclass(frozen=True)
class RunEnd:
    """How a process ended. `kind` "answered": see `answer`; else it was killed for its time, ran out of memory, or
    died. `wall_seconds` since it began to compete; the trajectory is what it reported until then. `traceback`: where
    it failed; `stdout`, `stderr`: what it wrote, shortened."""

    kind: Literal["answered", "killed", "out_of_memory", "died"]
    reason: str = ""
    answer: ChildAnswer | None = None
    trajectory: tuple[Point, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    traceback: str = ""
    stdout: str = ""
    stderr: str = ""


@dataclass
class Process:
    """One run under way. `files`: its scratch files by use, task | trajectory | answer | stack; removed at its end."""

    task: RunTask
    files: Mapping[str, Path]
    grace_seconds: float
    _process: subprocess.Popen[bytes] = field(init=False)
    _output: list[CapturedStream] = field(init=False)
    _began: float = field(default_factory=time.monotonic)
    _started: float | None = None
    _cpu_at_start: float = 0.0
    _cpu_seconds: float = 0.0
    _peak_mb: float = 0.0
    _mb_at_start: float = 0.0

    def __post_init__(self) -> None:
        self.files["task"].write_bytes(pickle.dumps(self.task))
        self._process = self._begin()
        streams = (self._process.stdout, self._process.stderr)
        self._output = [CapturedStream(stream) for stream in streams if stream is not None]

    def _begin(self) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C does not reach it, and solvers that it starts are killed with it."""
        return subprocess.Popen(
            [*COMMAND, str(self.files["task"])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | dict.fromkeys(ONE_THREAD, "1") | {"PYTHONHASHSEED": "0"},
        )

    def look(self) -> RunEnd | None:
        """How it ended; None while it runs within its limits."""
        self._measure()
        now = time.monotonic()
        if self._started is None and (start := read_start(self.files["trajectory"])) is not None:
            self._started, (self._mb_at_start, self._cpu_at_start) = now, start
        code = self._process.poll()
        if code is not None:
            self._kill_all()  # what it started may hold its streams open
            return self._closed(self._reason_of_end(code))
        limit = START_SECONDS if self._started is None else self.task.limits.time_limit_seconds + self.grace_seconds
        since = self._began if self._started is None else self._started
        if now - since <= limit:
            return None
        self._kill_all()
        if self._started is None:
            return self._closed(RunEnd("died", f"it has not begun after {START_SECONDS:g} s, and was killed"))
        return self._closed(RunEnd("killed", f"it did not end{KILLED} {self.grace_seconds:g} s after its time limit"))

    def kill(self) -> None:
        """End it, with whatever it started, and forget what it noted."""
        self._kill_all()
        for stream in self._output:
            stream.close()
        for path in (*self.files.values(), _part(self.files["answer"])):
            path.unlink(missing_ok=True)

    def _kill_all(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # all have ended
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:  # Windows has no such groups: what it started is not reached
                self._process.kill()
        self._process.wait()

    def _measure(self) -> None:
        """Read memory and processor time from the system: a process that is killed cannot report them."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8", errors="replace")
            stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        peaks = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
        self._peak_mb = max(self._peak_mb, *(kb * 1024 / MB for kb in peaks), 0.0)
        ticks = stat.rpartition(")")[2].split()[11:15]  # its own and its children's, in user and system mode
        self._cpu_seconds = max(self._cpu_seconds, sum(map(int, ticks)) / _ticks_each_second())

    def _closed(self, ended: RunEnd) -> RunEnd:
        """The end with what was noted, written and measured; the process is gone, and now its files are, too."""
        seconds = 0.0 if self._started is None else time.monotonic() - self._started
        stdout, stderr = (stream.text() for stream in self._output)
        end = RunEnd(
            kind=ended.kind,
            reason=ended.reason,
            answer=ended.answer,
            trajectory=tuple(read_trajectory(self.files["trajectory"])),
            wall_seconds=seconds if ended.answer is None else ended.answer.wall_seconds,
            cpu_seconds=max(0.0, self._cpu_seconds - self._cpu_at_start)
            if ended.answer is None
            else ended.answer.cpu_seconds,
            peak_memory_mb=self._peak_mb if ended.answer is None else ended.answer.peak_memory_mb,
            traceback=self._stack() if ended.answer is None else ended.answer.traceback,
            stdout=stdout,
            stderr=stderr,
        )
        self.kill()
        return end

    def _reason_of_end(self, code: int) -> RunEnd:
        """How a process that has gone ended: with its answer, or else by what its exit code and last words show."""
        try:
            answer = pickle.loads(self.files["answer"].read_bytes())
        except OSError:
            answer = None
        if isinstance(answer, ChildAnswer):
            return RunEnd("answered", answer=answer)
        words = self._last_words()
        if _is_signal(code, "SIGXCPU"):
            return RunEnd("killed", f"it used more than {self.task.cpu_seconds:g} s of the processor{KILLED}")
        is_starved = _is_signal(code, "SIGKILL") and self._was_near_memory()
        if is_starved or says_out_of_memory(words) or "MemoryError" in words:
            return RunEnd("out_of_memory", _with(f"its process {_end_text(code)}", words))
        return RunEnd("died", _with(f"its process {_end_text(code)}", words))

    def _last_words(self) -> str:
        """The last line that it wrote to standard error."""
        lines = self._output[-1].text().splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _stack(self) -> str:
        """What was going on when a signal ended it; empty where none did, or one that nobody can answer."""
        try:
            return cleaned(self.files["stack"].read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return ""

    def _was_near_memory(self) -> bool:
        limit_mb = self.task.memory_mb
        if limit_mb is not None:
            return self._peak_mb - self._mb_at_start >= NEAR_SHARE * limit_mb
        return self._peak_mb >= HALF * (memory_mb() or float("inf"))


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name.removesuffix('.tmp')}.part.tmp")


def _ticks_each_second() -> int:
    return os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else USUAL_TICKS


def _is_signal(code: int, name: str) -> bool:
    """Did this signal end the process? Never where the system has no such signal."""
    return code < 0 and -code == getattr(signal, name, None)


def _end_text(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    known = {one.value: one.name for one in signal.Signals}
    return f"was killed by {known.get(-code, f'signal {-code}')}"


def _with(what: str, words: str) -> str:
    return f"{what}; its last words: {words}" if words else what


def cpu_limit_seconds(time_limit_seconds: float, grace: float) -> float:
    """Processor seconds of a run: those of one core for as long as it may run at all."""
    return allowed_cpu_seconds(time_limit_seconds + grace)
