"""What is installed has the library: a wheel is built, installed beside nothing of the checkout, and run elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
(NEEDED,) = map(Requirement, PROJECT["build-system"]["requires"])
MAIN = "import optimizer; print(optimizer.__file__); from optimizer.cli.main import main; main()"
MOST_MEGABYTES = 4

pytestmark = pytest.mark.skipif(not NEEDED.specifier.contains(version("setuptools")), reason=f"needs {NEEDED}")


def pip(*args: object) -> None:
    quiet = ("--disable-pip-version-check", "--quiet", "--no-index", "--no-deps")
    subprocess.run([sys.executable, "-m", "pip", args[0], *quiet, *map(str, args[1:])], check=True, cwd=ROOT.parent)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of the sdist of what is committed or would be: nothing is left in the checkout."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("models", "optimizer", "instances"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "setup.py", "-q", "sdist", "-d", out], check=True, cwd=source)
    (packed,) = out.glob("*.tar.gz")
    pip("wheel", "--no-build-isolation", "-w", out, packed)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed."""
    folder = tmp_path_factory.mktemp("site")
    pip("install", "--target", folder, wheel)
    return folder


def run(site: Path, folder: Path, *args: str) -> list[str]:
    """What the installed `swapcharge` writes to standard output, in `folder`; its first line was where it is."""
    env = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", MAIN, *args], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    where, *lines = done.stdout.splitlines()
    assert Path(where).is_relative_to(site)
    return lines


def test_the_wheel_has_the_library_and_its_licences_and_stays_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = {name.removeprefix("optimizer/instances/") for name in packed.namelist() if "/instances/" in name}
    for folder in ("bench", "real", "tiny"):
        there = ROOT / "instances" / folder
        wanted = {f"{folder}/{path.relative_to(there).as_posix()}" for path in there.rglob("*") if path.is_file()}
        assert wanted == {name for name in inside if name.startswith(f"{folder}/")}
    assert wheel.stat().st_size < MOST_MEGABYTES * 2**20


def test_the_benchmark_runs_outside_of_the_checkout(site: Path, tmp_path: Path) -> None:
    listed = json.loads("\n".join(run(site, tmp_path, "bench", "library", "--json")))
    assert len(listed["instances"]) == len(json.loads((ROOT / "instances/bench/library.json").read_text())["instances"])
    asked = ("--contenders", "engine,cheapest-first", "--time-limit", "20", "-o", "results")
    said = "\n".join(run(site, tmp_path, "bench", "run", "nl-winter-day", *asked, "--json"))
    assert json.loads(said)["runs"] == {"all": 2, "done": 2}
    (plan,) = (tmp_path / "results" / "plans").glob("*engine*")
    assert plan.is_file()


def test_a_copy_of_the_installed_library_can_be_changed(site: Path, tmp_path: Path) -> None:
    made = Path("mine") / "bench"
    assert run(site, tmp_path, "bench", "library", "--copy", "mine") == [
        f"The library and its ledger in {made}: name it with --library {made}"
    ]
    said = run(site, tmp_path, "bench", "ledger", "verify", "ordinary-xs-1", "nl-winter-day", "--library", str(made))
    assert said[-1].startswith("The ledger holds: 2 entries checked")
