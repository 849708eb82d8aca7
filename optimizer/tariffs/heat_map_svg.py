"""A tariff's prices by month and hour as one SVG file, light or dark as the reader's screen is."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.formats.tariff_file import TariffFile
from optimizer.graphics import svg
from optimizer.graphics.charts import opacity
from optimizer.graphics.markup import Markup, joined, tag
from optimizer.tariffs.heat_map import HOURS, LEVELS, Cell, HeatMap, Scale, heat_maps, scale_of
from optimizer.tariffs.show import of_year

WIDTH, LEFT, TOP = 960.0, 72.0, 64.0
CELL_WIDTH, CELL_HEIGHT = 36.0, 22.0
MAP_HEAD, LEGEND_ROW, LEGEND_COLUMNS = 56.0, 26.0, 5
STYLE = Markup(
    "svg{font:13px system-ui,sans-serif;background:#fff}text{fill:#1f2328}.title{font-size:17px;font-weight:600}"
    ".name{font-weight:600}.tick{fill:#57606a;font-size:12px}.cell{fill:#0b63b8;stroke:#fff}.edge{stroke:#1f2328;"
    "stroke-width:1.5;fill:none}@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}"
    ".tick{fill:#9198a1}.cell{fill:#58a6ff;stroke:#0d1117}.edge{stroke:#e6edf3}}"
)


def tariff_svg(file: TariffFile) -> bytes:
    """The file's bytes; the same tariff gives the same."""
    maps = heat_maps(file.tariff, file.zone)
    scale = scale_of(maps)
    title = f"{file.tariff.id}: {file.currency} per kWh by month and hour"
    marks: list[Markup] = [tag("style", STYLE), svg.label(24, 34, title, "title")]
    y = TOP
    for one in maps:
        marks.append(_map(one, scale, f"{one.name}{of_year(file)}", y, file.currency))
        y += MAP_HEAD + CELL_HEIGHT * len(one.rows)
    changes = any(cell.changes for one in maps for row in one.cells for cell in row)
    marks.append(_legend(scale, y + 12, changes))
    height = y + 24 + LEGEND_ROW * (-(-len(scale.legend()) // LEGEND_COLUMNS) + changes)
    return (svg.drawing(WIDTH, height, title, *marks) + "\n").encode()


def _map(one: HeatMap, scale: Scale, name: str, top: float, currency: str) -> Markup:
    return joined([svg.label(LEFT, top + 10, name, "name"), *_hours(top + 32), *_rows(one, scale, top + 38, currency)])


def _hours(y: float) -> Iterator[Markup]:
    for hour in HOURS:
        yield svg.label(LEFT + (hour + 0.5) * CELL_WIDTH, y, f"{hour:02d}", "tick", "middle")


def _rows(one: HeatMap, scale: Scale, top: float, currency: str) -> Iterator[Markup]:
    for count, (name, cells) in enumerate(zip(one.rows, one.cells, strict=True)):
        y = top + count * CELL_HEIGHT
        yield svg.label(LEFT - 8, y + CELL_HEIGHT / 2 + 4, name, "tick", "end")
        for hour, cell in enumerate(cells):
            yield from _cell(cell, scale, (LEFT + hour * CELL_WIDTH, y), f"{name}, {hour:02d}:00", currency)


def _cell(cell: Cell, scale: Scale, corner: svg.Point, when: str, currency: str) -> Iterator[Markup]:
    if cell.per_kwh is None:
        return
    x, y = corner
    hint = f"{when}: {cell.per_kwh:.6g} {currency}/kWh" + (", changes within the hour" if cell.changes else "")
    yield _shade(x, y, scale.level(cell.per_kwh), scale, hint)
    if cell.changes:
        yield _edge(x, y)


def _shade(x: float, y: float, level: int, scale: Scale, hint: str = "") -> Markup:
    most = max(1, (len(scale.prices) if scale.is_exact else LEVELS) - 1)
    return svg.block(x, y, x + CELL_WIDTH, y + CELL_HEIGHT, "cell", hint, opacity=opacity(level / most))


def _edge(x: float, y: float) -> Markup:
    """A stroke through the middle of a cell whose price changes within the hour."""
    return svg.line([(x + CELL_WIDTH / 2, y + 4), (x + CELL_WIDTH / 2, y + CELL_HEIGHT - 4)], "edge")


def _legend(scale: Scale, top: float, has_changes: bool) -> Markup:
    marks: list[Markup] = []
    rows = -(-len(scale.legend()) // LEGEND_COLUMNS)
    pitch = (WIDTH - LEFT) / LEGEND_COLUMNS
    for count, (level, words) in enumerate(scale.legend()):
        x, y = LEFT + pitch * (count % LEGEND_COLUMNS), top + LEGEND_ROW * (count // LEGEND_COLUMNS)
        marks += [_shade(x, y, level, scale), svg.label(x + CELL_WIDTH + 8, y + 15, words)]
    if has_changes:
        y = top + LEGEND_ROW * rows
        marks += [_edge(LEFT, y), svg.label(LEFT + CELL_WIDTH + 8, y + 15, "the price changes within the hour")]
    return joined(marks)
