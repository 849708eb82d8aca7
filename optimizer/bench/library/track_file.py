"""The file in which a track beside the library lists what it has, each by a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from models.errors import InvalidData, Problem, refuse
from optimizer.bench.library.library import ELSEWHERE
from optimizer.bench.library.library_rules import name_problems
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.json_text import decode
from optimizer.files.read_write import read_bytes


class ListedByName(Protocol):
    """What a track lists."""

    @property
    def name(self) -> str:
        """Its name, of which there is no other."""
        ...


Document = TypeVar("Document")
Listed = TypeVar("Listed", bound=ListedByName)


def read_listed(
    library: Path,
    file: str,
    document: type[Document],
    listed: Callable[[Document], Sequence[Listed]],
    place: str,
    names: Sequence[str],
) -> list[Listed]:
    """What `file` of a library lists under these names, in its order; all of it without.

    `listed`: what the document has at `place`, a plural that messages use ("networks"). Raises InputErrors.
    """
    path = library / file
    if not path.is_file():
        raise InputErrors(str(library), [Problem("", ABSENT, f"has no {file}", ELSEWHERE)])
    try:
        found = listed(decode(read_bytes(path), document))
        known = [one.name for one in found]
        refuse(name_problems(place, "name", known))
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None
    if wrong := [name for name in names if name not in known]:
        remedy = did_you_mean(wrong[0], known, f"its {place}: {', '.join(known)}")
        raise InputErrors(str(path), [Problem(place, wrong[0], f"is not one of the {place} of this track", remedy)])
    return [one for one in found if not names or one.name in names]
