"""The lock files hold all that pyproject.toml asks for, within its bounds, with hashes, and lead to no index."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from paths import ROOT

RUN_TIME, DEV = "requirements.lock", "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD = PROJECT["build-system"]["requires"]
DEPENDENCIES = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = {
    RUN_TIME: BUILD + DEPENDENCIES,
    DEV: BUILD + DEPENDENCIES + [requirement for extra in EXTRAS.values() for requirement in extra],
}
SYSTEMS = ({"sys_platform": "linux"}, {"sys_platform": "darwin"}, {"sys_platform": "win32"})
PYTHONS = ("3.11", "3.12", "3.13")


def pinned(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Every line of a lock file with its hashes."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    return [(Requirement(entry.split("--hash")[0]), re.findall(r"--hash=(\S+)", entry)) for entry in entries]


def versions(lock: str, **environment: str) -> dict[str, str]:
    """What pip would install from a lock file on such a machine: version by name."""
    lines = [line for line, _ in pinned(lock) if line.marker is None or line.marker.evaluate(environment)]
    found = {canonicalize_name(line.name): str(line.specifier).removeprefix("==") for line in lines}
    assert len(found) == len(lines), "two versions of one package"
    return found


def machines() -> list[dict[str, str]]:
    return [
        system | {"python_version": python, "python_full_version": f"{python}.1"}
        for system in SYSTEMS
        for python in PYTHONS
    ]


@pytest.mark.parametrize("lock", ASKED)
@pytest.mark.parametrize("machine", machines(), ids=lambda machine: " ".join(machine.values()))
def test_all_that_is_asked_for_is_pinned_within_its_bounds(lock: str, machine: dict[str, str]) -> None:
    found = versions(lock, **machine)
    for requirement in map(Requirement, ASKED[lock]):
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]), f"{requirement}: `make lock`"


@pytest.mark.parametrize("lock", ASKED)
def test_every_line_is_one_version_with_hashes(lock: str) -> None:
    assert len(pinned(lock)) > len(ASKED[lock]) / 2
    for line, hashes in pinned(lock):
        assert re.fullmatch(r"==[^*,]+", str(line.specifier)), line
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes), line
        assert line.url is None and not line.extras


@pytest.mark.parametrize("lock", ASKED)
def test_locks_name_no_index(lock: str) -> None:
    options = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", re.sub(r"#.*", "", (ROOT / lock).read_text())))
    assert options == {"--hash"}
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: " ".join(machine.values()))
def test_what_is_tested_is_what_runs(machine: dict[str, str]) -> None:
    assert versions(RUN_TIME, **machine).items() <= versions(DEV, **machine).items()


def test_lower_bounds_are_all_that_an_installation_asks_for() -> None:
    """`pip install .` takes what is in pyproject.toml: no version is fixed there, the lock files are for make alone."""
    asked = {str(Requirement(text)) for text in requires("swapcharge") or [] if "extra ==" not in text}
    assert asked == {str(Requirement(text)) for text in DEPENDENCIES}
    for text in ASKED[DEV]:
        operators = {part.operator for part in Requirement(text).specifier}
        assert ">=" in operators and operators <= {">=", "!="}, text


def test_make_installs_by_hash_and_builds_with_what_is_locked() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for lock in (RUN_TIME, DEV):
        assert f"$(BIN)/python $(PIP) $(LOCKED) {lock}\n" in makefile
    assert "LOCKED := install --only-binary :all: --require-hashes --requirement\n" in makefile
    assert "SELF := install --no-index --no-deps --no-build-isolation --editable .\n" in makefile


def test_what_resolves_the_lock_files_has_hashes_too() -> None:
    ((uv, hashes),) = pinned("requirements-uv.lock")
    makefile = (ROOT / "Makefile").read_text()
    assert f"UV := {uv}\n" in makefile and hashes and all(one.startswith("sha256:") for one in hashes)
    (recipe,) = re.findall(r"^lock:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    installs = [line for line in recipe.splitlines() if "$(PIP)" in line]
    assert installs == ["\tbuild/lock/bin/python $(PIP) $(LOCKED) requirements-uv.lock"]
