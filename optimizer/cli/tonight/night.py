"""One night of an operation: its folder, the commands in their order, and what each of them said."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from optimizer.cli.nightly import HISTORY
from optimizer.cli.output import EXIT_INTERRUPTED, EXIT_NO, shows_progress
from optimizer.cli.tonight.operation import Operation
from optimizer.files.read_write import write_whole
from optimizer.runs.folder import SUMMARY, read_summary

NETWORK, RUN, SETPOINTS, LOGS = "network.json", "run", "setpoints", "logs"
STATIONS_PAGE, OVERVIEW_PAGE = "stations.html", "overview.html"
PROGRAM = (sys.executable, "-m", "optimizer")


class Call(NamedTuple):
    """A command to be called: its name in the logs, how it is typed, its other arguments, what it makes."""

    name: str
    command: str
    arguments: tuple[str, ...]
    result: str


class Said(NamedTuple):
    """What became of a command: its exit code, and the last that it said on standard error."""

    call: Call
    exit_code: int
    last_words: str


@dataclass(frozen=True)
class NightOfOperation:
    """The night that begins on a local date."""

    operation: Operation
    day: date

    @property
    def folder(self) -> Path:
        """Where all of it goes."""
        return self.operation.folder / self.place

    @property
    def place(self) -> Path:
        """The same as seen from the operation's folder."""
        return Path(self.operation.nights) / self.day.isoformat()

    @property
    def last_run(self) -> Path | None:
        """The run of the day before, if there is one, as seen from the operation's folder: its plans say what stands in
        the bays when this night begins."""
        run = Path(self.operation.nights) / (self.day - timedelta(days=1)).isoformat() / RUN
        return run if (self.operation.folder / run / SUMMARY).is_file() else None

    def calls(self) -> Iterator[Call]:
        """The commands of the night, in their order."""
        asked, last = self.operation.asked, self.last_run
        carried, compared = ((), ()) if last is None else ((f"--carry-from={last}",), (f"--compare={last}",))
        network, run = str(self.place / NETWORK), str(self.place / RUN)
        yield self._call("import", "import network", (f"--date={self.day}", *asked["import"]), NETWORK)
        history = f"--history={self.place.parent / HISTORY}"  # one of all nights, unless the file names another
        yield Call("nightly", "nightly", (network, f"--out={run}", *carried, history, *asked["nightly"]), run)
        if "setpoints" in asked:
            yield self._call("setpoints", "export setpoints", (run, *asked["setpoints"]), SETPOINTS)
        if self.operation.has_pages:
            yield self._call("stations", "report", (run,), STATIONS_PAGE)
            yield self._call("overview", "report --overview", (run, *compared), OVERVIEW_PAGE)

    def _call(self, name: str, command: str, arguments: tuple[str, ...], output: str) -> Call:
        result = str(self.place / output)
        return Call(name, command, (*arguments, f"--output={result}"), result)

    def carry_out(self) -> Iterator[Said]:
        """Call one command after the other, until one has no result to go on with: exit codes above 1."""
        for call in self.calls():
            said = self._called(call)
            yield said
            if said.exit_code > EXIT_NO:
                return

    def _called(self, call: Call) -> Said:
        """The command in a process of its own: what it says goes to the logs, its progress to a terminal."""
        words = (*PROGRAM, *call.command.split(), *call.arguments)
        errors = None if shows_progress() else subprocess.PIPE
        with (
            subprocess.Popen(
                words, cwd=self.operation.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            ) as child,
            _handing_on(child),
        ):
            told, warned = child.communicate()
        warned = warned or b""
        for name, text in ((f"{call.name}.txt", told), (f"{call.name}.stderr.txt", warned)):
            write_whole(self.folder / LOGS / name, text)
        last = warned.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Said(call, EXIT_INTERRUPTED if child.returncode < 0 else child.returncode, last)

    def run_summary(self) -> dict[str, Any] | None:
        """The totals of the run; None before there are any. Raises InputErrors."""
        run = self.folder / RUN
        return msgspec.to_builtins(read_summary(run)) if (run / SUMMARY).is_file() else None


@contextmanager
def _handing_on(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """A request to stop goes to the command that runs, which ends in good order; Ctrl-C reaches it by itself."""

    def hand_on(number: int, _: object) -> None:
        if number != signal.SIGINT:
            child.send_signal(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    caught = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]  # as under nohup
    before = {number: signal.signal(number, hand_on) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
