"""From TOML text to the plain values that JSON has: bounded in depth and digits, dates and times as texts."""

from __future__ import annotations

import math
import re
import tomllib
from datetime import date, time

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.files.json_text import MOST_WHOLE
from optimizer.files.limits import MOST_DEPTH, MOST_DIGITS

LONG_NUMBER = re.compile(rf"(?<![\w.+-])[+-]?[0-9_]{{{MOST_DIGITS + 1},}}")
KEY = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
LONG_KEY = re.compile(rf"(?<![\w-]){KEY}(?:\.[ \t]*+{KEY}){{{MOST_DEPTH},}}+")
TOO_DEEP = f"nests more than {MOST_DEPTH} deep", "the format has a few levels only"


def plain_toml(data: bytes) -> object:
    """The text as dicts, lists and scalars, 7.0 as the whole number 7. Raises InvalidData where it is no TOML."""
    try:
        text = data.decode("utf-8-sig")
        if found := LONG_KEY.search(text):  # the time that a dotted key takes grows with its square
            problem = Problem(_line(text, found), found[0][:20], *TOO_DEEP)
        else:
            return _plain(tomllib.loads(text), "", 0)
    except UnicodeDecodeError:
        problem = Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problem = Problem("", ABSENT, f"is not TOML: {error}", "correct the text there")
    except RecursionError:
        problem = Problem("", ABSENT, *TOO_DEEP)
    except InvalidData:
        raise
    except ValueError:  # Python reads no whole number of thousands of digits, and no day that no calendar has
        problem = _unreadable(text)
    raise InvalidData([problem])


def _unreadable(text: str) -> Problem:
    if found := LONG_NUMBER.search(text):
        rule = f"is a whole number of more than {MOST_DIGITS} digits"
        return Problem(_line(text, found), found[0], rule, "correct the number")
    return Problem("", ABSENT, "is not TOML: it holds a value that is none", "correct the value")


def _line(text: str, found: re.Match[str]) -> str:
    return f"line {text.count(chr(10), 0, found.start()) + 1}"


def _plain(value: object, place: str, depth: int) -> object:
    if depth > MOST_DEPTH:
        raise InvalidData([Problem(place[:20], ABSENT, *TOO_DEEP)])
    match value:
        case dict():
            return {key: _plain(one, place or str(key), depth + 1) for key, one in value.items()}
        case list():
            return [_plain(one, place, depth + 1) for one in value]
        case bool():
            return value
        case int() if value.bit_length() > MOST_DIGITS * math.log2(10):
            return math.inf if value > 0 else -math.inf  # as for JSON: that is no finite number, wherever it stands
        case float() if abs(value) <= MOST_WHOLE and value.is_integer():
            return int(value)
        case date() | time():  # a datetime is a date, too
            return value.isoformat()
    return value
