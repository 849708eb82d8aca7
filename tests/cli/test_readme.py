"""What the documents show is what happens, and every command explains itself."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import readme_sessions as readme
from paths import ROOT

from optimizer.cli.main import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = "".join((ROOT / "optimizer" / name).read_text(encoding="utf-8") for name in ("README.md", "bench/README.md"))
MOST_README_LINES = 150


def commands(group: click.Group, words: str = "") -> dict[str, click.Command]:
    """Every command by its words; a group before the commands in it."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[words + name] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{words}{name} ")
    return found


COMMANDS = commands(main)
EXAMPLE = re.compile(r"Example:\s+(swapcharge .+)", re.DOTALL)
RUN_ELSEWHERE = {session.command for session in readme.sessions()} | {
    "swapcharge bench smoke --contenders engine",  # test_bench_smoke.py runs it, with all contenders
    "swapcharge bench speed --workloads plain,demand",  # what it says depends on the clock: test_bench_speed.py
    "swapcharge bench growth --along packs,swaps -o growth.html",  # test_bench_growth.py runs less of it
    "swapcharge bench run two-types-xs-1 --contenders engine -o results",  # a session runs it, with one contender more
}
NEEDS_MORE = {"bench import-solution": "night.sol", "history": "runs"}  # what a solver, or nights of before have left


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def plan_folder(home: Path) -> Path:
    """A folder with the plan and the results that examples read."""
    (home / "examples").mkdir()
    readme.run("swapcharge solve instances/real/nl-winter-day.json -o night.plan.json", home / "examples")
    readme.run("swapcharge bench run two-types-xs-1 --contenders cheapest-first -o results", home / "examples")
    return home / "examples"


def test_the_readme_is_short_and_shows_the_three_uses() -> None:
    assert len(README.splitlines()) <= MOST_README_LINES
    shown = " ".join(one.command for one in readme.sessions() if one.document == ROOT / "README.md")
    assert all(f"swapcharge {use} " in shown for use in ("nightly", "study", "bench run"))


@pytest.mark.parametrize("session", readme.sessions(), ids=lambda session: session.command)
def test_session_prints_what_the_document_shows(session: readme.Session, home: Path) -> None:
    assert readme.skeleton(readme.run(session.command, session.folder(home))) == readme.skeleton(session.output)


def test_deterministic_sessions_are_shown_to_the_letter(home: Path) -> None:
    exact = [session for session in readme.sessions() if " info " in session.command]
    assert exact
    for session in exact:
        assert readme.run(session.command, session.folder(home)) == session.output


def example(name: str) -> str:
    """The command line that the help of a command shows; "" where it shows none."""
    found = EXAMPLE.search(COMMANDS[name].get_help(click.Context(COMMANDS[name], info_name=f"swapcharge {name}")))
    return " ".join(shlex.split(found[1], posix=False)) if found else ""


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert COMMANDS[name].help
    assert f"swapcharge {name}" in example(name)


TO_RUN = {line: name for name in sorted(COMMANDS, reverse=True) if (line := example(name)) not in RUN_ELSEWHERE}


@pytest.mark.parametrize("line", sorted(TO_RUN, key=TO_RUN.__getitem__))
def test_examples_run(line: str, plan_folder: Path) -> None:
    if missing := NEEDS_MORE.get(TO_RUN[line]):
        assert readme.run(line, plan_folder).startswith(f"{missing}: there is no such ")
    else:
        assert "done" in readme.run(f"{line} && echo done", plan_folder).splitlines()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_manual_has_every_command_and_option(name: str) -> None:
    assert f"`swapcharge {name}" in MANUAL
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option not in ("--output", "-h", "--help") and option.startswith("-"):
                assert option in MANUAL, option


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = MANUAL + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for requirement in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        name = re.split(r"[<>=!]", requirement)[0]
        assert name in reasons, f"no document says why {name} is needed"


def test_make_targets_of_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"^    make (\w+)$", README, re.MULTILINE) == ["night", "test"]
    for path in readme.documents():
        for target in re.findall(r"(?:`|^ {4})make ([a-z][\w-]*)", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{path}: make {target}"
