"""The alarms of a run on its page: conditions that were asked for, met or not, and the stations that they concern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from optimizer.files.errors import InputErrors
from optimizer.files.folder_json import read_folder_json
from optimizer.files.plain_text import MOST_NAMES
from optimizer.graphics.html_page import banner, paragraph, percent
from optimizer.graphics.markup import NOTHING, Markup, tag, text
from optimizer.runs.alarms_document import MEANINGS, AlarmsDocument, ConditionDocument
from optimizer.runs.folder import ALARMS, RUN

UNREADABLE = "alarms.json cannot be read: whether there is an alarm is not known."


@dataclass(frozen=True)
class RunAlarms:
    """What alarms.json says; None: there is no such file, as in runs of earlier versions. `is_broken`: unreadable."""

    document: AlarmsDocument | None = None
    is_broken: bool = False

    @property
    def met(self) -> tuple[ConditionDocument, ...]:
        """The conditions that are alarms."""
        return () if self.document is None else tuple(one for one in self.document.conditions if one.met)

    @property
    def of_stations(self) -> dict[str, tuple[str, ...]]:
        """By station, the alarms in which it has a part."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.met:
            for part in one.stations:
                found[part.station] = (*found.get(part.station, ()), one.condition)
        return found


def alarms_of_folder(run: Path) -> RunAlarms:
    """Those of the run in the folder `run`. Raises nothing for a broken file: the page shows the rest."""
    if not (run / ALARMS).is_file():
        return RunAlarms()
    try:
        return RunAlarms(read_folder_json(run / ALARMS, AlarmsDocument, RUN))
    except InputErrors:
        return RunAlarms(is_broken=True)


def alarms_part(alarms: RunAlarms, places: Mapping[str, str]) -> Markup:
    """What is met, where; or that nothing is. `places`: of stations in the page."""
    if alarms.is_broken:
        return paragraph(UNREADABLE, "hint")
    if alarms.document is None or not alarms.document.conditions:
        return NOTHING
    if not alarms.met:
        asked = ", ".join(one.condition for one in alarms.document.conditions)
        return paragraph(f"No alarm. Asked for: {asked}.", "good")
    return banner("Alarm", tag("ul", *(tag("li", *_line(one, places)) for one in alarms.met)))


def _line(one: ConditionDocument, places: Mapping[str, str]) -> Iterator[Markup]:
    """A condition in words, and the stations that have a part in it, the first by name."""
    meaning = MEANINGS.get(one.name)
    told = f" ({meaning.words})" if meaning else ""
    yield text(f"{one.condition}: it is {_value(one.name, one.value)}{told}")
    for number, part in enumerate(one.stations[:MOST_NAMES]):
        name, place = text(part.station), places.get(part.station)
        yield text(", " if number else ": ")
        yield tag("a", name, href=f"#{place}") if place else name
        yield NOTHING if meaning and meaning.is_yes_or_no else text(f" {_value(one.name, part.value)}")
    if (more := len(one.stations) - MOST_NAMES) > 0:
        yield text(f" and {more:,} more")


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "not proven"
    return percent(value) if name in MEANINGS and MEANINGS[name].is_share else f"{value:,.10g}"
