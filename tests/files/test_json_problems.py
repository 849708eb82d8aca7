"""Shape problems: what is told of JSON text that is not what a Struct says."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT, FileErrors, InputErrors, line_of, nearest, value_text
from optimizer.files.json_problems import shape_problems
from optimizer.files.json_text import cut_off_deep, decode
from optimizer.formats.document_types import Document, Whole
from optimizer.formats.instance_document import InstanceDocument


class Inner(Document, frozen=True, kw_only=True):
    """An object in a list."""

    size_kw: Annotated[float, Meta(description="size in kW")]
    kind: Literal["red", "green", "blue"] = "red"


class Outer(Document, frozen=True, kw_only=True):
    """A file."""

    name: Annotated[str, Meta(description="name of the file")]
    count: Annotated[Whole, Meta(description="number of things")]
    series: float | tuple[float, ...] | Inner = 0.0
    pairs: tuple[tuple[float, float], ...] = ()
    inner: tuple[Inner, ...] = ()
    notes: dict[str, str] = {}  # noqa: RUF012 (msgspec copies it)
    limit: float | None = None
    bare: Whole = 0


BACKSLASH = "\\"
GOOD = '"name": "n", "count": 3'

TOO_DEEP = '"[[[[[[[[[[[[[[[[[[[[": nests lists and objects more than 64 deep; the format has a few levels only'


def lines(text: str | bytes) -> list[str]:
    """The messages for `text` as an Outer."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidData) as caught:
        decode(data, Outer)
    return str(FileErrors("f", caught.value.problems)).splitlines()


def test_a_right_text_is_decoded() -> None:
    text = f'{{{GOOD}, "series": {{"size_kw": 2}}, "pairs": [[0, 1]], "limit": null, "notes": {{"a:b": "c"}}}}'
    document = decode(text.encode(), Outer)
    assert document == Outer(name="n", count=3, series=Inner(size_kw=2), pairs=((0, 1),), notes={"a:b": "c"})
    assert decode(codecs.BOM_UTF8 + text.encode(), Outer) == document


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('"limit": "12"', 'limit: "12": must be a number or null; write 12 without quotes'),
        ('"limit": true', "limit: true: must be a number or null; correct the value"),
        ('"limit": [1]', "limit: [1]: must be a number or null; correct the value"),
        ('"limit": -Infinity', "limit: -Infinity: must be a finite number; "
         "write a number; NaN and infinity cannot be planned"),
        ('"series": null', "series: null: must be a number, a list or an object; correct the value"),
        ('"series": [1, "x"]', 'series[1]: "x": must be a number; correct the value'),
        ('"series": [1, NaN]', "series[1]: NaN: must be a finite number; "
         "write a number; NaN and infinity cannot be planned"),
        ('"series": {}', "series.size_kw: absent: must be given; add it: size in kW"),
        ('"pairs": [[1, 2], [3]]', "pairs[1]: [3]: must be a list of 2 numbers; correct the value"),
        ('"pairs": [[1, 2], 3]', "pairs[1]: 3: must be a list of 2 numbers; correct the value"),
        ('"inner": [{"size_kw": 1, "kind": "pink"}]',
         'inner[0].kind: "pink": must be "blue", "green" or "red"; correct the value'),
        ('"inner": [{"size_kw": 1, "kind": 7}]',
         'inner[0].kind: 7: must be "blue", "green" or "red"; correct the value'),
        ('"inner": {}', "inner: {}: must be a list; correct the value"),
        ('"notes": {"a": 1}', "notes.a: 1: must be a text; correct the value"),
        ('"notes": {"a b": 1}', 'notes."a b": 1: must be a text; correct the value'),
        ('"notes": {"a": "x", "a": "y"}', 'notes.a: "y": appears more than once in its object; keep one of them'),
        ('"bare": 1.5', "bare: 1.5: must be a whole number; correct the value"),
        ('"bare": 1e300', "bare: 1e+300: must be a whole number; correct the value"),
        ('"bare": 9007199254740993', "bare: 9007199254740993: "
         "must be a whole number from -9007199254740992 to 9007199254740992; correct the value"),
        ('"zebra": 1', "zebra: 1: is not a key of this object; "
         "its keys are name, count, series, pairs, inner, notes, limit, bare"),
        ('"limits": 1', "limits: 1: is not a key of this object; did you mean 'limit'?"),
    ],
)  # fmt: skip
def test_message(keys: str, message: str) -> None:
    assert lines(f"{{{GOOD}, {keys}}}") == [f"f: {message}"]


def test_all_problems_at_once_in_the_order_of_the_file() -> None:
    assert lines('{"count": "3", "inner": [{"sice_kw": 1}, {"size_kw": null}], "pairs": 5}') == [
        'f: count: "3": must be a whole number; write 3 without quotes',
        "f: inner[0].sice_kw: 1: is not a key of this object; did you mean 'size_kw'?",
        "f: inner[1].size_kw: null: must be a number; what belongs here: size in kW",
        "f: pairs: 5: must be a list; correct the value",
        "f: name: absent: must be given; add it: name of the file",
    ]


def test_a_misspelled_key_is_not_told_as_missing_too() -> None:
    assert lines('{"nmae": "n", "count": 3}') == ["f: nmae: \"n\": is not a key of this object; did you mean 'name'?"]


