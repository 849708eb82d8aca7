"""What `tariff show` prints: the tariff in words, then its prices by month and hour as digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from optimizer.files.errors import printable
from optimizer.formats.tariff_file import TariffFile
from optimizer.tariffs.price_map import HOURS, HeatMap, PriceCell, PriceLevels, heat_maps, map_year, scale_of
from optimizer.tariffs.tariff_in_words import tariff_lines, window_words
from optimizer.tariffs.terms_in_words import term_lines
from optimizer.tariffs.unpriced_hours import priced_days, unpriced_windows

NO_PRICE, CHANGES = ".", "*"
LABEL_WIDTH = 8
MOST_UNPRICED = 12


def show_text(file: TariffFile, without_price: Sequence[str]) -> str:
    """The screen. `without_price`: what `unpriced` found."""
    maps = heat_maps(file.tariff, file.zone)
    scale = scale_of(maps)
    lines = [printable(line) for line in (*tariff_lines(file), *term_lines(file.terms))]
    for one in maps:
        lines += ["", f"{one.name}{of_year(file)}", *_map_lines(one, scale)]
    return "\n".join([*lines, "", *_legend(scale, maps, file), *_unpriced(file, without_price)])


def unpriced(file: TariffFile) -> list[str]:
    """The hours without a price, in words."""
    return [window_words(window) or "always" for window in unpriced_windows(file.tariff)]


def _unpriced(file: TariffFile, found: Sequence[str]) -> Iterator[str]:
    if found:
        yield ""
        yield "Hours without a price; a bill or a plan that has one is refused. A last period with a name and a price"
        yield "only would hold whatever the others leave:"
        yield from (f"  {words}" for words in found[:MOST_UNPRICED])
        if len(found) > MOST_UNPRICED:
            yield f"  ... and {len(found) - MOST_UNPRICED:,} more: see --json"
    if days := priced_days(file.tariff):
        yield ""
        yield f"Prices from {days[0]} to {days[1]} only"


def of_year(file: TariffFile) -> str:
    """The year of a map, where dates make one year unlike another."""
    has_dates = any(period.window.dates for period in file.tariff.energy_periods)
    return f" of {map_year(file.tariff)}" if has_dates else ""


def _map_lines(one: HeatMap, scale: PriceLevels) -> Iterator[str]:
    yield " " * LABEL_WIDTH + "".join(f"{hour:02d} " for hour in HOURS).rstrip()
    for name, cells in zip(one.rows, one.cells, strict=True):
        yield f"{name:{LABEL_WIDTH}}" + "".join(f"{_formatted(cell, scale):3}" for cell in cells).rstrip()


def _formatted(cell: PriceCell, scale: PriceLevels) -> str:
    if cell.per_kwh is None:
        return f" {NO_PRICE}"
    return f" {scale.level(cell.per_kwh)}{CHANGES if cell.changes else ''}"


def _legend(scale: PriceLevels, maps: Sequence[HeatMap], file: TariffFile) -> Iterator[str]:
    tiers = "; the first tier's price" if file.tariff.energy_tiers else ""
    yield f"{file.currency}/kWh, mean of the hour{tiers}:"
    for level, words in scale.legend():
        yield f"  {level}  {words}"
    cells = [cell for one in maps for row in one.cells for cell in row]
    if any(cell.per_kwh is None for cell in cells):
        yield f"  {NO_PRICE}  no price"
    if any(cell.changes for cell in cells):
        yield f"  {CHANGES}  the price changes within the hour"


def show_facts(file: TariffFile, without_price: Sequence[str]) -> dict[str, Any]:
    """The tariff as the file has it, and the maps' numbers. `without_price`: what `unpriced` found."""
    maps = heat_maps(file.tariff, file.zone)
    return {
        "currency": file.currency,
        "time_zone": file.document.time_zone,
        "words": [*tariff_lines(file), *term_lines(file.terms)],
        "tariff": msgspec.to_builtins(file.document.tariff),
        "maps": [
            {
                "name": one.name,
                "rows": list(one.rows),
                "mean_per_kwh": [[cell.per_kwh for cell in row] for row in one.cells],
                "changes_within_hour": [[cell.changes for cell in row] for row in one.cells],
            }
            for one in maps
        ],
        "hours_without_price": list(without_price),
    }
