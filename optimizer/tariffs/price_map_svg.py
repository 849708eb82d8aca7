"""A tariff's prices by month and hour as one SVG file, light or dark as the reader's screen is."""

from __future__ import annotations

from optimizer.formats.tariff_file import TariffFile
from optimizer.graphics import svg
from optimizer.graphics.charts import Shade, opacity, shaded_rows
from optimizer.graphics.markup import Markup, joined, tag
from optimizer.tariffs.price_map import HOURS, HeatMap, PriceCell, PriceLevels, heat_maps, scale_of
from optimizer.tariffs.show_tariff import of_year

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


def _map(one: HeatMap, scale: PriceLevels, name: str, top: float, currency: str) -> Markup:
    across, first = svg.Scale(0, len(HOURS), LEFT, LEFT + CELL_WIDTH * len(HOURS)), top + 40
    cells = [
        [_shade(cell, scale, f"{row}, {hour:02d}:00", currency) for hour, cell in zip(HOURS, of_row, strict=True)]
        for row, of_row in zip(one.rows, one.cells, strict=True)
    ]
    heads = [f"{hour:02d}" for hour in HOURS]
    edges = [
        _edge(across.at(hour), first + CELL_HEIGHT * row)
        for row, of_row in enumerate(one.cells)
        for hour, cell in enumerate(of_row)
        if cell.changes and cell.per_kwh is not None
    ]
    shaded = shaded_rows(one.rows, heads, cells, across, first, CELL_HEIGHT, "cell")
    return joined([svg.label(LEFT, top + 10, name, "name"), *shaded, *edges])


def _shade(cell: PriceCell, scale: PriceLevels, when: str, currency: str) -> Shade | None:
    if cell.per_kwh is None:
        return None
    changes = ", changes within the hour" if cell.changes else ""
    return scale.share(scale.level(cell.per_kwh)), f"{when}: {cell.per_kwh:.6g} {currency}/kWh{changes}"


def _edge(x: float, y: float) -> Markup:
    """A stroke through the middle of a cell whose price changes within the hour."""
    return svg.line([(x + CELL_WIDTH / 2, y + 4), (x + CELL_WIDTH / 2, y + CELL_HEIGHT - 4)], "edge")


def _legend(scale: PriceLevels, top: float, has_changes: bool) -> Markup:
    marks: list[Markup] = []
    rows = -(-len(scale.legend()) // LEGEND_COLUMNS)
    pitch = (WIDTH - LEFT) / LEGEND_COLUMNS
    for count, (level, words) in enumerate(scale.legend()):
        x, y = LEFT + pitch * (count % LEGEND_COLUMNS), top + LEGEND_ROW * (count // LEGEND_COLUMNS)
        shade = opacity(scale.share(level))
        marks.append(svg.block(x, y, x + CELL_WIDTH, y + CELL_HEIGHT, "cell", opacity=shade))
        marks.append(svg.label(x + CELL_WIDTH + 8, y + 15, words))
    if has_changes:
        y = top + LEGEND_ROW * rows
        marks += [_edge(LEFT, y), svg.label(LEFT + CELL_WIDTH + 8, y + 15, "the price changes within the hour")]
    return joined(marks)
