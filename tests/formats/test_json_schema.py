"""The JSON schema, the Structs and the format page say the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import builders as make
import jsonschema
import msgspec
import pytest
from instance_files import INSTANCE_FILES
from paths import DATA, INSTANCES

from models.errors import InvalidData
from models.station.cost import cost_of
from models.station.result import StationPlan, StationResult
from optimizer.files.json_problems import shape_problems
from optimizer.files.json_text import plain_json
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.json_schema import instance_schema, plan_schema, study_schema, tariff_schema
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import plan_document
from optimizer.runs.alarms import alarms_schema
from optimizer.studies.study_file import parse_study
from optimizer.studies.swap_log import COLUMNS
from optimizer.studies.tables import TABLE_FILES, columns_of

PAGE = (INSTANCES / "README.md").read_text(encoding="utf-8")
VALID = [
    DATA / "every-key.json",
    *INSTANCE_FILES,
]
SCHEMAS = {
    "instance": instance_schema(),
    "plan": plan_schema(),
    "tariff": tariff_schema(),
    "study": study_schema(),
    "alarms": alarms_schema(),
}
STRUCTS = {name: one for schema in SCHEMAS.values() for name, one in schema["$defs"].items()}
INSTANCE = jsonschema.Draft202012Validator(instance_schema())


def structs(kind: Any = None) -> Iterator[type]:
    """Every Struct that a file format is made of."""
    for name in STRUCTS:
        yield next(one for one in _subclasses(msgspec.Struct) if one.__name__ == name)


def _subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)


def invalid_texts() -> Iterator[Any]:
    for path in sorted((INSTANCES / "invalid").glob("*.json")):
        try:
            yield pytest.param(plain_json(path.read_bytes()), id=path.stem)
        except InvalidData:
            continue  # no JSON: nothing for a schema to look at


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_the_schemas_are_schemas(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("path", VALID, ids=[f"{path.parent.name}/{path.stem}" for path in VALID])
def test_valid_instances_are_valid(path: Path) -> None:
    INSTANCE.validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("raw", list(invalid_texts()))
def test_the_schema_refuses_what_has_the_wrong_shape_and_nothing_else(raw: Any) -> None:
    problems = shape_problems(raw, InstanceDocument)
    beyond_a_schema = {"must be a finite number", "appears more than once in its object"}
    if {problem.rule for problem in problems} <= beyond_a_schema:
        INSTANCE.validate(raw)
    else:
        assert not INSTANCE.is_valid(raw)


def test_every_object_refuses_unknown_keys() -> None:
    for schema in SCHEMAS.values():
        assert {one["additionalProperties"] for one in schema["$defs"].values()} == {False}


def test_plans_are_valid() -> None:
    night = make.night(swaps=[make.swap()])
    plan = make.schedule(night, {"P2": [40, 0, 0, 0]}, {"W1": "P1"})
    cost = cost_of(night, plan)
    found = StationPlan(night, plan, StationResult("time_limit", "levels", cost, 0.0, 1.0, 1, 0), cost)
    raw = json.loads(plan_document(make.instance(night), [found], {"swapcharge": "0"}))
    jsonschema.Draft202012Validator(plan_schema()).validate(raw)
    raw["stations"][0]["packs"][0]["power"] = []
    assert not jsonschema.Draft202012Validator(plan_schema()).is_valid(raw)


def keys_in(value: Any) -> Iterator[str]:
    """Every key of the objects in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_in(item)


@pytest.mark.parametrize(
    ("file", "schema"),
    [("every-key", instance_schema()), ("every-key-tariff", tariff_schema())],
    ids=["instance", "tariff"],
)
def test_the_file_of_every_key_has_every_key(file: str, schema: dict[str, Any]) -> None:
    """But for a tariff file's keys that exclude each other, which the instance file has."""
    held = set(keys_in(json.loads((DATA / f"{file}.json").read_text(encoding="utf-8"))))
    asked = {name for one in schema["$defs"].values() for name in one["properties"]}
    others = {"price_series", "per_kwh", "minutes", "rate_per_kva", "transformer_kva", "energy_price_per_kwh"}
    csv = set(schema["$defs"]["CsvSeries"]["properties"])
    assert asked - held <= (set() if file == "every-key" else others | csv)


