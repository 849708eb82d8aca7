"""Reports in a real browser: they ask nobody for anything, sort, change colours, fit a phone.

Left out, and said so, where the machine has no browser or nothing to drive it: see tests/support/browser.py.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import broken_plans
import builders as make
import cli
import pages
import pytest
import study_pages
import tiny_network as tiny
from browser import Browser, needs_browser

from optimizer.reports.plan import plan_report

HOSTILE = '"><img src=x onerror=alert(1)>'
PHONE_PX = 375
WIDTH = "return document.documentElement.scrollWidth"
GROUND = "return getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(243, 244, 246)", "rgb(12, 15, 19)"

pytestmark = needs_browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of report: of a real night, a plan alone, one that breaks rules, several, a run, a study."""
    folder = tmp_path_factory.mktemp("browser")
    plan, network = folder / "plan.json", tiny.write(folder / "network.json", "S1", "S2", f"S3{'x' * 80}", HOSTILE)
    assert cli.run("solve", cli.NIGHT, "-o", plan).returncode == 0
    assert cli.run("report", plan, "--instance", cli.NIGHT, "-o", folder / "night.html").returncode == 0
    assert cli.run("report", plan, "-o", folder / "alone.html").returncode == 0
    assert cli.run("solve", network, "-o", folder / "several.json").returncode == 0
    several = folder / "several.html"
    assert cli.run("report", folder / "several.json", "--instance", network, "-o", several).returncode == 0
    assert cli.run("nightly", network, "--out", folder / "run", "--workers", 1).returncode == 0
    assert cli.run("report", folder / "run", "-o", folder / "run.html").returncode == 0
    overview = "--overview", "--compare", folder / "run", "-o", folder / "overview.html"
    assert cli.run("report", folder / "run", *overview).returncode == 0
    study = study_pages.made(
        folder, {"id": HOSTILE}, variants=[*study_pages.GROWTH, {"id": f"V{'x' * 80}", "packs": 2}]
    )
    study_pages.told(study, status="interrupted")
    assert cli.run("report", study, "-o", folder / "study.html").returncode == 0
    (folder / "broken.html").write_bytes(broken_page())
    return folder


def broken_page() -> bytes:
    instance = make.instance(broken_plans.good_night(), name=HOSTILE)
    plan = pages.planned(instance, broken_plans.good_plan())
    short = pages.with_schedule(plan, broken_plans.extra_row(HOSTILE))
    return plan_report(short, HOSTILE, instance, None)


KINDS = ("night", "alone", "broken", "several", "run", "overview", "study")


@pytest.mark.parametrize("kind", KINDS)
def test_no_error_and_no_request_but_for_the_file(window: Browser, folder: Path, kind: str) -> None:
    page = folder / f"{kind}.html"
    window.open(page)
    assert window.run("return document.readyState") == "complete"
    asked = window.requested()
    assert page.resolve().as_uri() in asked
    assert [
        address for address in asked if address != page.resolve().as_uri() and not address.startswith("data:")
    ] == []
    assert window.log("browser") == []
    assert window.run("return document.querySelectorAll('img, iframe, object').length") == 0


