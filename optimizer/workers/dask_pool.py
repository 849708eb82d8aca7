"""Where tasks run on many machines: a dask.distributed cluster that somebody has started.

Whoever can talk to a Dask scheduler can run anything on its workers and on its clients. So an address is taken
only if it is on this machine or speaks TLS.
"""

from __future__ import annotations

import logging
import queue
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.versions import versions
from optimizer.workers.local_pool import Fault, Finished, PoolBrokenError
from optimizer.workers.worker import Raised, attempt

CONNECT_SECONDS = 20.0
RESTART_SECONDS = 30.0  # for a worker that is killed to come back
LOOK_SECONDS = 2.0  # between looks at how many workers there are
CERTIFICATES = (
    "set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and "
    "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY"
)


@dataclass
class _ClusterTask:
    future: Any
    deadline: float
    seconds: float


class DaskPool:
    """The workers of a cluster, one task each. The cluster itself starts a lost worker's task anew on another."""

    def __init__(self, address: str) -> None:
        """Raises InputErrors where the cluster cannot be used, with what to do."""
        self._address = address
        self._client = _connected(address)
        self._versions = versions()
        self._tasks: dict[int, _ClusterTask] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._run = uuid.uuid4().hex  # no two runs on a cluster share a task's name
        self._size, self._looked = 0, -LOOK_SECONDS
        try:
            self._check_workers()
        except InputErrors:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Tasks that run at the same time: as many as the cluster has workers just now, at least one."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            with suppress(Exception):  # a scheduler that is gone is found out by the tasks
                self._size, self._looked = len(self._client.nthreads()), time.monotonic()
        return max(1, self._size)

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        """Run a task under a number of the caller's; beyond `seconds` it is killed. Raises PoolBrokenError."""
        self._check_is_there()
        name = f"swapcharge-{self._run}-{ticket}"
        future = self._client.submit(attempt_there, self._versions, function, arguments, key=name, pure=False)
        self._tasks[ticket] = _ClusterTask(future, time.monotonic() + seconds, seconds)
        future.add_done_callback(lambda _: self._ended.put(ticket))

    def wait(self, seconds: float) -> list[Finished]:
        """The tasks that have ended, after `seconds` perhaps none. Raises PoolBrokenError."""
        tickets = []
        with suppress(queue.Empty):
            tickets.append(self._ended.get(timeout=seconds))
            while True:
                tickets.append(self._ended.get_nowait())
        ended = [self._finished(ticket) for ticket in tickets if ticket in self._tasks]
        if not ended:
            self._check_is_there()
        return ended + self._overdue()

    def drop(self) -> None:
        """Kill whatever runs; `wait` says no more of it."""
        tasks, self._tasks = self._tasks, {}
        self._kill([task.future for task in tasks.values()])

    def close(self) -> None:
        """Kill whatever runs and leave the cluster to others."""
        with suppress(Exception):
            self.drop()
        with suppress(Exception):
            self._client.close(timeout=CONNECT_SECONDS)

    def _finished(self, ticket: int) -> Finished:
        task = self._tasks.pop(ticket)
        try:
            worker, result = task.future.result(timeout=CONNECT_SECONDS)
        except Exception as error:
            return Finished(ticket, _fault(error), "")
        return Finished(ticket, Fault("raised", result.reason) if isinstance(result, Raised) else result, worker)

    def _overdue(self) -> list[Finished]:
        late = {ticket: task for ticket, task in self._tasks.items() if time.monotonic() > task.deadline}
        self._kill([self._tasks.pop(ticket).future for ticket in late])
        words = "no answer within {:g} s: its worker was killed"
        return [Finished(ticket, Fault("hung", words.format(task.seconds)), "") for ticket, task in late.items()]

    def _kill(self, futures: list[Any]) -> None:
        """Cancelling does not stop what runs: the workers that run it are started anew."""
        if not futures:
            return
        with suppress(Exception):
            keys = {future.key for future in futures}
            busy = [worker for worker, running in self._client.processing().items() if keys & set(running)]
            self._client.cancel(futures, force=True)
            if busy:
                self._client.restart_workers(busy, timeout=RESTART_SECONDS, raise_for_error=False)

    def _check_is_there(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise PoolBrokenError(f"the Dask cluster at {self._address} is gone")

    def _check_workers(self) -> None:
        threads = self._client.nthreads()
        if not threads:
            raise _refused(self._address, "has no workers", "start some: dask worker ADDRESS --nthreads 1")
        if any(count != 1 for count in threads.values()):
            rule = "has workers that do several tasks at once, which the solver does not bear"
            raise _refused(self._address, rule, "start them with --nthreads 1, as many as there are cores")
        try:
            theirs: Mapping[str, object] = self._client.run(versions)
        except Exception as error:
            rule = f"has workers that cannot load swapcharge ({type(error).__name__}: {error})"
            raise _refused(self._address, rule, "install this version of it there") from None
        for worker, found in sorted(theirs.items()):
            if found != self._versions:
                rule = f"has a worker at {worker} with other versions ({_differences(self._versions, found)})"
                raise _refused(self._address, rule, "install the same there: same versions, same plans")


def attempt_there(
    asked: Mapping[str, str], function: Callable[..., object], arguments: tuple[Any, ...]
) -> tuple[str, object]:
    """A task on a worker of the cluster, which may have joined since the others were asked for their versions."""
    from distributed import get_worker

    worker = str(get_worker().address)
    if versions() != asked:
        return worker, Raised(f"the worker at {worker} has other versions: {_differences(asked, versions())}", False)
    return worker, attempt(function, arguments)


def _connected(address: str) -> Any:
    try:
        import distributed
    except ImportError:
        rule = "needs the package distributed, which is not installed"
        raise _refused("--dask", rule, "pip install 'swapcharge[cluster]'") from None
    full = address if "://" in address else f"tcp://{address}"
    _check_is_safe(address, full)
    if full.startswith("tls://"):
        _check_certificates(address, distributed.Security())
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters comes back with the tasks
    try:
        client: Callable[..., Any] = distributed.Client
        return client(full, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        rule = f"cannot be reached as a Dask scheduler ({error})"
        raise _refused(address, rule, "check the address, and for tls:// Dask's settings of certificates") from None


def _check_is_safe(address: str, full: str) -> None:
    try:
        parts = urlsplit(full)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    # Letter by letter: a user before the host, a path or a blank is read by Dask in another way than here.
    is_plain = full.lower() in (f"{parts.scheme}://{name}:{port}" for name in (host, f"[{host}]")) if host else False
    if not is_plain or port is None or parts.scheme not in ("tcp", "tls"):
        raise _refused(address, "is not the address of a Dask scheduler", "write it like tls://scheduler:8786")
    if parts.scheme == "tcp" and not _is_this_machine(host):
        rule = "is on another machine and speaks plain TCP: whoever is on the way could run programs here and there"
        raise _refused(address, rule, "use tls://, or a tunnel such as ssh -L 8786:localhost:8786")


def _is_this_machine(host: str) -> bool:
    """Is it `localhost`, or a loopback address as it is usually written? Other names may lead anywhere."""
    try:
        return host == "localhost" or ("%" not in host and ip_address(host).is_loopback)
    except ValueError:
        return False


def _check_certificates(address: str, security: Any) -> None:
    """Without them a client does not get as far as to say what it lacks."""
    try:
        context = security.get_connection_args("client").get("ssl_context")
    except (OSError, ValueError) as error:
        raise _refused(address, f"needs certificates, which cannot be read ({error})", CERTIFICATES) from None
    if context is None:
        raise _refused(address, "needs certificates, and Dask has been told of none", CERTIFICATES)


def _fault(error: Exception) -> Fault:
    """Why the cluster has no result. It has tried a task that kills its workers several times by then."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return Fault("raised", "every worker that tried it died (out of memory?)")
    return Fault("died", f"the cluster lost it ({type(error).__name__}: {error})")


def _differences(ours: Mapping[str, str], theirs: object) -> str:
    there: Mapping[str, str] = theirs if isinstance(theirs, Mapping) else {}
    return ", ".join(f"{name} {there.get(name)} for {ours[name]}" for name in ours if there.get(name) != ours[name])


def _refused(address: str, rule: str, remedy: str) -> InputErrors:
    return InputErrors(address, [Problem("", ABSENT, rule, remedy)])
