"""The picture in README.md: a plan as `swapcharge report` draws it, as one SVG file. `make picture` writes it anew.

The plan is the one that the benchmark's ledger keeps: a file, so that no solver has a say in the picture.
"""

from __future__ import annotations

import re
from importlib import resources

from paths import INSTANCES, ROOT

from optimizer.formats.plan_file import read_plan
from optimizer.formats.read_instance import read_instance
from optimizer.graphics import svg
from optimizer.graphics.markup import Markup, joined, tag
from optimizer.reports.load_chart import load_chart, peaks_of
from optimizer.reports.station_charts import bays_chart
from optimizer.reports.station_view import view_of

PICTURE = ROOT / "optimizer" / "reports" / "plan-example.svg"
NIGHT = INSTANCES / "real" / "nl-winter-day.json"
WIDTH, LEFT, LOAD_TOP, LOAD_HEIGHT, BAYS_HEIGHT = 960, 64.0, 44, 410, 386
BAYS_TOP = LOAD_TOP + LOAD_HEIGHT + 26
LOAD_KEYS = [("key c1", "charging packs"), ("base", "base load"), ("limit", "grid limit"), ("price", "price")]
BAYS_KEYS = [("key c1", "charging"), ("level", "state of charge"), ("handed", "handed over to a driver")]
OWN_STYLE = (
    "svg{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif}"
    ".ground{fill:var(--paper)}.key{fill:var(--c)}text.title{font-weight:600;font-size:15px}"
)


def picture() -> bytes:
    """The file's bytes: load and bays of the night, one under the other."""
    (plan_path,) = (INSTANCES / "bench" / "plans").glob(f"{NIGHT.stem}-{16 * '?'}.plan.json.gz")
    night = read_instance(str(NIGHT)).nights[0]
    view = view_of(read_plan(str(plan_path)).stations[0], night)
    charts = [
        _placed(load_chart(view, "EUR", peaks_of(view)), LOAD_TOP, LOAD_HEIGHT),
        _placed(bays_chart(view), BAYS_TOP, BAYS_HEIGHT),
    ]
    height = BAYS_TOP + BAYS_HEIGHT + 4
    marks = [
        tag("style", Markup(_style())),
        tag("rect", width="100%", height="100%", rx=8, class_="ground"),
        _heading("Load by pack", LOAD_KEYS, LOAD_TOP - 16.0),
        _heading("Bays", BAYS_KEYS, BAYS_TOP - 8.0),
        *charts,
    ]
    name = "A planned day of a station with 13 packs: load under prices, and what every bay does"
    return (svg.drawing(WIDTH, height, name, *marks) + "\n").encode()


def _placed(chart: Markup, top: int, height: int) -> Markup:
    """A chart of the report at its place, without its hints, which a picture in a page cannot show."""
    still = re.sub(r"<title>.*?</title>", "", chart).replace("></rect>", "/>").replace("></path>", "/>")
    still = re.sub(r' data-row="\d+"| role="img"| aria-label="[^"]*"| xmlns="[^"]*"', "", still)
    return Markup(still.replace("<svg ", f'<svg y="{top}" width="{WIDTH}" height="{height}" ', 1))


def _heading(title: str, keys: list[tuple[str, str]], y: float) -> Markup:
    """The name of a chart and what its colours mean."""
    marks, x = [svg.label(LEFT, y, title, "title")], LEFT + 9.0 * len(title) + 24
    for css, words in keys:
        marks += [_key(css, x, y - 5), svg.label(x + 24, y, words, "tick")]
        x += 24 + 6.6 * len(words) + 26
    return joined(marks)


def _key(css: str, x: float, middle: float) -> Markup:
    if css == "handed":
        return svg.dot(x + 10, middle, 4.5, css)
    if css in ("limit", "price"):
        return svg.line([(x, middle), (x + 18, middle)], f"line {css}")
    return svg.block(x + 4, middle - 5, x + 18, middle + 5, css)


def _style() -> str:
    """What the report's style says of drawings; colours for light and dark screens that older programs read, too."""
    sheet = resources.files("optimizer.graphics").joinpath("report.css").read_text(encoding="utf-8")
    colours = re.findall(r"(--[\w-]+): light-dark\((#\w+), (#\w+)\);", sheet)
    light, dark = ("".join(f"{name}:{pair[i]};" for name, *pair in colours) for i in range(2))
    drawings = sheet[sheet.index(".c1, .pack {") : sheet.index(".narrow {")]
    rules = [rule for rule in drawings.splitlines() if rule and not rule.startswith(".key")]
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{OWN_STYLE}{''.join(rules)}"


if __name__ == "__main__":
    PICTURE.write_bytes(picture())
