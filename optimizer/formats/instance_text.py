"""Instance files as they are written: every key that says more than its default, numbers of a series on one line."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct, structs

from optimizer.files.json_text import escaped
from optimizer.formats.instance_document import InstanceDocument


def instance_text(document: InstanceDocument) -> bytes:
    """JSON text. The same document gives the same bytes."""
    return escaped(_indented(given(document), "") + "\n").encode()


def given(value: Any) -> Any:
    """The value in dicts and lists, without what keeps its default."""
    if isinstance(value, Struct):
        fields = ((field, getattr(value, field.name)) for field in structs.fields(value))
        return {field.encode_name: given(one) for field, one in fields if one != _default(field)}
    if isinstance(value, dict):
        return {key: given(one) for key, one in value.items()}
    return [given(one) for one in value] if isinstance(value, tuple | list) else value


def _default(field: structs.FieldInfo) -> Any:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def _indented(value: Any, margin: str) -> str:
    deeper = margin + "  "
    if isinstance(value, dict) and any(isinstance(one, dict | list) for one in value.values()):
        lines = [f"{deeper}{_flat(key)}: {_indented(one, deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "[\n" + ",\n".join(deeper + _indented(one, deeper) for one in value) + f"\n{margin}]"
    return _flat(value)


def _flat(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
