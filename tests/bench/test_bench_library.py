"""The library of instances: what is shipped is what the generators make, and nothing changes under its name."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench_library
import cli
import pytest

from optimizer.bench.library.families import FAMILIES
from optimizer.bench.library.library import Case, Library, cases, load_case, read_library
from optimizer.files.errors import InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.read_instance import read_instance

FOLDER = cli.INSTANCES / "bench"
ENTRY = {"family": "tiny", "size": "tiny", "packs": 1, "slots": 4, "swaps": 1, "hash": "sha256:0"}


@pytest.fixture(scope="module")
def shipped() -> Library:
    return read_library(FOLDER)


def small_library(folder: Path, change: Callable[[dict[str, Any]], object] = lambda whole: None) -> Path:
    """A library of two instances, one stored and one generated, changed."""
    home = folder / "instances" / "bench"
    home.mkdir(parents=True)
    shutil.copy(cli.TINY, home / "cheap.json")
    family = {"id": "tiny", "purpose": "p", "hard": "h", "provenance": "q", "licence": "MIT"}
    cheap = ENTRY | {"name": "cheap", "file": "cheap.json", "hash": instance_hash(read_instance(cli.TINY))}
    drawn = ENTRY | {"name": "drawn", "generated": {"generator": "depot", "seed": 1, "packs": 3, "ports": 2}}
    whole = {
        "format": "swapcharge-bench-library",
        "version": 1,
        "families": [family],
        "instances": [cheap, drawn],
        "suites": [{"id": "all", "purpose": "everything", "instances": ["cheap", "drawn"]}],
    }
    change(whole)
    (home / "library.json").write_text(json.dumps(whole))
    return home


def told(folder: Path) -> list[str]:
    """What is wrong with a library, without the name of its file."""
    with pytest.raises(InputErrors) as error:
        read_library(folder)
    return str(error.value).replace(str(folder), "F").splitlines()


def test_library_is_what_the_generators_make() -> None:
    stored = (FOLDER / "library.json").read_bytes()
    assert stored == bench_library.library_text(), "make library"


def test_stored_files_are_what_the_generators_make(shipped: Library) -> None:
    wanted = {
        f"{family}-{size}-{bench_library.SEED}.json": text
        for family, told_ in FAMILIES.items()
        for size in told_.ladder
        if (text := bench_library.stored_text(family, size)) is not None
    }
    found = {entry.file for entry in shipped.document.instances if entry.file and "/" not in entry.file}
    assert set(wanted) == found
    for name, text in wanted.items():
        assert (FOLDER / name).read_bytes() == text and len(text) <= 25_000


def test_every_instance_is_the_one_that_is_meant(shipped: Library) -> None:
    """All hashes are verified, and so is what the library says of each."""
    for entry in shipped.document.instances:
        (night,) = shipped.load(entry).nights
        assert night.base_load_fits()
        found = (len(night.station.packs), night.horizon.slots, len(night.station.swaps))
        assert found == (entry.packs, entry.slots, entry.swaps), entry.name


def test_suites_have_what_their_names_say(shipped: Library) -> None:
    families = {name: {shipped.entry(one).family for one in suite.instances} for name, suite in shipped.suites.items()}
    assert families["depot"] == {"depot"}
    assert families["full"] == {family.id for family in shipped.document.families} == families["library"] | {"depot"}
    assert set(FAMILIES) == families["small"]
    assert len(shipped.suite("smoke").instances) == 9
    assert len(shipped.suite("full").instances) == len(shipped.entries)


def test_no_name_is_given_to_another_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool that writes the library refuses to."""
    assert bench_library.changed() == []
    made = bench_library.family_instance

    def other(family: str, size: str, seed: int) -> dict[str, Any]:
        document = made(family, size, seed)
        return document | ({"currency": "USD"} if (family, size) == ("truck", "xs") else {})

    monkeypatch.setattr(bench_library, "family_instance", other)
    assert bench_library.changed() == ["truck-xs-1"]
    with pytest.raises(SystemExit, match="a change of an instance needs a new name: truck-xs-1"):
        bench_library.update()


def test_changed_file_is_refused(tmp_path: Path) -> None:
    home = small_library(tmp_path)
    library = read_library(home)
    assert library.load(library.entry("cheap")).name == "one-pack-cheap-slot"
    path = home / "cheap.json"
    was = library.entry("cheap").hash
    path.write_text(path.read_text().replace('"soc": 0.6', '"soc": 0.5'))
    now = instance_hash(read_instance(path))
    with pytest.raises(InputErrors) as error:
        library.load(library.entry("cheap"))
    assert str(error.value) == (
        f'{home}/library.json: instances[0].hash: "{was[:56]}...: is not the hash of {path}, {now}: the instance has '
        "changed; bring the old content back; a change of an instance needs a new name"
    )


def test_generator_that_changed_is_refused(tmp_path: Path) -> None:
    library = read_library(small_library(tmp_path))
    with pytest.raises(InputErrors, match=r"is not the hash of what is generated, sha256:.*: the instance has changed"):
        library.load(library.entry("drawn"))