@pytest.mark.parametrize("kind", list(structs()), ids=lambda kind: kind.__name__)
def test_every_field_is_described_and_on_the_format_page(kind: type) -> None:
    properties = STRUCTS[kind.__name__]["properties"]
    assert [name for name, one in properties.items() if not one.get("description")] == []
    assert [name for name in properties if f"`{name}`" not in PAGE] == []
    assert set(properties) == set(get_type_hints(kind)) == set(kind.__struct_fields__)  # type: ignore[attr-defined]


SECTIONS = {
    "### The file": InstanceDocument,
    "### `horizon`": "HorizonDocument",
    "### `pack_types[]`": "PackTypeDocument",
    "### `tariffs[]`": "TariffDocument",
    "### `price_series`": "PriceSeriesDocument",
    "### `energy_tiers[]`": "EnergyTiersDocument",
    "### `demand_charges[]`": "DemandChargeDocument",
    "### `use_classes[]`": "UseClassDocument",
    "### `ratchet`": "RatchetDocument",
    "### `two_part`": "TwoPartDocument",
    "### `fixed_charges[]`": "FixedChargeDocument",
    "### `minimum_charges[]`": "MinimumChargeDocument",
    "### `eligibility`": "EligibilityDocument",
    "### `valid`": "ValidityDocument",
    "### The file of a tariff": "TariffFileDocument",
    "### `windows[]`": "WindowDocument",
    "### `stations[]`": "StationDocument",
    "### `chargers`": "ChargersDocument",
    "### `packs[]`": "PackDocument",
    "### `swaps[]`": "SwapDocument",
    "### `forecast[]`": "ForecastDocument",
    "### Series": "CsvSeries",
    "### `cost`": "CostDocument",
    "### The file of a study": "StudyDocument",
    "### `[[tariffs]]`": "StudyTariffDocument",
    "### `[[variants]]`": "VariantDocument",
    "### `[swap_defaults]`": "SwapDefaultsDocument",
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_table_has_a_row_for_each_key_in_order_and_tells_the_required_ones(heading: str) -> None:
    kind = SECTIONS[heading]
    name = kind if isinstance(kind, str) else kind.__name__
    schema = STRUCTS[name]
    section = PAGE.split(f"\n{heading}\n")[1].split("\n##")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*)$", section, flags=re.MULTILINE))
    assert sorted(rows) == sorted(schema["properties"])
    if name != "CostDocument":
        assert [key for key in rows if "**required**" in rows[key]] == [
            key for key in rows if key in schema["required"]
        ]


TABLES = {file: columns_of(kind) for kind, file in TABLE_FILES.items()}


@pytest.mark.parametrize("table", TABLES)
def test_the_page_tells_the_columns_of_a_study_s_tables_in_order(table: str) -> None:
    section = PAGE.split(f"\n#### `{table}`\n")[1].split("\n##")[0]
    told = re.findall(r"^\| (`.*?) \|", section, flags=re.MULTILINE)
    assert tuple(name for cell in told for name in re.findall(r"`(\w+)`", cell)) == TABLES[table]


def test_the_page_tells_the_columns_of_drivers_in_order() -> None:
    section = PAGE.split("\n### Drivers of a study\n")[1].split("\n##")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == COLUMNS


def study_texts() -> list[str]:
    """The study of the page and those beside it."""
    (text,) = (one for one in re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL) if "swapcharge-study" in one)
    return [text, *(path.read_text(encoding="utf-8") for path in sorted(INSTANCES.glob("*.toml")))]


@pytest.mark.parametrize("text", study_texts(), ids=lambda text: tomllib.loads(text)["name"])
def test_studies_are_valid_and_can_be_read(text: str) -> None:
    raw = json.loads(json.dumps(tomllib.loads(text), default=str))
    jsonschema.Draft202012Validator(study_schema()).validate(raw)
    study = parse_study(text.encode(), "study", INSTANCES).study
    assert (study.name, study.nights, len(study.tariffs)) == (raw["name"], raw["nights"], len(raw["tariffs"]))


def test_the_examples_of_the_page_are_what_they_say() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    INSTANCE.validate(json.loads(text))
    assert set(json.loads(text)) | {"sources"} == set(InstanceDocument.__struct_fields__)
    assert "`status`, `objective`, `bound`" in PAGE and "objective" in PlanFile.__struct_fields__
