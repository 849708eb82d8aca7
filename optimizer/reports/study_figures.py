"""Every chart of a study's page as SVG and, where the extra `png` is installed, as PNG, in a folder with a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from optimizer.files.json_text import indented_document
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.files.plain_text import counted
from optimizer.graphics.still.figure import StillFigure, still_svg
from optimizer.graphics.still.page_figures import PageFigure, banners, page_figures
from optimizer.graphics.still.png import has_png, png, signs_left_blank, signs_not_covered
from optimizer.reports.study import part_in_words, study_content
from optimizer.studies.folder import StudyResults
from optimizer.studies.summary import days_in_words

FORMAT: Literal["swapcharge-figures"] = "swapcharge-figures"
MANIFEST = "figures.json"
FIGURES = FolderKind("set of figures", "report", FORMAT, MANIFEST, (), "figures")
MOST_VARIANT, MOST_TITLE = 30, 50  # letters of them in a file's name
OURS = re.compile(r"\d{2,}-[a-z0-9-]*\.(svg|png)")


class FigureEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of figures.json: its files, what it shows, where it stands in the page ("" for no section)."""

    files: tuple[str, ...]
    title: str
    variant: str
    section: str


class FiguresManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The object of figures.json, written last."""

    format: Literal["swapcharge-figures"]
    version: Literal[1]
    study: str
    figures: tuple[FigureEntry, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class WrittenFigures:
    """How many figures were written, whether as PNG, too, and signs for which no font is there: PNG lacks them."""

    count: int
    has_png: bool
    blank_signs: str


def write_study_figures(folder: Path, results: StudyResults) -> WrittenFigures:
    """Write the figures into `folder`, in place of older ones; the list goes first and comes back last.

    Raises OutputErrors where the folder holds other things or cannot be written.
    """
    figures = list(study_figures(results))
    drawn = {entry.files[0]: still_svg(figure) for entry, figure in figures}
    into = LockedFolder(folder, open_locked(folder, FIGURES))
    try:
        into.remove([folder / MANIFEST, *sorted(path for path in folder.iterdir() if OURS.fullmatch(path.name))])
        for entry, _ in figures:
            for name in entry.files:
                drawing = drawn[entry.files[0]]
                into.write(folder / name, png(drawing) if name.endswith(".png") else drawing)
        into.write(folder / MANIFEST, indented_document(_manifest(results, [entry for entry, _ in figures])))
    finally:
        into.close()
    signs = "".join(sorted({sign for drawing in drawn.values() for sign in signs_not_covered(drawing)}))
    return WrittenFigures(len(figures), has_png(), signs_left_blank(signs) if has_png() else "")


def study_figures(results: StudyResults) -> Iterator[tuple[FigureEntry, StillFigure]]:
    """The charts of the page in their order, with the names of their files. No name of a study is part of a path."""
    content = study_content(results)
    cautions, endings = banners(content), (".svg", ".png") if has_png() else (".svg",)
    found = list(page_figures(content))
    for number, one in enumerate(found, start=1):
        variant = one.chapter.removeprefix("Variant: ")
        words = (f"{number:0{max(2, len(str(len(found))))}d}", file_words(variant, MOST_VARIANT), file_words(one.title))
        stem = "-".join(filter(None, words))
        files = tuple(f"{stem}{ending}" for ending in endings)
        entry = FigureEntry(files=files, title=one.title, variant=variant, section=one.section)
        yield entry, _still(results, one, variant, cautions)


def file_words(words: str, most: int = MOST_TITLE) -> str:
    """Words as a part of a file's name: letters a to z, figures and hyphens, whatever they were."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")


def _still(results: StudyResults, one: PageFigure, variant: str, cautions: Sequence[str]) -> StillFigure:
    summary = results.summary
    size = f"{counted(len(summary.stations), 'station')}, {counted(summary.nights, 'night')} from {summary.first_night}"
    which = [words] if (words := part_in_words(results)) else []
    below = "; ".join((summary.name, *([f"variant {variant}"] if variant else []), size, *which))
    notes = (*filter(None, (one.note, days_in_words(summary))), *(f"Caution: {words}." for words in cautions))
    return StillFigure(one.title, below, one.keys, one.drawing, notes)


def _manifest(results: StudyResults, entries: Sequence[FigureEntry]) -> FiguresManifest:
    summary = results.summary
    return FiguresManifest(
        format=FORMAT, version=1, study=summary.name, figures=tuple(entries), versions=summary.versions
    )