def _several(whole: dict[str, Any]) -> None:
    whole["instances"].append(ENTRY | {"name": "cheap", "family": "tiney", "file": "cheap.json"})
    whole["suites"].append({"id": "cheap", "purpose": "p", "instances": ["cheep", "drawn", "drawn"]})


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            _several,
            [
                'F/library.json: instances[2].name: "cheap": is taken by an earlier one; a name is given once',
                "F/library.json: instances[2].family: \"tiney\": is not a family of this library; did you mean 'tiny'?",
                'F/library.json: suites[1].id: "cheap": is also the name of an instance; '
                "choose another, so that commands can tell them apart",
                "F/library.json: suites[1].instances[0]: \"cheep\": is not an instance of this library; "
                "did you mean 'cheap'?",
                'F/library.json: suites[1].instances[2]: "drawn": is in the suite already; name it once',
            ],
        ),
        (
            lambda whole: whole["instances"][0].pop("file"),
            [
                "F/library.json: instances[0].file: absent: needs either file or generated; "
                "give the one that fits and leave the other out"
            ],
        ),
        (
            lambda whole: whole["instances"][0].update(file="../../secret.json"),
            [
                'F/library.json: instances[0].file: "../../secret.json": must be a relative path to a file in the '
                "library's folder or beside it; put the file there and name it from the library's folder"
            ],
        ),
        (
            lambda whole: whole["instances"][0].update(name="../up"),
            [
                'F/library.json: instances[0].name: "../up": must be small letters, digits and hyphens, at most 100; '
                "choose another name",
                "F/library.json: suites[0].instances[0]: \"cheap\": is not an instance of this library; "
                "its instances: ../up, drawn",
            ],
        ),
        (
            lambda whole: whole["instances"][1]["generated"].pop("ports"),
            [
                "F/library.json: instances[1].generated.ports: absent: must be at least 1 where the generator is "
                "depot; give packs and ports"
            ],
        ),
        (
            lambda whole: whole["instances"][1].update(generated={"generator": "family", "seed": 1}),
            [
                "F/library.json: instances[1].family: \"tiny\": is not a family that can be generated; the families: "
                + ", ".join(FAMILIES)
            ],
        ),
        (
            lambda whole: whole["suites"][0].update(instanses=[]),
            ["F/library.json: suites[0].instanses: []: is not a key of this object; did you mean 'instances'?"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_once(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], lines: list[str]
) -> None:
    assert told(small_library(tmp_path, change)) == lines


def test_folder_without_a_library(tmp_path: Path) -> None:
    assert told(tmp_path) == [
        "F: is no library: it has no library.json; run from the folder that has it (the repository's root), or name "
        "it: --library FOLDER"
    ]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda library: library.suite("smok"), "is not a suite or family of this library; did you mean 'smoke'?"),
        (lambda library: library.suite("highwy"), "is not a suite or family of this library; did you mean 'highway'?"),
        (lambda library: library.suite("?"), "its suites: smoke, mini, small, medium, large, library, depot, full"),
        (lambda library: library.entry("week-xl-1"), "is not an instance of this library; did you mean 'week-l-1'?"),
    ],
)  # fmt: skip
def test_unknown_names(shipped: Library, ask: Callable[[Library], object], message: str) -> None:
    with pytest.raises(InputErrors) as error:
        ask(shipped)
    assert message in str(error.value)


def test_cases_of_a_suite_and_of_a_name(shipped: Library) -> None:
    smoke = cases("smoke", FOLDER)
    assert [case.name for case in smoke] == list(shipped.suite("smoke").instances)
    (one,) = cases("depot-20-10-3-1", FOLDER)
    assert one == Case("depot-20-10-3-1", "depot", "20-10", str(FOLDER))
    assert pickle.loads(pickle.dumps(one)) == one
    assert len(load_case(one).nights[0].station.packs) == 20


def test_cases_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    (one,) = cases(str(cli.TINY), Path("nowhere"))
    assert one == Case("one-pack-cheap-slot", "", "", str(cli.TINY))
    assert load_case(one) == read_instance(cli.TINY)
    tiny = cases(str(cli.INSTANCES / "tiny"), Path("nowhere"))
    assert len(tiny) == len(list((cli.INSTANCES / "tiny").glob("*.json")))
    assert [case.name for case in cases(str(FOLDER), FOLDER)] == sorted(
        entry.name for entry in read_library(FOLDER).document.instances if entry.file == f"{entry.name}.json"
    )
    shutil.copy(cli.TINY, tmp_path / "a.json")
    shutil.copy(cli.TINY, tmp_path / "b.json")
    with pytest.raises(InputErrors, match=r'b\.json: name: "one-pack-cheap-slot": is the name of an instance in '):
        cases(str(tmp_path), FOLDER)


