"""A study's charts as files: all of them, named safely, whole or not at all, and as the page looks."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import study_pages
from browser import Browser, needs_browser
from hypothesis import given
from hypothesis import strategies as st

from optimizer.files.errors import OutputErrors
from optimizer.graphics.still.figure import DRAWN
from optimizer.reports import study_figures
from optimizer.reports.study import study_report
from optimizer.reports.study_figures import OURS, file_words, write_study_figures
from optimizer.studies.folder import StudyResults, read_study_folder

HOSTILE = '../"><script>alert(1)</script>'
MARKS = """
const marks = [...ROOT.querySelectorAll("rect, path, circle, text")].filter(one => !one.hasAttribute("aria-hidden"));
return marks.map(one => {
  const style = getComputedStyle(one), isText = one.tagName === "text", found = [one.tagName, style.fill];
  if (!/^#|^rgb\\(|^none/.test(style.fill)) { found[1] = "mixed"; }
  if (isText) { return [...found, style.fontSize, style.fontWeight]; }
  if (style.stroke === "none") { return [...found, "none"]; }
  return [...found, style.stroke, style.strokeWidth, style.strokeDasharray, style.strokeLinejoin];
});
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two variants, and tariffs that change places; one has a name that no file should have."""
    return study_pages.made(tmp_path_factory.mktemp("figures"), {"id": HOSTILE})


@pytest.fixture(scope="module")
def results(study: Path) -> StudyResults:
    return read_study_folder(study)


@pytest.fixture(scope="module")
def written(results: StudyResults, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "figures"
    write_study_figures(folder, results)
    return folder


def listed(folder: Path) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = json.loads((folder / "figures.json").read_text())["figures"]
    return figures


def words(folder: Path, entry: dict[str, Any]) -> list[str]:
    root = ET.fromstring((folder / entry["files"][0]).read_bytes())
    return [one.text or "" for one in root.iter(f"{DRAWN}text")]


def test_every_chart_of_the_page_is_there_in_its_order(study: Path, written: Path) -> None:
    page = study_report(study).decode()
    assert len(listed(written)) == page.count("<figure") > 8
    names = [name for entry in listed(written) for name in entry["files"]]
    kept = {path.name for path in written.iterdir()} - {"figures.json", ".lock"}
    assert set(names) == kept and len(kept) == len(names) == 2 * page.count("<figure")
    assert names == sorted(names, key=lambda name: (name[:2], name.endswith(".png")))


def test_every_chart_has_a_title_for_where_it_stands_alone(study: Path) -> None:
    charts = study_report(study).decode().split("<figure")[1:]
    named = [chart for chart in charts if "data-alone=" in chart.split(">", 1)[0]]
    assert len(named) == len(charts), "give figure(...) its `alone`: a title with quantity and unit, for --figures"


def test_titles_have_units_and_say_of_what_they_are(written: Path) -> None:
    told = [(one["title"], one["variant"], one["section"]) for one in listed(written)]
    assert told[0] == (
        "Total cost by tariff, EUR, over the growth of demand",
        "",
        "Growth of demand, as it is to +100 %",
    )
    of_first = [title for title, variant, _ in told if variant == "as it is"]
    assert of_first[0] == "Total cost by tariff, EUR" and "flat: energy by price period, kWh" in of_first
    assert "flat: mean day, load in kW and price in EUR/kWh" in of_first
    assert of_first[-1] == "What charging cost in each night, EUR"
    first = words(written, listed(written)[1])
    assert first[:2] == [
        "Total cost by tariff, EUR",
        "tiny study; variant as it is; 1 station, 2 nights from 2026-01-31",
    ]
    assert {"energy", "charging on arrival, in all"} <= set(first)


def test_names_of_a_study_are_words_and_no_paths(written: Path) -> None:
    assert all(OURS.fullmatch(name) for one in listed(written) for name in one["files"])
    assert any("script-alert-1" in one["files"][0] and one["title"].startswith(HOSTILE) for one in listed(written))
    assert not any(b"<script" in path.read_bytes() for path in written.glob("*.svg"))


@given(st.text())
def test_file_words_are_safe_whatever_the_name(name: str) -> None:
    found = file_words(name, 30)
    assert len(found) <= 30 and OURS.fullmatch(f"01-{found}.svg")


def test_pictures_are_written_anew_and_old_ones_go(results: StudyResults, written: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(written, tmp_path / "figures"))
    (folder / "99-old.svg").write_text("old")
    (folder / "mine.txt").write_text("mine")
    write_study_figures(folder, results)
    assert not (folder / "99-old.svg").exists() and (folder / "mine.txt").read_text() == "mine"
    for path in written.iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes(), path


def test_a_folder_of_other_things_is_refused(results: StudyResults, study: Path) -> None:
    before = sorted(study.iterdir())
    with pytest.raises(OutputErrors, match="is a folder that holds other things than a set of figures"):
        write_study_figures(study, results)
    assert sorted(study.iterdir()) == before


def test_without_the_extra_there_is_svg_alone(
    results: StudyResults, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_figures, "has_png", lambda: False)
    folder = Path(shutil.copytree(written, tmp_path / "figures"))
    found = write_study_figures(folder, results)
    assert (found.has_png, found.blank_signs, found.count) == (False, "", len(listed(folder)))
    assert list(folder.glob("*.png")) == [] and all(len(one["files"]) == 1 for one in listed(folder))


def test_what_nobody_may_overlook_stands_on_every_picture(study: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(study, tmp_path / "out"))
    study_pages.told(folder, status="interrupted", days="logged", policy="mean")
    write_study_figures(tmp_path / "figures", read_study_folder(folder))
    for entry in listed(tmp_path / "figures"):
        shown = " ".join(words(tmp_path / "figures", entry))
        assert "Caution: This study was interrupted." in shown
        assert "Each night is planned for the forecast's mean, and played through the logged drivers" in shown


def test_signs_that_no_font_has_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_pages.made(tmp_path, {"id": "浙江"}, variants=[{"id": "one"}])
    monkeypatch.setattr(study_figures, "signs_left_blank", lambda signs: f"blank {signs}")
    assert write_study_figures(tmp_path / "figures", read_study_folder(study)).blank_signs == "blank 江浙"


@needs_browser
def test_pictures_look_as_the_page_does(study: Path, written: Path, tmp_path: Path, window: Browser) -> None:
    """Every mark has the fill, the stroke and the size of letters that the page gives it."""
    (tmp_path / "study.html").write_bytes(study_report(study))
    window.open(tmp_path / "study.html")
    window.run('document.documentElement.dataset.theme = "light"')
    entries = listed(written)
    pages = [
        window.run(MARKS.replace("ROOT", f'document.querySelectorAll("figure svg")[{n}]')) for n in range(len(entries))
    ]
    for entry, of_page in zip(entries, pages, strict=True):
        window.open(written / entry["files"][0])
        drawn = window.run(MARKS.replace("ROOT", 'document.querySelector("g[transform]")'))
        assert len(drawn) == len(of_page) > 0
        for mark, as_page in zip(drawn, of_page, strict=True):
            assert mark == as_page or "mixed" in as_page or as_page[1] == "rgba(0, 0, 0, 0)", entry["title"]
