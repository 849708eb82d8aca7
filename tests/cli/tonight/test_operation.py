"""Operation files: what they may say, and what each mistake is told."""

from __future__ import annotations

from pathlib import Path

import cli
import jsonschema
import pytest

from optimizer.cli.tonight.night import NightOfOperation
from optimizer.cli.tonight.operation import STEPS, read_operation
from optimizer.cli.tonight.operation_document import operation_schema
from optimizer.files.errors import InputErrors
from optimizer.files.timestamps import day
from optimizer.files.toml_text import plain_toml

HEAD = 'format = "swapcharge-operation"\nversion = 1\ntime_zone = "Europe/Berlin"\n'
SAMPLE = cli.INSTANCES / "tables" / "operation.toml"


def _said(tmp_path: Path, text: str) -> str:
    (tmp_path / "o.toml").write_text(HEAD + text)
    with pytest.raises(InputErrors) as error:
        read_operation(str(tmp_path / "o.toml"))
    return str(error.value).replace(str(tmp_path / "o.toml"), "o.toml")


def test_the_sample_is_what_its_schema_says_and_gives_command_lines() -> None:
    jsonschema.Draft202012Validator(operation_schema()).validate(plain_toml(SAMPLE.read_bytes()))
    operation = read_operation(str(SAMPLE))
    assert operation.folder == SAMPLE.parent and operation.has_pages
    assert operation.asked["import"] == (
        "--stations=stationen.csv", "--packs=akkus.csv", "--swaps=wechsel.csv", "--tariff=tarife.csv",
        "--mapping=mapping.toml",
    )  # fmt: skip
    assert operation.asked["setpoints"] == ("--to=ocpp2.0.1",)
    first, *_ = NightOfOperation(operation, day("2025-11-17")).calls()
    assert first.arguments[0] == "--date=2025-11-17" and first.result == "nights/2025-11-17/network.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[import]\n[nightly]\nlook_ahed = 12",
            "o.toml: nightly.look_ahed: 12: is no option of nightly; did you mean 'look_ahead'?",
        ),
        (
            '[import]\noutput = "x.json"',
            'o.toml: import.output: "x.json": is what each night sets itself; leave it out',
        ),
        (
            '[import]\n[nightly]\ngap = "wide"',
            "o.toml: nightly.gap: \"wide\": does not do: 'wide' is not a valid float range; "
            "see swapcharge nightly --help",
        ),
        (
            '[import]\n[nightly]\nstrict = "yes"',
            'o.toml: nightly.strict: "yes": must be true or false; see swapcharge nightly --help',
        ),
        (
            "[import]\n[nightly]\ngap = true",
            "o.toml: nightly.gap: true: must be a text or a number; see swapcharge nightly --help",
        ),
        (
            '[import]\nstations = ["a.csv", "b.csv"]',
            'o.toml: import.stations: ["a.csv","b.csv"]: must be one value, not a list; '
            "see swapcharge import network --help",
        ),
        (
            '[import]\n[setpoints]\nto = "ocpp3"',
            "o.toml: setpoints.to: \"ocpp3\": does not do: 'ocpp3' is not one of 'csv', 'ocpp1.6', 'ocpp2.0.1', "
            "'ocpp2.1'; "
            "see swapcharge export setpoints --help",
        ),
    ],
)
def test_mistakes(text: str, said: str, tmp_path: Path) -> None:
    assert _said(tmp_path, text) == said


def test_all_mistakes_at_once_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(HEAD.replace("Berlin", "Berln") + "[import]\nx = 1\n[nightly]\ny = 1\n")
    done = cli.run("tonight", tmp_path / "o.toml")
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 3
    assert not (tmp_path / "nights").exists()


def test_no_value_is_taken_for_another_option(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(HEAD + '[import]\nname = "--template"\n')
    assert read_operation(str(tmp_path / "o.toml")).asked["import"] == ("--name=--template",)


def test_the_format_page_tells_every_key() -> None:
    page = (cli.INSTANCES / "README.md").read_text(encoding="utf-8").split("\n## Operation file, version 1\n")[1]
    section = page.split("\n## ")[0]
    for key, about in operation_schema()["$defs"]["OperationDocument"]["properties"].items():
        assert f"`{key}`" in section and about.get("description"), key
    for step in STEPS:
        assert step.set_by_night <= {
            max(one.opts, key=len).removeprefix("--").replace("-", "_") for one in step.command.params
        }
