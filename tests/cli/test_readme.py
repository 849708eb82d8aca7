"""What the README shows is what happens, and every command explains itself."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import readme_sessions as readme

from optimizer.cli.main import main

TEXT = readme.README.read_text()


def commands(group: click.Group, words: str = "") -> dict[str, click.Command]:
    """Every command by its words; a group before the commands in it."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[words + name] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{words}{name} ")
    return found


COMMANDS = commands(main)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_readme_has_sessions() -> None:
    assert len(readme.sessions()) >= 4


@pytest.mark.parametrize("session", readme.sessions(), ids=lambda session: session.command)
def test_session_prints_what_the_readme_shows(session: readme.Session, folder: Path) -> None:
    assert readme.skeleton(readme.run(session.command, folder)) == readme.skeleton(session.output)


def test_deterministic_sessions_are_shown_to_the_letter(folder: Path) -> None:
    exact = [session for session in readme.sessions() if " info " in session.command]
    assert exact
    for session in exact:
        assert readme.run(session.command, folder) == session.output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example_that_runs(name: str, folder: Path) -> None:
    command = COMMANDS[name]
    help_text = command.get_help(click.Context(command, info_name=f"swapcharge {name}"))
    assert command.help
    example = re.search(r"Example:\s+(swapcharge .+)", help_text, re.DOTALL)
    assert example, help_text
    readme.run("swapcharge solve instances/real/nl-winter-day.json -o night.plan.json", folder)
    assert "Error" not in readme.run(" ".join(shlex.split(example[1], posix=False)), folder)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_readme_lists_every_command_and_option(name: str) -> None:
    assert f"`swapcharge {name}" in TEXT
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option not in ("--output", "-h", "--help") and option.startswith("-"):
                assert option in TEXT, option


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((readme.ROOT / "pyproject.toml").read_text())["project"]
    for requirement in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        name = re.split(r"[<>=!]", requirement)[0]
        assert name in TEXT, f"README does not say why {name} is needed"


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (readme.ROOT / "Makefile").read_text()
    targets = re.findall(r"^    make (\w+)$", TEXT, re.MULTILINE)
    assert targets == ["night", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (readme.ROOT / link).exists(), link
