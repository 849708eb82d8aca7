"""`generate network` as scripts see it: files, streams, messages."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import cli
import pytest
from patience import PATIENCE

NETWORK = ("generate", "network", "--stations")


def test_file_packed_file_and_stream_hold_the_same_bytes(tmp_path: Path) -> None:
    plain, packed = tmp_path / "n.json", tmp_path / "n.json.gz"
    for target in (plain, packed):
        done = cli.run(*NETWORK, 3, "--seed", 4, "-o", target)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = cli.run(*NETWORK, 3, "--seed", 4)
    assert done.returncode == 0 and done.stderr == ""
    assert plain.read_bytes() == gzip.decompress(packed.read_bytes()) == done.stdout.encode()
    assert cli.run(*NETWORK, 3, "--seed", 4, "-o", "-").stdout == done.stdout


def test_network_says_how_it_was_made_and_that_makes_it_again(tmp_path: Path) -> None:
    made = cli.run(*NETWORK, 2, "--seed", 11, "--day", "2026-11-28").stdout
    instance = json.loads(made)
    assert instance["name"] == "network-2-11-2026-11-28"
    program, *arguments = instance["sources"]["what"].removeprefix("a generated network: ").split()
    assert program == "swapcharge"
    assert cli.run(*arguments).stdout == made


def test_default_is_seed_0_on_a_wednesday() -> None:
    assert json.loads(cli.run(*NETWORK, 1).stdout)["name"] == "network-1-0-2026-11-25"


def test_info_and_solve_take_the_network(tmp_path: Path) -> None:
    target = tmp_path / "n.json"
    cli.run(*NETWORK, 2, "-o", target)
    info = json.loads(cli.run("info", target, "--json").stdout)
    assert [one["station"] for one in info["stations"]] == ["S00001", "S00002"]
    assert all(one["base_load_fits"] for one in info["stations"])
    assert cli.run("solve", target, "--gap", 0.05, "-o", tmp_path / "plan.json").returncode == 0
    assert cli.run("check", target, tmp_path / "plan.json").returncode == 0


@pytest.mark.parametrize("day", ["2026-02-29", "26-11-25", "tomorrow", "", "1999-12-31", "2100-01-01"])
def test_bad_day(day: str) -> None:
    done = cli.run(*NETWORK, 1, "--day", day)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "Usage: swapcharge generate network [OPTIONS]\n"
        "Try 'swapcharge generate network --help' for help.\n\n"
        f"Error: Invalid value for '--day': \"{day}\": must be a date YYYY-MM-DD from 2000-01-01 to 2099-12-31; "
        "write it like 2026-11-25\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["network"], "Missing option '--stations'."),
        (["network", "--stations", 0], "Invalid value for '--stations': 0 is not in the range 1<=x<=100000."),
        (["network", "--stations=100001"], "Invalid value for '--stations': 100001 is not in the range 1<=x<=100000."),
        (
            ["network", "--stations=1", "--seed=-1"],
            "Invalid value for '--seed': -1 is not in the range 0<=x<=2147483647.",
        ),
        (["station"], "No such command 'station'."),
    ],
)
def test_usage_errors(arguments: list[object], message: str) -> None:
    done = cli.run("generate", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"Error: {message}"


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    assert cli.run(*NETWORK, 1, "-o", tmp_path / "new" / "n.json").returncode == 0
    assert (tmp_path / "new" / "n.json").is_file()


def test_what_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "n.json"
    old = '{"format": "swapcharge-instance"}'
    target.write_text(old)
    code = (
        "import optimizer.generate.draw_network as n; made = n.station\n"
        "n.station = lambda number, *given: made(number, *given) if number < 3 else 1 / 0\n"
        f"from optimizer.cli.main import main; main(['generate', 'network', '--stations', '5', '-o', {str(target)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 70
    assert done.stderr.startswith("internal error: ZeroDivisionError: division by zero\n")
    assert [path.name for path in tmp_path.iterdir()] == ["n.json"] and target.read_text() == old


def test_closed_pipe_is_no_traceback() -> None:
    script = f"'{cli.COMMAND}' generate network --stations 200 | head -c 1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("{", "")


def test_terminal_is_told_how_far_it_is(tmp_path: Path) -> None:
    reader, terminal = os.openpty()
    try:
        command = [cli.COMMAND, *map(str, NETWORK), "150", "-o", tmp_path / "n.json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, timeout=PATIENCE)
        assert done.returncode == 0 and done.stdout == b""
        assert os.read(reader, 1000).decode() == (
            "\r\x1b[K0 of 150 stations drawn\r\x1b[K100 of 150 stations drawn\r\x1b[K"
        )
    finally:
        os.close(terminal)
        os.close(reader)


def test_help_loads_no_drawing_and_drawing_no_solver(tmp_path: Path) -> None:
    def loaded(*arguments: object) -> str:
        code = (
            f"import sys\nfrom optimizer.cli.main import main\ntry: main({[str(one) for one in arguments]!r})\n"
            "except SystemExit: pass\n"
            "names = ('optimizer.generate.draw_network', 'numpy', 'pyomo', 'scipy', 'highspy')\n"
            "print([name for name in names if name in sys.modules], file=sys.stderr)"
        )
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE).stderr

    assert loaded("generate", "network", "--help") == "[]\n"
    drawn = loaded(*NETWORK, 1, "-o", tmp_path / "n.json")
    assert (
        "optimizer.generate.draw_network" in drawn
        and "pyomo" not in drawn
        and "scipy" not in drawn
        and "highspy" not in drawn
    )
