"""The nights of a station in a variant, one after the other: what is known of them while a study runs.

Their records stay in the folder: a year of many stations is more than a machine's memory holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.content_hash import digest
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.folder import STUDY, StudyFolder
from optimizer.studies.night_record import NightRecord


@dataclass(frozen=True)
class Fallback:
    """A night under one tariff for which there is charging on arrival only, and why."""

    night: str
    tariff: str
    reason: str


class KeptRecords(Sequence[NightRecord]):
    """Records of nights in a folder, read when they are asked for; the last one is at hand.

    Asking for a record raises InputErrors where its file is not there any more.
    """

    def __init__(self, folder: StudyFolder, station: str, variant: str) -> None:
        self._folder, self._station, self._variant = folder, station, variant
        self._nights: list[str] = []
        self._last: NightRecord | None = None

    def append(self, record: NightRecord) -> None:
        """One more, that the folder has."""
        self._nights.append(record.night)
        self._last = record

    def __len__(self) -> int:
        return len(self._nights)

    @overload
    def __getitem__(self, index: int) -> NightRecord: ...

    @overload
    def __getitem__(self, index: slice) -> list[NightRecord]: ...

    def __getitem__(self, index: int | slice) -> NightRecord | list[NightRecord]:
        if isinstance(index, slice):
            return [self[one] for one in range(len(self))[index]]
        night = self._nights[index]
        if self._last is not None and self._last.night == night:
            return self._last
        record = self._folder.read_record(self._station, self._variant, night)
        if record is None:
            path = self._folder.record_path(self._station, self._variant, night)
            rule = "was written by this study and is not there any more, or is no record of a night"
            raise InputErrors(str(path), [Problem("", ABSENT, rule, STUDY.again)])
        return record


@dataclass
class Chain:
    """The nights of a station in a variant. `failure`: why it ends early.

    `keys`: by tariff, of all that the next night depends on; those of a group of `groups` are planned together.
    `kept`: the file of the next night's record, where it holds under some of the tariffs.
    `copied`: by tariff, nights for which another tariff's plan was taken.
    """

    station: int
    variant: VariantDocument
    name: str
    keys: dict[str, str]
    groups: Sequence[Sequence[str]]
    records: KeptRecords
    resumed: int = 0
    failure: str = ""
    tries: int = 0
    kept: bytes = b""
    fallbacks: list[Fallback] = field(default_factory=list)
    copied: Counter[str] = field(default_factory=Counter)

    def add(self, record: NightRecord) -> None:
        """The next night; those that follow depend on all of it."""
        self.records.append(record)
        self.kept, self.tries = b"", 0
        nights = {one.tariff: one for one in record.tariffs}
        for group in self.groups:
            self.keys |= dict.fromkeys(group, digest([nights[name] for name in group]))
        self.fallbacks += [Fallback(record.night, one.tariff, one.reason) for one in record.tariffs if one.reason]
        self.copied.update(one.tariff for one in record.tariffs if one.copied_from)
