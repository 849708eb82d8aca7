"""Every file in instances/invalid is refused with exactly the messages that tests/data keeps for it."""

from __future__ import annotations

import pytest
from paths import DATA, INSTANCES

from optimizer.files.errors import InputErrors
from optimizer.formats.read_instance import read_instance

FOLDER = INSTANCES / "invalid"
EXPECTED = (DATA / "messages-of-invalid-instances.txt").read_text(encoding="utf-8").splitlines()
FILES = sorted(path.name for path in FOLDER.iterdir() if ".json" in path.suffixes)


@pytest.mark.parametrize("name", FILES)
def test_messages_word_for_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(InputErrors) as caught:
        read_instance(name)
    assert str(caught.value).splitlines() == [line for line in EXPECTED if line.startswith(f"{name}: ")]


def test_every_expected_message_has_its_file() -> None:
    assert {line.split(": ")[0] for line in EXPECTED} == set(FILES)


def test_every_csv_file_belongs_to_an_instance() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("csv-*.json"))
    assert [path.name for path in FOLDER.glob("*.csv") if f'"{path.name}"' not in text] == []


def test_one_problem_unless_the_defect_is_several() -> None:
    several = {"point-of-three-numbers.json", "acceptance-soc-in-percent.json", "many-defects.json"}
    several |= {"broken-horizon-and-pack.json"}
    assert {name for name in FILES if sum(line.startswith(f"{name}: ") for line in EXPECTED) != 1} == several
