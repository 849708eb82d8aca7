"""A real cluster of worker processes: the same plans as at home, also when one of them is killed on the way."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cli
import dask
import distributed
import night_faults as faults
import psutil
import pytest
import tiny_network as tiny
from here_pool import planned, run_of
from patience import PATIENCE
from pool_results import results

from optimizer.files.errors import InputErrors
from optimizer.workers import dask_pool
from optimizer.workers.dask_pool import DaskPool
from optimizer.workers.local_pool import Fault, PoolBrokenError

IDS = tuple(f"S{number}" for number in range(24))


@contextmanager
def cluster_of(workers: int, threads: int = 1) -> Iterator[distributed.LocalCluster]:
    settings = {"processes": True, "dashboard_address": "127.0.0.1:0", "silence_logs": 60}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),  # each takes the start of another worker
        distributed.LocalCluster(n_workers=workers, threads_per_worker=threads, **settings) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with cluster_of(2) as made:
        yield made


@pytest.fixture
def pool(cluster: distributed.LocalCluster) -> Iterator[DaskPool]:
    made = DaskPool(cluster.scheduler_address)
    yield made
    made.close()


def refused(address: str) -> str:
    with pytest.raises(InputErrors) as caught:
        DaskPool(address)
    return str(caught.value)


def pids(cluster: distributed.LocalCluster) -> set[int]:
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        return set(client.run(os.getpid).values())


def test_the_cluster_listens_on_this_machine_only(cluster: distributed.LocalCluster) -> None:
    assert cluster.scheduler_address.startswith("tcp://127.0.0.1:")


def test_tasks_come_back_with_what_became_of_them(pool: DaskPool) -> None:
    assert pool.size == 2
    tasks: list[Any] = [(faults.twice, 1), (faults.fail, "no"), (faults.twice, 2)]
    assert results(pool, tasks) == [2, Fault("raised", "ValueError: no"), 4]


def test_a_task_beyond_its_limit_is_killed_and_others_go_on(pool: DaskPool, cluster: distributed.LocalCluster) -> None:
    before = pids(cluster)
    (found,) = results(pool, [(faults.hang,)], seconds=0.5)
    assert found == Fault("hung", "no answer within 0.5 s: its worker was killed")
    assert results(pool, [(faults.twice, 2)]) == [4]
    assert len(before - pids(cluster)) == 1


def test_a_worker_killed_on_the_way_leaves_no_trace(
    pool: DaskPool, cluster: distributed.LocalCluster, tmp_path: Path
) -> None:
    network = tiny.write(tmp_path / "n.json", *IDS)
    planned(network, tmp_path / "here")
    victims = list(pids(cluster))

    def kill_one(_: object) -> None:
        if victims and len(tiny.plans(tmp_path / "there")) >= 4:
            psutil.Process(victims.pop()).kill()
            victims.clear()

    run = run_of(network, tmp_path / "there", pool)
    run.report = kill_one
    run.read()
    run.plan()
    run.folder.close()
    assert victims == [] and {row.state for row in run.stations} == {"planned"}
    assert tiny.plans(tmp_path / "there") == tiny.plans(tmp_path / "here")


def test_the_command_plans_on_the_cluster(cluster: distributed.LocalCluster, tmp_path: Path) -> None:
    network = tiny.write(tmp_path / "n.json")
    done = cli.run("nightly", network, "--out", tmp_path / "there", "--dask", cluster.scheduler_address)
    assert (done.returncode, done.stderr) == (0, "") and "6: 6 planned\n" in done.stdout
    assert cli.run("nightly", network, "--out", tmp_path / "here", "--workers", 1).returncode == 0
    assert tiny.plans(tmp_path / "there") == tiny.plans(tmp_path / "here")
    assert tiny.summary(tmp_path / "there")["options"]["engine"] == "dask"


def test_workers_that_do_several_tasks_at_once_are_refused() -> None:
    with cluster_of(1, threads=2) as made:
        made_at = made.scheduler_address
        assert refused(made_at) == (
            f"{made_at}: has workers that do several tasks at once, which the solver does not bear; "
            "start them with --nthreads 1, as many as there are cores"
        )


def test_a_cluster_without_workers_or_gone(tmp_path: Path) -> None:
    with cluster_of(1) as made:
        gone = DaskPool(made.scheduler_address)
        other = DaskPool(made.scheduler_address)
        made.scale(0)
        wait_for_no_workers(made)
        assert refused(made.scheduler_address) == (
            f"{made.scheduler_address}: has no workers; start some: dask worker ADDRESS --nthreads 1"
        )
        address = made.scheduler_address
    other.close()
    gone._client.close()
    with pytest.raises(PoolBrokenError) as caught:
        gone.start(1, faults.twice, (1,), PATIENCE)
    assert str(caught.value) == f"the Dask cluster at {address} is gone"


def wait_for_no_workers(cluster: distributed.LocalCluster) -> None:
    until = time.monotonic() + PATIENCE
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        while client.nthreads() and time.monotonic() < until:
            time.sleep(0.05)


def test_other_versions_are_refused(pool: DaskPool, cluster: distributed.LocalCluster) -> None:
    pool._versions = {"swapcharge": "9"}
    worker = min(pool._client.nthreads())
    with pytest.raises(InputErrors) as caught:
        pool._check_workers()
    assert str(caught.value) == (
        f"{cluster.scheduler_address}: has a worker at {worker} with other versions (swapcharge 0.1.0 for 9); "
        "install the same there: same versions, same plans"
    )


def test_a_worker_that_joins_later_with_other_versions_is_told(pool: DaskPool) -> None:
    pool._versions = {"swapcharge": "9"}
    (found,) = results(pool, [(faults.twice, 1)])
    assert found.kind == "raised" and "has other versions: swapcharge 0.1.0 for 9" in found.reason


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("somewhere", "is not the address of a Dask scheduler; write it like tls://scheduler:8786"),
        ("ucx://127.0.0.1:1", "is not the address of a Dask scheduler; write it like tls://scheduler:8786"),
        ("tcp://[::1", "is not the address of a Dask scheduler; write it like tls://scheduler:8786"),
        (
            "tcp://10.0.0.5:8786",
            "is on another machine and speaks plain TCP: whoever is on the way could run programs here and there; "
            "use tls://, or a tunnel such as ssh -L 8786:localhost:8786",
        ),
    ],
)
def test_addresses_that_are_not_safe_are_refused(address: str, words: str) -> None:
    assert refused(address) == f"{address}: {words}"


@pytest.mark.parametrize(
    "host",
    [
        "127.evil.com", "127.0.0.1.evil.com", "127.0.0.1.", "localhost.", "localhost.evil.com", "127.1", "0x7f.1",
        "0x7f000001", "2130706433", "0177.0.0.1", "0.0.0.0", "[::]", "[::1%1]", "128.0.0.1", "[::2]", "127.0.0.1 ",
    ],
)  # fmt: skip
def test_loopback_is_an_address_and_no_prefix(host: str) -> None:
    assert refused(f"tcp://{host}:8786").startswith(f"tcp://{host}:8786: is on another machine and speaks plain TCP")


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1@evil.com:8786", "tcp://evil.com@127.0.0.1:8786", "tcp://evil.com:1@127.0.0.1:8786",
        "tcp://127.0.0.1:8786/evil.com", "tcp://127.0.0.1:8786?a", "tcp://127.0.0.1:8786#a",
        "tcp://127.0.0.1\t:8786", "tcp://:8786", "tls://user@scheduler:8786",
    ],
)  # fmt: skip
def test_an_address_is_host_and_port_and_nothing_else(address: str) -> None:
    assert "is not the address of a Dask scheduler; write it like tls://scheduler:8786" in refused(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_this_machine_is_taken(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "CONNECT_SECONDS", 0.2)
    assert "cannot be reached as a Dask scheduler" in refused(f"tcp://{host}:1")


def test_tls_without_certificates_says_what_it_needs(tmp_path: Path) -> None:
    remedy = dask_pool.CERTIFICATES
    assert refused("tls://127.0.0.1:1") == (
        f"tls://127.0.0.1:1: needs certificates, and Dask has been told of none; {remedy}"
    )
    names = ("ca-file", "client.cert", "client.key")
    with dask.config.set({f"distributed.comm.tls.{name}": str(tmp_path / "none.pem") for name in names}):
        message = refused("tls://127.0.0.1:1")
    assert message.startswith("tls://127.0.0.1:1: needs certificates, which cannot be read (")
    assert message.endswith(f"; {remedy}")


def test_an_address_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "CONNECT_SECONDS", 0.5)
    message = refused("127.0.0.1:1")
    assert message.startswith("127.0.0.1:1: cannot be reached as a Dask scheduler (")
    assert message.endswith("; check the address, and for tls:// Dask's settings of certificates")


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused("127.0.0.1:8786") == (
        "--dask: needs the package distributed, which is not installed; pip install 'swapcharge[cluster]'"
    )


def test_a_station_that_kills_its_workers_is_given_up(pool: DaskPool) -> None:
    (found,) = results(pool, [(faults.die,)])
    assert found == Fault("raised", "every worker that tried it died (out of memory?)")