@pytest.mark.parametrize("digits", [400, 10_000])
def test_numbers_of_many_digits(digits: int) -> None:
    (line,) = lines(f'{{"name": "n", "count": {"9" * digits}}}')
    assert line == "f: count: Infinity: must be a whole number; what belongs here: number of things"
    (line,) = lines(f'{{{GOOD}, "limit": {"9" * 400}}}')
    assert line.startswith("f: limit: Infinity: must be a finite number; ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'line 1, column 1: "": is not JSON: Expecting value; correct the text there or just before'),
        ("{\n  oops}", 'line 2, column 3: "oops}": is not JSON: Expecting property name enclosed in double quotes; '
         "correct the text there or just before"),
        (b'{"name":\n "\xff\n"}', 'line 2, column 3: "\\\\xff": is not UTF-8 text; save the file as UTF-8'),
        (f'{{{GOOD}, "notes": {{"a": "\\ud800"}}}}', "holds text that is not Unicode, such as one half of a "
         "surrogate pair; write the file anew"),
        ('{"name":' + "[" * 200_000, f"line 1, column 72: {TOO_DEEP}"),
        ("[" * 200_000, f"line 1, column 65: {TOO_DEEP}"),
        ("[]", "[]: must be an object; correct the value"),
    ],
)  # fmt: skip
def test_text_that_is_no_json(text: str | bytes, message: str) -> None:
    assert lines(text) == [f"f: {message}"]


def test_repeated_keys_are_found_however_they_are_written() -> None:
    assert lines(f'{{{GOOD}, "\\u006eame": "m"}}') == [
        'f: name: "m": appears more than once in its object; keep one of them'
    ]


def test_a_wrong_format_hides_the_rest() -> None:
    found = shape_problems({"format": "other", "version": 1, "horizon": 5}, InstanceDocument)
    assert [problem.place for problem in found] == ["format"]
    found = shape_problems({"version": True, "horizon": 5}, InstanceDocument)
    assert [(problem.place, problem.value) for problem in found] == [("version", True), ("format", ABSENT)]


def test_the_walk_finds_a_problem_wherever_msgspec_does() -> None:
    values = [
        "null",
        "true",
        "1",
        "1.5",
        '"x"',
        "[]",
        "[1]",
        "[[1, 2]]",
        "{}",
        '{"a": "b"}',
        '{"a": 1}',
        '"1"',
        "-1e400",
    ]
    for name in Outer.__struct_fields__:
        others = "".join(f', "{k}": {v}' for k, v in {"name": '"n"', "count": "3"}.items() if k != name)
        for value in values:
            text = f'{{"{name}": {value}{others}}}'.encode()
            try:
                msgspec.json.decode(text, type=Outer)
                refused = False
            except msgspec.ValidationError:
                refused = True
            try:
                decode(text, Outer)
                assert not refused, text
            except InvalidData as error:
                assert refused and "Unicode" not in str(error), text


def test_values_are_told_short_and_on_one_line() -> None:
    assert value_text(80.0) == "80"
    assert value_text([[0.0, 0.5]]) == "[[0,0.5]]"
    assert value_text(ABSENT) == "absent"
    assert value_text("é\n") == '"é\\n"'
    assert value_text("x" * 100) == '"' + "x" * 56 + "..."
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert value_text(deep) == "..."
    assert line_of("a\nb", Problem("p\x00", 1, "rule\u2028", "remedy")) == "a\\nb: p\\x00: 1: rule\\u2028; remedy"


@pytest.mark.parametrize("seven", ["7.0", "7e0", "70E-1"])
def test_whole_numbers_may_be_written_as_numbers(seven: str) -> None:
    read = decode(f'{{{GOOD}, "bare": {seven}}}'.encode(), Outer)
    assert read.bare == 7
    assert type(read.bare) is int


def test_many_problems_of_a_kind_are_ten_and_a_count() -> None:
    series = ", ".join(f'"{n}"' for n in range(8250))
    found = lines(f'{{{GOOD}, "series": [{series}]}}')
    assert len(found) == 11
    assert found[9] == 'f: series[9]: "9": must be a number; write 9 without quotes'
    assert found[10] == "f: and 8,240 more of the same kind: must be a number; correct them likewise"


def test_a_kind_is_told_by_its_rule_without_numbers_and_names() -> None:
    rules = [f"must be above {n}" for n in range(12)] + [f"is like '{n}'" for n in range(11)]
    error = InputErrors("f", [Problem(f"at[{n}]", n, rule, "look") for n, rule in enumerate(rules)])
    assert str(error).splitlines()[-2:] == [
        "f: and 2 more of the same kind: must be above …; correct them likewise",
        "f: and 1 more of the same kind: is like …; correct them likewise",
    ]
    assert len(str(error).splitlines()) == 22


@pytest.mark.parametrize("depth", [65, 300, 900, 980, 990, 1000, 5000, 300_000])
@pytest.mark.parametrize("ends", [True, False])
def test_too_deep_a_text_is_refused_at_every_depth(depth: int, ends: bool) -> None:
    text = '{"x":' + '["]",' * (depth - 1) + ("]" * (depth - 1) + "}") * ends
    assert any("more than 64 deep" in line for line in lines(text))


def test_brackets_in_texts_are_no_depth() -> None:
    decode(f'{{{GOOD}, "notes": {{"a": "{"[" * 500}", "b": "{BACKSLASH * 2}"}}}}'.encode(), Outer)
    assert cut_off_deep(b'"' + b"[" * 99) == b'"' + b"[" * 99
    assert cut_off_deep(b"[" * 65 + b'"]"' + b"]" * 65 + b"x") == b"[" * 64 + b"null" + b"]" * 64 + b"x"
    assert cut_off_deep(b"]" * 99) == b"]" * 99


def test_suggestions_are_for_short_names_among_few() -> None:
    assert nearest("stpo", ["stop"]) == "stop"
    assert nearest("x" * 61, ["x" * 60]) == nearest("x" * 60, ["x" * 61]) == ""
    assert nearest("stpo", [*map(str, range(999)), "stop"]) == "stop"
    assert nearest("stpo", [*map(str, range(1000)), "stop"]) == ""