def test_cases_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"has no instance files \(\.json or \.json\.gz\); name another folder"):
        cases(str(tmp_path), FOLDER)
    with pytest.raises(InputErrors, match="there is no such file"):
        cases(str(tmp_path / "no.json"), FOLDER)
    with pytest.raises(InputErrors) as error:
        cases("ordinary-m-2", FOLDER)
    assert str(error.value) == (
        f'{FOLDER}/library.json: "ordinary-m-2": is no suite, family or instance of this library, nor a file or '
        "folder; did you mean 'ordinary-m-1'?"
    )


def test_a_family_is_named_like_a_suite_and_a_suite_comes_first() -> None:
    library = read_library(FOLDER)
    assert [case.name for case in cases("tiny", FOLDER)] == list(library.suite("tiny").instances)
    assert {library.entry(name).family for name in library.suite("tiny").instances} == {"tiny"}
    assert library.suite("depot") is library.suites["depot"]


def test_networks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    whole = json.loads(cli.TINY.read_text())
    path.write_text(json.dumps(whole | {"stations": [whole["stations"][0] | {"id": name} for name in "ab"]}))
    with pytest.raises(InputErrors) as error:
        cases(str(path), FOLDER)
    assert str(error.value) == (
        f'{path}: stations: "2 stations": must be one station in the benchmark; give each station a file of its own'
    )


def test_command_lists_and_writes(tmp_path: Path) -> None:
    whole = cli.run("bench", "library", cwd=cli.ROOT)
    assert whole.returncode == 0
    for family in FAMILIES.values():
        assert f"{family.id} " in whole.stdout and family.purpose in whole.stdout
    plain = json.loads(cli.run("bench", "library", "smoke", "--json", cwd=cli.ROOT).stdout)
    assert len(plain["instances"]) == 9 and [one["id"] for one in plain["suites"]] == ["smoke"]
    out = tmp_path / "out"
    done = cli.run("bench", "library", "full", "--library", FOLDER, "-o", out)
    assert (done.returncode, done.stdout) == (0, f"132 files in {out}\n"), done.stderr
    library = read_library(FOLDER)
    for entry in library.document.instances:
        assert instance_hash(read_instance(out / f"{entry.name}.json")) == entry.hash
    again = cli.run("bench", "library", "smoke", "--library", FOLDER, "-o", out)
    assert again.returncode == 0


def test_two_series_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    def two(whole: dict[str, Any]) -> None:
        whole["instances"] = [
            ENTRY | {"name": name, "file": f"{name}/night.json", "hash": instance_hash(read_instance(night))}
            for name, night in nights.items()
        ]
        whole["suites"][0]["instances"] = list(nights)

    nights = {name: tmp_path / "instances" / "bench" / name / "night.json" for name in ("a", "b")}
    whole = json.loads((cli.INSTANCES / "real" / "nl-winter-day.json").read_text())
    home = small_library(tmp_path / "first")
    shutil.move(home.parent, tmp_path / "instances")
    prices = (cli.INSTANCES / "real" / "nl-day-ahead-2022-12-20.csv").read_text()
    for name, night in nights.items():
        night.parent.mkdir()
        night.write_text(json.dumps(whole | {"name": name}))
        (night.parent / "nl-day-ahead-2022-12-20.csv").write_text(prices if name == "a" else prices + "\n")
    home = tmp_path / "instances" / "bench"
    made = json.loads((home / "library.json").read_text())
    two(made)
    (home / "library.json").write_text(json.dumps(made))
    out = tmp_path / "out"
    done = cli.run("bench", "library", "all", "--library", home, "-o", out)
    assert (done.returncode, done.stderr) == (
        2,
        f"{out}/nl-day-ahead-2022-12-20.csv: is the name of two different series that these instances use; "
        "write smaller suites, one a folder\n",
    )
    assert list(out.iterdir()) == []


def test_command_refuses_kindly(tmp_path: Path) -> None:
    done = cli.run("bench", "library", "-o", tmp_path / "out")
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        "Error: -o needs a SUITE, the instances of which are written; full has all"
    )
    done = cli.run("bench", "library", "--library", "none", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "none: is no library: it has no library.json; run from the folder that has it (the repository's "
        "root), or name it: --library FOLDER\n",
    )
    mine = tmp_path / "ordinary-xs-1.json"
    mine.write_text("mine")
    done = cli.run("bench", "library", "smoke", "--library", FOLDER, "-o", tmp_path)
    assert done.returncode == 2 and mine.read_text() == "mine"
    assert done.stderr == (
        f"{mine}: is there, and is no instance file: it would be lost; choose another name, or remove it first\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["ordinary-xs-1.json"]
    mine.unlink()
    series = tmp_path / "nl-day-ahead-2022-12-20.csv"
    series.write_text("mine")
    done = cli.run("bench", "library", "library", "--library", FOLDER, "-o", tmp_path)
    assert done.returncode == 2 and series.read_text() == "mine"
    assert "is there, with another content: it would be lost; choose another folder" in done.stderr
