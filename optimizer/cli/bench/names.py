"""Options of `bench` that take names, separated by commas."""

from __future__ import annotations

from collections.abc import Iterable

import click


def names_asked(asked: str | None, known: Iterable[str], option: str, what: str) -> list[str]:
    """The known names that are asked for, in their order; all where nothing is. `what`: what such a name is of.

    Raises UsageError where a name is not known, or none is given.
    """
    names = list(known)
    wanted = names if asked is None else _listed(asked)
    wrong = [name for name in wanted if name not in names]
    if wrong or not wanted:
        from optimizer.files.errors import value_text

        problem = f"{value_text(wrong[0])} is no {what}" if wrong else f"{option} takes one name or more"
        raise click.UsageError(f"{problem}; they are: {', '.join(names)}")
    return [name for name in names if name in wanted]


def contenders_asked(
    asked: str, words: str = "--contenders takes one name or more: swapcharge bench contenders lists them"
) -> list[str]:
    """The contenders that are asked for, known or not. Raises UsageError where there is none."""
    names = _listed(asked)
    if not names:
        raise click.UsageError(words)
    return names


def _listed(asked: str) -> list[str]:
    return [name.strip() for name in asked.split(",") if name.strip()]
