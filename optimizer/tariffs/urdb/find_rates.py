"""JSON text of the U.S. Utility Rate Database (URDB): which rates it holds, their keys in one spelling.

Real files hold `{"items": [rate, …]}`, a bare rate, or a JSON string that holds either; keys of older versions and
in camel case occur.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT
from optimizer.files.json_problems import RepeatedKeys
from optimizer.files.json_text import plain_json
from optimizer.files.plain_text import some_of
from optimizer.tariffs.urdb.dates import urdb_day

Raw = dict[str, Any]

ENERGY = "energyratestructure"
OTHER_SPELLINGS = {
    "supercedes": "supersedes",
    "flatdemandunits": "flatdemandunit",
    "demandrateunits": "demandrateunit",
    "sourcereference": "source",
    "fixedchargeunit": "fixedchargeunits",
    "minchargeunit": "minchargeunits",
}
KEY = re.compile(r"\w+", re.ASCII)
DEEPEST = 3  # JSON strings in JSON strings


@dataclass(frozen=True)
class RateFile:
    """The rates of a file. `written`: keys of each as the file spells them; `is_listed`: they stand in its `items`."""

    rates: tuple[Raw, ...]
    written: tuple[Mapping[str, str], ...]
    is_listed: bool

    def in_file(self, place: str, rate: Raw) -> str:
        """A place of a rate as the file has it, such as items[0].demandRateStructure[1][0].rate; options stay."""
        index = next(index for index, one in enumerate(self.rates) if one is rate)
        key = KEY.match(place)
        if key is None:
            return place
        spelled = self.written[index].get(key[0], key[0]) + place[key.end() :]
        return f"items[{index}].{spelled}" if self.is_listed else spelled


def rates_in(data: bytes) -> RateFile:
    """Every rate of the text. Raises InvalidData."""
    raw = _unpacked(plain_json(data.removeprefix(codecs.BOM_UTF8)))
    is_listed = isinstance(raw, dict) and "items" in raw
    items = raw.get("items", [raw]) if isinstance(raw, dict) else None
    rates = [_unpacked(item) for item in items] if isinstance(items, list) else []
    if not rates or not all(isinstance(rate, dict) for rate in rates):
        remedy = "a URDB file is one rate, or an object whose key items lists rates"
        raise InvalidData([Problem("", ABSENT, "holds no rates", remedy)])
    places = [f"items[{index}]" if is_listed else "" for index in range(len(rates))]
    refuse(_repeated(rates, places))
    spelled = [_spelled(rate, place) for rate, place in zip(rates, places, strict=True)]
    return RateFile(tuple(rate for rate, _ in spelled), tuple(written for _, written in spelled), is_listed)


def _unpacked(value: Any) -> Any:
    for _ in range(DEEPEST):
        if isinstance(value, str):
            value = plain_json(value.encode())
    return value


def _repeated(rates: Sequence[Raw], places: Sequence[str]) -> Iterator[Problem]:
    for rate, place in zip(rates, places, strict=True):
        for key in getattr(rate, "repeated", ()) if isinstance(rate, RepeatedKeys) else ():
            problem = Problem(key, rate[key], "appears more than once in its object", "keep one of them")
            yield problem.inside(place) if place else problem


def _spelled(rate: Raw, place: str) -> tuple[Raw, dict[str, str]]:
    """Lower case, one spelling of each key, nothing that is null; and how the file spells each. Raises InvalidData
    where two spellings differ."""
    spelled: Raw = {}
    written: dict[str, str] = {}
    for key, value in rate.items():
        name = OTHER_SPELLINGS.get(key.lower(), key.lower())
        if value is None:
            continue
        if name in spelled and spelled[name] != value:
            rule = f"is also given as {written[name]} in another spelling, with another value"
            problem = Problem(key, value, rule, "keep the one that is right")
            raise InvalidData([problem.inside(place) if place else problem])
        spelled[name], written[name] = value, key
    return spelled, written


def picked(rates: Sequence[Raw], label: str | None, name: str | None) -> Raw:
    """The one rate with this label or name; the only one if neither is given. Raises InvalidData."""
    found = [
        rate
        for rate in rates
        if (label is None or rate.get("label") == label) and (name is None or rate.get("name") == name)
    ]
    if len(found) == 1:
        return found[0]
    listed = f"there are {some_of([described_rate(rate) for rate in rates])}"
    if not found:
        rule, remedy = f"holds no rate with this {'label' if label else 'name'}", listed
    else:
        rule, remedy = f"holds {len(found)} rates", f"choose one with --label or --name; {listed}"
    raise InvalidData([Problem("", ABSENT, rule, remedy)])


def described_rate(rate: Raw) -> str:
    """A rate in a list, with its days: a utility's rate is often there in several versions."""
    first, last = (urdb_day(rate.get(key)) for key in ("startdate", "enddate"))
    since, until = f", from {first}" if first else "", f", until {last}" if last else ""
    return f"{rate.get('label', 'no label')} ({rate.get('name', 'no name')}{since}{until})"
