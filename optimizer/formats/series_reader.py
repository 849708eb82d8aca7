"""A series of the file (number, list or CSV) as one value for each slot, and where in the file a value stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from optimizer.formats.document_types import CsvSeries, Series, WholeSeries
from optimizer.formats.series_csv import CsvValues, read_csv_series

PRICE_UNITS = ("per_kWh", "per_MWh")
POWER_UNITS = ("kW", "MW")
COUNT_UNITS = ("1",)
INDEX = re.compile(r"^\[(\d+)\]")


@dataclass(frozen=True)
class SeriesReader:
    """Reads series for one horizon. Equal numbers and equal CSV series share one tuple."""

    folder: Path
    horizon: Horizon
    _constants: dict[tuple[type, float], tuple[float, ...]] = field(default_factory=dict)
    _csv: dict[tuple[CsvSeries, tuple[str, ...]], CsvValues] = field(default_factory=dict)

    def values(self, series: Series | WholeSeries, units: tuple[str, ...]) -> tuple[float, ...]:
        """One value a slot, a list as it stands. Raises InvalidData with places relative to the series."""
        if isinstance(series, tuple):
            return series
        if isinstance(series, CsvSeries):
            return self._read_csv(series, units).values
        key = (type(series), series)  # the whole number 3 and 3.0 are one key, but not one series
        if key not in self._constants:
            self._constants[key] = (series,) * self.horizon.slots
        return self._constants[key]

    def whole_values(self, series: WholeSeries) -> tuple[int, ...]:
        """One whole number a slot. Raises InvalidData with places relative to the series."""
        if isinstance(series, CsvSeries):
            read = self._read_csv(series, COUNT_UNITS)
            for value, line in zip(read.values, read.lines, strict=True):
                if not value.is_integer():
                    place = f"[{series.csv}, line {line}]"
                    raise InvalidData([Problem(place, value, "must be a whole number", "correct the value")])
        return tuple(int(value) for value in self.values(series, COUNT_UNITS))

    def first_stamp(self, series: CsvSeries, units: tuple[str, ...]) -> tuple[int, str]:
        """Line and stamp, as written, of the row that holds when the horizon starts. Raises InvalidData."""
        read = self._read_csv(series, units)
        return read.lines[0], read.first_stamp

    def _read_csv(self, series: CsvSeries, units: tuple[str, ...]) -> CsvValues:
        key = (series, units)
        if key not in self._csv:
            self._csv[key] = read_csv_series(series, self.folder, self.horizon, units)
        return self._csv[key]

    def in_file(self, problem: Problem, name: str, series: Series | WholeSeries, units: tuple[str, ...]) -> Problem:
        """A problem at slot t of series `name`, placed at the number, list entry or CSV line that the file has."""
        index = INDEX.match(problem.place.removeprefix(name))
        if index is None or isinstance(series, tuple):
            return problem
        if isinstance(series, CsvSeries):
            line = self._read_csv(series, units).lines[int(index[1])]
            return replace(problem, place=f"{name}[{series.csv}, line {line}]")
        return replace(problem, place=name)
