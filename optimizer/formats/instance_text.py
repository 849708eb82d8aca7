"""Instance files as they are written: every key that says more than its default, numbers of a series on one line."""

from __future__ import annotations

from functools import cache
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
        fields = ((name, getattr(value, field), default) for name, field, default in _fields(type(value)))
        return {name: given(one) for name, one, default in fields if one != default}
    if isinstance(value, dict):
        return {key: given(one) for key, one in value.items()}
    return [given(one) for one in value] if isinstance(value, tuple | list) else value


@cache
def _fields(kind: type[Struct]) -> tuple[tuple[str, str, Any], ...]:
    """Key in the file, name and default of every field: to look them up takes longer than to write a station."""
    return tuple((field.encode_name, field.name, _default(field)) for field in structs.fields(kind))


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
