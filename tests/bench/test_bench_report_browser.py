"""The benchmark's report in a real browser: asks nobody for anything, sorts, fits a phone, can be read.

Left out, and said so, where the machine has no browser or nothing to drive it: see tests/support/browser.py.
"""

from __future__ import annotations

from pathlib import Path

import bench_records as records
import pytest
from browser import Browser, needs_browser

from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.html import as_html
from optimizer.bench.report.report import ReportOptions, bench_report

HOSTILE = '"><img src=x onerror=alert(1)>'
PHONE_PX = 375
WIDTH = "return document.documentElement.scrollWidth"
FAINT = """
const light = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!colour.startsWith("rgba(0, 0, 0, 0")) return colour;
  }
};
const contrast = (one) => {
  const style = getComputedStyle(one);
  const [a, b] = [light(one.tagName === "text" ? style.fill : style.color), light(behind(one))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
const words = [...document.querySelectorAll("p, h1, h2, h3, td, th, li, caption, strong, button, text")];
return words.filter((one) => one.textContent.trim() && contrast(one) < LEAST).map((one) => one.textContent);
"""

pytestmark = needs_browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a report can hold: alarms, hostile and long names, more lines than colours, a reference."""
    many = [records.solved(f"c{number}{'x' * 40}", "one", 1.0 + number) for number in range(8)]
    hostile = [records.solved(HOSTILE, "one", 9.0), records.ended("d", "one", "WRONG", HOSTILE)]
    strange = records.solved("engine", HOSTILE, family=HOSTILE, suite=HOSTILE, versions={HOSTILE: HOSTILE})
    wrong = records.solved("e", "one", objective=150.0, bound=149.0)
    of = ComparedRuns([*records.library(), *many, *hostile, strange, wrong])
    file = tmp_path_factory.mktemp("bench-browser") / "benchmark.html"
    file.write_bytes(as_html(bench_report(of, ReportOptions(reference=[records.solved("engine", "one", 9.0)]))))
    return file


def test_no_error_and_no_request_but_for_the_file(window: Browser, page: Path) -> None:
    window.open(page)
    assert window.run("return document.readyState") == "complete"
    asked, own = window.requested(), page.resolve().as_uri()
    since = asked[asked.index(own) :]  # before it, the browser's own empty page may still load
    assert [address for address in since if address != own and not address.startswith("data:")] == []
    assert window.log("browser") == []
    assert window.run("return document.querySelectorAll('img').length") == 0


def test_a_phone_shows_the_page_without_scrolling_sideways(window: Browser, page: Path) -> None:
    window.size(PHONE_PX, 800, mobile=True)
    window.open(page)
    assert window.run("return innerWidth") == PHONE_PX
    assert window.run(WIDTH) <= PHONE_PX
    wide = "return Math.max(...[...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth))"
    assert window.run(wide) > PHONE_PX  # in a box of their own


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(window: Browser, page: Path, scheme: str) -> None:
    """Contrast of at least 4.5 to 1, as WCAG asks of text."""
    window.size(1280, 900)
    window.scheme(scheme)
    window.open(page)
    assert window.run(FAINT.replace("LEAST", "4.5")) == []
    assert window.run(FAINT.replace("LEAST", "22")) != []  # else the line above could not fail


def test_every_word_of_a_drawing_lies_inside_it(window: Browser, page: Path) -> None:
    window.size(1280, 900)
    window.open(page)
    outside = window.run(
        """
        return [...document.querySelectorAll("svg text")].filter((one) => {
          const [a, b] = [one.getBoundingClientRect(), one.closest("svg").getBoundingClientRect()];
          return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
        }).map((one) => one.textContent);
        """
    )
    assert outside == [] and window.run("return document.querySelectorAll('svg text').length") > 30


def test_a_click_on_a_column_sorts_by_it(window: Browser, page: Path) -> None:
    window.open(page)
    column = (
        "return [...document.querySelector('table.sortable').tBodies[0].rows].map((row) => row.cells[2].textContent)"
    )
    window.run("document.querySelectorAll('table.sortable th button')[2].click()")
    times = [float(words) for words in window.run(column) if words != "–"]
    assert times == sorted(times, reverse=True) and len(set(times)) > 1
