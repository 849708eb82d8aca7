"""The list of a run's stations in a real browser: find, leave out, sort, step through by keys, on a phone, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cli
import pytest
import run_pages
from browser import Browser, needs_browser

from optimizer.reports.run import run_report

pytestmark = needs_browser

SEEN = "return [...document.querySelectorAll('{}')].filter((one) => one.offsetParent)"
SHOWN = f"{SEEN.format('.stations > .sheet tbody tr')}.map((one) => one.cells[0].textContent)"
CHOSEN = f"{SEEN.format('.day')}.map((one) => one.querySelector('strong').textContent)"
WIDE = f"{SEEN.format('.scroll')}.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
FOCUSED = "return document.activeElement.textContent"
FIRST = ["S00005", "S00007", "S00012"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_pages.made(tmp_path_factory.mktemp("browsed"))


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    path = run.with_name("run.html")
    path.write_bytes(run_report(run))
    return path


@pytest.fixture
def opened(window: Browser, page: Path) -> Iterator[Browser]:
    """The page at a desk; the window as it was, afterwards."""
    window.size(1280, 900)
    window.scheme("light")
    window.open(page)
    yield window
    assert window.log("browser") == []
    window.devtools("Emulation.setScriptExecutionDisabled", value=False)


def press(window: Browser, *keys: str) -> None:
    """Keys as a keyboard sends them; what is opened by them is there when this returns."""
    for key in keys:
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        code = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Tab": 9}.get(key, 0)
        window.devtools("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        window.devtools("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)
    window.run("return new Promise((done) => setTimeout(done, 50))")


def test_what_is_typed_finds_stations_whatever_its_case_and_accents(opened: Browser) -> None:
    press(opened, "/", *"unna")
    assert opened.run(SHOWN) == [run_pages.HOSTILE]
    assert opened.run("return document.querySelector('.found').textContent") == "1 of 12 stations"
    press(opened, "Escape", *"s 12")
    assert opened.run(SHOWN) == ["S00012"]
    press(opened, "x")
    told = "None of 12 stations: empty the field, or choose All"
    assert opened.run(SHOWN) == [] and opened.run("return document.querySelector('.found').textContent") == told
    press(opened, "Escape")
    assert len(opened.run(SHOWN)) == 12


def test_buttons_leave_all_but_one_kind_out(opened: Browser) -> None:
    press_button = "document.querySelector('[data-only=\"{}\"]').click()"
    opened.run(press_button.format("look"))
    assert opened.run(SHOWN) == FIRST
    opened.run(press_button.format("lost"))
    assert opened.run(SHOWN) == FIRST[1:]
    pressed = f"{SEEN.format('[aria-pressed=true]')}.map((one) => one.textContent)"
    assert opened.run(pressed) == ["Swaps lost (2)"]
    opened.run(press_button.format(""))
    assert len(opened.run(SHOWN)) == 12


def test_keys_lead_through_the_list_and_its_days(opened: Browser) -> None:
    assert opened.run(CHOSEN) == []
    press(opened, "j", "j", "Enter")
    assert opened.run(FOCUSED) == "S00007" and opened.run(CHOSEN) == ["S00007"]
    press(opened, "j")
    assert opened.run(FOCUSED) == "S00012" and opened.run(CHOSEN) == ["S00012"]
    press(opened, "k", "ArrowUp", "k")
    assert opened.run(FOCUSED) == "S00005" and opened.run(CHOSEN) == ["S00005"]
    assert opened.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press(opened, "Escape")
    assert opened.run(CHOSEN) == [] and opened.run(FOCUSED) == "S00005"
    press(opened, "/", *"S00012", "Enter")
    assert opened.run(CHOSEN) == ["S00012"] and opened.run(FOCUSED) == "S00012"
    assert opened.run("return location.hash") == "#day-12"


def test_the_tab_key_enters_the_list_once(opened: Browser) -> None:
    stops = f"{SEEN.format('.stations tbody a, .stations tbody th')}.filter((one) => one.tabIndex === 0).length"
    assert opened.run(stops) == 1
    press(opened, "j", "j", "j")
    assert opened.run(stops) == 1


def test_days_are_in_sight_beside_the_row(opened: Browser) -> None:
    press(opened, "j", "j", "Enter")
    inside = "const box = {}.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight"
    assert opened.run(inside.format("document.querySelector('[aria-current]')"))
    assert opened.run(inside.format("document.querySelector('.chosen .tiles')"))


def test_a_column_sorts_rows_and_days_follow_their_order(opened: Browser) -> None:
    opened.run("document.querySelectorAll('.stations thead button')[0].click()")
    names = opened.run(SHOWN)
    assert names[1:] == sorted(names[1:]) and names[0] == run_pages.HOSTILE
    assert opened.run("return document.querySelector('.stations th[aria-sort]').ariaSort") == "ascending"
    opened.run("document.querySelectorAll('.stations thead button')[1].click()")
    assert opened.run(SHOWN)[:3] == FIRST  # what there is to look at: as at first


def test_an_address_with_a_day_shows_it(window: Browser, page: Path) -> None:
    window.size(1280, 900)
    window.open(page)
    window.run("location.hash = '#day-7'")
    window.run("return new Promise((done) => setTimeout(done, 50))")
    assert window.run(CHOSEN) == ["S00007"]


def test_tables_of_a_day_sort(opened: Browser) -> None:
    press(opened, "j", "j", "Enter")
    opened.run("[...document.querySelectorAll('.chosen details')].at(-1).open = true")
    opened.run("[...document.querySelectorAll('.chosen details table')].at(-1).querySelector('thead button').click()")
    assert opened.run("return document.querySelector('.chosen th[aria-sort]').ariaSort") == "ascending"


def test_packed_days_open_like_others(
    opened: Browser, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.reports.days.station_days.PLAIN_BYTES", 0)
    monkeypatch.setattr("optimizer.reports.days.station_days.CHUNK_BYTES", 60_000)
    packed = tmp_path / "packed.html"
    packed.write_bytes(run_report(run))
    opened.open(packed)
    assert opened.run("return document.querySelectorAll('.day').length") == 0
    press(opened, "j", "j", "Enter")
    assert opened.run(CHOSEN) == ["S00007"]
    assert opened.run("return document.querySelectorAll('.chosen svg').length") == 2
    press(opened, *"jjjj")
    assert opened.run(CHOSEN) == [opened.run(FOCUSED)]
    press(opened, "/", *"unna", "Enter")
    assert opened.run(CHOSEN) == [run_pages.HOSTILE]
    assert opened.run("return document.querySelectorAll('img').length") == 0
    assert opened.run("return document.querySelectorAll('.day').length") == 1


def test_a_phone_shows_a_day_on_the_whole_screen(opened: Browser) -> None:
    opened.size(390, 844, mobile=True)
    width = "return document.documentElement.scrollWidth"
    assert opened.run(width) == 390
    small = """
      return [...document.querySelectorAll(".finder button, .finder input, .stations tbody a, .stations thead button")]
        .filter((one) => one.offsetParent && (one.getBoundingClientRect().height < 44)).map((one) => one.textContent);
    """
    assert opened.run(small) == []
    opened.run("document.querySelector('.stations tbody a').click()")
    opened.run("return new Promise((done) => setTimeout(done, 50))")
    box = "const box = document.querySelector('.days').getBoundingClientRect();"
    box += "return [box.left, box.top, box.width, box.height]"
    assert opened.run(box) == [0, 0, 390, 844] and opened.run(width) == 390
    assert opened.run(FOCUSED) == "Close" and opened.run("return document.querySelector('.finder').inert") is True
    opened.run("document.querySelector('[data-step=\"next\"]').click()")
    opened.run("return new Promise((done) => setTimeout(done, 50))")
    assert opened.run(CHOSEN) == ["S00007"]
    figures = SEEN.format(".chosen figure .scroll")
    assert opened.run(f"{figures}.map((one) => one.scrollWidth <= one.clientWidth)") == [True, True]
    opened.run("document.querySelector('[data-step=\"close\"]').click()")
    assert opened.run(CHOSEN) == [] and opened.run(FOCUSED) == "S00007"
    assert opened.run("return document.querySelector('.finder').inert") is False


def test_without_scripts_everything_unfolds(window: Browser, page: Path, tmp_path: Path) -> None:
    """The driver's own questions are asked with the page's script taken out: it may not run either way."""
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"<script>.*</script>", "", page.read_text(), flags=re.DOTALL))
    window.size(1280, 900)
    window.open(bare)
    assert len(window.run(SHOWN)) == 12 and len(window.run(CHOSEN)) == 12
    assert window.run("return document.querySelector('.finder').offsetParent") is None
    assert window.run("return document.querySelector('.steps').offsetParent") is None
    assert window.run("return document.querySelectorAll('.day[open]').length") == 0
    window.run("location.hash = '#day-7'")
    opened: Any = window.run("return [...document.querySelectorAll('.day[open] strong')].map((one) => one.textContent)")
    assert opened == ["S00007"]  # as a link to what is folded does


def test_printed_are_the_rows_and_the_day_that_are_shown(opened: Browser) -> None:
    opened.run("document.querySelector('[data-only=\"look\"]').click()")
    press(opened, "j", "j", "Enter")
    opened.size(700, 900)
    opened.scheme("light", "print")
    assert opened.run(SHOWN) == FIRST and opened.run(CHOSEN) == ["S00007"]
    assert opened.run("return getComputedStyle(document.querySelector('.finder')).display") == "none"
    assert opened.run(WIDE) == []
    opened.scheme("light")


def test_a_long_name_in_an_overview_leaves_room_for_the_reason(window: Browser, run: Path, tmp_path: Path) -> None:
    assert cli.run("report", run, "--overview", "-o", tmp_path / "overview.html").returncode == 0
    long = """
      const box = document.querySelector(".to-see .scroll");
      box.querySelector("tbody th").textContent = "x".repeat(80);
      return box.scrollWidth <= box.clientWidth;
    """
    for width in (390, 1280):
        window.size(width, 900, mobile=width < 600)
        window.open(tmp_path / "overview.html")
        assert window.run(long)