def test_the_logs_would_tell_a_request_and_an_error(window: Browser, tmp_path: Path) -> None:
    """Else the test above could not fail."""
    page = tmp_path / "bad.html"
    page.write_text('<!DOCTYPE html><img src="http://127.0.0.1:9/x.png"><script>undefined.x</script>')
    window.open(page)
    assert "http://127.0.0.1:9/x.png" in window.requested()
    assert any("TypeError" in entry["message"] for entry in window.log("browser"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_shows_the_page_without_scrolling_sideways(window: Browser, folder: Path, kind: str) -> None:
    window.size(PHONE_PX, 800, mobile=True)
    window.open(folder / f"{kind}.html")
    assert window.run("return innerWidth") == PHONE_PX
    assert window.run(WIDTH) <= PHONE_PX
    wide = "return Math.max(...[...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth))"
    assert window.run(wide) > PHONE_PX or kind == "overview"  # in a box of their own; the overview fits


def test_charts_say_that_they_scroll_where_they_do_and_nowhere_else(window: Browser, folder: Path) -> None:
    told = """
      return [...document.querySelectorAll("figure")].filter((one) => one.offsetParent).map((one) => [
        one.querySelector(".scroll").scrollWidth > one.querySelector(".scroll").clientWidth,
        getComputedStyle(one.querySelector(".scrolls")).display !== "none"]);
    """
    for width in (PHONE_PX, 640, 1280):
        window.size(width, 800, mobile=width < 600)
        for kind in ("night", "run", "study"):
            window.open(folder / f"{kind}.html")
            found = window.run(told)
            assert found and all(scrolls == says for scrolls, says in found), (width, kind, found)
    window.size(PHONE_PX, 800, mobile=True)
    window.open(folder / "night.html")
    assert [True, True] in window.run(told) and [False, False] in window.run(told)


def test_no_line_of_an_axis_strikes_through_words(window: Browser, folder: Path) -> None:
    struck = """
      const found = [];
      for (const svg of document.querySelectorAll("svg:not(.timeline)")) {
        const lines = [...svg.querySelectorAll("path.axis, path.rule, path.bound:not([class*=round])")];
        const pieces = lines.flatMap((path) =>
          [...path.getAttribute("d").matchAll(/M([-.\\d]+) ([-.\\d]+)L([-.\\d]+) ([-.\\d]+)/g)]);
        for (const text of svg.querySelectorAll("text")) {
          const box = text.getBBox();
          const [left, right, top, bottom] = [box.x, box.x + box.width, box.y + 3, box.y + box.height - 3];
          const cut = ([, x1, y1, x2, y2]) => Math.min(x1, x2) < right && Math.max(x1, x2) > left
            && Math.min(y1, y2) < bottom && Math.max(y1, y2) > top;
          if (pieces.some((one) => cut(one.map(Number)))) found.push(text.textContent);
        }
      }
      return found;
    """
    window.size(1280, 900)
    for kind in KINDS:
        window.open(folder / f"{kind}.html")
        assert window.run(struck) == [], kind


@pytest.mark.parametrize(("scheme", "ground", "other"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_colours_follow_the_system_and_the_button(
    window: Browser, folder: Path, scheme: str, ground: str, other: str
) -> None:
    window.size(1280, 900)
    window.scheme(scheme)
    window.open(folder / "night.html")
    before = window.picture(whole=False)
    assert window.run(GROUND) == ground
    window.run("document.getElementById('theme').click()")
    assert window.run(GROUND) == other and window.picture(whole=False) != before
    window.run("document.getElementById('theme').click()")
    assert window.run(GROUND) == ground


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(window: Browser, folder: Path, scheme: str) -> None:
    """Contrast of at least 4.5 to 1, as WCAG asks of text."""
    window.scheme(scheme)
    for kind in ("night", "broken", "study"):
        window.open(folder / f"{kind}.html")
        faint = window.run(
            """
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
            const words = "p, h1, h2, h3, dt, dd, td, th, li, caption, strong, summary, button, text";
            return [...document.querySelectorAll(words)]
              .filter((one) => one.textContent.trim())
              .filter((one) => {
                const style = getComputedStyle(one);
                const [a, b] = [light(one.tagName === "text" ? style.fill : style.color), light(behind(one))];
                return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
              }).map((one) => one.textContent);
            """
        )
        assert faint == []


def test_a_click_on_a_column_sorts_by_it(window: Browser, folder: Path) -> None:
    window.size(1280, 900)
    window.open(folder / "night.html")
    rows = "[...document.querySelector('table.sortable').tBodies[0].rows]"
    click = "document.querySelectorAll('table.sortable th button')[{}].click();"

    def column(index: int) -> list[str]:
        found: list[str] = window.run(f"return {rows}.map((row) => row.cells[{index}].textContent)")
        return found

    swaps = column(1)
    window.run(click.format(9))
    back = [float(words) for words in column(9)]
    assert back == sorted(back, reverse=True) and len(set(back)) > 1
    assert window.run("return document.querySelector('th[aria-sort]').ariaSort") == "descending"
    window.run(click.format(9))
    assert [float(words) for words in column(9)] == sorted(back)
    window.run(click.format(1))
    assert column(1) == sorted(swaps, key=lambda words: int(words.rpartition("-")[2]))  # drivers-2 before drivers-10
    assert window.run("return document.querySelectorAll('th[aria-sort]').length") == 1


def test_pointing_at_a_bay_lights_its_share_of_the_load(window: Browser, folder: Path) -> None:
    window.open(folder / "night.html")
    point = "document.querySelector({}).dispatchEvent(new Event('pointerover', {{bubbles: true}}))"
    window.run(point.format("""'.timeline [data-row="3"] rect'"""))
    lit = window.run("return [...new Set([...document.querySelectorAll('.lit')].map((one) => one.dataset.row))]")
    assert lit == ["3"] and window.run("return document.querySelectorAll('.lit.pack').length") > 0
    window.run(point.format("'h1'"))
    assert window.run("return document.querySelectorAll('.lit-one').length") == 0


@pytest.mark.parametrize("kind", ["night", "study"])
def test_printed_pages_are_light_and_whole(window: Browser, folder: Path, kind: str) -> None:
    window.scheme("dark", "print")
    window.size(700, 900)
    window.open(folder / f"{kind}.html")
    window.run("dispatchEvent(new Event('beforeprint'))")
    assert window.run("return getComputedStyle(document.body).color") == "rgb(23, 32, 43)"
    assert window.run("return getComputedStyle(document.getElementById('theme')).display") == "none"
    assert window.run(WIDTH) <= 700
    hidden = (
        "return [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert window.run(hidden) == 0
    printed = base64.b64decode(window.devtools("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF")
    window.scheme("light")


def test_one_variant_of_a_study_is_shown_and_all_are_printed(window: Browser, folder: Path) -> None:
    shown = "return [...document.querySelectorAll('.variant')].map((one) => getComputedStyle(one).display !== 'none')"
    window.scheme("light")
    window.size(1280, 900)
    window.open(folder / "study.html")
    assert window.run(shown) == [True, False, False]
    window.run("document.querySelectorAll('[data-shows]')[1].click()")
    assert window.run(shown) == [False, True, False]
    pressed = "return [...document.querySelectorAll('[data-shows]')].map((one) => one.ariaPressed)"
    assert window.run(pressed) == ["false", "true", "false"]
    window.scheme("light", "print")
    assert window.run(shown) == [True, True, True]
    window.scheme("light")


def test_the_bills_of_a_study_are_unfolded_while_it_is_printed(window: Browser, folder: Path) -> None:
    opened = "return document.querySelectorAll('details[open]').length"
    window.open(folder / "study.html")
    assert window.run(opened) == 0
    window.run("dispatchEvent(new Event('beforeprint'))")
    assert window.run(opened) == window.run("return document.querySelectorAll('details.printed').length") == 6
    window.run("dispatchEvent(new Event('afterprint'))")
    assert window.run(opened) == 0


def test_an_overview_prints_on_one_page(window: Browser, folder: Path) -> None:
    window.open(folder / "overview.html")
    printed = window.devtools("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)
    assert len(re.findall(rb"/Type /Page\b", base64.b64decode(printed["data"]))) == 1
