"""The command `report` as people and scripts see it."""

from __future__ import annotations

import gzip
from pathlib import Path

import cli
import openpyxl
import pages
import pytest
import study_pages
import tiny_study

from optimizer.reports import study_figures


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli-report") / "night.plan.json"
    assert cli.run("solve", cli.TINY, "-o", path).returncode == 0
    return path


def test_a_page_is_written(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "night.html"
    done = cli.run("report", plan, "--instance", cli.TINY, "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Station station" in pages.parsed(target.read_bytes()).words


def test_streams_and_gzip_hold_the_same_page(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "night.html.gz"
    assert cli.run("report", "-", "-o", target, stdin=plan.read_bytes()).returncode == 0
    done = cli.run("report", "-", "-o", "-", stdin=plan.read_bytes())
    assert gzip.decompress(target.read_bytes()).decode() == done.stdout
    assert "standard input, costs in EUR" in pages.parsed(done.stdout.encode()).words


def test_a_run_is_told_by_its_folder(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert cli.run("nightly", cli.TINY, "--out", run, "--workers", 1).returncode == 0
    whole = cli.run("report", run, "-o", "-")
    assert "Run of nightly" in pages.parsed(whole.stdout.encode()).words
    named = cli.run("report", run, "--instance", cli.TINY, "-o", "-")
    assert named.stdout == whole.stdout
    one = cli.run("report", run, "--station", "station", "--instance", cli.TINY, "-o", "-")
    assert "Station station" in pages.parsed(one.stdout.encode()).words


def test_a_study_is_told_by_its_folder(tmp_path: Path) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    done = cli.run("report", study, "-o", "-")
    assert (done.returncode, done.stderr) == (0, "") and "Study of tariffs" in pages.parsed(done.stdout.encode()).words
    refused = cli.run("report", study, "--instance", "S1", "-o", "-")
    words = "Error: of a study, its own tables are drawn: it does not take --instance"
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (2, words)
    (study / "bills.csv").unlink()
    broken = cli.run("report", study, "-o", "-")
    words = "bills.csv: absent: must be in the folder of a study; run the same study command again"
    assert (broken.returncode, broken.stdout, broken.stderr.splitlines()[0]) == (2, "", f"{study}: {words}")


def test_stations_of_a_study_are_drawn_and_told_by_themselves(tmp_path: Path) -> None:
    day = {"stations": [tiny_study.station(f"S{n}") for n in (1, 2, 3)]}
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1, day=day)
    done = cli.run("report", study, "--station", "S3", "--station", "S1", "--text", "-o", tmp_path / "two.html")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith(
        "Study tiny study: 2 stations, 1 night "
    )
    words = pages.parsed((tmp_path / "two.html").read_bytes()).words
    assert any("2 tariffs, 1 variant; only S1, S3 of the study's 3 stations; " in one for one in words)
    wrong = cli.run("report", study, "--station", "S4", "--station", "", "-o", "-")
    assert (wrong.returncode, wrong.stdout) == (2, "") and wrong.stderr.splitlines() == [
        f'{study}: --station: "S4": is no station of the study; its stations: S1, S2, S3',
        f'{study}: --station: "": is no station of the study; its stations: S1, S2, S3',
    ]


def test_a_study_s_tables_are_written_beside_its_page(tmp_path: Path) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    asked = ("report", study, "--workbook", tmp_path / "study.xlsx", "--parquet", tmp_path / "tables")
    done = cli.run(*asked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    first = (tmp_path / "study.xlsx").read_bytes()
    assert openpyxl.load_workbook(tmp_path / "study.xlsx").sheetnames[:2] == ["ranking", "columns"]
    names = {path.name for path in (tmp_path / "tables").glob("*.parquet")}
    assert names == {
        f"{name}.parquet"
        for name in ("ranking", "stations", "curves", "nights", "bills", "periods", "profiles", "columns")
    }
    assert cli.run(*asked, "-o", tmp_path / "study.html").returncode == 0
    assert (tmp_path / "study.xlsx").read_bytes() == first and (tmp_path / "study.html").exists()


def test_a_study_s_charts_are_written_as_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_pages.made(tmp_path, {"id": "浙江"}, variants=[{"id": "one"}], nights=1)
    monkeypatch.setattr(study_figures, "signs_left_blank", lambda signs: signs)
    done = cli.run("report", study, "--figures", tmp_path / "figures")
    words = "PNG files lack signs that no font of this machine has (江浙): "
    words += "install one, such as Noto Sans CJK, or use the SVG files"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"note: {tmp_path / 'figures'}: {words}\n")
    names = [path.name for path in (tmp_path / "figures").iterdir()]
    assert {"01-total-cost-by-tariff-eur.svg", "01-total-cost-by-tariff-eur.png", "figures.json"} <= set(names)
    monkeypatch.setattr(study_figures, "has_png", lambda: False)
    done = cli.run("report", study, "--figures", tmp_path / "figures")
    words = "SVG only; for PNG, too: pip install 'swapcharge[png]'"
    assert (done.returncode, done.stderr) == (0, f"note: {tmp_path / 'figures'}: {words}\n")
    assert not list((tmp_path / "figures").glob("*.png"))


def test_figures_do_not_go_into_the_study_s_folder(tmp_path: Path) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    refused = cli.run("report", study, "--figures", tmp_path / "out")
    words = "Error: give each output a file or folder of its own, other than the study's"
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (2, words)


@pytest.mark.parametrize("option", ["--figures", "--parquet"])
def test_nothing_is_written_where_a_folder_holds_other_things(tmp_path: Path, option: str) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    others = ("-o", tmp_path / "x.html", "--workbook", tmp_path / "x.xlsx")
    done = cli.run("report", study, option, tmp_path / "mine", *others)
    what = "set of figures" if option == "--figures" else "set of study tables"
    words = f"is a folder that holds other things than a {what}; name a new or an empty folder"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{tmp_path / 'mine'}: {words}\n")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert not list(tmp_path.glob("x.*"))


@pytest.mark.parametrize(("option", "what"), [("--figures", "figures"), ("--parquet", "tables")])
def test_a_file_is_no_folder_for_exports(tmp_path: Path, option: str, what: str) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    (tmp_path / "mine").write_text("mine")
    done = cli.run("report", study, option, tmp_path / "mine")
    words = f"is not a folder; name a folder: {what} go there"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{tmp_path / 'mine'}: {words}\n")
    assert (tmp_path / "mine").read_text() == "mine"


def test_an_edited_workbook_is_not_lost(tmp_path: Path) -> None:
    study = study_pages.made(tmp_path, variants=[{"id": "one"}], nights=1)
    mine = tmp_path / "mine.xlsx"
    mine.write_bytes(b"PK\x03\x04[Content_Types].xml, as Excel begins")
    done = cli.run("report", study, "--workbook", mine, "-o", tmp_path / "x.html")
    words = "is there, and is no workbook as report writes it: it would be lost"
    assert (done.returncode, done.stderr) == (2, f"{mine}: {words}; choose another name, or remove it first\n")
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["PLAN", "--workbook", "a.xlsx", "--parquet", "b"],
            "--workbook, --parquet: for the folder of a study only",
        ),
        (["STUDY", "--workbook", "a.xls"], "--workbook takes a file name that ends in .xlsx"),
        (["STUDY", "--figures", "-"], "--figures names a folder, which standard output cannot be"),
        (["STUDY", "--parquet", "-"], "--parquet names a folder, which standard output cannot be"),
        (["STUDY", "--parquet", ""], "--parquet needs the name of a file or folder, which is empty here"),
        (["STUDY", "--parquet", "STUDY"], "give each output a file or folder of its own, other than the study's"),
        (
            ["STUDY", "--text", "-o", "-"],
            "--text prints on standard output, where only one thing can go",
        ),
        (["PLAN", "--text"], "--text: for the folder of a study only"),
        (
            ["PLAN", "--station", "S1", "--station", "S2", "-o", "x.html"],
            "several --station are for the folder of a study: a plan or a run is drawn with one",
        ),
    ],
)
def test_usage_of_exports_is_told_in_words(plan: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "study" / "nights").mkdir(parents=True)
    (tmp_path / "study" / "study.json").write_text("{}")
    names = {"PLAN": str(plan), "STUDY": "study"}
    done = cli.run("report", *(names.get(word, word) for word in arguments), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (2, "", f"Error: {words}")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.json", "-o", "x.html"], "gone.json: there is no such file; check the name and the folder\n"),
        (
            [".", "-o", "x.html"],
            ".: is a folder without summary.json or study.json; "
            "name a plan file, or the folder of a run of nightly or of a study\n",
        ),
        (
            ["PLAN", "-o", "PLAN/x.html"],
            "PLAN/x.html: cannot be written: PLAN is not a folder; choose another\n",
        ),
        (["PLAN", "-o", "PLAN"], "PLAN: is the input itself; choose another file\n"),
        (
            ["PLAN", "--station", "other", "-o", "x.html"],
            'PLAN: stations: "other": is not a station of this plan; it has station\n',
        ),
        (
            ["TINY", "-o", "x.html"],
            'TINY: format: "swapcharge-instance": must be "swapcharge-plan"; '
            'what belongs here: the text "swapcharge-plan"\n',
        ),
        (
            ["PLAN", "--instance", "NIGHT", "-o", "x.html"],
            'PLAN: stations[0].station: "station": is not a station of the instance; '
            "check the plan against the instance it was made for\n",
        ),
    ],
)
def test_errors_are_told_in_words(plan: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    names = {"PLAN": str(plan), "TINY": str(cli.TINY), "NIGHT": str(cli.NIGHT)}
    for name, path in names.items():
        arguments, words = [word.replace(name, path) for word in arguments], words.replace(name, path)
    done = cli.run("report", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan.json"], "Error: Missing option '-o' / '--output'."),
        (["-", "--instance", "-", "-o", "-"], "Error: only one of PATH and --instance can be standard input"),
    ],
)
def test_usage_is_told_in_words(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = cli.run("report", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.splitlines()[-1] == words


def test_a_file_of_anything_else_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    done = cli.run("report", "x.json", "-o", "x.html", cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr.startswith("x.json: ")
