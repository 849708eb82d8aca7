"""One process at a time writes in a folder, whatever the system locks files by."""

import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.files import folder_lock
from optimizer.files.errors import OutputErrors
from optimizer.files.locked_folder import open_locked
from optimizer.runs.folder import RUN

HOLD = """
import sys
from pathlib import Path
from optimizer.files import folder_lock
if sys.argv[2] == "database":
    folder_lock.fcntl = None
held = folder_lock.lock_folder(Path(sys.argv[1]), b"swapcharge run\\n")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["system", "database"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "database":
        monkeypatch.setattr(folder_lock, "fcntl", None)
    return str(request.param)


def test_a_second_one_is_refused_until_the_first_is_closed(tmp_path: Path, way: str) -> None:
    first = open_locked(tmp_path, RUN)
    with pytest.raises(OutputErrors, match="is in use: another nightly is writing to it; wait for it or stop it"):
        open_locked(tmp_path, RUN)
    first.close()
    open_locked(tmp_path, RUN).close()
    assert (tmp_path / ".lock").read_bytes() == RUN.mark


def test_the_system_gives_back_what_a_killed_process_held(tmp_path: Path, way: str) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path), way]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OutputErrors, match="is in use"):
            open_locked(tmp_path, RUN)
        process.kill()
    open_locked(tmp_path, RUN).close()


def test_a_folder_where_nothing_can_be_locked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_lock, "fcntl", None)
    (tmp_path / folder_lock.LOCK).write_bytes(RUN.mark)
    (tmp_path / folder_lock.LOCK_DATABASE).mkdir()
    with pytest.raises(OutputErrors, match=r"cannot be written \(cannot be locked: unable to open database file\)"):
        open_locked(tmp_path, RUN)
