"""Where the library is: below the current folder, or the one that came with the program; and copies of it."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from models.errors import Problem
from optimizer.bench.library.library import LIBRARY, read_library
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors

HERE = Path("instances/bench")
PROGRAM = Path(__file__).resolve().parents[2]  # the package `optimizer`
INSTALLED = PROGRAM / "instances" / "bench"  # where setup.py puts it
CHECKOUT = PROGRAM.parent / "instances" / "bench"  # of an editable installation


def library_folder(asked: str | None = None) -> Path:
    """The folder asked for; without, `instances/bench` below the current folder, else the program's own library."""
    if asked is not None:
        return Path(asked)
    return next((folder for folder in (HERE, INSTALLED, CHECKOUT) if (folder / LIBRARY).is_file()), HERE)


def writable_folder(asked: str | None = None) -> Path:
    """As `library_folder`, but never the program's own, which nobody changes by the way. Raises InputErrors."""
    folder = library_folder(asked)
    if asked is None and folder != HERE:
        rule = f"has no {LIBRARY}, and the library that came with the program is not changed"
        remedy = "name a library: --library FOLDER; swapcharge bench library --copy FOLDER makes one"
        raise InputErrors(str(HERE), [Problem("", ABSENT, rule, remedy)])
    return folder


def copy_library(folder: Path, target: Path) -> Path:
    """Copy a library, its ledger and what it names beside itself below `target`; returns the library's copy.

    `target` must not be there, or be an empty folder: it appears whole or not at all. Raises InputErrors, OutputErrors.
    """
    home, sources = folder.resolve(), _sources(folder)
    _check(target, sources)
    made = target.absolute().with_name(f"{target.name[:50]}.{secrets.token_hex(4)}.tmp")
    try:
        for source in sources:
            to = made / source.relative_to(home.parent)
            to.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, to)
        made.replace(target)
    except OSError as error:
        rule = f"cannot be written ({error.strerror or error})"
        raise OutputErrors(str(target), [Problem("", ABSENT, rule, "choose another folder")]) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target / home.name


def _sources(folder: Path) -> list[Path]:
    """The library's folder, and of what it names outside the folders: their README and licences go along."""
    library, home = read_library(folder), folder.resolve()
    named = (path.resolve() for entry in library.document.instances if (path := library.path(entry)))
    beside = {path if path.parent == home.parent else path.parent for path in named if not path.is_relative_to(home)}
    return [home, *sorted(beside)]


def _check(target: Path, sources: list[Path]) -> None:
    """Raises OutputErrors."""
    if any(target.resolve().is_relative_to(source) for source in sources):
        rule = "is in the library that is copied"
    elif target.exists() and not (target.is_dir() and not any(target.iterdir())):
        rule = "is there already"
    else:
        return
    raise OutputErrors(str(target), [Problem("", ABSENT, rule, "choose another folder")])
