"""The file formats as JSON Schema, for editors and other programs: what the Structs say of shape, no value rules."""

from __future__ import annotations

from typing import Any

import msgspec

from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.study_document import StudyDocument
from optimizer.formats.tariff_document import TariffFileDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def instance_schema() -> dict[str, Any]:
    """The schema of instance files, version 1."""
    return _schema(InstanceDocument, "swapcharge instance, version 1")


def plan_schema() -> dict[str, Any]:
    """The schema of plan files, version 1."""
    return _schema(PlanFile, "swapcharge plan, version 1")


def tariff_schema() -> dict[str, Any]:
    """The schema of tariff files, version 1."""
    return _schema(TariffFileDocument, "swapcharge tariff, version 1")


def study_schema() -> dict[str, Any]:
    """The schema of study files, version 1: of what their TOML says, dates as texts."""
    return _schema(StudyDocument, "swapcharge study, version 1")


def _schema(kind: type, title: str) -> dict[str, Any]:
    schema = {"$schema": DIALECT, "title": title, **msgspec.json.schema(kind)}
    return dict(msgspec.json.decode(msgspec.json.encode(schema)))  # defaults that are tuples become lists
