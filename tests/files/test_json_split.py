"""A JSON text cut into its lists' elements: nothing is lost, and what is no JSON is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.files.json_split import split_lists

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", 'c"]']), VALUES)
BROKEN = [
    "", "{", '{"a"', '{"a" 1}', '{"a":', '{"a": [1 2]}', '{"a": [1,]}', '{"a": [1}', '{"a": 1,}', '{"a": 1 "b": 2}',
    "{1: 2}", "{a: 1}", '{"a": [}', "{} {}", '{"a": [1]} x', '{"a": "\n"}',
]  # fmt: skip


@given(OBJECTS, st.sampled_from([None, 2]))
def test_head_and_elements_make_the_whole_again(whole: dict[str, Any], indent: int | None) -> None:
    split = split_lists(json.dumps(whole, indent=indent), ("a", "b"))
    head = json.loads(split.head)
    for name in ("a", "b"):
        if isinstance(whole.get(name), list):
            assert head[name] == []
            head[name] = [json.loads(text) for text in split.elements[name]]
        else:
            assert split.elements[name] == []
    assert head == whole


def test_the_text_of_an_element_is_kept_as_it_stands() -> None:
    split = split_lists('\n{"a" : [ {"x": 1.50, "x": NaN} ,"é"\t] , "n": 1}\r\n', ("a",))
    assert split.elements == {"a": ['{"x": 1.50, "x": NaN}', '"é"']}
    assert split.head == '\n{"a" : [] , "n": 1}\r\n'


def test_a_list_that_is_there_twice_stays_there_twice() -> None:
    split = split_lists('{"a": [1], "a": [2]}', ("a",))
    assert (split.head, split.elements) == ('{"a": [], "a": []}', {"a": ["1", "2"]})


@pytest.mark.parametrize("text", ["[1]", '"a"', "1", '{"b": {"a": [1]}}', '{"a": {"a": [1]}}'])
def test_only_lists_of_the_top_level_are_cut(text: str) -> None:
    split = split_lists(text, ("a",))
    assert (split.head, split.elements) == (text, {"a": []})


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        json.loads(text)
    with pytest.raises(ValueError):
        split_lists(text, ("a",))


def test_numbers_of_thousands_of_digits_are_passed_over() -> None:
    assert len(split_lists(f'{{"a": [{"9" * 5000}]}}', ("a",)).elements["a"][0]) == 5000
